/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges and their versions. */
#include "config.h"

#include "domain/judge.h"
#include "domain/judge_view.h"
#include "fcgi/app.h"
#include "fcgi/idem.h"
#include "fcgi/route.h"

static enum err
create(struct req *req, struct reply *reply, struct db *db, struct judge *j)
{
	struct actor	who = actor_of(&req->tenant, &req->who, req->id);
	struct jw	w;
	enum err	err;

	if ((err = db_begin(db)) != ERR_OK ||
	    (err = idem_claim(req, reply, db)) != ERR_OK)
		return err;
	err = judge_create(db, req->arena, &who, j);
	if (err == ERR_CONFLICT)
		return reply_error(req, reply, err,
		    "judge id %s is taken", j->key);
	if (err != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	jw_obj(&w);
	view_judge(&w, j);
	jw_end(&w);
	reply_json(reply, 201, &w);
	reply_header(req, reply, "Location", "/judges/%s", j->key);
	if ((err = idem_commit(req, reply, db)) == ERR_OK)
		reply->made = arena_printf(req->arena, "judge=%s", j->key);
	return err;
}

enum err
h_judge_create(struct req *req, struct reply *reply)
{
	struct judge	 judge;
	struct db	*db;
	enum err	 err;

	judge_from_body(req->arena, req->json, &req->faults, &judge);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = create(req, reply, db, &judge);
	pool_give(req->app->pool, db);
	return err;
}

enum err
h_judge_get(struct req *req, struct reply *reply)
{
	struct judge	 judge;
	struct db	*db;
	struct jw	 w;
	enum err	 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = store_judge_get(db, req->arena, req->tenant.workspace_id,
	    route_param(req, "judge_id"), &judge);
	pool_give(req->app->pool, db);
	jw_init(&w, req->arena);
	if (err == ERR_OK) {
		jw_obj(&w);
		view_judge(&w, &judge);
		jw_end(&w);
	}
	return reply_read(req, reply, err, "no such judge", &w);
}

enum err
h_judge_list(struct req *req, struct reply *reply)
{
	struct judge_filter	 filter;
	struct page		 page;
	struct db		*db;
	struct jw		 w;
	enum err		 err;

	judge_filter_read(req->args, &req->faults, &filter, &page);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	err = judge_list_write(db, req->arena, req->tenant.workspace_id,
	    &filter, &page, &w);
	pool_give(req->app->pool, db);
	return reply_read(req, reply, err, NULL, &w);
}

enum err
h_judge_versions(struct req *req, struct reply *reply)
{
	struct version_query	 query;
	struct db		*db;
	struct jw		 w;
	enum err		 err;

	version_query_read(req->args, &req->faults, &query);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	err = version_list_write(db, req->arena, req->tenant.workspace_id,
	    route_param(req, "judge_id"), &query, &w);
	pool_give(req->app->pool, db);
	return reply_read(req, reply, err, "no such judge", &w);
}
