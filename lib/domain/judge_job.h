/* SPDX-License-Identifier: BSD-2-Clause */
/* Judge training jobs: what may be asked for, and making it. */
#ifndef DOMAIN_JUDGE_JOB_H
#define DOMAIN_JUDGE_JOB_H

#include "domain/access.h"
#include "domain/estimate.h"
#include "domain/fault.h"
#include "domain/judge_config.h"
#include "domain/limits.h"
#include "domain/schema.h"
#include "store/batcher.h"
#include "store/pool.h"
#include "store/store_job.h"
#include "util/err.h"

/* A job as it was asked for, whoever asks. */
struct judge_job_order {
	const char			*judge_key;
	enum training_type		 type;
	struct training_config		 config;
	struct execution_options	 options;
	const struct job_locs		*locs;
	const char			*run_trigger;	/* NULL: no run */
};

/*
 * What of the schema applies to a body of POST /training/jobs, by its
 * training_type; all of it while that is not a known word.
 */
void judge_job_variant(const struct jv *body, struct arena *,
    struct schema_check *);
/*
 * Reads a body that has passed schema_create_judge_job.  Rules between
 * fields become faults.
 */
void judge_job_read(const struct jv *body, struct arena *,
    struct faults *, struct judge_job_order *);

/* What creating needs of the rest of the program. */
struct judge_job_env {
	struct arena		*arena;
	struct pool		*pool;
	struct batcher		*writer;
	struct limits		*limits;
	struct pace		*pace;
	const struct principal	*who;
	const struct tenant	*tenant;
};

struct judge_job_made {
	const char	*id;		/* train_job_... */
	const char	*body;		/* the job object, or the run's */
	size_t		 len;
	const char	*location;	/* path of the job */
	const char	*detail;	/* of an error; NULL: its faults or text */
};

/*
 * Checks everything else, in the contract's order, and creates the job; dry:
 * only as it would be, with the time of now and an id of zeros.  rq brings
 * request and idempotency key; its location and body are filled in.
 *   ERR_NOT_FOUND              no such judge
 *   ERR_VALIDATION             faults: unknown criteria
 *   ERR_RATE                   the workspace's queue is full
 *   ERR_INVALID_STATE          the judge is archived
 *   ERR_JOB_ACTIVE             the judge's slot is taken
 *   ERR_INSUFFICIENT_FEEDBACK  with its fault
 *   ERR_CONFLICT               the idempotency key was taken meanwhile
 * Takes connections and waits for the writer: hold none.
 */
enum err judge_job_create(const struct judge_job_env *,
    const struct judge_job_order *, struct job_request *rq, int dry,
    struct faults *, struct judge_job_made *) MUSTCHECK;
/*
 * The job as it is to be, on a connection of the caller's, who writes it in
 * the same transaction; errors as above, but nobody asks for the quota.  Of
 * env only arena, pace, who and tenant are looked at.
 */
enum err judge_job_prepare(const struct judge_job_env *, struct db *,
    const struct judge_job_order *, struct faults *, struct job *,
    const char **detail) MUSTCHECK;

#endif
