/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Group commit: rows of many requests become one multi-row statement, with
 * an answer for each.
 *
 * A batched statement takes one text[] parameter per column and returns, for
 * each row that it wrote, the row's id (first column, equal to the first
 * item column) and further columns.  A row that is not returned was not
 * written; what that means is the statement's contract.  There is no timer:
 * the writer takes what waits, so an idle server writes at once and a busy
 * one writes larger groups.
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "store/db.h"

#define WRITER_COLS	40	/* most columns of a batched statement */

struct writer;

struct writer_item {
	/* filled in by the caller; must stay valid until submit returns */
	enum stmt	 stmt;
	int		 ncols;
	const char	*col[WRITER_COLS];	/* col[0]: id, unique in time */
	/*
	 * Two items of one statement with equal keys never share a batch;
	 * NULL: no such rule.
	 */
	const char	*key;

	/* the answer */
	int		 written;	/* a row came back */
	struct rows	*rows;		/* shared by the batch: see below */
	int		 row;		/* this item's row in it */
	struct db_fault	 fault;
};

struct writer *writer_new(const char *dsn, int writers, int batch,
    int queue, int statement_timeout_ms);
/* Writes what was submitted, waits for its submitters, ends its threads. */
void writer_free(struct writer *);
/*
 * Any thread.  Returns when the row's fate is known: ERR_OK after the commit
 * (item->written tells whether a row came back; when it did, item->rows holds
 * it until writer_done()), the row's own error otherwise: one bad row does
 * not fail its neighbours.  ERR_UNAVAILABLE: queue full or the server is
 * away; when item->fault.lost is set the outcome is unknown.
 */
enum err writer_submit(struct writer *, struct writer_item *) MUSTCHECK;
/* Any thread, once after each successful submit. */
void writer_done(struct writer_item *);
/* Any thread: rows that wait to be taken, for metrics. */
int writer_waiting(struct writer *);

#endif
