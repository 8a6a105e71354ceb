/* SPDX-License-Identifier: BSD-2-Clause */
/* Retraining policies.  What is read is in the arena given. */
#ifndef STORE_POLICY_H
#define STORE_POLICY_H

#include <stdint.h>

#include "store/db.h"
#include "store/store_job.h"
#include "store/store_judge.h"

struct policy {
	int		 enabled;
	int64_t		 min_new_feedback;
	double		 min_interval_hours;
	int		 auto_deploy;
	/* filled in: TS_NONE, NULL when it was never set or never fired */
	int64_t		 updated_at;
	const char	*updated_by;	/* account */
	const char	*last_run_id;	/* uuid */
	int64_t		 last_fired_at;
};

/* ERR_NOT_FOUND: it was never set. */
enum err store_policy_get(struct db *, struct arena *,
    const char *workspace_id, const char *judge_id, struct policy *)
    MUSTCHECK;
/* Replaces what can be set; the rest is filled in.  It is looked at then. */
enum err store_policy_put(struct db *, struct arena *, const struct actor *,
    const char *judge_id, struct policy *) MUSTCHECK;
/*
 * In the transaction that brought feedback enough, or an archived judge back,
 * behind it: has the policy looked at, if there is one.
 */
enum err store_policy_wake(struct db *, const char *workspace_id,
    const char *judge_id) MUSTCHECK;

/* Whose policy it is, uuids. */
struct policy_place {
	const char	*workspace_id, *judge_id;
};

/* Those that are to be looked at now, `most` of them. */
enum err store_policy_due(struct db *, struct arena *, int64_t most,
    struct policy_place **, size_t *n) MUSTCHECK;
/*
 * Inside a transaction: until its end nobody else looks at it and its judge
 * does not change.  *held 0: somebody does already, or it is not due.
 */
enum err store_policy_hold(struct db *, const struct policy_place *,
    int *held) MUSTCHECK;

/* What decides whether it fires. */
struct policy_facts {
	int64_t		 min_new;
	double		 interval_hours;
	int		 auto_deploy;
	const char	*updated_by;	/* account */
	int64_t		 updated_at;
	int64_t		 last_fired_at;	/* TS_NONE: never */
	const char	*judge_key;
	int		 archived;
	const char	*organization_id;
	int64_t		 usable;	/* entries above the judge's mark */
	int		 slot_taken;
	int64_t		 now;
};

/* Once it is held. */
enum err store_policy_facts(struct db *, struct arena *,
    const struct policy_place *, struct policy_facts *) MUSTCHECK;
/* Looked at again so many seconds from now; -1: when there is feedback. */
enum err store_policy_defer(struct db *, struct arena *,
    const struct policy_place *, int64_t seconds) MUSTCHECK;
/*
 * Creates the run that a held policy fires, which is looked at again so many
 * seconds from now.  ERR_CONFLICT: the judge's slot was taken meanwhile.
 */
enum err store_policy_fire(struct db *, struct arena *,
    const struct policy_place *, const struct job *, int64_t seconds)
    MUSTCHECK;

#endif
