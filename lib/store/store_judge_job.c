/* SPDX-License-Identifier: BSD-2-Clause */
/* Judge jobs, and the ends of ranges of feedback. */
#include "config.h"

#include <string.h>

#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_judge_job.h"
#include "util/log.h"

/* Five columns from `col` on. */
static void
read_totals(const struct rows *r, int row, int col, struct feedback_totals *t)
{
	t->corrections = rows_int(r, row, col);
	t->ratings = rows_int(r, row, col + 1);
	t->approved = rows_int(r, row, col + 2);
	t->rejected = rows_int(r, row, col + 3);
	t->comments = rows_int(r, row, col + 4);
}

enum err
store_judge_basis(struct db *db, struct arena *a, const char *workspace_id,
    const char *judge_key, struct judge_basis *b)
{
	const char *const	 p[] = { workspace_id, judge_key };
	struct rows		*r;
	char			**criteria;
	enum err		 err;
	int			 n;

	if ((err = db_find(db, STMT_judge_basis, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	b->judge_id = rows_text(r, 0, 0);
	b->key = judge_key;
	b->name = rows_text(r, 0, 1);
	b->archived = rows_bool(r, 0, 2);
	b->active_version = rows_int(r, 0, 3);
	b->trained_through = rows_int(r, 0, 4);
	if ((n = sqlarr_parse(a, rows_text(r, 0, 5), &criteria)) == -1) {
		log_errx("criteria of judge %s cannot be read", b->judge_id);
		return ERR_INTERNAL;
	}
	b->criteria = (const char *const *)criteria;
	b->ncriteria = (size_t)n;
	b->last_number = rows_int(r, 0, 6);
	read_totals(r, 0, 7, &b->totals);
	b->earliest = rows_ts_opt(r, 0, 12);
	b->latest = rows_ts_opt(r, 0, 13);
	b->slot_job_id = rows_text_opt(r, 0, 14);
	b->now = rows_ts(r, 0, 15);
	b->is_told = rows_bool(r, 0, 16);
	return ERR_OK;
}

enum err
store_feedback_since(struct db *db, struct arena *a,
    const char *workspace_id, const char *judge_id, int64_t cutoff,
    int64_t *number)
{
	const char *const	 p[] = { workspace_id, judge_id,
	    sql_ts(a, cutoff) };
	struct rows		*r;
	enum err		 err;

	if ((err = db_run(db, STMT_feedback_since, p, &r)) != ERR_OK)
		return err;
	*number = rows_count(r) == 0 ? 0 : rows_int(r, 0, 0);
	rows_free(r);
	return ERR_OK;
}

enum err
store_feedback_end(struct db *db, struct arena *a, const char *workspace_id,
    const char *judge_id, int64_t first, struct feedback_end *out)
{
	const char *const	 p[] = { workspace_id, judge_id,
	    sql_int(a, first) };
	struct rows		*r;
	enum err		 err;

	if ((err = db_run(db, STMT_feedback_end, p, &r)) != ERR_OK)
		return err;
	read_totals(r, 0, 0, &out->before);
	out->earliest = rows_ts_opt(r, 0, 5);
	rows_free(r);
	return ERR_OK;
}

enum err
store_feedback_shares(struct db *db, struct arena *a,
    const char *workspace_id, const char *judge_id, int64_t first,
    int64_t last, const char *criteria, struct feedback_share **out,
    size_t *n)
{
	const char *const	 p[] = { workspace_id, judge_id,
	    sql_int(a, first), sql_int(a, last), criteria };
	struct feedback_share	*share;
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_feedback_shares, p, &r)) != ERR_OK)
		return err;
	*n = (size_t)rows_count(r);
	*out = arena_alloc(a, (*n + 1) * sizeof(**out));
	for (i = 0; i < rows_count(r); i++) {
		share = &(*out)[i];
		share->touch_set = rows_int(r, i, 0);
		read_totals(r, i, 1, &share->before);
		read_totals(r, i, 6, &share->through);
		share->earliest = rows_ts(r, i, 11);
		share->latest = rows_ts(r, i, 12);
	}
	rows_free(r);
	return ERR_OK;
}

enum err
store_judge_job_create(struct batcher *w, struct arena *a,
    const struct job *j, const struct job_request *rq,
    enum judge_create *outcome, int64_t *created_at)
{
	const struct feedback_summary	*s = &j->summary;
	struct batch_item	 item = { .stmt = STMT_job_create_judge };
	const char *const	 col[] = { j->id, j->workspace_id,
	    j->organization_id, j->status, sql_int(a, j->priority),
	    sql_int(a, j->timeout_seconds), j->created_by, j->config,
	    j->judge_id, j->training_type, j->options, j->webhook_url,
	    j->webhook_secret, j->execution_id, sql_int(a, j->base_version),
	    sql_int(a, j->estimated_minutes), sql_int(a, s->first_number),
	    sql_int(a, s->high_water_mark), s->touch_sets,
	    sql_int(a, s->corrections), sql_int(a, s->ratings),
	    sql_int(a, s->approved), sql_int(a, s->rejected),
	    sql_int(a, s->comments),
	    sql_ts(a, s->earliest), sql_ts(a, s->latest),
	    rq->request_id, rq->idem_path, rq->idem_key, rq->idem_hash,
	    rq->idem_key == NULL ? NULL : rq->location,
	    rq->idem_key == NULL ? NULL : rq->body,
	    j->retraining_run_id, j->run_trigger };
	enum err		 err;

