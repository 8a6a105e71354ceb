/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The schema "unit" and the statements of tests/unit/queries.sql, for tests
 * that are built with those in place of the programs'.
 */
#ifndef TESTS_PG_ITEM_H
#define TESTS_PG_ITEM_H

#include "pg.h"

static inline void
pg_schema(void)
{
	pg_do("drop schema if exists unit cascade;"
	    "create schema unit authorization trainyard_owner;"
	    "set role trainyard_owner;"
	    "create table unit.item (id text primary key,"
	    "    number integer not null check (number > 0), note text);"
	    "create sequence unit.tries;"
	    "create function unit.contend() returns integer"
	    "    language plpgsql as $$ begin"
	    "    if nextval('unit.tries') < 3 then"
	    "        raise exception 'contended' using errcode = '40001';"
	    "    end if;"
	    "    return 1; end $$");
}

static inline enum err
pg_item_add(struct db *conn, const char *id, const char *number,
    const char *note)
{
	const char *params[] = { id, number, note };

	return db_run(conn, STMT_item_add, params, NULL);
}

static inline int64_t
pg_item_count(struct db *conn)
{
	struct rows *rows;
	int64_t n;

	assert_int_equal(ERR_OK, db_run(conn, STMT_item_count, NULL, &rows));
	n = rows_int(rows, 0, 0);
	rows_free(rows);
	return n;
}

static inline int
pg_backend_pid(struct db *conn)
{
	struct rows *rows;
	const char *params[] = { "unit.pid" };
	int pid;

	assert_int_equal(ERR_OK, db_script(conn,
	    "select set_config('unit.pid', pg_backend_pid()::text, false)"));
	assert_int_equal(ERR_OK, db_run(conn, STMT_setting, params, &rows));
	pid = (int)rows_int(rows, 0, 0);
	rows_free(rows);
	return pid;
}

#endif
