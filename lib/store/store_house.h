/* SPDX-License-Identifier: BSD-2-Clause */
/* Old rows, removed in small batches so that nobody waits for it. */
#ifndef STORE_HOUSE_H
#define STORE_HOUSE_H

#include <stddef.h>
#include <stdint.h>

#include "store/db.h"
#include "store/store_attempt.h"

/* *gone: rows removed; fewer than `most` means that none is left. */
enum err store_house_logs(struct db *, struct arena *, int64_t days,
    size_t most, long *gone) MUSTCHECK;
enum err store_house_keys(struct db *, struct arena *, size_t most,
    long *gone) MUSTCHECK;
/* Notifications that are over; their tries go with them. */
enum err store_house_outbox(struct db *, struct arena *, int64_t days,
    size_t most, long *gone) MUSTCHECK;
/* Dispatchers that were not seen for a month. */
enum err store_house_dispatchers(struct db *, long *gone) MUSTCHECK;
/*
 * Keeps of refs[] (their numbers do not count) the jobs that are finished
 * for `days` or unknown.
 */
enum err store_house_jobs(struct db *, struct arena *, struct attempt_ref *,
    size_t *n, int64_t days) MUSTCHECK;

#endif
