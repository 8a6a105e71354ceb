/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosted training jobs. */
#include "config.h"

#include <string.h>

#include "domain/hosted.h"
#include "domain/hosted_list.h"
#include "domain/job.h"
#include "domain/judge.h"
#include "domain/view.h"
#include "fcgi/app.h"
#include "fcgi/condition.h"
#include "fcgi/gate.h"
#include "fcgi/idem.h"
#include "fcgi/route.h"
#include "util/log.h"
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
	int64_t			 created_at;
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
	if (err == ERR_CONFLICT && req->idem.key != NULL) {
		reply->status = 0;
		return idem_replay(req, reply);
	}
	if (err != ERR_OK)
		return reply_error(req, reply, err == ERR_CONFLICT ?
		    ERR_INTERNAL : err, NULL);
	reply->body = view_fill_time(req->arena, reply->body,
	    &reply->body_len, created_at);
	reply_header(req, reply, "Location", "%s", location);
	reply->made = arena_printf(req->arena, "job=%s", d->job.id);
	return ERR_OK;
}

/* What a retry adds to the queue counts as much as what a create adds. */
static enum err
over_quota(struct req *req, struct reply *reply, int64_t quota)
{
	enum err	err;

	err = reply_error(req, reply, ERR_RATE,
	    "quota: %lld jobs are queued in workspace %s",
	    (long long)quota, req->tenant.workspace_key);
	reply_header(req, reply, "Retry-After", "10");
	return err;
}

enum err
h_training_create(struct req *req, struct reply *reply)
{
	const struct hosted_kind	*kind;
	struct hosted_env		 env = { req->arena,
	    req->app->models, req->app->refs, req->app->limits,
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
		return over_quota(req, reply, draft.quota);
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	jv_bool(jv_member(req->args, "validate_only"), &dry);
	err = dry ? create_dry(req, reply, &draft) :
	    create_store(req, reply, &draft);
	limits_settle(env.limits, env.tenant, !dry && err == ERR_OK);
	return err;
}

/* The strong ETag of a job. */
static const char *
etag_of(struct arena *a, const char *id, int64_t revision)
{
	return arena_printf(a, "\"%s-%lld\"", id, (long long)revision);
}

/* The id in the path.  ERR_NOT_FOUND and the reply when it is none. */
static enum err
id_of(struct req *req, struct reply *reply, char id[UUID_LEN])
{
	if (uuid_parse(route_param(req, "job_id"), id))
		return ERR_OK;
	return reply_error(req, reply, ERR_NOT_FOUND, "no such job");
}

/* What is written under a job; ends the request. */
static enum err
answer(struct req *req, struct reply *reply, enum err err, struct jw *w)
{
	if (err == ERR_NOT_FOUND)
		return reply_error(req, reply, err, "no such job");
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	reply_json(reply, 200, w);
	return ERR_OK;
}

enum err
h_training_get(struct req *req, struct reply *reply)
{
	struct job	 job;
	struct db	*db;
	struct jw	 w;
	char		 id[UUID_LEN];
	enum err	 err;

	if ((err = id_of(req, reply, id)) != ERR_OK)
		return err;
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	err = store_job_get_hosted(db, req->arena, req->tenant.workspace_id,
	    id, &job);
	pool_give(req->app->pool, db);
	if (err == ERR_OK && condition_not_modified(req, reply,
	    etag_of(req->arena, id, job.revision)))
		return ERR_OK;
	jw_init(&w, req->arena);
	if (err == ERR_OK)
		view_hosted_job(&w, &job);
	return answer(req, reply, err, &w);
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
	return answer(req, reply, err, &w);
}

enum err
h_training_attempts(struct req *req, struct reply *reply)
{
	struct db	*db;
	struct jw	 w;
	char		 id[UUID_LEN];
	enum err	 err;

	if ((err = id_of(req, reply, id)) != ERR_OK)
		return err;
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	jw_init(&w, req->arena);
	err = hosted_attempts_write(db, req->arena,
	    req->tenant.workspace_id, id, &w);
	pool_give(req->app->pool, db);
	return answer(req, reply, err, &w);
}

enum err
h_training_artifacts(struct req *req, struct reply *reply)
{
	struct db	*db;
	struct jw	 w;
	char		 id[UUID_LEN];
	enum err	 err;

	if ((err = id_of(req, reply, id)) != ERR_OK)
		return err;
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	jw_init(&w, req->arena);
	err = hosted_artifacts_write(db, req->arena,
	    req->tenant.workspace_id, id, &w);
	pool_give(req->app->pool, db);
	return answer(req, reply, err, &w);
}

enum err
h_training_events(struct req *req, struct reply *reply)
{
	struct db	*db;
	struct jw	 w;
	char		 id[UUID_LEN];
	enum err	 err;

	if ((err = id_of(req, reply, id)) != ERR_OK)
		return err;
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	jw_init(&w, req->arena);
	err = job_events_write(db, req->arena, req->tenant.workspace_id,
	    FACE_HOSTED, id, req->args, &w);
	pool_give(req->app->pool, db);
	return answer(req, reply, err, &w);
}

/* cancel or retry */
typedef enum err job_verb(struct db *, struct arena *, const struct actor *,
    const struct job_hold *, const char **detail);

/* One transaction: key, job, precondition, verb, the job as it is then. */
static enum err
act_on(struct req *req, struct reply *reply, struct db *db, job_verb *verb,
    const char *id)
{
	struct actor	 who = actor_of(&req->tenant, &req->who, req->id);
	struct job_hold	 hold;
	struct job	 job;
	struct jw	 w;
	const char	*detail;
	enum err	 err;

	if ((err = db_begin(db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	if ((err = idem_claim(req, reply, db)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	if ((err = job_hold(db, req->tenant.workspace_id, FACE_HOSTED, id,
	    &hold)) != ERR_OK)
		return answer(req, reply, err, &w);
	if (!condition_match(req, etag_of(req->arena, id,
	    hold.now.revision)))
		return reply_error(req, reply, ERR_PRECONDITION,
		    "the job has changed since");
	if ((err = verb(db, req->arena, &who, &hold, &detail)) != ERR_OK)
		return detail == NULL ? reply_error(req, reply, err, NULL) :
		    reply_error(req, reply, err, "%s", detail);
	if ((err = store_job_get_hosted(db, req->arena,
	    req->tenant.workspace_id, id, &job)) != ERR_OK)
		return answer(req, reply, err, &w);
	view_hosted_job(&w, &job);
	reply_json(reply, 200, &w);
	return idem_commit(req, reply, db);
}

static enum err
act(struct req *req, struct reply *reply, job_verb *verb, const char *done)
{
	struct db	*db;
	char		 id[UUID_LEN];
	enum err	 err;

	if ((err = id_of(req, reply, id)) != ERR_OK)
		return err;
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	err = act_on(req, reply, db, verb, id);
	pool_give(req->app->pool, db);
	if (err == ERR_OK)
		log_info("job %s job=%s", done, id);
	return err;
}

enum err
h_training_cancel(struct req *req, struct reply *reply)
{
	return act(req, reply, job_cancel, "cancelled");
}

enum err
h_training_retry(struct req *req, struct reply *reply)
{
	int64_t		quota;
	enum err	err;

	err = limits_reserve(req->app->limits, &req->tenant, &quota);
	if (err == ERR_RATE)
		return over_quota(req, reply, quota);
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	err = act(req, reply, job_retry, "retried");
	limits_settle(req->app->limits, &req->tenant, err == ERR_OK);
	return err;
}
