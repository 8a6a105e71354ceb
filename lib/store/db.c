/* SPDX-License-Identifier: BSD-2-Clause */
/* Talks to PostgreSQL with deadlines. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/db_int.h"
#include "store/row.h"
#include "util/log.h"
#include "util/ts.h"

/*
 * statement_timeout is the server's; a server that is frozen cannot keep it.
 * So long after it the connection counts as lost.
 */
#define DB_GRACE_MS	1000
#define DB_PLANS_US	10000000	/* for which a session keeps its plans */

static void
notice_log(void *arg, const char *text)
{
	char line[256];

	db_line(line, sizeof(line), text);
	log_debug("database: %s", line);
}

/*
 * One plan of a statement for all values.  Left to itself the server makes a
 * new one wherever that seems to read fewer rows, as for a group smaller than
 * it guesses; that takes longer than the statement.  The command asks once.
 */
#define KEEP_PLANS	" -c plan_cache_mode=force_generic_plan"

/*
 * What every session needs, behind the options of the connection string so
 * that they cannot undo it.  Sent with the start of the session: nothing is
 * lost when libpq connects again.
 */
static void
session_options(const char *dsn_options, int timeout_ms, char *out, size_t n)
{
	(void)snprintf(out, n, "%s -c search_path=pg_catalog"
	    " -c synchronous_commit=on -c timezone=UTC -c datestyle=ISO"
	    " -c bytea_output=hex -c extra_float_digits=1"
	    " -c standard_conforming_strings=on"
	    /* Statements are short: compiling them costs more than it saves. */
	    " -c jit=off"
	    /*
	     * And each finds its rows by an index.  A plan is kept, and one that
	     * is made while a table is small would read all of it, until
	     * something analyzes what has become of it: rows are dearer than
	     * pages here, since there will be more of them.
	     */
	    " -c enable_seqscan=off -c enable_hashjoin=off"
	    " -c enable_mergejoin=off -c enable_material=off"
	    " -c random_page_cost=1.1 -c cpu_tuple_cost=1"
	    " -c cpu_index_tuple_cost=0.05"
	    " -c statement_timeout=%d -c lock_timeout=%d"
	    " -c idle_in_transaction_session_timeout=%d%s",
	    dsn_options == NULL ? "" : dsn_options, timeout_ms,
	    timeout_ms / 2, timeout_ms == 0 ? 0 : timeout_ms + 30000,
	    timeout_ms == 0 ? "" : KEEP_PLANS);
}

enum err
db_connect(const char *dsn, const char *role, int timeout_ms,
    struct db **out, char why[DB_WHY_LEN])
{
	/* A connection string may change what stands in front of it. */
	const char *const names[] = { "keepalives_idle",
	    "keepalives_interval", "keepalives_count", "tcp_user_timeout",
	    "dbname", "connect_timeout", "application_name",
	    "client_encoding", "options", NULL };
	const char *values[] = { "10", "2", "3", "1500", dsn, "2", role,
	    "UTF8", NULL, NULL };
	PQconninfoOption *info, *o;
	char options[1024];
	struct db *db;
	PGconn *conn;
	char *text = NULL;

	*out = NULL;
	if ((info = PQconninfoParse(dsn, &text)) == NULL) {
		db_line(why, DB_WHY_LEN, text);
		PQfreemem(text);
		return ERR_UNAVAILABLE;
	}
	for (o = info; strcmp(o->keyword, "options") != 0; o++)
		;
	session_options(o->val, timeout_ms, options, sizeof(options));
	PQconninfoFree(info);
	values[8] = options;
	conn = PQconnectdbParams(names, values, 1);
	if (conn == NULL || PQstatus(conn) != CONNECTION_OK ||
	    PQsetnonblocking(conn, 1) != 0) {
		db_line(why, DB_WHY_LEN, PQerrorMessage(conn));
		PQfinish(conn);
		return ERR_UNAVAILABLE;
	}
	(void)PQsetNoticeProcessor(conn, notice_log, NULL);
	if ((db = calloc(1, sizeof(*db))) == NULL)
		fatalx("out of memory bytes=%zu", sizeof(*db));
	db->conn = conn;
	db->timeout_ms = timeout_ms;
	db->planned = ts_mono();
	*out = db;
	return ERR_OK;
}

enum err
db_open(const char *dsn, const char *role, int timeout_ms, struct db **out)
{
	char why[DB_WHY_LEN];
	enum err e;

	e = db_connect(dsn, role, timeout_ms, out, why);
	if (e != ERR_OK)
		log_warnx("could not connect to the database: %s", why);
	return e;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	PQfreemem(db->notify);
	PQfinish(db->conn);
	free(db->message);
	free(db);
}

