/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What callers do to a job of either face once it exists: cancel, retry.
 * In one transaction: job_hold(), the caller's own conditions, the verb.
 */
#ifndef DOMAIN_JOB_H
#define DOMAIN_JOB_H

#include "domain/state.h"
#include "store/store_job_life.h"
#include "store/store_judge.h"
#include "util/err.h"

/* Kinds of jobs, as the database has them; ends with NULL. */
extern const char *const job_kinds[];

struct job_hold {
	enum job_face	 face;
	enum job_state	 state;
	struct job_now	 now;		/* as the database has it */
};

/*
 * Takes a job for the rest of the transaction: nobody else changes it
 * meanwhile.  id is a uuid.  ERR_NOT_FOUND: not in this workspace, or of the
 * other face.
 */
enum err job_hold(struct db *, const char *workspace_id, enum job_face,
    const char *id, struct job_hold *) MUSTCHECK;
/*
 * What has not begun is cancelled at once, else its worker is asked to stop.
 * ERR_OK also for one that is cancelled, or asked to stop, already: nothing
 * changes then.
 *   ERR_JOB_FINISHED	completed or failed
 * *detail is the error's text, in the arena.
 */
enum err job_cancel(struct db *, struct arena *, const struct actor *,
    const struct job_hold *, const char **detail) MUSTCHECK;
/*
 * Queues a failed or cancelled job once more, as its next attempt.
 *   ERR_CONFLICT	hosted: it is neither
 *   ERR_JOB_FINISHED	judge: completed
 *   ERR_INVALID_STATE	judge: not finished yet, or the judge is archived
 *   ERR_JOB_ACTIVE	judge: another job has the judge's slot; with *detail
 *			NULL it took it just now and the transaction has failed
 */
enum err job_retry(struct db *, struct arena *, const struct actor *,
    const struct job_hold *, const char **detail) MUSTCHECK;

/*
 * May this judge job be queued, as far as its judge is concerned?  Until the
 * transaction's end the judge is not archived.
 *   ERR_INVALID_STATE	it is
 *   ERR_JOB_ACTIVE	another job has its slot
 */
enum err job_startable(struct db *, struct arena *, const char *workspace_id,
    const char *id, const char **detail) MUSTCHECK;

#endif
