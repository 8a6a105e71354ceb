/* SPDX-License-Identifier: BSD-2-Clause */
/* Few connections, many threads, and a server that comes and goes. */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>

#include "pg_item.h"

#include "store/pool.h"

#define TIMEOUT_MS	4000
#define SIZE		3
#define THREADS		16

static struct pool *pool;

static int
setup(void **state)
{
	pg_schema();
	pool = pool_new(pg_dsn(), "test pool", SIZE, TIMEOUT_MS);
	return 0;
}

static int
teardown(void **state)
{
	pool_free(pool);
	return 0;
}

/* With the retry interval of the pool in mind: it comes back by itself. */
static struct db *
take_again(void)
{
	struct db *db;
	int i;

	for (i = 0; i < 10000; i++) {
		if (pool_take(pool, &db) == ERR_OK)
			return db;
		assert_null(db);
		(void)usleep(1000);
	}
	fail_msg("the pool does not recover");
	return NULL;
}

static void
connections_are_used_again(void **state)
{
	struct db *first, *second;

	assert_int_equal(ERR_OK, pool_take(pool, &first));
	pool_give(pool, first);
	assert_int_equal(ERR_OK, pool_take(pool, &second));
	assert_ptr_equal(first, second);
	pool_give(pool, second);
	assert_int_equal(1, pool_healthy(pool));
}

static void
no_more_than_its_size(void **state)
{
	struct db *db[SIZE], *more;
	int i;

	for (i = 0; i < SIZE; i++)
		assert_int_equal(ERR_OK, pool_take(pool, &db[i]));
	assert_int_equal(ERR_UNAVAILABLE, pool_take(pool, &more));
	assert_null(more);
	pool_give(pool, db[1]);
	assert_int_equal(ERR_OK, pool_take(pool, &more));
	assert_ptr_equal(db[1], more);
	for (i = 0; i < SIZE; i++)
		pool_give(pool, db[i]);
}

static void
what_was_left_open_is_rolled_back(void **state)
{
	const char *params[] = { "a", "1", NULL };
	struct db *db;

	assert_int_equal(ERR_OK, pool_take(pool, &db));
	assert_int_equal(ERR_OK, db_begin(db));
	assert_int_equal(ERR_OK, db_run(db, STMT_item_add, params, NULL));
	pool_give(pool, db);
	assert_int_equal(ERR_OK, pool_take(pool, &db));
	assert_int_equal(0, pg_item_count(db));
	pool_give(pool, db);
}

/* No request may notice that idle connections went away. */
static void
dead_idle_connections_are_replaced(void **state)
{
	struct db *db[SIZE];
	int i, round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < SIZE; i++)
			assert_int_equal(ERR_OK, pool_take(pool, &db[i]));
		for (i = 0; i < SIZE; i++)
			assert_int_equal(0, pg_item_count(db[i]));
		for (i = 0; i < SIZE; i++)
			pool_give(pool, db[i]);
		pg_terminate("test pool");
	}
}

static void
dead_connections_are_not_taken_back(void **state)
{
	struct db *db;

	assert_int_equal(ERR_OK, pool_take(pool, &db));
	pg_terminate("test pool");
	assert_int_equal(ERR_UNAVAILABLE, db_run(db, STMT_item_count, NULL,
	    NULL));
	pool_give(pool, db);
	assert_int_equal(ERR_OK, pool_take(pool, &db));
	assert_int_equal(0, pg_item_count(db));
	pool_give(pool, db);
}

static void *
take_one(void *arg)
{
	atomic_int *refused = arg;
	struct db *db;

	if (pool_take(pool, &db) == ERR_UNAVAILABLE)
		(void)atomic_fetch_add(refused, 1);
	else
		pool_give(pool, db);
	return NULL;
}

