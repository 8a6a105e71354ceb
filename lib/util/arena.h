/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that lives as long as one request (or one batch) and is given back
 * at once.  An arena belongs to one thread.  Allocation never returns NULL:
 * a process without memory ends with a message (see log.h, fatal).
 */
#ifndef UTIL_ARENA_H
#define UTIL_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* `chunk` bytes are kept over resets; larger needs are met by extra chunks. */
struct arena *arena_new(size_t chunk);
/* Runs the deferred functions, frees everything.  NULL is allowed. */
void arena_free(struct arena *);
/* Runs the deferred functions, last first; keeps the first chunk. */
void arena_reset(struct arena *);
/* Aligned for any type, not zeroed / zeroed. */
void *arena_alloc(struct arena *, size_t)
    __attribute__((malloc, alloc_size(2)));
void *arena_zalloc(struct arena *, size_t)
    __attribute__((malloc, alloc_size(2)));
char *arena_strdup(struct arena *, const char *);
/* Copies exactly len bytes and adds a NUL. */
char *arena_strndup(struct arena *, const char *, size_t len);
char *arena_printf(struct arena *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *, const char *, va_list)
    __attribute__((format(printf, 2, 0)));
/* fn(ptr) is called at the next reset or free. */
void arena_defer(struct arena *, void (*fn)(void *), void *ptr);
/* Bytes held, for tests and metrics. */
size_t arena_size(const struct arena *);

#endif
