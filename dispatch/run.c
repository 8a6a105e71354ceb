/* SPDX-License-Identifier: BSD-2-Clause */
/* A run from its claim to the end of its last process. */
#include "config.h"

#include <sys/inotify.h>
#include <sys/wait.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/dispatch.h"
#include "dispatch/meter.h"
#include "util/log.h"
#include "util/metric.h"
#include "util/ts.h"

#define READ_EVERY	(SECOND / 20)	/* so long events are gathered */
#define LOOK_EVERY	SECOND		/* without being told */
#define RETRY_AFTER	(SECOND / 2)
#define OVERDUE		(10 * SECOND)	/* beyond the grace time */
#define LINGER		(5 * SECOND)	/* to exit after the last event */

void
run_path(const struct run *r, const char *name, char out[PATH_MAX])
{
	(void)snprintf(out, PATH_MAX, "%s/%s", r->dir, name);
}

/* The site may allow less than the job asks for. */
static int64_t
time_allowed(const struct dispatcher *d, int64_t asked)
{
	int64_t most = d->conf->job_seconds;

	return most > 0 && most < asked ? most : asked;
}

static int64_t
time_left(const struct dispatcher *d, const struct claimed *c)
{
	return c->left_us - (c->timeout_seconds -
	    time_allowed(d, c->timeout_seconds)) * SECOND;
}

struct run *
run_new(struct dispatcher *d, const struct claimed *c,
    struct serving *serving)
{
	char path[PATH_MAX];
	enum job_state state;
	struct run *r;
	size_t i;

	if (state_parse(c->status, &state) == -1) {
		log_errx("unknown status job=%s status=%s", c->ref.job_id,
		    c->status);
		return NULL;
	}
	if ((r = calloc(1, sizeof(*r))) == NULL)
		fatalx("out of memory");
	r->owner = d;
	r->ref = c->ref;
	r->face = c->judge ? FACE_JUDGE : FACE_HOSTED;
	for (i = 0; i < KINDS; i++)
		if (strcmp(d->kind[i].name, c->kind) == 0)
			r->kind = &d->kind[i];
	(void)snprintf(r->training_type, sizeof(r->training_type), "%s",
	    c->training_type == NULL ? "" : c->training_type);
	r->phase = RUN_PREPARING;
	r->state = state;
	r->max_epochs = c->max_epochs;
	r->timeout_seconds = c->timeout_seconds;
	r->deadline = ts_mono() + time_left(d, c);
	r->kill_at = NEVER;
	r->wd[0] = r->wd[1] = -1;
	r->engine.fd = -1;
	r->engine.dir = r->dir;
	r->serving = serving;
	talk_name(&r->ref, r->engine.name);
	if (r->kind == NULL || workdir_path(d->conf->data_dir, &r->ref,
	    r->dir) == -1)
		fatalx("cannot hold job=%s kind=%s", r->ref.job_id, c->kind);
	run_path(r, RUN_EVENTS, path);
	tail_init(&r->out, path, 0);
	run_path(r, RUN_STDERR, path);
	tail_init(&r->err, path, 0);
	TAILQ_INSERT_TAIL(&d->runs, r, entry);
	d->nruns++;
	serving->runs++;
	return r;
}

static void
watch_end(struct dispatcher *d, struct run *r)
{
	size_t i;

	for (i = 0; i < 2; i++)
		if (r->wd[i] != -1)
			(void)inotify_rm_watch(d->inotify, r->wd[i]);
}

void
run_free(struct dispatcher *d, struct run *r)
{
	loop_unwatch(d->loop, r->watch);
	watch_end(d, r);
	document_free(r->document);
	r->serving->engine->release(&r->engine);
	/* It may have begun although nobody could say so. */
	if (r->begun && r->phase == RUN_PREPARING && !engine_leaving() &&
	    r->serving->engine->far)
		serving_discard(r->serving, &r->ref);
	r->serving->runs--;
	ask_job_free(r->job);
	tail_free(&r->out);
	tail_free(&r->err);
	/* All that a judge job leaves is its model, and that is a blob now. */
	if (r->tidy)
		workdir_remove(d->conf->data_dir, &r->ref);
	TAILQ_REMOVE(&d->runs, r, entry);
	d->nruns--;
	d->want_claim = 1;
	free(r);
}

