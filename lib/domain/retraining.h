/* SPDX-License-Identifier: BSD-2-Clause */
/* Retraining runs: a judge job each, made and shown under another name. */
#ifndef DOMAIN_RETRAINING_H
#define DOMAIN_RETRAINING_H

#include "domain/fault.h"
#include "domain/judge_job.h"
#include "domain/page.h"
#include "store/store_execution.h"
#include "store/store_run.h"
#include "util/jv.h"
#include "util/jw.h"

/*
 * Checks what depends on the training type, and reads a body that has passed
 * schema_create_run.  Faults for what does not go together.
 */
void run_read(const struct jv *body, struct arena *, struct faults *,
    struct judge_job_order *);

/* A run that is about to be created, at about `now`. */
void view_new_run(struct jw *, const struct job *, int64_t now, int is_told);
/* ERR_NOT_FOUND: no such job. */
enum err run_show(struct db *, struct arena *, const char *workspace_id,
    const struct run *, struct jw *) MUSTCHECK;
/* Its members, into an open object. */
void view_run_members(struct jw *, const struct job *,
    const struct execution *, const struct run *);

/* Reads a query that passed schema_runs_query. */
void run_filter_read(const struct jv *args, struct faults *,
    struct run_filter *, struct page *);
/*
 * Writes the whole reply.  Begins a transaction on the connection, which the
 * caller gives back.
 */
enum err run_list_write(struct db *, struct arena *, const char *workspace_id,
    const struct run_filter *, const struct page *, struct jw *) MUSTCHECK;

#endif
