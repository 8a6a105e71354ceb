/* SPDX-License-Identifier: BSD-2-Clause */
/* Feedback entries and the labels they make. */
#include "config.h"

#include "unit.h"

#include "judge/label.h"
#include "util/arena.h"
#include "util/jv.h"

static const struct criteria abc = {
	3, { "crit_a", "crit_b", "crit_c" },
	    { "crit_a", "crit_b", "crit_c" }, { 1, 2, 1 }
};
static const char shown[] =
    "{\"crit_a\": 61.5, \"crit_c\": 40, \"crit_old\": 7}";

static struct labels got;
static double y[4];
static uint8_t weight[4];

static int
setup(void **state)
{
	*state = arena_new(4096);
	labels_init(&got);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static const char *
add(struct arena *a, const char *entry)
{
	struct jv *e, *s;

	assert_int_equal(0, jv_parse_checked(a, entry, strlen(entry), &e));
	assert_int_equal(0, jv_parse_checked(a, shown, strlen(shown), &s));
	return labels_add(&got, &abc, e, s);
}

static int
count(void)
{
	return labels_get(&got, &abc, y, weight);
}

static void
a_correction_labels_its_criteria(void **state)
{
	assert_null(add(*state, "{\"type\": \"correction\","
	    "\"corrected_scores\": {\"crit_b\": 12.5, \"crit_gone\": 3},"
	    "\"rating\": 5, \"approved\": true, \"target_criteria\": []}"));
	assert_int_equal(1, count());
	assert_true(weight[1] == 1 && y[1] == 12.5);
	assert_true(weight[0] == 0 && weight[2] == 0 && weight[3] == 0);
}

static void
a_rating_labels_its_targets(void **state)
{
	assert_null(add(*state, "{\"type\": \"rating\", \"rating\": 4,"
	    "\"target_criteria\": [\"crit_a\", \"crit_gone\"]}"));
	assert_int_equal(1, count());
	assert_true(weight[0] == 1 && y[0] == 75);
	/* All its targets are gone: it does not become an overall one. */
	assert_null(add(*state, "{\"type\": \"rating\", \"rating\": 4,"
	    "\"target_criteria\": [\"crit_gone\"]}"));
	assert_int_equal(1, count());
}

static void
a_rating_without_targets_labels_the_overall_score(void **state)
{
	assert_null(add(*state, "{\"type\": \"rating\", \"rating\": 1.5,"
	    "\"target_criteria\": []}"));
	assert_int_equal(1, count());
	assert_true(weight[3] == 1 && y[3] == 12.5);
}

static void
an_approval_labels_with_what_was_shown(void **state)
{
	assert_null(add(*state, "{\"type\": \"approval\", \"approved\": true,"
	    "\"target_criteria\": []}"));
	/* crit_b was not there when it was shown. */
	assert_int_equal(2, count());
	assert_true(y[0] == 61.5 && y[2] == 40 && weight[1] == 0);
	labels_init(&got);
	assert_null(add(*state, "{\"type\": \"approval\", \"approved\": true,"
	    "\"target_criteria\": [\"crit_c\"]}"));
	assert_int_equal(1, count());
	assert_true(weight[2] == 1);
}

static void
rejections_and_comments_label_nothing(void **state)
{
	assert_null(add(*state, "{\"type\": \"approval\","
	    "\"approved\": false, \"target_criteria\": []}"));
	assert_null(add(*state, "{\"type\": \"comment\","
	    "\"corrected_scores\": {\"crit_a\": 1}}"));
	assert_int_equal(0, count());
}

static void
labels_are_averaged_and_weighed_up_to_five(void **state)
{
	char entry[128];
	int i;

	for (i = 0; i < 7; i++) {
		snprintf(entry, sizeof(entry), "{\"type\": \"correction\","
		    "\"corrected_scores\": {\"crit_a\": %d}}", 10 * i);
		assert_null(add(*state, entry));
		count();
		assert_int_equal(i < 5 ? i + 1 : 5, weight[0]);
	}
	assert_true(y[0] == 30);
}

static void
faults_are_named(void **state)
{
	static const char *const bad[] = {
		"{}",
		"{\"type\": \"praise\"}",
		"{\"type\": \"correction\"}",
		"{\"type\": \"correction\","
		    "\"corrected_scores\": {\"crit_a\": \"9\"}}",
		"{\"type\": \"correction\","
		    "\"corrected_scores\": {\"crit_a\": 100.5}}",
		"{\"type\": \"rating\", \"rating\": null}",
		"{\"type\": \"rating\", \"rating\": 0.5}",
		"{\"type\": \"approval\", \"approved\": 1}",
	};
	size_t i;

	for (i = 0; i < UNIT_COUNT(bad); i++)
		assert_non_null(add(*state, bad[i]));
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_correction_labels_its_criteria),
		CASE(a_rating_labels_its_targets),
		CASE(a_rating_without_targets_labels_the_overall_score),
		CASE(an_approval_labels_with_what_was_shown),
		CASE(rejections_and_comments_label_nothing),
		CASE(labels_are_averaged_and_weighed_up_to_five),
		CASE(faults_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
