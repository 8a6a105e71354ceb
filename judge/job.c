/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the job file. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/file.h"
#include "judge/job.h"
#include "judge/model_int.h"
#include "util/arena.h"
#include "util/jv.h"

#define JOB_FILE_MAX	((size_t)4 << 20)

/* Where the first fault is told; later ones keep quiet. */
struct fault {
	char	*text;
	size_t	 len;
	int	 set;
};

static const char *const type_names[] = {
	"incremental", "full_retrain", "fine_tune", "validation"
};

static const char *const optimize_names[] = {
	"mae", "rmse", "qwk", "spearman"
};

const char *
optimize_word(enum optimize o)
{
	return optimize_names[o];
}

static void
bad(struct fault *f, const char *key, const char *what)
{
	if (!f->set)
		snprintf(f->text, f->len, "job file: %s %s", key, what);
	f->set = 1;
}

int
criteria_find(const struct criteria *c, const char *id)
{
	int i;

	for (i = 0; i < c->n; i++)
		if (strcmp(c->id[i], id) == 0)
			return i;
	return -1;
}

/* NULL for null and absent; a fault then when it is needed. */
static const char *
get_str(struct arena *a, const struct jv *o, const char *key, int needed,
    struct fault *f)
{
	const struct jv *v = jv_member(o, key);
	const char *s = jv_str(v, NULL);

	if (s == NULL) {
		if (needed || v != NULL)
			bad(f, key, "must be a string");
		return NULL;
	}
	return arena_strdup(a, s);
}

static int64_t
get_int(const struct jv *o, const char *key, int64_t lo, int64_t hi,
    int64_t otherwise, struct fault *f)
{
	const struct jv *v = jv_member(o, key);
	int64_t n;

	if (v == NULL)
		return otherwise;
	if (!jv_int(v, &n) || n < lo || n > hi) {
		bad(f, key, "is not an integer in range");
		return otherwise;
	}
	return n;
}

static double
get_num(const struct jv *o, const char *key, double lo, double hi,
    double otherwise, struct fault *f)
{
	const struct jv *v = jv_member(o, key);
	double d;

	if (v == NULL)
		return otherwise;
	if (!jv_num(v, &d) || d < lo || d > hi) {
		bad(f, key, "is not a number in range");
		return otherwise;
	}
	return d;
}

static void
get_criteria(struct arena *a, const struct jv *list, struct criteria *out,
    struct fault *f)
{
	const struct jv *item, *item_fresh;
	const char *id, *name;
	double w;
	size_t i, n = jv_len(list);
	int fresh;

	memset(out, 0, sizeof(*out));
	if (jv_type(list) != JV_ARRAY || n < 1 || n > JUDGE_MAX_CRITERIA) {
		bad(f, "criteria", "must be an array of 1 to 50");
		return;
	}
	for (i = 0; i < n; i++) {
		item = jv_at(list, i);
		id = jv_text(item, "id");
		if (id == NULL || id[0] == '\0' ||
		    strlen(id) >= MODEL_ID_LEN ||
		    criteria_find(out, id) >= 0) {
			bad(f, "criteria", "has a bad id");
			return;
		}
		if (!jv_num(jv_member(item, "weight"), &w) || w <= 0 ||
		    w > 1e6) {
			bad(f, "criteria", "has a bad weight");
			return;
		}
		/* Not there: an older dispatcher, which knew none. */
		item_fresh = jv_member(item, "fresh");
		fresh = 0;
		if (item_fresh != NULL && !jv_bool(item_fresh, &fresh)) {
			bad(f, "criteria", "has a bad fresh");
			return;
		}
		out->id[out->n] = arena_strdup(a, id);
		out->head[out->n] = fresh ? "" : out->id[out->n];
		name = jv_text(item, "name");
		out->name[out->n] = arena_strdup(a, name != NULL ? name : id);
		out->weight[out->n++] = w;
	}
}

static void
get_version(struct arena *a, const struct jv *top, const char *model_key,
    const char *key, struct version *out, struct fault *f)
{
	const struct jv *v = jv_member(top, key);

	out->model = get_str(a, top, model_key, 0, f);
	out->number = get_int(v, "version_number", 1, INT32_MAX, 1, f);
	out->seen_through = get_int(v, "seen_through", 0, INT64_MAX, 0, f);
	out->seen_split = get_num(v, "seen_split", 0, 1, 1, f);
}

static void
get_targets(const struct jv *list, struct job *job, struct fault *f)
{
	const char *id;
	size_t i;
	int c;

	if (list == NULL)
		return;
	if (jv_type(list) != JV_ARRAY) {
		bad(f, "target_criteria", "must be an array");
		return;
	}
	for (i = 0; i < jv_len(list); i++) {
		id = jv_str(jv_at(list, i), NULL);
		if (id == NULL ||
		    (c = criteria_find(&job->base.criteria, id)) < 0) {
			bad(f, "target_criteria", "names an unknown criterion");
			return;
		}
		job->target[c] = 1;
		job->targets_given = 1;
	}
}

