/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests that run under with-pg: its server. */
#ifndef TESTS_PG_H
#define TESTS_PG_H

#include "unit.h"

#include "store/db.h"

static inline const char *
pg_env(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL) {
		(void)fprintf(stderr, "%s is not set: run under with-pg\n",
		    name);
		exit(99);
	}
	return value;
}

static inline const char *
pg_dsn(void)
{
	return pg_env("TRAINYARD_TEST_DSN");
}

/* Kills, stops or starts the server ("--kill", "--stop", "--start"). */
static inline void
pg_server(const char *what)
{
	char cmd[1024];

	(void)snprintf(cmd, sizeof(cmd), "'%s' %s",
	    pg_env("TRAINYARD_TEST_PG"), what);
	assert_int_equal(0, system(cmd));
}

static inline struct db *
pg_open(int timeout_ms)
{
	struct db *db;

	assert_int_equal(ERR_OK, db_open(pg_dsn(), "test", timeout_ms, &db));
	return db;
}

/* Runs SQL as the superuser on a connection of its own. */
static inline void
pg_do(const char *sql)
{
	struct db *db;

	assert_int_equal(ERR_OK, db_open(pg_env("TRAINYARD_TEST_SUPER"),
	    "test superuser", 0, &db));
	if (db_script(db, sql) != ERR_OK)
		fail_msg("%s", db_message(db));
	db_close(db);
}

/* Waits inside the server until the condition holds. */
static inline void
pg_await(const char *condition)
{
	char sql[1024];

	(void)snprintf(sql, sizeof(sql), "do $$ begin "
	    "for i in 1..3000 loop "
	    "perform pg_stat_clear_snapshot(); "
	    "if (%s) then return; end if; "
	    "perform pg_sleep(0.01); "
	    "end loop; raise 'never: %%', $c$%s$c$; end $$",
	    condition, condition);
	pg_do(sql);
}

/* Ends all connections of this name, and waits until they are gone. */
static inline void
pg_terminate(const char *application)
{
	char sql[256];

	(void)snprintf(sql, sizeof(sql),
	    "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
	    " where application_name = '%s'", application);
	pg_do(sql);
}

#endif