static void
an_outage_refuses_and_ends(void **state)
{
	pthread_t threads[THREADS];
	atomic_int refused = 0;
	struct db *db;
	int i;

	assert_int_equal(ERR_OK, pool_take(pool, &db));
	pool_give(pool, db);
	pg_server("--kill");
	for (i = 0; i < THREADS; i++)
		assert_int_equal(0, pthread_create(&threads[i], NULL,
		    take_one, &refused));
	for (i = 0; i < THREADS; i++)
		assert_int_equal(0, pthread_join(threads[i], NULL));
	assert_int_equal(THREADS, refused);
	assert_int_equal(0, pool_healthy(pool));
	pg_server("--start");
	db = take_again();
	assert_int_equal(0, pg_item_count(db));
	assert_int_equal(1, pool_healthy(pool));
	pool_give(pool, db);
}

static void
a_start_without_a_server_is_survived(void **state)
{
	struct db *db;

	pg_server("--stop");
	pool_free(pool);
	pool = pool_new(pg_dsn(), "test pool", SIZE, TIMEOUT_MS);
	assert_int_equal(ERR_UNAVAILABLE, pool_take(pool, &db));
	assert_int_equal(0, pool_healthy(pool));
	pg_server("--start");
	db = take_again();
	pool_give(pool, db);
}

static void *
use_often(void *arg)
{
	struct rows *rows;
	struct db *db;
	int i;

	for (i = 0; i < 100; i++) {
		if (pool_take(pool, &db) != ERR_OK)
			return (void *)1;
		if (db_run(db, STMT_item_count, NULL, &rows) != ERR_OK)
			return (void *)1;
		rows_free(rows);
		pool_give(pool, db);
	}
	return NULL;
}

static void
threads_share_it(void **state)
{
	pthread_t threads[THREADS];
	void *failed;
	int i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(0, pthread_create(&threads[i], NULL,
		    use_often, NULL));
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(0, pthread_join(threads[i], &failed));
		assert_null(failed);
	}
}

struct waiter {
	_Atomic pid_t	 tid;
	_Atomic int	*taken;	/* how many have */
	int		 place;
};

static void *
take_in_turn(void *arg)
{
	struct waiter *w = arg;
	struct db *db;

	w->tid = gettid();
	if (pool_take(pool, &db) == ERR_OK) {
		w->place = ++*w->taken;
		pool_give(pool, db);
	}
	return NULL;
}

/* Until the thread waits for something. */
static void
await_asleep(const struct waiter *w)
{
	char path[64], state = 0;
	int i;
	FILE *f;

	for (i = 0; i < 30000 && state != 'S'; i++) {
		(void)usleep(1000);
		(void)snprintf(path, sizeof(path), "/proc/self/task/%d/stat",
		    (int)w->tid);
		if (w->tid == 0 || (f = fopen(path, "r")) == NULL)
			continue;
		if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
			state = 0;
		(void)fclose(f);
	}
	assert_int_equal('S', state);
}

static void
who_waits_is_served_before_who_comes(void **state)
{
	_Atomic int taken = 0;
	struct waiter w = { .taken = &taken };
	struct db *db[SIZE];
	pthread_t thread;
	int i;

	for (i = 0; i < SIZE; i++)
		assert_int_equal(ERR_OK, pool_take(pool, &db[i]));
	assert_int_equal(0, pthread_create(&thread, NULL, take_in_turn, &w));
	await_asleep(&w);
	pool_give(pool, db[0]);
	assert_int_equal(ERR_OK, pool_take(pool, &db[0]));
	assert_int_equal(2, ++taken);
	assert_int_equal(0, pthread_join(thread, NULL));
	assert_int_equal(1, w.place);
	for (i = 0; i < SIZE; i++)
		pool_give(pool, db[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(connections_are_used_again),
		T(no_more_than_its_size),
		T(what_was_left_open_is_rolled_back),
		T(dead_idle_connections_are_replaced),
		T(dead_connections_are_not_taken_back),
		T(an_outage_refuses_and_ends),
		T(a_start_without_a_server_is_survived),
		T(threads_share_it),
		T(who_waits_is_served_before_who_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
