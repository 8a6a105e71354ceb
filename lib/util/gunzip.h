/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unpacks gzip data as it comes, in bounded memory: the only user of zlib.
 * Members that follow one another are one text, zeros behind the last are
 * padding.  One thread.
 */
#ifndef UTIL_GUNZIP_H
#define UTIL_GUNZIP_H

#include <stddef.h>

struct gunzip;

/* Takes a piece of the text; other than 0: no more of it. */
typedef int gunzip_sink(void *arg, const char *, size_t);

struct gunzip *gunzip_new(void);
/* NULL is allowed. */
void gunzip_free(struct gunzip *);
/*
 * The next piece.  0, what the sink returned when it wanted no more, or
 * GUNZIP_BAD for bytes that are not gzip.
 */
#define GUNZIP_BAD	(-1)
int gunzip_add(struct gunzip *, const void *, size_t, gunzip_sink *,
    void *arg);
/* 1 when what has come is whole: it ended with the end of a member. */
int gunzip_whole(const struct gunzip *);

#endif