	store_request_item(&item, a, rq, j->created_by, col,
	    sizeof(col) / sizeof(col[0]));
	*outcome = JUDGE_CREATE_STALE;
	if ((err = batcher_submit(w, &item)) != ERR_OK) {
		if (err != ERR_CONFLICT)
			return err;
		/* another batch took the slot in the same moment */
		if (strcmp(item.fault.constraint, "job_slot_idx") == 0)
			return ERR_OK;
		log_errx("a judge job violates %s", item.fault.constraint);
		return ERR_INTERNAL;
	}
	if (!item.answered) {
		log_errx("no answer for a judge job");
		err = ERR_INTERNAL;
	} else if (rows_bool(item.rows, item.row, 2)) {
		*outcome = JUDGE_CREATE_MADE;
		*created_at = rows_ts(item.rows, item.row, 1);
	} else if (rows_bool(item.rows, item.row, 3))
		*outcome = JUDGE_CREATE_KEY;
	batcher_done(&item);
	return err;
}

static void
read_summary(const struct rows *r, int row, int col,
    struct feedback_summary *s)
{
	s->first_number = rows_int(r, row, col);
	s->high_water_mark = rows_int(r, row, col + 1);
	s->touch_sets = rows_text_opt(r, row, col + 2);
	s->corrections = rows_int(r, row, col + 3);
	s->ratings = rows_int(r, row, col + 4);
	s->approved = rows_int(r, row, col + 5);
	s->rejected = rows_int(r, row, col + 6);
	s->comments = rows_int(r, row, col + 7);
	s->earliest = rows_ts_opt(r, row, col + 8);
	s->latest = rows_ts_opt(r, row, col + 9);
}

void
judge_job_at(const struct rows *r, int row, struct job *j)
{
	memset(j, 0, sizeof(*j));
	j->kind = "judge";
	j->organization_id = rows_text(r, row, 0);
	j->status = rows_text(r, row, 1);
	j->priority = (int)rows_int(r, row, 2);
	j->attempt = rows_int(r, row, 3);
	j->timeout_seconds = rows_int(r, row, 4);
	j->revision = rows_int(r, row, 5);
	j->created_by = rows_text(r, row, 6);
	j->error = rows_text_opt(r, row, 7);
	j->error_type = rows_text_opt(r, row, 8);
	j->config = rows_text(r, row, 9);
	j->judge_id = rows_text(r, row, 10);
	j->judge_key = rows_text(r, row, 11);
	j->judge_name = rows_text(r, row, 12);
	j->training_type = rows_text(r, row, 13);
	j->options = rows_text(r, row, 14);
	j->webhook_url = rows_text_opt(r, row, 15);
	j->execution_id = rows_text_opt(r, row, 16);
	j->retraining_run_id = rows_text_opt(r, row, 17);
	j->base_version = rows_int(r, row, 18);
	j->progress = (int)rows_int(r, row, 19);
	j->version_number = rows_int(r, row, 20);		/* 0 for NULL */
	j->version_id = rows_text_opt(r, row, 21);
	j->deployment = rows_text_opt(r, row, 22);
	j->validation = rows_text_opt(r, row, 23);
	j->estimated_minutes = rows_int(r, row, 24);
	read_summary(r, row, 25, &j->summary);
	j->created_at = rows_ts(r, row, 35);
	j->queued_at = rows_ts_opt(r, row, 36);
	j->started_at = rows_ts_opt(r, row, 37);
	j->completed_at = rows_ts_opt(r, row, 38);
	j->cancel_requested_at = rows_ts_opt(r, row, 39);
	j->updated_at = rows_ts(r, row, 40);
}

enum err
store_judge_job_get(struct db *db, struct arena *a,
    const char *workspace_id, const char *id, struct job *j)
{
	const char *const	 p[] = { workspace_id, id };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_job_get_judge, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	judge_job_at(r, 0, j);
	j->workspace_id = workspace_id;
	j->id = id;
	return ERR_OK;
}

enum err
store_judge_job_read(struct db *db, struct arena *a,
    const char *workspace_id, const struct page_row *at, int *n,
    struct job **out)
{
	const char *const	 p[] = { workspace_id,
	    store_page_ids(a, at, *n) };
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_judge_job_read, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_zalloc(a, ((size_t)*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		judge_job_at(r, i, &(*out)[i]);
		(*out)[i].workspace_id = workspace_id;
		(*out)[i].id = rows_text(r, i, 41);
	}
	return ERR_OK;
}

enum err
store_judge_job_slot(struct db *db, struct arena *a,
    const char *workspace_id, const char *id, struct judge_slot *out)
{
	const char *const	 p[] = { workspace_id, id };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_judge_job_slot, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	out->judge_key = rows_text(r, 0, 0);
	out->archived = rows_bool(r, 0, 1);
	out->other_id = rows_text_opt(r, 0, 2);
	return ERR_OK;
}

enum err
store_judge_work(struct db *db, struct arena *a, int64_t most,
    struct judge_work **out, size_t *n)
{
	const char *const	 p[] = { sql_int(a, most) };
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_judge_work, p, &r)) != ERR_OK)
		return err;
	*n = (size_t)rows_count(r);
	*out = arena_alloc(a, (*n + 1) * sizeof(**out));
	for (i = 0; i < rows_count(r); i++) {
		(*out)[i].seconds = rows_num(r, i, 0);
		(*out)[i].usable = rows_int(r, i, 1);
		(*out)[i].epochs = rows_int(r, i, 2);
		(*out)[i].criteria = rows_int(r, i, 3);
	}
	rows_free(r);
	return ERR_OK;
}
