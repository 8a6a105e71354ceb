/* SPDX-License-Identifier: BSD-2-Clause */
/* Creating judge jobs: the selection is frozen, then the row is written. */
#include "config.h"

#include <string.h>

#include "domain/judge.h"
#include "domain/judge_job.h"
#include "domain/judge_job_view.h"
#include "domain/retraining.h"
#include "domain/selection.h"
#include "domain/view.h"
#include "store/sqlarr.h"
#include "store/store_judge_job.h"
#include "util/ident.h"

#define NIL_UUID	"00000000-0000-0000-0000-000000000000"
/* Times that a judge may change between our look and our write. */
#define TRIES		5

/* One create on its way. */
struct making {
	const struct judge_job_env	*env;
	const struct judge_job_order	*order;
	struct faults			*faults;
	struct judge_basis		 basis;
	double				 pace;
	struct job			 job;
};

void
judge_job_variant(const struct jv *body, struct arena *a,
    struct schema_check *check)
{
	const char		*word;
	enum training_type	 type;

	word = jv_text(body, "training_type");
	if (word == NULL || training_type_parse(word, &type) == -1)
		return;
	check->variant = 1u << type;
	check->variant_text = arena_printf(a, "training_type \"%s\"", word);
}

void
judge_job_read(const struct jv *body, struct arena *a, struct faults *f,
    struct judge_job_order *o)
{
	memset(o, 0, sizeof(*o));
	o->judge_key = jv_text(body, "judge_id");
	(void)training_type_parse(jv_text(body, "training_type"), &o->type);
	o->locs = &job_locs_body;
	training_config_init(&o->config, o->type);
	training_config_read(&o->config, jv_member(body, "training_config"),
	    a);
	execution_options_init(&o->options);
	execution_options_read(&o->options,
	    jv_member(body, "execution_options"));
	judge_config_rules(o->type, &o->config, &o->options, o->locs, f);
}

static int
takes_slot(const struct judge_job_order *o)
{
	return o->options.auto_start && o->type != TRAIN_VALIDATION;
}

static const char *
wire_id(struct arena *a, const char *prefix, const char *uuid)
{
	char	text[TYPEID_LEN];

	typeid_encode(uuid, text);
	return arena_printf(a, "%s%s", prefix, text);
}

static void
check_targets(const struct making *m)
{
	const struct training_config	*c = &m->order->config;
	const struct judge_basis	*b = &m->basis;
	const struct loc		*list;
	size_t				 i, k;

	list = LOC(m->order->locs->config, "target_criteria");
	for (i = 0; i < c->ntargets; i++) {
		for (k = 0; k < b->ncriteria; k++)
			if (strcmp(b->criteria[k], c->target[i]) == 0)
				break;
		if (k == b->ncriteria)
			criterion_unknown(m->faults, LOC_AT(list, i),
			    c->target[i], b->key, b->criteria,
			    (int)b->ncriteria);
	}
}

/* Which entries the job will use: a few look-ups in indexes, no count. */
static enum err
select_feedback(struct making *m, struct db *db)
{
	const struct training_config	*c = &m->order->config;
	const struct judge_basis	*b = &m->basis;
	const char			*ws = m->env->tenant->workspace_id;
	struct feedback_summary		*s = &m->job.summary;
	struct arena			*a = m->env->arena;
	struct feedback_end		 end;
	struct feedback_share		*share;
	size_t				 n;
	int64_t				 since = 0, first;
	enum err			 err;

	if (c->cutoff != TS_NONE && (err = store_feedback_since(db, a, ws,
	    b->judge_id, c->cutoff, &since)) != ERR_OK)
		return err;
	first = selection_first(m->order->type, c->cutoff != TS_NONE, since,
	    b);
	if (c->ntargets > 0) {
		err = store_feedback_shares(db, a, ws, b->judge_id, first,
		    b->last_number, sqlarr_text(a, c->target, c->ntargets),
		    &share, &n);
		if (err == ERR_OK)
			selection_shares(s, b, first, share, n, a);
		return err;
	}
	if (first == 1) {
		selection_all(s, b);
		return ERR_OK;
	}
	err = store_feedback_end(db, a, ws, b->judge_id, first, &end);
	if (err == ERR_OK)
		selection_range(s, b, first, &end);
	return err;
}

