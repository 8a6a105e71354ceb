/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A queue of rows in front of a few threads with a connection each.
 *
 * A row is WAITING until a thread takes it into a batch; until then its
 * submitter may withdraw it.  TAKEN rows are read without the lock, so their
 * submitter stays until the thread has settled them; statement_timeout and
 * db.c's own deadline bound that.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "store/batcher.h"
#include "store/row.h"
#include "store/sqlarr.h"
#include "util/arena.h"
#include "util/log.h"
#include "util/metric.h"
#include "util/ts.h"

#define BATCH_ARENA	(256 * 1024)
#define BATCH_TRIES	3	/* of a batch that met a deadlock */
#define BATCH_RETRY_MS	300	/* between two attempts to connect */
/* A row waits so long for a server that nobody has a connection to. */
#define BATCH_AWAY_MS	1500

enum entry_state { ENTRY_WAITING, ENTRY_TAKEN };

/* A submitter's side of its row; lives on its stack. */
struct entry {
	TAILQ_ENTRY(entry)	 link;
	struct batch_item	*item;
	uint64_t		 key;	/* hash of statement and key, or 0 */
	enum entry_state	 state;
	/* written before the post, read behind the wait */
	_Atomic enum err	 err;
	/*
	 * Posted once the row is settled.  Not a condition variable: that
	 * would make a whole batch of submitters queue for the lock at once.
	 */
	sem_t			 settled;
};

/* One thread; its batch is read by the others to keep keys apart. */
struct lane {
	struct batcher	*batcher;
	pthread_t	 thread;
	struct db	*db;		/* used by this thread only */
	struct arena	*arena;
	struct entry	**batch;
	uint64_t	*keys;
	int		 n;
};

struct batcher {
	enum batch_group group;
	char		*dsn;
	int		 timeout_ms;
	int		 limit;		/* rows that may wait */
	int		 most;		/* rows in a batch */
	int		 nlanes;
	struct lane	*lanes;

	pthread_mutex_t	 mu;		/* holds all below, states, keys */
	pthread_cond_t	 work;		/* for connected lanes */
	pthread_cond_t	 pause;		/* for lanes without a connection */
	TAILQ_HEAD(, entry) queue;
	int		 queued;
	int		 connected;	/* lanes that have a connection */
	int		 down;		/* none could get one lately */
	int		 stop;

	atomic_int	 inside;	/* calls of batcher_submit, lock-free */
};

static void
deadline(struct timespec *ts, int64_t us)
{
	ts->tv_sec = (time_t)(us / 1000000);
	ts->tv_nsec = (long)(us % 1000000) * 1000;
}

/* FNV-1a.  Two keys that collide are only kept apart without need. */
static uint64_t
key_hash(enum stmt stmt, const char *key)
{
	uint64_t h = UINT64_C(14695981039346656037) ^ (uint64_t)stmt;

	if (key == NULL)
		return 0;
	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * UINT64_C(1099511628211);
	return h == 0 ? 1 : h;
}

static int
key_among(uint64_t key, const uint64_t *keys, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (keys[i] == key)
			return 1;
	return 0;
}

/* With b->mu held: may this row be taken now? */
static int
entry_free(const struct batcher *b, const struct entry *en)
{
	int i;

	if (en->key == 0)
		return 1;
	for (i = 0; i < b->nlanes; i++)
		if (key_among(en->key, b->lanes[i].keys, b->lanes[i].n))
			return 0;
	return 1;
}

/* With b->mu held: the oldest row that may be taken. */
static struct entry *
queue_first(const struct batcher *b)
{
	struct entry *en;

	TAILQ_FOREACH(en, &b->queue, link)
		if (entry_free(b, en))
			return en;
	return NULL;
}

/*
 * With b->mu held: moves rows of the oldest one's statement into the lane's
 * batch, in the order in which they came.
 */
static void
batch_take(struct lane *l)
{
	struct batcher *b = l->batcher;
	struct entry *first = queue_first(b), *en, *next;

	for (en = first; en != NULL && l->n < b->most; en = next) {
		next = TAILQ_NEXT(en, link);
		if (en->item->stmt != first->item->stmt || !entry_free(b, en))
			continue;
		TAILQ_REMOVE(&b->queue, en, link);
		b->queued--;
		en->state = ENTRY_TAKEN;
		l->batch[l->n] = en;
		l->keys[l->n] = en->key;
		l->n++;
	}
}

