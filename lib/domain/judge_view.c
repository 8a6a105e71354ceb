/* SPDX-License-Identifier: BSD-2-Clause */
/* Views of the judge face, but for jobs. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "domain/judge_view.h"
#include "domain/view.h"
#include "util/log.h"

/* A column's JSON; what PostgreSQL keeps as JSON is JSON. */
static struct jv *
column(struct arena *a, const char *json)
{
	struct jv	*v;

	if (json == NULL)
		return NULL;
	if (jv_parse_checked(a, json, strlen(json), &v) == -1)
		fatalx("a JSON column is not JSON");
	return v;
}

/* "key": a number of the table's decimals, null when it is none. */
static void
write_metric(struct jw *w, const char *key, double x)
{
	jw_kround(w, key, x, METRIC_DIGITS);
}

static void
write_criteria(struct jw *w, const struct criterion *c, int n)
{
	int	i;

	jw_karr(w, "criteria");
	for (i = 0; i < n; i++, c++) {
		jw_obj(w);
		jw_kstr(w, "id", c->id);
		jw_kstr(w, "name", c->name);
		jw_kstr(w, "description", c->description);
		jw_knum(w, "weight", c->weight);
		jw_end(w);
	}
	jw_end(w);
}

void
view_judge(struct jw *w, const struct judge *j)
{
	int	training;

	training = strcmp(j->status, "training") == 0;
	jw_kstr(w, "id", j->key);
	jw_kstr(w, "name", j->name);
	jw_kstr(w, "description", j->description);
	jw_kstr(w, "content_type", j->content_type);
	jw_kstr(w, "status", j->status);
	jw_kint(w, "training_progress", training ? j->active_progress :
	    strcmp(j->status, "ready") == 0 ? 100 : 0);
	write_criteria(w, j->criterion, j->ncriteria);
	view_time(w, "created_at", j->created_at);
	view_time(w, "updated_at", j->updated_at);
	jw_kint(w, "version_number", j->version);
	jw_kbool(w, "is_active", j->archived_at == TS_NONE);
	jw_kstr(w, "created_by", j->created_by);
	view_time(w, "archived_at", j->archived_at);
	view_id(w, "active_job_id", "train_job_", j->active_job);
	jw_kobj(w, "feedback");
	jw_kint(w, "total_feedback_count", j->entries);
	jw_kint(w, "usable_count", j->usable);
	jw_kint(w, "unprocessed_count", j->usable - j->usable_marked);
	jw_end(w);
}

/* A number at the end of a path of members; NAN: none. */
static double
number_at(const struct jv *obj, const char *one, const char *two)
{
	const struct jv	*v = jv_member(obj, one);
	double		 x;

	if (two != NULL)
		v = jv_member(v, two);
	return jv_num(v, &x) ? x : NAN;
}

static void
write_performance(struct jw *w, const struct judge_version *v,
    const struct jv *validation)
{
	static const char *const	 metrics[] = { "mae", "rmse",
	    "spearman", "quadratic_weighted_kappa", "pairwise_accuracy" };
	const struct jv			*all, *one;
	size_t				 k;
	int				 i;

	all = jv_member(validation, "criteria");
	jw_kobj(w, "performance_metrics");
	write_metric(w, "accuracy_score",
	    number_at(validation, "accuracy_score", NULL));
	write_metric(w, "consistency_score",
	    number_at(validation, "consistency_score", NULL));
	jw_kround(w, "average_evaluation_time", v->evaluations == 0 ? NAN :
	    v->seconds / (double)v->evaluations, SECONDS_DIGITS);
	jw_kobj(w, "criteria_performance");
	for (i = 0; i < v->ncriteria; i++) {
		if ((one = jv_member(all, v->criteria[i])) == NULL)
			continue;
		jw_kobj(w, v->criteria[i]);
		view_json(w, "count", jv_member(one, "count"), "0");
		write_metric(w, "accuracy_score",
		    1 - number_at(one, "trained", "mae") / 100);
		for (k = 0; k < sizeof(metrics) / sizeof(metrics[0]); k++)
			write_metric(w, metrics[k],
			    number_at(one, "trained", metrics[k]));
		jw_end(w);
	}
	jw_end(w);
	jw_kint(w, "evaluation_count", v->evaluations);
	jw_end(w);
}

