/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes jobs from the queue, and finds them again. */
#include "config.h"

#include <string.h>

#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_attempt.h"

static int
epochs_read(const struct rows *r, int row, int col)
{
	return rows_null(r, row, col) ? 0 : (int)rows_int(r, row, col);
}

enum err
store_claim(struct db *db, struct arena *a, const struct claim_range *range,
    size_t ranges, size_t most, const char *worker, const char *engine,
    int64_t lease_seconds, struct claimed **out, size_t *n)
{
	struct buf col[3];
	struct claimed *c;
	struct rows *r;
	const char *p[7];
	enum err e;
	size_t i;

	*n = 0;
	sqlarr_begin_cols(col, 3, a);
	for (i = 0; i < ranges; i++) {
		sqlarr_add(&col[0], range[i].kind);
		sqlarr_add(&col[1], sql_int(a, range[i].priority));
		sqlarr_add(&col[2], sql_int(a, range[i].mark));
	}
	sqlarr_end_cols(col, 3, p);
	p[3] = sql_int(a, (int64_t)most);
	p[4] = worker;
	p[5] = engine;
	p[6] = sql_int(a, lease_seconds);
	if ((e = db_run(db, STMT_job_claim, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	*n = (size_t)rows_count(r);
	*out = c = arena_zalloc(a, (*n + 1) * sizeof(*c));
	for (i = 0; i < *n; i++, c++) {
		attempt_ref_set(&c->ref, rows_text(r, (int)i, 0),
		    rows_text(r, (int)i, 1), (int)rows_int(r, (int)i, 5));
		c->judge = strcmp(rows_text(r, (int)i, 2), "judge") == 0;
		c->kind = rows_text(r, (int)i, 3);
		c->status = rows_text(r, (int)i, 4);
		c->priority = (int)rows_int(r, (int)i, 6);
		c->queue_seq = rows_int(r, (int)i, 7);
		c->timeout_seconds = rows_int(r, (int)i, 8);
		c->training_type = rows_text_opt(r, (int)i, 9);
		c->max_epochs = epochs_read(r, (int)i, 10);
		c->current = 1;
		c->left_us = c->timeout_seconds * 1000000;
	}
	return ERR_OK;
}

enum err
store_attempt_mine(struct db *db, struct arena *a, const char *worker,
    struct claimed **out, size_t *n)
{
	const char *const p[] = { worker };
	struct claimed *c;
	struct rows *r;
	enum err e;
	int i;

	*n = 0;
	if ((e = db_run(db, STMT_attempt_mine, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	*n = (size_t)rows_count(r);
	*out = c = arena_zalloc(a, (*n + 1) * sizeof(*c));
	for (i = 0; i < rows_count(r); i++, c++) {
		attempt_ref_set(&c->ref, rows_text(r, i, 0),
		    rows_text(r, i, 1), (int)rows_int(r, i, 5));
		c->judge = strcmp(rows_text(r, i, 2), "judge") == 0;
		c->kind = rows_text(r, i, 3);
		c->status = rows_text(r, i, 4);
		c->training_type = rows_text_opt(r, i, 6);
		c->events_offset = rows_int(r, i, 7);
		c->stderr_offset = rows_int(r, i, 8);
		c->current = rows_bool(r, i, 9);
		c->stop = rows_bool(r, i, 10);
		c->left_us = rows_int(r, i, 11);
		c->timeout_seconds = rows_int(r, i, 12);
		c->max_epochs = epochs_read(r, i, 13);
		c->engine = rows_text(r, i, 14);
	}
	return ERR_OK;
}

enum err
store_attempt_resume(struct db *db, struct arena *a,
    const struct attempt_ref *ref, const char **out)
{
	const char *const p[] = { ref->workspace_id, ref->job_id,
	    sql_int(a, ref->number) };
	struct rows *r;
	enum err e;

	*out = NULL;
	if ((e = db_run(db, STMT_attempt_resume, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	if (rows_count(r) > 0)
		*out = rows_text(r, 0, 0);
	return ERR_OK;
}
