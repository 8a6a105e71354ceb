/* SPDX-License-Identifier: BSD-2-Clause */
/* estimated_duration, and the pace that follows this site's jobs. */
#include "config.h"

#include <math.h>

#include "unit.h"

#include "domain/estimate.h"

static const struct {
	int64_t	want;
	double	pace;
	int64_t	usable, epochs, criteria;
} minutes[] = {
	/* never less than one */
	{ 1, PACE_FIRST, 0, 50, 2 },
	{ 1, PACE_FIRST, 50, 50, 2 },
	/* 2 + 29000 * 50 * 2 * 0.00002 = 60 s, one entry less and more */
	{ 1, PACE_FIRST, 28999, 50, 2 },
	{ 2, PACE_FIRST, 29001, 50, 2 },
	/* 2 + 100000 * 50 * 3 * 0.00002 = 302 s */
	{ 6, PACE_FIRST, 100000, 50, 3 },
	{ 9, 2 * PACE_FIRST, 89000, 50, 3 },
	/* a pace of nothing still starts and ends */
	{ 1, 0, 1000000, 1000, 50 },
	/* bounded, for a column of 32 bits */
	{ 525600, 1, 1000000000, 1000, 50 },
};

static void
minutes_are_rounded_up(void **state)
{
	size_t i;

	for (i = 0; i < UNIT_COUNT(minutes); i++)
		assert_int_equal(minutes[i].want,
		    estimate_minutes(minutes[i].pace, minutes[i].usable,
		    minutes[i].epochs, minutes[i].criteria));
}

static void
near(double want, double got)
{
	if (fabs(want - got) > 1e-9 * want)
		fail_msg("%g is not %g", got, want);
}

static void
pace_begins_as_a_guess(void **state)
{
	near(PACE_FIRST, pace_mean(NULL, 0));
}

static void
pace_follows_large_jobs(void **state)
{
	/* 10^9 of work in 50000 s beside the start: 0.00005 a piece */
	const struct judge_work w = { 50002, 200000, 50, 100 };

	assert_true(fabs(pace_mean(&w, 1) - 0.00005) < 0.00005 / 1000);
}

static void
pace_is_weighted_by_work(void **state)
{
	const struct judge_work w[] = {
		{ 2 + 1000, 100000, 100, 10 },	/* 10^8 of it */
		{ 2 + 9, 100, 10, 10 },		/* slow, but next to nothing */
	};
	double want = (1000 + 9 + 2) / (1e8 + 1e4 + 1e5);

	near(want, pace_mean(w, 2));
}

static void
small_quick_job_does_not_end_all_estimates(void **state)
{
	const struct judge_work w = { 0.4, 10, 50, 2 };

	assert_true(pace_mean(&w, 1) > PACE_FIRST * 0.98);
	assert_true(pace_mean(&w, 1) < PACE_FIRST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minutes_are_rounded_up),
		cmocka_unit_test(pace_begins_as_a_guess),
		cmocka_unit_test(pace_follows_large_jobs),
		cmocka_unit_test(pace_is_weighted_by_work),
		cmocka_unit_test(small_quick_job_does_not_end_all_estimates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
