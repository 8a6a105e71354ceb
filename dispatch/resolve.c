/* SPDX-License-Identifier: BSD-2-Clause */
/* getaddrinfo in threads: nothing else asks everything that the host knows. */
#include "config.h"

#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/resolve.h"
#include "util/log.h"

#define LOOKUPS_MOST	512
#define STACK_BYTES	((size_t)512 << 10)

/* On `done` once its thread is through; until then only the thread has it. */
struct lookup {
	STAILQ_ENTRY(lookup) entry;
	struct resolver	*owner;
	char		*host;
	void		(*fn)(void *, const struct answer *);	/* NULL: left */
	void		*arg;
	struct answer	 answer;
};

/* Everything below `lock` under it; fn and arg of lookups too. */
struct resolver {
	int		 fd;
	pthread_mutex_t	 lock;
	STAILQ_HEAD(, lookup) done;
	size_t		 running;	/* not taken yet */
	int		 closed;	/* the last one frees this */
};

struct resolver *
resolver_new(void)
{
	struct resolver *r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		fatalx("out of memory");
	if ((r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1)
		fatal("eventfd");
	if (pthread_mutex_init(&r->lock, NULL) != 0)
		fatalx("pthread_mutex_init");
	STAILQ_INIT(&r->done);
	return r;
}

static void
lookup_free(struct lookup *l)
{
	free(l->host);
	free(l);
}

static void
resolver_end(struct resolver *r)
{
	(void)close(r->fd);
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
}

void
resolver_free(struct resolver *r)
{
	struct lookup *l;
	int last;

	(void)pthread_mutex_lock(&r->lock);
	while ((l = STAILQ_FIRST(&r->done)) != NULL) {
		STAILQ_REMOVE_HEAD(&r->done, entry);
		lookup_free(l);
		r->running--;
	}
	r->closed = 1;
	last = r->running == 0;
	(void)pthread_mutex_unlock(&r->lock);
	if (last)
		resolver_end(r);
}

int
resolver_fd(const struct resolver *r)
{
	return r->fd;
}

static void
answer_add(struct answer *a, const struct sockaddr *sa)
{
	struct address *to;

	if (sa->sa_family != AF_INET && sa->sa_family != AF_INET6)
		return;
	if (a->n == LOOKUP_ADDRESSES) {
		a->more = 1;
		return;
	}
	to = &a->address[a->n++];
	to->six = sa->sa_family == AF_INET6;
	if (to->six)
		memcpy(to->addr, &((const struct sockaddr_in6 *)
		    (const void *)sa)->sin6_addr, 16);
	else
		memcpy(to->addr, &((const struct sockaddr_in *)
		    (const void *)sa)->sin_addr, 4);
}

static void
lookup_run(struct lookup *l)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *ai;
	int code;

	if ((code = getaddrinfo(l->host, NULL, &hints, &list)) != 0) {
		l->answer.error = gai_strerror(code);
		return;
	}
	for (ai = list; ai != NULL; ai = ai->ai_next)
		answer_add(&l->answer, ai->ai_addr);
	freeaddrinfo(list);
	if (l->answer.n == 0)
		l->answer.error = "it has no address";
}

static void *
lookup_thread(void *arg)
{
	struct lookup *l = arg;
	struct resolver *r = l->owner;
	uint64_t one = 1;
	int last = 0;

	lookup_run(l);
	(void)pthread_mutex_lock(&r->lock);
	if (r->closed) {
		lookup_free(l);
		last = --r->running == 0;
	} else {
		STAILQ_INSERT_TAIL(&r->done, l, entry);
		(void)!write(r->fd, &one, sizeof(one));
	}
	(void)pthread_mutex_unlock(&r->lock);
	if (last)
		resolver_end(r);
	return NULL;
}

static int
thread_start(struct lookup *l)
{
	pthread_attr_t attr;
	pthread_t id;
	int code;

	if (pthread_attr_init(&attr) != 0)
		return -1;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	code = pthread_create(&id, &attr, lookup_thread, l);
	(void)pthread_attr_destroy(&attr);
	return code == 0 ? 0 : -1;
}

/* One more or fewer; 0 when they are too many. */
static int
running_change(struct resolver *r, int by)
{
	int ok;

	(void)pthread_mutex_lock(&r->lock);
	ok = by < 0 || r->running < LOOKUPS_MOST;
	if (ok)
		r->running += (size_t)by;
	(void)pthread_mutex_unlock(&r->lock);
	return ok;
}

struct lookup *
lookup_start(struct resolver *r, const char *host,
    void (*done)(void *, const struct answer *), void *arg)
{
	struct lookup *l;

	if (!running_change(r, 1))
		return NULL;
	if ((l = calloc(1, sizeof(*l))) == NULL ||
	    (l->host = strdup(host)) == NULL)
		fatalx("out of memory");
	l->owner = r;
	l->fn = done;
	l->arg = arg;
	if (thread_start(l) == 0)
		return l;
	log_warnx("no thread for a look-up");
	(void)running_change(r, -1);
	lookup_free(l);
	return NULL;
}

void
lookup_leave(struct lookup *l)
{
	struct resolver *r = l->owner;

	(void)pthread_mutex_lock(&r->lock);
	l->fn = NULL;
	(void)pthread_mutex_unlock(&r->lock);
}

void
resolver_take(struct resolver *r)
{
	struct lookup *l;
	uint64_t n;

	(void)!read(r->fd, &n, sizeof(n));
	for (;;) {
		(void)pthread_mutex_lock(&r->lock);
		if ((l = STAILQ_FIRST(&r->done)) != NULL) {
			STAILQ_REMOVE_HEAD(&r->done, entry);
			r->running--;
		}
		(void)pthread_mutex_unlock(&r->lock);
		if (l == NULL)
			return;
		/* nobody leaves while this thread is here */
		if (l->fn != NULL)
			l->fn(l->arg, &l->answer);
		lookup_free(l);
	}
}
