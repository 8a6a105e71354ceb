/* SPDX-License-Identifier: BSD-2-Clause */
/* A judge's retraining policy. */
#include "config.h"

#include "domain/judge.h"
#include "domain/policy.h"
#include "fcgi/app.h"
#include "fcgi/route.h"

static enum err
answer(struct req *req, struct reply *reply, const struct policy *policy,
    enum err err)
{
	struct jw	w;

	jw_init(&w, req->arena);
	if (err == ERR_OK)
		view_policy(&w, route_param(req, "judge_id"), policy);
	return reply_read(req, reply, err, "no such judge", &w);
}

enum err
h_policy_get(struct req *req, struct reply *reply)
{
	struct policy	 policy;
	struct db	*db;
	enum err	 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = policy_get(db, req->arena, req->tenant.workspace_id,
	    route_param(req, "judge_id"), &policy);
	pool_give(req->app->pool, db);
	return answer(req, reply, &policy, err);
}

enum err
h_policy_put(struct req *req, struct reply *reply)
{
	struct actor	 who = actor_of(&req->tenant, &req->who, req->id);
	struct policy	 policy;
	struct db	*db;
	enum err	 err;

	policy_read(req->json, &policy);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = policy_put(db, req->arena, &who, route_param(req, "judge_id"),
	    &policy);
	pool_give(req->app->pool, db);
	return answer(req, reply, &policy, err);
}
