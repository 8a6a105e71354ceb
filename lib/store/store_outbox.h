/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notifications on their way: claimed by one dispatcher at a time, each try
 * recorded by whoever still holds the row.
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "store/db.h"
#include "store/store_execution.h"
#include "store/store_job.h"
#include "store/store_run.h"

/* One row in this hand.  In the arena given. */
struct outbox_item {
	const char	*workspace_id, *id;
	int64_t		 claim;
	int		 mail;		/* else a webhook */
	const char	*event;
	const char	*job_id;	/* NULL: of no job */
	const char	*target;	/* URL or address */
	int		 tries;		/* before this one, in this schedule */
	const char	*body;		/* NULL: never sent before */
	const char	*secret;	/* signs it */
	const char	*secret_previous;	/* NULL: signs alone */
};

/*
 * Takes up to `most` rows that are due, of each receiver so many that no more
 * than `per_host` are under way anywhere.  *n 0 also when another dispatcher
 * claims in this moment: *busy then.
 */
enum err store_outbox_claim(struct db *, struct arena *, size_t most,
    int64_t lease_seconds, int64_t per_host, struct outbox_item **,
    size_t *n, int *busy) MUSTCHECK;

/*
 * The judge job as it was, *at: when that was.  ERR_NOT_FOUND: it cannot be
 * put together.
 */
enum err store_outbox_job(struct db *, struct arena *,
    const struct outbox_item *, struct job *, int64_t *at) MUSTCHECK;

/*
 * What its run and its execution were then; of the execution what a run that
 * is over shows.
 */
enum err store_outbox_run(struct db *, struct arena *,
    const struct outbox_item *, struct run *, struct execution *) MUSTCHECK;

/* What a try came to. */
struct outbox_try {
	const char	*status;	/* delivered, pending, failed, stopped */
	int64_t		 age_us;	/* since it began */
	int64_t		 duration_ms;
	int		 response_status;	/* 0: none */
	const char	*error, *excerpt;	/* NULL: none */
	int64_t		 delay_ms;	/* to the next; pending only */
	const char	*body;		/* what was sent */
};

/*
 * Records it and lets go of the row.  *held 0: another one has it by now, or
 * it was recorded already; nothing was written.
 */
enum err store_outbox_sent(struct db *, struct arena *,
    const struct outbox_item *, const struct outbox_try *, int *held)
    MUSTCHECK;
/* Hands it back: due at once. */
enum err store_outbox_release(struct db *, struct arena *,
    const struct outbox_item *) MUSTCHECK;
/* Mail that is not sent here: told in the job's log. */
enum err store_outbox_unsent(struct db *, struct arena *,
    const struct outbox_item *, const char *line) MUSTCHECK;

#endif