/* What is shown is what is compared: both sides rounded first. */
static double
rounded(double x)
{
	double	scale = pow(10, METRIC_DIGITS);

	return round(x * scale) / scale;
}

static void
write_improvement(struct jw *w, const char *criterion, const char *metric,
    double before, double after)
{
	before = rounded(before);
	after = rounded(after);
	jw_obj(w);
	jw_kstr(w, "criterion_id", criterion);
	jw_kstr(w, "metric", metric);
	write_metric(w, "before", before);
	write_metric(w, "after", after);
	write_metric(w, "change", after - before);
	jw_end(w);
}

static void
write_training(struct jw *w, const struct judge_version *v,
    const struct jv *validation)
{
	const struct jv	*all, *one;
	int		 i;

	if (v->job_id == NULL) {
		jw_knull(w, "training_info");
		return;
	}
	all = jv_member(validation, "criteria");
	jw_kobj(w, "training_info");
	view_id(w, "training_job_id", "train_job_", v->job_id);
	jw_kint(w, "feedback_count_used", v->feedback_count);
	jw_karr(w, "improvements_achieved");
	write_improvement(w, NULL, "accuracy_score",
	    1 - number_at(validation, "pooled_mae", "active") / 100,
	    number_at(validation, "accuracy_score", NULL));
	for (i = 0; i < v->ncriteria; i++) {
		if ((one = jv_member(all, v->criteria[i])) == NULL)
			continue;
		write_improvement(w, v->criteria[i], "mae",
		    number_at(one, "active", "mae"),
		    number_at(one, "trained", "mae"));
	}
	jw_end(w);
	jw_end(w);
}

void
view_version(struct jw *w, const struct judge_version *v, int metrics)
{
	const struct jv	*validation = column(w->buf.arena, v->validation);

	jw_kint(w, "version_number", v->number);
	view_id(w, "version_id", "ver_", v->id);
	jw_kstr(w, "status", v->status);
	view_time(w, "created_at", v->created_at);
	view_time(w, "deployed_at", v->deployed_at);
	view_time(w, "archived_at", v->archived_at);
	if (metrics)
		write_performance(w, v, validation);
	jw_kstr(w, "changes_summary", v->changes_summary);
	write_training(w, v, validation);
	jw_kstr(w, "created_by", v->created_by);
	if (v->base_version == 0)
		jw_knull(w, "base_version_number");
	else
		jw_kint(w, "base_version_number", v->base_version);
}

void
view_version_full(struct jw *w, const struct judge_version *v)
{
	const struct deployment	*d = v->deployment;
	int			 i;

	view_version(w, v, 1);
	jw_kstr(w, "name", v->name);
	jw_kstr(w, "description", v->description);
	write_criteria(w, v->criterion, v->ncriteria);
	jw_karr(w, "deployments");
	for (i = 0; i < v->ndeployments; i++, d++) {
		jw_obj(w);
		view_time(w, "at", d->at);
		jw_kstr(w, "by", d->by);
		jw_kstr(w, "reason", d->reason);
		view_id(w, "job_id", "train_job_", d->job_id);
		jw_end(w);
	}
	jw_end(w);
}

