/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Takes jobs from the queue.
 *
 * A claim reads each range of the queue behind a watermark, the queue_seq
 * that was claimed there last: while some other session holds an old
 * snapshot, rows that were claimed long ago cannot be vacuumed, and a claim
 * without a watermark walks over all of them each time.  Jobs are not
 * committed in the order of their queue_seq, so the watermark stays a little
 * behind, and a slower scan of everything finds what came later still.
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "dispatch/dispatch.h"
#include "util/log.h"
#include "util/ts.h"

#define MARK_LAG	(SECOND / 4)
#define SCAN_EVERY	(5 * SECOND)
#define SCAN_SHARE	50	/* of the time: one part in so many */
#define CLAIM_MOST	500	/* jobs in one statement */

void
claim_init(struct dispatcher *d)
{
	const struct {
		const char	*name, *command;
	} kinds[KINDS] = {
		{ "judge", d->conf->runner_judge },
		{ "tinker_sft", d->conf->runner_tinker_sft },
		{ "tinker_rl", d->conf->runner_tinker_rl },
		{ "ray_grpo", d->conf->runner_ray_grpo },
	};
	struct kind *k;
	size_t i;

	for (i = 0; i < KINDS; i++) {
		k = &d->kind[i];
		k->name = kinds[i].name;
		k->command = text_split(kinds[i].command);
		if (k->command == NULL) {
			log_info("no runner: these jobs stay queued here "
			    "kind=%s", k->name);
			continue;
		}
		if (d->engine->probe((const char *const *)k->command) == 0)
			continue;
		log_warnx("the runner cannot be found: these jobs stay "
		    "queued here kind=%s command=%s", k->name, k->command[0]);
		text_split_free(k->command);
		k->command = NULL;
	}
}

void
claim_end(struct dispatcher *d)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		text_split_free(d->kind[i].command);
}

static const struct kind *
kind_find(const struct dispatcher *d, const char *name)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		if (strcmp(d->kind[i].name, name) == 0)
			return &d->kind[i];
	return NULL;
}

static size_t
claim_room(const struct dispatcher *d)
{
	size_t most = d->engine->capacity((size_t)d->conf->slots);

	if (d->stopping != STOP_NOT || d->nruns >= most)
		return 0;
	return most - d->nruns < CLAIM_MOST ? most - d->nruns : CLAIM_MOST;
}

/* What has been claimed long enough becomes where claims begin. */
static void
marks_age(struct dispatcher *d, int64_t now)
{
	size_t i, p;

	if (now - d->marks_moved < MARK_LAG)
		return;
	d->marks_moved = now;
	for (i = 0; i < KINDS; i++)
		for (p = 0; p < 3; p++) {
			d->kind[i].mark[p].settled =
			    d->kind[i].mark[p].recent;
			d->kind[i].mark[p].recent =
			    d->kind[i].mark[p].newest;
		}
}

static size_t
ranges_fill(const struct dispatcher *d, int all,
    struct claim_range range[KINDS * 3])
{
	size_t i, n = 0;
	int p;

	for (i = 0; i < KINDS; i++)
		for (p = 0; p < 3 && d->kind[i].command != NULL; p++)
			range[n++] = (struct claim_range){
			    .kind = d->kind[i].name, .priority = p - 1,
			    .mark = all ? 0 : d->kind[i].mark[p].settled };
	return n;
}

static void
claimed_take(struct dispatcher *d, const struct claimed *c)
{
	struct run *r = run_new(d, c);
	struct kind *k;

	if (r == NULL)
		return;
	k = &d->kind[r->kind - d->kind];
	if (c->queue_seq > k->mark[c->priority + 1].newest)
		k->mark[c->priority + 1].newest = c->queue_seq;
	d->count.claimed++;
	log_info("claimed job=%s attempt=%d kind=%s", c->ref.job_id,
	    c->ref.number, c->kind);
}

void
claim_jobs(struct dispatcher *d)
{
	struct claim_range range[KINDS * 3];
	int64_t start = ts_mono(), took;
	int all = start >= d->next_scan;
	size_t i, n, ranges, room = claim_room(d);
	struct claimed *c;
	enum err e;

	d->want_claim = 0;
	d->next_claim = start + d->conf->poll_ms * 1000;
	marks_age(d, start);
	ranges = ranges_fill(d, all, range);
	if (room == 0 || ranges == 0)
		return;
	e = store_claim(d->db, d->arena, range, ranges, room, d->worker,
	    d->engine->name, d->conf->lease_seconds, &c, &n);
	if (e != ERR_OK) {
		(void)link_transient(d, e);
		return;
	}
	if (all) {
		took = (ts_mono() - start) * SCAN_SHARE;
		d->next_scan = start +
		    (took > SCAN_EVERY ? took : SCAN_EVERY);
	}
	for (i = 0; i < n; i++)
		claimed_take(d, &c[i]);
	/* A full statement may have left some. */
	if (n == room && claim_room(d) > 0)
		d->want_claim = 1;
}

int64_t
claim_due(const struct dispatcher *d)
{
	if (claim_room(d) == 0)
		return NEVER;
	return d->want_claim ? 0 : d->next_claim;
}

/* One attempt of an earlier life. */
static void
recover_one(struct dispatcher *d, const struct claimed *c)
{
	struct run *r;

	if ((r = run_new(d, c)) == NULL)
		return;
	tail_seek(&r->out, c->events_offset);
	tail_seek(&r->err, c->stderr_offset);
	r->cancel = c->stop;
	r->engine_state = d->engine->recover(&r->engine);
	log_info("found again job=%s attempt=%d %s", r->ref.job_id,
	    r->ref.number, r->engine_state == ENGINE_RUNNING ? "running" :
	    r->engine_state == ENGINE_ENDED ? "ended" :
	    r->engine_state == ENGINE_GONE ? "gone" : "not started");
	d->count.recovered++;
	if (r->engine_state != ENGINE_UNSTARTED)
		run_attach(d, r);
	if (!c->current)
		(void)run_resync(d, r, "start");
}

int
claim_recover(struct dispatcher *d)
{
	struct claimed *c;
	size_t i, n;
	enum err e;

	e = store_attempt_mine(d->db, d->arena, d->worker, &c, &n);
	if (e != ERR_OK) {
		(void)link_transient(d, e);
		return 0;
	}
	for (i = 0; i < n; i++)
		if (kind_find(d, c[i].kind) != NULL)
			recover_one(d, &c[i]);
	return 1;
}
