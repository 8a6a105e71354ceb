/* SPDX-License-Identifier: BSD-2-Clause */
/* Rate by token and quota by workspace. */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "domain/limits.h"
#include "store/store_job.h"
#include "util/log.h"
#include "util/ts.h"

#define WINDOW		60000000LL	/* microseconds */
#define WAYS		4		/* places that one id may have */
#define TOKENS		4096		/* counted at the same time */
#define WORKSPACES	1024
#define RECOUNT		1000000LL	/* microseconds */
/* a minute, for a worker, which tells of every step of its job */
#define JOB_RATE	6000

struct counter {
	char	id[UUID_LEN];
	int64_t	tat;
};

struct load {
	char	workspace_id[UUID_LEN];
	int64_t	counted_at;
	int64_t	queued;		/* counted then, and let in since */
	int64_t	admitted;	/* ever let in */
	int64_t	pending;	/* let in, and their fate is not known yet */
};

/* The mutex guards both tables. */
struct limits {
	pthread_mutex_t	 mutex;
	struct pool	*pool;
	_Atomic int64_t	 rate, quota;	/* changed by limits_set */
	struct counter	 counter[TOKENS];
	struct load	 load[WORKSPACES];
};

struct limits *
limits_new(struct pool *pool, int64_t rate, int64_t quota)
{
	struct limits	*l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		fatal("limits");
	pthread_mutex_init(&l->mutex, NULL);
	l->pool = pool;
	limits_set(l, rate, quota);
	return l;
}

void
limits_set(struct limits *l, int64_t rate, int64_t quota)
{
	l->rate = rate;
	l->quota = quota;
}

void
limits_free(struct limits *l)
{
	if (l == NULL)
		return;
	pthread_mutex_destroy(&l->mutex);
	free(l);
}

struct rate
rate_step(int64_t limit, int64_t now, int64_t now_unix, int64_t *tat)
{
	struct rate	r = { .limit = limit };
	int64_t		step = WINDOW / limit, used;

	if (step < 1)
		step = 1;
	if (*tat < now)
		*tat = now;
	if (*tat + step - now > WINDOW) {
		r.over = 1;
		r.wait = (*tat + step - now - WINDOW + 999999) / 1000000;
	} else {
		*tat += step;
		r.wait = (*tat - now + 999999) / 1000000;
	}
	used = (*tat - now + step - 1) / step;
	r.remaining = used > limit ? 0 : limit - used;
	if (r.wait < 1)
		r.wait = 1;
	r.reset = now_unix + (*tat - now + 999999) / 1000000;
	return r;
}

/* Where an id may be.  The last digits of a UUIDv7 are random enough. */
static size_t
set_of(const char *uuid, size_t slots)
{
	return (size_t)strtoul(uuid + 28, NULL, 16) % (slots / WAYS) * WAYS;
}

/*
 * With the mutex held.  A newcomer takes the place of the counter that will
 * be full again first: when that is in the past, nothing is forgotten.
 */
static struct counter *
counter_of(struct limits *l, const char *id)
{
	struct counter	*c = &l->counter[set_of(id, TOKENS)], *oldest = c;
	int		 i;

	for (i = 0; i < WAYS; i++) {
		if (strcmp(c[i].id, id) == 0)
			return &c[i];
		if (c[i].tat < oldest->tat)
			oldest = &c[i];
	}
	memcpy(oldest->id, id, sizeof(oldest->id));
	oldest->tat = 0;
	return oldest;
}

struct rate
limits_rate(struct limits *l, const struct principal *who)
{
	struct rate	r = { 0 };
	int64_t		limit;

	limit = who->rate_limit >= 0 ? who->rate_limit : l->rate;
	if (who->job_id[0] != '\0' && who->rate_limit < 0 && limit != 0 &&
	    limit < JOB_RATE)
		limit = JOB_RATE;
	if (limit == 0)
		return r;
	pthread_mutex_lock(&l->mutex);
	r = rate_step(limit, ts_mono(), ts_now() / 1000000,
	    &counter_of(l, who->token_id)->tat);
	pthread_mutex_unlock(&l->mutex);
	return r;
}

/* With the mutex held: the workspace's entry, or the one counted longest ago. */
static struct load *
load_of(struct limits *l, const char *id)
{
	struct load	*x = &l->load[set_of(id, WORKSPACES)], *oldest = x;
	int		 i;

	for (i = 0; i < WAYS; i++) {
		if (strcmp(x[i].workspace_id, id) == 0)
			return &x[i];
		if (x[i].counted_at < oldest->counted_at)
			oldest = &x[i];
	}
	memset(oldest, 0, sizeof(*oldest));
	memcpy(oldest->workspace_id, id, sizeof(oldest->workspace_id));
	return oldest;
}

static int64_t
quota_of(const struct limits *l, const struct tenant *t)
{
	return t->queue_quota >= 0 ? t->queue_quota : l->quota;
}

static void
load_admit(struct load *x)
{
	x->queued++;
	x->admitted++;
	x->pending++;
}

enum err
limits_reserve(struct limits *l, const struct tenant *t, int64_t *quota)
{
	struct load	*x;
	struct db	*db;
	int64_t		 limit, queued, now = ts_mono(), before;
	enum err	 err;
	int		 known;

	limit = *quota = quota_of(l, t);
	if (limit == 0)
		return ERR_OK;
	pthread_mutex_lock(&l->mutex);
	x = load_of(l, t->workspace_id);
	known = x->counted_at != 0 && now - x->counted_at < RECOUNT &&
	    x->queued < limit;
	if (known)
		load_admit(x);
	before = x->admitted - x->pending;
	pthread_mutex_unlock(&l->mutex);
	if (known)
		return ERR_OK;

	if ((err = pool_take(l->pool, &db)) != ERR_OK)
		return err;
	err = store_job_count_queued(db, t->workspace_id, limit, &queued);
	pool_give(l->pool, db);
	if (err != ERR_OK)
		return err;
	pthread_mutex_lock(&l->mutex);
	x = load_of(l, t->workspace_id);
	x->counted_at = now;
	/*
	 * What was on its way when the counting began, and what was let in
	 * meanwhile, may or may not be among the counted.
	 */
	x->queued = queued + (x->admitted > before ? x->admitted - before : 0);
	if (x->queued < limit)
		load_admit(x);
	else
		err = ERR_RATE;
	pthread_mutex_unlock(&l->mutex);
	return err;
}

void
limits_settle(struct limits *l, const struct tenant *t, int created)
{
	struct load	*x;

	if (quota_of(l, t) == 0)
		return;
	pthread_mutex_lock(&l->mutex);
	x = load_of(l, t->workspace_id);
	if (x->pending > 0) {
		x->pending--;
		if (!created)
			x->queued--;
	}
	pthread_mutex_unlock(&l->mutex);
}

enum err
limits_quota(struct limits *l, const struct tenant *t, int64_t *quota)
{
	enum err	err;

	if ((err = limits_reserve(l, t, quota)) == ERR_OK)
		limits_settle(l, t, 1);
	return err;
}