/* The entry may be gone when this returns. */
static void
entry_settle(struct entry *en, enum err e)
{
	atomic_store(&en->err, e);
	if (sem_post(&en->settled) == -1)
		fatal("sem_post");
}

static void
queue_refuse(struct batcher *b)
{
	struct entry *en;

	while ((en = TAILQ_FIRST(&b->queue)) != NULL) {
		TAILQ_REMOVE(&b->queue, en, link);
		b->queued--;
		en->state = ENTRY_TAKEN;
		entry_settle(en, ERR_UNAVAILABLE);
	}
}

/* One array for each column, over the rows from..from+n-1 of the batch. */
static enum err
rows_run(struct lane *l, int from, int n, struct rows **out)
{
	const struct batch_item *first = l->batch[from]->item;
	const char *params[BATCH_COLS];
	struct buf b;
	int col, i;

	arena_reset(l->arena);
	for (col = 0; col < first->ncols; col++) {
		buf_init(&b, l->arena);
		sqlarr_begin(&b);
		for (i = from; i < from + n; i++)
			sqlarr_add(&b, l->batch[i]->item->col[col]);
		sqlarr_end(&b);
		params[col] = b.data;
	}
	return db_run(l->db, first->stmt, params, out);
}

/*
 * Gives each item its row.  RETURNING promises no order, but mostly keeps
 * it: the search begins where the last one ended.
 */
static void
rows_match(struct lane *l, int from, int n, struct rows *rows)
{
	int count = rows_count(rows), hint = 0, i, k, row, holders = 0;
	struct batch_item *item;

	for (i = from; i < from + n; i++) {
		item = l->batch[i]->item;
		for (k = 0; k < count; k++) {
			row = (hint + k) % count;
			if (strcmp(rows_text(rows, row, 0),
			    item->col[0]) == 0) {
				item->answered = 1;
				item->rows = rows;
				item->row = row;
				hint = row + 1;
				holders++;
				break;
			}
		}
	}
	/* This function's own hold goes last: no item can be done before. */
	rows_share(rows, holders);
	rows_free(rows);
}

/* Runs part of the batch and settles it. */
static enum err
part_run(struct lane *l, int from, int n)
{
	struct rows *rows = NULL;
	int64_t began = ts_mono();
	enum err e = ERR_UNAVAILABLE;
	int i, tries;

	/* A deadlock or serialization failure has written nothing. */
	for (tries = 0; tries < BATCH_TRIES; tries++) {
		e = rows_run(l, from, n, &rows);
		if (e != ERR_UNAVAILABLE ||
		    strncmp(db_fault(l->db)->sqlstate, "40", 2) != 0)
			break;
	}
	/* One bad row among others: the caller runs them one by one. */
	if (n > 1 && e != ERR_OK && e != ERR_UNAVAILABLE &&
	    e != ERR_GATEWAY_TIMEOUT)
		return e;
	if (e == ERR_OK) {
		metric_seen(METRIC_BATCH_ROWS, l->batcher->group, n);
		metric_since(METRIC_BATCH_TIME, l->batcher->group, began);
		rows_match(l, from, n, rows);
	} else
		for (i = from; i < from + n; i++)
			l->batch[i]->item->fault = *db_fault(l->db);
	for (i = from; i < from + n; i++)
		entry_settle(l->batch[i], e);
	return ERR_OK;
}

static void
batch_run(struct lane *l)
{
	struct batcher *b = l->batcher;
	int64_t end = ts_mono() + (int64_t)b->timeout_ms * 1000;
	int i;

	if (part_run(l, 0, l->n) == ERR_OK)
		return;
	for (i = 0; i < l->n; i++) {
		/* The last ones' submitters have waited long enough. */
		if (!db_alive(l->db) || ts_mono() > end)
			entry_settle(l->batch[i], ERR_UNAVAILABLE);
		else
			(void)part_run(l, i, 1);
	}
}

