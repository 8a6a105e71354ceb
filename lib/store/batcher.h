/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of many requests become one multi-row statement, with an answer for
 * each: group commit for writes, one round trip for point reads.
 *
 * A batched statement takes one text[] parameter per column and returns, for
 * each row that it wrote or found, the row's id (first column, equal to the
 * first item column) and further columns.  A row that is not returned was
 * not written, or is not there; what that means is the statement's contract.
 * There is no timer: the batcher takes what waits, so an idle server runs
 * each row at once and a busy one runs larger groups.
 */
#ifndef STORE_BATCHER_H
#define STORE_BATCHER_H

#include "store/db.h"

#define BATCH_COLS	40	/* most columns of a batched statement */

/* What a batcher's statements do: in metrics, and as PostgreSQL sees it. */
enum batch_group { BATCH_WRITES, BATCH_READS };

struct batcher;

struct batch_item {
	/* filled in by the caller; must stay valid until submit returns */
	enum stmt	 stmt;
	int		 ncols;
	const char	*col[BATCH_COLS];	/* col[0]: id, unique in time */
	/*
	 * Two items of one statement with equal keys never share a batch;
	 * NULL: no such rule.
	 */
	const char	*key;

	/* the answer */
	int		 answered;	/* a row came back */
	struct rows	*rows;		/* shared by the batch: see below */
	int		 row;		/* this item's row in it */
	struct db_fault	 fault;
};

/*
 * `connections`: threads, with one each; `batch`: most rows of a statement;
 * `queue`: most rows that may wait.
 */
struct batcher *batcher_new(const char *dsn, enum batch_group,
    int connections, int batch, int queue, int statement_timeout_ms);
/* Runs what was submitted, waits for its submitters, ends its threads. */
void batcher_free(struct batcher *);
/*
 * Any thread.  Returns when the row's fate is known: ERR_OK after the commit
 * (item->answered tells whether a row came back; when it did, item->rows holds
 * it until batcher_done()), the row's own error otherwise: one bad row does
 * not fail its neighbours.  ERR_UNAVAILABLE: queue full or the server is
 * away; when item->fault.lost is set the outcome is unknown.
 */
enum err batcher_submit(struct batcher *, struct batch_item *) MUSTCHECK;
/* Any thread, once after each successful submit. */
void batcher_done(struct batch_item *);
/* Any thread: rows that wait to be taken, for metrics. */
int batcher_waiting(struct batcher *);

#endif
