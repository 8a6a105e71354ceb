/* SPDX-License-Identifier: BSD-2-Clause */
/* Group commit: who shares a transaction, and what each row is told. */
#include "config.h"

#include <pthread.h>
#include <signal.h>

#include "pg.h"

#include "store/writer.h"

#define TIMEOUT_MS	4000
#define BATCH		64
#define QUEUE		100
#define GROUP		20

/* One row, submitted by a thread of its own. */
struct job {
	pthread_t		 thread;
	struct writer_item	 item;
	char			 id[16];
	enum err		 err;
	char			 got_id[32];
	char			 note[32];
	char			 xact[32];
};

static struct writer *writer;
static struct db *blocker;

static int
setup(void **state)
{
	pg_schema();
	writer = writer_new(pg_dsn(), 1, BATCH, QUEUE, TIMEOUT_MS);
	blocker = pg_open(0);
	return (0);
}

static int
teardown(void **state)
{
	writer_free(writer);
	db_close(blocker);
	return (0);
}

/* Another setup in the middle of a test. */
static void
writer_again(int writers, int batch, int queue, int timeout_ms)
{
	writer_free(writer);
	writer = writer_new(pg_dsn(), writers, batch, queue, timeout_ms);
}

static void *
job_run(void *arg)
{
	struct job *j = arg;
	struct writer_item *it = &j->item;

	j->err = writer_submit(writer, it);
	if (j->err == ERR_OK && it->written) {
		(void)snprintf(j->got_id, sizeof(j->got_id), "%s",
		    rows_text(it->rows, it->row, 0));
		if (it->stmt != STMT_item_contended) {
			(void)snprintf(j->note, sizeof(j->note), "%s",
			    rows_text(it->rows, it->row, 1));
			(void)snprintf(j->xact, sizeof(j->xact), "%s",
			    rows_text(it->rows, it->row, 2));
		}
	}
	if (j->err == ERR_OK)
		writer_done(it);
	return (NULL);
}

static void
job_init(struct job *j, int n)
{
	memset(j, 0, sizeof(*j));
	(void)snprintf(j->id, sizeof(j->id), "id%d", n);
	j->item.stmt = STMT_item_group;
	j->item.ncols = 3;
	j->item.col[0] = j->id;
	j->item.col[1] = "1";
	j->item.col[2] = j->id;
}

static void
job_once(struct job *j, int n, const char *id, const char *key)
{
	job_init(j, n);
	j->item.stmt = STMT_item_once;
	j->item.ncols = 2;
	j->item.col[0] = id;
	j->item.col[1] = j->id;
	j->item.key = key;
}

static void
job_start(struct job *j)
{
	assert_int_equal(0, pthread_create(&j->thread, NULL, job_run, j));
}

static void
job_join(struct job *j)
{
	assert_int_equal(0, pthread_join(j->thread, NULL));
}

/*
 * Holds the writer: the table is locked, and the first row's batch waits for
 * it inside the server.  What is submitted now, waits in the queue.
 */
static void
block(struct job *first)
{
	assert_int_equal(ERR_OK, db_begin(blocker));
	assert_int_equal(ERR_OK, db_script(blocker, "lock table unit.item"));
	job_start(first);
	pg_await("exists (select from pg_stat_activity"
	    " where application_name = 'trainyard writer'"
	    " and wait_event_type = 'Lock')");
}

static void
unblock(void)
{
	assert_int_equal(ERR_OK, db_commit(blocker));
}

static void
await_waiting(int n)
{
	while (writer_waiting(writer) != n)
		(void)usleep(1000);
}

static int64_t
item_count(void)
{
	struct rows *rows;
	int64_t n;

	assert_int_equal(ERR_OK, db_run(blocker, STMT_item_count, NULL,
	    &rows));
	n = rows_int(rows, 0, 0);
	rows_free(rows);
	return (n);
}

/* Has the statement prepared, which needs the table's lock as well. */
static void
warm_up(void)
{
	struct job j;

	job_init(&j, 9999);
	(void)job_run(&j);
	assert_int_equal(ERR_OK, j.err);
}