/* Once is enough: what it watches stays readable. */
static void
engine_news(void *arg)
{
	struct run *r = arg;

	loop_unwatch(r->owner->loop, r->watch);
	r->watch = NULL;
	r->dirty = 1;
	r->next = r->polled = 0;
}

void
run_attach(struct dispatcher *d, struct run *r)
{
	document_free(r->document);
	r->document = NULL;
	r->phase = RUN_LIVE;
	r->dirty = 1;
	if (r->engine.fd != -1)
		r->watch = loop_watch(d->loop, r->engine.fd, engine_news, r);
	if (d->inotify == -1)
		return;
	/* Not the folder: what else the runner writes is its own business. */
	r->wd[0] = inotify_add_watch(d->inotify, r->out.path, IN_MODIFY);
	r->wd[1] = inotify_add_watch(d->inotify, r->err.path, IN_MODIFY);
}

void
run_stop(struct dispatcher *d, struct run *r, int64_t grace)
{
	int64_t now = ts_mono();

	if (r->phase != RUN_LIVE)
		return;
	if (r->stopping == 0)
		talk_stop(d, r, grace == 0);
	r->stopping = now;
	if (now + grace * SECOND < r->kill_at)
		r->kill_at = now + grace * SECOND;
}

void
run_settle(struct run *r)
{
	r->settled = 1;
	/* What has said its last word gets a moment to leave by itself. */
	r->next = ts_mono() + LINGER;
}

void
run_stale(struct dispatcher *d, struct run *r, const char *found)
{
	d->count.stale++;
	metric_add(METRIC_STALE, 0, 1);
	log_warnx("superseded attempt stopped, nothing of it is recorded "
	    "any more job=%s attempt=%d found=%s stale=%ju", r->ref.job_id,
	    r->ref.number, found, d->count.stale);
	run_settle(r);
	/* It works for nobody, and its successor may be under way. */
	run_stop(d, r, 0);
}

/* The row of an attempt that nobody needs any more. */
static void
attempt_close(struct dispatcher *d, struct run *r, const char *reason)
{
	struct loss *l;
	size_t n;

	/* Else its lease closes it later. */
	if (store_attempt_lose(d->db, d->arena, &r->ref, 1, reason, 0, 0, &l,
	    &n) != ERR_OK)
		log_debug("attempt not closed job=%s", r->ref.job_id);
}

int
run_resync(struct dispatcher *d, struct run *r, const char *found)
{
	struct attempt_state s;
	enum job_state state;
	enum err e;

	e = store_attempt_state(d->db, d->arena, &r->ref, &s);
	if (e != ERR_OK && e != ERR_NOT_FOUND) {
		(void)link_transient(d, e);
		r->next = ts_mono() + RETRY_AFTER;
		return 0;
	}
	if (e == ERR_OK && s.current && state_parse(s.job_status, &state) ==
	    0) {
		/* An answer was lost: go on from what is recorded. */
		tail_seek(&r->out, s.events_offset);
		tail_seek(&r->err, s.stderr_offset);
		r->state = state;
		return 1;
	}
	if (e != ERR_OK || strcmp(s.status, "lost") == 0) {
		run_stale(d, r, found);
		return 0;
	}
	if (s.cancelled) {
		log_info("cancelled before it began job=%s attempt=%d",
		    r->ref.job_id, r->ref.number);
		run_settle(r);
		run_stop(d, r, 0);
		return 0;
	}
	if (strcmp(s.status, "claimed") != 0 &&
	    strcmp(s.status, "running") != 0) {
		log_info("ended before job=%s attempt=%d status=%s",
		    r->ref.job_id, r->ref.number, s.status);
		run_settle(r);
		return 0;
	}
	attempt_close(d, r, "superseded");
	run_stale(d, r, found);
	return 0;
}

int
run_lose(struct dispatcher *d, struct run *r, const char *reason, int count)
{
	struct loss *l;
	enum err e;
	size_t n;

	e = store_attempt_lose(d->db, d->arena, &r->ref, 1, reason, count, 0,
	    &l, &n);
	if (e != ERR_OK) {
		(void)link_transient(d, e);
		r->next = ts_mono() + RETRY_AFTER;
		return 0;
	}
	if (n == 0 || l->status == NULL) {
		run_stale(d, r, "loss");
		return 1;
	}
	d->count.lost++;
	metric_add(METRIC_LOST, 0, (uint64_t)count);
	log_warnx("attempt lost, the job is %s now job=%s attempt=%d: %s",
	    l->status, r->ref.job_id, r->ref.number, reason);
	run_settle(r);
	return 1;
}

