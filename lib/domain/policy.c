/* SPDX-License-Identifier: BSD-2-Clause */
/* Retraining policies. */
#include "config.h"

#include <string.h>

#include "domain/policy.h"
#include "domain/schema.h"
#include "domain/view.h"

void
policy_read(const struct jv *body, struct policy *p)
{
	const struct schema	*s = &schema_retraining_policy;

	memset(p, 0, sizeof(*p));
	p->enabled = schema_bool(s, body, "enabled");
	p->min_new_feedback = schema_int(s, body, "min_new_feedback");
	p->min_interval_hours = schema_num(s, body, "min_interval_hours");
	p->auto_deploy = schema_bool(s, body, "auto_deploy");
	p->updated_at = p->last_fired_at = TS_NONE;
}

enum err
policy_get(struct db *db, struct arena *a, const char *workspace_id,
    const char *key, struct policy *p)
{
	struct judge_brief	judge;
	enum err		err;

	err = store_judge_find(db, workspace_id, key, &judge);
	if (err != ERR_OK)
		return err;
	policy_read(NULL, p);
	err = store_policy_get(db, a, workspace_id, judge.id, p);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err
policy_put(struct db *db, struct arena *a, const struct actor *who,
    const char *key, struct policy *p)
{
	struct judge_brief	judge;
	enum err		err;

	err = store_judge_find(db, who->workspace_id, key, &judge);
	return err != ERR_OK ? err : store_policy_put(db, a, who, judge.id,
	    p);
}

void
view_policy(struct jw *w, const char *key, const struct policy *p)
{
	jw_obj(w);
	jw_kstr(w, "judge_id", key);
	jw_kbool(w, "enabled", p->enabled);
	jw_kint(w, "min_new_feedback", p->min_new_feedback);
	jw_knum(w, "min_interval_hours", p->min_interval_hours);
	jw_kbool(w, "auto_deploy", p->auto_deploy);
	view_time(w, "updated_at", p->updated_at);
	jw_kstr(w, "updated_by", p->updated_by);
	view_id(w, "last_run_id", "run_", p->last_run_id);
	view_time(w, "last_fired_at", p->last_fired_at);
	jw_end(w);
}
