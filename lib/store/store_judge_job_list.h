/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of judge jobs.  What is read is in the arena given.  A page costs the
 * same however many jobs there are: each order has an index.
 */
#ifndef STORE_JUDGE_JOB_LIST_H
#define STORE_JUDGE_JOB_LIST_H

#include <stdint.h>

#include "store/db.h"
#include "store/store_page.h"

enum judge_job_sort {
	JUDGE_JOB_NEWEST, JUDGE_JOB_OLDEST,
	JUDGE_JOB_LAST_DONE, JUDGE_JOB_FIRST_DONE,
	JUDGE_JOB_MOST_DONE, JUDGE_JOB_LEAST_DONE
};

struct judge_job_filter {
	const char		*judge_key, *status, *type;	/* NULL: any */
	int64_t			 since, until;		/* TS_NONE: any */
	enum judge_job_sort	 order;
	int64_t			 limit, offset;
	/* newest and oldest: behind this one; id NULL: from the beginning */
	int64_t			 after_at;
	const char		*after_id;
};

/*
 * In the transaction that it begins and the caller ends: which jobs are on
 * the page, at most filter->limit.
 */
enum err store_judge_job_page(struct db *, struct arena *,
    const char *workspace_id, const struct judge_job_filter *,
    struct page_row **out, int *n) MUSTCHECK;
/* In that transaction: how many match, counted up to `most`. */
enum err store_judge_job_count(struct db *, struct arena *,
    const char *workspace_id, const struct judge_job_filter *, int64_t most,
    int64_t *count) MUSTCHECK;

#endif
