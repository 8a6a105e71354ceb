/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a runner prints becomes rows: gathered lines in one statement, which
 * also records how far was read.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "dispatch/dispatch.h"
#include "util/jlex.h"
#include "util/log.h"
#include "util/ts.h"

#define REPORT_ITEMS	512
#define REPORT_BYTES	((int64_t)512 << 10)
#define LINE_SHOWN	8192	/* bytes of a line kept as a log line */
#define TRIM_EVERY	10000	/* points */
#define RETRY_AFTER	(SECOND / 2)

/* One report in the making. */
struct draft {
	struct dispatcher *d;
	struct run	*r;
	struct fold	*fold;
	struct report	 w;
	enum job_state	 state;		/* of the job after it */
	int		 terminal;	/* stopped before a last event */
	struct progress	 last;
	int		 full;		/* stopped for other reasons */
};

/*
 * An event when the line is one.  1; 0 when it is an ordinary line; -1 and
 * *why when it looks like an event and is none.
 */
static int
event_read(struct arena *a, const char *line, size_t len, struct progress *p,
    const char **why)
{
	struct jlex_report lex;
	struct jv *v;

	if (len == 0 || line[0] != '{' ||
	    jlex_check(line, len, JLEX_MAX_DEPTH, &lex) == -1)
		return 0;
	v = jv_parse(a, line, len);
	if (v == NULL || jv_member(v, "event_type") == NULL)
		return 0;
	*why = lex.nul_in_key ? "holds the character U+0000" :
	    progress_read(a, v, lex.nul_in_value, p);
	return *why == NULL ? 1 : -1;
}

/* Where a job goes with this event, by itself or by data.phase. */
static enum job_state
event_state(const struct draft *t, const struct progress *p)
{
	const char *phase;
	enum job_state to;

	if (t->r->face == FACE_HOSTED)
		return t->state == JOB_CLAIMED ? JOB_RUNNING : t->state;
	phase = p->data == NULL ? NULL : jv_text(p->data, "phase");
	if (phase == NULL || state_parse(phase, &to) == -1 ||
	    state_phase(to) != PHASE_ACTIVE ||
	    !state_may_follow(FACE_JUDGE, t->state, to))
		return t->state;
	return to;
}

static void
draft_move(struct draft *t, enum job_state to)
{
	t->state = to;
	t->w.status = state_word(to);
	t->w.job_changes = 1;
	if (t->r->face == FACE_JUDGE)
		t->w.progress = to == JOB_VALIDATING ? 85 : 20;
}

/* Percentage of a judge job by its epochs. */
static void
draft_progress(struct draft *t, const struct progress *p)
{
	int64_t step = progress_step(p);

	if (t->r->face != FACE_JUDGE || t->state != JOB_TRAINING ||
	    p->type != PROGRESS_STEP_COMPLETE || step < 0 ||
	    t->r->max_epochs <= 0)
		return;
	if (step > t->r->max_epochs)
		step = t->r->max_epochs;
	t->w.progress = (int)(20 + 60 * step / t->r->max_epochs);
	t->w.job_changes = 1;
}

/* 0 when the event has to wait for the next report. */
static int
draft_event(struct draft *t, const struct progress *p)
{
	enum job_state to;

	if (progress_terminal(p->type)) {
		t->terminal = 1;
		t->last = *p;
		return 0;
	}
	if ((to = event_state(t, p)) != t->state) {
		/* The history gets each step, one in a statement. */
		if (t->w.status != NULL) {
			t->full = 1;
			return 0;
		}
		draft_move(t, to);
	}
	draft_progress(t, p);
	fold_event(t->fold, p, 1);
	return 1;
}

/* 0 when the line has to wait for the next report. */
static int
draft_line(struct draft *t, const char *line, size_t len, int cut)
{
	struct arena *a = t->d->arena;
	const char *why = NULL;
	struct progress p;

	switch (cut ? 0 : event_read(a, line, len, &p, &why)) {
	case 1:
		return draft_event(t, &p);
	case -1:
		fold_line(t->fold, LEVEL_WARNING,
		    arena_printf(a, "event refused: %s: %s", why,
		    text_clean(a, line, len, 512)), NULL);
		break;
	default:
		fold_line(t->fold, LEVEL_INFO,
		    text_clean(a, line, len, LINE_SHOWN), NULL);
		break;
	}
	return 1;
}

/* 1 at the end of what there is, 0 when the report is full, -1. */
static int
draft_read(struct draft *t, struct tail *tail, int events, int last)
{
	int64_t from = tail_offset(tail);
	const char *line;
	size_t len;
	int cut, n;

	for (;;) {
		if (fold_size(t->fold) >= REPORT_ITEMS ||
		    tail_offset(tail) - from >= REPORT_BYTES) {
			t->full = 1;
			return 0;
		}
		if ((n = tail_peek(tail, last, &line, &len, &cut)) == -1) {
			log_warn("cannot read %s", tail->path);
			return -1;
		}
		if (n == 0)
			return 1;
		if (len == 0)
			;	/* nobody misses it */
		else if (!events)
			fold_line(t->fold, LEVEL_INFO, text_clean(
			    t->d->arena, line, len, LINE_SHOWN), NULL);
		else if (!draft_line(t, line, len, cut))
			return 0;
		tail_take(tail);
	}
}

static void
draft_init(struct draft *t, struct dispatcher *d, struct run *r)
{
	memset(t, 0, sizeof(*t));
	t->d = d;
	t->r = r;
	t->fold = fold_new(d->arena);
	t->state = r->state;
	t->w.ref = r->ref;
	t->w.face = r->face == FACE_JUDGE ? "judge" : "hosted";
	t->w.progress = -1;
	t->w.events_from = tail_offset(&r->out);
	t->w.stderr_from = tail_offset(&r->err);
}

