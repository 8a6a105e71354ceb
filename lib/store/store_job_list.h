/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of hosted jobs.  What is read is in the arena given.  A page costs
 * the same wherever it begins and however many jobs there are, as long as an
 * index has the filter; see the migration that makes them.
 */
#ifndef STORE_JOB_LIST_H
#define STORE_JOB_LIST_H

#include <stdint.h>

#include "store/db.h"
#include "store/store_job.h"
#include "store/store_page.h"

enum job_order {
	JOB_NEWEST, JOB_OLDEST, JOB_LAST_CHANGED, JOB_FIRST_CHANGED
};

struct job_filter {
	/* statuses as the database has them; NULL with nopen 0: any */
	const char	*open[2];	/* of jobs that are not finished */
	int		 nopen;
	const char	*done;		/* of finished ones; NULL: any */
	int		 by_status;	/* the three above count */
	const char	*kind[2];
	int		 nkinds;	/* -1: any; 2 is the most */
	const char	*project_key, *name, *model;	/* NULL: any */
	const char	**tag;
	int		 ntags;
	int64_t		 since, until;	/* TS_NONE: any */
	enum job_order	 order;
	int64_t		 limit, offset;
	/* behind this one; id NULL: from the beginning */
	int64_t		 after_at;
	const char	*after_id;
};

/*
 * In the transaction that it begins and the caller ends: which jobs are on
 * the page, at most filter->limit.
 */
enum err store_job_page(struct db *, struct arena *,
    const char *workspace_id, const struct job_filter *,
    struct page_row **out, int *n) MUSTCHECK;
/* In that transaction: how many match, counted up to `most`. */
enum err store_job_count(struct db *, struct arena *,
    const char *workspace_id, const struct job_filter *, int64_t most,
    int64_t *count) MUSTCHECK;
/* Those jobs, in that order, without series; *n: as many as still exist. */
enum err store_job_read(struct db *, struct arena *,
    const char *workspace_id, const struct page_row *, int *n,
    struct job **out) MUSTCHECK;

#endif
