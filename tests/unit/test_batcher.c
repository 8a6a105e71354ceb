/* SPDX-License-Identifier: BSD-2-Clause */
/* Group commit: who shares a transaction, and what each row is told. */
#include "config.h"

#include "batcher_jobs.h"

static void
a_lone_row_is_written_at_once(void **state)
{
	struct job j;

	job_init(&j, 1);
	(void)job_run(&j);
	assert_int_equal(ERR_OK, j.err);
	assert_string_equal("id1", j.got_id);
	assert_int_equal(1, pg_item_count(blocker));
}

/* The statement returns them in another order on purpose. */
static void
waiting_rows_share_a_transaction_and_get_their_own_answers(void **state)
{
	struct job j[GROUP];
	int i;

	for (i = 0; i < GROUP; i++)
		job_init(&j[i], i);
	block(&j[0]);
	for (i = 1; i < GROUP; i++)
		job_start(&j[i]);
	await_waiting(GROUP - 1);
	unblock();
	for (i = 0; i < GROUP; i++) {
		job_join(&j[i]);
		assert_int_equal(ERR_OK, j[i].err);
		assert_string_equal(j[i].id, j[i].got_id);
		assert_string_equal(j[i].id, j[i].note);
	}
	for (i = 2; i < GROUP; i++)
		assert_string_equal(j[1].xact, j[i].xact);
	assert_string_not_equal(j[0].xact, j[1].xact);
	assert_int_equal(GROUP, pg_item_count(blocker));
}

static void
a_batch_has_a_largest_size(void **state)
{
	struct job j[GROUP];
	int i;

	batcher_again(1, 5, QUEUE, TIMEOUT_MS);
	for (i = 0; i < GROUP; i++)
		job_init(&j[i], i);
	block(&j[0]);
	for (i = 1; i < GROUP; i++) {
		job_start(&j[i]);
		await_waiting(i);
	}
	unblock();
	for (i = 0; i < GROUP; i++) {
		job_join(&j[i]);
		assert_int_equal(ERR_OK, j[i].err);
	}
	/* First come, first served. */
	assert_string_equal(j[1].xact, j[5].xact);
	assert_string_not_equal(j[5].xact, j[6].xact);
	assert_string_equal(j[6].xact, j[10].xact);
	assert_string_not_equal(j[10].xact, j[11].xact);
}

static void
one_bad_row_does_not_fail_its_neighbours(void **state)
{
	struct job j[GROUP];
	int i;

	for (i = 0; i < GROUP; i++)
		job_init(&j[i], i);
	j[7].item.col[1] = "many";		/* class 22 */
	j[9].item.col[1] = "0";			/* class 23 */
	j[11].item.col[0] = "id3";		/* taken by a neighbour */
	block(&j[0]);
	for (i = 1; i < GROUP; i++) {
		job_start(&j[i]);
		await_waiting(i);
	}
	unblock();
	for (i = 0; i < GROUP; i++)
		job_join(&j[i]);
	for (i = 0; i < GROUP; i++) {
		if (i == 7 || i == 9) {
			assert_int_equal(ERR_VALIDATION, j[i].err);
			continue;
		}
		if (i == 11) {
			assert_int_equal(ERR_CONFLICT, j[i].err);
			continue;
		}
		assert_int_equal(ERR_OK, j[i].err);
		assert_string_equal(j[i].id, j[i].got_id);
	}
	assert_string_equal("item_number_check",
	    j[9].item.fault.constraint);
	assert_string_equal("item_pkey", j[11].item.fault.constraint);
	assert_int_equal(0, j[11].item.fault.lost);
	assert_int_equal(GROUP - 3, pg_item_count(blocker));
}

static void
a_row_that_is_not_returned_was_not_written(void **state)
{
	struct job j[2];

	job_once(&j[0], 0, "same", NULL);
	job_once(&j[1], 1, "same", NULL);
	(void)job_run(&j[0]);
	(void)job_run(&j[1]);
	assert_int_equal(ERR_OK, j[0].err);
	assert_int_equal(1, j[0].item.answered);
	assert_int_equal(ERR_OK, j[1].err);
	assert_int_equal(0, j[1].item.answered);
}

static void
equal_keys_never_share_a_batch(void **state)
{
	struct job j[6];
	int i;

	job_init(&j[0], 0);
	job_once(&j[1], 1, "same", "k");
	job_once(&j[2], 2, "same", "k");
	job_once(&j[3], 3, "other", "l");
	job_once(&j[4], 4, "third", NULL);
	job_once(&j[5], 5, "fourth", NULL);
	block(&j[0]);
	for (i = 1; i < 6; i++) {
		job_start(&j[i]);
		await_waiting(i);
	}
	unblock();
	for (i = 0; i < 6; i++) {
		job_join(&j[i]);
		assert_int_equal(ERR_OK, j[i].err);
	}
	/* The older one of them was written, the other saw that. */
	assert_int_equal(1, j[1].item.answered);
	assert_int_equal(0, j[2].item.answered);
	assert_string_equal(j[1].xact, j[3].xact);
	assert_string_equal(j[1].xact, j[4].xact);
	assert_string_equal(j[1].xact, j[5].xact);
}

