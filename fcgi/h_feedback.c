/* SPDX-License-Identifier: BSD-2-Clause */
/* Feedback: one entry, many, and what there is on an evaluation. */
#include "config.h"

#include <string.h>

#include "domain/feedback.h"
#include "domain/feedback_list.h"
#include "domain/judge.h"
#include "domain/judge_view.h"
#include "fcgi/app.h"
#include "fcgi/idem.h"
#include "fcgi/route.h"

static void
write_reply(struct req *req, struct reply *reply,
    const struct feedback_call *call)
{
	struct jw	w;

	jw_init(&w, req->arena);
	if (call->single) {
		jw_obj(&w);
		view_feedback(&w, &call->entry->feedback, 1);
		jw_end(&w);
		reply_header(req, reply, "Location",
		    "/feedback/evaluation/%s",
		    jv_text(req->json, "evaluation_id"));
	} else
		view_feedback_call(&w, call);
	reply_json(reply, call->stored > 0 ? 201 : 200, &w);
}

/* The batch that the path names. */
static enum err
find_batch(struct req *req, struct reply *reply, struct db *db,
    struct feedback_call *call)
{
	const char	*key;
	enum err	 err = ERR_NOT_FOUND;
	int		 archived = 0;

	if (call->batch == NULL)
		return ERR_OK;
	if (typeid_parse(call->batch, "batch_", call->batch_id))
		err = store_batch_find(db, req->arena,
		    req->tenant.workspace_id, call->batch_id, &key,
		    &archived);
	if (err == ERR_NOT_FOUND)
		return reply_error(req, reply, err, "no such batch");
	/* of an atomic call the entries are judged first */
	if (err == ERR_OK && archived && !call->atomic)
		return reply_error(req, reply, ERR_INVALID_STATE,
		    "judge %s is archived", key);
	return err;
}

static enum err
submit(struct req *req, struct reply *reply, struct db *db,
    struct feedback_call *call)
{
	enum err	err;

	if ((err = db_begin(db)) != ERR_OK ||
	    (err = idem_claim(req, reply, db)) != ERR_OK ||
	    (err = find_batch(req, reply, db, call)) != ERR_OK)
		return err;
	err = feedback_submit(db, req->arena, call);
	if (err != ERR_OK && call->detail != NULL)
		return reply_error(req, reply, err, "%s", call->detail);
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	write_reply(req, reply, call);
	return idem_commit(req, reply, db);
}

static enum err
answer(struct req *req, struct reply *reply, struct feedback_call *call)
{
	struct actor	 who = actor_of(&req->tenant, &req->who, req->id);
	struct db	*db;
	enum err	 err;

	call->who = &who;
	call->faults = &req->faults;
	if (feedback_check(req->arena, call) != ERR_OK)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = submit(req, reply, db, call);
	pool_give(req->app->pool, db);
	return err;
}

enum err
h_feedback_create(struct req *req, struct reply *reply)
{
	struct feedback_call	call;

	memset(&call, 0, sizeof(call));
	feedback_one(req->arena, req->json, &call);
	return answer(req, reply, &call);
}

enum err
h_feedback_batch(struct req *req, struct reply *reply)
{
	struct feedback_call	call;

	memset(&call, 0, sizeof(call));
	feedback_many(req->arena, req->json, NULL, &call);
	return answer(req, reply, &call);
}

enum err
h_feedback_in_batch(struct req *req, struct reply *reply)
{
	struct feedback_call	call;

	memset(&call, 0, sizeof(call));
	feedback_many(req->arena, req->json, route_param(req, "batch_id"),
	    &call);
	return answer(req, reply, &call);
}

enum err
h_feedback_of(struct req *req, struct reply *reply)
{
	struct feedback_query	 query;
	struct db		*db;
	struct jw		 w;
	enum err		 err;

	feedback_query_read(req->args, &req->faults, &query);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	err = feedback_of_write(db, req->arena, req->tenant.workspace_id,
	    route_param(req, "evaluation_id"), &query, &w);
	pool_give(req->app->pool, db);
	return reply_read(req, reply, err, "no such evaluation", &w);
}

enum err
h_feedback_list(struct req *req, struct reply *reply)
{
	struct feedbacks_query	 query;
	struct db		*db;
	struct jw		 w;
	enum err		 err;

	feedbacks_query_read(req->args, &req->faults, &query);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	err = feedback_list_write(db, req->arena, req->tenant.workspace_id,
	    &query, &w);
	pool_give(req->app->pool, db);
	return reply_read(req, reply, err, NULL, &w);
}