static void
a_lone_row_is_written_at_once(void **state)
{
	struct job j;

	job_init(&j, 1);
	(void)job_run(&j);
	assert_int_equal(ERR_OK, j.err);
	assert_string_equal("id1", j.got_id);
	assert_int_equal(1, item_count());
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
	assert_int_equal(GROUP, item_count());
}

static void
a_batch_has_a_largest_size(void **state)
{
	struct job j[GROUP];
	int i;

	writer_again(1, 5, QUEUE, TIMEOUT_MS);
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
	assert_int_equal(GROUP - 3, item_count());
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
	assert_int_equal(1, j[0].item.written);
	assert_int_equal(ERR_OK, j[1].err);
	assert_int_equal(0, j[1].item.written);
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
	assert_int_equal(1, j[1].item.written);
	assert_int_equal(0, j[2].item.written);
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
		assert_int_equal(1, j[i].item.written);
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

	writer_again(1, BATCH, 2, TIMEOUT_MS);
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
	assert_int_equal(3, item_count());
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
	assert_int_equal(1, j.item.written);
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

	writer_again(1, BATCH, QUEUE, 400);
	job_init(&j, 1);
	block(&j);
	job_join(&j);
	assert_int_equal(ERR_UNAVAILABLE, j.err);
	assert_string_equal("55P03", j.item.fault.sqlstate);
	unblock();
	assert_int_equal(0, item_count());
}

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
	pg_do("select pg_terminate_backend(pid, 10000) from pg_stat_activity"
	    " where application_name = 'trainyard writer'");
	job_join(&j[0]);
	assert_int_equal(ERR_UNAVAILABLE, j[0].err);
	assert_int_equal(1, j[0].item.fault.lost);
	unblock();
	/* The one that waited was not on that connection. */
	job_join(&j[1]);
	assert_int_equal(ERR_OK, j[1].err);
	(void)job_run(&j[2]);
	assert_int_equal(ERR_OK, j[2].err);
	assert_int_equal(3, item_count());
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
		pg_do("select pg_terminate_backend(pid, 10000)"
		    " from pg_stat_activity"
		    " where application_name = 'trainyard writer'");
	}
	assert_int_equal(5, item_count());
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
	assert_int_equal(2, item_count());
}

/* The taken row must stay until the deadline, the waiting one may go. */
static void
a_frozen_server_holds_nobody(void **state)
{
	struct job j[2];
	struct rows *rows;
	const char *params[] = { "unit.pid" };
	pid_t pid;

	writer_again(1, BATCH, QUEUE, 2000);
	warm_up();
	job_init(&j[0], 0);
	job_init(&j[1], 1);
	block(&j[0]);
	assert_int_equal(ERR_OK, db_script(blocker,
	    "select set_config('unit.pid', pid::text, false)"
	    " from pg_stat_activity"
	    " where application_name = 'trainyard writer'"));
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
free_writer(void *arg)
{
	writer_free(writer);
	return (NULL);
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
	assert_int_equal(0, pthread_create(&ender, NULL, free_writer, NULL));
	unblock();
	for (i = 0; i < GROUP; i++) {
		job_join(&j[i]);
		assert_int_equal(ERR_OK, j[i].err);
	}
	assert_int_equal(0, pthread_join(ender, NULL));
	writer = NULL;
	assert_int_equal(GROUP, item_count());
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
			return ((void *)1);
	}
	return (NULL);
}

static void
several_writers_lose_nothing(void **state)
{
	pthread_t threads[LOAD_THREADS];
	int base[LOAD_THREADS], i;
	void *failed;

	writer_again(4, BATCH, QUEUE, TIMEOUT_MS);
	for (i = 0; i < LOAD_THREADS; i++) {
		base[i] = i * LOAD_ROWS;
		assert_int_equal(0, pthread_create(&threads[i], NULL,
		    load_run, &base[i]));
	}
	for (i = 0; i < LOAD_THREADS; i++) {
		assert_int_equal(0, pthread_join(threads[i], &failed));
		assert_null(failed);
	}
	assert_int_equal(LOAD_THREADS * LOAD_ROWS, item_count());
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
		T(a_lost_connection_leaves_the_batch_unknown),
		T(an_idle_connection_that_went_is_replaced),
		T(an_outage_refuses_and_ends),
		T(a_frozen_server_holds_nobody),
		T(the_end_writes_what_was_submitted),
		T(several_writers_lose_nothing),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
