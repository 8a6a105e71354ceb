/* SPDX-License-Identifier: BSD-2-Clause */
/* One connection, to a real server that is killed on the way. */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include "pg_item.h"

#include "store/db.h"

#define TIMEOUT_MS	4000

static struct db *db;

static int
setup(void **state)
{
	pg_schema();
	db = pg_open(TIMEOUT_MS);
	return 0;
}

static int
teardown(void **state)
{
	db_close(db);
	return 0;
}

static void
a_session_has_our_settings(void **state)
{
	static const char *const want[][2] = {
		{ "search_path", "pg_catalog" },
		{ "client_encoding", "UTF8" },
		{ "synchronous_commit", "on" },
		{ "TimeZone", "UTC" },
		{ "bytea_output", "hex" },
		{ "statement_timeout", "4s" },
		{ "lock_timeout", "2s" },
		{ "application_name", "test" },
		{ "work_mem", "8MB" },
	};
	char dsn[1024];
	struct db *conn;
	struct rows *rows;
	size_t i;

	/* The site's own options hold as long as they are not in our way. */
	(void)snprintf(dsn, sizeof(dsn), "%s application_name=x options='"
	    "-c search_path=unit -c synchronous_commit=off -c work_mem=8MB'",
	    pg_dsn());
	assert_int_equal(ERR_OK, db_open(dsn, "test", TIMEOUT_MS, &conn));
	for (i = 0; i < UNIT_COUNT(want); i++) {
		assert_int_equal(ERR_OK, db_run(conn, STMT_setting,
		    &want[i][0], &rows));
		assert_string_equal(want[i][1], rows_text(rows, 0, 0));
		rows_free(rows);
	}
	db_close(conn);
}

static void
the_socket_does_not_reach_children(void **state)
{
	int flags = fcntl(db_fd(db), F_GETFD);

	assert_int_equal(FD_CLOEXEC, flags & FD_CLOEXEC);
}

static void
what_cannot_connect_says_why(void **state)
{
	static const char *const bad[] = { "host=/nonexistent dbname=x",
	    "nonsense", "no_such_option=1" };
	char why[DB_WHY_LEN];
	struct db *conn;
	size_t i;

	for (i = 0; i < UNIT_COUNT(bad); i++) {
		conn = db;
		assert_int_equal(ERR_UNAVAILABLE, db_connect(bad[i], "test",
		    TIMEOUT_MS, &conn, why));
		assert_null(conn);
		assert_true(strlen(why) > 10);
		assert_null(strchr(why, '\n'));
	}
}

static void
a_full_server_is_unavailable(void **state)
{
	struct db *conn;

	pg_do("alter role trainyard_owner connection limit 1");
	assert_int_equal(ERR_UNAVAILABLE, db_open(pg_dsn(), "test",
	    TIMEOUT_MS, &conn));
	pg_do("alter role trainyard_owner connection limit -1");
	assert_null(conn);
}

static void
an_idle_connection_that_went_is_seen(void **state)
{
	assert_int_equal(1, db_alive(db));
	pg_terminate("test");
	assert_int_equal(0, db_alive(db));
	assert_int_equal(-1, db_fd(db));
	assert_int_equal(ERR_UNAVAILABLE, pg_item_add(db, "a", "1", NULL));
	/* Nothing was sent, so nothing is in doubt. */
	assert_int_equal(0, db_fault(db)->lost);
	db_rollback(db);
}

static void
a_dead_connection_is_told_apart_from_an_error(void **state)
{
	assert_int_equal(ERR_OK, pg_item_add(db, "a", "1", NULL));
	pg_terminate("test");
	assert_int_equal(ERR_UNAVAILABLE, pg_item_add(db, "b", "1", NULL));
	assert_int_equal(1, db_fault(db)->lost);
	assert_string_equal("", db_fault(db)->sqlstate);
	assert_int_equal(0, db_alive(db));
}

static void *
nap_long(void *arg)
{
	const char *params[] = { "60" };
	struct db *conn = arg;

	return (void *)(intptr_t)db_run(conn, STMT_nap, params, NULL);
}

static void
a_server_that_dies_amid_a_statement_leaves_it_unknown(void **state)
{
	struct db *conn;
	pthread_t thread;
	void *result;

	assert_int_equal(ERR_OK, db_open(pg_dsn(), "test", 0, &conn));
	assert_int_equal(0, pthread_create(&thread, NULL, nap_long, conn));
	pg_await("exists (select from pg_stat_activity"
	    " where wait_event = 'PgSleep' and application_name = 'test')");
	pg_server("--kill");
	assert_int_equal(0, pthread_join(thread, &result));
	assert_int_equal(ERR_UNAVAILABLE, (enum err)(intptr_t)result);
	assert_int_equal(1, db_fault(conn)->lost);
	db_close(conn);
	assert_int_equal(ERR_UNAVAILABLE, db_open(pg_dsn(), "test",
	    TIMEOUT_MS, &conn));
	pg_server("--start");
	assert_int_equal(0, db_alive(db));
	db_close(db);
	db = pg_open(TIMEOUT_MS);
	assert_int_equal(0, pg_item_count(db));
}

static void
a_frozen_server_does_not_hold_its_caller(void **state)
{
	struct db *conn = pg_open(2000);
	int pid = pg_backend_pid(conn);
	enum err e;

	assert_int_equal(ERR_OK, pg_item_add(conn, "prepared", "1", NULL));
	assert_int_equal(0, kill(pid, SIGSTOP));
	e = pg_item_add(conn, "a", "1", NULL);
	assert_int_equal(0, kill(pid, SIGCONT));
	assert_int_equal(ERR_UNAVAILABLE, e);
	assert_int_equal(1, db_fault(conn)->lost);
	assert_int_equal(0, db_alive(conn));
	db_close(conn);
}

static void
notifications_arrive_one_by_one(void **state)
{
	struct pollfd pfd = { .events = POLLIN };
	const char *channel, *payload;

	assert_int_equal(ERR_OK, db_listen(db, "Odd \"name\""));
	assert_int_equal(0, db_notification(db, &channel, &payload));
	pg_do("notify \"Odd \"\"name\"\"\", 'one';"
	    "notify \"Odd \"\"name\"\"\", 'two'; notify elsewhere, 'three'");
	pfd.fd = db_fd(db);
	assert_int_equal(1, poll(&pfd, 1, 10000));
	assert_int_equal(1, db_notification(db, &channel, &payload));
	assert_string_equal("Odd \"name\"", channel);
	assert_string_equal("one", payload);
	assert_int_equal(1, db_notification(db, &channel, &payload));
	assert_string_equal("two", payload);
	assert_int_equal(0, db_notification(db, &channel, &payload));
	pg_terminate("test");
	assert_int_equal(-1, db_notification(db, &channel, &payload));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(a_session_has_our_settings),
		T(the_socket_does_not_reach_children),
		T(what_cannot_connect_says_why),
		T(a_full_server_is_unavailable),
		T(an_idle_connection_that_went_is_seen),
		T(a_dead_connection_is_told_apart_from_an_error),
		T(a_server_that_dies_amid_a_statement_leaves_it_unknown),
		T(a_frozen_server_does_not_hold_its_caller),
		T(notifications_arrive_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
