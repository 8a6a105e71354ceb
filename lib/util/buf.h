/* SPDX-License-Identifier: BSD-2-Clause */
/* A byte string that grows, in an arena.  Always NUL-terminated. */
#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include <stddef.h>

struct arena;

struct buf {
	struct arena	*arena;
	char		*data;	/* "" before the first byte */
	size_t		 len;	/* without the NUL */
	size_t		 cap;
};

void buf_init(struct buf *, struct arena *);
void buf_add(struct buf *, const void *, size_t);
void buf_adds(struct buf *, const char *);
void buf_addc(struct buf *, char);
void buf_printf(struct buf *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
/* Room for n more bytes; the caller writes them and adds to len. */
char *buf_reserve(struct buf *, size_t n);

#endif
