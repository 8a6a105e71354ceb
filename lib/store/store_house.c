/* SPDX-License-Identifier: BSD-2-Clause */
/* Retention. */
#include "config.h"

#include <string.h>

#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_house.h"
#include "util/log.h"

static enum err
delete_run(struct db *db, enum stmt stmt, const char *const *p, long *gone)
{
	struct rows *r;
	enum err e;

	*gone = 0;
	if ((e = db_run(db, stmt, p, &r)) != ERR_OK)
		return e;
	*gone = rows_affected(r);
	rows_free(r);
	return ERR_OK;
}

enum err
store_house_partitions(struct db *db, struct arena *a, const char *table,
    int64_t days, size_t most, struct partition_work *out)
{
	const char *const p[] = { table, sql_int(a, days),
	    sql_int(a, (int64_t)most) };
	struct rows *r;
	enum err e;

	if ((e = db_run(db, STMT_retain_partitions, p, &r)) != ERR_OK)
		return e;
	out->made = (long)rows_int(r, 0, 0);
	out->dropped = (long)rows_int(r, 0, 1);
	out->removed = (long)rows_int(r, 0, 2);
	out->busy = rows_bool(r, 0, 3);
	rows_free(r);
	return ERR_OK;
}

static const char nil[UUID_LEN] = "00000000-0000-0000-0000-000000000000";

void
metric_walk_begin(struct metric_walk *w)
{
	memcpy(w->workspace_id, nil, sizeof(nil));
	memcpy(w->job_id, nil, sizeof(nil));
}

int
metric_walk_over(const struct metric_walk *w)
{
	return strcmp(w->workspace_id, nil) == 0;
}

static void
place_set(char out[UUID_LEN], const char *text)
{
	if (!uuid_parse(text, out))
		fatalx("a job's place is no UUID: %s", text);
}

enum err
store_house_metrics(struct db *db, struct arena *a, int64_t days, size_t jobs,
    size_t most, struct metric_walk *w, long *gone, int *more)
{
	const char *const p[] = { sql_int(a, days), w->workspace_id,
	    w->job_id, sql_int(a, (int64_t)jobs), sql_int(a, (int64_t)most) };
	long metrics, series;
	struct rows *r;
	enum err e;

	*gone = 0;
	*more = 0;
	if ((e = db_run(db, STMT_retain_metrics, p, &r)) != ERR_OK)
		return e;
	if (rows_count(r) == 0)
		metric_walk_begin(w);
	else {
		metrics = (long)rows_int(r, 0, 2);
		series = (long)rows_int(r, 0, 3);
		*gone = metrics + series;
		*more = metrics == (long)most || series == (long)most;
		if (!*more) {
			place_set(w->workspace_id, rows_text(r, 0, 0));
			place_set(w->job_id, rows_text(r, 0, 1));
		}
	}
	rows_free(r);
	return ERR_OK;
}

enum err
store_house_keys(struct db *db, struct arena *a, size_t most, long *gone)
{
	const char *const p[] = { sql_int(a, (int64_t)most) };

	return delete_run(db, STMT_retain_keys, p, gone);
}

enum err
store_house_outbox(struct db *db, struct arena *a, int64_t days, size_t most,
    long *gone)
{
	const char *const p[] = { sql_int(a, days), sql_int(a, (int64_t)most) };

	return delete_run(db, STMT_retain_outbox, p, gone);
}

enum err
store_house_statistics(struct db *db, struct arena *a, const char **table)
{
	struct rows *r;
	enum err e;

	*table = NULL;
	if ((e = db_run(db, STMT_statistics_keep, NULL, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	*table = rows_text_opt(r, 0, 0);
	return ERR_OK;
}

enum err
store_house_dispatchers(struct db *db, long *gone)
{
	return delete_run(db, STMT_retain_dispatchers, NULL, gone);
}

enum err
store_house_jobs(struct db *db, struct arena *a, struct attempt_ref *refs,
    size_t *n, int64_t days)
{
	struct buf col[2];
	const char *p[3];
	struct rows *r;
	size_t i, kept = 0;
	enum err e;
	int k;

	if (*n == 0)
		return ERR_OK;
	sqlarr_begin_cols(col, 2, a);
	for (i = 0; i < *n; i++) {
		sqlarr_add(&col[0], refs[i].workspace_id);
		sqlarr_add(&col[1], refs[i].job_id);
	}
	sqlarr_end_cols(col, 2, p);
	p[2] = sql_int(a, days);
	if ((e = db_run(db, STMT_retain_jobs, p, &r)) != ERR_OK)
		return e;
	for (i = 0; i < *n; i++)
		for (k = 0; k < rows_count(r); k++)
			if (strcmp(rows_text(r, k, 0), refs[i].job_id) == 0) {
				refs[kept++] = refs[i];
				break;
			}
	rows_free(r);
	*n = kept;
	return ERR_OK;
}
