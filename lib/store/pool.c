/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections are made by a thread of the pool's own: a host that does not
 * answer costs that thread seconds, and no request more than it may wait.
 *
 * A connection that comes free is handed to who has waited longest.  A thread
 * that gives one back and takes again at once would otherwise always be there
 * before one that has to wake up, and some would wait for ever.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "store/pool.h"
#include "util/log.h"
#include "util/metric.h"
#include "util/ts.h"

#define POOL_WAIT_MS	1500	/* longest wait of pool_take */
#define POOL_RETRY_MS	300	/* between two attempts to connect */

/* A thread in pool_take, on its stack. */
struct taker {
	TAILQ_ENTRY(taker)	 link;
	pthread_cond_t		 woken;
	struct db		*db;	/* what it was handed */
};

struct pool {
	char		*dsn;
	char		*role;
	int		 max;
	int		 timeout_ms;
	pthread_t	 connector;

	pthread_mutex_t	 mu;		/* holds all below */
	pthread_cond_t	 wanted;	/* for the connector */
	pthread_condattr_t clock;	/* of all conditions */
	TAILQ_HEAD(, taker) takers;	/* without idle ones only */
	struct db	**idle;		/* a stack: few stay warm */
	int		 nidle;
	int		 nopen;		/* idle and taken */
	int		 down;		/* the last attempt to connect failed */
	int		 healthy;
	int		 stop;
};

static void
deadline(struct timespec *ts, int ms)
{
	int64_t us = ts_mono() + (int64_t)ms * 1000;

	ts->tv_sec = (time_t)(us / 1000000);
	ts->tv_nsec = (long)(us % 1000000) * 1000;
}

/* One connection is always kept, so that health is known without a request. */
static int
pool_wants(const struct pool *p)
{
	return p->nopen == 0 ||
	    (!TAILQ_EMPTY(&p->takers) && p->nopen < p->max);
}

/* With p->mu held: somebody's, or idle. */
static void
pool_offer(struct pool *p, struct db *db)
{
	struct taker *t;

	if ((t = TAILQ_FIRST(&p->takers)) == NULL) {
		p->idle[p->nidle++] = db;
		return;
	}
	TAILQ_REMOVE(&p->takers, t, link);
	t->db = db;
	(void)pthread_cond_signal(&t->woken);
}

static void
pool_connected(struct pool *p, struct db *db, const char *why)
{
	struct taker *t;

	if (db == NULL) {
		if (!p->down)
			log_warnx("could not connect to the database: %s",
			    why);
		p->down = 1;
		p->healthy = 0;
		TAILQ_FOREACH(t, &p->takers, link)
			(void)pthread_cond_signal(&t->woken);
		return;
	}
	if (p->down)
		log_info("the database is back");
	p->down = 0;
	p->healthy = 1;
	p->nopen++;
	pool_offer(p, db);
}

static void *
connector_run(void *arg)
{
	struct pool *p = arg;
	char why[DB_WHY_LEN];
	struct timespec ts;
	struct db *db;
	enum err e;

	(void)pthread_mutex_lock(&p->mu);
	while (!p->stop) {
		if (!pool_wants(p)) {
			(void)pthread_cond_wait(&p->wanted, &p->mu);
			continue;
		}
		(void)pthread_mutex_unlock(&p->mu);
		e = db_connect(p->dsn, p->role, p->timeout_ms, &db, why);
		(void)pthread_mutex_lock(&p->mu);
		pool_connected(p, e == ERR_OK ? db : NULL, why);
		if (e == ERR_OK)
			continue;
		deadline(&ts, POOL_RETRY_MS);
		while (!p->stop && pthread_cond_timedwait(&p->wanted, &p->mu,
		    &ts) != ETIMEDOUT)
			;
	}
	(void)pthread_mutex_unlock(&p->mu);
	return NULL;
}

