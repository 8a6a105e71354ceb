/* SPDX-License-Identifier: BSD-2-Clause */
/* Retraining policies in PostgreSQL. */
#include "config.h"

#include "store/sqlval.h"
#include "store/store_policy.h"

static enum err
policy_run(struct db *db, struct arena *a, enum stmt stmt,
    const char *const *params, struct policy *out)
{
	struct rows	*r;
	enum err	 err;

	if ((err = db_find(db, stmt, params, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	out->enabled = rows_bool(r, 0, 0);
	out->min_new_feedback = rows_int(r, 0, 1);
	out->min_interval_hours = rows_num(r, 0, 2);
	out->auto_deploy = rows_bool(r, 0, 3);
	out->updated_at = rows_ts(r, 0, 4);
	out->updated_by = rows_text(r, 0, 5);
	out->last_run_id = rows_text_opt(r, 0, 6);
	out->last_fired_at = rows_ts_opt(r, 0, 7);
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
	    sql_int(a, policy->min_new_feedback),
	    sql_real(a, policy->min_interval_hours),
	    policy->auto_deploy ? "true" : "false", who->account_id,
	    who->organization_id, who->request_id };

	return policy_run(db, a, STMT_policy_put, p, policy);
}

enum err
store_policy_wake(struct db *db, const char *workspace_id,
    const char *judge_id)
{
	const char *const	 p[] = { workspace_id, judge_id };

	return db_run(db, STMT_policy_wake, p, NULL);
}

enum err
store_policy_due(struct db *db, struct arena *a, int64_t most,
    struct policy_place **out, size_t *n)
{
	const char *const	 p[] = { sql_int(a, most) };
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_policy_due, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = (size_t)rows_count(r);
	*out = arena_zalloc(a, (*n + 1) * sizeof(**out));
	for (i = 0; i < rows_count(r); i++) {
		(*out)[i].workspace_id = rows_text(r, i, 0);
		(*out)[i].judge_id = rows_text(r, i, 1);
	}
	return ERR_OK;
}

enum err
store_policy_hold(struct db *db, const struct policy_place *at, int *held)
{
	const char *const	 p[] = { at->workspace_id, at->judge_id };
	struct rows		*r;
	enum err		 err;

	if ((err = db_run(db, STMT_policy_hold, p, &r)) != ERR_OK)
		return err;
	*held = rows_count(r) == 1;
	rows_free(r);
	return ERR_OK;
}

enum err
store_policy_facts(struct db *db, struct arena *a,
    const struct policy_place *at, struct policy_facts *f)
{
	const char *const	 p[] = { at->workspace_id, at->judge_id };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_policy_facts, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	f->min_new = rows_int(r, 0, 0);
	f->interval_hours = rows_num(r, 0, 1);
	f->auto_deploy = rows_bool(r, 0, 2);
	f->updated_by = rows_text(r, 0, 3);
	f->updated_at = rows_ts(r, 0, 4);
	f->last_fired_at = rows_ts_opt(r, 0, 5);
	f->judge_key = rows_text(r, 0, 6);
	f->archived = rows_bool(r, 0, 7);
	f->organization_id = rows_text(r, 0, 8);
	f->usable = rows_int(r, 0, 9);
	f->slot_taken = rows_bool(r, 0, 10);
	f->now = rows_ts(r, 0, 11);
	return ERR_OK;
}

enum err
store_policy_defer(struct db *db, struct arena *a,
    const struct policy_place *at, int64_t seconds)
{
	const char *const	 p[] = { at->workspace_id, at->judge_id,
	    seconds == -1 ? NULL : sql_int(a, seconds) };

	return db_run(db, STMT_policy_defer, p, NULL);
}

enum err
store_policy_fire(struct db *db, struct arena *a,
    const struct policy_place *at, const struct job *j, int64_t seconds)
{
	const struct feedback_summary	*s = &j->summary;
	const char *const		 p[] = { at->workspace_id,
	    at->judge_id, j->judge_key, j->organization_id, j->id,
	    j->retraining_run_id, j->execution_id, j->created_by,
	    sql_int(a, j->priority), sql_int(a, j->timeout_seconds), j->config,
	    j->options, sql_int(a, j->base_version),
	    sql_int(a, j->estimated_minutes), sql_int(a, s->first_number),
	    sql_int(a, s->high_water_mark),
	    sql_int(a, s->corrections), sql_int(a, s->ratings),
	    sql_int(a, s->approved), sql_int(a, s->rejected),
	    sql_int(a, s->comments),
	    sql_ts(a, s->earliest), sql_ts(a, s->latest),
	    sql_int(a, seconds) };

	return db_run(db, STMT_policy_fire, p, NULL);
}
