/* SPDX-License-Identifier: BSD-2-Clause */
/* Retraining policies in PostgreSQL. */
#include "config.h"

#include "store/judge_row.h"
#include "store/store_policy.h"

static enum err
policy_run(struct db *db, struct arena *a, enum stmt stmt,
    const char *const *params, struct policy *out)
{
	struct rows	*r;
	enum err	 err;

	if ((err = db_run(db, stmt, params, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	if (rows_count(r) == 0)
		return ERR_NOT_FOUND;
	out->enabled = rows_bool(r, 0, 0);
	out->min_new_feedback = rows_int(r, 0, 1);
	out->min_interval_hours = rows_num(r, 0, 2);
	out->auto_deploy = rows_bool(r, 0, 3);
	out->updated_at = rows_ts(r, 0, 4);
	out->updated_by = rows_text(r, 0, 5);
	out->last_run_id = rows_text_opt(r, 0, 6);
	out->last_fired_at = col_time(r, 0, 7);
	return ERR_OK;
}

enum err
store_policy_get(struct db *db, struct arena *a, const char *workspace_id,
    const char *judge_id, struct policy *out)
{
	const char *const	 p[] = { workspace_id, judge_id };

	return policy_run(db, a, STMT_policy_get, p, out);
}

enum err
store_policy_put(struct db *db, struct arena *a, const struct actor *who,
    const char *judge_id, struct policy *policy)
{
	const char *const	 p[] = { who->workspace_id, judge_id,
	    policy->enabled ? "true" : "false",
	    arena_printf(a, "%lld", (long long)policy->min_new_feedback),
	    arena_printf(a, "%.17g", policy->min_interval_hours),
	    policy->auto_deploy ? "true" : "false", who->account_id,
	    who->organization_id, who->request_id };

	return policy_run(db, a, STMT_policy_put, p, policy);
}
