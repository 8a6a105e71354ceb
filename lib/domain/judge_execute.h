/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting a judge job that was created and not started. */
#ifndef DOMAIN_JUDGE_EXECUTE_H
#define DOMAIN_JUDGE_EXECUTE_H

#include "domain/estimate.h"
#include "domain/fault.h"
#include "domain/job.h"
#include "store/store_execution.h"
#include "util/jv.h"
#include "util/jw.h"

/* What a caller says; all NULL: nothing. */
struct execute_order {
	const struct jv	*override;
	const char	*digest;	/* of it, hex */
	const char	*confirmation;	/* JSON text */
	int		 refused;	/* confirmed: false */
};

/* A body that has passed schema_execute_job. */
void execute_read(const struct jv *body, struct arena *,
    struct execute_order *);

struct executing {
	struct db		*db;
	struct arena		*arena;
	struct pace		*pace;
	const struct actor	*who;
	const struct job_hold	*hold;
	int			 full;	/* the workspace's queue is */
	struct faults		*faults;
	/* out */
	struct job		 job;	/* as it is then */
	struct execution	 now;
	int			 started;	/* by this call */
	const char		*detail;	/* of an error, or NULL */
};

/*
 * Under the order's rules for this job's type: ERR_VALIDATION and faults.
 * Reads job and execution.
 */
enum err execute_look(struct executing *, const struct execute_order *)
    MUSTCHECK;
/*
 * Then: starts a job that is created, and leaves one that is under way.
 *   ERR_RATE		it would have to be queued, and the queue is full
 *   ERR_JOB_FINISHED	it is over
 *   ERR_INVALID_STATE	not confirmed; another override than it was started
 *			with; its judge is archived
 *   ERR_JOB_ACTIVE	another job has the judge's slot
 */
enum err execute(struct executing *, const struct execute_order *) MUSTCHECK;

/* Settings of the site that a reply shows. */
struct execution_terms {
	double	memory_gb, price_per_minute;
	int64_t	log_retention_days;
};

/* The whole reply, and that of the short form. */
void view_execution(struct jw *, const struct job *, const struct execution *,
    const struct execution_terms *);
void view_started(struct jw *, const struct job *, const struct execution *);
/*
 * The points on a job's way, an array; names: of preparing, training (left
 * out for a validation), validating, completed.
 */
void view_milestones(struct jw *, const struct job *,
    const struct execution *, const char *const names[4]);

#endif
