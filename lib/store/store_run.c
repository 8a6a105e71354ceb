/* SPDX-License-Identifier: BSD-2-Clause */
/* Retraining runs in PostgreSQL. */
#include "config.h"

#include "store/sqlval.h"
#include "store/store_run.h"

enum err
store_run_find(struct db *db, struct arena *a, const char *workspace_id,
    const char *run_id, struct run *out)
{
	const char *const	 p[] = { workspace_id, run_id };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_run_find, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	out->job_id = rows_text(r, 0, 0);
	out->trigger = rows_text(r, 0, 1);
	out->created_by = rows_text_opt(r, 0, 2);
	return ERR_OK;
}

/* $1 to $6 of both. */
static void
filter_params(struct arena *a, const char *workspace_id,
    const struct run_filter *f, const char *p[6])
{
	p[0] = workspace_id;
	p[1] = f->judge_key;
	p[2] = f->status;
	p[3] = f->trigger;
	p[4] = sql_ts(a, f->since);
	p[5] = sql_ts(a, f->until);
}

enum err
store_run_page(struct db *db, struct arena *a, const char *workspace_id,
    const struct run_filter *f, struct page_row **out, struct run **runs,
    int *n)
{
	const char	*p[10];
	struct rows	*r;
	enum err	 err;
	int		 i;

	filter_params(a, workspace_id, f, p);
	p[6] = sql_int(a, f->limit);
	p[7] = sql_int(a, f->offset);
	store_page_begin(a, 1, &p[5], f->after_at, f->after_id, &p[8],
	    &p[9]);
	if ((err = store_page_run(db, a, STMT_run_page, p, &r, out,
	    n)) != ERR_OK)
		return err;
	*runs = arena_zalloc(a, ((size_t)*n + 1) * sizeof(**runs));
	for (i = 0; i < *n; i++) {
		(*runs)[i].job_id = (*out)[i].id;
		(*runs)[i].trigger = rows_text(r, i, 2);
		(*runs)[i].created_by = rows_text_opt(r, i, 3);
	}
	return ERR_OK;
}

enum err
store_run_count(struct db *db, struct arena *a, const char *workspace_id,
    const struct run_filter *f, int64_t most, int64_t *count)
{
	const char	*p[7];

	filter_params(a, workspace_id, f, p);
	p[6] = sql_int(a, most);
	return db_int(db, STMT_run_count, p, count);
}
