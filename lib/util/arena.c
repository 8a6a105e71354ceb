/* SPDX-License-Identifier: BSD-2-Clause */
/* A list of chunks that are filled from the front and freed together. */
#include "config.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/log.h"

#define ARENA_MIN_CHUNK	256

struct chunk {
	struct chunk	*next;		/* older than this one */
	size_t		 cap;
	size_t		 used;
	alignas(max_align_t) char data[];
};

struct defer {
	struct defer	*next;
	void		(*fn)(void *);
	void		*ptr;
};

/*
 * `first` stays over resets.  Small needs are met from `cur`, the newest
 * chunk of the usual size; large ones get a chunk of their own, so that the
 * rest of `cur` is not lost.
 */
struct arena {
	struct chunk	*first;
	struct chunk	*cur;
	struct chunk	*extra;		/* all but the first */
	struct defer	*defers;	/* newest first */
	size_t		 size;
};

static struct chunk *
chunk_new(size_t cap)
{
	struct chunk *c;

	if (cap > SIZE_MAX / 2 ||
	    (c = malloc(sizeof(*c) + cap)) == NULL)
		fatalx("out of memory bytes=%zu", cap);
	c->next = NULL;
	c->cap = cap;
	c->used = 0;
	return c;
}

struct arena *
arena_new(size_t chunk)
{
	struct arena *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		fatalx("out of memory bytes=%zu", sizeof(*a));
	a->first = a->cur =
	    chunk_new(chunk < ARENA_MIN_CHUNK ? ARENA_MIN_CHUNK : chunk);
	a->size = a->first->cap;
	return a;
}

void
arena_reset(struct arena *a)
{
	struct chunk *c;
	struct defer *d;

	/* A deferred function may allocate and defer more: look each time. */
	while ((d = a->defers) != NULL) {
		a->defers = d->next;
		d->fn(d->ptr);
	}
	while ((c = a->extra) != NULL) {
		a->extra = c->next;
		free(c);
	}
	a->cur = a->first;
	a->first->used = 0;
	a->size = a->first->cap;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_reset(a);
	free(a->first);
	free(a);
}

void *
arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct chunk *c = a->cur;
	size_t need;

	if (size > SIZE_MAX / 2)
		fatalx("out of memory bytes=%zu", size);
	/* Each result is a place of its own, even for no bytes at all. */
	need = size == 0 ? align : (size + align - 1) / align * align;
	if (need > c->cap - c->used) {
		c = chunk_new(need > a->first->cap ? need : a->first->cap);
		c->next = a->extra;
		a->extra = c;
		a->size += c->cap;
		if (need <= a->first->cap / 4)
			a->cur = c;
	}
	c->used += need;
	return c->data + c->used - need;
}

void *
arena_zalloc(struct arena *a, size_t size)
{
	return memset(arena_alloc(a, size), 0, size);
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p;

	if (len == SIZE_MAX)
		fatalx("out of memory bytes=%zu", len);
	p = arena_alloc(a, len + 1);
	if (len > 0)
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		fatal("vsnprintf");
	p = arena_alloc(a, (size_t)n + 1);
	if (vsnprintf(p, (size_t)n + 1, fmt, ap) != n)
		fatal("vsnprintf");
	return p;
}

void
arena_defer(struct arena *a, void (*fn)(void *), void *ptr)
{
	struct defer *d = arena_alloc(a, sizeof(*d));

	d->fn = fn;
	d->ptr = ptr;
	d->next = a->defers;
	a->defers = d;
}

size_t
arena_size(const struct arena *a)
{
	return a->size;
}
