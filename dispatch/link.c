/* SPDX-License-Identifier: BSD-2-Clause */
/* The two connections: they come back by themselves. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "dispatch/dispatch.h"
#include "store/schema.h"
#include "util/log.h"
#include "util/ts.h"

#define BACKOFF_FIRST	(SECOND / 10)
#define BACKOFF_MOST	(5 * SECOND)

static void
notified(void *arg)
{
	struct dispatcher *d = arg;
	const char *channel, *payload;
	int n;

	while ((n = db_notification(d->listen, &channel, &payload)) == 1) {
		if (strcmp(channel, "trainyard_job") == 0)
			d->want_claim = 1;
		else if (strcmp(channel, "trainyard_cancel") == 0)
			d->want_beat = 1;
		else if (strcmp(channel, "trainyard_policy") == 0)
			d->want_policy = 1;
	}
	if (n == -1)
		link_close(d);
}

void
link_close(struct dispatcher *d)
{
	loop_unwatch(d->loop, d->listen_watch);
	d->listen_watch = NULL;
	db_close(d->listen);
	db_close(d->db);
	d->listen = d->db = NULL;
}

static enum err
link_open(struct dispatcher *d)
{
	const char *dsn = d->conf->database_dispatcher;
	int ms = (int)d->conf->statement_timeout_ms;
	enum err e;

	if ((e = db_open(dsn, "trainyardd", ms, &d->db)) != ERR_OK)
		return e;
	if (!d->schema_known) {
		e = schema_ready(d->db);
		/* The log has the remedy by now. */
		if (e == ERR_PRECONDITION)
			exit(1);
		if (e != ERR_OK)
			return e;
		d->schema_known = 1;
	}
	if ((e = db_open(dsn, "trainyardd listening", ms, &d->listen)) !=
	    ERR_OK)
		return e;
	if ((e = db_listen(d->listen, "trainyard_job")) != ERR_OK ||
	    (e = db_listen(d->listen, "trainyard_cancel")) != ERR_OK)
		return e;
	return db_listen(d->listen, "trainyard_policy");
}

int
link_up(struct dispatcher *d)
{
	int64_t now = ts_mono();

	if (d->db != NULL && d->listen != NULL)
		return 1;
	if (now < d->reconnect_at)
		return 0;
	if (link_open(d) != ERR_OK) {
		link_close(d);
		if (d->backoff == 0)
			log_warnx("the database is away; jobs go on, what "
			    "they report waits");
		d->backoff = d->backoff == 0 ? BACKOFF_FIRST :
		    d->backoff * 2 > BACKOFF_MOST ? BACKOFF_MOST :
		    d->backoff * 2;
		d->reconnect_at = ts_mono() + d->backoff;
		return 0;
	}
	d->listen_watch = loop_watch(d->loop, db_fd(d->listen), notified, d);
	if (d->backoff != 0)
		log_info("the database is back");
	d->backoff = 0;
	/* Nobody told us anything meanwhile. */
	d->want_claim = d->want_beat = d->want_policy = 1;
	/*
	 * Every lease may be over by now, and not for want of a worker: the
	 * others need time to say so.
	 */
	d->next_expiry = ts_mono() + d->conf->lease_seconds * SECOND;
	return 1;
}

int
link_transient(struct dispatcher *d, enum err e)
{
	if (d->db != NULL && !db_alive(d->db))
		link_close(d);
	return d->db == NULL || e == ERR_UNAVAILABLE ||
	    e == ERR_GATEWAY_TIMEOUT;
}
