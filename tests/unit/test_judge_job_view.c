/* SPDX-License-Identifier: BSD-2-Clause */
/* The job object of the judge face, byte for byte. */
#include "config.h"

#include "unit.h"

#include "domain/judge_job_view.h"
#include "domain/view.h"
#include "util/arena.h"
#include "util/ts.h"

static struct arena *arena;

static int
setup(void **state)
{
	arena = arena_new(65536);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static int64_t
at(const char *s)
{
	int64_t us;

	assert_int_equal(0, ts_parse(s, strlen(s), &us));
	return us;
}

/* The 201 of the contract's example, as its row. */
static struct job
example(void)
{
	struct job j = {
		.id = "018d0cab-c440-7090-b666-f926aa4e5b88",
		.kind = "judge",
		.status = "queued",
		.attempt = 1,
		.created_by = "019b8d2b-8c00-7aa0-8b1c-0f2d3e4c5b6a",
		.config = "{\"seed\": 0, \"max_epochs\": 50}",
		.judge_key = "jdg_xyz789",
		.judge_name = "Support answers",
		.training_type = "incremental",
		.options = "{\"auto_start\": true, \"priority\": \"high\"}",
		.execution_id = "018d0cab-c440-7d73-84df-7eec7d32a781",
		.base_version = 3,
		.estimated_minutes = 1,
		.summary = { 1200, 1312, NULL, 24, 19, 7, 2, 5, TS_NONE,
		    TS_NONE },
	};

	j.summary.earliest = at("2024-01-02T08:00:00.120000Z");
	j.summary.latest = at("2024-01-14T19:30:00.000412Z");
	j.created_at = j.queued_at = j.updated_at = TS_PENDING;
	j.started_at = j.completed_at = j.cancel_requested_at = TS_NONE;
	return j;
}

#define HEAD \
    "{\"job_id\":\"train_job_01hm6aqh20e28bcsqs4tn4wpw8\"," \
    "\"judge_id\":\"jdg_xyz789\",\"training_type\":\"incremental\","
#define SUMMARY \
    "\"feedback_data_summary\":{\"total_feedback_count\":57," \
    "\"correction_count\":24,\"rating_count\":19,\"approved_count\":7," \
    "\"rejected_count\":2,\"comment_count\":5,\"usable_count\":50," \
    "\"date_range\":{\"earliest\":\"2024-01-02T08:00:00.120000Z\"," \
    "\"latest\":\"2024-01-14T19:30:00.000412Z\"},\"high_water_mark\":1312},"
#define MIDDLE \
    "\"created_by\":\"019b8d2b-8c00-7aa0-8b1c-0f2d3e4c5b6a\"," \
    "\"judge_name\":\"Support answers\","

static void
new_job_has_every_field_in_the_contracts_order(void **state)
{
	struct job j = example();
	const char *got;
	struct jw w;
	size_t len;

	jw_init(&w, arena);
	view_judge_job(&w, &j);
	got = jw_text(&w, &len);
	got = view_fill_time(arena, got, &len,
	    at("2024-01-15T10:30:00.004211Z"));
	assert_string_equal(HEAD "\"status\":\"queued\"," SUMMARY
	    "\"estimated_duration\":1,"
	    "\"created_at\":\"2024-01-15T10:30:00.004211Z\"," MIDDLE
	    "\"progress_percentage\":0,"
	    "\"training_config\":{\"max_epochs\":50,\"seed\":0},"
	    "\"execution_options\":{\"priority\":\"high\","
	    "\"auto_start\":true},"
	    "\"execution_id\":\"exec_01hm6aqh20fnsr9qvyxhyk59w1\","
	    "\"attempt\":1,\"base_version_number\":3,"
	    "\"version_number\":null,\"version_id\":null,"
	    "\"deployment\":null,\"validation_results\":null,"
	    "\"error\":null,\"error_type\":null,"
	    "\"retraining_run_id\":null,"
	    "\"queued_at\":\"2024-01-15T10:30:00.004211Z\","
	    "\"started_at\":null,\"completed_at\":null,"
	    "\"cancel_requested_at\":null,"
	    "\"updated_at\":\"2024-01-15T10:30:00.004211Z\"}", got);
}

static void
completed_job_shows_what_it_made(void **state)
{
	struct job j = example();
	const char *got;
	struct jw w;

	j.status = "completed";
	j.progress = 100;
	j.version_number = 4;
	j.version_id = "018d0cac-6468-78e2-a1ea-5c681c8e9a08";
	/* as jsonb gives them back: shorter names first */
	j.deployment = "{\"reason\": \"deployed\", \"deployed\": true, "
	    "\"requested\": true}";
	j.validation = "{\"overall\": {\"bias\": {\"mae\": 7.70, "
	    "\"rmse\": 9.35}, \"count\": 8, \"active\": {\"mae\": null}, "
	    "\"trained\": {\"rmse\": 7.22, \"mae\": 5.91}}, "
	    "\"criteria\": {\"crit_b\": {\"raw\": {}, \"count\": 1}, "
	    "\"crit_aa\": {\"count\": 2}}, \"seen_count\": 0, "
	    "\"label_count\": 17, \"holdout_count\": 9}";
	j.created_at = j.queued_at = at("2024-01-15T10:30:00Z");
	j.started_at = at("2024-01-15T10:30:05.010022Z");
	j.completed_at = j.updated_at = at("2024-01-15T10:30:41.220871Z");
	jw_init(&w, arena);
	view_judge_job(&w, &j);
	got = jw_text(&w, NULL);
	assert_non_null(strstr(got, "\"progress_percentage\":100,"));
	assert_non_null(strstr(got, "\"version_number\":4,"
	    "\"version_id\":\"ver_01hm6ars38f3ha3tjwd0e8x6g8\","
	    "\"deployment\":{\"requested\":true,\"deployed\":true,"
	    "\"reason\":\"deployed\"},"
	    "\"validation_results\":{\"holdout_count\":9,"
	    "\"label_count\":17,\"overall\":{\"count\":8,"
	    "\"trained\":{\"mae\":5.91,\"rmse\":7.22},"
	    "\"active\":{\"mae\":null},"
	    "\"bias\":{\"mae\":7.70,\"rmse\":9.35}},"
	    "\"criteria\":{\"crit_b\":{\"count\":1,\"raw\":{}},"
	    "\"crit_aa\":{\"count\":2}},\"seen_count\":0},"
	    "\"error\":null,"));
	assert_non_null(strstr(got, "\"started_at\":"
	    "\"2024-01-15T10:30:05.010022Z\",\"completed_at\":"
	    "\"2024-01-15T10:30:41.220871Z\",\"cancel_requested_at\":null,"
	    "\"updated_at\":\"2024-01-15T10:30:41.220871Z\"}"));
}

static void
lists_leave_the_results_out(void **state)
{
	struct job j = example();
	const char *got;
	struct jw w;

	j.validation = "{\"holdout_count\":9}";
	jw_init(&w, arena);
	jw_obj(&w);
	view_judge_job_members(&w, &j, 1);
	jw_end(&w);
	got = jw_text(&w, NULL);
	assert_null(strstr(got, "validation_results"));
	assert_non_null(strstr(got, "\"deployment\":null,\"error\":null,"));
}

static void
empty_selection_has_no_dates(void **state)
{
	struct job j = example();
	const char *got;
	struct jw w;

	memset(&j.summary, 0, sizeof(j.summary));
	j.summary.earliest = j.summary.latest = TS_NONE;
	jw_init(&w, arena);
	view_feedback_summary(&w, &j.summary);
	got = jw_text(&w, NULL);
	assert_string_equal("{\"total_feedback_count\":0,"
	    "\"correction_count\":0,\"rating_count\":0,\"approved_count\":0,"
	    "\"rejected_count\":0,\"comment_count\":0,\"usable_count\":0,"
	    "\"date_range\":{\"earliest\":null,\"latest\":null},"
	    "\"high_water_mark\":0}", got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    new_job_has_every_field_in_the_contracts_order),
		cmocka_unit_test(completed_job_shows_what_it_made),
		cmocka_unit_test(lists_leave_the_results_out),
		cmocka_unit_test(empty_selection_has_no_dates),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
