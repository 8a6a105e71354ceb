/* SPDX-License-Identifier: BSD-2-Clause */
/* Retraining policies that fire. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "domain/fault.h"
#include "domain/judge_job.h"
#include "domain/policy_fire.h"
#include "util/ts.h"

#define SECOND	INT64_C(1000000)

/* Whole seconds, none lost: a look that comes too early would be in vain. */
static int64_t
seconds_until(int64_t now, int64_t at)
{
	return at <= now ? 0 : (at - now + SECOND - 1) / SECOND;
}

static int64_t
interval(const struct policy_facts *f)
{
	return (int64_t)(f->interval_hours * 3600 * (double)SECOND);
}

enum policy_verdict
policy_verdict(const struct policy_facts *f, int64_t *seconds)
{
	if (f->archived)
		return POLICY_REST;
	*seconds = POLICY_AGAIN;
	if (f->usable < f->min_new)
		return f->now - f->updated_at < POLICY_NEW * SECOND ?
		    POLICY_WAIT : POLICY_REST;
	if (f->last_fired_at != TS_NONE &&
	    f->now < f->last_fired_at + interval(f)) {
		*seconds = seconds_until(f->now, f->last_fired_at +
		    interval(f));
		return POLICY_WAIT;
	}
	return f->slot_taken ? POLICY_WAIT : POLICY_FIRE;
}

/* Before the next look after a run. */
static int64_t
pause_after(const struct policy_facts *f)
{
	int64_t	seconds = seconds_until(0, interval(f));

	return seconds < POLICY_AGAIN ? POLICY_AGAIN : seconds;
}

static void
copy_id(char out[UUID_LEN], const char *id)
{
	(void)snprintf(out, UUID_LEN, "%s", id);
}

static enum err
fire(struct db *db, struct arena *a, struct pace *pace,
    const struct policy_place *at, const struct policy_facts *f,
    struct policy_fired *out)
{
	struct judge_job_order	 order = { .judge_key = f->judge_key,
				    .type = TRAIN_INCREMENTAL,
				    .locs = &job_locs_body,
				    .run_trigger = "feedback_threshold" };
	struct principal	 who = { .account_id = "" };
	struct tenant		 tenant = { .workspace_id = "" };
	struct judge_job_env	 env = { .arena = a, .pace = pace,
				    .who = &who, .tenant = &tenant };
	struct faults		 faults;
	struct job		 job;
	const char		*detail;
	enum err		 err;

	copy_id(who.account_id, f->updated_by);
	copy_id(tenant.workspace_id, at->workspace_id);
	copy_id(tenant.organization_id, f->organization_id);
	training_config_init(&order.config, order.type);
	order.config.minimum = f->min_new;
	execution_options_init(&order.options);
	order.options.auto_deploy = f->auto_deploy;
	faults_init(&faults, a);
	err = judge_job_prepare(&env, db, &order, &faults, &job, &detail);
	if (err != ERR_OK)
		return err;
	if ((err = store_policy_fire(db, a, at, &job,
	    pause_after(f))) != ERR_OK)
		return err;
	out->run_id = job.retraining_run_id;
	out->job_id = job.id;
	return ERR_OK;
}

/* Inside the transaction. */
static enum err
look(struct db *db, struct arena *a, struct pace *pace,
    const struct policy_place *at, struct policy_fired *out)
{
	struct policy_facts	f;
	int64_t			seconds = -1;
	enum err		err;
	int			held;

	if ((err = store_policy_hold(db, at, &held)) != ERR_OK || !held)
		return err;
	if ((err = store_policy_facts(db, a, at, &f)) != ERR_OK)
		return err;
	out->judge_key = f.judge_key;
	out->usable = f.usable;
	switch (policy_verdict(&f, &seconds)) {
	case POLICY_FIRE:
		return fire(db, a, pace, at, &f, out);
	case POLICY_WAIT:
		return store_policy_defer(db, a, at, seconds);
	case POLICY_REST:
		return store_policy_defer(db, a, at, -1);
	}
	return ERR_INTERNAL;
}

enum err
policy_look(struct db *db, struct arena *a, struct pace *pace,
    const struct policy_place *at, struct policy_fired *out)
{
	enum err	err;

	memset(out, 0, sizeof(*out));
	if ((err = db_begin(db)) != ERR_OK)
		return err;
	err = look(db, a, pace, at, out);
	if (err == ERR_OK)
		err = db_commit(db);
	if (err != ERR_OK) {
		db_rollback(db);
		out->run_id = NULL;
	}
	return err;
}