/* All that is read. */
static enum err
read_basis(struct making *m, struct db *db)
{
	enum err	err;

	err = store_judge_basis(db, m->env->arena,
	    m->env->tenant->workspace_id, m->order->judge_key, &m->basis);
	if (err == ERR_OK) {
		check_targets(m);
		if (m->faults->count > 0)
			err = ERR_VALIDATION;
	}
	if (err == ERR_OK)
		err = select_feedback(m, db);
	if (err == ERR_OK)
		m->pace = pace_seconds(m->env->pace, db, m->env->arena);
	return err;
}

static enum err
look(struct making *m)
{
	struct db	*db;
	enum err	 err;

	if ((err = pool_take(m->env->pool, &db)) != ERR_OK)
		return err;
	err = read_basis(m, db);
	pool_give(m->env->pool, db);
	return err;
}

/* The contract's order behind what the body names. */
static enum err
check_judge(const struct making *m, int64_t quota, const char **detail)
{
	const struct judge_job_order	*o = m->order;
	const struct judge_basis	*b = &m->basis;
	struct arena			*a = m->env->arena;
	int64_t				 usable;

	if (quota >= 0) {
		*detail = arena_printf(a, "quota: %lld jobs are queued in "
		    "workspace %s", (long long)quota,
		    m->env->tenant->workspace_key);
		return ERR_RATE;
	}
	if (b->archived) {
		*detail = arena_printf(a, "judge %s is archived", b->key);
		return ERR_INVALID_STATE;
	}
	if (takes_slot(o) && b->slot_job_id != NULL) {
		*detail = arena_printf(a, "judge %s already has an active "
		    "job: %s", b->key, wire_id(a, "train_job_",
		    b->slot_job_id));
		return ERR_JOB_ACTIVE;
	}
	usable = selection_usable(&m->job.summary);
	if (usable < o->config.minimum) {
		fault_add(m->faults, LOC(o->locs->config,
		    "minimum_feedback_count"), "insufficient_feedback",
		    "%lld of %lld available", (long long)usable,
		    (long long)o->config.minimum);
		return ERR_INSUFFICIENT_FEEDBACK;
	}
	return ERR_OK;
}

/* What does not change from one try to the next. */
static void
begin_job(struct making *m, int dry)
{
	const struct judge_job_order	*o = m->order;
	struct arena			*a = m->env->arena;
	struct job			*j = &m->job;
	struct jw			 w;
	char				*id, *execution, *run;

	id = arena_strdup(a, NIL_UUID);
	execution = arena_strdup(a, NIL_UUID);
	run = arena_strdup(a, NIL_UUID);
	if (!dry) {
		uuid_new(id);
		uuid_new(execution);
		uuid_new(run);
	}
	memset(j, 0, sizeof(*j));
	j->id = id;
	j->workspace_id = m->env->tenant->workspace_id;
	j->organization_id = m->env->tenant->organization_id;
	j->kind = "judge";
	j->status = o->options.auto_start ? "queued" : "created";
	j->priority = o->options.priority;
	j->attempt = 1;
	j->revision = 1;
	j->timeout_seconds = o->options.timeout_seconds;
	j->created_by = m->env->who->account_id;
	j->training_type = training_type_word(o->type);
	j->webhook_url = o->options.webhook_url;
	j->webhook_secret = o->options.webhook_secret;
	j->execution_id = o->options.auto_start ? execution : NULL;
	j->retraining_run_id = o->run_trigger != NULL ? run : NULL;
	j->run_trigger = o->run_trigger;
	jw_init(&w, a);
	training_config_write(&o->config, o->type, &w);
	j->config = jw_text(&w, NULL);
	jw_init(&w, a);
	execution_options_write(&o->options, o->type, &w);
	j->options = jw_text(&w, NULL);
	j->started_at = j->completed_at = j->cancel_requested_at = TS_NONE;
}

