/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One progress event of a hosted job that came by itself, over HTTP: recorded
 * as what the dispatcher reads from its runners is, under the same fence.
 */
#ifndef DOMAIN_POST_H
#define DOMAIN_POST_H

#include "domain/progress.h"
#include "store/batcher.h"
#include "store/store_attempt.h"
#include "util/err.h"

struct post {
	struct attempt_ref	 ref;	/* number 0: the current attempt */
	const struct progress	*event;
	int64_t			 lease_seconds;
	int			 minimal;	/* the job is shown without results */
	/* the answer */
	int64_t			 points;	/* of series that came with it */
	const struct job	*job;		/* see struct reported */
};

/*
 * Records an event that ends nothing, in one commit with those of other jobs.
 * ERR_CONFLICT: refused, see post_verdict().  May wait for the commit.
 */
enum err post_grouped(struct batcher *, struct arena *, struct post *)
    MUSTCHECK;
/*
 * Records any event in the caller's transaction.  ERR_CONFLICT: refused, and
 * nothing was changed.
 */
enum err post_alone(struct db *, struct arena *, struct post *) MUSTCHECK;
/*
 * What to answer to an event that was refused.  ERR_OK: it repeats the one
 * that ended its attempt.  ERR_JOB_FINISHED, ERR_CONFLICT, ERR_NOT_FOUND.
 */
enum err post_verdict(struct db *, struct arena *, const struct post *)
    MUSTCHECK;
/* The rule behind it: the job's status and its attempt's last event. */
enum err post_refusal(const char *job_status, const char *final_event,
    enum progress_type);
/* Now and then: keeps about the newest points of long series. */
void post_trim(struct db *, struct arena *, const struct post *);
/* Is it time for post_trim()?  The more points came, the more likely. */
int post_trim_due(const struct post *);

#endif
