/* SPDX-License-Identifier: BSD-2-Clause */
/* The engines as this dispatcher uses them: which are there, which answer. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dispatch/dispatch.h"
#include "dispatch/engines/check.h"
#include "util/log.h"
#include "util/ts.h"

#define PROBE_EVERY	(5 * SECOND)	/* while it is away */
#define TELL_EVERY	(60 * SECOND)	/* another reason, while it is away */
#define DISCARD_AGAIN	(10 * SECOND)
#define DISCARDS_MOST	200		/* at once */

/* A run of nobody's, on its way out. */
struct stray {
	struct ask	 ask;
	struct engine_run run;
	struct serving	*serving;
	char		 dir[WORKDIR_MAX];
};

void
serving_init(struct dispatcher *d)
{
	struct serving *s;
	size_t i;

	engines_prepare();
	for (i = 0; i < ENGINES; i++) {
		s = &d->serving[i];
		s->owner = d;
		s->engine = engine_get((enum engine_id)i);
		s->slots = engine_slots((enum engine_id)i, d->conf);
		s->up = !s->engine->far;
		if (s->engine->open != NULL)
			s->engine->open(d->conf);
		s->asker = asker_new(s->engine, d->conf, d->loop,
		    (size_t)d->conf->engine_calls);
	}
}

void
serving_resize(struct dispatcher *d)
{
	size_t i;

	for (i = 0; i < ENGINES; i++)
		d->serving[i].slots = engine_slots((enum engine_id)i, d->conf);
	d->want_claim = 1;
}

void
serving_end(struct dispatcher *d)
{
	size_t i;

	engines_leave();
	for (i = 0; i < ENGINES; i++)
		asker_free(d->serving[i].asker);
}

struct serving *
serving_find(struct dispatcher *d, const char *engine)
{
	size_t i;

	for (i = 0; i < ENGINES; i++)
		if (strcmp(d->serving[i].engine->name, engine) == 0)
			return &d->serving[i];
	return NULL;
}

void
serving_down(struct serving *s, const char *why)
{
	int64_t now = ts_mono();

	if (s->up || s->why[0] == '\0' || (strcmp(s->why, why) != 0 &&
	    now - s->told >= TELL_EVERY)) {
		s->told = now;
		log_warnx("engine %s cannot be used now, its jobs wait: %s",
		    s->engine->name, why);
	}
	(void)snprintf(s->why, sizeof(s->why), "%s", why);
	s->up = 0;
}

static void
probed(struct ask *q)
{
	struct serving *s = q->arg;

	s->probing = 0;
	s->next_probe = ts_mono() + PROBE_EVERY;
	if (q->result == -1) {
		serving_down(s, q->why);
		return;
	}
	log_info("engine %s can be used slots=%zu", s->engine->name,
	    s->slots);
	s->up = 1;
	s->why[0] = '\0';
	s->owner->want_claim = 1;
}

/* Without jobs to come or to end nobody needs to know. */
static int
probe_wanted(const struct serving *s)
{
	return !s->up && !s->probing && (s->kinds > 0 || s->runs > 0);
}

void
serving_turn(struct dispatcher *d, int64_t now)
{
	struct serving *s;
	size_t i;

	for (i = 0; i < ENGINES; i++) {
		s = &d->serving[i];
		if (!probe_wanted(s) || now < s->next_probe)
			continue;
		s->probing = 1;
		s->probe = (struct ask){ .what = ASK_PROBE, .done = probed,
		    .arg = s };
		ask(s->asker, &s->probe);
	}
}

int64_t
serving_due(const struct dispatcher *d)
{
	int64_t due = NEVER;
	size_t i;

	for (i = 0; i < ENGINES; i++)
		if (probe_wanted(&d->serving[i]) &&
		    d->serving[i].next_probe < due)
			due = d->serving[i].next_probe;
	return due;
}

static void
discarded(struct ask *q)
{
	struct stray *y = q->arg;
	struct dispatcher *d = y->serving->owner;
	int64_t again = ts_mono() + DISCARD_AGAIN;

	/* What could not be asked for is soon asked for again. */
	if (q->state != ENGINE_UNKNOWN)
		workdir_engine_clear(y->dir);
	else if (d->next_sweep > again)
		d->next_sweep = again;
	y->serving->engine->release(&y->run);
	y->serving->discards--;
	free(y);
}

void
serving_discard(struct serving *s, const struct attempt_ref *ref)
{
	struct stray *y;

	/* The others are found by a later sweep. */
	if (s->discards >= DISCARDS_MOST)
		return;
	if ((y = calloc(1, sizeof(*y))) == NULL)
		fatalx("out of memory");
	y->serving = s;
	y->run.fd = -1;
	y->run.dir = y->dir;
	talk_name(ref, y->run.name);
	if (workdir_path(s->owner->conf->data_dir, ref, y->dir) == -1) {
		free(y);
		return;
	}
	y->ask = (struct ask){ .what = ASK_DISCARD, .run = &y->run,
	    .done = discarded, .arg = y };
	s->discards++;
	ask(s->asker, &y->ask);
}
