/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much a token and a workspace may ask for.  Counted per process: with
 * several responders a token may have its rate once in each.
 */
#ifndef DOMAIN_LIMITS_H
#define DOMAIN_LIMITS_H

#include <stdint.h>

#include "domain/access.h"
#include "store/pool.h"
#include "util/err.h"

struct limits;

struct rate {
	int64_t	limit;		/* a minute; 0: none */
	int64_t	remaining;
	int64_t	reset;		/* Unix seconds: the window is full again */
	int64_t	wait;		/* seconds until one more is let in, >= 1 */
	int	over;
};

struct limits *limits_new(struct pool *, int64_t rate, int64_t quota);
/* Other ones from now on. */
void limits_set(struct limits *, int64_t rate, int64_t quota);
void limits_free(struct limits *);
/*
 * Any thread.  Counts one request of this token (generic cell rate: the
 * limit may be used at once, then it refills evenly).
 */
struct rate limits_rate(struct limits *, const struct principal *);
/*
 * Any thread.  May this workspace queue one more job?  ERR_RATE when not,
 * with *quota for the message.  ERR_OK keeps a place for it until
 * limits_settle(): together the threads of one process never go over.  What
 * the workspace has queued is counted in the database at most once a second
 * while it is below its quota, and each time when it is at it: several
 * responders may together go over by what they create within that second.
 */
enum err limits_reserve(struct limits *, const struct tenant *,
    int64_t *quota) MUSTCHECK;
/* The job was created (1) or not (0): once for each place that was kept. */
void limits_settle(struct limits *, const struct tenant *, int created);
/* Both, for jobs that are not made many at a time. */
enum err limits_quota(struct limits *, const struct tenant *,
    int64_t *quota) MUSTCHECK;

/*
 * The pure rule, for tests: advances *tat (theoretical arrival time,
 * microseconds) for a request at `now` under `limit` a minute.
 */
struct rate rate_step(int64_t limit, int64_t now_mono, int64_t now_unix,
    int64_t *tat);

#endif
