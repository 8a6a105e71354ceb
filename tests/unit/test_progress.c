/* SPDX-License-Identifier: BSD-2-Clause */
/* Progress events, one by one and folded. */
#include "config.h"

#include "unit.h"

#include "domain/progress.h"
#include "util/arena.h"

static struct arena *a;

static int
setup(void **state)
{
	a = arena_new(4096);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(a);
	return 0;
}

/* What is wrong with an event; NULL: nothing. */
static const char *
event(const char *text, struct progress *p)
{
	struct jv *v;

	assert_int_equal(0, jv_parse_checked(a, text, strlen(text), &v));
	return progress_read(a, v, 0, p);
}

static void
a_full_event_is_taken_apart(void **state)
{
	struct progress p;

	assert_null(event("{\"event_type\":\"step_complete\",\"message\":\"m\","
	    "\"level\":\"warning\",\"metrics\":{\"steps\":[1]},\"data\":"
	    "{\"step\":12},\"artifacts\":{\"a\":\"b\"},\"error\":\"e\"}",
	    &p));
	assert_int_equal(PROGRESS_STEP_COMPLETE, p.type);
	assert_string_equal("step_complete", progress_word(p.type));
	assert_int_equal(LEVEL_WARNING, p.level);
	assert_string_equal("m", p.message);
	assert_string_equal("e", p.error);
	assert_int_equal(12, progress_step(&p));
	assert_string_equal("{\"steps\":[1]}", jv_json(a, p.metrics));
	assert_string_equal("{\"a\":\"b\"}", jv_json(a, p.artifacts));
}

static void
what_is_absent_null_or_empty_is_none(void **state)
{
	struct progress p;

	assert_null(event("{\"event_type\":\"training_end\",\"message\":null,"
	    "\"level\":null,\"metrics\":{},\"data\":null,\"artifacts\":null}",
	    &p));
	assert_int_equal(LEVEL_INFO, p.level);
	assert_null(p.message);
	assert_null(p.metrics);
	assert_null(p.data);
	assert_null(p.artifacts);
	assert_int_equal(-1, progress_step(&p));
	assert_null(jv_json(a, p.metrics));
}

static void
faults_are_named(void **state)
{
	static const struct {
		const char	*text, *fault;
	} rows[] = {
		{ "[]", "must be an object" },
		{ "{}", "event_type: field required" },
		{ "{\"event_type\":\"training_begin\"}",
		    "event_type: unknown event" },
		{ "{\"event_type\":1}", "event_type: unknown event" },
		{ "{\"event_type\":\"training_end\",\"metric\":{}}",
		    "metric: unknown field" },
		{ "{\"event_type\":\"training_end\",\"level\":\"fatal\"}",
		    "level: must be one of \"debug\", \"info\", \"warning\", "
		    "\"error\"" },
		{ "{\"event_type\":\"training_end\",\"message\":1}",
		    "message: must be a string" },
		{ "{\"event_type\":\"training_end\",\"metrics\":[]}",
		    "metrics: must be an object" },
		{ "{\"event_type\":\"training_end\",\"artifacts\":\"a\"}",
		    "artifacts: must be an object" },
	};
	struct progress p;
	const char *fault;
	size_t i;

	for (i = 0; i < UNIT_COUNT(rows); i++) {
		fault = event(rows[i].text, &p);
		assert_non_null(fault);
		assert_string_equal(rows[i].fault, fault);
	}
}

static void
texts_are_measured_in_characters(void **state)
{
	struct progress p;
	struct buf b;
	int i;

	buf_init(&b, a);
	buf_adds(&b, "{\"event_type\":\"training_end\",\"message\":\"");
	for (i = 0; i < PROGRESS_TEXT_MAX; i++)
		buf_adds(&b, "\xc3\xa9");
	buf_adds(&b, "\"}");
	assert_null(event(b.data, &p));
	b.len -= 2;
	buf_adds(&b, "x\"}");
	assert_string_equal("message: must have at most 16384 characters",
	    event(b.data, &p));
}

static void
a_nul_is_refused(void **state)
{
	const char *text = "{\"event_type\":\"training_end\"}";
	struct progress p;
	struct jv *v;

	assert_int_equal(0, jv_parse_checked(a, text, strlen(text), &v));
	assert_string_equal("holds the character U+0000",
	    progress_read(a, v, 1, &p));
}

static void
failures_have_words(void **state)
{
	struct progress p = { .type = PROGRESS_TRAINING_ERROR };

	assert_string_equal("training failed", progress_failure(&p));
	p.message = "m";
	assert_string_equal("m", progress_failure(&p));
	p.error = "";
	assert_string_equal("m", progress_failure(&p));
	p.error = "e";
	assert_string_equal("e", progress_failure(&p));
}

static void
two_events_are_terminal(void **state)
{
	int n = 0;
	enum progress_type t;

	for (t = 0; t < PROGRESS__MAX; t++)
		n += progress_terminal(t);
	assert_int_equal(2, n);
	assert_true(progress_terminal(PROGRESS_TRAINING_END));
	assert_true(progress_terminal(PROGRESS_TRAINING_ERROR));
}

/* Folds events given as metrics; the last is terminal when `end`. */
static struct report
folded(const char *const *metrics, size_t n, int end)
{
	struct fold *f = fold_new(a);
	struct report w = { .progress = -1 };
	struct progress p;
	size_t i;

	for (i = 0; i < n; i++) {
		assert_null(event(arena_printf(a,
		    "{\"event_type\":\"%s\",\"metrics\":%s}",
		    end && i == n - 1 ? "training_end" : "step_complete",
		    metrics[i]), &p));
		fold_event(f, &p, 1);
	}
	fold_report(f, &w);
	return w;
}

