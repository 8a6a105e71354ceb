/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports in PostgreSQL. */
#include "config.h"

#include "store/store_report.h"

enum err
store_report_get(struct db *db, struct arena *a, const char *workspace_id,
    const char *job_id, struct job_report *out)
{
	const char *const	 p[] = { workspace_id, job_id };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_job_report_get, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	out->json = rows_text_opt(r, 0, 0);
	out->html = rows_text_opt(r, 0, 1);
	return ERR_OK;
}

enum err
store_report_add(struct db *db, const char *workspace_id, const char *job_id,
    const struct job_report *report)
{
	const char *const	p[] = { workspace_id, job_id, report->json,
	    report->html };

	return db_run(db, STMT_result_report, p, NULL);
}