static void
a_batch_is_of_one_statement(void **state)
{
	struct job j[5];
	int i;

	for (i = 0; i < 5; i++)
		if (i % 2 == 0)
			job_init(&j[i], i);
		else
			job_once(&j[i], i, i == 1 ? "x" : "y", NULL);
	block(&j[0]);
	for (i = 1; i < 5; i++) {
		job_start(&j[i]);
		await_waiting(i);
	}
	unblock();
	for (i = 0; i < 5; i++) {
		job_join(&j[i]);
		assert_int_equal(ERR_OK, j[i].err);
		assert_int_equal(1, j[i].item.answered);
	}
	assert_string_equal(j[1].xact, j[3].xact);
	assert_string_equal(j[2].xact, j[4].xact);
	assert_string_not_equal(j[1].xact, j[2].xact);
}

static void
odd_values_survive_the_array(void **state)
{
	struct job j;

	job_init(&j, 1);
	j.item.col[2] = "{\"a\",\\,NULL}\n'";
	(void)job_run(&j);
	assert_int_equal(ERR_OK, j.err);
	assert_string_equal("{\"a\",\\,NULL}\n'", j.note);
	job_init(&j, 2);
	j.item.col[2] = NULL;
	(void)job_run(&j);
	assert_int_equal(ERR_OK, j.err);
	pg_await("(select note is null from unit.item where id = 'id2')");
}

static void
a_wrong_number_of_columns_is_refused(void **state)
{
	struct job j;

	job_init(&j, 1);
	j.item.ncols = 2;
	(void)job_run(&j);
	assert_int_equal(ERR_INTERNAL, j.err);
}

static void
a_full_queue_refuses_at_once(void **state)
{
	struct job j[4];
	int i;

	batcher_again(1, BATCH, 2, TIMEOUT_MS);
	for (i = 0; i < 4; i++)
		job_init(&j[i], i);
	block(&j[0]);
	job_start(&j[1]);
	job_start(&j[2]);
	await_waiting(2);
	/* In this thread: were it to wait, nobody could unblock it. */
	(void)job_run(&j[3]);
	assert_int_equal(ERR_UNAVAILABLE, j[3].err);
	assert_int_equal(0, j[3].item.fault.lost);
	unblock();
	for (i = 0; i < 3; i++) {
		job_join(&j[i]);
		assert_int_equal(ERR_OK, j[i].err);
	}
	assert_int_equal(3, pg_item_count(blocker));
}

static void
what_failed_as_a_deadlock_is_tried_again(void **state)
{
	struct job j;

	job_init(&j, 1);
	j.item.stmt = STMT_item_contended;
	j.item.ncols = 1;
	(void)job_run(&j);
	assert_int_equal(ERR_OK, j.err);
	assert_int_equal(1, j.item.answered);
	pg_do("alter sequence unit.tries restart with -100"
	    " minvalue -100");
	job_init(&j, 2);
	j.item.stmt = STMT_item_contended;
	j.item.ncols = 1;
	(void)job_run(&j);
	assert_int_equal(ERR_UNAVAILABLE, j.err);
	assert_string_equal("40001", j.item.fault.sqlstate);
	assert_int_equal(0, j.item.fault.lost);
}

static void
a_lock_timeout_fails_the_batch_that_met_it(void **state)
{
	struct job j;

	batcher_again(1, BATCH, QUEUE, 2000);
	assert_int_equal(ERR_OK, db_begin(blocker));
	assert_int_equal(ERR_OK, db_script(blocker, "lock table unit.item"));
	job_init(&j, 1);
	(void)job_run(&j);
	assert_int_equal(ERR_UNAVAILABLE, j.err);
	assert_string_equal("55P03", j.item.fault.sqlstate);
	unblock();
	assert_int_equal(0, pg_item_count(blocker));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(a_lone_row_is_written_at_once),
		T(waiting_rows_share_a_transaction_and_get_their_own_answers),
		T(a_batch_has_a_largest_size),
		T(one_bad_row_does_not_fail_its_neighbours),
		T(a_row_that_is_not_returned_was_not_written),
		T(equal_keys_never_share_a_batch),
		T(a_batch_is_of_one_statement),
		T(odd_values_survive_the_array),
		T(a_wrong_number_of_columns_is_refused),
		T(a_full_queue_refuses_at_once),
		T(what_failed_as_a_deadlock_is_tried_again),
		T(a_lock_timeout_fails_the_batch_that_met_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
