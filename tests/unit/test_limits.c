/* SPDX-License-Identifier: BSD-2-Clause */
/* How much a token may ask for: the arithmetic, and one count a token. */
#include "config.h"

#include "unit.h"

#include "domain/limits.h"

#define SECOND	1000000LL
#define START	(1000 * SECOND)
#define UNIX	1700000000LL

static struct rate
step(int64_t limit, int64_t after, int64_t *tat)
{
	return rate_step(limit, START + after, UNIX + after / SECOND, tat);
}

static void
the_limit_may_be_used_at_once(void **state)
{
	static const int64_t	limit[] = { 1, 2, 3, 7, 59, 60, 61, 600, 6000,
	    999999, 10000000 };
	struct rate		r;
	int64_t			tat, k, n;
	size_t			i;

	for (i = 0; i < UNIT_COUNT(limit); i++) {
		tat = 0;
		n = limit[i] > 10000 ? 10000 : limit[i];
		for (k = 1; k <= n; k++) {
			r = step(limit[i], 0, &tat);
			assert_int_equal(0, r.over);
			assert_int_equal(limit[i], r.limit);
			assert_int_equal(limit[i] - k, r.remaining);
		}
		if (n < limit[i])
			continue;
		r = step(limit[i], 0, &tat);
		assert_int_equal(1, r.over);
		assert_int_equal(0, r.remaining);
	}
}

static void
then_it_refills_evenly(void **state)
{
	struct rate	r;
	int64_t		tat = 0, k;

	for (k = 0; k < 60; k++)
		assert_int_equal(0, step(60, 0, &tat).over);
	assert_int_equal(1, step(60, SECOND - 1, &tat).over);
	r = step(60, SECOND, &tat);
	assert_int_equal(0, r.over);
	assert_int_equal(0, r.remaining);
	assert_int_equal(1, step(60, SECOND, &tat).over);
	/* ten seconds later there are ten more */
	for (k = 0; k < 10; k++)
		assert_int_equal(0, step(60, 11 * SECOND, &tat).over);
	assert_int_equal(1, step(60, 11 * SECOND, &tat).over);
	/* and after a minute without any, all, but not more */
	for (k = 0; k < 60; k++)
		assert_int_equal(0, step(60, 1000 * SECOND, &tat).over);
	assert_int_equal(1, step(60, 1000 * SECOND, &tat).over);
}

static void
a_refused_request_costs_nothing(void **state)
{
	int64_t	tat = 0, k;

	for (k = 0; k < 6; k++)
		step(6, 0, &tat);
	for (k = 0; k < 1000; k++)
		assert_int_equal(1, step(6, 5 * SECOND, &tat).over);
	assert_int_equal(0, step(6, 10 * SECOND, &tat).over);
}

static void
when_it_is_full_again_is_told(void **state)
{
	struct rate	r;
	int64_t		tat = 0, k;

	r = step(60, 0, &tat);
	assert_int_equal(UNIX + 1, r.reset);
	assert_int_equal(1, r.wait);
	for (k = 1; k < 60; k++)
		r = step(60, 0, &tat);
	assert_int_equal(UNIX + 60, r.reset);
	assert_int_equal(60, r.wait);
	/* refused: when one more is let in */
	r = step(60, 0, &tat);
	assert_int_equal(1, r.over);
	assert_int_equal(1, r.wait);
	assert_int_equal(UNIX + 60, r.reset);
	r = step(60, 30 * SECOND, &tat);
	assert_int_equal(0, r.over);
	assert_int_equal(UNIX + 61, r.reset);
	assert_int_equal(31, r.wait);
}

static void
waiting_so_long_is_enough(void **state)
{
	static const int64_t	limit[] = { 1, 2, 7, 60, 600 };
	struct rate		r;
	int64_t			tat, k;
	size_t			i;

	for (i = 0; i < UNIT_COUNT(limit); i++) {
		tat = 0;
		for (k = 0; k < limit[i]; k++)
			step(limit[i], 0, &tat);
		r = step(limit[i], 0, &tat);
		assert_int_equal(1, r.over);
		assert_true(r.wait >= 1 && r.wait <= 60);
		assert_int_equal(0,
		    step(limit[i], r.wait * SECOND, &tat).over);
	}
}

static struct principal
token(const char *tail, int64_t limit)
{
	struct principal	p = { .rate_limit = limit };

	(void)snprintf(p.token_id, sizeof(p.token_id),
	    "01a20721-b194-7be6-992e-69ef%s", tail);
	return p;
}

static void
each_token_has_its_own_count(void **state)
{
	struct limits		*l = limits_new(NULL, 2, 0);
	struct principal	 a = token("00000001", -1),
				 b = token("00000002", -1),
				 own = token("00000003", 5),
				 none = token("00000004", 0);

	assert_int_equal(1, limits_rate(l, &a).remaining);
	assert_int_equal(0, limits_rate(l, &a).remaining);
	assert_int_equal(1, limits_rate(l, &a).over);
	assert_int_equal(1, limits_rate(l, &b).remaining);
	assert_int_equal(4, limits_rate(l, &own).remaining);
	assert_int_equal(5, limits_rate(l, &own).limit);
	assert_int_equal(0, limits_rate(l, &none).limit);
	assert_int_equal(0, limits_rate(l, &none).over);
	limits_free(l);
}

static void
a_jobs_token_has_more(void **state)
{
	static const struct {
		int64_t	site, own, expected;
	} row[] = { { 600, -1, 6000 }, { 10000, -1, 10000 }, { 0, -1, 0 },
	    { 600, 5, 5 } };
	struct principal	 p;
	struct limits		*l;
	size_t			 i;

	for (i = 0; i < UNIT_COUNT(row); i++) {
		l = limits_new(NULL, row[i].site, 0);
		p = token("00000001", row[i].own);
		(void)snprintf(p.job_id, sizeof(p.job_id),
		    "01a20721-b194-7be6-992e-69ef00000002");
		assert_int_equal(row[i].expected, limits_rate(l, &p).limit);
		limits_free(l);
	}
}

static void
tokens_in_one_place_do_not_free_each_other(void **state)
{
	/* equal in all digits that choose the place */
	struct limits		*l = limits_new(NULL, 2, 0);
	struct principal	 p[4];
	int			 i, k;

	for (i = 0; i < 4; i++) {
		p[i] = token("00001000", -1);
		p[i].token_id[0] = (char)('1' + i);
	}
	for (k = 0; k < 2; k++)
		for (i = 0; i < 4; i++)
			assert_int_equal(0, limits_rate(l, &p[i]).over);
	for (i = 0; i < 4; i++)
		assert_int_equal(1, limits_rate(l, &p[i]).over);
	limits_free(l);
}

static void
no_site_limit_is_no_limit(void **state)
{
	struct limits		*l = limits_new(NULL, 0, 0);
	struct principal	 a = token("00000001", -1);
	int			 i;

	for (i = 0; i < 1000; i++)
		assert_int_equal(0, limits_rate(l, &a).over);
	limits_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_limit_may_be_used_at_once),
		cmocka_unit_test(then_it_refills_evenly),
		cmocka_unit_test(a_refused_request_costs_nothing),
		cmocka_unit_test(when_it_is_full_again_is_told),
		cmocka_unit_test(waiting_so_long_is_enough),
		cmocka_unit_test(each_token_has_its_own_count),
		cmocka_unit_test(a_jobs_token_has_more),
		cmocka_unit_test(tokens_in_one_place_do_not_free_each_other),
		cmocka_unit_test(no_site_limit_is_no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
