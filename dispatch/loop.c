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
	LIST_ENTRY(watch) entry;
};

struct loop {
	int		 fd;
	LIST_HEAD(, watch) live, dead;
};

struct loop *
loop_new(void)
{
	struct loop *l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		fatalx("out of memory");
	if ((l->fd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		fatal("epoll_create1");
	LIST_INIT(&l->live);
	LIST_INIT(&l->dead);
	return l;
}

static void
loop_bury(struct loop *l)
{
	struct watch *w;

	while ((w = LIST_FIRST(&l->dead)) != NULL) {
		LIST_REMOVE(w, entry);
		free(w);
	}
}

void
loop_free(struct loop *l)
{
	struct watch *w;

	while ((w = LIST_FIRST(&l->live)) != NULL)
		loop_unwatch(l, w);
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
	LIST_INSERT_HEAD(&l->live, w, entry);
	return w;
}

void
loop_unwatch(struct loop *l, struct watch *w)
{
	if (w == NULL || w->fd == -1)
		return;
	(void)epoll_ctl(l->fd, EPOLL_CTL_DEL, w->fd, NULL);
	w->fd = -1;
	/* This round's events may still name it. */
	LIST_REMOVE(w, entry);
	LIST_INSERT_HEAD(&l->dead, w, entry);
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
