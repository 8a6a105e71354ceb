/* SPDX-License-Identifier: BSD-2-Clause */
/* A job's life after its creation, in PostgreSQL. */
#include "config.h"

#include <stdio.h>

#include "store/sqlval.h"
#include "store/store_job_life.h"
#include "store/store_log.h"

enum err
store_job_lock(struct db *db, const char *workspace_id, const char *id,
    const char *face, struct job_now *now)
{
	const char *const	 p[] = { workspace_id, id, face };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_job_lock, p, &r)) != ERR_OK)
		return err;
	snprintf(now->id, sizeof(now->id), "%s", id);
	snprintf(now->status, sizeof(now->status), "%s", rows_text(r, 0, 0));
	now->attempt = rows_int(r, 0, 1);
	now->revision = rows_int(r, 0, 2);
	now->cancel_requested = rows_bool(r, 0, 3);
	rows_free(r);
	return ERR_OK;
}

enum err
store_job_cancel(struct db *db, const struct actor *who, const char *id,
    int at_once)
{
	const char *const	p[] = { who->workspace_id, id,
	    at_once ? "true" : "false", who->account_id, who->request_id };

	return db_run(db, STMT_job_cancel, p, NULL);
}

enum err
store_job_retry(struct db *db, const struct actor *who, const char *id,
    const char *execution_id)
{
	const char *const	p[] = { who->workspace_id, id, execution_id,
	    who->account_id, who->request_id };

	return db_run(db, STMT_job_retry, p, NULL);
}

/* Rows of a left join: none without the job, one of nulls for nothing. */
static enum err
joined(struct db *db, struct arena *a, enum stmt stmt, const char *const *p,
    struct rows **r, int *n)
{
	enum err	err;

	if ((err = db_find(db, stmt, p, r)) != ERR_OK)
		return err;
	rows_keep(*r, a);
	*n = rows_null(*r, 0, 0) ? 0 : rows_count(*r);
	return ERR_OK;
}

enum err
store_job_attempts(struct db *db, struct arena *a, const char *workspace_id,
    const char *id, const char *face, int64_t most, struct job_attempt **out,
    int *n, int64_t *total)
{
	const char *const	 p[] = { workspace_id, id, sql_int(a, most),
	    face };
	struct job_attempt	*t;
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = joined(db, a, STMT_job_attempts, p, &r, n)) != ERR_OK)
		return err;
	*total = *n == 0 ? 0 : rows_int(r, 0, 9);
	*out = arena_zalloc(a, ((size_t)*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		t = &(*out)[i];
		t->number = rows_int(r, i, 0);
		t->status = rows_text(r, i, 1);
		t->engine = rows_text(r, i, 2);
		t->queued_at = rows_ts(r, i, 3);
		t->started_at = rows_ts_opt(r, i, 4);
		t->completed_at = rows_ts_opt(r, i, 5);
		t->error = rows_text_opt(r, i, 6);
		t->metrics = rows_text(r, i, 7);
		t->artifacts = rows_text(r, i, 8);
		t->execution_id = rows_text_opt(r, i, 10);
	}
	return ERR_OK;
}

enum err
store_job_artifacts(struct db *db, struct arena *a,
    const char *workspace_id, const char *id, const char **out)
{
	const char *const	 p[] = { workspace_id, id };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_job_artifacts, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*out = rows_text(r, 0, 0);
	return ERR_OK;
}

enum err
store_job_events(struct db *db, struct arena *a, const char *workspace_id,
    const char *id, const char *face, int64_t after, int64_t most,
    struct job_event **out, int *n)
{
	struct job_standing	 job;
	struct job_event	*e;
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = store_job_standing(db, a, workspace_id, id, face,
	    &job)) != ERR_OK)
		return err;
	if ((err = db_run(db, STMT_job_events, (const char *[]){ workspace_id,
	    id, sql_int(a, after), sql_int(a, most), job.since, job.til },
	    &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_zalloc(a, ((size_t)*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		e = &(*out)[i];
		e->seq = rows_int(r, i, 0);
		e->event = rows_text(r, i, 1);
		e->from = rows_text_opt(r, i, 2);
		e->to = rows_text_opt(r, i, 3);
		e->attempt = rows_int(r, i, 4);
		e->message = rows_text_opt(r, i, 5);
		e->data = rows_text_opt(r, i, 6);
		e->at = rows_ts(r, i, 7);
	}
	return ERR_OK;
}
