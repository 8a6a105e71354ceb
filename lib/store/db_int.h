/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of a connection, for db*.c only.  One thread at a time, as in
 * db.h; nothing here waits for the server.
 */
#ifndef STORE_DB_INT_H
#define STORE_DB_INT_H

#include <stddef.h>

#include <libpq-fe.h>

#include "store/db.h"

struct db {
	PGconn		*conn;
	int		 timeout_ms;
	int		 broken;	/* of no use, whatever libpq thinks */
	int		 stale;		/* its prepared statements are in doubt */
	int64_t		 planned;	/* ts_mono() of its oldest plan */
	struct db_fault	 fault;
	char		*message;
	PGnotify	*notify;
	unsigned char	 prepared[STMT__MAX + 1];
};

/* libpq's lines, one for each thing that it tried, as one; NULL gives "". */
void db_line(char *dst, size_t size, const char *src);

/* 1 for a result that is no error. */
int db_good(const PGresult *);

/*
 * The answer's verdict, kept in db->fault and db->message; `res` may be NULL.
 * PQstatus goes first: without a connection there is mostly no SQLSTATE, and
 * a result that came so far proves nothing.  What was never sent has a known
 * outcome, so that is not called lost.
 */
enum err db_fault_set(struct db *, const PGresult *res, int sent) MUSTCHECK;

/* The server and this connection disagree on what is prepared. */
int db_fault_stale(const struct db *);

/* One line for the log.  DETAIL is left out: it quotes rows. */
void db_fault_log(const struct db *, const char *what, const PGresult *res,
    enum err);

#endif
