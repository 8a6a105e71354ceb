/* SPDX-License-Identifier: BSD-2-Clause */
/* Old rows, removed in small batches so that nobody waits for it. */
#ifndef STORE_HOUSE_H
#define STORE_HOUSE_H

#include <stddef.h>
#include <stdint.h>

#include "store/db.h"
#include "store/store_attempt.h"
#include "util/ident.h"

/* Tables whose partitions are kept in order. */
#define PARTED_EVENTS	"job_event"
#define PARTED_LOGS	"job_log"

struct partition_work {
	long	made, dropped;	/* partitions */
	long	removed;	/* rows of no partition that goes as a whole;
				   fewer than `most`: none is left */
	int	busy;		/* somebody held the table: ask again */
};
/*
 * Makes the partitions that a table will need and drops those that are older
 * than `days` (0: kept for ever) as a whole.  Waits for nobody.
 */
enum err store_house_partitions(struct db *, struct arena *,
    const char *table, int64_t days, size_t most, struct partition_work *)
    MUSTCHECK;

/* The job that was looked at last; nil UUIDs: none, or the last of all. */
struct metric_walk {
	char	workspace_id[UUID_LEN], job_id[UUID_LEN];
};
void metric_walk_begin(struct metric_walk *);
/*
 * Removes the metrics of those of the next `jobs` that ended `days` ago, at
 * most `most` rows and as many of series; *gone: how many.  Where there are
 * more the walk stays where it is and *more is 1.
 */
enum err store_house_metrics(struct db *, struct arena *, int64_t days,
    size_t jobs, size_t most, struct metric_walk *, long *gone, int *more)
    MUSTCHECK;
int metric_walk_over(const struct metric_walk *);

/* *gone: rows removed; fewer than `most` means that none is left. */
enum err store_house_keys(struct db *, struct arena *, size_t most,
    long *gone) MUSTCHECK;
#define OUTBOX_DAYS	30	/* how long deliveries are kept */
/* Notifications that are over; their tries go with them. */
enum err store_house_outbox(struct db *, struct arena *, int64_t days,
    size_t most, long *gone) MUSTCHECK;
/* Has a table analyzed that has grown; *table (the arena's) NULL: none. */
enum err store_house_statistics(struct db *, struct arena *,
    const char **table) MUSTCHECK;
/* Dispatchers that were not seen for a month. */
enum err store_house_dispatchers(struct db *, long *gone) MUSTCHECK;
/*
 * Keeps of refs[] (their numbers do not count) the jobs that are finished
 * for `days` or unknown.
 */
enum err store_house_jobs(struct db *, struct arena *, struct attempt_ref *,
    size_t *n, int64_t days) MUSTCHECK;

#endif
