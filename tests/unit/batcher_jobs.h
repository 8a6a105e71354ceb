/* SPDX-License-Identifier: BSD-2-Clause */
/* For the tests of the batcher: rows that threads of their own submit. */
#ifndef TESTS_BATCHER_JOBS_H
#define TESTS_BATCHER_JOBS_H

#include <pthread.h>

#include "pg_item.h"

#include "store/batcher.h"

#define TIMEOUT_MS	60000
#define BATCH		64
#define QUEUE		100
#define GROUP		20

/* One row, submitted by a thread of its own. */
struct job {
	pthread_t		 thread;
	struct batch_item	 item;
	char			 id[16];
	enum err		 err;
	char			 got_id[32];
	char			 note[32];
	char			 xact[32];
};

static struct batcher *batcher;
static struct db *blocker;

static inline int
setup(void **state)
{
	pg_schema();
	batcher = batcher_new(pg_dsn(), BATCH_WRITES, 1, BATCH, QUEUE, TIMEOUT_MS);
	blocker = pg_open(0);
	return 0;
}

static inline int
teardown(void **state)
{
	batcher_free(batcher);
	db_close(blocker);
	return 0;
}

/* Another setup in the middle of a test. */
static inline void
batcher_again(int connections, int batch, int queue, int timeout_ms)
{
	batcher_free(batcher);
	batcher = batcher_new(pg_dsn(), BATCH_WRITES, connections, batch,
	    queue, timeout_ms);
}

static inline void *
job_run(void *arg)
{
	struct job *j = arg;
	struct batch_item *it = &j->item;

	j->err = batcher_submit(batcher, it);
	if (j->err == ERR_OK && it->answered) {
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
		batcher_done(it);
	return NULL;
}

static inline void
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

static inline void
job_once(struct job *j, int n, const char *id, const char *key)
{
	job_init(j, n);
	j->item.stmt = STMT_item_once;
	j->item.ncols = 2;
	j->item.col[0] = id;
	j->item.col[1] = j->id;
	j->item.key = key;
}

static inline void
job_start(struct job *j)
{
	assert_int_equal(0, pthread_create(&j->thread, NULL, job_run, j));
}

static inline void
job_join(struct job *j)
{
	assert_int_equal(0, pthread_join(j->thread, NULL));
}

/*
 * Holds the batcher: the table is locked, and the first row's batch waits for
 * it inside the server.  What is submitted now, waits in the queue.
 */
static inline void
block(struct job *first)
{
	assert_int_equal(ERR_OK, db_begin(blocker));
	assert_int_equal(ERR_OK, db_script(blocker, "lock table unit.item"));
	job_start(first);
	pg_await("exists (select from pg_stat_activity"
	    " where application_name = 'trainyard writer'"
	    " and wait_event_type = 'Lock')");
}

static inline void
unblock(void)
{
	assert_int_equal(ERR_OK, db_commit(blocker));
}

static inline void
await_waiting(int n)
{
	while (batcher_waiting(batcher) != n)
		(void)usleep(1000);
}

/* Has the statement prepared, which needs the table's lock as well. */
static inline void
warm_up(void)
{
	struct job j;

	job_init(&j, 9999);
	(void)job_run(&j);
	assert_int_equal(ERR_OK, j.err);
}

#endif
