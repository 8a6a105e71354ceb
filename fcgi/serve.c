/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Request threads.  Each waits for the listening socket or for the stop
 * event with an epoll set of its own (EPOLLEXCLUSIVE: one wakes, not all),
 * takes one request, answers it, and waits again.  No thread is ever
 * interrupted: a request that was accepted gets its answer.
 *
 * Behind a read nginx keeps the connection, and the thread waits there for
 * the next one: for a short time, and only as long as a thread is free for
 * those that come over new connections.
 */
#include "config.h"

#include <sys/epoll.h>

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fcgi/cgi.h"
#include "fcgi/gate.h"
#include "fcgi/idem.h"
#include "fcgi/meter.h"
#include "fcgi/route.h"
#include "fcgi/serve.h"
#include "util/log.h"
#include "util/ts.h"

#define ARENA_CHUNK	(64 * 1024)
#define STACK_SIZE	(512 * 1024)
/* a request's own memory from which on its JSON tree is a large one, too */
#define LARGE		(2 * ARENA_CHUNK)
/* what a thread's heap keeps at its end, and from which on pieces have none */
#define HEAP_KEEPS	(1024 * 1024)
/* how long a kept connection may be silent, and when it is thought of again */
#define KEPT_LOOKS	10
#define KEPT_LOOK_MS	20
/* far beyond any honest request: nginx sends a request in one go */
#define STUCK_US	(120 * 1000000LL)

struct hand {
	struct app	*app;
	struct crew	*crew;
	pthread_t	 thread;
	struct cgi	*cgi;
	_Atomic int64_t	 since;		/* start of the request; 0: waiting */
	atomic_int	 gone;
};

struct crew {
	struct app	*app;
	atomic_int	 large;		/* such requests since the last check */
	atomic_int	 free;		/* threads that wait for connections */
	int		 n;
	struct hand	 hand[];
};

static void
log_access(const struct req *req, const struct reply *reply, int64_t us,
    int sent)
{
	log_info("request method=%s route=%s status=%d us=%lld "
	    "token=%s%s%s%s%s",
	    req->method == METHOD_OTHER ? "-" : method_word(req->method),
	    req->route == NULL ? "-" : req->route->pattern, reply->status,
	    (long long)us,
	    req->who.token_id[0] == '\0' ? "-" : req->who.token_id,
	    reply->err == ERR_OK ? "" : " error=",
	    reply->err == ERR_OK ? "" : err_type(reply->err),
	    reply->made == NULL ? "" : " ",
	    reply->made == NULL ? "" : reply->made);
	if (!sent)
		log_info("client left before its answer");
}

/* 1 while no connection waits for want of a free thread. */
static int
may_stay(const struct hand *h)
{
	struct pollfd	listen = { .fd = h->app->listen_fd, .events = POLLIN };

	return !h->app->stopping &&
	    (h->crew->free > 0 || poll(&listen, 1, 0) == 0);
}

static void
serve_one(struct hand *h, struct arena *arena)
{
	struct req	req;
	struct reply	reply;
	const char	*allow = "";
	enum err	err;
	int64_t		begin = ts_mono();
	int		sent, large;

	h->since = begin;
	cgi_request(h->cgi, arena, &req);
	req.app = h->app;
	memset(&reply, 0, sizeof(reply));
	log_context(arena_printf(arena, "request_id=%s", req.id));
	reply_header(&req, &reply, "X-Request-Id", "%s", req.id);

	err = route_match(&req, &allow);
	if (err == ERR_METHOD) {
		reply_error(&req, &reply, err, NULL);
		reply_header(&req, &reply, "Allow", "%s", allow);
	} else if (err != ERR_OK) {
		reply_error(&req, &reply, err, "no such path");
	} else if (gate_run(&req, &reply) == ERR_OK) {
		err = req.route->handler(&req, &reply);
		/* ERR__MAX: the client left, and nobody is there to answer */
		if (err != ERR_OK && err != ERR__MAX && reply.status == 0)
			reply_error(&req, &reply, err, NULL);
		idem_finish(&req, &reply);
	}
	if (reply.status == 0) {
		/* the client left mid-body: nobody to answer */
		cgi_drop(h->cgi);
		sent = 0;
	} else {
		/* closed with the reply, not when its next request is coming */
		if (cgi_keeps(h->cgi) && !may_stay(h))
			cgi_last(h->cgi);
		sent = cgi_reply(h->cgi, &req, &reply) == 0;
	}
	log_access(&req, &reply, ts_mono() - begin, sent);
	meter_request(&req, &reply, begin);
	log_context(NULL);
	large = arena_size(arena) > LARGE;
	arena_reset(arena);
	/* only now is there something to give back */
	if (large)
		h->crew->large = 1;
	h->since = 0;
}

/*
 * Waits at the connection that was kept.  1: its next request is there; 0: it
 * was closed, so that the thread is free for others.  Without a free thread a
 * new connection ends the wait, at the latest with the next look.
 */
