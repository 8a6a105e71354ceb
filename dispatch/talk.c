/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run and its engine say to each other: one question at a time, asked
 * here and answered here, at once or later.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "dispatch/dispatch.h"
#include "util/log.h"
#include "util/ts.h"

#define RETRY_AFTER	(2 * SECOND)	/* a far engine that did not answer */
#define LOOK_EVERY	SECOND		/* at a near one, without being told */

void
talk_name(const struct attempt_ref *ref, char name[ENGINE_NAME_LEN])
{
	(void)snprintf(name, ENGINE_NAME_LEN, "trainyard-%s-%d", ref->job_id,
	    ref->number);
}

/* Between two questions about one run. */
static int64_t
pause_of(const struct run *r)
{
	if (!r->serving->engine->far)
		return LOOK_EVERY;
	/* Its slot waits for nothing but its end. */
	if (r->settled || r->stopping != 0)
		return RETRY_AFTER;
	return r->owner->conf->engine_poll_seconds * SECOND;
}

static void
answer_note(struct ask *q)
{
	struct run *r = q->arg;

	r->asked = 0;
	r->answered = 1;
}

static void
put(struct run *r, enum ask_what what)
{
	r->ask = (struct ask){ .what = what, .run = &r->engine, .job = r->job,
	    .done = answer_note, .arg = r };
	r->asked = 1;
	ask(r->serving->asker, &r->ask);
}

static void
unreachable(struct run *r)
{
	r->next = r->talk_at = ts_mono() + RETRY_AFTER;
	serving_down(r->serving, r->engine.why[0] == '\0' ?
	    "it does not answer" : r->engine.why);
}

static void
start_answered(struct dispatcher *d, struct run *r)
{
	if (r->ask.result == -1 && r->ask.error == EAGAIN &&
	    r->serving->engine->far) {
		unreachable(r);
		return;
	}
	ask_job_free(r->job);
	r->job = NULL;
	if (r->ask.result == -1) {
		r->refused = r->ask.error == 0 ? EIO : r->ask.error;
		return;
	}
	log_info("started job=%s attempt=%d engine=%s handle=%s",
	    r->ref.job_id, r->ref.number, r->serving->engine->name,
	    r->engine.handle);
	run_attach(d, r);
	/* For people only: nothing depends on it. */
	if (d->db == NULL || store_attempt_handle(d->db, d->arena, &r->ref,
	    r->engine.handle) != ERR_OK)
		log_debug("handle not recorded job=%s", r->ref.job_id);
}

static void
recover_answered(struct dispatcher *d, struct run *r)
{
	static const char *const words[] = { "not started", "running",
	    "ended", "gone" };

	r->engine_state = r->ask.state;
	if (r->engine_state == ENGINE_UNKNOWN) {
		unreachable(r);
		return;
	}
	r->recovering = 0;
	r->begun = r->engine_state != ENGINE_UNSTARTED;
	log_info("found again job=%s attempt=%d %s", r->ref.job_id,
	    r->ref.number, words[r->engine_state]);
	if (r->begun)
		run_attach(d, r);
}

/*
 * Its engine says that it is over, or nothing at all, and may be wrong: the
 * run lives as long as it goes on to report.  1 once it has been silent for
 * so long.
 */
static int
silent(struct dispatcher *d, struct run *r, int64_t seconds)
{
	int64_t heard, now = ts_mono();
	enum err e;

	if (d->db == NULL)
		return 0;
	if ((e = store_attempt_heard(d->db, d->arena, &r->ref, &heard)) !=
	    ERR_OK) {
		(void)link_transient(d, e);
		return 0;
	}
	if (r->doubted == 0 || heard != r->heard) {
		log_debug("its own reports will tell job=%s attempt=%d: %s",
		    r->ref.job_id, r->ref.number, r->engine.why);
		r->doubted = now;
		r->heard = heard;
	}
	return now - r->doubted >= seconds * SECOND;
}

static void
poll_ended(struct run *r, enum engine_state state)
{
	r->engine_state = state;
	r->phase = RUN_ENDED;
	workdir_engine_clear(r->dir);
}

