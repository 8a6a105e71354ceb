/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting a judge job that was created and not started. */
#include "config.h"

#include <string.h>

#include "domain/judge_config.h"
#include "domain/judge_execute.h"
#include "domain/schema.h"
#include "domain/selection.h"
#include "domain/view.h"
#include "store/store_judge_job.h"
#include "util/hash.h"
#include "util/log.h"
#include "util/ts.h"

#define SECOND		INT64_C(1000000)
#define TO_BEGIN	(5 * SECOND)	/* until a worker takes the next job */

static const struct loc	loc_override = { &loc_body, "execution_override", 0 };
static const struct job_locs locs = { &loc_override, &loc_override,
    &loc_override };

void
execute_read(const struct jv *body, struct arena *a, struct execute_order *o)
{
	const struct jv	*confirmation = jv_member(body, "confirmation");
	struct jw	 w;
	const char	*text;
	size_t		 len;
	uint8_t		 digest[SHA256_LEN];
	char		 hex[SHA256_HEX_LEN];
	int		 confirmed = 1;

	memset(o, 0, sizeof(*o));
	o->override = jv_member(body, "execution_override");
	if (o->override != NULL) {
		jw_init(&w, a);
		schema_write(&schema_execution_override, o->override, &w);
		text = jw_text(&w, &len);
		if (strcmp(text, "{}") == 0)
			o->override = NULL;
		else {
			sha256(text, len, digest);
			hex_encode(digest, sizeof(digest), hex);
			o->digest = arena_strdup(a, hex);
		}
	}
	if (confirmation == NULL)
		return;
	jv_bool(jv_member(confirmation, "confirmed"), &confirmed);
	o->refused = !confirmed;
	jw_init(&w, a);
	schema_write(&schema_confirmation, confirmation, &w);
	o->confirmation = jw_text(&w, NULL);
}

static struct jv *
parsed(struct arena *a, const char *text)
{
	struct jv	*v;

	if (jv_parse_checked(a, text, strlen(text), &v) == -1)
		fatalx("a json column holds no JSON");
	return v;
}

static const char *
written(struct jw *w)
{
	return jw_text(w, NULL);
}

/* The job as it would run with the override. */
static void
override_apply(struct executing *x, enum training_type type,
    const struct execute_order *order)
{
	struct job			*j = &x->job;
	struct arena			*a = x->arena;
	struct training_config		 c;
	struct execution_options	 o;
	struct jw			 w;

	training_config_init(&c, type);
	training_config_read(&c, parsed(a, j->config), a);
	(void)jv_int(jv_member(order->override, "max_epochs"), &c.epochs);
	execution_options_init(&o);
	execution_options_read(&o, parsed(a, j->options));
	o.webhook_secret = x->now.secret;
	execution_options_read(&o, order->override);
	judge_config_rules(type, &c, &o, &locs, x->faults);
	jw_init(&w, a);
	training_config_write(&c, type, &w);
	j->config = written(&w);
	jw_init(&w, a);
	execution_options_write(&o, type, &w);
	j->options = written(&w);
	j->priority = o.priority;
	j->timeout_seconds = o.timeout_seconds;
	j->webhook_url = o.webhook_url;
	j->webhook_secret = o.webhook_secret;
	j->estimated_minutes = estimate_minutes(
	    pace_seconds(x->pace, x->db, a), selection_usable(&j->summary),
	    type == TRAIN_VALIDATION ? 1 : c.epochs,
	    c.ntargets > 0 ? (int64_t)c.ntargets : x->now.criteria);
}

enum err
execute_look(struct executing *x, const struct execute_order *order)
{
	struct schema_check	check = { .faults = x->faults };
	enum training_type	type;
	enum err		err;

	x->started = 0;
	x->detail = NULL;
	if ((err = store_judge_job_get(x->db, x->arena,
	    x->who->workspace_id, x->hold->now.id, &x->job)) != ERR_OK ||
	    (err = store_execution_get(x->db, x->arena, x->who->workspace_id,
	    x->hold->now.id, &x->now)) != ERR_OK)
		return err;
	x->job.webhook_secret = x->now.secret;
	if (order->override == NULL)
		return ERR_OK;
	if (training_type_parse(x->job.training_type, &type) == -1)
		fatalx("job %s has no known type", x->job.id);
	check.variant = 1u << type;
	check.variant_text = arena_printf(x->arena, "training_type \"%s\"",
	    x->job.training_type);
	schema_check(&check, &schema_execution_override, order->override,
	    &loc_override);
	override_apply(x, type, order);
	return x->faults->count > 0 ? ERR_VALIDATION : ERR_OK;
}

static enum err
start(struct executing *x, const struct execute_order *order)
{
	struct execution_start	s = { NULL, order->digest,
	    order->confirmation };
	char			id[UUID_LEN];
	enum err		err;

	if (x->full)
		return ERR_RATE;
	if ((err = job_startable(x->db, x->arena, x->who->workspace_id,
	    x->job.id, &x->detail)) != ERR_OK)
		return err;
	uuid_new(id);
	s.id = id;
	err = store_execution_start(x->db, x->arena, x->who, &x->job, &s);
	if (err != ERR_OK)
		return err == ERR_CONFLICT ? ERR_JOB_ACTIVE : err;
	x->started = 1;
	return ERR_OK;
}

