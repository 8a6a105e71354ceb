/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts and retries of judge jobs in PostgreSQL. */
#include "config.h"

#include "store/sqlval.h"
#include "store/store_execution.h"
#include "store/store_log.h"

#define AHEAD_MOST	10000	/* jobs that are counted before one */

enum err
store_execution_get(struct db *db, struct arena *a, const char *workspace_id,
    const char *job_id, struct execution *x)
{
	struct job_standing	 job;
	struct rows		*r;
	enum err		 err;

	if ((err = store_job_standing(db, a, workspace_id, job_id, "judge",
	    &job)) != ERR_OK || (err = db_find(db, STMT_execution_get,
	    (const char *[]){ workspace_id, job_id, sql_int(a, AHEAD_MOST),
	    job.since, job.til }, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	x->at = rows_ts(r, 0, 0);
	x->by = rows_text(r, 0, 1);
	x->override = rows_text_opt(r, 0, 2);
	x->position = rows_int(r, 0, 3);
	x->preparing = rows_ts_opt(r, 0, 4);
	x->training = rows_ts_opt(r, 0, 5);
	x->validating = rows_ts_opt(r, 0, 6);
	x->completed = rows_ts_opt(r, 0, 7);
	x->is_told = rows_bool(r, 0, 8);
	x->secret = rows_text_opt(r, 0, 9);
	x->criteria = rows_int(r, 0, 10);
	return ERR_OK;
}

enum err
store_execution_start(struct db *db, struct arena *a,
    const struct actor *who, const struct job *j,
    const struct execution_start *x)
{
	const char *const	p[] = { who->workspace_id, j->id, x->id,
	    who->account_id, who->request_id, j->config, j->options,
	    sql_int(a, j->priority), sql_int(a, j->timeout_seconds),
	    j->webhook_url, j->webhook_secret,
	    sql_int(a, j->estimated_minutes), x->override, x->confirmation };

	return db_run(db, STMT_execution_start, p, NULL);
}
