/* SPDX-License-Identifier: BSD-2-Clause */
/* Log lines and metrics of jobs. */
#include "config.h"

#include "store/sqlval.h"
#include "store/store_log.h"

enum err
store_job_standing(struct db *db, struct arena *a, const char *workspace_id,
    const char *job_id, const char *face, struct job_standing *out)
{
	const char *const p[] = { workspace_id, job_id, face };
	struct rows *r;
	enum err e;

	if ((e = db_find(db, STMT_job_standing, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	out->status = rows_text(r, 0, 0);
	out->attempt = rows_int(r, 0, 1);
	out->since = rows_text(r, 0, 2);
	out->til = rows_text(r, 0, 3);
	return ERR_OK;
}

enum err
store_log_page(struct db *db, struct arena *a, const char *workspace_id,
    const char *job_id, const struct log_query *q, struct log_line **out,
    size_t *n)
{
	const char *const p[] = { workspace_id, job_id, sql_int(a, q->after),
	    sql_int(a, q->limit), sql_int(a, q->level),
	    q->attempt == 0 ? NULL : sql_int(a, q->attempt),
	    sql_int(a, LOG_PAGE_BYTES),
	    q->since == NULL ? "-infinity" : q->since,
	    q->til == NULL ? "infinity" : q->til };
	struct log_line *l;
	struct rows *r;
	enum err e;
	int i;

	if ((e = db_run(db, STMT_log_page, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	*n = (size_t)rows_count(r);
	*out = l = arena_zalloc(a, (*n + 1) * sizeof(*l));
	for (i = 0; i < rows_count(r); i++, l++) {
		l->seq = rows_int(r, i, 0);
		l->at = rows_ts(r, i, 1);
		l->level = (int)rows_int(r, i, 2);
		l->message = rows_text(r, i, 3);
		l->data = rows_text_opt(r, i, 4);
		l->attempt = rows_int(r, i, 5);
	}
	return ERR_OK;
}

enum err
store_metric_page(struct db *db, struct arena *a, const char *workspace_id,
    const char *job_id, const struct log_query *q, struct metric_row **out,
    size_t *n)
{
	const char *const p[] = { workspace_id, job_id, sql_int(a, q->attempt),
	    sql_int(a, q->after), sql_int(a, q->limit),
	    sql_int(a, LOG_PAGE_BYTES) };
	struct metric_row *m;
	struct rows *r;
	enum err e;
	int i;

	if ((e = db_run(db, STMT_metric_page, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	*n = (size_t)rows_count(r);
	*out = m = arena_zalloc(a, (*n + 1) * sizeof(*m));
	for (i = 0; i < rows_count(r); i++, m++) {
		m->seq = rows_int(r, i, 0);
		m->at = rows_ts(r, i, 1);
		m->event_type = rows_text(r, i, 2);
		m->step = rows_null(r, i, 3) ? -1 : rows_int(r, i, 3);
		m->metrics = rows_text(r, i, 4);
	}
	return ERR_OK;
}
