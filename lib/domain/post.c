/* SPDX-License-Identifier: BSD-2-Clause */
/* Events that were posted: recorded, or refused with a reason. */
#include "config.h"

#include <string.h>

#include "domain/post.h"
#include "domain/state.h"
#include "util/hash.h"
#include "util/log.h"

/* Points after which the series of an attempt are looked through. */
#define TRIM_EVERY	10000

/* The event as a report.  `lines` 0: its log line comes with its end. */
static void
report_of(struct arena *a, struct post *t, int lines, struct report *w)
{
	struct fold *f = fold_new(a);

	memset(w, 0, sizeof(*w));
	w->ref = t->ref;
	w->face = "hosted";
	w->events_from = w->events_to = -1;
	w->stderr_from = w->stderr_to = -1;
	w->progress = -1;
	fold_event(f, t->event, lines);
	t->points = fold_points(f);
	fold_report(f, w);
}

enum err
post_grouped(struct batcher *writer, struct arena *a, struct post *t)
{
	struct reported got;
	struct report w;
	enum err e;

	report_of(a, t, 1, &w);
	w.shown = t->minimal;
	e = store_attempt_report_grouped(writer, a, &w, t->lease_seconds,
	    &got);
	if (e != ERR_OK)
		return e;
	t->ref.number = got.number;
	t->job = got.job;
	return ERR_OK;
}

static enum err
end_write(struct db *db, struct arena *a, const struct post *t)
{
	const struct progress *p = t->event;
	int end = p->type == PROGRESS_TRAINING_END;
	struct finish f = {
		.ref = t->ref,
		.status = end ? "completed" : "failed",
		.final_event = progress_word(p->type),
		.error = end ? NULL : progress_failure(p),
		.error_type = end ? NULL : "internal_error",
		.events_to = -1,
		.stderr_to = -1,
		.level = (int)p->level,
		.message = p->message,
		.data = jv_json(a, p->data),
		.metric_sent = jv_json(a, p->metrics),
	};
	enum err e;

	if ((e = store_attempt_finish(db, a, &f, 1)) != ERR_OK)
		return e;
	/* its rows are locked since the report */
	return f.became == NULL ? ERR_INTERNAL : ERR_OK;
}

enum err
post_alone(struct db *db, struct arena *a, struct post *t)
{
	int end = progress_terminal(t->event->type);
	struct reported got;
	struct report w;
	enum err e;

	report_of(a, t, !end, &w);
	e = store_attempt_report(db, a, &w, t->lease_seconds, &got);
	if (e != ERR_OK)
		return e;
	t->ref.number = got.number;
	return end ? end_write(db, a, t) : ERR_OK;
}

enum err
post_refusal(const char *job_status, const char *final_event,
    enum progress_type type)
{
	if (progress_terminal(type) && final_event != NULL &&
	    strcmp(final_event, progress_word(type)) == 0)
		return ERR_OK;
	return state_word_finished(job_status) ? ERR_JOB_FINISHED :
	    ERR_CONFLICT;
}

enum err
post_verdict(struct db *db, struct arena *a, const struct post *t)
{
	struct attempt_verdict v;
	enum err e;

	if ((e = store_attempt_verdict(db, a, &t->ref, &v)) != ERR_OK)
		return e;
	return post_refusal(v.job_status, v.final_event, t->event->type);
}

int
post_trim_due(const struct post *t)
{
	unsigned int chance;

	if (t->points == 0)
		return 0;
	hash_random(&chance, sizeof(chance));
	return chance % TRIM_EVERY < (uint64_t)t->points;
}

void
post_trim(struct db *db, struct arena *a, const struct post *t)
{
	if (store_series_trim(db, a, &t->ref, PROGRESS_POINTS) != ERR_OK)
		log_warnx("old points stay for now job=%s", t->ref.job_id);
}