/* With b->mu held, which it lets go in between.  0 when there is no server. */
static int
lane_connect(struct lane *l)
{
	struct batcher *b = l->batcher;
	char why[DB_WHY_LEN];
	struct timespec ts;
	enum err e;

	(void)pthread_mutex_unlock(&b->mu);
	e = db_connect(b->dsn, b->group == BATCH_READS ? "trainyard reader" :
	    "trainyard writer", b->timeout_ms, &l->db, why);
	(void)pthread_mutex_lock(&b->mu);
	if (e == ERR_OK) {
		if (b->down)
			log_info("the database is back");
		b->down = 0;
		b->connected++;
		return 1;
	}
	if (!b->down)
		log_warnx("could not connect to the database: %s", why);
	if (b->connected == 0) {
		b->down = 1;
		queue_refuse(b);
	}
	deadline(&ts, ts_mono() + BATCH_RETRY_MS * 1000);
	while (!b->stop && pthread_cond_timedwait(&b->pause, &b->mu, &ts) !=
	    ETIMEDOUT)
		;
	return 0;
}

static void
lane_disconnect(struct lane *l)
{
	db_close(l->db);
	l->db = NULL;
	l->batcher->connected--;
}

static void *
lane_run(void *arg)
{
	struct lane *l = arg;
	struct batcher *b = l->batcher;
	int alive;

	(void)pthread_mutex_lock(&b->mu);
	while (!b->stop || b->queued > 0) {
		if (l->db == NULL && !lane_connect(l)) {
			/* What waits is refused, or another lane's. */
			if (b->stop)
				break;
			continue;
		}
		if (queue_first(b) == NULL) {
			if (!b->stop || b->queued > 0)
				(void)pthread_cond_wait(&b->work, &b->mu);
			continue;
		}
		(void)pthread_mutex_unlock(&b->mu);
		alive = db_alive(l->db);
		(void)pthread_mutex_lock(&b->mu);
		if (!alive) {
			lane_disconnect(l);
			continue;
		}
		batch_take(l);
		if (l->n == 0)
			continue;
		(void)pthread_mutex_unlock(&b->mu);
		batch_run(l);
		alive = db_alive(l->db);
		(void)pthread_mutex_lock(&b->mu);
		l->n = 0;
		if (!alive)
			lane_disconnect(l);
		/* Rows with keys of this batch may go now. */
		if (b->queued > 0 || b->stop)
			(void)pthread_cond_broadcast(&b->work);
	}
	(void)pthread_mutex_unlock(&b->mu);
	db_close(l->db);
	return NULL;
}

struct batcher *
batcher_new(const char *dsn, enum batch_group group, int connections,
    int batch, int queue, int statement_timeout_ms)
{
	pthread_condattr_t attr;
	struct batcher *b;
	struct lane *l;
	int e, i;

	if ((b = calloc(1, sizeof(*b))) == NULL ||
	    (b->dsn = strdup(dsn)) == NULL ||
	    (b->lanes = calloc((size_t)connections, sizeof(*l))) == NULL)
		fatalx("out of memory");
	b->group = group;
	b->timeout_ms = statement_timeout_ms;
	b->limit = queue;
	b->most = batch;
	b->nlanes = connections;
	TAILQ_INIT(&b->queue);
	(void)pthread_mutex_init(&b->mu, NULL);
	(void)pthread_cond_init(&b->work, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&b->pause, &attr);
	(void)pthread_condattr_destroy(&attr);
	for (i = 0; i < connections; i++) {
		l = &b->lanes[i];
		l->batcher = b;
		l->arena = arena_new(BATCH_ARENA);
		l->batch = calloc((size_t)batch, sizeof(*l->batch));
		l->keys = calloc((size_t)batch, sizeof(*l->keys));
		if (l->batch == NULL || l->keys == NULL)
			fatalx("out of memory");
	}
	for (i = 0; i < connections; i++) {
		l = &b->lanes[i];
		if ((e = pthread_create(&l->thread, NULL, lane_run, l)) != 0) {
			errno = e;
			fatal("pthread_create");
		}
	}
	return b;
}

