/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ends of runs.  Those that one turn of the loop finds are written by one
 * statement: jobs that end together wait for one commit, and so does what the
 * loop has to do next.
 */
#include "config.h"

#include "dispatch/dispatch.h"
#include "dispatch/meter.h"
#include "util/log.h"
#include "util/ts.h"

#define ENDS_MOST	500	/* in one statement */
#define ENDS_BYTES	((size_t)4 << 20)
#define RETRY_AFTER	(SECOND / 2)

static const char *
kept(struct dispatcher *d, const char *s)
{
	return s == NULL ? NULL : arena_strdup(d->ends, s);
}

void
run_end(struct dispatcher *d, struct run *r, const struct finish *f)
{
	struct finish *e = arena_alloc(d->ends, sizeof(*e));

	/* The dispatcher's arena is emptied before this is written. */
	*e = (struct finish){
		.ref = r->ref,
		.status = f->status,
		.final_event = f->final_event,
		.error = kept(d, f->error),
		.error_type = f->error_type,
		.events_to = f->events_to,
		.stderr_to = tail_offset(&r->err),
		.level = f->level,
		.message = kept(d, f->message),
		.data = kept(d, f->data),
		.metric_sent = kept(d, f->metric_sent),
	};
	r->end = e;
	d->nends++;
	if (d->nends == ENDS_MOST || arena_size(d->ends) > ENDS_BYTES)
		ends_write(d);
}

void
run_finish(struct dispatcher *d, struct run *r, const char *status,
    const char *error_type, const char *error)
{
	const struct finish f = { .status = status, .error = error,
	    .error_type = error_type, .level = LEVEL_ERROR, .message = error,
	    .events_to = tail_offset(&r->out) };

	run_end(d, r, &f);
}

static void
end_written(struct dispatcher *d, struct run *r, const char *became)
{
	if (became == NULL)
		(void)run_resync(d, r, "end");
	else {
		d->count.finished++;
		meter_ended(r, became);
		log_info("%s job=%s attempt=%d", became, r->ref.job_id,
		    r->ref.number);
		run_settle(r);
	}
	if (r->end_stop && r->settled)
		run_stop(d, r, d->conf->grace_seconds);
}

/* What cannot be written with the others, or for the sake of another. */
static void
end_alone(struct dispatcher *d, struct run *r, struct finish *f)
{
	enum err e = ERR_UNAVAILABLE;

	if (d->db != NULL)
		e = store_attempt_finish(d->db, d->ends, f, 1);
	if (e != ERR_OK && d->db != NULL && !link_transient(d, e)) {
		/* Some text in it that no column takes. */
		f->error = "the reason could not be recorded";
		f->message = f->data = f->metric_sent = NULL;
		e = store_attempt_finish(d->db, d->ends, f, 1);
		if (e != ERR_OK)
			(void)link_transient(d, e);
	}
	if (e == ERR_OK)
		end_written(d, r, f->became);
	else
		r->next = ts_mono() + RETRY_AFTER;
}

void
ends_write(struct dispatcher *d)
{
	enum err e = ERR_UNAVAILABLE;
	struct finish *ends;
	struct run *r, **of;
	size_t i, n = 0;
	int later;

	if (d->nends == 0)
		return;
	ends = arena_alloc(d->ends, d->nends * sizeof(*ends));
	of = arena_alloc(d->ends, d->nends * sizeof(*of));
	TAILQ_FOREACH(r, &d->runs, entry)
		if (r->end != NULL) {
			/* unless a heartbeat has found out meanwhile */
			if (!r->settled) {
				of[n] = r;
				ends[n++] = *r->end;
			}
			r->end = NULL;
		}
	if (d->db != NULL)
		e = store_attempt_finish(d->db, d->ends, ends, n);
	later = e != ERR_OK && (d->db == NULL || link_transient(d, e));
	for (i = 0; i < n; i++) {
		if (e == ERR_OK)
			end_written(d, of[i], ends[i].became);
		else if (later)
			of[i]->next = ts_mono() + RETRY_AFTER;
		else
			end_alone(d, of[i], &ends[i]);
		of[i]->end_stop = 0;
	}
	d->nends = 0;
	arena_reset(d->ends);
}
