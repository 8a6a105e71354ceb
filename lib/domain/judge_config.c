/* SPDX-License-Identifier: BSD-2-Clause */
/* What a judge job is told, with its defaults. */
#include "config.h"

#include <string.h>

#include "domain/judge_config.h"
#include "domain/view.h"
#include "util/arena.h"
#include "util/ts.h"

static const struct loc	loc_config = { &loc_body, "training_config", 0 };
static const struct loc	loc_options = { &loc_body, "execution_options", 0 };

const struct job_locs job_locs_body = { &loc_config, &loc_options,
    &loc_options };

static const char *const type_words[TRAIN__MAX] = {
	[TRAIN_INCREMENTAL] = "incremental",
	[TRAIN_FULL] = "full_retrain",
	[TRAIN_FINE] = "fine_tune",
	[TRAIN_VALIDATION] = "validation",
};

static const char *const priority_words[] = { "low", "normal", "high" };

const char *
training_type_word(enum training_type type)
{
	return type_words[type];
}

int
training_type_parse(const char *word, enum training_type *out)
{
	int	i;

	for (i = 0; i < TRAIN__MAX; i++)
		if (strcmp(type_words[i], word) == 0) {
			*out = (enum training_type)i;
			return 0;
		}
	return -1;
}

/* Each leaves *out as it is when the member is absent or null. */
static void
read_int(const struct jv *obj, const char *key, int64_t *out)
{
	(void)jv_int(jv_member(obj, key), out);
}

static void
read_num(const struct jv *obj, const char *key, double *out)
{
	(void)jv_num(jv_member(obj, key), out);
}

static void
read_bool(const struct jv *obj, const char *key, int *out)
{
	(void)jv_bool(jv_member(obj, key), out);
}

static void
read_str(const struct jv *obj, const char *key, const char **out)
{
	const char	*s = jv_text(obj, key);

	if (s != NULL)
		*out = s;
}

void
training_config_init(struct training_config *c, enum training_type type)
{
	memset(c, 0, sizeof(*c));
	c->cutoff = TS_NONE;
	c->minimum = type == TRAIN_VALIDATION ? 1 : 10;
	c->split = 0.2;
	c->rate = type == TRAIN_FINE ? 0.0005 : 0.001;
	c->epochs = type == TRAIN_FINE ? 30 : 50;
	c->early_stopping = 1;
	c->optimize = "mae";
}

void
training_config_read(struct training_config *c, const struct jv *obj,
    struct arena *a)
{
	const struct jv	*list = jv_member(obj, "target_criteria");
	const char	**target, *s;
	size_t		 n = jv_len(list), i, len;
	int64_t		 us;

	s = jv_str(jv_member(obj, "feedback_cutoff_date"), &len);
	if (s != NULL && ts_parse(s, len, &us) == 0)
		c->cutoff = us;
	read_int(obj, "minimum_feedback_count", &c->minimum);
	read_num(obj, "validation_split", &c->split);
	read_num(obj, "learning_rate", &c->rate);
	read_int(obj, "max_epochs", &c->epochs);
	read_bool(obj, "early_stopping", &c->early_stopping);
	read_int(obj, "seed", &c->seed);
	read_str(obj, "optimize", &c->optimize);
	if (n == 0)
		return;
	target = arena_alloc(a, n * sizeof(*target));
	for (i = 0; i < n; i++)
		target[i] = jv_str(jv_at(list, i), NULL);
	c->target = target;
	c->ntargets = n;
}

void
training_config_write(const struct training_config *c,
    enum training_type type, struct jw *w)
{
	int	trains = type != TRAIN_VALIDATION;
	size_t	i;

	jw_obj(w);
	view_time(w, "feedback_cutoff_date", c->cutoff);
	jw_kint(w, "minimum_feedback_count", c->minimum);
	if (trains) {
		jw_knum(w, "validation_split", c->split);
		jw_knum(w, "learning_rate", c->rate);
		jw_kint(w, "max_epochs", c->epochs);
		jw_kbool(w, "early_stopping", c->early_stopping);
	}
	if (c->ntargets > 0) {
		jw_karr(w, "target_criteria");
		for (i = 0; i < c->ntargets; i++)
			jw_str(w, c->target[i]);
		jw_end(w);
	} else if (!trains)
		jw_knull(w, "target_criteria");
	jw_kint(w, "seed", c->seed);
	if (trains)
		jw_kstr(w, "optimize", c->optimize);
	jw_end(w);
}

void
execution_options_init(struct execution_options *o)
{
	memset(o, 0, sizeof(*o));
	o->backup = 1;
	o->require_improvement = 1;
	o->timeout_seconds = 3600;
	o->auto_start = 1;
}

void
execution_options_read(struct execution_options *o, const struct jv *obj)
{
	const char	*priority = NULL;
	int		 i;

	read_str(obj, "priority", &priority);
	for (i = 0; priority != NULL && i < 3; i++)
		if (strcmp(priority_words[i], priority) == 0)
			o->priority = i - 1;
	read_bool(obj, "auto_deploy", &o->auto_deploy);
	read_bool(obj, "backup_current_version", &o->backup);
	read_bool(obj, "require_improvement", &o->require_improvement);
	read_str(obj, "notification_email", &o->email);
	read_str(obj, "webhook_url", &o->webhook_url);
	read_str(obj, "webhook_secret", &o->webhook_secret);
	read_int(obj, "timeout_seconds", &o->timeout_seconds);
	read_bool(obj, "auto_start", &o->auto_start);
}

void
execution_options_write(const struct execution_options *o,
    enum training_type type, struct jw *w)
{
	jw_obj(w);
	jw_kstr(w, "priority", priority_words[o->priority + 1]);
	if (type != TRAIN_VALIDATION) {
		jw_kbool(w, "auto_deploy", o->auto_deploy);
		jw_kbool(w, "backup_current_version", o->backup);
		jw_kbool(w, "require_improvement", o->require_improvement);
	}
	jw_kstr(w, "notification_email", o->email);
	jw_kstr(w, "webhook_url", o->webhook_url);
	jw_kbool(w, "webhook_secret_set", o->webhook_secret != NULL);
	jw_kint(w, "timeout_seconds", o->timeout_seconds);
	jw_kbool(w, "auto_start", o->auto_start);
	jw_end(w);
}

void
judge_config_rules(enum training_type type, const struct training_config *c,
    const struct execution_options *o, const struct job_locs *at,
    struct faults *f)
{
	/* nothing is held out, so nothing could show an improvement */
	if (type != TRAIN_VALIDATION && c->split == 0 && o->auto_deploy &&
	    o->require_improvement)
		fault_add(f, LOC(at->config, "validation_split"),
		    "value_error", "must be greater than 0 when auto_deploy "
		    "and require_improvement are true");
	if (type == TRAIN_VALIDATION && o->auto_deploy)
		fault_add(f, LOC(at->options, "auto_deploy"),
		    "not_applicable", "does not apply to training_type "
		    "\"%s\"", training_type_word(type));
	if (o->webhook_secret != NULL && o->webhook_url == NULL)
		fault_add(f, LOC(at->notify, "webhook_secret"),
		    "value_error", "needs webhook_url");
}
