/* SPDX-License-Identifier: BSD-2-Clause */
/* The outbox, from the dispatcher's side. */
#include "config.h"

#include <string.h>

#include "store/sqlval.h"
#include "store/store_judge_job.h"
#include "store/store_outbox.h"

/* Key and fence, in the order of every statement here. */
static void
held_params(struct arena *a, const struct outbox_item *x, const char *p[3])
{
	p[0] = x->workspace_id;
	p[1] = x->id;
	p[2] = sql_int(a, x->claim);
}

static void
item_at(const struct rows *r, int row, struct outbox_item *x)
{
	const char *own = rows_text_opt(r, row, 9);

	x->workspace_id = rows_text(r, row, 0);
	x->id = rows_text(r, row, 1);
	x->claim = rows_int(r, row, 2);
	x->mail = strcmp(rows_text(r, row, 3), "mail") == 0;
	x->event = rows_text(r, row, 4);
	x->job_id = rows_text_opt(r, row, 5);
	x->target = rows_text(r, row, 6);
	x->tries = (int)rows_int(r, row, 7);
	x->body = rows_text_opt(r, row, 8);
	x->secret = own != NULL ? own : rows_text(r, row, 10);
	/* only an organisation's secret is ever exchanged */
	x->secret_previous = own != NULL ? NULL : rows_text_opt(r, row, 11);
}

/* 1: nobody else claims until the commit. */
static enum err
claim_lock(struct db *db, int *mine)
{
	struct rows *r;
	enum err e;

	if ((e = db_run(db, STMT_outbox_lock, NULL, &r)) != ERR_OK)
		return e;
	*mine = rows_bool(r, 0, 0);
	rows_free(r);
	return ERR_OK;
}

enum err
store_outbox_claim(struct db *db, struct arena *a, size_t most,
    int64_t lease_seconds, int64_t per_host, struct outbox_item **out,
    size_t *n, int *busy)
{
	const char *const p[] = { sql_int(a, (int64_t)most),
	    sql_int(a, lease_seconds), sql_int(a, per_host) };
	struct rows *r;
	int i, mine = 0;
	enum err e;

	*n = 0;
	if ((e = db_begin(db)) != ERR_OK)
		return e;
	if ((e = claim_lock(db, &mine)) != ERR_OK || !mine) {
		db_rollback(db);
		*busy = e == ERR_OK;
		return e;
	}
	*busy = 0;
	if ((e = db_run(db, STMT_outbox_claim, p, &r)) != ERR_OK) {
		db_rollback(db);
		return e;
	}
	rows_keep(r, a);
	if ((e = db_commit(db)) != ERR_OK)
		return e;
	*n = (size_t)rows_count(r);
	*out = arena_zalloc(a, (*n + 1) * sizeof(**out));
	for (i = 0; i < rows_count(r); i++)
		item_at(r, i, &(*out)[i]);
	return ERR_OK;
}

enum err
store_outbox_job(struct db *db, struct arena *a, const struct outbox_item *x,
    struct job *j, int64_t *at)
{
	const char *const p[] = { x->workspace_id, x->id };
	struct rows *r;
	enum err e;

	if ((e = db_find(db, STMT_outbox_job, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	judge_job_at(r, 0, j);
	j->workspace_id = x->workspace_id;
	j->id = x->job_id;
	*at = rows_ts(r, 0, JUDGE_JOB_COLUMNS);
	return ERR_OK;
}

enum err
store_outbox_run(struct db *db, struct arena *a, const struct outbox_item *x,
    struct run *run, struct execution *e)
{
	const char *const p[] = { x->workspace_id, x->id };
	struct rows *r;
	enum err err;

	if ((err = db_find(db, STMT_outbox_run, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	memset(e, 0, sizeof(*e));
	run->job_id = x->job_id;
	run->trigger = rows_text(r, 0, 0);
	run->created_by = rows_text_opt(r, 0, 1);
	e->at = rows_ts(r, 0, 2);
	e->preparing = rows_ts_opt(r, 0, 3);
	e->training = rows_ts_opt(r, 0, 4);
	e->validating = rows_ts_opt(r, 0, 5);
	e->completed = rows_ts_opt(r, 0, 6);
	/* or there would be no row */
	e->is_told = 1;
	return ERR_OK;
}

enum err
store_outbox_sent(struct db *db, struct arena *a,
    const struct outbox_item *x, const struct outbox_try *t, int *held)
{
	const char *p[11];
	struct rows *r;
	enum err e;

	held_params(a, x, p);
	p[3] = t->status;
	p[4] = sql_int(a, t->age_us);
	p[5] = sql_int(a, t->duration_ms);
	p[6] = t->response_status == 0 ? NULL : sql_int(a, t->response_status);
	p[7] = t->error;
	p[8] = t->excerpt;
	p[9] = strcmp(t->status, "pending") == 0 ?
	    sql_int(a, t->delay_ms) : NULL;
	p[10] = t->body;
	if ((e = db_run(db, STMT_outbox_sent, p, &r)) != ERR_OK)
		return e;
	*held = rows_count(r) == 1;
	rows_free(r);
	return ERR_OK;
}

enum err
store_outbox_release(struct db *db, struct arena *a,
    const struct outbox_item *x)
{
	const char *p[3];

	held_params(a, x, p);
	return db_run(db, STMT_outbox_release, p, NULL);
}

enum err
store_outbox_unsent(struct db *db, struct arena *a,
    const struct outbox_item *x, const char *line)
{
	const char *p[4];

	held_params(a, x, p);
	p[3] = line;
	return db_run(db, STMT_outbox_unsent, p, NULL);
}
