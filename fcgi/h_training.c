/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosted training jobs. */
#include "config.h"

#include <string.h>

#include "domain/hosted.h"
#include "domain/hosted_list.h"
#include "domain/view.h"
#include "fcgi/app.h"
#include "fcgi/condition.h"
#include "fcgi/gate.h"
#include "fcgi/idem.h"
#include "fcgi/job_act.h"
#include "fcgi/route.h"
#include "util/ts.h"

#define NIL_UUID	"00000000-0000-0000-0000-000000000000"

static void
job_write(struct jw *w, struct arena *a, const struct job *j, int dry)
{
	struct jw	 one;
	const char	*text;
	size_t		 len;

	if (!dry) {
		view_hosted_job(w, j);
		return;
	}
	/* the object with one more member, before its closing brace */
	jw_init(&one, a);
	view_hosted_job(&one, j);
	text = jw_text(&one, &len);
	jw_raw(w, arena_printf(a, "%.*s,\"validate_only\":true}",
	    (int)len - 1, text));
}

static enum err
create_dry(struct req *req, struct reply *reply, struct hosted_draft *d)
{
	struct jw	w;

	d->job.id = NIL_UUID;
	d->job.created_at = d->job.updated_at = ts_now();
	jw_init(&w, req->arena);
	job_write(&w, req->arena, &d->job, 1);
	reply_json(reply, 200, &w);
	return ERR_OK;
}

static enum err
create_store(struct req *req, struct reply *reply, struct hosted_draft *d)
{
	struct job_request	 rq = { .request_id = req->id };
	struct jw		 w;
	const char		*location;
	int64_t			 created_at = 0;
	enum err		 err;

	location = arena_printf(req->arena, "%s/%s", req->path, d->job.id);
	jw_init(&w, req->arena);
	job_write(&w, req->arena, &d->job, 0);
	reply_json(reply, 201, &w);
	rq.location = location;
	rq.body = reply->body;
	idem_request(req, &rq);
	err = store_job_create_hosted(req->app->writer, req->arena, &d->job,
	    d->refs, d->warnings, &rq, &created_at);
	if ((err = idem_written(req, reply, err, created_at)) != ERR_OK)
		return err;
	reply_header(req, reply, "Location", "%s", location);
	reply->made = arena_printf(req->arena, "job=%s", d->job.id);
	return ERR_OK;
}

enum err
h_training_create(struct req *req, struct reply *reply)
{
	const struct hosted_kind	*kind;
	struct hosted_env		 env = { req->arena,
	    req->app->conf, req->app->models, req->app->refs, req->app->limits,
	    req->app->writer, &req->who, &req->tenant };
	struct hosted_draft		 draft;
	struct schema_check		 check = { 0 };
	struct buf			 ignored;
	enum err			 err;
	int				 dry = 0;

	buf_init(&ignored, req->arena);
	if (strcmp(req->app->conf->unknown_fields, "ignore") == 0)
		check.ignored = &ignored;
	if ((kind = hosted_variant(req->json, &req->faults)) == NULL)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = gate_schema(req, reply, kind->body, &check)) != ERR_OK)
		return err;
	hosted_rules(kind, req->json, &req->faults);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	err = hosted_draft(&env, kind, req->json, ignored.data,
	    &req->faults, &draft);
	if (err == ERR_RATE)
		return job_over_quota(req, reply, draft.quota);
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	jv_bool(jv_member(req->args, "validate_only"), &dry);
	err = dry ? create_dry(req, reply, &draft) :
	    create_store(req, reply, &draft);
	limits_settle(env.limits, env.tenant, !dry && err == ERR_OK);
	return err;
}

enum err
h_training_get(struct req *req, struct reply *reply)
{
	struct job	job;
	struct jw	w;
	char		id[UUID_LEN];
	enum err	err;

	if ((err = job_id_of(req, reply, &job_side_hosted, id)) != ERR_OK)
		return err;
	err = store_job_get_grouped(req->app->reader, req->arena,
	    req->tenant.workspace_id, id, job_revision_known(req, id), &job);
	if (err == ERR_OK && condition_not_modified(req, reply,
	    job_etag(req->arena, id, job.revision)))
		return ERR_OK;
	jw_init(&w, req->arena);
	if (err == ERR_OK)
		view_hosted_job(&w, &job);
	return job_answer(req, reply, err, &w);
}

enum err
h_training_list(struct req *req, struct reply *reply)
{
	struct job_filter	 filter;
	struct page		 page;
	struct db		*db;
	struct jw		 w;
	enum err		 err;

	hosted_filter_read(req->args, req->arena, &req->faults, &filter,
	    &page);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	jw_init(&w, req->arena);
	err = hosted_list_write(db, req->arena, req->tenant.workspace_id,
	    &filter, &page, &w);
	pool_give(req->app->pool, db);
	return job_answer(req, reply, err, &w);
}

enum err
h_training_attempts(struct req *req, struct reply *reply)
{
	return job_attempts(req, reply, &job_side_hosted);
}

enum err
h_training_artifacts(struct req *req, struct reply *reply)
{
	struct db	*db;
	struct jw	 w;
	char		 id[UUID_LEN];
	enum err	 err;

	if ((err = job_id_of(req, reply, &job_side_hosted, id)) != ERR_OK)
		return err;
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	jw_init(&w, req->arena);
	err = hosted_artifacts_write(db, req->arena,
	    req->tenant.workspace_id, id, &w);
	pool_give(req->app->pool, db);
	return job_answer(req, reply, err, &w);
}

enum err
h_training_events(struct req *req, struct reply *reply)
{
	struct db	*db;
	struct jw	 w;
	char		 id[UUID_LEN];
	enum err	 err;
	int		 items;

	if ((err = job_id_of(req, reply, &job_side_hosted, id)) != ERR_OK)
		return err;
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	jw_init(&w, req->arena);
	err = job_events_write(db, req->arena, req->tenant.workspace_id,
	    FACE_HOSTED, id, req->args, &w, &items);
	pool_give(req->app->pool, db);
	return job_answer(req, reply, err, &w);
}

enum err
h_training_cancel(struct req *req, struct reply *reply)
{
	return job_act(req, reply, &job_side_hosted, job_cancel, "cancelled");
}

enum err
h_training_retry(struct req *req, struct reply *reply)
{
	return job_act_queueing(req, reply, &job_side_hosted, job_retry,
	    "retried");
}
