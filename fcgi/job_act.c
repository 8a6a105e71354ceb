/* SPDX-License-Identifier: BSD-2-Clause */
/* What both faces do alike with the job of the path. */
#include "config.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "domain/hosted_list.h"
#include "domain/judge.h"
#include "domain/judge_job_view.h"
#include "domain/view.h"
#include "fcgi/app.h"
#include "fcgi/condition.h"
#include "fcgi/idem.h"
#include "fcgi/job_act.h"
#include "fcgi/route.h"
#include "store/store_judge_job.h"
#include "util/log.h"
#include "util/ts.h"

#define WAITERS_SHARE	4
#define LOOK_MS		100

static int
judge_id(const char *wire, char uuid[UUID_LEN])
{
	return typeid_parse(wire, "train_job_", uuid);
}

static enum err
show_hosted(struct db *db, struct arena *a, const char *workspace_id,
    const char *id, struct jw *w)
{
	struct job	job;
	enum err	err;

	err = store_job_get_hosted(db, a, workspace_id, id, KNOWN_NONE,
	    &job);
	if (err == ERR_OK)
		view_hosted_job(w, &job);
	return err;
}

static enum err
show_judge(struct db *db, struct arena *a, const char *workspace_id,
    const char *id, struct jw *w)
{
	struct job	job;
	enum err	err;

	err = store_judge_job_get(db, a, workspace_id, id, &job);
	if (err == ERR_OK)
		view_judge_job(w, &job);
	return err;
}

const struct job_side job_side_hosted = {
	FACE_HOSTED, uuid_parse, show_hosted
};
const struct job_side job_side_judge = { FACE_JUDGE, judge_id, show_judge };

const char *
job_etag(struct arena *a, const char *id, int64_t revision)
{
	return arena_printf(a, "\"%s-%lld\"", id, (long long)revision);
}

int64_t
job_revision_known(struct req *req, const char *id)
{
	const char	*have = req->header(req, "HTTP_IF_NONE_MATCH");
	const char	*at = have == NULL ? NULL : strstr(have, id);
	long long	 revision;

	if (at == NULL || at[UUID_LEN - 1] != '-')
		return KNOWN_NONE;
	revision = strtoll(at + UUID_LEN, NULL, 10);
	return condition_have(req, job_etag(req->arena, id, revision)) ?
	    revision : KNOWN_NONE;
}

enum err
job_id_of(struct req *req, struct reply *reply, const struct job_side *side,
    char id[UUID_LEN])
{
	if (side->id(route_param(req, "job_id"), id))
		return ERR_OK;
	return reply_error(req, reply, ERR_NOT_FOUND, "no such job");
}

enum err
job_answer(struct req *req, struct reply *reply, enum err err, struct jw *w)
{
	return reply_read(req, reply, err, "no such job", w);
}

static enum err
act_on(struct req *req, struct reply *reply, struct db *db,
    const struct job_side *side, job_verb *verb, const char *id)
{
	struct actor	 who = actor_of(&req->tenant, &req->who, req->id);
	struct job_hold	 hold;
	struct jw	 w;
	const char	*detail;
	enum err	 err;

	if ((err = db_begin(db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	if ((err = idem_claim(req, reply, db)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	if ((err = job_hold(db, req->tenant.workspace_id, side->face, id,
	    &hold)) != ERR_OK)
		return job_answer(req, reply, err, &w);
	if (!condition_match(req, job_etag(req->arena, id,
	    hold.now.revision)))
		return reply_error(req, reply, ERR_PRECONDITION,
		    "the job has changed since");
	if ((err = verb(db, req->arena, &who, &hold, &detail)) != ERR_OK)
		return detail == NULL ? reply_error(req, reply, err, NULL) :
		    reply_error(req, reply, err, "%s", detail);
	err = side->show(db, req->arena, req->tenant.workspace_id, id, &w);
	if (err != ERR_OK)
		return job_answer(req, reply, err, &w);
	reply_json(reply, 200, &w);
	return idem_commit(req, reply, db);
}

enum err
job_act(struct req *req, struct reply *reply, const struct job_side *side,
    job_verb *verb, const char *done)
{
	char		id[UUID_LEN];
	enum err	err;

	if ((err = job_id_of(req, reply, side, id)) != ERR_OK)
		return err;
	return job_act_id(req, reply, side, id, verb, done);
}

enum err
job_act_id(struct req *req, struct reply *reply, const struct job_side *side,
    const char *id, job_verb *verb, const char *done)
{
	struct db	*db;
	enum err	 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	err = act_on(req, reply, db, side, verb, id);
	pool_give(req->app->pool, db);
	if (err == ERR_OK)
		log_info("job %s job=%s", done, id);
	return err;
}

enum err
job_over_quota(struct req *req, struct reply *reply, int64_t quota)
{
	enum err	err;

	err = reply_error(req, reply, ERR_RATE,
	    "quota: %lld jobs are queued in workspace %s",
	    (long long)quota, req->tenant.workspace_key);
	reply_header(req, reply, "Retry-After", "10");
	return err;
}

enum err
job_act_queueing(struct req *req, struct reply *reply,
    const struct job_side *side, job_verb *verb, const char *done)
{
	int64_t		quota;
	enum err	err;

	err = limits_reserve(req->app->limits, &req->tenant, &quota);
	if (err == ERR_RATE)
		return job_over_quota(req, reply, quota);
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	err = job_act(req, reply, side, verb, done);
	limits_settle(req->app->limits, &req->tenant, err == ERR_OK);
	return err;
}

enum err
job_attempts(struct req *req, struct reply *reply,
    const struct job_side *side)
{
	struct db	*db;
	struct jw	 w;
	char		 id[UUID_LEN];
	enum err	 err;

	if ((err = job_id_of(req, reply, side, id)) != ERR_OK)
		return err;
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	jw_init(&w, req->arena);
	err = job_attempts_write(db, req->arena, req->tenant.workspace_id,
	    side->face, id, &w);
	pool_give(req->app->pool, db);
	return job_answer(req, reply, err, &w);
}

void
job_wait_begin(struct job_wait *wait, struct app *app, int64_t seconds)
{
	wait->app = app;
	wait->end = ts_mono() + seconds * 1000000;
	wait->held = 0;
}

int
job_wait_again(struct job_wait *wait)
{
	struct app	*app = wait->app;
	struct pollfd	 p = { app->stop_fd, POLLIN, 0 };

	if (ts_mono() >= wait->end)
		return 0;
	if (!wait->held && (int)atomic_fetch_add(&app->waiters, 1) >=
	    app->conf->threads / WAITERS_SHARE) {
		atomic_fetch_sub(&app->waiters, 1);
		return 0;
	}
	wait->held = 1;
	return poll(&p, 1, LOOK_MS) == 0 && !app->stopping;
}

void
job_wait_end(struct job_wait *wait)
{
	if (wait->held)
		atomic_fetch_sub(&wait->app->waiters, 1);
}