/*
 * Something among the lines that no column takes: they are left out, so that
 * the rest of the job does not wait for them for ever.
 */
static enum err
draft_without(struct draft *t, struct reported *got)
{
	struct report w = { .ref = t->w.ref, .face = t->w.face,
	    .events_from = t->w.events_from, .events_to = t->w.events_to,
	    .stderr_from = t->w.stderr_from, .stderr_to = t->w.stderr_to, .status = t->w.status,
	    .progress = t->w.progress, .started = t->w.started,
	    .job_changes = t->w.job_changes };
	struct fold *f = fold_new(t->d->arena);

	log_warnx("output that could not be recorded is left out job=%s "
	    "attempt=%d", t->r->ref.job_id, t->r->ref.number);
	fold_line(f, LEVEL_WARNING, "output that could not be recorded is "
	    "left out", NULL);
	fold_report(f, &w);
	return store_attempt_report(t->d->db, t->d->arena, &w,
	    t->d->conf->lease_seconds, got);
}

/* 1 when it is written; else the files are where they were. */
static int
draft_write(struct draft *t)
{
	struct dispatcher *d = t->d;
	struct run *r = t->r;
	struct reported got = { 0 };
	enum err e;

	t->w.events_to = tail_offset(&r->out);
	t->w.stderr_to = tail_offset(&r->err);
	r->points += fold_points(t->fold);
	fold_report(t->fold, &t->w);
	e = store_attempt_report(d->db, d->arena, &t->w,
	    d->conf->lease_seconds, &got);
	if (e != ERR_OK && e != ERR_CONFLICT && !link_transient(d, e))
		e = draft_without(t, &got);
	if (e == ERR_OK) {
		r->state = t->state;
		if (got.stop)
			r->cancel = 1;
		return 1;
	}
	if (e == ERR_CONFLICT) {
		(void)run_resync(d, r, "report");
		return 0;
	}
	(void)link_transient(d, e);
	r->next = ts_mono() + RETRY_AFTER;
	tail_seek(&r->out, t->w.events_from);
	tail_seek(&r->err, t->w.stderr_from);
	return 0;
}

/* Moves the job to where its last event finds it, with that one's metrics. */
static int
draft_step(struct dispatcher *d, struct run *r, enum job_state to,
    const struct progress *p)
{
	struct draft t;

	draft_init(&t, d, r);
	if (to != r->state)
		draft_move(&t, to);
	fold_event(t.fold, p, 0);
	return draft_write(&t);
}

static const char *
failure_type(const struct progress *p)
{
	static const char *const types[] = { "internal_error",
	    "timeout_error", "worker_lost_error",
	    "insufficient_feedback_error" };
	const char *s = p->data == NULL ? NULL : jv_text(p->data, "error_type");
	size_t i;

	for (i = 0; s != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(s, types[i]) == 0)
			return types[i];
	return types[0];
}

/* Training is over: its line is still unread.  1 when that is recorded now. */
static int
report_end(struct dispatcher *d, struct run *r, const struct progress *p)
{
	struct arena *a = d->arena;
	int end = p->type == PROGRESS_TRAINING_END;
	enum job_state to = r->state;
	struct finish f = {
		.status = end ? "completed" : "failed",
		.final_event = progress_word(p->type),
		.error = end ? NULL : progress_failure(p),
		.error_type = end ? NULL : failure_type(p),
		.level = (int)p->level,
		.message = p->message,
		.data = jv_json(a, p->data),
		.metric_sent = jv_json(a, p->metrics),
		.events_to = tail_offset(&r->out) + (int64_t)r->out.line,
	};

	if (r->face == FACE_HOSTED && r->state == JOB_CLAIMED)
		to = JOB_RUNNING;
	else if (r->face == FACE_JUDGE && end)
		to = JOB_VALIDATING;
	/*
	 * Replacing series twice is as good as once, so this may come before
	 * the end itself.
	 */
	if ((to != r->state || p->metrics != NULL || p->artifacts != NULL) &&
	    !draft_step(d, r, to, p))
		return 0;
	if (r->face == FACE_JUDGE && end)
		return result_complete(d, r, p, f.events_to);
	run_end(d, r, &f);
	return 0;
}

static void
series_trim(struct dispatcher *d, struct run *r)
{
	if (r->points < TRIM_EVERY)
		return;
	r->points = 0;
	if (store_series_trim(d->db, d->arena, &r->ref, PROGRESS_POINTS) !=
	    ERR_OK)
		log_warnx("old points stay for now job=%s", r->ref.job_id);
}

int
report_output(struct dispatcher *d, struct run *r, int last)
{
	struct draft t;
	int all;

	draft_init(&t, d, r);
	/* What it complained about belongs before what came of it. */
	all = draft_read(&t, &r->err, 0, last) != 0;
	if (draft_read(&t, &r->out, 1, last) == 0)
		all = 0;
	/* and it may have complained since */
	if (t.terminal)
		(void)draft_read(&t, &r->err, 0, last);
	if ((tail_offset(&r->out) != t.w.events_from ||
	    tail_offset(&r->err) != t.w.stderr_from) && !draft_write(&t))
		return 0;
	series_trim(d, r);
	if (d->db == NULL || r->settled)
		return 0;
	if (t.terminal)
		return report_end(d, r, &t.last);
	if (!all)
		r->next = 0;
	return all;
}
