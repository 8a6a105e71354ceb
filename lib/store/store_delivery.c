/* SPDX-License-Identifier: BSD-2-Clause */
/* The outbox, from the caller's side. */
#include "config.h"

#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_delivery.h"
#include "store/store_judge.h"

/* Behind every id. */
#define LAST_ID	"ffffffff-ffff-ffff-ffff-ffffffffffff"

static enum err
read_rows(struct db *db, struct arena *a, const char *workspace_id,
    const char *ids, struct delivery_row **out, int *n)
{
	const char *const	 p[] = { workspace_id, ids,
	    sql_int(a, DELIVERY_ATTEMPTS) };
	struct delivery_row	*d;
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_outbox_read, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = d = arena_alloc(a, (size_t)(*n + 1) * sizeof(*d));
	for (i = 0; i < *n; i++, d++) {
		d->id = rows_text(r, i, 0);
		d->event = rows_text(r, i, 1);
		d->job_id = rows_text_opt(r, i, 2);
		d->run_id = rows_text_opt(r, i, 3);
		d->url = rows_text(r, i, 4);
		d->status = rows_text(r, i, 5);
		d->attempt_count = rows_int(r, i, 6);
		d->next_attempt_at = rows_ts_opt(r, i, 7);
		d->created_at = rows_ts(r, i, 8);
		d->delivered_at = rows_ts_opt(r, i, 9);
		d->attempts = rows_text(r, i, 10);
	}
	return ERR_OK;
}

enum err
store_delivery_list(struct db *db, struct arena *a, const char *workspace_id,
    const struct delivery_filter *f, struct delivery_row **out, int *n)
{
	const char *const	 p[] = { workspace_id, f->job_id, f->run_id,
	    f->statuses, f->events, f->all ? "true" : "false",
	    f->after_id == NULL ? LAST_ID : f->after_id, sql_int(a, f->limit),
	    sql_int(a, f->offset) };
	const char		*ids;
	struct rows		*r;
	enum err		 err;

	*n = 0;
	if ((err = db_find(db, STMT_outbox_page, p, &r)) != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	ids = rows_array(r, 0, a);
	rows_free(r);
	return read_rows(db, a, workspace_id, ids, out, n);
}

enum err
store_delivery_count(struct db *db, struct arena *a,
    const char *workspace_id, const struct delivery_filter *f, int64_t most,
    int64_t *count)
{
	const char *const	 p[] = { workspace_id, f->job_id, f->run_id,
	    f->statuses, f->events, f->all ? "true" : "false",
	    sql_int(a, most) };

	return db_int(db, STMT_outbox_count, p, count);
}

enum err
store_delivery_get(struct db *db, struct arena *a, const char *workspace_id,
    const char *id, struct delivery_row *out)
{
	struct delivery_row	*rows;
	enum err		 err;
	int			 n;

	if ((err = read_rows(db, a, workspace_id, sqlarr_text(a, &id, 1),
	    &rows, &n)) != ERR_OK)
		return err;
	if (n == 0)
		return ERR_NOT_FOUND;
	*out = rows[0];
	return ERR_OK;
}

enum err
store_delivery_again(struct db *db, const struct actor *who, const char *id,
    int *done)
{
	const char *const	 p[] = { who->workspace_id, id,
	    who->organization_id, who->account_id, who->request_id };
	struct rows		*r;
	enum err		 err;

	if ((err = db_run(db, STMT_outbox_redeliver, p, &r)) != ERR_OK)
		return err;
	*done = rows_count(r) == 1;
	rows_free(r);
	return ERR_OK;
}
