/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts that end at a limit, and the rows of dispatchers. */
#include "config.h"

#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_load.h"

enum err
store_load_kinds(struct db *db, struct arena *a, const char *const *kinds,
    struct load_kind **out, size_t *n)
{
	const char *p[2] = { NULL, sql_int(a, LOAD_MOST) };
	struct rows *r;
	struct load_kind *l;
	size_t count, i;
	enum err e;

	for (count = 0; kinds[count] != NULL; count++)
		;
	p[0] = sqlarr_text(a, kinds, count);
	if ((e = db_run(db, STMT_load_kinds, p, &r)) != ERR_OK)
		return e;
	*n = (size_t)rows_count(r);
	*out = l = arena_alloc(a, (*n + 1) * sizeof(*l));
	for (i = 0; i < *n; i++) {
		l[i].kind = arena_strdup(a, rows_text(r, (int)i, 0));
		l[i].queued = rows_int(r, (int)i, 1);
		l[i].oldest = rows_num(r, (int)i, 2);
		l[i].running = rows_int(r, (int)i, 3);
	}
	rows_free(r);
	return ERR_OK;
}

enum err
store_load_outbox(struct db *db, struct arena *a, struct load_outbox **out,
    size_t *n)
{
	const char *const p[] = { sql_int(a, LOAD_MOST) };
	struct load_outbox *l;
	struct rows *r;
	size_t i;
	enum err e;

	if ((e = db_run(db, STMT_load_outbox, p, &r)) != ERR_OK)
		return e;
	*n = (size_t)rows_count(r);
	*out = l = arena_alloc(a, (*n + 1) * sizeof(*l));
	for (i = 0; i < *n; i++) {
		l[i].channel = arena_strdup(a, rows_text(r, (int)i, 0));
		l[i].waiting = rows_int(r, (int)i, 1);
		l[i].overdue = rows_num(r, (int)i, 2);
	}
	rows_free(r);
	return ERR_OK;
}

static enum err
change(struct db *db, enum stmt stmt, const char *const *p)
{
	struct rows *r;
	enum err e;

	if ((e = db_run(db, stmt, p, &r)) == ERR_OK)
		rows_free(r);
	return e;
}

enum err
store_dispatcher_seen(struct db *db, struct arena *a,
    const struct dispatcher_row *d)
{
	const char *const p[] = { d->worker, d->version,
	    sqlarr_text(a, d->kinds, d->n), sqlarr_text(a, d->engines, d->n),
	    sql_int(a, d->slots), sql_int(a, (int64_t)d->runs),
	    arena_printf(a, "%.3f", d->up) };

	return change(db, STMT_dispatcher_seen, p);
}

enum err
store_dispatcher_stopped(struct db *db, struct arena *a, const char *worker,
    size_t runs)
{
	const char *const p[] = { worker, sql_int(a, (int64_t)runs) };

	return change(db, STMT_dispatcher_stopped, p);
}
