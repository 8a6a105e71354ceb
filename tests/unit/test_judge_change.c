/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges change: which criteria stay the same, and what differs. */
#include "config.h"

#include "unit.h"

#include "domain/judge_change.h"
#include "util/arena.h"

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

static const struct criterion old[] = {
	{ "crit_clarity", "Clarity", NULL, 1, 0 },
	{ "crit_tone", "Tone", "polite", 2, 0 },
	{ "crit_new", "New", NULL, 1, 1 },
};

/* Given id and name; the id and newness that come of it. */
static const struct {
	const char	*id, *name, *want;
	int		 fresh;
} follows[] = {
	{ NULL, "Tone", "crit_tone", 0 },
	{ "crit_clarity", "Bright", "crit_clarity", 0 },
	/* claimed by its id just before */
	{ NULL, "Clarity", "crit_clarity_2", 1 },
	{ NULL, "New", "crit_new", 1 },
	{ "crit_other", "Other", "crit_other", 1 },
	{ NULL, "Third", "crit_third", 1 },
};

static void
criteria_follow_by_id_else_by_name(void **state)
{
	struct criterion c[UNIT_COUNT(follows)] = { { 0 } };
	size_t i;

	for (i = 0; i < UNIT_COUNT(follows); i++) {
		c[i].id = follows[i].id;
		c[i].name = follows[i].name;
	}
	criteria_follow(arena, c, UNIT_COUNT(follows), old, UNIT_COUNT(old));
	for (i = 0; i < UNIT_COUNT(follows); i++) {
		assert_string_equal(follows[i].want, c[i].id);
		assert_int_equal(follows[i].fresh, c[i].fresh);
	}
}

static void
other_id_is_another_criterion_whatever_its_name(void **state)
{
	struct criterion c = { "crit_mine", "Clarity", NULL, 1, 0 };

	criteria_follow(arena, &c, 1, old, UNIT_COUNT(old));
	assert_string_equal("crit_mine", c.id);
	assert_int_equal(1, c.fresh);
}

static struct judge
judge_of(const char *name, const char *description, struct criterion *c,
    int n)
{
	struct judge j = { .name = name, .description = description };

	j.criterion = c;
	j.ncriteria = n;
	return j;
}

static void
differences_are_told_in_one_sentence(void **state)
{
	struct criterion a[2] = { old[0], old[1] }, b[2] = { old[1], old[2] };
	struct criterion swapped[2] = { old[1], old[0] };
	struct criterion heavier[2] = { old[0], old[1] };
	struct criterion mute[2] = { old[0], old[1] };
	struct judge was = judge_of("n", "d", a, 2), is;

	heavier[1].weight = 2.5;
	mute[1].description = NULL;
	is = judge_of("n", "d", a, 2);
	assert_null(judge_difference(arena, &was, &is));
	is = judge_of("m", "d", a, 2);
	assert_string_equal("name changed",
	    judge_difference(arena, &was, &is));
	is = judge_of("m", "e", b, 2);
	assert_string_equal("name, description and criteria changed "
	    "(1 added, 1 removed)", judge_difference(arena, &was, &is));
	is = judge_of("n", "e", a, 1);
	assert_string_equal("description and criteria changed "
	    "(0 added, 1 removed)", judge_difference(arena, &was, &is));
	is = judge_of("n", "d", swapped, 2);
	assert_string_equal("criteria changed",
	    judge_difference(arena, &was, &is));
	is = judge_of("n", "d", heavier, 2);
	assert_string_equal("criteria changed",
	    judge_difference(arena, &was, &is));
	is = judge_of("n", "d", mute, 2);
	assert_string_equal("criteria changed",
	    judge_difference(arena, &was, &is));
}

#define T(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(criteria_follow_by_id_else_by_name),
		T(other_id_is_another_criterion_whatever_its_name),
		T(differences_are_told_in_one_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
