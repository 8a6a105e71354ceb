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
#define TOKENS		4096		/* counted at the same time */
#define WORKSPACES	1024
#define RECOUNT		1000000LL	/* microseconds */

struct counter {
	char	id[UUID_LEN];
	int64_t	tat;
};

struct load {
	char	workspace_id[UUID_LEN];
	int64_t	counted_at;
	int64_t	queued;		/* counted then, and let in since */
};

/* The mutex guards both tables. */
struct limits {
	pthread_mutex_t	 mutex;
	struct pool	*pool;
	int64_t		 rate, quota;
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
	l->rate = rate;
	l->quota = quota;
	return l;
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

/* The last digits of a UUIDv7 are random: good enough a hash. */
static size_t
slot_of(const char *uuid, size_t n)
{
	return (size_t)strtoul(uuid + 28, NULL, 16) % n;
}

struct rate
limits_rate(struct limits *l, const struct principal *who)
{
	struct counter	*c;
	struct rate	 r = { 0 };
	int64_t		 limit;

	limit = who->rate_limit >= 0 ? who->rate_limit : l->rate;
	if (limit == 0)
		return r;
	pthread_mutex_lock(&l->mutex);
	c = &l->counter[slot_of(who->token_id, TOKENS)];
	if (strcmp(c->id, who->token_id) != 0) {
		memcpy(c->id, who->token_id, sizeof(c->id));
		c->tat = 0;
	}
	r = rate_step(limit, ts_mono(), ts_now() / 1000000, &c->tat);
	pthread_mutex_unlock(&l->mutex);
	return r;
}

enum err
limits_quota(struct limits *l, const struct tenant *t, int64_t *quota)
{
	struct load	*load;
	struct db	*db;
	int64_t		 limit, queued, now = ts_mono();
	enum err	 err;
	int		 known;

	limit = t->queue_quota >= 0 ? t->queue_quota : l->quota;
	*quota = limit;
	if (limit == 0)
		return ERR_OK;
	load = &l->load[slot_of(t->workspace_id, WORKSPACES)];
	pthread_mutex_lock(&l->mutex);
	known = strcmp(load->workspace_id, t->workspace_id) == 0 &&
	    now - load->counted_at < RECOUNT && load->queued < limit;
	if (known)
		load->queued++;
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
	memcpy(load->workspace_id, t->workspace_id,
	    sizeof(load->workspace_id));
	load->counted_at = now;
	load->queued = queued + 1;
	pthread_mutex_unlock(&l->mutex);
	return queued < limit ? ERR_OK : ERR_RATE;
}
