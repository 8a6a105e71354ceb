/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of judge jobs in PostgreSQL. */
#include "config.h"

#include "store/sqlval.h"
#include "store/store_judge_job_list.h"

static const enum stmt orders[] = {
	[JUDGE_JOB_NEWEST] = STMT_judge_job_newest,
	[JUDGE_JOB_OLDEST] = STMT_judge_job_oldest,
	[JUDGE_JOB_LAST_DONE] = STMT_judge_job_last_done,
	[JUDGE_JOB_FIRST_DONE] = STMT_judge_job_first_done,
	[JUDGE_JOB_MOST_DONE] = STMT_judge_job_most_done,
	[JUDGE_JOB_LEAST_DONE] = STMT_judge_job_least_done,
};

/* $1 to $6 of all of them. */
static void
filter_params(struct arena *a, const char *workspace_id,
    const struct judge_job_filter *f, const char *p[6])
{
	p[0] = workspace_id;
	p[1] = f->judge_key;
	p[2] = f->status;
	p[3] = f->type;
	p[4] = sql_ts(a, f->since);
	p[5] = sql_ts(a, f->until);
}

enum err
store_judge_job_page(struct db *db, struct arena *a,
    const char *workspace_id, const struct judge_job_filter *f,
    struct page_row **out, int *n)
{
	const char	*p[10];
	struct rows	*r;
	int		 up = f->order == JUDGE_JOB_OLDEST;

	filter_params(a, workspace_id, f, p);
	p[6] = sql_int(a, f->limit);
	p[7] = sql_int(a, f->offset);
	if (up || f->order == JUDGE_JOB_NEWEST)
		store_page_begin(a, !up, up ? &p[4] : &p[5], f->after_at,
		    f->after_id, &p[8], &p[9]);
	return store_page_run(db, a, orders[f->order], p, &r, out, n);
}

enum err
store_judge_job_count(struct db *db, struct arena *a,
    const char *workspace_id, const struct judge_job_filter *f, int64_t most,
    int64_t *count)
{
	const char	*p[7];

	filter_params(a, workspace_id, f, p);
	p[6] = sql_int(a, most);
	return db_int(db, STMT_judge_job_count, p, count);
}
