/* SPDX-License-Identifier: BSD-2-Clause */
/* Grows by doubling; what it outgrew stays in the arena until its reset. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/log.h"

#define BUF_FIRST	128

void
buf_init(struct buf *b, struct arena *a)
{
	b->arena = a;
	b->cap = BUF_FIRST;
	b->len = 0;
	b->data = arena_alloc(a, b->cap);
	b->data[0] = '\0';
}

char *
buf_reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap;
	char *p;

	if (n >= SIZE_MAX / 4 - b->len)
		fatalx("out of memory bytes=%zu", n);
	if (n < cap - b->len)		/* one byte is the NUL's */
		return b->data + b->len;
	while (n >= cap - b->len)
		cap *= 2;
	p = arena_alloc(b->arena, cap);
	memcpy(p, b->data, b->len + 1);
	b->data = p;
	b->cap = cap;
	return b->data + b->len;
}

void
buf_add(struct buf *b, const void *src, size_t n)
{
	char *p = buf_reserve(b, n);

	if (n > 0)
		memcpy(p, src, n);
	p[n] = '\0';
	b->len += n;
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addc(struct buf *b, char c)
{
	char *p = buf_reserve(b, 1);

	p[0] = c;
	p[1] = '\0';
	b->len++;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	size_t room;
	int n;

	room = b->cap - b->len;
	va_start(ap, fmt);
	n = vsnprintf(b->data + b->len, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		fatal("vsnprintf");
	if ((size_t)n >= room) {
		char *p = buf_reserve(b, (size_t)n);

		va_start(ap, fmt);
		n = vsnprintf(p, (size_t)n + 1, fmt, ap);
		va_end(ap);
		if (n < 0)
			fatal("vsnprintf");
	}
	b->len += (size_t)n;
}
