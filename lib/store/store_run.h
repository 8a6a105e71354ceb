/* SPDX-License-Identifier: BSD-2-Clause */
/* Retraining runs in PostgreSQL.  What is read is in the arena given. */
#ifndef STORE_RUN_H
#define STORE_RUN_H

#include <stdint.h>

#include "store/db.h"
#include "store/store_page.h"

/* What a run is besides its job. */
struct run {
	const char	*job_id;
	const char	*trigger;
	const char	*created_by;	/* account; NULL: the server */
};

/* ERR_NOT_FOUND: no such run. */
enum err store_run_find(struct db *, struct arena *, const char *workspace_id,
    const char *run_id, struct run *) MUSTCHECK;

struct run_filter {
	const char	*judge_key, *trigger;	/* NULL: any */
	const char	*status;		/* the job's; NULL: any */
	int64_t		 since, until;		/* TS_NONE: any */
	int64_t		 limit, offset;
	/* behind this job; id NULL: from the beginning */
	int64_t		 after_at;
	const char	*after_id;
};

/*
 * In the transaction that it begins and the caller ends: the runs on the
 * page, newest first, and the places of their jobs.
 */
enum err store_run_page(struct db *, struct arena *, const char *workspace_id,
    const struct run_filter *, struct page_row **, struct run **, int *n)
    MUSTCHECK;
/* In that transaction: how many match, counted up to `most`. */
enum err store_run_count(struct db *, struct arena *,
    const char *workspace_id, const struct run_filter *, int64_t most,
    int64_t *count) MUSTCHECK;

#endif
