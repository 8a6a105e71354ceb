/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Retraining policies that fire: one at a time, in a transaction that holds
 * the policy, so that of many processes one makes the run.
 */
#ifndef DOMAIN_POLICY_FIRE_H
#define DOMAIN_POLICY_FIRE_H

#include <stdint.h>

#include "domain/estimate.h"
#include "store/store_policy.h"
#include "util/err.h"

#define POLICY_AGAIN	60	/* seconds to the next look at what waits */
/*
 * Feedback that was on its way when a policy was set does not know of it:
 * for so long the policy is looked at without being told.
 */
#define POLICY_NEW	120

enum policy_verdict {
	POLICY_FIRE,
	POLICY_WAIT,		/* look again in *seconds */
	POLICY_REST		/* until there is more feedback */
};

/* Pure. */
enum policy_verdict policy_verdict(const struct policy_facts *,
    int64_t *seconds);

/* What was fired; ids in the arena. */
struct policy_fired {
	const char	*judge_key;
	const char	*run_id, *job_id;	/* uuids; NULL: nothing was */
	int64_t		 usable;
};

/*
 * Looks at one policy that is due and does what is to be done: fires, or sets
 * when to look again.  A transaction of its own.  After an error nothing is
 * changed.
 */
enum err policy_look(struct db *, struct arena *, struct pace *,
    const struct policy_place *, struct policy_fired *) MUSTCHECK;

#endif