/* Jobs of an older server do not say. */
static void
get_optimize(const struct jv *v, struct job *job, struct fault *f)
{
	const char *s = jv_str(v, NULL);
	size_t i;

	if (v == NULL)
		return;
	for (i = 0; i < sizeof(optimize_names) / sizeof(optimize_names[0]);
	    i++)
		if (s != NULL && strcmp(s, optimize_names[i]) == 0) {
			job->optimize = (enum optimize)i;
			return;
		}
	bad(f, "optimize", "is unknown");
}

static void
get_config(const struct jv *cfg, struct job *job, struct fault *f)
{
	int fine = job->type == TRAIN_FINE_TUNE, flag = 1, c;
	const struct jv *v;

	job->split = get_num(cfg, "validation_split", 0, 0.9, 0.2, f);
	if (job->type == TRAIN_VALIDATION)
		job->split = 0;
	job->learning_rate = get_num(cfg, "learning_rate", 0, 1,
	    fine ? 0.0005 : 0.001, f);
	if (job->learning_rate <= 0)
		bad(f, "learning_rate", "must be greater than 0");
	job->max_epochs = (int)get_int(cfg, "max_epochs", 1, 1000,
	    fine ? 30 : 50, f);
	v = jv_member(cfg, "early_stopping");
	if (v != NULL && !jv_bool(v, &flag))
		bad(f, "early_stopping", "must be true or false");
	job->early_stopping = flag;
	job->seed = (uint32_t)get_int(cfg, "seed", 0, INT32_MAX, 0, f);
	get_optimize(jv_member(cfg, "optimize"), job, f);
	get_targets(jv_member(cfg, "target_criteria"), job, f);
	if (fine && !job->targets_given)
		bad(f, "target_criteria", "is needed for fine_tune");
	/* Only these two types aim at single criteria. */
	if (!job->targets_given ||
	    (!fine && job->type != TRAIN_VALIDATION))
		for (c = 0; c < job->base.criteria.n; c++)
			job->target[c] = 1;
}

static void
get_job(struct arena *a, const struct jv *top, struct job *job,
    struct fault *f)
{
	const struct jv *list;
	const char *s;
	size_t i;

	s = get_str(a, top, "schema_version", 1, f);
	if (s != NULL && strcmp(s, "1") != 0)
		bad(f, "schema_version", "is not supported");
	job->job_id = get_str(a, top, "job_id", 1, f);
	job->judge_id = get_str(a, top, "judge_id", 1, f);
	if (job->judge_id != NULL && (job->judge_id[0] == '\0' ||
	    strlen(job->judge_id) >= MODEL_ID_LEN))
		bad(f, "judge_id", "is too short or too long");
	s = get_str(a, top, "training_type", 1, f);
	for (i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
		if (s != NULL && strcmp(s, type_names[i]) == 0) {
			job->type = (enum train_type)i;
			job->type_name = type_names[i];
		}
	if (job->type_name == NULL)
		bad(f, "training_type", "is unknown");
	s = get_str(a, top, "content_type", 1, f);
	job->is_text = s != NULL && strcmp(s, "text") == 0;
	get_criteria(a, jv_member(top, "criteria"), &job->base.criteria, f);
	get_version(a, top, "base_model", "base", &job->base, f);
	get_version(a, top, "active_model", "active", &job->active, f);
	list = jv_member(jv_member(top, "active"), "criteria");
	if (list != NULL)
		get_criteria(a, list, &job->active.criteria, f);
	else
		job->active.criteria = job->base.criteria;
	/* A validation judges the base version: it is its own active one. */
	if (job->type == TRAIN_VALIDATION)
		job->active = job->base;
	job->high_water_mark = get_int(top, "high_water_mark", 0, INT64_MAX,
	    0, f);
	job->data = get_str(a, top, "data", 1, f);
	job->consistency = get_str(a, top, "consistency", 0, f);
	get_config(jv_member(top, "training_config"), job, f);
}

int
job_read(struct arena *a, const char *path, struct job *job, char *errbuf,
    size_t errlen)
{
	struct fault f = { errbuf, errlen, 0 };
	struct jv *top;
	size_t len;
	char *text;
	int rv;

	memset(job, 0, sizeof(*job));
	if ((text = file_read(path, JOB_FILE_MAX, &len)) == NULL) {
		snprintf(errbuf, errlen, "could not read the job file: %s",
		    strerrordesc_np(errno));
		return -1;
	}
	rv = jv_parse_checked(a, text, len, &top);
	free(text);
	if (rv == -1 || jv_type(top) != JV_OBJECT) {
		snprintf(errbuf, errlen, "the job file is not a JSON object");
		return -1;
	}
	get_job(a, top, job, &f);
	return f.set ? -1 : 0;
}
