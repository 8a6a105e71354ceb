/* SPDX-License-Identifier: BSD-2-Clause */
/* Metrics against the contract's numbers and against plain definitions. */
#include "config.h"

#include "unit.h"

#include <math.h>

#include "judge/metric.h"
#include "judge/rng.h"
#include "util/arena.h"

static int
setup(void **state)
{
	*state = arena_new(1 << 16);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static struct metric
compute(struct arena *a, const double *label, const double *pred, size_t n)
{
	struct metric_labels l = metric_labels(a, label, n);
	struct metric m;

	metric_pairs_draw(a, &l, 0);
	metric_compute(a, &l, pred, &m);
	return m;
}

static int
near(double want, double got)
{
	return fabs(want - got) < 5e-5;
}

static void
the_contract_s_vector(void **state)
{
	const double label[] = { 80, 60, 40, 90, 20 };
	const double pred[] = { 70, 72, 50, 68, 30 };
	struct metric m = compute(*state, label, pred, 5);

	assert_true(near(12.8, m.mae));
	assert_true(near(13.6235, m.rmse));
	assert_true(near(0.6, m.spearman));
	assert_true(near(0.7619, m.kappa));
	assert_true(near(0.7, m.pairwise));
}

static void
the_contract_s_consistency(void **state)
{
	const double x[] = { 70, 74, 40, 50 };
	const size_t size[] = { 2, 2 };

	assert_true(near(0.6675, metric_consistency(x, size, 2)));
}

static void
consistency_has_its_limits(void **state)
{
	const double same[] = { 50, 50, 50, 50 };
	const double apart[] = { 10, 90, 10, 90 };
	const double alike[] = { 10, 10, 10, 90, 90 };
	const size_t two[] = { 2, 2 }, uneven[] = { 3, 2 };

	assert_true(isnan(metric_consistency(apart, two, 1)));
	assert_true(isnan(metric_consistency(same, two, 2)));
	assert_true(metric_consistency(apart, two, 2) == 0);
	assert_true(metric_consistency(alike, uneven, 2) == 1);
}

static void
few_labels_leave_metrics_undefined(void **state)
{
	const double label[] = { 10, 90 }, pred[] = { 20, 70 };
	struct metric m = compute(*state, label, pred, 0);

	assert_true(isnan(m.mae) && isnan(m.rmse) && isnan(m.spearman) &&
	    isnan(m.kappa) && isnan(m.pairwise));
	m = compute(*state, label, pred, 1);
	assert_true(m.mae == 10 && m.rmse == 10);
	assert_true(isnan(m.spearman) && isnan(m.pairwise));
	m = compute(*state, label, pred, 2);
	assert_true(isnan(m.spearman) && m.pairwise == 1);
}

static void
a_constant_side_leaves_ranks_undefined(void **state)
{
	const double label[] = { 10, 50, 90 }, flat[] = { 40, 40, 40 };
	struct metric m = compute(*state, label, flat, 3);

	assert_true(isnan(m.spearman));
	/* Equal predictions are half right. */
	assert_true(m.pairwise == 0.5);
	m = compute(*state, flat, label, 3);
	assert_true(isnan(m.spearman) && isnan(m.pairwise));
	/* All in one grade: nothing to agree about. */
	m = compute(*state, flat, flat, 3);
	assert_true(isnan(m.kappa));
}

static void
ties_share_their_ranks(void **state)
{
	const double label[] = { 1, 2, 2, 3 }, pred[] = { 4, 5, 6, 6 };
	struct metric m = compute(*state, label, pred, 4);

	/* Ranks 1 2.5 2.5 4 and 1 2 3.5 3.5. */
	assert_true(near(0.8333, m.spearman));
	/* Five pairs differ; only the one with equal predictions is half. */
	assert_true(near(0.9, m.pairwise));
}

static double
grade(double x)
{
	return 1 + floor(x / 25 + 0.5);
}

static void
kappa_equals_its_definition(void **state)
{
	double label[40], pred[40], top = 0, all = 0;
	struct metric m;
	struct rng rng;
	size_t i, j;

	rng_init(&rng, 7, 7);
	for (i = 0; i < 40; i++) {
		label[i] = (double)rng_below(&rng, 10001) / 100;
		pred[i] = (double)rng_below(&rng, 10001) / 100;
	}
	for (i = 0; i < 40; i++) {
		top += pow(grade(label[i]) - grade(pred[i]), 2);
		for (j = 0; j < 40; j++)
			all += pow(grade(label[i]) - grade(pred[j]), 2);
	}
	m = compute(*state, label, pred, 40);
	assert_true(fabs(1 - top / (all / 40) - m.kappa) < 1e-12);
}

static void
many_pairs_are_sampled_with_the_seed(void **state)
{
	static double label[2000], pred[2000];
	struct metric_labels a, b, c;
	struct metric m;
	size_t i;

	for (i = 0; i < 2000; i++) {
		label[i] = (double)(i % 50);
		/* In order but for every fourth, which is upside down. */
		pred[i] = i % 4 == 0 ? -label[i] : label[i];
	}
	a = b = c = metric_labels(*state, label, 2000);
	metric_pairs_draw(*state, &a, 1);
	metric_pairs_draw(*state, &b, 1);
	metric_pairs_draw(*state, &c, 2);
	assert_int_equal(METRIC_MAX_PAIRS, a.npairs);
	assert_int_equal(a.npairs, b.npairs);
	assert_memory_equal(a.pair, b.pair, a.npairs * sizeof(*a.pair));
	assert_memory_not_equal(a.pair, c.pair, a.npairs * sizeof(*a.pair));
	for (i = 0; i < a.npairs; i++)
		assert_true(label[a.pair[i][0]] != label[a.pair[i][1]]);
	metric_compute(*state, &a, pred, &m);
	/* Both upright: right; both upside down: wrong; mixed: the sign. */
	assert_true(m.pairwise > 0.6 && m.pairwise < 0.8);
}

static void
nearly_equal_labels_end_the_drawing(void **state)
{
	static double label[1000];
	struct metric_labels l = metric_labels(*state, label, 1000);

	label[500] = 1;
	metric_pairs_draw(*state, &l, 0);
	/* One label in a thousand differs: each draw hits it 1 in 500. */
	assert_true(l.npairs > 1000 && l.npairs < 20000);
	label[500] = 0;
	metric_pairs_draw(*state, &l, 0);
	assert_int_equal(0, l.npairs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_contract_s_vector),
		cmocka_unit_test(the_contract_s_consistency),
		cmocka_unit_test(consistency_has_its_limits),
		cmocka_unit_test(few_labels_leave_metrics_undefined),
		cmocka_unit_test(a_constant_side_leaves_ranks_undefined),
		cmocka_unit_test(ties_share_their_ranks),
		cmocka_unit_test(kappa_equals_its_definition),
		cmocka_unit_test(many_pairs_are_sampled_with_the_seed),
		cmocka_unit_test(nearly_equal_labels_end_the_drawing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
