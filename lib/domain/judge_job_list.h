/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of judge jobs. */
#ifndef DOMAIN_JUDGE_JOB_LIST_H
#define DOMAIN_JUDGE_JOB_LIST_H

#include "domain/fault.h"
#include "domain/page.h"
#include "store/store_judge_job_list.h"
#include "util/err.h"
#include "util/jv.h"
#include "util/jw.h"

/*
 * Reads a query that passed schema_judge_jobs_query.  Faults for what does
 * not go together.
 */
void judge_job_filter_read(const struct jv *args, struct faults *,
    struct judge_job_filter *, struct page *);
/*
 * Writes the whole reply.  Begins a transaction on the connection, which the
 * caller gives back.
 */
enum err judge_job_list_write(struct db *, struct arena *,
    const char *workspace_id, const struct judge_job_filter *,
    const struct page *, struct jw *) MUSTCHECK;

#endif
