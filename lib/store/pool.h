/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A few connections for many threads.  Broken ones are replaced when they
 * are given back or taken.  Never take a second connection, nor wait for the
 * writer, while holding one.
 */
#ifndef STORE_POOL_H
#define STORE_POOL_H

#include "store/db.h"

struct pool;

struct pool *pool_new(const char *dsn, const char *role, int connections,
    int statement_timeout_ms);
/* All connections must have been given back. */
void pool_free(struct pool *);
/*
 * Any thread.  ERR_UNAVAILABLE when the server cannot be reached (known at
 * once while a recent attempt failed) or no connection comes free in 1.5 s.
 */
enum err pool_take(struct pool *, struct db **) MUSTCHECK;
/* Any thread; rolls back what is still open. */
void pool_give(struct pool *, struct db *);
/* Any thread: connections now, for metrics. */
void pool_count(struct pool *, int *idle, int *busy);
/* 1 when the server answered the last time it was asked. */
int pool_healthy(struct pool *);

#endif
