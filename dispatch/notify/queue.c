/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread: claims, waits, records. */
#include "config.h"

#include <sys/eventfd.h>

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "dispatch/meter.h"
#include "dispatch/notify/delivery.h"
#include "dispatch/notify/notify.h"
#include "domain/webhook.h"
#include "util/hash.h"
#include "util/log.h"
#include "util/ts.h"

#define SECOND		INT64_C(1000000)
#define PER_HOST	4
#define LEASE_SECONDS	60	/* a try, and what recording it may take */
#define BUSY_WAIT	(SECOND / 20)
#define RECORD_AGAIN	(SECOND / 2)
#define BACKOFF_FIRST	(SECOND / 10)
#define BACKOFF_MOST	(5 * SECOND)
#define ARENA_CHUNK	((size_t)64 << 10)
#define DELIVERY_CHUNK	((size_t)8 << 10)
#define FDS		4

/* One: a process has one outbox thread. */
static struct {
	struct notify	 n;
	pthread_t	 thread;
	int		 stop_fd;
	atomic_int	 stop;
} the;

int64_t
delivery_left_ms(const struct delivery *d)
{
	int64_t ms = d->limit_ms - (ts_mono() - d->began) / 1000;

	return ms < 1 ? 1 : ms;
}

void
delivery_end(struct delivery *d, enum outcome outcome, int status,
    int64_t retry_after, const char *error, const char *excerpt)
{
	d->phase = D_ENDED;
	d->outcome = outcome;
	d->took_ms = (ts_mono() - d->began) / 1000;
	d->status = status;
	d->retry_after = retry_after;
	d->error = error == NULL ? NULL : arena_strdup(d->arena, error);
	d->excerpt = excerpt == NULL ? NULL :
	    arena_strdup(d->arena, excerpt);
}

enum err
delivery_job(struct delivery *d, struct job *job, int64_t *at)
{
	return store_outbox_job(d->owner->db, d->arena, &d->item, job, at);
}

/* A failed statement: the connection is looked at. */
static void
db_failed(struct notify *n)
{
	if (n->db != NULL && !db_alive(n->db)) {
		db_close(n->db);
		n->db = NULL;
	}
}

static int
transient(enum err e)
{
	return e == ERR_UNAVAILABLE || e == ERR_GATEWAY_TIMEOUT;
}

static int
db_up(struct notify *n)
{
	enum err e;

	if (n->db != NULL)
		return 1;
	if (ts_mono() < n->reconnect_at)
		return 0;
	e = db_open(n->conf->database_dispatcher, "trainyardd notifying",
	    (int)n->conf->statement_timeout_ms, &n->db);
	if (e == ERR_OK && (e = db_listen(n->db, "trainyard_outbox")) ==
	    ERR_OK) {
		n->backoff = 0;
		n->want_claim = 1;
		return 1;
	}
	db_close(n->db);
	n->db = NULL;
	n->backoff = n->backoff == 0 ? BACKOFF_FIRST :
	    n->backoff * 2 > BACKOFF_MOST ? BACKOFF_MOST : n->backoff * 2;
	n->reconnect_at = ts_mono() + n->backoff;
	return 0;
}

static void
delivery_free(struct notify *n, struct delivery *d)
{
	if (d->lookup != NULL)
		lookup_leave(d->lookup);
	if (d->fetch != NULL)
		fetch_cancel(d->fetch);
	/* a program that is not done yet goes on by itself */
	if (d->pidfd != -1)
		(void)close(d->pidfd);
	if (d->said != -1)
		(void)close(d->said);
	TAILQ_REMOVE(&n->deliveries, d, entry);
	n->n--;
	arena_free(d->arena);
}

/* Hands it back; without a database its lease ends by itself. */
static void
delivery_drop(struct notify *n, struct delivery *d)
{
	if (n->db != NULL && store_outbox_release(n->db, d->arena, &d->item)
	    != ERR_OK)
		db_failed(n);
	delivery_free(n, d);
}

static const char *
copy(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_strdup(a, s);
}

