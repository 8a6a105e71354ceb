/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log of webhook deliveries, from the caller's side.  What is read is in
 * the arena given; NULL stands for SQL's NULL, TS_NONE for a time not set.
 */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

#include <stdint.h>

#include "store/db.h"
#include "store/store_job.h"

struct actor;

struct delivery_row {
	const char	*id, *event;
	const char	*job_id, *run_id;
	const char	*url;
	const char	*status;
	int64_t		 attempt_count;
	int64_t		 next_attempt_at;	/* of pending ones */
	int64_t		 created_at, delivered_at;
	/* JSON: [[microseconds, ms, status, error, excerpt], ...] */
	const char	*attempts;
};

/* Tries of a delivery that are told, the newest. */
#define DELIVERY_ATTEMPTS	50

struct delivery_filter {
	const char	*job_id, *run_id;	/* uuid; NULL: any */
	const char	*statuses, *events;	/* array literals */
	int		 all;			/* they hold all there are */
	const char	*after_id;		/* uuid; NULL: from the newest */
	int64_t		 limit, offset;
};

/* Newest first. */
enum err store_delivery_list(struct db *, struct arena *,
    const char *workspace_id, const struct delivery_filter *,
    struct delivery_row **, int *n) MUSTCHECK;
enum err store_delivery_count(struct db *, struct arena *,
    const char *workspace_id, const struct delivery_filter *, int64_t most,
    int64_t *count) MUSTCHECK;
/* ERR_NOT_FOUND. */
enum err store_delivery_get(struct db *, struct arena *,
    const char *workspace_id, const char *id, struct delivery_row *)
    MUSTCHECK;
/* *done 0: it is on its way, or not there. */
enum err store_delivery_again(struct db *, const struct actor *,
    const char *id, int *done) MUSTCHECK;

#endif
