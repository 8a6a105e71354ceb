/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll with callbacks. */
#include "config.h"

#include <sys/epoll.h>
#include <sys/queue.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "dispatch/loop.h"
#include "util/log.h"
#include "util/ts.h"

#define LOOP_EVENTS	64

struct watch {
	int		 fd;	/* -1: gone, its memory goes after the round */
	void		(*fn)(void *);
	void		*arg;
	SLIST_ENTRY(watch) dead;
};

struct loop {
	int		 fd;
	SLIST_HEAD(, watch) dead;
};

struct loop *
loop_new(void)
{
	struct loop *l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		fatalx("out of memory");
	if ((l->fd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		fatal("epoll_create1");
	SLIST_INIT(&l->dead);
	return (l);
}

static void
loop_bury(struct loop *l)
{
	struct watch *w;

	while ((w = SLIST_FIRST(&l->dead)) != NULL) {
		SLIST_REMOVE_HEAD(&l->dead, dead);
		free(w);
	}
}

void
loop_free(struct loop *l)
{
	loop_bury(l);
	(void)close(l->fd);
	free(l);
}

struct watch *
loop_watch(struct loop *l, int fd, void (*fn)(void *), void *arg)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct watch *w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		fatalx("out of memory");
	w->fd = fd;
	w->fn = fn;
	w->arg = arg;
	ev.data.ptr = w;
	if (epoll_ctl(l->fd, EPOLL_CTL_ADD, fd, &ev) == -1)
		fatal("epoll_ctl");
	return (w);
}

void
loop_unwatch(struct loop *l, struct watch *w)
{
	if (w == NULL || w->fd == -1)
		return;
	(void)epoll_ctl(l->fd, EPOLL_CTL_DEL, w->fd, NULL);
	w->fd = -1;
	/* This round's events may still name it. */
	SLIST_INSERT_HEAD(&l->dead, w, dead);
}

void
loop_wait(struct loop *l, int64_t until)
{
	struct epoll_event ev[LOOP_EVENTS];
	struct watch *w;
	int64_t ms;
	int i, n;

	ms = (until - ts_mono() + 999) / 1000;
	if (ms < 0)
		ms = 0;
	if (ms > INT_MAX)
		ms = INT_MAX;
	n = epoll_wait(l->fd, ev, LOOP_EVENTS, (int)ms);
	if (n == -1 && errno != EINTR)
		fatal("epoll_wait");
	for (i = 0; i < n; i++) {
		w = ev[i].data.ptr;
		if (w->fd != -1)
			w->fn(w->arg);
	}
	loop_bury(l);
}
