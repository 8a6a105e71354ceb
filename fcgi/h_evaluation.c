/* SPDX-License-Identifier: BSD-2-Clause */
/* Evaluations: one, many, and back. */
#include "config.h"

#include <string.h>

#include "domain/evaluation.h"
#include "domain/evaluation_list.h"
#include "domain/judge.h"
#include "fcgi/app.h"
#include "fcgi/idem.h"
#include "fcgi/route.h"

/* The judge that the body names, ready to score. */
static enum err
open_judge(struct req *req, struct reply *reply, struct scorer *s)
{
	struct db	*db;
	enum err	 err;

	memset(s, 0, sizeof(*s));
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = scorer_open(req->app->judge_models, db, req->arena,
	    req->tenant.workspace_id, jv_text(req->json, "judge_id"), s);
	pool_give(req->app->pool, db);
	if (err == ERR_NOT_FOUND)
		return reply_error(req, reply, err, "no such judge");
	return err;
}

static enum err
refuse_archived(struct req *req, struct reply *reply, const struct scorer *s)
{
	if (!s->judge.archived)
		return ERR_OK;
	return reply_error(req, reply, ERR_INVALID_STATE,
	    "judge %s is archived", s->key);
}

static enum err
create(struct req *req, struct reply *reply, struct scorer *s)
{
	struct actor		 who = actor_of(&req->tenant, &req->who,
				    req->id);
	struct evaluation_item	 item = { .body = req->json };
	struct evaluation	*e = &item.evaluation;
	struct job_request	 rq = { .request_id = req->id };
	char			 id[TYPEID_LEN];
	struct jw		 w;
	enum err		 err;

	evaluation_match(s, req->json, &loc_body, &req->faults);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = refuse_archived(req, reply, s)) != ERR_OK ||
	    (err = evaluation_score(s, req->arena, &item)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	jw_obj(&w);
	view_evaluation(&w, e, s->criteria, &item.scores, req->json);
	jw_end(&w);
	reply_json(reply, 201, &w);
	typeid_encode(e->id, id);
	rq.location = arena_printf(req->arena, "/evaluations/eval_%s", id);
	rq.body = reply->body;
	idem_request(req, &rq);
	err = store_evaluation_create(req->app->writer, req->arena, &who, &rq,
	    e);
	if ((err = idem_written(req, reply, err, e->evaluated_at)) != ERR_OK)
		return err;
	reply_header(req, reply, "Location", "%s", rq.location);
	return ERR_OK;
}

enum err
h_evaluation_create(struct req *req, struct reply *reply)
{
	struct scorer	s;
	enum err	err;

	evaluation_rules(req->json, &loc_body, &req->faults);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = open_judge(req, reply, &s)) != ERR_OK)
		return err;
	err = create(req, reply, &s);
	scorer_close(req->app->judge_models, &s);
	return err;
}

/* Nothing holds a connection while the items are scored. */
static enum err
create_batch(struct req *req, struct reply *reply, struct db *db,
    struct evaluation_call *call)
{
	struct actor	who = actor_of(&req->tenant, &req->who, req->id);
	struct jw	w;
	enum err	err;

	if ((err = db_begin(db)) != ERR_OK ||
	    (err = idem_claim(req, reply, db)) != ERR_OK ||
	    (err = evaluation_batch_store(db, req->arena, &who, call)) !=
	    ERR_OK)
		return err;
	jw_init(&w, req->arena);
	view_evaluation_batch(&w, call);
	reply_json(reply, call->scored > 0 ? 201 : 200, &w);
	return idem_commit(req, reply, db);
}

enum err
h_evaluation_batch(struct req *req, struct reply *reply)
{
	struct evaluation_call	 call;
	struct db		*db;
	enum err		 err;

	if ((err = open_judge(req, reply, &call.scorer)) != ERR_OK)
		return err;
	if ((err = refuse_archived(req, reply, &call.scorer)) == ERR_OK &&
	    (err = evaluation_batch_score(req->arena, req->json, &call)) ==
	    ERR_OK && (err = pool_take(req->app->pool, &db)) == ERR_OK) {
		err = create_batch(req, reply, db, &call);
		pool_give(req->app->pool, db);
	}
	scorer_close(req->app->judge_models, &call.scorer);
	return err;
}

enum err
h_evaluation_get(struct req *req, struct reply *reply)
{
	struct db	*db;
	struct jw	 w;
	enum err	 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	err = evaluation_write(req->app->judge_models, db, req->arena,
	    req->tenant.workspace_id, route_param(req, "evaluation_id"),
	    schema_bool(&schema_evaluation_query, req->args,
	    "include_content"), &w);
	pool_give(req->app->pool, db);
	return reply_read(req, reply, err, "no such evaluation", &w);
}

enum err
h_evaluation_list(struct req *req, struct reply *reply)
{
	struct evaluations_query	 query;
	struct db			*db;
	struct jw			 w;
	enum err			 err;

	evaluations_query_read(req->args, &req->faults, &query);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	err = evaluation_list_write(req->app->judge_models, db, req->arena,
	    req->tenant.workspace_id, &query, &w);
	pool_give(req->app->pool, db);
	return reply_read(req, reply, err, NULL, &w);
}
