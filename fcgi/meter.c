/* SPDX-License-Identifier: BSD-2-Clause */
/* One cell for each route, and for each status that it gave. */
#include "config.h"

#include <stdlib.h>

#include "fcgi/meter.h"
#include "fcgi/route.h"
#include "util/log.h"
#include "util/metric.h"
#include "util/scrape.h"

#define STATUS_FIRST	100
#define STATUSES	500
#define STATUS_LEFT	499	/* nginx's word for a client that left */

struct meter {
	struct app	*app;
	struct crew	*crew;
	struct scrape	*scrape;
};

static const char *const thread_states[] = { "busy", "idle", NULL };
static const char *const pool_states[] = { "busy", "idle", NULL };
static const char *const batch_groups[] = {
	[BATCH_WRITES] = "writes",
	[BATCH_READS] = "reads",
	NULL
};

/* The last one is no route. */
static void
route_labels(struct buf *b, unsigned int cell)
{
	const struct route	*r = &route_table[cell];

	metric_label(b, "method", cell == route_count ? "-" :
	    method_word(r->method));
	metric_label(b, "route", cell == route_count ? "-" : r->pattern);
}

static void
status_labels(struct buf *b, unsigned int cell)
{
	char	status[4] = { 0 };
	int	v = STATUS_FIRST + (int)(cell % STATUSES);

	route_labels(b, cell / STATUSES);
	status[0] = (char)('0' + v / 100);
	status[1] = (char)('0' + v / 10 % 10);
	status[2] = (char)('0' + v % 10);
	metric_label(b, "status", status);
}

void
meter_open(void)
{
	metric_open('F', "trainyard-fcgi");
	metric_open_cells(METRIC_REQUESTS,
	    (unsigned int)(route_count + 1) * STATUSES, status_labels, 1);
	metric_open_cells(METRIC_REQUEST_TIME,
	    (unsigned int)route_count + 1, route_labels, 1);
	metric_open_words(METRIC_THREADS, thread_states);
	metric_open_words(METRIC_POOL_OPEN, pool_states);
	metric_open_words(METRIC_BATCH_ROWS, batch_groups);
	metric_open_words(METRIC_BATCH_TIME, batch_groups);
	metric_open_words(METRIC_BATCH_WAITING, batch_groups);
	metric_open_words(METRIC_BATCH_REFUSED, batch_groups);
}

void
meter_request(const struct req *req, const struct reply *reply, int64_t began)
{
	unsigned int	route = (unsigned int)(req->route == NULL ?
	    route_count : (size_t)(req->route - route_table));
	int		status = reply->status == 0 ? STATUS_LEFT :
	    reply->status;

	metric_add(METRIC_REQUESTS, route * STATUSES +
	    (unsigned int)(status - STATUS_FIRST), 1);
	metric_since(METRIC_REQUEST_TIME, route, began);
	if (req->content_length > 0)
		metric_add(METRIC_BYTES_IN, 0, (uint64_t)req->content_length);
}

/* In the thread that answers Prometheus. */
static void
measure(void *arg)
{
	struct meter	*m = arg;
	int		 busy, idle;

	crew_count(m->crew, &busy, &idle);
	metric_set(METRIC_THREADS, 0, busy);
	metric_set(METRIC_THREADS, 1, idle);
	pool_count(m->app->pool, &idle, &busy);
	metric_set(METRIC_POOL_OPEN, 0, busy);
	metric_set(METRIC_POOL_OPEN, 1, idle);
	metric_set(METRIC_BATCH_WAITING, BATCH_WRITES,
	    batcher_waiting(m->app->writer));
	metric_set(METRIC_BATCH_WAITING, BATCH_READS,
	    batcher_waiting(m->app->reader));
	metric_set(METRIC_DATABASE_UP, 0, pool_healthy(m->app->pool));
}

struct meter *
meter_start(struct app *app, struct crew *crew)
{
	struct meter	*m;

	if (app->conf->metrics_responder[0] == '\0')
		return NULL;
	if ((m = calloc(1, sizeof(*m))) == NULL)
		fatal("metrics");
	m->app = app;
	m->crew = crew;
	m->scrape = scrape_start(app->conf->metrics_responder, measure, m);
	return m;
}

void
meter_stop(struct meter *m)
{
	if (m == NULL)
		return;
	scrape_stop(m->scrape);
	free(m);
}
