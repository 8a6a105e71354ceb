/* SPDX-License-Identifier: BSD-2-Clause */
/* Judge jobs once they exist: the list, cancel, retry, what happened. */
#include "config.h"

#include "domain/hosted_list.h"
#include "domain/judge_job_list.h"
#include "fcgi/app.h"
#include "fcgi/job_act.h"
#include "fcgi/route.h"
#include "store/store_log.h"

enum err
h_judge_job_list(struct req *req, struct reply *reply)
{
	struct judge_job_filter	 filter;
	struct page		 page;
	struct db		*db;
	struct jw		 w;
	enum err		 err;

	judge_job_filter_read(req->args, &req->faults, &filter, &page);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	jw_init(&w, req->arena);
	err = judge_job_list_write(db, req->arena, req->tenant.workspace_id,
	    &filter, &page, &w);
	pool_give(req->app->pool, db);
	return job_answer(req, reply, err, &w);
}

enum err
h_judge_job_cancel(struct req *req, struct reply *reply)
{
	return job_act(req, reply, &job_side_judge, job_cancel, "cancelled");
}

enum err
h_judge_job_retry(struct req *req, struct reply *reply)
{
	return job_act_queueing(req, reply, &job_side_judge, job_retry,
	    "retried");
}

/* The events as they are now, and whether more can come. */
static enum err
events_read(struct req *req, const char *id, struct jw *w, int *items,
    int *finished)
{
	struct job_standing	 job;
	struct db		*db;
	enum err		 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	/* in this order: what happened before the end is on the page */
	err = store_job_standing(db, req->arena, req->tenant.workspace_id, id,
	    state_face(FACE_JUDGE), &job);
	jw_init(w, req->arena);
	if (err == ERR_OK)
		err = job_events_write(db, req->arena,
		    req->tenant.workspace_id, FACE_JUDGE, id, req->args, w,
		    items);
	pool_give(req->app->pool, db);
	if (err == ERR_OK)
		*finished = state_word_finished(job.status);
	return err;
}

enum err
h_judge_job_events(struct req *req, struct reply *reply)
{
	struct job_wait	wait;
	struct jw	w;
	char		id[UUID_LEN];
	enum err	err;
	int		items = 0, finished = 0;

	if ((err = job_id_of(req, reply, &job_side_judge, id)) != ERR_OK)
		return err;
	job_wait_begin(&wait, req->app, schema_int(&schema_judge_events_query,
	    req->args, "wait"));
	do
		err = events_read(req, id, &w, &items, &finished);
	while (err == ERR_OK && items == 0 && !finished &&
	    job_wait_again(&wait));
	job_wait_end(&wait);
	return job_answer(req, reply, err, &w);
}

enum err
h_judge_job_logs(struct req *req, struct reply *reply)
{
	return job_logs(req, reply, &job_side_judge);
}

enum err
h_judge_job_metrics(struct req *req, struct reply *reply)
{
	return job_metrics(req, reply, &job_side_judge);
}

enum err
h_judge_job_attempts(struct req *req, struct reply *reply)
{
	return job_attempts(req, reply, &job_side_judge);
}
