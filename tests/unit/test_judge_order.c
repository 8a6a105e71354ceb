/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of all sizes and signs, against the C library's sort. */
#include "config.h"

#include "unit.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "judge/order.h"
#include "judge/rng.h"

#define MOST	3000

static double x[MOST];

static int
cmp(const void *pa, const void *pb)
{
	size_t a = *(const size_t *)pa, b = *(const size_t *)pb;

	if (x[a] != x[b])
		return x[a] < x[b] ? -1 : 1;
	return a < b ? -1 : a > b;
}

static void
check(size_t n)
{
	struct order *o = calloc(2 * n + 1, sizeof(*o));
	size_t *want = calloc(n + 1, sizeof(*want)), i;

	assert_non_null(o);
	assert_non_null(want);
	for (i = 0; i < n; i++) {
		want[i] = i;
		o[i] = (struct order){ order_key(x[i]), i };
	}
	qsort(want, n, sizeof(*want), cmp);
	order_sort(o, o + n, n);
	for (i = 0; i < n; i++)
		assert_int_equal(want[i], o[i].at);
	free(want);
	free(o);
}

static const size_t sizes[] = { 0, 1, 2, 47, 48, 49, 300, MOST };
#define SIZES	(sizeof(sizes) / sizeof(sizes[0]))

static void
scores_are_sorted(void **state)
{
	struct rng r;
	size_t i, k;

	(void)state;
	for (k = 0; k < SIZES; k++) {
		rng_init(&r, 1, k);
		for (i = 0; i < sizes[k]; i++)
			x[i] = (double)rng_next(&r) / 1.9e17;
		check(sizes[k]);
	}
}

static void
equal_numbers_stay_in_their_order(void **state)
{
	struct rng r;
	size_t i, k;

	(void)state;
	for (k = 0; k < SIZES; k++) {
		rng_init(&r, 2, k);
		for (i = 0; i < sizes[k]; i++)
			x[i] = (double)rng_below(&r, 7) * 12.5;
		check(sizes[k]);
		for (i = 0; i < sizes[k]; i++)
			x[i] = 50;
		check(sizes[k]);
	}
}

static void
signs_and_sizes_are_minded(void **state)
{
	static const double odd[] = {
		0.0, -0.0, 1, -1, DBL_MIN, -DBL_MIN, DBL_MAX, -DBL_MAX,
		INFINITY, -INFINITY, 4.9e-324, -4.9e-324, 1 + DBL_EPSILON
	};
	struct rng r;
	size_t i, k;

	(void)state;
	for (k = 0; k < SIZES; k++) {
		rng_init(&r, 3, k);
		for (i = 0; i < sizes[k]; i++)
			x[i] = odd[rng_below(&r, sizeof(odd) /
			    sizeof(odd[0]))];
		check(sizes[k]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores_are_sorted),
		cmocka_unit_test(equal_numbers_stay_in_their_order),
		cmocka_unit_test(signs_and_sizes_are_minded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
