/* SPDX-License-Identifier: BSD-2-Clause */
/* Judge jobs on the wire. */
#include "config.h"

#include <string.h>

#include "domain/judge_job_view.h"
#include "domain/selection.h"
#include "domain/state.h"
#include "domain/view.h"
#include "util/arena.h"
#include "util/jv.h"
#include "util/log.h"

/*
 * The order of members in every object that is kept as JSON: jsonb forgets
 * it, and a webhook's snapshot is jsonb.  No two of these objects want the
 * same names in different orders, so one list does for all.
 */
static const char *const member_order[] = {
	/* training_config */
	"feedback_cutoff_date", "minimum_feedback_count", "validation_split",
	"learning_rate", "max_epochs", "early_stopping", "target_criteria",
	"seed",
	/* execution_options */
	"priority", "auto_deploy", "backup_current_version",
	"require_improvement", "notification_email", "webhook_url",
	"webhook_secret_set", "timeout_seconds", "auto_start",
	/* deployment */
	"requested", "deployed", "reason",
	/* validation_results, its columns, their metrics */
	"holdout_count", "label_count", "accuracy_score", "consistency_score",
	"consistency_groups", "pooled_mae", "pooled_pairwise_accuracy",
	"overall", "criteria", "seen_count",
	"count", "trained", "active", "raw", "bias",
	"mae", "rmse", "spearman", "quadratic_weighted_kappa",
	"pairwise_accuracy",
};

#define ORDERED	(sizeof(member_order) / sizeof(member_order[0]))

static int
is_ordered(const char *key)
{
	size_t	i;

	for (i = 0; i < ORDERED; i++)
		if (strcmp(member_order[i], key) == 0)
			return 1;
	return 0;
}

static void
write_ordered(struct jw *w, const struct jv *v)
{
	struct jv_iter	 it;
	struct jv	*member;
	size_t		 i;

	if (jv_type(v) != JV_OBJECT) {
		jw_raw(w, jv_json(w->buf.arena, v));
		return;
	}
	jw_obj(w);
	for (i = 0; i < ORDERED; i++)
		if (jv_get(v, member_order[i], &member)) {
			jw_key(w, member_order[i]);
			write_ordered(w, member);
		}
	/* criterion ids, as they are stored */
	jv_iter_init(&it, v);
	while (jv_iter_next(&it))
		if (!is_ordered(it.key)) {
			jw_key(w, it.key);
			write_ordered(w, it.val);
		}
	jw_end(w);
}

void
view_judge_json(struct jw *w, const char *text)
{
	struct jv	*v;

	if (text == NULL) {
		jw_null(w);
		return;
	}
	if (jv_parse_checked(w->buf.arena, text, strlen(text), &v) == -1)
		fatalx("a json column holds no JSON");
	write_ordered(w, v);
}

static void
kjson(struct jw *w, const char *key, const char *text)
{
	jw_key(w, key);
	view_judge_json(w, text);
}

/* 0 stands for none. */
static void
kint_opt(struct jw *w, const char *key, int64_t n)
{
	if (n == 0)
		jw_knull(w, key);
	else
		jw_kint(w, key, n);
}

void
view_feedback_summary(struct jw *w, const struct feedback_summary *s)
{
	jw_obj(w);
	jw_kint(w, "total_feedback_count", selection_total(s));
	jw_kint(w, "correction_count", s->corrections);
	jw_kint(w, "rating_count", s->ratings);
	jw_kint(w, "approved_count", s->approved);
	jw_kint(w, "rejected_count", s->rejected);
	jw_kint(w, "comment_count", s->comments);
	jw_kint(w, "usable_count", selection_usable(s));
	jw_kobj(w, "date_range");
	view_time(w, "earliest", s->earliest);
	view_time(w, "latest", s->latest);
	jw_end(w);
	jw_kint(w, "high_water_mark", s->high_water_mark);
	jw_end(w);
}

void
view_judge_job_members(struct jw *w, const struct job *j, int in_list)
{
	enum job_state	state;

	if (state_parse(j->status, &state) == -1)
		fatalx("job %s has no known status", j->id);
	view_id(w, "job_id", "train_job_", j->id);
	jw_kstr(w, "judge_id", j->judge_key);
	jw_kstr(w, "training_type", j->training_type);
	jw_kstr(w, "status", state_face_word(state, FACE_JUDGE));
	jw_key(w, "feedback_data_summary");
	view_feedback_summary(w, &j->summary);
	jw_kint(w, "estimated_duration", j->estimated_minutes);
	view_time(w, "created_at", j->created_at);
	jw_kstr(w, "created_by", j->created_by);
	jw_kstr(w, "judge_name", j->judge_name);
	jw_kint(w, "progress_percentage", j->progress);
	kjson(w, "training_config", j->config);
	kjson(w, "execution_options", j->options);
	view_id(w, "execution_id", "exec_", j->execution_id);
	jw_kint(w, "attempt", j->attempt);
	jw_kint(w, "base_version_number", j->base_version);
	kint_opt(w, "version_number", j->version_number);
	view_id(w, "version_id", "ver_", j->version_id);
	kjson(w, "deployment", j->deployment);
	if (!in_list)
		kjson(w, "validation_results", j->validation);
	jw_kstr(w, "error", j->error);
	jw_kstr(w, "error_type", j->error_type);
	view_id(w, "retraining_run_id", "run_", j->retraining_run_id);
	view_time(w, "queued_at", j->queued_at);
	view_time(w, "started_at", j->started_at);
	view_time(w, "completed_at", j->completed_at);
	view_time(w, "cancel_requested_at", j->cancel_requested_at);
	view_time(w, "updated_at", j->updated_at);
}

void
view_judge_job(struct jw *w, const struct job *j)
{
	jw_obj(w);
	view_judge_job_members(w, j, 0);
	jw_end(w);
}
