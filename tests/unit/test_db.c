/* SPDX-License-Identifier: BSD-2-Clause */
/* Values, errors, transactions and statements, against a real server. */
#include "config.h"

#include <pthread.h>

#include "pg_item.h"

#include "store/db.h"
#include "store/db_int.h"
#include "util/arena.h"
#include "util/log.h"
#include "util/ts.h"

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

/* Reading */

static void
values_come_back_typed(void **state)
{
	const char *params[] = { "caf\xc3\xa9", "-9007199254740993", "0.1",
	    "true", "\\x00ff10" };
	const uint8_t bytes[] = { 0x00, 0xff, 0x10 };
	uint8_t got[3];
	struct rows *rows;

	assert_int_equal(ERR_OK, db_run(db, STMT_echo, params, &rows));
	assert_int_equal(1, rows_count(rows));
	assert_string_equal("caf\xc3\xa9", rows_text(rows, 0, 0));
	assert_int_equal(5, rows_len(rows, 0, 0));
	assert_true(rows_int(rows, 0, 1) == INT64_C(-9007199254740993));
	assert_true(rows_num(rows, 0, 2) == 0.1);
	assert_int_equal(1, rows_bool(rows, 0, 3));
	assert_int_equal(0, rows_bytes(rows, 0, 4, got, sizeof(got)));
	assert_memory_equal(bytes, got, sizeof(got));
	assert_int_equal(-1, rows_bytes(rows, 0, 4, got, 2));
	rows_free(rows);
}

static void
null_and_empty_differ(void **state)
{
	const char *params[] = { "", NULL, NULL, NULL, NULL };
	struct rows *rows;

	assert_int_equal(ERR_OK, db_run(db, STMT_echo, params, &rows));
	assert_int_equal(0, rows_null(rows, 0, 0));
	assert_string_equal("", rows_text_opt(rows, 0, 0));
	assert_int_equal(1, rows_null(rows, 0, 1));
	assert_null(rows_text_opt(rows, 0, 1));
	assert_int_equal(0, rows_int(rows, 0, 1));
	rows_free(rows);
}

static void
read_beyond(void *rows)
{
	(void)rows_text(rows, 0, 5);
}

static void
a_column_that_is_not_there_ends_the_process(void **state)
{
	const char *params[] = { "", NULL, NULL, NULL, NULL };
	struct rows *rows;
	char text[512];

	assert_int_equal(ERR_OK, db_run(db, STMT_echo, params, &rows));
	assert_int_equal(1, unit_child(read_beyond, rows, text,
	    sizeof(text)));
	assert_non_null(strstr(text, "no such cell"));
	rows_free(rows);
}

static void
kept_rows_go_with_the_arena(void **state)
{
	struct arena *arena = arena_new(1024);
	struct rows *rows;

	assert_int_equal(ERR_OK, db_run(db, STMT_item_count, NULL, &rows));
	assert_ptr_equal(rows, rows_keep(rows, arena));
	assert_int_equal(0, rows_int(rows, 0, 0));
	arena_free(arena);	/* the leak checker sees it when it does not */
}

static void
affected_rows_are_counted(void **state)
{
	const char *params[] = { "a", "1", NULL };
	struct rows *rows;

	assert_int_equal(ERR_OK, db_run(db, STMT_item_add, params, &rows));
	assert_int_equal(1, rows_affected(rows));
	rows_free(rows);
}

static void
what_gives_no_row_is_not_found(void **state)
{
	struct rows *rows;

	assert_int_equal(ERR_NOT_FOUND, db_find(db, STMT_item_all, NULL,
	    &rows));
	assert_null(rows);
	assert_int_equal(ERR_OK, pg_item_add(db, "a", "1", NULL));
	assert_int_equal(ERR_OK, db_find(db, STMT_item_all, NULL, &rows));
	assert_string_equal("a", rows_text(rows, 0, 0));
	rows_free(rows);
}

static void
a_count_is_a_number(void **state)
{
	int64_t n = -1;

	assert_int_equal(ERR_OK, pg_item_add(db, "a", "1", NULL));
	assert_int_equal(ERR_OK, pg_item_add(db, "b", "2", NULL));
	assert_int_equal(ERR_OK, db_int(db, STMT_item_count, NULL, &n));
	assert_int_equal(2, n);
}

