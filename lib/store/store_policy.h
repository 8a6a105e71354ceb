/* SPDX-License-Identifier: BSD-2-Clause */
/* Retraining policies.  What is read is in the arena given. */
#ifndef STORE_POLICY_H
#define STORE_POLICY_H

#include <stdint.h>

#include "store/db.h"
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
/* Replaces what can be set; the rest is filled in. */
enum err store_policy_put(struct db *, struct arena *, const struct actor *,
    const char *judge_id, struct policy *) MUSTCHECK;

#endif
