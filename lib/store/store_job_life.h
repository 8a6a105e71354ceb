/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A job's life after its creation, whichever face it has: what callers
 * change, its attempts, what happened to it.  What is read is in the arena
 * given.
 */
#ifndef STORE_JOB_LIFE_H
#define STORE_JOB_LIFE_H

#include <stdint.h>

#include "store/db.h"
#include "store/store_job.h"
#include "store/store_judge.h"
#include "util/ident.h"

/* A job that this transaction holds. */
struct job_now {
	char	id[UUID_LEN];
	char	status[16];		/* a word of state.tbl.h */
	int64_t	attempt, revision;
	int	cancel_requested;
};

/*
 * Inside a transaction: locks the job until its end.  face: hosted or judge.
 * ERR_NOT_FOUND.
 */
enum err store_job_lock(struct db *, const char *workspace_id,
    const char *id, const char *face, struct job_now *) MUSTCHECK;
/*
 * Ends a locked job (at_once), or asks its worker to end it.  Dispatchers
 * are told.
 */
enum err store_job_cancel(struct db *, const struct actor *, const char *id,
    int at_once) MUSTCHECK;
/*
 * Queues a locked, finished job as its next attempt.  execution_id NULL:
 * none.  ERR_CONFLICT: the slot of its judge is taken.
 */
enum err store_job_retry(struct db *, const struct actor *, const char *id,
    const char *execution_id) MUSTCHECK;

struct job_attempt {
	int64_t		 number;
	const char	*status;	/* of trainyard.attempt */
	const char	*engine, *error;
	int64_t		 queued_at, started_at, completed_at;
	const char	*metrics, *artifacts;	/* JSON text */
	const char	*execution_id;	/* NULL: none */
};

/*
 * The newest attempts of a job, at most `most`, by number; *total is how many
 * there are.  ERR_NOT_FOUND: no such job.
 */
enum err store_job_attempts(struct db *, struct arena *,
    const char *workspace_id, const char *id, const char *face, int64_t most,
    struct job_attempt **out, int *n, int64_t *total) MUSTCHECK;
/* A hosted job's artifacts as JSON text.  ERR_NOT_FOUND. */
enum err store_job_artifacts(struct db *, struct arena *,
    const char *workspace_id, const char *id, const char **out) MUSTCHECK;

struct job_event {
	int64_t		 seq;
	const char	*event;
	const char	*from, *to;	/* statuses, NULL: none */
	int64_t		 attempt;
	const char	*message;	/* NULL: none */
	const char	*data;		/* JSON text, NULL: none */
	int64_t		 at;
};

/* Events behind `after`, oldest first.  ERR_NOT_FOUND: no such job. */
enum err store_job_events(struct db *, struct arena *,
    const char *workspace_id, const char *id, const char *face,
    int64_t after, int64_t most, struct job_event **out, int *n) MUSTCHECK;

#endif
