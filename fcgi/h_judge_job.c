/* SPDX-License-Identifier: BSD-2-Clause */
/* Judge training jobs. */
#include "config.h"

#include "domain/judge_job.h"
#include "domain/judge_job_view.h"
#include "fcgi/app.h"
#include "fcgi/condition.h"
#include "fcgi/gate.h"
#include "fcgi/idem.h"
#include "fcgi/job_act.h"
#include "fcgi/route.h"
#include "store/store_judge_job.h"

enum err
judge_job_make(struct req *req, struct reply *reply,
    const struct judge_job_order *order, int dry)
{
	struct judge_job_env	env = { req->arena, req->app->pool,
	    req->app->writer, req->app->limits, req->app->pace, &req->who,
	    &req->tenant };
	struct job_request	rq = { .request_id = req->id };
	struct judge_job_made	made;
	enum err		err;

	idem_request(req, &rq);
	err = judge_job_create(&env, order, &rq, dry, &req->faults, &made);
	if (err == ERR_CONFLICT)
		return idem_replay(req, reply);
	if (err != ERR_OK && made.detail == NULL)
		return reply_error(req, reply, err, NULL);
	if (err != ERR_OK) {
		reply_error(req, reply, err, "%s", made.detail);
		if (err == ERR_RATE)
			reply_header(req, reply, "Retry-After", "10");
		return err;
	}
	reply->status = dry ? 200 : 201;
	reply->body = made.body;
	reply->body_len = made.len;
	if (dry)
		return ERR_OK;
	reply_header(req, reply, "Location", "%s", made.location);
	reply->made = arena_printf(req->arena, "job=%s", made.id);
	return ERR_OK;
}

enum err
h_judge_job_create(struct req *req, struct reply *reply)
{
	struct schema_check	check = { 0 };
	struct judge_job_order	order;
	enum err		err;
	int			dry = 0;

	judge_job_variant(req->json, req->arena, &check);
	if ((err = gate_schema(req, reply, &schema_create_judge_job,
	    &check)) != ERR_OK)
		return err;
	judge_job_read(req->json, req->arena, &req->faults, &order);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	jv_bool(jv_member(req->args, "validate_only"), &dry);
	return judge_job_make(req, reply, &order, dry);
}

enum err
h_judge_job_get(struct req *req, struct reply *reply)
{
	struct job	 job;
	struct db	*db;
	struct jw	 w;
	char		 id[UUID_LEN];
	enum err	 err;

	if ((err = job_id_of(req, reply, &job_side_judge, id)) != ERR_OK)
		return err;
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	err = store_judge_job_get(db, req->arena, req->tenant.workspace_id,
	    id, &job);
	pool_give(req->app->pool, db);
	if (err == ERR_OK && condition_not_modified(req, reply,
	    job_etag(req->arena, id, job.revision)))
		return ERR_OK;
	jw_init(&w, req->arena);
	if (err == ERR_OK)
		view_judge_job(&w, &job);
	return job_answer(req, reply, err, &w);
}