static void
a_column_becomes_an_array(void **state)
{
	struct arena *arena = arena_new(1024);
	struct rows *rows;

	assert_int_equal(ERR_OK, db_run(db, STMT_item_all, NULL, &rows));
	assert_string_equal("{}", rows_array(rows, 0, arena));
	rows_free(rows);
	assert_int_equal(ERR_OK, pg_item_add(db, "a\"", "1", NULL));
	assert_int_equal(ERR_OK, db_run(db, STMT_item_all, NULL, &rows));
	assert_string_equal("{\"a\\\"\"}", rows_array(rows, 0, arena));
	rows_free(rows);
	arena_free(arena);
}

/* More than a socket takes at once, in both directions. */
static void
large_values_pass(void **state)
{
	const size_t size = 8 * 1024 * 1024;
	char *big = malloc(size + 1);
	const char *params[] = { big, NULL, NULL, NULL, NULL };
	struct rows *rows;

	assert_non_null(big);
	memset(big, 'x', size);
	big[size] = '\0';
	assert_int_equal(ERR_OK, db_run(db, STMT_echo, params, &rows));
	assert_int_equal(size, rows_len(rows, 0, 0));
	assert_string_equal(big, rows_text(rows, 0, 0));
	rows_free(rows);
	free(big);
}

/* Errors */

static void
a_duplicate_names_its_constraint(void **state)
{
	assert_int_equal(ERR_OK, pg_item_add(db, "a", "1", NULL));
	assert_int_equal(ERR_CONFLICT, pg_item_add(db, "a", "1", NULL));
	assert_string_equal("23505", db_fault(db)->sqlstate);
	assert_string_equal("item_pkey", db_fault(db)->constraint);
	assert_int_equal(0, db_fault(db)->lost);
	assert_int_equal(ERR_OK, pg_item_add(db, "b", "1", NULL));
	assert_string_equal("", db_fault(db)->sqlstate);
}

static void
refused_values_are_validation_errors(void **state)
{
	assert_int_equal(ERR_VALIDATION, pg_item_add(db, "a", "0", NULL));
	assert_string_equal("item_number_check", db_fault(db)->constraint);
	assert_int_equal(ERR_VALIDATION, pg_item_add(db, "a", "many", NULL));
	assert_string_equal("22P02", db_fault(db)->sqlstate);
	assert_int_equal(ERR_VALIDATION, pg_item_add(db, "a", "99999999999",
	    NULL));
	assert_string_equal("22003", db_fault(db)->sqlstate);
	assert_int_equal(ERR_VALIDATION, pg_item_add(db, "a", NULL, NULL));
	assert_string_equal("23502", db_fault(db)->sqlstate);
	assert_int_equal(ERR_VALIDATION, pg_item_add(db, "\xff", "1", NULL));
	assert_string_equal("22021", db_fault(db)->sqlstate);
	assert_int_equal(0, pg_item_count(db));
}

static void
add_secret(void *arg)
{
	struct db *conn = pg_open(TIMEOUT_MS);

	(void)pg_item_add(conn, "secret", "sesame", "secret");
	(void)pg_item_add(conn, "secret", "0", "secret");
	(void)pg_item_add(conn, "secret", "1", "secret");
	(void)pg_item_add(conn, "secret", "1", "secret");
	db_close(conn);
}

static void
the_log_quotes_no_values(void **state)
{
	char text[4096];

	log_init("test", LOG_L_DEBUG);
	assert_int_equal(0, unit_child(add_secret, NULL, text, sizeof(text)));
	log_init("test", LOG_L_INFO);
	assert_non_null(strstr(text, "22P02"));
	assert_non_null(strstr(text, "item_number_check"));
	assert_non_null(strstr(text, "item_pkey"));
	assert_null(strstr(text, "secret"));
	assert_null(strstr(text, "sesame"));
}