/* Of the attempts lost right before; NULL when its file is not there. */
static int
resume_find(struct dispatcher *d, struct run *r, const char **path)
{
	enum err e;

	e = store_attempt_resume(d->db, d->arena, &r->ref, path);
	if (e != ERR_OK) {
		(void)link_transient(d, e);
		return 0;
	}
	/* One that lies elsewhere is for the runner to find. */
	if (*path != NULL && strstr(*path, "://") == NULL &&
	    access(*path, R_OK) == -1) {
		log_warn("checkpoint of an earlier attempt cannot be read "
		    "job=%s", r->ref.job_id);
		*path = NULL;
	}
	return 1;
}

/* What an earlier attempt left works for nobody. */
static void
earlier_stop(struct dispatcher *d, const struct run *r)
{
	struct attempt_ref ref = r->ref;

	for (ref.number = 1; ref.number < r->ref.number; ref.number++)
		if (house_alive(d, &ref))
			house_kill(d, &ref);
}

static void
run_start(struct dispatcher *d, struct run *r)
{
	struct engine_job job = {
	    .seconds = (r->deadline - ts_mono()) / SECOND + 1,
	    .grace = d->conf->grace_seconds,
	    .memory_mb = d->conf->job_memory_mb, .cpus = d->conf->job_cpus };
	const char *resume, *why = NULL;

	if (!resume_find(d, r, &resume)) {
		r->next = ts_mono() + RETRY_AFTER;
		return;
	}
	if ((job.env = environment_make(d, r, resume, &why)) == NULL) {
		if (why != NULL)
			run_finish(d, r, "failed", "internal_error", why);
		return;
	}
	earlier_stop(d, r);
	job.command = r->kind->command;
	if (resume != NULL)
		log_info("resuming job=%s attempt=%d from=%s", r->ref.job_id,
		    r->ref.number, resume);
	talk_start(d, r, &job);
}

static void
run_refused(struct dispatcher *d, struct run *r)
{
	const char *why = r->engine.why;

	log_warnx("cannot start a runner job=%s engine=%s: %s",
	    r->ref.job_id, r->serving->engine->name,
	    why[0] == '\0' ? strerrordesc_np(r->refused) : why);
	run_finish(d, r, "failed", "internal_error",
	    arena_printf(d->arena, "the runner could not be started: %s",
	    why[0] == '\0' ? strerrordesc_np(r->refused) : why));
}

static void
run_prepare(struct dispatcher *d, struct run *r)
{
	const char *why = NULL;

	if (r->kind->command == NULL) {
		(void)run_lose(d, r, "this dispatcher has no runner for it",
		    0);
		return;
	}
	switch (document_step(d, r, &why)) {
	case DOCUMENT_MORE:
		break;
	case DOCUMENT_READY:
		run_start(d, r);
		break;
	case DOCUMENT_FAILED:
		run_finish(d, r, "failed", "internal_error", why);
		break;
	}
}

static const char *
death_text(struct dispatcher *d, const struct run *r)
{
	const char *lines = text_last_lines(d->arena, r->err.path);
	const char *sep = lines[0] == '\0' ? "" : ": ";
	int status = r->engine.status;

	if (WIFSIGNALED(status))
		return arena_printf(d->arena, "the runner was ended by "
		    "signal %d (%s)%s%s", WTERMSIG(status),
		    sigdescr_np(WTERMSIG(status)), sep, lines);
	if (WEXITSTATUS(status) == 0)
		return arena_printf(d->arena, "the runner ended without "
		    "reporting an end%s%s", sep, lines);
	return arena_printf(d->arena, "the runner exited with status %d%s%s",
	    WEXITSTATUS(status), sep, lines);
}