static void
poll_answered(struct dispatcher *d, struct run *r)
{
	const struct conf *conf = d->conf;

	r->dirty = 1;
	switch (r->ask.state) {
	case ENGINE_RUNNING:
		r->engine_state = ENGINE_RUNNING;
		r->doubted = 0;
		return;
	case ENGINE_UNKNOWN:
		unreachable(r);
		if (!silent(d, r, conf->engine_lost_seconds))
			return;
		break;
	case ENGINE_DOUBT:
		/* Nobody waits for more than its end. */
		if (!r->settled && !silent(d, r, conf->lease_seconds))
			return;
		break;
	case ENGINE_UNSTARTED:
	case ENGINE_ENDED:
	case ENGINE_GONE:
		poll_ended(r, r->ask.state);
		return;
	}
	/* Whatever is left of it works for nobody. */
	serving_discard(r->serving, &r->ref);
	poll_ended(r, ENGINE_GONE);
}

static void
answer_take(struct dispatcher *d, struct run *r)
{
	r->answered = 0;
	switch (r->ask.what) {
	case ASK_START:
		start_answered(d, r);
		break;
	case ASK_RECOVER:
		recover_answered(d, r);
		break;
	case ASK_POLL:
		poll_answered(d, r);
		break;
	case ASK_STOP:
	case ASK_KILL:
		if (r->ask.result == -1) {
			unreachable(r);
			if (r->wish == ASK_NOTHING)
				r->wish = r->ask.what;
		}
		break;
	case ASK_NOTHING:
	case ASK_PROBE:
	case ASK_DISCARD:
		break;
	}
}

static void
put_and_take(struct dispatcher *d, struct run *r, enum ask_what what)
{
	put(r, what);
	if (r->answered)
		answer_take(d, r);
}

void
talk_start(struct dispatcher *d, struct run *r, const struct engine_job *job)
{
	if (r->serving->engine->far &&
	    workdir_engine_set(r->dir, r->serving->engine->name) == -1) {
		r->refused = errno;
		return;
	}
	r->begun = 1;
	r->job = ask_job(job);
	put_and_take(d, r, ASK_START);
}

void
talk_start_again(struct dispatcher *d, struct run *r)
{
	put_and_take(d, r, ASK_START);
}

void
talk_recover(struct dispatcher *d, struct run *r)
{
	r->recovering = r->begun = 1;
	put_and_take(d, r, ASK_RECOVER);
}

static void
wish_put(struct dispatcher *d, struct run *r)
{
	enum ask_what what = r->wish;

	r->wish = ASK_NOTHING;
	put_and_take(d, r, what);
}

void
talk_stop(struct dispatcher *d, struct run *r, int hard)
{
	if (r->wish != ASK_KILL)
		r->wish = hard ? ASK_KILL : ASK_STOP;
	if (!r->asked && !r->answered && ts_mono() >= r->talk_at)
		wish_put(d, r);
}

/* When there is something to ask. */
static int64_t
live_due(const struct run *r)
{
	int64_t due = r->polled + pause_of(r);

	if (r->wish != ASK_NOTHING)
		return 0;
	return r->kill_at < due ? r->kill_at : due;
}

static void
live_turn(struct dispatcher *d, struct run *r, int64_t now)
{
	if (now >= r->polled + pause_of(r)) {
		r->polled = now;
		put_and_take(d, r, ASK_POLL);
	} else if (r->wish != ASK_NOTHING)
		wish_put(d, r);
	else if (now >= r->kill_at) {
		r->kill_at = now + pause_of(r);
		talk_stop(d, r, 1);
	}
}

void
talk_turn(struct dispatcher *d, struct run *r, int64_t now)
{
	if (r->answered)
		answer_take(d, r);
	if (now < r->talk_at)
		return;
	if (r->phase == RUN_PREPARING && r->recovering && !r->asked)
		put_and_take(d, r, ASK_RECOVER);
	while (r->phase == RUN_LIVE && !r->asked && live_due(r) <= now)
		live_turn(d, r, now);
}

int64_t
talk_due(const struct run *r)
{
	int64_t due = NEVER;

	if (r->answered)
		return 0;
	if (r->asked)
		return NEVER;
	if (r->phase == RUN_PREPARING && r->recovering)
		due = 0;
	else if (r->phase == RUN_LIVE)
		due = live_due(r);
	return due < r->talk_at ? r->talk_at : due;
}