static void
a_slow_statement_times_out(void **state)
{
	const char *params[] = { "60" };
	struct db *quick = pg_open(2000);

	assert_int_equal(ERR_GATEWAY_TIMEOUT, db_run(quick, STMT_nap, params,
	    NULL));
	assert_string_equal("57014", db_fault(quick)->sqlstate);
	assert_int_equal(1, db_alive(quick));
	assert_int_equal(ERR_OK, pg_item_add(quick, "a", "1", NULL));
	db_close(quick);
}

static void
a_lock_is_not_waited_for_forever(void **state)
{
	struct db *quick = pg_open(2000);

	assert_int_equal(ERR_OK, db_begin(db));
	assert_int_equal(ERR_OK, db_script(db, "lock table unit.item"));
	assert_int_equal(ERR_UNAVAILABLE, pg_item_add(quick, "a", "1", NULL));
	assert_string_equal("55P03", db_fault(quick)->sqlstate);
	assert_int_equal(0, db_fault(quick)->lost);
	db_rollback(db);
	assert_int_equal(ERR_OK, pg_item_add(quick, "a", "1", NULL));
	db_close(quick);
}

/* The first error counts, however many commands stand behind it. */
static void
a_script_is_all_or_nothing(void **state)
{
	assert_int_equal(ERR_INTERNAL, db_script(db,
	    "insert into unit.item values ('a', 1, null);"
	    "select 1 from unit.nowhere;"
	    "insert into unit.item values ('b', 1, null)"));
	assert_non_null(strstr(db_message(db), "unit.nowhere"));
	assert_int_equal(0, pg_item_count(db));
}

/* A constraint that is looked at last fails behind a result that is good. */
static void
a_failure_at_the_end_of_a_statement_is_seen(void **state)
{
	assert_int_equal(ERR_OK, db_script(db,
	    "alter table unit.item add constraint once unique (number)"
	    " deferrable initially deferred"));
	assert_int_equal(ERR_OK, pg_item_add(db, "a", "7", NULL));
	assert_int_equal(ERR_CONFLICT, pg_item_add(db, "b", "7", NULL));
	assert_string_equal("once", db_fault(db)->constraint);
	assert_int_equal(1, pg_item_count(db));
}

/* Transactions */

static void
a_rollback_undoes(void **state)
{
	assert_int_equal(ERR_OK, db_begin(db));
	assert_int_equal(ERR_OK, pg_item_add(db, "a", "1", NULL));
	db_rollback(db);
	db_rollback(db);
	assert_int_equal(0, pg_item_count(db));
	assert_int_equal(ERR_OK, db_begin(db));
	assert_int_equal(ERR_OK, pg_item_add(db, "a", "1", NULL));
	assert_int_equal(ERR_OK, db_commit(db));
	assert_int_equal(1, pg_item_count(db));
}

static void
commit_of_a_failed_transaction_is_no_success(void **state)
{
	assert_int_equal(ERR_OK, db_begin(db));
	assert_int_equal(ERR_OK, pg_item_add(db, "a", "1", NULL));
	assert_int_equal(ERR_VALIDATION, pg_item_add(db, "b", "0", NULL));
	assert_int_equal(ERR_INTERNAL, db_commit(db));
	assert_int_equal(0, pg_item_count(db));
}

static void *
lock_then_wait(void *arg)
{
	struct db *other = arg;
	enum err e;

	e = db_script(other, "update unit.item set note = 'other'"
	    " where id = 'a'");
	return (void *)(intptr_t)e;
}

static void
a_deadlock_may_be_tried_again(void **state)
{
	struct db *other = pg_open(TIMEOUT_MS);
	pthread_t thread;
	enum err e1, e2;
	void *result;

	assert_int_equal(ERR_OK, pg_item_add(db, "a", "1", NULL));
	assert_int_equal(ERR_OK, pg_item_add(db, "b", "1", NULL));
	assert_int_equal(ERR_OK, db_begin(db));
	assert_int_equal(ERR_OK, db_begin(other));
	assert_int_equal(ERR_OK, db_script(db,
	    "update unit.item set note = 'x' where id = 'a'"));
	assert_int_equal(ERR_OK, db_script(other,
	    "update unit.item set note = 'x' where id = 'b'"));
	assert_int_equal(0, pthread_create(&thread, NULL, lock_then_wait,
	    other));
	e1 = db_script(db, "update unit.item set note = 'y' where id = 'b'");
	assert_int_equal(0, pthread_join(thread, &result));
	e2 = (enum err)(intptr_t)result;
	/* The server chooses one of them. */
	assert_int_equal(ERR_UNAVAILABLE, e1 == ERR_OK ? e2 : e1);
	assert_int_equal(ERR_OK, e1 == ERR_OK ? e1 : e2);
	assert_string_equal("40P01",
	    db_fault(e1 == ERR_OK ? other : db)->sqlstate);
	db_close(other);
}

