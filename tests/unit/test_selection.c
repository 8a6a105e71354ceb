/* SPDX-License-Identifier: BSD-2-Clause */
/* Which feedback a judge job uses: ranges and sums from the ends alone. */
#include "config.h"

#include "unit.h"

#include "domain/selection.h"
#include "util/arena.h"

/* A judge with 100 entries, whose active version has learned from 60. */
static const struct judge_basis judge = {
	.trained_through = 60,
	.last_number = 100,
	.totals = { 40, 30, 15, 5, 10 },
	.earliest = 1000,
	.latest = 9000,
};

static const struct judge_basis fresh = {
	.last_number = 0,
	.earliest = TS_NONE,
	.latest = TS_NONE,
};

static const struct {
	int64_t			 want;
	enum training_type	 type;
	int			 cutoff;
	int64_t			 since;
	const char		*what;
} firsts[] = {
	{ 61, TRAIN_INCREMENTAL, 0, 0, "behind what the base has learned" },
	{ 1, TRAIN_FULL, 0, 0, "all" },
	{ 1, TRAIN_FINE, 0, 0, "all that touch the targets" },
	{ 1, TRAIN_VALIDATION, 0, 0, "all" },
	{ 30, TRAIN_INCREMENTAL, 1, 30, "a cutoff goes before trained_through" },
	{ 80, TRAIN_FULL, 1, 80, "since the cutoff" },
	{ 80, TRAIN_FINE, 1, 80, "since the cutoff" },
	{ 80, TRAIN_VALIDATION, 1, 80, "since the cutoff" },
	{ 100, TRAIN_FULL, 1, 100, "the last one alone" },
	{ 101, TRAIN_FULL, 1, 0, "nothing since the cutoff" },
	{ 101, TRAIN_FULL, 1, 105, "only what came after the look" },
};

static void
range_begins_by_type_and_cutoff(void **state)
{
	size_t i;

	for (i = 0; i < UNIT_COUNT(firsts); i++)
		if (selection_first(firsts[i].type, firsts[i].cutoff,
		    firsts[i].since, &judge) != firsts[i].want)
			fail_msg("row %zu: %s", i, firsts[i].what);
}

static void
incremental_finds_nothing_behind_the_last_entry(void **state)
{
	struct judge_basis b = judge;

	b.trained_through = 100;
	assert_int_equal(101, selection_first(TRAIN_INCREMENTAL, 0, 0, &b));
}

static void
judge_without_feedback_has_an_empty_selection(void **state)
{
	struct feedback_summary s;

	assert_int_equal(1, selection_first(TRAIN_FULL, 0, 0, &fresh));
	assert_int_equal(1, selection_first(TRAIN_INCREMENTAL, 0, 0, &fresh));
	assert_int_equal(1, selection_first(TRAIN_FULL, 1, 0, &fresh));
	selection_all(&s, &fresh);
	assert_int_equal(0, selection_total(&s));
	assert_int_equal(0, s.high_water_mark);
	assert_true(s.earliest == TS_NONE && s.latest == TS_NONE);
	assert_null(s.touch_sets);
}

static void
all_feedback_is_the_judges_own_counters(void **state)
{
	struct feedback_summary s;

	selection_all(&s, &judge);
	assert_int_equal(1, s.first_number);
	assert_int_equal(100, s.high_water_mark);
	assert_int_equal(40, s.corrections);
	assert_int_equal(30, s.ratings);
	assert_int_equal(15, s.approved);
	assert_int_equal(5, s.rejected);
	assert_int_equal(10, s.comments);
	assert_int_equal(1000, s.earliest);
	assert_int_equal(9000, s.latest);
	assert_int_equal(100, selection_total(&s));
	assert_int_equal(85, selection_usable(&s));
}

static void
range_is_the_difference_of_its_ends(void **state)
{
	const struct feedback_end end = { { 25, 20, 9, 2, 4 }, 5000 };
	struct feedback_summary s;

	selection_range(&s, &judge, 61, &end);
	assert_int_equal(61, s.first_number);
	assert_int_equal(100, s.high_water_mark);
	assert_int_equal(15, s.corrections);
	assert_int_equal(10, s.ratings);
	assert_int_equal(6, s.approved);
	assert_int_equal(3, s.rejected);
	assert_int_equal(6, s.comments);
	/* as many entries as numbers */
	assert_int_equal(40, selection_total(&s));
	assert_int_equal(31, selection_usable(&s));
	assert_int_equal(5000, s.earliest);
	assert_int_equal(9000, s.latest);
	assert_null(s.touch_sets);
}

static void
range_behind_the_last_entry_is_empty(void **state)
{
	const struct feedback_end end = { { 40, 30, 15, 5, 10 }, TS_NONE };
	struct feedback_summary s;

	selection_range(&s, &judge, 101, &end);
	assert_int_equal(0, selection_total(&s));
	assert_int_equal(100, s.high_water_mark);
	assert_true(s.earliest == TS_NONE && s.latest == TS_NONE);
}

static void
shares_of_touch_sets_are_added_up(void **state)
{
	const struct feedback_share share[] = {
		{ 2, { 1, 1, 1, 1, 1 }, { 5, 4, 3, 2, 2 }, 4000, 7000 },
		{ 7, { 0, 0, 0, 0, 0 }, { 3, 0, 2, 0, 1 }, 3000, 6000 },
		{ 9, { 8, 0, 0, 0, 0 }, { 9, 0, 0, 0, 0 }, 8000, 8000 },
	};
	struct arena *a = arena_new(4096);
	struct feedback_summary s;

	selection_shares(&s, &judge, 10, share, 3, a);
	assert_int_equal(10, s.first_number);
	assert_int_equal(100, s.high_water_mark);
	assert_string_equal("{2,7,9}", s.touch_sets);
	assert_int_equal(4 + 3 + 1, s.corrections);
	assert_int_equal(3 + 0 + 0, s.ratings);
	assert_int_equal(2 + 2 + 0, s.approved);
	assert_int_equal(1 + 0 + 0, s.rejected);
	assert_int_equal(1 + 1 + 0, s.comments);
	assert_int_equal(3000, s.earliest);
	assert_int_equal(8000, s.latest);
	arena_free(a);
}

/* An empty set is not the same as none: NULL would mean all of them. */
static void
no_touch_set_selects_nothing(void **state)
{
	struct arena *a = arena_new(4096);
	struct feedback_summary s;

	selection_shares(&s, &judge, 1, NULL, 0, a);
	assert_string_equal("{}", s.touch_sets);
	assert_int_equal(0, selection_total(&s));
	assert_true(s.earliest == TS_NONE && s.latest == TS_NONE);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(range_begins_by_type_and_cutoff),
		cmocka_unit_test(
		    incremental_finds_nothing_behind_the_last_entry),
		cmocka_unit_test(
		    judge_without_feedback_has_an_empty_selection),
		cmocka_unit_test(all_feedback_is_the_judges_own_counters),
		cmocka_unit_test(range_is_the_difference_of_its_ends),
		cmocka_unit_test(range_behind_the_last_entry_is_empty),
		cmocka_unit_test(shares_of_touch_sets_are_added_up),
		cmocka_unit_test(no_touch_set_selects_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
