/* SPDX-License-Identifier: BSD-2-Clause */
/* Judge jobs are started. */
#include "config.h"

#include "domain/judge.h"
#include "domain/judge_execute.h"
#include "fcgi/app.h"
#include "fcgi/condition.h"
#include "fcgi/idem.h"
#include "fcgi/job_act.h"
#include "fcgi/route.h"
#include "util/log.h"

static void
write_reply(struct req *req, struct reply *reply, const struct executing *x,
    int brief)
{
	const struct conf		*conf = req->app->conf;
	const struct execution_terms	 terms = { conf->judge_memory_gb,
	    conf->price_per_minute, conf->log_retention_days };
	struct jw			 w;

	jw_init(&w, req->arena);
	if (brief)
		view_started(&w, &x->job, &x->now);
	else
		view_execution(&w, &x->job, &x->now, &terms);
	reply_json(reply, x->started ? 202 : 200, &w);
}

/* One transaction, in the contract's order of checks. */
static enum err
execute_on(struct req *req, struct reply *reply, struct executing *x,
    const struct execute_order *order, const char *id, int brief)
{
	struct job_hold	hold;
	enum err	err;

	if ((err = db_begin(x->db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	if ((err = idem_claim(req, reply, x->db)) != ERR_OK)
		return err;
	err = job_hold(x->db, req->tenant.workspace_id, FACE_JUDGE, id, &hold);
	if (err == ERR_NOT_FOUND)
		return reply_error(req, reply, err, "no such job");
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	x->hold = &hold;
	if ((err = execute_look(x, order)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	if (!condition_match(req, job_etag(req->arena, id,
	    hold.now.revision)))
		return reply_error(req, reply, ERR_PRECONDITION,
		    "the job has changed since");
	if ((err = execute(x, order)) != ERR_OK && x->detail != NULL)
		return reply_error(req, reply, err, "%s", x->detail);
	if (err != ERR_OK && err != ERR_RATE)
		return reply_error(req, reply, err, NULL);
	if (err == ERR_RATE)
		return err;
	write_reply(req, reply, x, brief);
	return idem_commit(req, reply, x->db);
}

static enum err
start_job(struct req *req, struct reply *reply, int brief)
{
	struct actor		who = actor_of(&req->tenant, &req->who,
	    req->id);
	struct executing	x = { .arena = req->arena,
	    .pace = req->app->pace, .who = &who, .faults = &req->faults };
	struct execute_order	order;
	char			id[UUID_LEN];
	int64_t			quota;
	enum err		err;

	if ((err = job_id_of(req, reply, &job_side_judge, id)) != ERR_OK)
		return err;
	execute_read(req->json, req->arena, &order);
	err = limits_reserve(req->app->limits, &req->tenant, &quota);
	/* a job that is started already needs no place */
	x.full = err == ERR_RATE;
	if (err != ERR_OK && !x.full)
		return reply_error(req, reply, err, NULL);
	if ((err = pool_take(req->app->pool, &x.db)) != ERR_OK)
		reply_error(req, reply, err, NULL);
	else {
		err = execute_on(req, reply, &x, &order, id, brief);
		pool_give(req->app->pool, x.db);
	}
	if (!x.full)
		limits_settle(req->app->limits, &req->tenant,
		    err == ERR_OK && x.started);
	else if (err == ERR_RATE)
		return job_over_quota(req, reply, quota);
	if (err == ERR_OK && x.started)
		log_info("job started job=%s", id);
	return err;
}

enum err
h_judge_job_execute(struct req *req, struct reply *reply)
{
	return start_job(req, reply, 0);
}

enum err
h_judge_job_start(struct req *req, struct reply *reply)
{
	return start_job(req, reply, 1);
}
