/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of hosted jobs in PostgreSQL. */
#include "config.h"

#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_job_list.h"

/* A word that no column has: nothing matches. */
#define NOTHING		""

static const struct {
	enum stmt	stmt;
	int		down;
} orders[] = {
	[JOB_NEWEST] = { STMT_job_newest, 1 },
	[JOB_OLDEST] = { STMT_job_oldest, 0 },
	[JOB_LAST_CHANGED] = { STMT_job_last_changed, 1 },
	[JOB_FIRST_CHANGED] = { STMT_job_first_changed, 0 },
};

/* $1 to $12 of all of them. */
static void
filter_params(struct arena *a, const char *workspace_id,
    const struct job_filter *f, const char *p[12])
{
	p[0] = workspace_id;
	p[1] = !f->by_status ? NULL :
	    sqlarr_text(a, f->open, (size_t)f->nopen);
	p[2] = !f->by_status || f->done != NULL ? f->done : NOTHING;
	p[3] = f->nkinds == -1 ? NULL :
	    sqlarr_text(a, f->kind, (size_t)f->nkinds);
	p[4] = f->nkinds == -1 ? NULL : f->nkinds == 0 ? NOTHING :
	    f->kind[0];
	p[5] = f->nkinds == 2 ? f->kind[1] : NULL;
	p[6] = f->project_key;
	p[7] = f->ntags == 0 ? NULL :
	    sqlarr_text(a, f->tag, (size_t)f->ntags);
	p[8] = f->name;
	p[9] = f->model;
	p[10] = sql_ts(a, f->since);
	p[11] = sql_ts(a, f->until);
}

enum err
store_job_page(struct db *db, struct arena *a, const char *workspace_id,
    const struct job_filter *f, struct page_row **out, int *n)
{
	const char	*p[16], *none = NULL;
	struct rows	*r;
	int		 down = orders[f->order].down;

	filter_params(a, workspace_id, f, p);
	p[12] = sql_int(a, f->limit);
	p[13] = sql_int(a, f->offset);
	/* the other orders are not those of the bounds */
	store_page_begin(a, down, f->order == JOB_NEWEST ? &p[11] :
	    f->order == JOB_OLDEST ? &p[10] : &none, f->after_at,
	    f->after_id, &p[14], &p[15]);
	return store_page_run(db, a, orders[f->order].stmt, p, &r, out, n);
}

enum err
store_job_count(struct db *db, struct arena *a, const char *workspace_id,
    const struct job_filter *f, int64_t most, int64_t *count)
{
	const char	*p[13];

	filter_params(a, workspace_id, f, p);
	p[12] = sql_int(a, most);
	return db_int(db, STMT_job_count_hosted, p, count);
}

enum err
store_job_read(struct db *db, struct arena *a, const char *workspace_id,
    const struct page_row *at, int *n, struct job **out)
{
	const char *const	 p[] = { workspace_id,
	    store_page_ids(a, at, *n) };
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_job_read_hosted, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_zalloc(a, ((size_t)*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++)
		store_job_hosted_at(r, i, workspace_id, rows_text(r, i, 0),
		    &(*out)[i]);
	return ERR_OK;
}
