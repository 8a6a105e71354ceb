/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts and retries of judge jobs in PostgreSQL. */
#ifndef STORE_EXECUTION_H
#define STORE_EXECUTION_H

#include <stdint.h>

#include "store/db.h"
#include "store/store_job.h"
#include "store/store_judge.h"

struct execution {
	int64_t		 at;
	const char	*by;		/* user id, or command:<user> */
	const char	*override;	/* digest, hex; NULL: none */
	int64_t		 position;	/* 1 is next, 0: taken */
	/* by the current attempt; TS_NONE: not yet */
	int64_t		 preparing, training, validating, completed;
	int		 is_told;	/* there is a webhook URL */
	const char	*secret;	/* the job's own, NULL: none */
	int64_t		 criteria;	/* of the base version */
};

/* The current one of a judge job.  ERR_NOT_FOUND: no such job. */
enum err store_execution_get(struct db *, struct arena *,
    const char *workspace_id, const char *job_id, struct execution *)
    MUSTCHECK;

/* How a job is started: digest and JSON text; NULL: none. */
struct execution_start {
	const char	*id;
	const char	*override, *confirmation;
};

/*
 * Queues a locked, created job; what is in effect is taken from it.
 * ERR_CONFLICT: the slot of its judge is taken.
 */
enum err store_execution_start(struct db *, struct arena *,
    const struct actor *, const struct job *, const struct execution_start *)
    MUSTCHECK;

#endif