static void
arrays_are_appended(void **state)
{
	const char *const m[] = { "{\"x\":[1,2]}", "{\"x\":[3.50]}" };
	struct report w = folded(m, 2, 0);

	assert_string_equal("{\"x\"}", w.series);
	assert_string_equal("{\"[1,2,3.50]\"}", w.points);
	assert_string_equal("{}", w.series_anew);
	assert_string_equal("{\"x\"}", w.dropped);
	assert_string_equal("{}", w.scalars);
	assert_true(w.job_changes);
	assert_true(w.started);
}

static void
a_scalar_replaces_what_came_before(void **state)
{
	const char *const m[] = { "{\"x\":[1]}", "{\"x\":2}" };
	struct report w = folded(m, 2, 0);

	assert_string_equal("{}", w.series);
	assert_string_equal("{\"x\"}", w.series_anew);
	assert_string_equal("{\"x\":2}", w.scalars);
	assert_string_equal("{}", w.dropped);
}

static void
an_array_after_a_scalar_begins_anew(void **state)
{
	const char *const m[] = { "{\"x\":[1]}", "{\"x\":null}",
	    "{\"x\":[2]}" };
	struct report w = folded(m, 3, 0);

	assert_string_equal("{\"x\"}", w.series);
	assert_string_equal("{\"[2]\"}", w.points);
	assert_string_equal("{\"x\"}", w.series_anew);
	assert_string_equal("{}", w.scalars);
}

static void
the_last_event_replaces_arrays_too(void **state)
{
	const char *const m[] = { "{\"x\":[1],\"y\":[1]}",
	    "{\"x\":[7,8]}" };
	struct report w = folded(m, 2, 1);

	assert_string_equal("{\"x\"}", w.series_anew);
	assert_non_null(strstr(w.points, "[7,8]"));
	assert_non_null(strstr(w.points, "[1]"));
}

static void
names_are_quoted_and_rows_kept_as_sent(void **state)
{
	const char *const m[] = { "{\"a\\\"b\":[1e3]}" };
	struct report w = folded(m, 1, 0);

	assert_string_equal("{\"a\\\"b\"}", w.series);
	assert_string_equal("{\"step_complete\"}", w.metric_types);
	assert_string_equal("{NULL}", w.metric_steps);
	assert_string_equal("{\"{\\\"a\\\\\\\"b\\\":[1e3]}\"}",
	    w.metric_sent);
}

static void
lines_alone_change_no_job(void **state)
{
	struct fold *f = fold_new(a);
	struct report w = { .progress = -1 };

	fold_line(f, LEVEL_ERROR, "say \"x\"", NULL);
	assert_int_equal(1, fold_size(f));
	fold_report(f, &w);
	assert_string_equal("{\"3\"}", w.log_levels);
	assert_string_equal("{\"say \\\"x\\\"\"}", w.log_messages);
	assert_string_equal("{NULL}", w.log_data);
	assert_false(w.job_changes);
	assert_false(w.started);
}

static void
checkpoints_and_artifacts_are_merged(void **state)
{
	struct fold *f = fold_new(a);
	struct report w = { .progress = -1 };
	struct progress p;

	assert_null(event("{\"event_type\":\"checkpoint_saved\",\"artifacts\":"
	    "{\"latest_checkpoint\":\"/x/1\"}}", &p));
	fold_event(f, &p, 1);
	assert_null(event("{\"event_type\":\"checkpoint_saved\",\"artifacts\":"
	    "{\"latest_checkpoint\":\"/x/2\"}}", &p));
	fold_event(f, &p, 1);
	/* only that event makes one */
	assert_null(event("{\"event_type\":\"step_complete\",\"artifacts\":"
	    "{\"latest_checkpoint\":\"/x/3\"}}", &p));
	fold_event(f, &p, 1);
	fold_report(f, &w);
	assert_string_equal("/x/2", w.checkpoint);
	assert_string_equal("{\"latest_checkpoint\":\"/x/1\","
	    "\"latest_checkpoint\":\"/x/2\",\"latest_checkpoint\":\"/x/3\"}",
	    w.artifacts);
	assert_true(w.job_changes);
}

static void
only_the_newest_points_of_a_long_array_are_kept(void **state)
{
	struct fold *f = fold_new(a);
	struct report w = { .progress = -1 };
	struct progress p;
	struct buf b;
	int i;

	buf_init(&b, a);
	buf_adds(&b, "{\"event_type\":\"training_end\",\"metrics\":{\"x\":[0");
	for (i = 1; i <= PROGRESS_POINTS; i++)
		buf_printf(&b, ",%d", i);
	buf_adds(&b, "]}}");
	assert_null(event(b.data, &p));
	fold_event(f, &p, 0);
	assert_int_equal(PROGRESS_POINTS, fold_points(f));
	fold_report(f, &w);
	assert_memory_equal("{\"[1,2,", w.points, 7);
	assert_string_equal("{}", w.metric_types);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_event_is_taken_apart),
		cmocka_unit_test(what_is_absent_null_or_empty_is_none),
		cmocka_unit_test(faults_are_named),
		cmocka_unit_test(texts_are_measured_in_characters),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(failures_have_words),
		cmocka_unit_test(two_events_are_terminal),
		cmocka_unit_test(arrays_are_appended),
		cmocka_unit_test(a_scalar_replaces_what_came_before),
		cmocka_unit_test(an_array_after_a_scalar_begins_anew),
		cmocka_unit_test(the_last_event_replaces_arrays_too),
		cmocka_unit_test(names_are_quoted_and_rows_kept_as_sent),
		cmocka_unit_test(lines_alone_change_no_job),
		cmocka_unit_test(checkpoints_and_artifacts_are_merged),
		cmocka_unit_test(
		    only_the_newest_points_of_a_long_array_are_kept),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