static struct delivery *
delivery_new(struct notify *n, const struct outbox_item *x)
{
	struct arena *a = arena_new(DELIVERY_CHUNK);
	struct delivery *d = arena_zalloc(a, sizeof(*d));

	d->owner = n;
	d->arena = a;
	d->item = *x;
	d->item.workspace_id = copy(a, x->workspace_id);
	d->item.id = copy(a, x->id);
	d->item.event = copy(a, x->event);
	d->item.job_id = copy(a, x->job_id);
	d->item.target = copy(a, x->target);
	d->item.body = copy(a, x->body);
	d->item.secret = copy(a, x->secret);
	d->item.secret_previous = copy(a, x->secret_previous);
	d->began = ts_mono();
	d->limit_ms = TRY_MS;
	d->pidfd = d->said = -1;
	TAILQ_INSERT_TAIL(&n->deliveries, d, entry);
	n->n++;
	return d;
}

static void
delivery_start(struct notify *n, const struct outbox_item *x)
{
	struct delivery *d = delivery_new(n, x);
	enum err e;

	e = x->mail ? mail_begin(d) : webhook_begin(d);
	if (e == ERR_OK)
		return;
	if (transient(e)) {
		db_failed(n);
		delivery_drop(n, d);
		return;
	}
	log_errx("a notification cannot be put together event=%s id=%s",
	    x->event, x->id);
	delivery_end(d, OUT_NEVER, 0, 0, "it could not be put together",
	    NULL);
}

static void
claim(struct notify *n)
{
	size_t room = (size_t)n->conf->deliveries - n->n, got, i;
	struct outbox_item *items;
	enum err e;
	int busy;

	n->want_claim = 0;
	n->next_claim = ts_mono() + n->conf->poll_ms * 1000;
	e = store_outbox_claim(n->db, n->arena, room, LEASE_SECONDS,
	    PER_HOST, &items, &got, &busy);
	if (e != ERR_OK) {
		db_failed(n);
		return;
	}
	if (busy)
		n->next_claim = ts_mono() + BUSY_WAIT;
	for (i = 0; i < got && n->db != NULL; i++)
		delivery_start(n, &items[i]);
}

static const char *
status_word(struct delivery *d, int64_t *delay)
{
	uint32_t luck;

	switch (d->outcome) {
	case OUT_SENT:
		return "delivered";
	case OUT_STOP:
		return "stopped";
	case OUT_NEVER:
		return "failed";
	case OUT_AGAIN:
		break;
	}
	hash_random(&luck, sizeof(luck));
	*delay = webhook_delay(d->item.tries + 1, luck / 4294967296.0,
	    d->retry_after);
	return *delay == -1 ? "failed" : "pending";
}

/* 1 when it is settled, one way or the other. */
static int
record(struct notify *n, struct delivery *d)
{
	struct outbox_try t = { .age_us = ts_mono() - d->began,
	    .duration_ms = d->took_ms, .response_status = d->status,
	    .error = d->error, .excerpt = d->excerpt,
	    .body = d->item.mail ? NULL : d->body };
	int held;
	enum err e;

	t.status = status_word(d, &t.delay_ms);
	e = store_outbox_sent(n->db, d->arena, &d->item, &t, &held);
	if (e != ERR_OK && transient(e)) {
		db_failed(n);
		return 0;
	}
	if (e != ERR_OK)
		log_errx("a delivery could not be recorded id=%s",
		    d->item.id);
	else if (!held)
		log_info("a delivery was taken over by another id=%s",
		    d->item.id);
	else {
		meter_told(d->item.mail, t.status, d->took_ms);
		log_info("%s %s event=%s id=%s attempt=%d status=%d",
		    d->item.mail ? "mail" : "webhook", t.status,
		    d->item.event, d->item.id, d->item.tries + 1, d->status);
	}
	return 1;
}

/* Look-ups and mail programs have no clock of their own. */
static void
overdue_end(struct delivery *d)
{
	if (d->pid != 0)
		mail_look(d);
	else if (d->lookup != NULL && delivery_left_ms(d) <= 1) {
		lookup_leave(d->lookup);
		d->lookup = NULL;
		delivery_end(d, OUT_AGAIN, 0, 0,
		    "the name was not resolved in time", NULL);
	}
}

