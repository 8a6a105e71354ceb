/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One connection to PostgreSQL and the statements of sql/queries.sql.
 *
 * A struct db is used by one thread at a time.  A struct rows is a finished
 * result: any thread may read it, one clears it.  Only this module knows
 * SQLSTATEs; the text of a PostgreSQL error goes to the log, never to a
 * caller, because it quotes row contents.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stddef.h>
#include <stdint.h>

#include "stmt.h"		/* generated: enum stmt, STMT_<name> */
#include "util/arena.h"
#include "util/err.h"

struct db;
struct rows;

/* A parameter in text form; NULL text is SQL's NULL. */
struct param {
	const char	*text;
};

/* What went wrong, for those who care about more than enum err. */
struct db_fault {
	char	 sqlstate[6];		/* "" when the connection was lost */
	char	 constraint[64];	/* "" when none is named */
	int	 lost;			/* it went on the way: outcome unknown */
};

/*
 * Connects, sets search_path and timeouts, prepares nothing yet: statements
 * are prepared when a connection first uses them.  `role` names the program
 * in pg_stat_activity; timeout_ms bounds each statement (0: nothing does),
 * half of it the wait for a lock.  ERR_UNAVAILABLE when the server is not
 * there; *out then stays NULL.  connect_timeout is 2 s for each host.
 */
enum err db_open(const char *dsn, const char *role, int timeout_ms,
    struct db **out) MUSTCHECK;
/* db_open that tells why it failed instead of logging it. */
#define DB_WHY_LEN	256
enum err db_connect(const char *dsn, const char *role, int timeout_ms,
    struct db **out, char why[DB_WHY_LEN]) MUSTCHECK;
void db_close(struct db *);
/* 0 when the connection is broken; looks, without waiting. */
int db_alive(struct db *);
/* The descriptor to poll for notifications; -1 when broken. */
int db_fd(struct db *);
const struct db_fault *db_fault(struct db *);

/*
 * Runs one statement with n text parameters (n must be the statement's own).
 * ERR_OK and *out (may be NULL when the rows are of no interest, else the
 * caller frees it), else
 *   ERR_UNAVAILABLE     server gone, too many connections, lock timeout,
 *                       serialization failure after retries by the caller
 *   ERR_GATEWAY_TIMEOUT statement timeout
 *   ERR_CONFLICT        unique, foreign key or exclusion violation (see
 *                       db_fault()->constraint)
 *   ERR_VALIDATION      value refused by type or CHECK (logged as a bug)
 *   ERR_INTERNAL        anything else (logged)
 * A statement that the server no longer knows is prepared again and run once
 * more, outside a transaction only; inside it is ERR_UNAVAILABLE, as is a
 * serialization failure (sqlstate 40...): the transaction may be run again.
 */
enum err db_run(struct db *, enum stmt, const char *const *params,
    struct rows **out) MUSTCHECK;
/* db_run; ERR_NOT_FOUND, and no rows to free, when it gives no row. */
enum err db_find(struct db *, enum stmt, const char *const *params,
    struct rows **out) MUSTCHECK;
/* db_run of what gives one row and in it a number: a count. */
enum err db_int(struct db *, enum stmt, const char *const *params,
    int64_t *out) MUSTCHECK;

/*
 * Transactions.  db_commit is ERR_INTERNAL when the server answers ROLLBACK.
 * db_rollback is safe in any state, on a broken connection too.
 */
enum err db_begin(struct db *) MUSTCHECK;
enum err db_commit(struct db *) MUSTCHECK;
void db_rollback(struct db *);
/* 1 inside a transaction that has not failed. */
int db_in_transaction(struct db *);

/*
 * SQL text that is no statement of queries.sql: migrations only (several
 * commands in one string, no parameters).
 */
enum err db_script(struct db *, const char *sql) MUSTCHECK;
/* The server's own text for the last fault: for the command line only. */
const char *db_message(struct db *);

/* LISTEN on a channel, for as long as this connection lives. */
enum err db_listen(struct db *, const char *channel) MUSTCHECK;
/*
 * Takes in what has arrived; 1 and channel / payload (valid until the next
 * call) for each notification, 0 when there is none, -1 when broken.
 */
int db_notification(struct db *, const char **channel, const char **payload);

/* Rows.  All getters end the process on a column that does not exist. */
int rows_count(const struct rows *);
/* Rows affected by a data-changing statement. */
long rows_affected(const struct rows *);
int rows_null(const struct rows *, int row, int col);
/* Valid until rows_free; "" for NULL. */
const char *rows_text(const struct rows *, int row, int col);
/* NULL for NULL. */
const char *rows_text_opt(const struct rows *, int row, int col);
size_t rows_len(const struct rows *, int row, int col);
int64_t rows_int(const struct rows *, int row, int col);
double rows_num(const struct rows *, int row, int col);
int rows_bool(const struct rows *, int row, int col);
/* timestamptz given as bigint microseconds by the statement */
int64_t rows_ts(const struct rows *, int row, int col);
/* TS_NONE for SQL's NULL */
int64_t rows_ts_opt(const struct rows *, int row, int col);
/* bytea in hex form ("\x..."): decodes exactly n bytes; 0 on success. */
int rows_bytes(const struct rows *, int row, int col, void *out, size_t n);
void rows_free(struct rows *);
/* rows_free at the arena's reset. */
struct rows *rows_keep(struct rows *, struct arena *);
/* A column of all rows as an array literal, which is the arena's. */
const char *rows_array(const struct rows *, int col, struct arena *);

#endif
