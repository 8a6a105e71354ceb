/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists on the hosted face: jobs, and what belongs to one job. */
#ifndef DOMAIN_HOSTED_LIST_H
#define DOMAIN_HOSTED_LIST_H

#include "domain/fault.h"
#include "domain/page.h"
#include "domain/state.h"
#include "store/store_job_list.h"
#include "util/err.h"
#include "util/jv.h"
#include "util/jw.h"

/*
 * Reads a query that passed schema_jobs_query.  Faults for what does not go
 * together.
 */
void hosted_filter_read(const struct jv *args, struct arena *,
    struct faults *, struct job_filter *, struct page *);
/*
 * Writes TrainingJobList.  Begins a transaction on the connection, which the
 * caller gives back.
 */
enum err hosted_list_write(struct db *, struct arena *,
    const char *workspace_id, const struct job_filter *, const struct page *,
    struct jw *) MUSTCHECK;

/* Each writes the whole reply; id is a uuid.  ERR_NOT_FOUND: no such job. */
enum err hosted_artifacts_write(struct db *, struct arena *,
    const char *workspace_id, const char *id, struct jw *) MUSTCHECK;
/* The same for both faces. */
enum err job_attempts_write(struct db *, struct arena *,
    const char *workspace_id, enum job_face, const char *id, struct jw *)
    MUSTCHECK;
/* With a query that passed the schema of the face's events; *items: so many. */
enum err job_events_write(struct db *, struct arena *,
    const char *workspace_id, enum job_face, const char *id,
    const struct jv *args, struct jw *, int *items) MUSTCHECK;

#endif