/*
 * libpq learns of a server that went away only when it reads or writes.  An
 * idle connection has nothing to read but that, notices and notifications.
 */
int
db_alive(struct db *db)
{
	struct pollfd pfd = { .events = POLLIN | POLLRDHUP };

	if (db->broken || PQstatus(db->conn) != CONNECTION_OK)
		return 0;
	pfd.fd = PQsocket(db->conn);
	while (poll(&pfd, 1, 0) > 0) {
		if ((pfd.revents & ~POLLIN) != 0 ||
		    !PQconsumeInput(db->conn)) {
			db->broken = 1;
			return 0;
		}
		(void)PQisBusy(db->conn);	/* takes apart what came */
	}
	return 1;
}

int
db_fd(struct db *db)
{
	return db->broken ? -1 : PQsocket(db->conn);
}

/* Until the answer can be taken, or 0 when time is up. */
static int
answer_wait(struct db *db, int64_t end)
{
	struct pollfd pfd;
	int64_t left;
	int flush, ms;

	for (;;) {
		flush = PQflush(db->conn);
		pfd.fd = PQsocket(db->conn);
		/* PQgetResult() has the words for what went wrong. */
		if (flush == -1 || pfd.fd == -1)
			return 1;
		if (flush == 0 && !PQisBusy(db->conn))
			return 1;
		pfd.events = flush ? POLLIN | POLLOUT : POLLIN;
		ms = -1;
		if (end != 0) {
			left = (end - ts_mono()) / 1000;
			ms = left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
		}
		switch (poll(&pfd, 1, ms)) {
		case 0:
			return 0;
		case -1:
			if (errno != EINTR)
				fatal("poll");
			continue;
		}
		if ((pfd.revents & ~POLLOUT) != 0 &&
		    !PQconsumeInput(db->conn))
			return 1;
	}
}

/*
 * The first error, else the last result.  A commit may fail behind a result
 * that looks good, so all of the answer is read before any of it counts.
 */
static PGresult *
answer_take(struct db *db)
{
	PGresult *keep = NULL, *res;
	int64_t end = 0;

	if (db->timeout_ms > 0)
		end = ts_mono() +
		    ((int64_t)db->timeout_ms + DB_GRACE_MS) * 1000;
	for (;;) {
		if (!answer_wait(db, end)) {
			db->broken = 1;
			break;
		}
		if ((res = PQgetResult(db->conn)) == NULL)
			break;
		switch (PQresultStatus(res)) {
		case PGRES_COPY_IN:
		case PGRES_COPY_OUT:
		case PGRES_COPY_BOTH:
			/* Nobody here speaks it, and it would never end. */
			db->broken = 1;
			PQclear(keep);
			return res;
		default:
			break;
		}
		if (keep != NULL && !db_good(keep))
			PQclear(res);
		else {
			PQclear(keep);
			keep = res;
		}
	}
	return keep;
}

/*
 * Brings in the answer to what was sent (or not: then the connection is
 * broken).  *out, when wanted, is the caller's to clear if and only if OK.
 */
static enum err
answer_settle(struct db *db, int sent, const char *what, PGresult **out)
{
	PGresult *res = sent ? answer_take(db) : NULL;
	enum err e = db_fault_set(db, res, sent);

	if (e != ERR_OK)
		db_fault_log(db, what, res, e);
	if (e == ERR_OK && out != NULL)
		*out = res;
	else
		PQclear(res);
	return e;
}

static enum err
command_run(struct db *db, const char *sql, const char *what, PGresult **out)
{
	int sent = 0;

	memset(&db->fault, 0, sizeof(db->fault));
	if (!db->broken)
		sent = PQsendQuery(db->conn, sql);
	return answer_settle(db, sent, what, out);
}

/*
 * What was planned while a table was empty may have any index of it, as all
 * cost the same then.  The server looks again when the table has been analyzed,
 * which for a new site is a minute or a hundred thousand rows later.
 */
static enum err
plans_renew(struct db *db)
{
	int64_t now = ts_mono();
	enum err e;

	if (now - db->planned < DB_PLANS_US)
		return ERR_OK;
	e = command_run(db, "DISCARD PLANS", "discard plans", NULL);
	if (e == ERR_OK)
		db->planned = now;
	return e;
}

