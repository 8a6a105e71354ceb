/* SPDX-License-Identifier: BSD-2-Clause */
/* Group commit while servers, connections and the batcher itself go. */
#include "config.h"

#include <signal.h>

#include "batcher_jobs.h"

static void
a_lost_connection_leaves_the_batch_unknown(void **state)
{
	struct job j[3];
	int i;

	warm_up();
	for (i = 0; i < 3; i++)
		job_init(&j[i], i);
	block(&j[0]);
	job_start(&j[1]);
	await_waiting(1);
	pg_terminate("trainyard writer");
	job_join(&j[0]);
	assert_int_equal(ERR_UNAVAILABLE, j[0].err);
	assert_int_equal(1, j[0].item.fault.lost);
	unblock();
	/* The one that waited was not on that connection. */
	job_join(&j[1]);
	assert_int_equal(ERR_OK, j[1].err);
	(void)job_run(&j[2]);
	assert_int_equal(ERR_OK, j[2].err);
	assert_int_equal(3, pg_item_count(blocker));
}

static void
an_idle_connection_that_went_is_replaced(void **state)
{
	struct job j;
	int i;

	for (i = 0; i < 5; i++) {
		job_init(&j, i);
		(void)job_run(&j);
		assert_int_equal(ERR_OK, j.err);
		pg_terminate("trainyard writer");
	}
	assert_int_equal(5, pg_item_count(blocker));
}

static void
an_outage_refuses_and_ends(void **state)
{
	struct job j[GROUP];
	int i;

	job_init(&j[0], 1000);
	(void)job_run(&j[0]);
	assert_int_equal(ERR_OK, j[0].err);
	pg_server("--kill");
	for (i = 0; i < GROUP; i++) {
		job_init(&j[i], i);
		job_start(&j[i]);
	}
	for (i = 0; i < GROUP; i++) {
		job_join(&j[i]);
		assert_int_equal(ERR_UNAVAILABLE, j[i].err);
		assert_int_equal(0, j[i].item.fault.lost);
	}
	pg_server("--start");
	for (i = 0; i < 10000; i++) {
		job_init(&j[0], 2000);
		(void)job_run(&j[0]);
		if (j[0].err == ERR_OK)
			break;
		assert_int_equal(ERR_UNAVAILABLE, j[0].err);
		(void)usleep(1000);
	}
	assert_int_equal(ERR_OK, j[0].err);
	db_close(blocker);
	blocker = pg_open(0);
	assert_int_equal(2, pg_item_count(blocker));
}

/* The taken row must stay until the deadline, the waiting one may go. */
static void
a_frozen_server_holds_nobody(void **state)
{
	struct job j[2];
	struct rows *rows;
	const char *params[] = { "unit.pid" };
	pid_t pid;

	batcher_again(1, BATCH, QUEUE, 5000);
	warm_up();
	job_init(&j[0], 0);
	job_init(&j[1], 1);
	block(&j[0]);
	assert_int_equal(ERR_OK, db_script(blocker,
	    "select set_config('unit.pid', pid::text, false)"
	    " from pg_stat_activity"
	    " where application_name = 'trainyard writer'"
	    " and wait_event_type = 'Lock'"));
	assert_int_equal(ERR_OK, db_run(blocker, STMT_setting, params,
	    &rows));
	pid = (pid_t)rows_int(rows, 0, 0);
	rows_free(rows);
	assert_int_equal(0, kill(pid, SIGSTOP));
	job_start(&j[1]);
	job_join(&j[1]);
	job_join(&j[0]);
	assert_int_equal(0, kill(pid, SIGCONT));
	unblock();
	assert_int_equal(ERR_UNAVAILABLE, j[0].err);
	assert_int_equal(1, j[0].item.fault.lost);
	assert_int_equal(ERR_UNAVAILABLE, j[1].err);
	assert_int_equal(0, j[1].item.fault.lost);
}

static void *
free_batcher(void *arg)
{
	batcher_free(batcher);
	return NULL;
}

static void
the_end_writes_what_was_submitted(void **state)
{
	struct job j[GROUP];
	pthread_t ender;
	int i;

	for (i = 0; i < GROUP; i++)
		job_init(&j[i], i);
	block(&j[0]);
	for (i = 1; i < GROUP; i++)
		job_start(&j[i]);
	await_waiting(GROUP - 1);
	assert_int_equal(0, pthread_create(&ender, NULL, free_batcher, NULL));
	unblock();
	for (i = 0; i < GROUP; i++) {
		job_join(&j[i]);
		assert_int_equal(ERR_OK, j[i].err);
	}
	assert_int_equal(0, pthread_join(ender, NULL));
	batcher = NULL;
	assert_int_equal(GROUP, pg_item_count(blocker));
}

#define LOAD_THREADS	24
#define LOAD_ROWS	50

static void *
load_run(void *arg)
{
	int base = *(const int *)arg, i;
	struct job j;

	for (i = 0; i < LOAD_ROWS; i++) {
		job_init(&j, base + i);
		if (i % 3 == 0)
			j.item.key = "shared";
		(void)job_run(&j);
		if (j.err != ERR_OK || strcmp(j.id, j.got_id) != 0)
			return (void *)1;
	}
	return NULL;
}

static void
several_connections_lose_nothing(void **state)
{
	pthread_t threads[LOAD_THREADS];
	int base[LOAD_THREADS], i;
	void *failed;

	batcher_again(4, BATCH, QUEUE, TIMEOUT_MS);
	for (i = 0; i < LOAD_THREADS; i++) {
		base[i] = i * LOAD_ROWS;
		assert_int_equal(0, pthread_create(&threads[i], NULL,
		    load_run, &base[i]));
	}
	for (i = 0; i < LOAD_THREADS; i++) {
		assert_int_equal(0, pthread_join(threads[i], &failed));
		assert_null(failed);
	}
	assert_int_equal(LOAD_THREADS * LOAD_ROWS, pg_item_count(blocker));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(a_lost_connection_leaves_the_batch_unknown),
		T(an_idle_connection_that_went_is_replaced),
		T(an_outage_refuses_and_ends),
		T(a_frozen_server_holds_nobody),
		T(the_end_writes_what_was_submitted),
		T(several_connections_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