void
view_criteria_scores(struct jw *w, const struct judge_snapshot *s,
    const struct scores *scores, const struct jv *words)
{
	const struct jv	*feedback = jv_member(words, "criteria_feedback");
	int		 i;

	jw_karr(w, "criteria_scores");
	for (i = 0; i < s->n; i++) {
		jw_obj(w);
		jw_kstr(w, "criterion_id", s->id[i]);
		jw_kstr(w, "name", s->name[i]);
		jw_kround(w, "score", scores->shown[i], SCORE_DIGITS);
		jw_kround(w, "raw_score", scores->raw[i], SCORE_DIGITS);
		jw_kstr(w, "feedback", jv_text(feedback, s->id[i]));
		jw_end(w);
	}
	jw_end(w);
}

void
view_evaluation(struct jw *w, const struct evaluation *e,
    const struct judge_snapshot *s, const struct scores *scores,
    const struct jv *words)
{
	view_id(w, "evaluation_id", "eval_", e->id);
	jw_kstr(w, "judge_id", e->judge_key);
	jw_kstr(w, "content_id", e->content_ref);
	jw_kstr(w, "content_ref", e->content_ref);
	jw_kstr(w, "external_id", e->external_id);
	view_id(w, "batch_id", "batch_", e->batch_id);
	jw_kint(w, "judge_version", e->version);
	jw_kstr(w, "status", "completed");
	jw_kround(w, "overall_score", e->overall, SCORE_DIGITS);
	view_criteria_scores(w, s, scores, words);
	jw_kround(w, "raw_overall_score", e->raw_overall, SCORE_DIGITS);
	jw_kstr(w, "summary", jv_text(words, "summary"));
	view_json(w, "strengths", jv_member(words, "strengths"), "[]");
	view_json(w, "weaknesses", jv_member(words, "weaknesses"), "[]");
	view_json(w, "suggestions", jv_member(words, "suggestions"), "[]");
	jw_kraw(w, "metadata", e->metadata == NULL ? "{}" : e->metadata);
	view_time(w, "evaluated_at", e->evaluated_at);
	jw_kround(w, "evaluation_duration_sec", e->seconds, SECONDS_DIGITS);
}

void
view_score_map(struct jw *w, const char *key, const char *json)
{
	struct jv_iter	it;
	double		x;

	if (json == NULL) {
		jw_knull(w, key);
		return;
	}
	jw_kobj(w, key);
	jv_iter_init(&it, column(w->buf.arena, json));
	while (jv_iter_next(&it))
		if (jv_num(it.val, &x))
			jw_kround(w, it.key, x, SCORE_DIGITS);
	jw_end(w);
}

void
view_feedback(struct jw *w, const struct feedback *f, int metadata)
{
	char	job[TYPEID_LEN];
	int	i;

	view_id(w, "feedback_id", "fb_", f->id);
	view_id(w, "evaluation_id", "eval_", f->evaluation_id);
	jw_kstr(w, "type", f->type);
	jw_kobj(w, "content");
	view_score_map(w, "corrected_scores", f->corrected);
	jw_knum(w, "rating", f->rating);
	jw_kstr(w, "comment", f->comment);
	jw_kstr(w, "explanation", f->explanation);
	if (f->approved == -1)
		jw_knull(w, "approved");
	else
		jw_kbool(w, "approved", f->approved);
	jw_end(w);
	jw_kbool(w, "criterion_specific", f->ntargets > 0);
	jw_karr(w, "target_criteria");
	for (i = 0; i < f->ntargets; i++)
		jw_str(w, f->target[i]);
	jw_end(w);
	if (metadata) {
		jw_kstr(w, "submitted_by", f->submitted_by);
		view_time(w, "submitted_at", f->submitted_at);
	}
	jw_kbool(w, "processed", f->processed);
	jw_key(w, "processing_notes");
	if (f->covered_by == NULL)
		jw_null(w);
	else {
		typeid_encode(f->covered_by, job);
		jw_strf(w, "covered by train_job_%s", job);
	}
	jw_kstr(w, "judge_id", f->judge_key);
	jw_kint(w, "judge_version", f->version);
	view_id(w, "batch_id", "batch_", f->batch_id);
	view_id(w, "feedback_session_id", "fbs_", f->session_id);
}