static int
kept_ready(struct hand *h)
{
	struct pollfd	fds[] = {
		{ .fd = cgi_kept(h->cgi), .events = POLLIN },
		{ .fd = h->app->stop_fd, .events = POLLIN },
		{ .fd = h->app->listen_fd, .events = POLLIN },
	};
	int		look;

	if (fds[0].fd == -1)
		return 0;
	for (look = 0; look < KEPT_LOOKS; look++) {
		if (poll(fds, h->crew->free > 0 ? 2 : 3, KEPT_LOOK_MS) == -1 &&
		    errno != EINTR)
			fatal("poll");
		if (fds[0].revents != 0)
			return 1;
		if (fds[1].revents != 0 || (h->crew->free == 0 &&
		    fds[2].revents != 0))
			break;
		fds[2].revents = 0;
	}
	cgi_hang_up(h->cgi);
	return 0;
}

/* All requests of a connection. */
static void
serve(struct hand *h, struct arena *arena)
{
	do {
		switch (cgi_accept(h->cgi)) {
		case 1:
			serve_one(h, arena);
			break;
		case -1:
			/* out of descriptors: a pause beats a busy loop */
			log_warnx("too many open files; accept pauses");
			nanosleep(&(struct timespec){ 0, 200000000 }, NULL);
			break;
		default:
			break;
		}
	} while (kept_ready(h));
}

static void *
hand_run(void *arg)
{
	struct hand		*h = arg;
	struct arena		*arena;
	struct epoll_event	 ev;
	int			 ep, n;

	arena = arena_new(ARENA_CHUNK);
	if ((ep = epoll_create1(EPOLL_CLOEXEC)) == -1)
		fatal("epoll_create1");
	ev = (struct epoll_event){ .events = EPOLLIN | EPOLLEXCLUSIVE,
	    .data.fd = h->app->listen_fd };
	if (epoll_ctl(ep, EPOLL_CTL_ADD, h->app->listen_fd, &ev) == -1)
		fatal("epoll: the listening socket");
	ev = (struct epoll_event){ .events = EPOLLIN,
	    .data.fd = h->app->stop_fd };
	if (epoll_ctl(ep, EPOLL_CTL_ADD, h->app->stop_fd, &ev) == -1)
		fatal("epoll: the stop event");

	while (!h->app->stopping) {
		h->crew->free++;
		n = epoll_wait(ep, &ev, 1, -1);
		h->crew->free--;
		if (n == -1 && errno != EINTR)
			fatal("epoll_wait");
		if (n == 1 && ev.data.fd != h->app->stop_fd)
			serve(h, arena);
	}
	close(ep);
	arena_free(arena);
	h->gone = 1;
	return NULL;
}

struct crew *
crew_start(struct app *app)
{
	struct crew	*c;
	pthread_attr_t	 attr;
	int		 i, n = (int)app->conf->threads;

	if ((c = calloc(1, sizeof(*c) + (size_t)n * sizeof(c->hand[0]))) ==
	    NULL)
		fatal("threads");
	/*
	 * Else the largest piece that was ever freed says what each heap may
	 * keep: 10 MiB of 16 heaps, after a tree of 1 MiB of JSON.
	 */
	(void)mallopt(M_MMAP_THRESHOLD, HEAP_KEEPS);
	(void)mallopt(M_TRIM_THRESHOLD, HEAP_KEEPS);
	c->app = app;
	c->n = n;
	pthread_attr_init(&attr);
	if (pthread_attr_setstacksize(&attr, STACK_SIZE) != 0)
		fatalx("cannot set the stack size of threads");
	for (i = 0; i < n; i++) {
		c->hand[i].app = app;
		c->hand[i].crew = c;
		c->hand[i].cgi = cgi_new(app->listen_fd);
		if ((errno = pthread_create(&c->hand[i].thread, &attr,
		    hand_run, &c->hand[i])) != 0)
			fatal("cannot start thread %d of %d", i + 1, n);
	}
	pthread_attr_destroy(&attr);
	return c;
}

int
crew_check(struct crew *c)
{
	int64_t	now = ts_mono(), since;
	int	i, stuck = 0;

	/*
	 * The tree of a body of 1 MiB has up to 30 MiB in small pieces, in the
	 * heap of its thread, which keeps them.  64 threads would keep 2 GiB.
	 */
	if (atomic_exchange(&c->large, 0))
		malloc_trim(0);
	for (i = 0; i < c->n; i++) {
		since = c->hand[i].since;
		if (since == 0 || now - since < STUCK_US)
			continue;
		stuck++;
		log_warnx("a request has been under way for %lld s; "
		    "its connection is shut",
		    (long long)((now - since) / 1000000));
		cgi_unblock(c->hand[i].cgi);
	}
	return stuck < c->n;
}

void
crew_count(const struct crew *c, int *busy, int *idle)
{
	int	i;

	for (*busy = i = 0; i < c->n; i++)
		*busy += c->hand[i].since != 0;
	*idle = c->n - *busy;
}

int
crew_stop(struct crew *c, int seconds)
{
	struct timespec	until;
	uint64_t	one = 1;
	int		i, busy = 0;

	c->app->stopping = 1;
	if (write(c->app->stop_fd, &one, sizeof(one)) != sizeof(one))
		log_warn("stop event");
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	for (i = 0; i < c->n; i++)
		if (pthread_timedjoin_np(c->hand[i].thread, NULL, &until) != 0)
			busy++;
	if (busy > 0)
		return busy;
	for (i = 0; i < c->n; i++)
		cgi_free(c->hand[i].cgi);
	free(c);
	return 0;
}
