/* SPDX-License-Identifier: BSD-2-Clause */
/* What a job's attempts said: lines and metrics. */
#include "config.h"

#include "domain/job_log.h"
#include "domain/state.h"
#include "fcgi/app.h"
#include "fcgi/job_act.h"
#include "fcgi/route.h"

/* One answer in the making. */
struct reading {
	struct req		*req;
	const struct job_side	*side;
	struct arena		*arena;		/* of the page at hand */
	char			 job_id[UUID_LEN];
	struct log_request	 want;
	int64_t			 last;		/* seq of the line read last */
	int			 items;		/* there were some */
};

/* The next page, and whether more can come. */
static enum err
page_read(struct reading *r, struct log_line **line, size_t *n,
    int *finished)
{
	struct req		*req = r->req;
	struct job_standing	 job;
	struct db		*db;
	enum err		 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	r->want.query.after = r->last;
	/* in this order: what a job said before its end is on the page */
	err = store_job_standing(db, r->arena, req->tenant.workspace_id,
	    r->job_id, state_face(r->side->face), &job);
	if (err == ERR_OK) {
		r->want.query.since = job.since;
		r->want.query.til = job.til;
		err = store_log_page(db, r->arena, req->tenant.workspace_id,
		    r->job_id, &r->want.query, line, n);
	}
	pool_give(req->app->pool, db);
	if (err == ERR_OK)
		*finished = state_word_finished(job.status);
	return err;
}

/* The page, waited for where that was asked and there is room to. */
static enum err
page_await(struct reading *r, struct log_line **line, size_t *n)
{
	struct job_wait	wait;
	enum err	err;
	int		finished;

	job_wait_begin(&wait, r->req->app, r->want.wait);
	for (;;) {
		err = page_read(r, line, n, &finished);
		if (err != ERR_OK || *n > 0 || finished ||
		    !job_wait_again(&wait))
			break;
		arena_reset(r->arena);
	}
	job_wait_end(&wait);
	return err;
}

/* Lines as text, or as items of a JSON array that stays open. */
static void
page_write(struct reading *r, const struct log_line *line, size_t n,
    struct buf *out)
{
	struct jw	 w;
	const char	*text;
	size_t		 i, len;

	for (i = 0; i < n; i++) {
		if (r->want.text) {
			log_line_print(out, &line[i]);
			continue;
		}
		jw_init(&w, r->arena);
		log_line_write(&w, &line[i]);
		text = jw_text(&w, &len);
		if (r->items++ > 0)
			buf_addc(out, ',');
		buf_add(out, text, len);
	}
	if (n > 0)
		r->last = line[n - 1].seq;
}

static void
list_close(const struct reading *r, struct buf *out)
{
	if (!r->want.text)
		buf_printf(out, "],\"next_after\":%lld}",
		    (long long)r->last);
}

/* cgi_reply's: a piece after those that were sent. */
static int
lines_more(void *arg, struct buf *out)
{
	struct reading	*r = arg;
	struct log_line	*line;
	size_t		 n;
	int		 finished;

	arena_reset(r->arena);
	buf_init(out, r->arena);
	if (page_read(r, &line, &n, &finished) != ERR_OK)
		return -1;
	page_write(r, line, n, out);
	if (n == 0)
		list_close(r, out);
	return n > 0;
}

static void
arena_drop(void *a)
{
	arena_free(a);
}

enum err
job_logs(struct req *req, struct reply *reply, const struct job_side *side)
{
	struct reading	*r = arena_zalloc(req->arena, sizeof(*r));
	struct log_line	*line;
	struct buf	 out;
	size_t		 n;
	enum err	 err;

	r->req = req;
	r->side = side;
	log_request_read(req->args, &r->want);
	r->last = r->want.query.after;
	if ((err = job_id_of(req, reply, side, r->job_id)) != ERR_OK)
		return err;
	/* pages come and go, the request's own memory stays until its end */
	r->arena = arena_new(64 * 1024);
	arena_defer(req->arena, arena_drop, r->arena);
	if ((err = page_await(r, &line, &n)) == ERR_NOT_FOUND)
		return reply_error(req, reply, err, "no such job");
	if (err != ERR_OK)
		return err;
	buf_init(&out, req->arena);
	if (!r->want.text)
		buf_adds(&out, "{\"items\":[");
	page_write(r, line, n, &out);
	if (r->want.all && n > 0) {
		reply->more = lines_more;
		reply->more_arg = r;
	} else
		list_close(r, &out);
	reply->status = 200;
	reply->body = out.data;
	reply->body_len = out.len;
	if (r->want.text)
		reply->content_type = "text/plain; charset=utf-8";
	return ERR_OK;
}

static enum err
metrics_find(struct req *req, const struct job_side *side,
    struct log_query *q, const char *id, struct metric_row **row, size_t *n)
{
	struct job_standing	 job;
	struct db		*db;
	enum err		 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = store_job_standing(db, req->arena, req->tenant.workspace_id, id,
	    state_face(side->face), &job);
	if (err == ERR_OK) {
		if (q->attempt == 0)
			q->attempt = job.attempt;
		err = store_metric_page(db, req->arena,
		    req->tenant.workspace_id, id, q, row, n);
	}
	pool_give(req->app->pool, db);
	return err;
}

enum err
job_metrics(struct req *req, struct reply *reply, const struct job_side *side)
{
	struct log_query	 q;
	struct metric_row	*row;
	struct jw		 w;
	char			 id[UUID_LEN];
	size_t			 n, i;
	enum err		 err;

	metric_request_read(req->args, &q);
	if ((err = job_id_of(req, reply, side, id)) != ERR_OK)
		return err;
	if ((err = metrics_find(req, side, &q, id, &row, &n)) == ERR_NOT_FOUND)
		return reply_error(req, reply, err, "no such job");
	if (err != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	jw_obj(&w);
	jw_kint(&w, "attempt", q.attempt);
	jw_karr(&w, "items");
	for (i = 0; i < n; i++)
		metric_row_write(&w, &row[i]);
	jw_end(&w);
	jw_kint(&w, "next_after", n > 0 ? row[n - 1].seq : q.after);
	jw_end(&w);
	reply_json(reply, 200, &w);
	return ERR_OK;
}

enum err
h_training_logs(struct req *req, struct reply *reply)
{
	return job_logs(req, reply, &job_side_hosted);
}

enum err
h_training_metrics(struct req *req, struct reply *reply)
{
	return job_metrics(req, reply, &job_side_hosted);
}
