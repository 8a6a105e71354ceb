/* SPDX-License-Identifier: BSD-2-Clause */
/* Retraining runs. */
#include "config.h"

#include "domain/retraining.h"
#include "fcgi/app.h"
#include "fcgi/job_act.h"
#include "fcgi/route.h"
#include "store/store_judge_job.h"

enum err
h_run_create(struct req *req, struct reply *reply)
{
	struct judge_job_order	order;

	run_read(req->json, req->arena, &req->faults, &order);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	return judge_job_make(req, reply, &order, 0);
}

/* The run in the path.  ERR_NOT_FOUND: it is none. */
static enum err
run_find(struct req *req, struct db *db, struct run *run)
{
	char	id[UUID_LEN];

	if (!typeid_parse(route_param(req, "run_id"), "run_", id))
		return ERR_NOT_FOUND;
	return store_run_find(db, req->arena, req->tenant.workspace_id, id,
	    run);
}

static enum err
answer(struct req *req, struct reply *reply, enum err err, struct jw *w)
{
	return reply_read(req, reply, err, "no such run", w);
}

enum err
h_run_get(struct req *req, struct reply *reply)
{
	struct run	 run;
	struct db	*db;
	struct jw	 w;
	enum err	 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	jw_init(&w, req->arena);
	err = run_find(req, db, &run);
	if (err == ERR_OK)
		err = run_show(db, req->arena, req->tenant.workspace_id,
		    &run, &w);
	pool_give(req->app->pool, db);
	return answer(req, reply, err, &w);
}

enum err
h_run_list(struct req *req, struct reply *reply)
{
	struct run_filter	 filter;
	struct page		 page;
	struct db		*db;
	struct jw		 w;
	enum err		 err;

	run_filter_read(req->args, &req->faults, &filter, &page);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	jw_init(&w, req->arena);
	err = run_list_write(db, req->arena, req->tenant.workspace_id,
	    &filter, &page, &w);
	pool_give(req->app->pool, db);
	return answer(req, reply, err, &w);
}

static enum err
show(struct db *db, struct arena *a, const char *workspace_id,
    const char *job_id, struct jw *w)
{
	struct run	 run;
	struct job	 job;
	enum err	 err;

	if ((err = store_judge_job_get(db, a, workspace_id, job_id,
	    &job)) != ERR_OK || (err = store_run_find(db, a, workspace_id,
	    job.retraining_run_id, &run)) != ERR_OK)
		return err;
	return run_show(db, a, workspace_id, &run, w);
}

enum err
h_run_cancel(struct req *req, struct reply *reply)
{
	static const struct job_side	 side = { FACE_JUDGE, NULL, show };
	struct run			 run;
	struct db			*db;
	enum err			 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	err = run_find(req, db, &run);
	pool_give(req->app->pool, db);
	if (err != ERR_OK)
		return answer(req, reply, err, NULL);
	return job_act_id(req, reply, &side, run.job_id, job_cancel, "cancelled");
}
