/* SPDX-License-Identifier: BSD-2-Clause */
/* What the server had against a statement: SQLSTATEs as enum err, the log. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/db_int.h"
#include "util/log.h"

/* The first row whose prefix fits decides. */
static const struct {
	const char	*prefix;
	enum err	 err;
} sqlstates[] = {
	{ "0A000", ERR_UNAVAILABLE },	/* plan's result changed: run again */
	{ "26000", ERR_UNAVAILABLE },	/* statement lost: run again */
	{ "40", ERR_UNAVAILABLE },	/* serialization failure, deadlock */
	{ "55P03", ERR_UNAVAILABLE },	/* lock timeout */
	{ "57014", ERR_GATEWAY_TIMEOUT },
	{ "57P", ERR_UNAVAILABLE },	/* shutdown, starting up */
	{ "53", ERR_UNAVAILABLE },	/* connections, memory, disk */
	{ "58", ERR_UNAVAILABLE },	/* input or output failed */
	{ "25006", ERR_UNAVAILABLE },	/* a standby after a failover */
	{ "23505", ERR_CONFLICT },
	{ "23503", ERR_CONFLICT },
	{ "23P01", ERR_CONFLICT },
	{ "23", ERR_VALIDATION },
	{ "22", ERR_VALIDATION },
	{ "54000", ERR_VALIDATION },	/* too long for an index */
};

static int
sqlstate_is(const char *state, const char *prefix)
{
	return strncmp(state, prefix, strlen(prefix)) == 0;
}

static enum err
sqlstate_err(const char *state)
{
	size_t i;

	for (i = 0; i < sizeof(sqlstates) / sizeof(sqlstates[0]); i++)
		if (sqlstate_is(state, sqlstates[i].prefix))
			return sqlstates[i].err;
	return ERR_INTERNAL;
}

void
db_line(char *dst, size_t size, const char *src)
{
	size_t n = 0;

	for (; src != NULL && *src != '\0' && n < size - 1; src++)
		if (*src != '\n')
			dst[n++] = *src == '\t' ? ' ' : *src;
		else if (src[1] != '\0' && src[1] != '\n')
			dst[n++] = ';';
	dst[n] = '\0';
}

int
db_good(const PGresult *res)
{
	switch (PQresultStatus(res)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
	case PGRES_EMPTY_QUERY:
		return 1;
	default:
		return 0;
	}
}

const struct db_fault *
db_fault(struct db *db)
{
	return &db->fault;
}

const char *
db_message(struct db *db)
{
	return db->message == NULL ? "" : db->message;
}

enum err
db_fault_set(struct db *db, const PGresult *res, int sent)
{
	const char *state, *name;

	if (sent && !db->broken && PQstatus(db->conn) == CONNECTION_OK &&
	    res != NULL && db_good(res))
		return ERR_OK;
	free(db->message);
	db->message = strdup(res != NULL && !db_good(res) ?
	    PQresultErrorMessage(res) :
	    PQstatus(db->conn) == CONNECTION_OK ? "no answer in time" :
	    PQerrorMessage(db->conn));
	state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	if (db->broken || PQstatus(db->conn) != CONNECTION_OK ||
	    state == NULL || sqlstate_is(state, "57P")) {
		db->broken = 1;
		db->fault.lost = sent;
		return ERR_UNAVAILABLE;
	}
	if (sqlstate_is(state, "25006"))
		db->broken = 1;
	db_line(db->fault.sqlstate, sizeof(db->fault.sqlstate), state);
	name = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
	db_line(db->fault.constraint, sizeof(db->fault.constraint), name);
	return sqlstate_err(state);
}

int
db_fault_stale(const struct db *db)
{
	return sqlstate_is(db->fault.sqlstate, "26000") ||
	    sqlstate_is(db->fault.sqlstate, "0A000");
}

void
db_fault_log(const struct db *db, const char *what, const PGresult *res,
    enum err e)
{
	const char *text;
	char line[256];

	text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	if (db->fault.sqlstate[0] == '\0') {
		db_line(line, sizeof(line), text != NULL ? text :
		    db->message);
		log_warnx("connection to the database lost statement=%s: %s",
		    what, line);
		return;
	}
	/* Messages of class 22 quote, too: "invalid input syntax". */
	if (text == NULL || sqlstate_is(db->fault.sqlstate, "22"))
		text = "value refused";
	if (e == ERR_CONFLICT || db_fault_stale(db))
		log_debug("statement failed statement=%s sqlstate=%s "
		    "constraint=%s: %s", what, db->fault.sqlstate,
		    db->fault.constraint, text);
	else if (e == ERR_UNAVAILABLE || e == ERR_GATEWAY_TIMEOUT)
		log_warnx("statement failed statement=%s sqlstate=%s: %s",
		    what, db->fault.sqlstate, text);
	else
		log_errx("statement failed statement=%s sqlstate=%s "
		    "constraint=%s: %s", what, db->fault.sqlstate,
		    db->fault.constraint, text);
}