/* Prepared statements */

static void
a_lost_statement_is_prepared_again(void **state)
{
	assert_int_equal(ERR_OK, pg_item_add(db, "a", "1", NULL));
	assert_int_equal(ERR_OK, db_script(db, "deallocate all"));
	assert_int_equal(ERR_OK, pg_item_add(db, "b", "1", NULL));
	assert_int_equal(ERR_OK, db_script(db, "discard all"));
	assert_int_equal(ERR_OK, pg_item_add(db, "c", "1", NULL));
	assert_int_equal(3, pg_item_count(db));
}

static void
old_plans_are_given_up(void **state)
{
	int64_t now = ts_mono();

	db->planned = 0;
	assert_int_equal(ERR_OK, pg_item_add(db, "a", "1", NULL));
	assert_true(db->planned >= now);
	assert_int_equal(ERR_OK, db_begin(db));
	db->planned = 0;
	assert_int_equal(ERR_OK, pg_item_add(db, "b", "1", NULL));
	assert_true(db->planned >= now);
	assert_int_equal(ERR_OK, db_commit(db));
	now = db->planned;
	assert_int_equal(2, pg_item_count(db));
	assert_true(db->planned == now);
}

static void
a_lost_statement_fails_its_transaction_once(void **state)
{
	assert_int_equal(ERR_OK, pg_item_add(db, "a", "1", NULL));
	assert_int_equal(ERR_OK, db_script(db, "deallocate all"));
	assert_int_equal(ERR_OK, db_begin(db));
	assert_int_equal(ERR_UNAVAILABLE, pg_item_add(db, "b", "1", NULL));
	assert_string_equal("26000", db_fault(db)->sqlstate);
	db_rollback(db);
	assert_int_equal(ERR_OK, db_begin(db));
	assert_int_equal(ERR_OK, pg_item_add(db, "b", "1", NULL));
	assert_int_equal(ERR_OK, db_commit(db));
	assert_int_equal(2, pg_item_count(db));
}

static void
a_changed_table_does_not_break_a_connection(void **state)
{
	struct rows *rows;

	assert_int_equal(ERR_OK, db_run(db, STMT_item_all, NULL, &rows));
	rows_free(rows);
	pg_do("alter table unit.item add column extra integer");
	assert_int_equal(ERR_OK, pg_item_add(db, "a", "1", NULL));
	assert_int_equal(ERR_OK, db_run(db, STMT_item_all, NULL, &rows));
	assert_int_equal(1, rows_null(rows, 0, 3));
	rows_free(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(values_come_back_typed),
		T(null_and_empty_differ),
		T(a_column_that_is_not_there_ends_the_process),
		T(kept_rows_go_with_the_arena),
		T(affected_rows_are_counted),
		T(what_gives_no_row_is_not_found),
		T(a_count_is_a_number),
		T(a_column_becomes_an_array),
		T(large_values_pass),
		T(a_duplicate_names_its_constraint),
		T(refused_values_are_validation_errors),
		T(the_log_quotes_no_values),
		T(a_slow_statement_times_out),
		T(a_lock_is_not_waited_for_forever),
		T(a_script_is_all_or_nothing),
		T(a_failure_at_the_end_of_a_statement_is_seen),
		T(a_rollback_undoes),
		T(commit_of_a_failed_transaction_is_no_success),
		T(a_deadlock_may_be_tried_again),
		T(a_lost_statement_is_prepared_again),
		T(old_plans_are_given_up),
		T(a_lost_statement_fails_its_transaction_once),
		T(a_changed_table_does_not_break_a_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