enum err
execute(struct executing *x, const struct execute_order *order)
{
	enum err	err;

	if (state_phase(x->hold->state) == PHASE_FINISHED) {
		x->detail = arena_printf(x->arena, "job is %s and cannot be "
		    "executed", state_face_word(x->hold->state, FACE_JUDGE));
		return ERR_JOB_FINISHED;
	}
	if (order->refused) {
		x->detail = "the start is not confirmed";
		return ERR_INVALID_STATE;
	}
	if (x->hold->state == JOB_CREATED) {
		if ((err = start(x, order)) != ERR_OK)
			return err;
	} else if (order->digest != NULL && (x->now.override == NULL ||
	    strcmp(order->digest, x->now.override) != 0)) {
		x->detail = "the job was started with another override";
		return ERR_INVALID_STATE;
	}
	if ((err = store_judge_job_get(x->db, x->arena, x->who->workspace_id,
	    x->hold->now.id, &x->job)) != ERR_OK)
		return err;
	return store_execution_get(x->db, x->arena, x->who->workspace_id,
	    x->hold->now.id, &x->now);
}

/* Whole seconds; of a job that is taken, when that was. */
static int64_t
begins_at(const struct job *j, const struct execution *x)
{
	int64_t	ahead, from;

	if (x->position == 0 && j->started_at != TS_NONE)
		return j->started_at;
	from = j->queued_at == TS_NONE ? x->at : j->queued_at;
	ahead = x->position > 1 ? x->position - 1 : 0;
	return from - from % SECOND + TO_BEGIN +
	    ahead * j->estimated_minutes * 60 * SECOND;
}

static int64_t
ends_at(const struct job *j, const struct execution *x)
{
	return begins_at(j, x) + j->estimated_minutes * 60 * SECOND;
}

void
view_milestones(struct jw *w, const struct job *j, const struct execution *x,
    const char *const names[4])
{
	/* where the job is then, and how much of its time is over */
	static const struct {
		int	percent, share;
	} points[4] = { { 5, 0 }, { 20, 15 }, { 85, 85 }, { 100, 100 } };
	const int64_t	reached[4] = { x->preparing, x->training,
	    x->validating, x->completed };
	int64_t		begin = begins_at(j, x);
	int		i;

	jw_arr(w);
	for (i = 0; i < 4; i++) {
		if (i == 1 && strcmp(j->training_type, "validation") == 0)
			continue;
		jw_obj(w);
		jw_kstr(w, "name", names[i]);
		jw_kint(w, "percent", points[i].percent);
		view_time(w, "expected_at", begin +
		    j->estimated_minutes * 60 * points[i].share *
		    SECOND / 100);
		view_time(w, "reached_at", reached[i]);
		jw_end(w);
	}
	jw_end(w);
}

void
view_execution(struct jw *w, const struct job *j, const struct execution *x,
    const struct execution_terms *terms)
{
	static const char *const	names[4] = { "preparing", "training",
	    "validating", "completed" };
	char				wire[TYPEID_LEN];

	typeid_encode(j->id, wire);
	jw_obj(w);
	view_id(w, "job_id", "train_job_", j->id);
	view_id(w, "execution_id", "exec_", j->execution_id);
	jw_kstr(w, "status", strcmp(j->status, "validating") == 0 ?
	    "training" : j->status);
	jw_kint(w, "estimated_duration", j->estimated_minutes);
	jw_kobj(w, "resource_allocation");
	jw_kstr(w, "compute_tier", "standard");
	jw_kint(w, "gpu_count", 0);
	jw_knum(w, "memory_gb", terms->memory_gb);
	jw_knum(w, "estimated_cost",
	    (double)j->estimated_minutes * terms->price_per_minute);
	jw_kstr(w, "currency", "USD");
	jw_end(w);
	jw_kobj(w, "execution_timeline");
	jw_kint(w, "queue_position", x->position);
	view_time(w, "estimated_start_time", begins_at(j, x));
	view_time(w, "estimated_completion_time", ends_at(j, x));
	jw_key(w, "milestone_schedule");
	view_milestones(w, j, x, names);
	jw_end(w);
	jw_kobj(w, "monitoring_info");
	jw_kstr(w, "progress_url", arena_printf(w->buf.arena,
	    "/training/jobs/train_job_%s", wire));
	jw_kbool(w, "webhook_configured", x->is_told);
	jw_kint(w, "log_retention_days", terms->log_retention_days);
	jw_end(w);
	view_time(w, "executed_at", x->at);
	jw_kstr(w, "executed_by", x->by);
	jw_end(w);
}

void
view_started(struct jw *w, const struct job *j, const struct execution *x)
{
	jw_obj(w);
	view_id(w, "job_id", "train_job_", j->id);
	jw_kstr(w, "status", strcmp(j->status, "queued") == 0 ? "queued" :
	    strcmp(j->status, "preparing") == 0 ? "started" : "processing");
	view_time(w, "started_at", x->at);
	view_time(w, "estimated_completion", ends_at(j, x));
	jw_end(w);
}