/* The rest, from the basis as it was read last; `now` may be TS_PENDING. */
static void
finish_job(struct making *m, int64_t now)
{
	const struct judge_job_order	*o = m->order;
	const struct judge_basis	*b = &m->basis;
	struct job			*j = &m->job;

	j->judge_id = b->judge_id;
	j->judge_key = b->key;
	j->judge_name = b->name;
	j->base_version = b->active_version;
	j->estimated_minutes = estimate_minutes(m->pace,
	    selection_usable(&j->summary),
	    o->type == TRAIN_VALIDATION ? 1 : o->config.epochs,
	    (int64_t)(o->config.ntargets > 0 ? o->config.ntargets :
	    b->ncriteria));
	j->created_at = j->updated_at = now;
	j->queued_at = o->options.auto_start ? now : TS_NONE;
}

static void
write_body(const struct making *m, int dry, struct judge_job_made *out)
{
	struct jw	w;

	jw_init(&w, m->env->arena);
	if (m->order->run_trigger != NULL)
		view_new_run(&w, &m->job, m->basis.now,
		    m->basis.is_told || m->job.webhook_url != NULL);
	else {
		jw_obj(&w);
		view_judge_job_members(&w, &m->job, 0);
		if (dry)
			jw_kbool(&w, "validate_only", 1);
		jw_end(&w);
	}
	out->body = jw_text(&w, &out->len);
}

/* -1: there is room; else the quota that is used up. */
static enum err
ask_quota(const struct judge_job_env *env, const struct judge_job_order *o,
    int64_t *quota)
{
	enum err	err;

	*quota = -1;
	if (!o->options.auto_start)
		return ERR_OK;
	err = limits_quota(env->limits, env->tenant, quota);
	if (err == ERR_RATE)
		return ERR_OK;
	*quota = -1;
	return err;
}

enum err
judge_job_create(const struct judge_job_env *env,
    const struct judge_job_order *order, struct job_request *rq, int dry,
    struct faults *faults, struct judge_job_made *out)
{
	struct making		m = { .env = env, .order = order,
				    .faults = faults };
	enum judge_create	outcome;
	int64_t			quota = -1, created_at;
	enum err		err;
	int			try;

	memset(out, 0, sizeof(*out));
	begin_job(&m, dry);
	out->id = wire_id(env->arena, "train_job_", m.job.id);
	out->location = m.job.retraining_run_id != NULL ?
	    arena_printf(env->arena, "/retraining/runs/%s",
	    wire_id(env->arena, "run_", m.job.retraining_run_id)) :
	    arena_printf(env->arena, "/training/jobs/%s", out->id);
	for (try = 0; try < TRIES; try++) {
		err = look(&m);
		if (err == ERR_NOT_FOUND)
			out->detail = arena_printf(env->arena,
			    "no such judge: %s", order->judge_key);
		if (err != ERR_OK)
			return err;
		if (try == 0 &&
		    (err = ask_quota(env, order, &quota)) != ERR_OK)
			return err;
		if ((err = check_judge(&m, quota, &out->detail)) != ERR_OK)
			return err;
		finish_job(&m, dry ? m.basis.now : TS_PENDING);
		write_body(&m, dry, out);
		if (dry)
			return ERR_OK;
		rq->location = out->location;
		rq->body = out->body;
		err = store_judge_job_create(env->writer, env->arena, &m.job,
		    rq, &outcome, &created_at);
		if (err != ERR_OK)
			return err;
		if (outcome == JUDGE_CREATE_KEY)
			return ERR_CONFLICT;
		if (outcome == JUDGE_CREATE_MADE) {
			out->body = view_fill_time(env->arena, out->body,
			    &out->len, created_at);
			return ERR_OK;
		}
	}
	/* it changes faster than we can look at it */
	return ERR_UNAVAILABLE;
}

enum err
judge_job_prepare(const struct judge_job_env *env, struct db *db,
    const struct judge_job_order *order, struct faults *faults,
    struct job *out, const char **detail)
{
	struct making	m = { .env = env, .order = order, .faults = faults };
	enum err	err;

	*detail = NULL;
	begin_job(&m, 0);
	if ((err = read_basis(&m, db)) != ERR_OK ||
	    (err = check_judge(&m, -1, detail)) != ERR_OK)
		return err;
	finish_job(&m, m.basis.now);
	*out = m.job;
	return ERR_OK;
}
