/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters of the loop and of the notifier; and, in the thread that answers
 * Prometheus, a look at the queues with a connection of its own, so that no
 * job waits for it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "dispatch/dispatch.h"
#include "dispatch/meter.h"
#include "domain/job.h"
#include "store/store_load.h"
#include "util/log.h"
#include "util/metric.h"
#include "util/scrape.h"
#include "util/ts.h"

#define LOOK_EVERY	(5 * SECOND)
#define ARENA_CHUNK	((size_t)16 << 10)

struct meter {
	char		*dsn;		/* settings are main's, which reloads */
	int		 timeout_ms;
	struct scrape	*scrape;
	struct arena	*arena;
	struct db	*db;		/* NULL: away */
	int64_t		 next;
};

static const char *const channels[] = { "webhook", "mail", NULL };
static const char *const outcomes[] = { "delivered", "failed", "stopped",
    "pending", NULL };
static const char *const ends[] = { "completed", "failed", "cancelled",
    NULL };
#define CHANNELS	2
#define OUTCOMES	4
#define ENDS		3

static int
word_find(const char *const *words, const char *word)
{
	int i;

	for (i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static void
told_labels(struct buf *b, unsigned int cell)
{
	metric_label(b, "channel", channels[cell / OUTCOMES]);
	metric_label(b, "outcome", outcomes[cell % OUTCOMES]);
}

static void
ended_labels(struct buf *b, unsigned int cell)
{
	metric_label(b, "kind", job_kinds[cell / ENDS]);
	metric_label(b, "status", ends[cell % ENDS]);
}

void
meter_open(const struct conf *conf)
{
	if (conf->metrics_dispatcher[0] == '\0')
		return;
	metric_open('D', "trainyardd");
	metric_open_words(METRIC_CLAIMED, job_kinds);
	metric_open_words(METRIC_QUEUED, job_kinds);
	metric_open_words(METRIC_QUEUE_AGE, job_kinds);
	metric_open_words(METRIC_RUNNING, job_kinds);
	metric_open_cells(METRIC_ENDED, KINDS * ENDS, ended_labels, 0);
	metric_open_cells(METRIC_TOLD, CHANNELS * OUTCOMES, told_labels, 0);
	metric_open_words(METRIC_TELL_TIME, channels);
	metric_open_words(METRIC_OUTBOX, channels);
	metric_open_words(METRIC_OUTBOX_LATE, channels);
}

void
meter_claimed(const struct run *r)
{
	int kind = word_find(job_kinds, r->kind->name);

	if (kind != -1)
		metric_add(METRIC_CLAIMED, (unsigned int)kind, 1);
}

void
meter_ended(const struct run *r, const char *status)
{
	int kind = word_find(job_kinds, r->kind->name);
	int end = word_find(ends, status);

	if (kind != -1 && end != -1)
		metric_add(METRIC_ENDED, (unsigned int)(kind * ENDS + end),
		    1);
}

/* Of all engines that have something to do. */
static size_t
slots_count(const struct dispatcher *d)
{
	size_t i, n = 0;

	for (i = 0; i < ENGINES; i++)
		if (d->serving[i].kinds > 0)
			n += d->serving[i].slots;
	return n;
}

void
meter_runs(const struct dispatcher *d)
{
	metric_set(METRIC_RUNS, 0, (double)d->nruns);
	metric_set(METRIC_SLOTS, 0, (double)slots_count(d));
}

void
meter_told(int mail, const char *outcome, int64_t took_ms)
{
	int how = word_find(outcomes, outcome);
	unsigned int channel = mail ? 1 : 0;

	metric_seen(METRIC_TELL_TIME, channel, (double)took_ms / 1000);
	if (how != -1)
		metric_add(METRIC_TOLD, channel * OUTCOMES +
		    (unsigned int)how, 1);
}

static enum err
queues_look(struct meter *m)
{
	struct load_outbox *boxes;
	struct load_kind *kinds;
	size_t i, n;
	int cell;
	enum err e;

	e = store_load_kinds(m->db, m->arena, job_kinds, &kinds, &n);
	if (e != ERR_OK)
		return e;
	for (i = 0; i < n; i++) {
		if ((cell = metric_word(METRIC_QUEUED, kinds[i].kind)) == -1)
			continue;
		metric_set(METRIC_QUEUED, (unsigned int)cell,
		    (double)kinds[i].queued);
		metric_set(METRIC_QUEUE_AGE, (unsigned int)cell,
		    kinds[i].oldest);
		metric_set(METRIC_RUNNING, (unsigned int)cell,
		    (double)kinds[i].running);
	}
	e = store_load_outbox(m->db, m->arena, &boxes, &n);
	if (e != ERR_OK)
		return e;
	for (i = 0; i < n; i++) {
		if ((cell = metric_word(METRIC_OUTBOX, boxes[i].channel)) ==
		    -1)
			continue;
		metric_set(METRIC_OUTBOX, (unsigned int)cell,
		    (double)boxes[i].waiting);
		metric_set(METRIC_OUTBOX_LATE, (unsigned int)cell,
		    boxes[i].overdue);
	}
	metric_set(METRIC_LOOKED, 0, (double)ts_now() / 1e6);
	return ERR_OK;
}

/* In the thread that answers Prometheus. */
static void
measure(void *arg)
{
	struct meter *m = arg;
	enum err e = ERR_OK;

	if (ts_mono() < m->next)
		return;
	if (m->db == NULL)
		e = db_open(m->dsn, "trainyardd metrics", m->timeout_ms,
		    &m->db);
	if (e == ERR_OK)
		e = queues_look(m);
	if (m->db != NULL && !db_alive(m->db)) {
		db_close(m->db);
		m->db = NULL;
	}
	metric_set(METRIC_DATABASE_UP, 0, m->db != NULL);
	if (e != ERR_OK)
		log_debug("queues could not be looked at");
	arena_reset(m->arena);
	m->next = ts_mono() + LOOK_EVERY;
}

struct meter *
meter_start(const struct conf *conf)
{
	struct meter *m;

	if (conf->metrics_dispatcher[0] == '\0')
		return NULL;
	if ((m = calloc(1, sizeof(*m))) == NULL ||
	    (m->dsn = strdup(conf->database_dispatcher)) == NULL)
		fatal("metrics");
	m->timeout_ms = (int)conf->statement_timeout_ms;
	m->arena = arena_new(ARENA_CHUNK);
	m->scrape = scrape_start(conf->metrics_dispatcher, measure, m);
	return m;
}

void
meter_stop(struct meter *m)
{
	if (m == NULL)
		return;
	scrape_stop(m->scrape);
	db_close(m->db);
	arena_free(m->arena);
	free(m->dsn);
	free(m);
}

void
seen_tell(struct dispatcher *d)
{
	const char *kinds[KINDS], *engines[KINDS];
	struct dispatcher_row row = { .worker = d->worker,
	    .version = PACKAGE_VERSION, .kinds = kinds, .engines = engines,
	    .slots = (int64_t)slots_count(d), .runs = d->nruns,
	    .up = (double)(ts_mono() - d->began) / 1e6 };
	size_t i;
	enum err e;

	for (i = 0; i < KINDS; i++)
		if (d->kind[i].command != NULL) {
			kinds[row.n] = d->kind[i].name;
			engines[row.n++] = d->kind[i].serving->engine->name;
		}
	if ((e = store_dispatcher_seen(d->db, d->arena, &row)) != ERR_OK &&
	    !link_transient(d, e))
		log_errx("the list of dispatchers could not be written");
}

void
seen_stop(struct dispatcher *d)
{
	if (store_dispatcher_stopped(d->db, d->arena, d->worker, d->nruns) !=
	    ERR_OK)
		log_debug("the list of dispatchers could not be written");
}
