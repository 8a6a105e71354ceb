/* SPDX-License-Identifier: BSD-2-Clause */
/* How much work waits and goes on, and who does it. */
#ifndef STORE_STORE_LOAD_H
#define STORE_STORE_LOAD_H

#include "store/db.h"
#include "util/arena.h"

#define LOAD_MOST	100000	/* where a count ends */

struct load_kind {
	const char	*kind;
	int64_t		 queued, running;
	double		 oldest;	/* seconds, 0 for none */
};

struct load_outbox {
	const char	*channel;	/* webhook, mail */
	int64_t		 waiting;
	double		 overdue;	/* seconds, 0 for none */
};

/* One for each of the kinds, a list ended by NULL; not in its order. */
enum err store_load_kinds(struct db *, struct arena *,
    const char *const *kinds, struct load_kind **, size_t *n) MUSTCHECK;
enum err store_load_outbox(struct db *, struct arena *,
    struct load_outbox **, size_t *n) MUSTCHECK;

struct dispatcher_row {
	const char		*worker;
	const char		*version;
	const char *const	*kinds, *const *engines;	/* n of each */
	size_t			 n;
	int64_t			 slots;
	size_t			 runs;
	double			 up;		/* seconds */
};

enum err store_dispatcher_seen(struct db *, struct arena *,
    const struct dispatcher_row *) MUSTCHECK;
enum err store_dispatcher_stopped(struct db *, struct arena *,
    const char *worker, size_t runs) MUSTCHECK;

#endif
