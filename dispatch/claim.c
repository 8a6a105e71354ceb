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
#include "dispatch/engines/check.h"
#include "dispatch/meter.h"
#include "util/log.h"
#include "util/metric.h"
#include "util/ts.h"

#define MARK_LAG	(SECOND / 4)
#define SCAN_EVERY	(5 * SECOND)
#define SCAN_SHARE	50	/* of the time: one part in so many */
#define CLAIM_MOST	500	/* jobs in one statement */

void
claim_init(struct dispatcher *d)
{
	const struct {
		const char	*name, *command, *engine;
	} kinds[KINDS] = {
#define KIND(name) { #name, d->conf->runner_##name, d->conf->engine_##name },
#include "domain/kind.tbl.h"
#undef KIND
	};
	struct kind *k;
	size_t i;

	for (i = 0; i < KINDS; i++) {
		k = &d->kind[i];
		k->name = kinds[i].name;
		k->command = text_split(kinds[i].command);
		k->serving = serving_find(d, kinds[i].engine);
		if (k->command == NULL) {
			log_info("no runner: these jobs stay queued here "
			    "kind=%s", k->name);
			continue;
		}
		/* A far engine's hosts may have what this one has not. */
		if (k->serving->engine->far || command_found(k->command[0])) {
			k->serving->kinds++;
			continue;
		}
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
room_in(const struct dispatcher *d, const struct serving *s)
{
	size_t room;

	if (d->stopping != STOP_NOT || s->kinds == 0 || !s->up ||
	    s->runs >= s->slots)
		return 0;
	room = s->slots - s->runs;
	return room < CLAIM_MOST ? room : CLAIM_MOST;
}

static int
claim_room(const struct dispatcher *d)
{
	size_t i;

	for (i = 0; i < ENGINES; i++)
		if (room_in(d, &d->serving[i]) > 0)
			return 1;
	return 0;
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
ranges_fill(const struct dispatcher *d, const struct serving *s, int all,
    struct claim_range range[KINDS * 3])
{
	size_t i, n = 0;
	int p;

	for (i = 0; i < KINDS; i++)
		for (p = 0; p < 3 && d->kind[i].command != NULL &&
		    d->kind[i].serving == s; p++)
			range[n++] = (struct claim_range){
			    .kind = d->kind[i].name, .priority = p - 1,
			    .mark = all ? 0 : d->kind[i].mark[p].settled };
	return n;
}

static void
claimed_take(struct dispatcher *d, const struct claimed *c,
    struct serving *serving)
{
	struct run *r = run_new(d, c, serving);
	struct kind *k;

	if (r == NULL)
		return;
	k = &d->kind[r->kind - d->kind];
	if (c->queue_seq > k->mark[c->priority + 1].newest)
		k->mark[c->priority + 1].newest = c->queue_seq;
	d->count.claimed++;
	meter_claimed(r);
	log_info("claimed job=%s attempt=%d kind=%s", c->ref.job_id,
	    c->ref.number, c->kind);
}

/* 0 when the database would not answer. */
static int
claim_for(struct dispatcher *d, struct serving *s, int all)
{
	struct claim_range range[KINDS * 3];
	size_t i, n, ranges, room = room_in(d, s);
	struct claimed *c;
	enum err e;

	ranges = ranges_fill(d, s, all, range);
	if (room == 0 || ranges == 0)
		return 1;
	e = store_claim(d->db, d->arena, range, ranges, room, d->worker,
	    s->engine->name, d->conf->lease_seconds, &c, &n);
	if (e != ERR_OK) {
		(void)link_transient(d, e);
		return 0;
	}
	for (i = 0; i < n; i++)
		claimed_take(d, &c[i], s);
	/* A full statement may have left some. */
	if (n == room && room_in(d, s) > 0)
		d->want_claim = 1;
	return 1;
}

void
claim_jobs(struct dispatcher *d)
{
	int64_t start = ts_mono(), took;
	int all = start >= d->next_scan;
	size_t i;

	d->want_claim = 0;
	d->next_claim = start + d->conf->poll_ms * 1000;
	marks_age(d, start);
	if (!claim_room(d))
		return;
	for (i = 0; i < ENGINES; i++)
		if (!claim_for(d, &d->serving[i], all))
			return;
	metric_since(METRIC_CLAIM_TIME, 0, start);
	if (all) {
		took = (ts_mono() - start) * SCAN_SHARE;
		d->next_scan = start +
		    (took > SCAN_EVERY ? took : SCAN_EVERY);
	}
}

int64_t
claim_due(const struct dispatcher *d)
{
	if (!claim_room(d))
		return NEVER;
	return d->want_claim ? 0 : d->next_claim;
}

/* One attempt of an earlier life. */
static void
recover_one(struct dispatcher *d, const struct claimed *c)
{
	struct serving *serving = serving_find(d, c->engine);
	struct run *r;

	if (serving == NULL) {
		log_errx("no engine of that name here: its lease runs out "
		    "job=%s attempt=%d engine=%s", c->ref.job_id,
		    c->ref.number, c->engine);
		return;
	}
	if ((r = run_new(d, c, serving)) == NULL)
		return;
	tail_seek(&r->out, c->events_offset);
	tail_seek(&r->err, c->stderr_offset);
	r->cancel = c->stop;
	d->count.recovered++;
	metric_add(METRIC_RECOVERED, 0, 1);
	talk_recover(d, r);
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