static void
deliveries_turn(struct notify *n)
{
	struct delivery *d, *next;
	int64_t now = ts_mono();

	for (d = TAILQ_FIRST(&n->deliveries); d != NULL; d = next) {
		next = TAILQ_NEXT(d, entry);
		if (d->phase == D_UNDER_WAY)
			overdue_end(d);
		if (d->phase != D_ENDED || n->db == NULL ||
		    now < n->next_record)
			continue;
		if (!d->settled && !record(n, d)) {
			n->next_record = now + RECORD_AGAIN;
			continue;
		}
		delivery_free(n, d);
		/* Its receiver may have more. */
		n->want_claim = 1;
	}
}

static void
notified(struct notify *n)
{
	const char *channel, *payload;
	int got;

	while ((got = db_notification(n->db, &channel, &payload)) == 1)
		n->want_claim = 1;
	if (got == -1)
		db_failed(n);
}

static int64_t
due(const struct notify *n, int stopping)
{
	const struct delivery *d;
	int64_t at = ts_mono() + 60 * SECOND, t;

	if (n->db == NULL)
		at = n->reconnect_at;
	else if (!stopping && n->n < (size_t)n->conf->deliveries)
		at = n->want_claim ? 0 : n->next_claim;
	TAILQ_FOREACH(d, &n->deliveries, entry) {
		/* exchanges have the fetcher's clock */
		if (d->fetch != NULL || (d->phase == D_ENDED &&
		    n->db == NULL))
			continue;
		t = d->phase == D_ENDED ? n->next_record :
		    d->began + d->limit_ms * 1000;
		if (t < at)
			at = t;
	}
	return at;
}

static void
wait_for_news(struct notify *n, int stopping)
{
	int64_t us = due(n, stopping) - ts_mono();
	const struct delivery *d;
	int fds[FDS + PER_HOST];
	size_t k = 0;

	fds[k++] = resolver_fd(n->resolver);
	if (!stopping)
		fds[k++] = the.stop_fd;
	if (n->db != NULL)
		fds[k++] = db_fd(n->db);
	TAILQ_FOREACH(d, &n->deliveries, entry)
		if (d->pidfd != -1 && d->phase == D_UNDER_WAY &&
		    k < FDS + PER_HOST)
			fds[k++] = d->pidfd;
	fetcher_wait(n->fetcher, fds, k, (us + 999) / 1000);
	resolver_take(n->resolver);
}

static void *
notify_main(void *arg)
{
	struct notify *n = arg;
	int64_t stop_by = 0;
	int stopping = 0;

	for (;;) {
		arena_reset(n->arena);
		if (!stopping && atomic_load(&the.stop)) {
			stopping = 1;
			stop_by = ts_mono() + TRY_MS * 1000;
		}
		if (db_up(n))
			notified(n);
		deliveries_turn(n);
		if (stopping && (n->n == 0 || ts_mono() >= stop_by))
			break;
		if (n->db != NULL && !stopping &&
		    n->n < (size_t)n->conf->deliveries &&
		    (n->want_claim || ts_mono() >= n->next_claim))
			claim(n);
		wait_for_news(n, stopping);
	}
	while (!TAILQ_EMPTY(&n->deliveries))
		delivery_drop(n, TAILQ_FIRST(&n->deliveries));
	db_close(n->db);
	n->db = NULL;
	return NULL;
}

struct notify *
notify_start(const struct conf *conf)
{
	struct notify *n = &the.n;

	if (conf->deliveries == 0) {
		log_info("no webhook and no mail leaves from here");
		return NULL;
	}
	n->conf = conf;
	n->arena = arena_new(ARENA_CHUNK);
	n->agent = "User-Agent: trainyard-webhook/" PACKAGE_VERSION;
	n->fetcher = fetcher_new(conf->ca_file);
	n->resolver = resolver_new();
	TAILQ_INIT(&n->deliveries);
	mail_setup(n);
	if ((the.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1)
		fatal("eventfd");
	if (pthread_create(&the.thread, NULL, notify_main, n) != 0)
		fatalx("pthread_create");
	return n;
}

void
notify_stop(struct notify *n)
{
	uint64_t one = 1;

	if (n == NULL)
		return;
	atomic_store(&the.stop, 1);
	(void)!write(the.stop_fd, &one, sizeof(one));
	(void)pthread_join(the.thread, NULL);
	(void)close(the.stop_fd);
	resolver_free(n->resolver);
	fetcher_free(n->fetcher);
	mail_cleanup(n);
	arena_free(n->arena);
}