struct pool *
pool_new(const char *dsn, const char *role, int connections,
    int statement_timeout_ms)
{
	struct pool *p;
	int e;

	if ((p = calloc(1, sizeof(*p))) == NULL ||
	    (p->dsn = strdup(dsn)) == NULL ||
	    (p->role = strdup(role)) == NULL ||
	    (p->idle = calloc((size_t)connections, sizeof(*p->idle))) == NULL)
		fatalx("out of memory");
	p->max = connections;
	p->timeout_ms = statement_timeout_ms;
	(void)pthread_mutex_init(&p->mu, NULL);
	(void)pthread_condattr_init(&p->clock);
	(void)pthread_condattr_setclock(&p->clock, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&p->wanted, &p->clock);
	TAILQ_INIT(&p->takers);
	if ((e = pthread_create(&p->connector, NULL, connector_run, p)) != 0) {
		errno = e;
		fatal("pthread_create");
	}
	return p;
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	(void)pthread_mutex_lock(&p->mu);
	p->stop = 1;
	(void)pthread_cond_broadcast(&p->wanted);
	(void)pthread_mutex_unlock(&p->mu);
	(void)pthread_join(p->connector, NULL);
	if (p->nidle != p->nopen)
		fatalx("pool freed while in use connections=%d",
		    p->nopen - p->nidle);
	while (p->nidle > 0)
		db_close(p->idle[--p->nidle]);
	(void)pthread_cond_destroy(&p->wanted);
	(void)pthread_condattr_destroy(&p->clock);
	(void)pthread_mutex_destroy(&p->mu);
	free(p->idle);
	free(p->role);
	free(p->dsn);
	free(p);
}

/* With p->mu held: a connection is gone, someone may want another. */
static void
pool_dropped(struct pool *p)
{
	p->nopen--;
	(void)pthread_cond_signal(&p->wanted);
}

/* An idle connection as soon as there is one, or NULL. */
static struct db *
idle_wait(struct pool *p, const struct timespec *end)
{
	struct taker t = { .db = NULL };
	int timeout = 0;

	if (p->nidle > 0)
		return p->idle[--p->nidle];
	(void)pthread_cond_init(&t.woken, &p->clock);
	TAILQ_INSERT_TAIL(&p->takers, &t, link);
	/*
	 * While other threads have connections one may come back; without
	 * any, what the connector found out is the answer.
	 */
	while (t.db == NULL && !timeout && !(p->down && p->nopen == 0)) {
		(void)pthread_cond_signal(&p->wanted);
		timeout = pthread_cond_timedwait(&t.woken, &p->mu, end) ==
		    ETIMEDOUT;
	}
	if (t.db == NULL)
		TAILQ_REMOVE(&p->takers, &t, link);
	(void)pthread_cond_destroy(&t.woken);
	return t.db;
}

enum err
pool_take(struct pool *p, struct db **out)
{
	int64_t began = ts_mono();
	struct timespec end;
	struct db *db;

	*out = NULL;
	deadline(&end, POOL_WAIT_MS);
	(void)pthread_mutex_lock(&p->mu);
	while ((db = idle_wait(p, &end)) != NULL) {
		(void)pthread_mutex_unlock(&p->mu);
		if (db_alive(db)) {
			*out = db;
			metric_since(METRIC_POOL_WAIT, 0, began);
			return ERR_OK;
		}
		db_close(db);
		(void)pthread_mutex_lock(&p->mu);
		pool_dropped(p);
	}
	(void)pthread_mutex_unlock(&p->mu);
	metric_since(METRIC_POOL_WAIT, 0, began);
	metric_add(METRIC_POOL_REFUSED, 0, 1);
	return ERR_UNAVAILABLE;
}

void
pool_give(struct pool *p, struct db *db)
{
	int alive;

	db_rollback(db);
	alive = db_alive(db);
	if (!alive)
		db_close(db);
	(void)pthread_mutex_lock(&p->mu);
	p->healthy = alive;
	if (alive)
		pool_offer(p, db);
	else
		pool_dropped(p);
	(void)pthread_mutex_unlock(&p->mu);
}

void
pool_count(struct pool *p, int *idle, int *busy)
{
	(void)pthread_mutex_lock(&p->mu);
	*idle = p->nidle;
	*busy = p->nopen - p->nidle;
	(void)pthread_mutex_unlock(&p->mu);
}

int
pool_healthy(struct pool *p)
{
	int healthy;

	(void)pthread_mutex_lock(&p->mu);
	healthy = p->healthy;
	(void)pthread_mutex_unlock(&p->mu);
	return healthy;
}