static enum err
stmt_prepare(struct db *db, enum stmt stmt)
{
	const struct stmt_text *t = &stmt_table[stmt];
	enum err e;
	int sent;

	if ((e = plans_renew(db)) != ERR_OK)
		return e;
	if (db->stale) {
		e = command_run(db, "DEALLOCATE ALL", "deallocate", NULL);
		if (e != ERR_OK)
			return e;
		memset(db->prepared, 0, sizeof(db->prepared));
		db->stale = 0;
	}
	if (db->prepared[stmt])
		return ERR_OK;
	sent = PQsendPrepare(db->conn, t->name, t->sql, t->params, NULL);
	if ((e = answer_settle(db, sent, t->name, NULL)) == ERR_OK)
		db->prepared[stmt] = 1;
	return e;
}

static enum err
stmt_run(struct db *db, enum stmt stmt, const char *const *params,
    PGresult **out)
{
	const struct stmt_text *t = &stmt_table[stmt];
	enum err e;
	int sent;

	memset(&db->fault, 0, sizeof(db->fault));
	if (db->broken)
		return ERR_UNAVAILABLE;
	if ((e = stmt_prepare(db, stmt)) != ERR_OK) {
		/* The statement itself has not been sent. */
		db->fault.lost = 0;
		return e;
	}
	sent = PQsendQueryPrepared(db->conn, t->name, t->params, params,
	    NULL, NULL, 0);
	return answer_settle(db, sent, t->name, out);
}

enum err
db_run(struct db *db, enum stmt stmt, const char *const *params,
    struct rows **out)
{
	int outside = PQtransactionStatus(db->conn) == PQTRANS_IDLE;
	PGresult *res;
	enum err e;

	if (out != NULL)
		*out = NULL;
	e = stmt_run(db, stmt, params, &res);
	if (e != ERR_OK && db_fault_stale(db)) {
		db->stale = 1;
		if (outside)
			e = stmt_run(db, stmt, params, &res);
		if (e != ERR_OK && outside && db_fault_stale(db)) {
			log_errx("statement cannot run statement=%s "
			    "sqlstate=%s", stmt_table[stmt].name,
			    db->fault.sqlstate);
			e = ERR_INTERNAL;
		}
	}
	if (e != ERR_OK)
		return e;
	if (out != NULL)
		*out = rows_new(res);
	else
		PQclear(res);
	return ERR_OK;
}

enum err
db_find(struct db *db, enum stmt stmt, const char *const *params,
    struct rows **out)
{
	enum err e;

	if ((e = db_run(db, stmt, params, out)) != ERR_OK)
		return e;
	if (rows_count(*out) > 0)
		return ERR_OK;
	rows_free(*out);
	*out = NULL;
	return ERR_NOT_FOUND;
}

enum err
db_int(struct db *db, enum stmt stmt, const char *const *params, int64_t *out)
{
	struct rows *r;
	enum err e;

	if ((e = db_run(db, stmt, params, &r)) != ERR_OK)
		return e;
	*out = rows_int(r, 0, 0);
	rows_free(r);
	return ERR_OK;
}

enum err
db_begin(struct db *db)
{
	return command_run(db, "BEGIN", "begin", NULL);
}

enum err
db_commit(struct db *db)
{
	PGresult *res;
	enum err e;

	if ((e = command_run(db, "COMMIT", "commit", &res)) != ERR_OK)
		return e;
	/* The server says so, and no more, when a statement had failed. */
	if (strcmp(PQcmdStatus(res), "COMMIT") != 0) {
		log_errx("commit of a failed transaction");
		e = ERR_INTERNAL;
	}
	PQclear(res);
	return e;
}

void
db_rollback(struct db *db)
{
	if (db->broken || PQtransactionStatus(db->conn) == PQTRANS_IDLE)
		return;
	/* What cannot be rolled back ends with its connection. */
	if (command_run(db, "ROLLBACK", "rollback", NULL) != ERR_OK)
		db->broken = 1;
}

int
db_in_transaction(struct db *db)
{
	return PQtransactionStatus(db->conn) == PQTRANS_INTRANS;
}

enum err
db_script(struct db *db, const char *sql)
{
	return command_run(db, sql, "script", NULL);
}

enum err
db_listen(struct db *db, const char *channel)
{
	char *name, sql[160];

	name = PQescapeIdentifier(db->conn, channel, strlen(channel));
	if (name == NULL)
		fatalx("out of memory");
	(void)snprintf(sql, sizeof(sql), "LISTEN %s", name);
	PQfreemem(name);
	return command_run(db, sql, "listen", NULL);
}

int
db_notification(struct db *db, const char **channel, const char **payload)
{
	if (!db_alive(db))
		return -1;
	PQfreemem(db->notify);
	if ((db->notify = PQnotifies(db->conn)) == NULL)
		return 0;
	*channel = db->notify->relname;
	*payload = db->notify->extra;
	return 1;
}
