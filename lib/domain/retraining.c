/* SPDX-License-Identifier: BSD-2-Clause */
/* Retraining runs: a judge job each, made and shown under another name. */
#include "config.h"

#include <string.h>

#include "domain/judge_execute.h"
#include "domain/judge_job_view.h"
#include "domain/retraining.h"
#include "domain/schema.h"
#include "domain/selection.h"
#include "domain/view.h"
#include "store/store_judge_job.h"
#include "util/ts.h"

static const struct loc	loc_config = { &loc_body, "config_overrides", 0 };
static const struct loc	loc_notify = { &loc_body, "notification_preferences",
    0 };
static const struct job_locs locs = { &loc_config, &loc_config, &loc_notify };

/* A job's status and the run's word for it. */
static const struct {
	const char	*job, *run;
} words[] = {
	{ "queued", "started" },
	{ "preparing", "analyzing_feedback" },
	{ "training", "generating_proposals" },
	{ "validating", "validating" },
	{ "completed", "completed" },
	{ "failed", "failed" },
	{ "cancelled", "cancelled" },
};

#define WORDS_COUNT	(sizeof(words) / sizeof(words[0]))
/* applying_changes: a deploy is one commit with the end, nobody sees it. */
#define NO_STATUS	""

static const char *
run_word(const char *job)
{
	size_t	i;

	for (i = 0; i < WORDS_COUNT; i++)
		if (strcmp(words[i].job, job) == 0)
			return words[i].run;
	return "started";
}

void
run_read(const struct jv *body, struct arena *a, struct faults *f,
    struct judge_job_order *o)
{
	const struct jv		*config = jv_member(body, "config_overrides");
	const struct jv		*notify = jv_member(body,
				    "notification_preferences");
	struct schema_check	 check = { .faults = f };
	const char		*type = jv_text(config, "training_type");

	memset(o, 0, sizeof(*o));
	o->judge_key = jv_text(body, "judge_id");
	o->run_trigger = jv_text(body, "trigger_source");
	o->type = TRAIN_INCREMENTAL;
	if (type != NULL)
		(void)training_type_parse(type, &o->type);
	type = training_type_word(o->type);
	check.variant = 1u << o->type;
	check.variant_text = arena_printf(a, "training_type \"%s\"", type);
	if (config != NULL)
		schema_check(&check, &schema_run_config, config, &loc_config);
	o->locs = &locs;
	training_config_init(&o->config, o->type);
	training_config_read(&o->config, config, a);
	o->config.cutoff = jv_time(body, "since_timestamp", TS_NONE);
	execution_options_init(&o->options);
	o->options.auto_deploy = 1;
	execution_options_read(&o->options, config);
	execution_options_read(&o->options, notify);
	judge_config_rules(o->type, &o->config, &o->options, o->locs, f);
}

void
view_run_members(struct jw *w, const struct job *j,
    const struct execution *x, const struct run *run)
{
	static const char *const	names[4] = { "analyzing_feedback",
	    "generating_proposals", "validating", "completed" };
	const struct feedback_summary	*s = &j->summary;
	char				 wire[TYPEID_LEN];

	typeid_encode(j->retraining_run_id, wire);
	view_id(w, "run_id", "run_", j->retraining_run_id);
	jw_kstr(w, "judge_id", j->judge_key);
	jw_kstr(w, "status", run_word(j->status));
	jw_kstr(w, "trigger_source", run->trigger);
	jw_kobj(w, "feedback_summary");
	jw_kint(w, "total_feedback_count", selection_total(s));
	jw_kint(w, "approved_count", s->approved);
	jw_kint(w, "rejected_count", s->rejected);
	jw_kint(w, "correction_count", s->corrections);
	jw_kobj(w, "date_range");
	view_time(w, "earliest", s->earliest);
	view_time(w, "latest", s->latest);
	jw_end(w);
	jw_end(w);
	jw_kint(w, "estimated_duration", j->estimated_minutes);
	jw_kobj(w, "progress_tracking");
	jw_kstr(w, "progress_url", arena_printf(w->buf.arena,
	    "/retraining/runs/run_%s", wire));
	jw_kbool(w, "webhook_configured", x->is_told);
	jw_key(w, "expected_milestones");
	view_milestones(w, j, x, names);
	jw_end(w);
	view_time(w, "created_at", j->created_at);
	jw_kstr(w, "created_by", run->created_by);
	view_id(w, "job_id", "train_job_", j->id);
	if (j->version_number == 0)
		jw_knull(w, "version_number");
	else
		jw_kint(w, "version_number", j->version_number);
	jw_key(w, "deployment");
	view_judge_json(w, j->deployment);
	jw_kstr(w, "error", j->error);
	jw_kstr(w, "error_type", j->error_type);
	view_time(w, "started_at", j->started_at);
	view_time(w, "completed_at", j->completed_at);
	view_time(w, "cancel_requested_at", j->cancel_requested_at);
}