/* The process is gone and everything it said is recorded: no end among it. */
static void
run_died(struct dispatcher *d, struct run *r)
{
	int status = r->engine.status;

	if (r->cancel)
		run_finish(d, r, "cancelled", NULL, NULL);
	else if (d->stopping == STOP_HAND_BACK && r->stopping != 0)
		(void)run_lose(d, r, "handed back", 0);
	else if (r->engine_state == ENGINE_GONE)
		(void)run_lose(d, r, r->engine.why[0] == '\0' ?
		    "its processes are gone" : r->engine.why, 1);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_AGAIN)
		(void)run_lose(d, r, "its runner was stopped", 1);
	else if (r->face == FACE_JUDGE && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGKILL)
		(void)run_lose(d, r, "its runner was killed", 1);
	else
		run_finish(d, r, "failed", "internal_error", death_text(d, r));
}

static void
run_read(struct dispatcher *d, struct run *r, int64_t now)
{
	int ended = r->phase == RUN_ENDED;

	if (d->db == NULL || now < r->next)
		return;
	r->next = now + READ_EVERY;
	if (!report_output(d, r, ended))
		return;
	r->dirty = 0;
	if (ended && !r->settled)
		run_died(d, r);
}

/* Nobody waits for ever for a cluster that does not answer. */
static int
cancel_overdue(const struct dispatcher *d, const struct run *r, int64_t now)
{
	return r->cancel && !r->serving->up && r->phase == RUN_LIVE &&
	    r->stopping != 0 && d->db != NULL && now >= r->next &&
	    now >= r->stopping + d->conf->grace_seconds * SECOND + OVERDUE;
}

void
run_step(struct dispatcher *d, struct run *r, int64_t now)
{
	talk_turn(d, r, now);
	if (r->phase == RUN_LIVE && now - r->looked >= LOOK_EVERY) {
		r->looked = now;
		r->dirty = 1;
	}
	if (r->settled) {
		if (r->phase != RUN_LIVE && !r->asked)
			run_free(d, r);
		else if (r->stopping == 0 && now >= r->next)
			run_stop(d, r, d->conf->grace_seconds);
		return;
	}
	if (r->cancel && r->phase == RUN_LIVE && r->stopping == 0) {
		log_info("cancelling job=%s attempt=%d", r->ref.job_id,
		    r->ref.number);
		run_stop(d, r, d->conf->grace_seconds);
	}
	if (cancel_overdue(d, r, now)) {
		log_warnx("cancelled although it may go on, since engine %s "
		    "cannot be asked job=%s attempt=%d",
		    r->serving->engine->name, r->ref.job_id, r->ref.number);
		run_finish(d, r, "cancelled", NULL, NULL);
		return;
	}
	if (d->stopping == STOP_HAND_BACK && r->stopping == 0)
		run_stop(d, r, d->conf->drain_seconds);
	if (d->db != NULL && r->phase != RUN_ENDED && now >= r->deadline &&
	    now >= r->next) {
		r->end_stop = 1;
		run_finish(d, r, "failed", "timeout_error",
		    arena_printf(d->arena, "timed out after %" PRId64 " s",
		    time_allowed(d, r->timeout_seconds)));
		return;
	}
	if (r->phase != RUN_PREPARING) {
		if (r->dirty || r->phase == RUN_ENDED)
			run_read(d, r, now);
	} else if (d->db != NULL && now >= r->next && !r->asked &&
	    !r->recovering) {
		if (r->refused != 0)
			run_refused(d, r);
		else if (r->cancel)
			run_finish(d, r, "cancelled", NULL, NULL);
		else if (d->stopping == STOP_HAND_BACK)
			(void)run_lose(d, r, "handed back", 0);
		else if (r->job != NULL)
			talk_start_again(d, r);
		else
			run_prepare(d, r);
	}
}

int64_t
run_due(const struct run *r)
{
	int64_t due = talk_due(r);

	if (r->settled && r->phase != RUN_LIVE)
		return r->asked ? NEVER : 0;
	if (r->phase == RUN_LIVE && r->looked + LOOK_EVERY < due)
		due = r->looked + LOOK_EVERY;
	if (r->deadline < due && !r->settled)
		due = r->deadline;
	if (r->owner->db == NULL)
		return due;
	if (r->phase == RUN_PREPARING && (r->asked || r->recovering))
		return due;
	if ((r->phase != RUN_LIVE || r->dirty) && r->next < due)
		due = r->next;
	return due;
}