void
batcher_free(struct batcher *b)
{
	int i;

	if (b == NULL)
		return;
	(void)pthread_mutex_lock(&b->mu);
	b->stop = 1;
	(void)pthread_cond_broadcast(&b->work);
	(void)pthread_cond_broadcast(&b->pause);
	(void)pthread_mutex_unlock(&b->mu);
	for (i = 0; i < b->nlanes; i++)
		(void)pthread_join(b->lanes[i].thread, NULL);
	/* Their rows are settled; they need a moment to see it. */
	while (atomic_load(&b->inside) > 0)
		(void)nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	for (i = 0; i < b->nlanes; i++) {
		arena_free(b->lanes[i].arena);
		free(b->lanes[i].batch);
		free(b->lanes[i].keys);
	}
	(void)pthread_cond_destroy(&b->work);
	(void)pthread_cond_destroy(&b->pause);
	(void)pthread_mutex_destroy(&b->mu);
	free(b->lanes);
	free(b->dsn);
	free(b);
}

/* 1 when the row is settled, 0 when that did not happen in time. */
static int
entry_wait_until(struct entry *en, int64_t us)
{
	struct timespec ts;

	deadline(&ts, us);
	while (sem_clockwait(&en->settled, CLOCK_MONOTONIC, &ts) == -1) {
		if (errno == ETIMEDOUT)
			return 0;
		if (errno != EINTR)
			fatal("sem_clockwait");
	}
	return 1;
}

/*
 * Without any connection a row waits for a short time only; behind a slow
 * server as long as a statement may take.  What was taken is waited for.
 */
static void
entry_wait(struct batcher *b, struct entry *en)
{
	int64_t start = ts_mono(), away, slow;
	int taken, connected;

	away = start + BATCH_AWAY_MS * 1000;
	slow = start + (int64_t)b->timeout_ms * 1000;
	if (entry_wait_until(en, away))
		return;
	(void)pthread_mutex_lock(&b->mu);
	connected = b->connected > 0;
	(void)pthread_mutex_unlock(&b->mu);
	if (connected && slow > away && entry_wait_until(en, slow))
		return;
	(void)pthread_mutex_lock(&b->mu);
	taken = en->state == ENTRY_TAKEN;
	if (!taken) {
		TAILQ_REMOVE(&b->queue, en, link);
		b->queued--;
		atomic_store(&en->err, ERR_UNAVAILABLE);
	}
	(void)pthread_mutex_unlock(&b->mu);
	while (taken && !entry_wait_until(en, ts_mono() + 1000000))
		;
}

enum err
batcher_submit(struct batcher *b, struct batch_item *item)
{
	struct entry en = { .item = item, .state = ENTRY_WAITING };
	enum err e;
	int queued = 0;

	item->answered = 0;
	item->rows = NULL;
	item->row = 0;
	memset(&item->fault, 0, sizeof(item->fault));
	if (item->ncols < 1 || item->ncols > BATCH_COLS ||
	    item->ncols != stmt_table[item->stmt].params) {
		log_errx("wrong number of columns statement=%s columns=%d",
		    stmt_table[item->stmt].name, item->ncols);
		return ERR_INTERNAL;
	}
	en.key = key_hash(item->stmt, item->key);
	if (sem_init(&en.settled, 0, 0) == -1)
		fatal("sem_init");
	atomic_fetch_add(&b->inside, 1);
	(void)pthread_mutex_lock(&b->mu);
	if (b->stop || b->down || b->queued >= b->limit)
		atomic_store(&en.err, ERR_UNAVAILABLE);
	else {
		TAILQ_INSERT_TAIL(&b->queue, &en, link);
		b->queued++;
		queued = 1;
		(void)pthread_cond_signal(&b->work);
	}
	(void)pthread_mutex_unlock(&b->mu);
	if (queued)
		entry_wait(b, &en);
	(void)sem_destroy(&en.settled);
	atomic_fetch_sub(&b->inside, 1);
	if ((e = atomic_load(&en.err)) == ERR_UNAVAILABLE)
		metric_add(METRIC_BATCH_REFUSED, b->group, 1);
	return e;
}

void
batcher_done(struct batch_item *item)
{
	rows_free(item->rows);
	item->rows = NULL;
}

int
batcher_waiting(struct batcher *b)
{
	int n;

	(void)pthread_mutex_lock(&b->mu);
	n = b->queued;
	(void)pthread_mutex_unlock(&b->mu);
	return n;
}