static void
view_run(struct jw *w, const struct job *j, const struct execution *x,
    const struct run *run)
{
	jw_obj(w);
	view_run_members(w, j, x, run);
	jw_end(w);
}

void
view_new_run(struct jw *w, const struct job *j, int64_t now, int is_told)
{
	const struct execution	x = { .at = now, .position = 1,
	    .preparing = TS_NONE, .training = TS_NONE, .validating = TS_NONE,
	    .completed = TS_NONE, .is_told = is_told };
	const struct run	run = { .trigger = j->run_trigger,
	    .created_by = j->created_by };
	struct job		copy = *j;

	copy.queued_at = now;
	view_run(w, &copy, &x, &run);
}

enum err
run_show(struct db *db, struct arena *a, const char *workspace_id,
    const struct run *run, struct jw *w)
{
	struct job		job;
	struct execution	x;
	enum err		err;

	if ((err = store_judge_job_get(db, a, workspace_id, run->job_id,
	    &job)) != ERR_OK || (err = store_execution_get(db, a,
	    workspace_id, run->job_id, &x)) != ERR_OK)
		return err;
	view_run(w, &job, &x, run);
	return ERR_OK;
}

void
run_filter_read(const struct jv *args, struct faults *f,
    struct run_filter *filter, struct page *page)
{
	const char	*status = jv_text(args, "status");
	size_t		 i;

	page_read(&schema_runs_query, args, 1, f, page);
	memset(filter, 0, sizeof(*filter));
	filter->judge_key = jv_text(args, "judge_id");
	filter->trigger = jv_text(args, "trigger_source");
	filter->since = jv_time(args, "created_after", TS_NONE);
	filter->until = jv_time(args, "created_before", TS_NONE);
	if (status != NULL) {
		filter->status = NO_STATUS;
		for (i = 0; i < WORDS_COUNT; i++)
			if (strcmp(words[i].run, status) == 0)
				filter->status = words[i].job;
	}
	/* one more, to see whether there is a next page */
	filter->limit = page->limit + 1;
	filter->offset = page->offset;
	filter->after_at = page->last.at;
	filter->after_id = page->after ? page->last.id : NULL;
}

enum err
run_list_write(struct db *db, struct arena *a, const char *workspace_id,
    const struct run_filter *filter, const struct page *page, struct jw *w)
{
	struct page_row	 *at;
	struct place		  last = { 0, "" };
	struct run		 *runs;
	int64_t			  counted;
	enum err		  err;
	int			  n, more, i;

	if ((err = store_run_page(db, a, workspace_id, filter, &at, &runs,
	    &n)) != ERR_OK || (err = store_run_count(db, a, workspace_id,
	    filter, PAGE_REACH + 1, &counted)) != ERR_OK)
		return err;
	more = page_cut(page, &n);
	jw_obj(w);
	jw_karr(w, "runs");
	for (i = 0; i < n; i++)
		if ((err = run_show(db, a, workspace_id, &runs[i],
		    w)) != ERR_OK)
			return err;
	jw_end(w);
	if (n > 0) {
		last.at = at[n - 1].at;
		memcpy(last.id, at[n - 1].id, UUID_LEN);
	}
	page_write(w, page, counted, more, &last);
	jw_end(w);
	return db_commit(db);
}
