/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PostgreSQL array literals ({"a","b",NULL}) from plain strings: the one
 * place that quotes them.
 */
#ifndef STORE_SQLARR_H
#define STORE_SQLARR_H

#include "util/buf.h"

void sqlarr_begin(struct buf *);
/* NULL adds SQL's NULL. */
void sqlarr_add(struct buf *, const char *text);
void sqlarr_end(struct buf *);
/* The same for n columns of as many items, which become parameters. */
void sqlarr_begin_cols(struct buf *col, size_t n, struct arena *);
void sqlarr_end_cols(struct buf *col, size_t n, const char **params);
/* The whole literal for n strings. */
const char *sqlarr_text(struct arena *, const char *const *, size_t n);
/*
 * Reads a one-dimensional literal as PostgreSQL prints it.  Number of items,
 * -1 when it is none; NULL items become NULL.
 */
int sqlarr_parse(struct arena *, const char *literal, char ***items);

#endif
