/* SPDX-License-Identifier: BSD-2-Clause */
/* Counting, and the text that Prometheus reads. */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>

#include "unit.h"

#include "util/arena.h"
#include "util/metric.h"
#include "util/ts.h"

#define THREADS	8
#define EACH	20000

static struct arena *arena;
static const char *const kinds[] = { "judge", "tinker_sft", NULL };
static const char *const groups[] = { "reads", NULL };

static int
setup(void **state)
{
	arena = arena_new(64 * 1024);
	metric_open('F', "some \"program\"");
	metric_open_words(METRIC_QUEUED, kinds);
	metric_open_words(METRIC_CLAIMED, kinds);
	metric_open_words(METRIC_BATCH_ROWS, groups);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static const char *
text(void)
{
	struct buf b;

	buf_init(&b, arena);
	metric_write(&b);
	return b.data;
}

static void
has(const char *lines)
{
	const char *all = text();

	if (strstr(all, lines) == NULL)
		fail_msg("no %s in %s", lines, all);
}

static void
what_is_not_open_is_not_counted(void **state)
{
	metric_add(METRIC_TOLD, 0, 1);
	metric_seen(METRIC_TELL_TIME, 0, 1);
	metric_set(METRIC_OUTBOX, 0, 1);
	assert_null(strstr(text(), "trainyard_deliveries_total"));
	assert_null(strstr(text(), "trainyard_delivery_seconds"));
	assert_int_equal(-1, metric_word(METRIC_OUTBOX, "mail"));
}

static void
a_cell_beyond_the_last_is_nothing(void **state)
{
	metric_add(METRIC_CLAIMED, 2, 1);
	has("trainyard_jobs_claimed_total{kind=\"judge\"} 0\n"
	    "trainyard_jobs_claimed_total{kind=\"tinker_sft\"} 0\n#");
}

static void
a_label_is_quoted(void **state)
{
	has("trainyard_build_info{program=\"some \\\"program\\\"\",version=\""
	    PACKAGE_VERSION "\"} 1\n");
}

static void
a_gauge_is_what_was_set_last(void **state)
{
	metric_set(METRIC_QUEUED, 1, 7);
	metric_set(METRIC_QUEUED, 1, 2.5);
	has("# HELP trainyard_queue_jobs ");
	has("# TYPE trainyard_queue_jobs gauge\n"
	    "trainyard_queue_jobs{kind=\"judge\"} 0\n"
	    "trainyard_queue_jobs{kind=\"tinker_sft\"} 2.5\n");
	assert_int_equal(1, metric_word(METRIC_QUEUED, "tinker_sft"));
}

static void
a_bucket_holds_what_is_at_most_its_edge(void **state)
{
	metric_seen(METRIC_BATCH_ROWS, 0, 1);
	metric_seen(METRIC_BATCH_ROWS, 0, 4);
	metric_seen(METRIC_BATCH_ROWS, 0, 5);
	metric_seen(METRIC_BATCH_ROWS, 0, 100000);
	has("trainyard_batch_rows_bucket{group=\"reads\",le=\"1\"} 1\n"
	    "trainyard_batch_rows_bucket{group=\"reads\",le=\"2\"} 1\n"
	    "trainyard_batch_rows_bucket{group=\"reads\",le=\"4\"} 2\n"
	    "trainyard_batch_rows_bucket{group=\"reads\",le=\"8\"} 3\n");
	has("trainyard_batch_rows_bucket{group=\"reads\",le=\"512\"} 3\n"
	    "trainyard_batch_rows_bucket{group=\"reads\",le=\"+Inf\"} 4\n"
	    "trainyard_batch_rows_sum{group=\"reads\"} 100010.000000\n"
	    "trainyard_batch_rows_count{group=\"reads\"} 4\n");
}

static void *
counter(void *arg)
{
	int i;

	for (i = 0; i < EACH; i++) {
		metric_add(METRIC_BYTES_IN, 0, 3);
		metric_seen(METRIC_POOL_WAIT, 0, 0.25);
	}
	return NULL;
}

static void
nothing_is_lost_between_threads(void **state)
{
	pthread_t t[THREADS];
	size_t i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(0, pthread_create(&t[i], NULL, counter,
		    NULL));
	/* read while they count */
	assert_non_null(text());
	for (i = 0; i < THREADS; i++)
		assert_int_equal(0, pthread_join(t[i], NULL));
	has("trainyard_http_received_bytes_total 480000\n");
	has("trainyard_pool_wait_seconds_bucket{le=\"0.1\"} 0\n"
	    "trainyard_pool_wait_seconds_bucket{le=\"0.25\"} 160000\n");
	has("trainyard_pool_wait_seconds_sum 40000.000000\n"
	    "trainyard_pool_wait_seconds_count 160000\n");
}

static void
the_process_tells_of_itself(void **state)
{
	const char *at = strstr(text(), "\nprocess_resident_memory_bytes ");

	assert_non_null(at);
	assert_true(strtod(at + 31, NULL) > 100000);
	at = strstr(text(), "\nprocess_start_time_seconds ");
	assert_non_null(at);
	assert_true(strtod(at + 28, NULL) <= (double)ts_now() / 1e6);
	at = strstr(text(), "\nprocess_open_fds ");
	assert_non_null(at);
	assert_true(strtod(at + 18, NULL) >= 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_open_is_not_counted),
		cmocka_unit_test(a_cell_beyond_the_last_is_nothing),
		cmocka_unit_test(a_label_is_quoted),
		cmocka_unit_test(a_gauge_is_what_was_set_last),
		cmocka_unit_test(a_bucket_holds_what_is_at_most_its_edge),
		cmocka_unit_test(nothing_is_lost_between_threads),
		cmocka_unit_test(the_process_tells_of_itself),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
