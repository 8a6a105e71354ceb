/* SPDX-License-Identifier: BSD-2-Clause */
/* Calibrations with known answers, and which of them is chosen. */
#include "config.h"

#include "judge_case.h"

#include "judge/calib.h"
#include "judge/form.h"
#include "judge/ridge.h"

static const double ones[64] = {
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
};

static int
near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

static void
a_bias_moves_the_mean(void **state)
{
	const double z[] = { 10, 20, 60 }, y[] = { 30, 30, 60 };
	const double w[] = { 1, 1, 2 };
	struct calib_line l = calib_bias(z, y, w, 3);

	(void)state;
	/* (20 + 10 + 2 * 0) / 4 */
	assert_true(near(l.a, 7.5) && l.b == 1);
}

static void
a_line_is_the_least_squares_one(void **state)
{
	const double z[] = { 0, 10, 20, 30 }, y[] = { 5, 20, 15, 40 };
	const double down[] = { 4, 3, 2, 1 };
	struct calib_line l = calib_linear(z, y, ones, 4);

	(void)state;
	assert_true(near(l.b, 1) && near(l.a, 5));
	/* One that falls is flat instead: the mean. */
	l = calib_linear(z, down, ones, 4);
	assert_true(l.b == 0 && near(l.a, 2.5));
	/* The judge says the same of everything. */
	l = calib_linear(ones, y, ones, 4);
	assert_true(l.b == 0 && near(l.a, 20));
}

static void
a_match_has_the_labels_mean_and_deviation(void **state)
{
	const double z[] = { 48, 52 }, y[] = { 70, 90 };
	struct calib_line l = calib_match(z, y, ones, 2, 0.5,
	    CALIB_WIDEST);

	(void)state;
	/* Deviations 2 and 10: half of the way is the root of five. */
	assert_true(near(l.b, sqrt(5)) && near(l.a + l.b * 50, 80));
	l = calib_match(z, y, ones, 2, 0.1,
	    CALIB_WIDEST);
	assert_true(near(l.b, pow(5, 0.1)));
	/* Never more than asked for, never narrower. */
	l = calib_match(z, y, ones, 2, 1,
	    CALIB_WIDEST);
	assert_true(l.b == CALIB_WIDEST);
	l = calib_match(y, z, ones, 2, 1,
	    CALIB_WIDEST);
	assert_true(l.b == 1 && near(l.a, -30));
}

static void
steps_pool_what_is_out_of_order(void **state)
{
	/* Pooled: 1 | 3 2 4 -> 2.5 2.5 4 | 6 5 -> 5.5, in any order. */
	const double z[] = { 50, 10, 20, 40, 30, 60 };
	const double y[] = { 60, 10, 30, 40, 20, 50 };
	struct score_map m;

	(void)state;
	calib_isotonic(z, y, ones, 6, &m);
	assert_int_equal(MAP_STEPS, m.kind);
	assert_true(near(score_map_apply(&m, 10), 10));
	assert_true(near(score_map_apply(&m, 20), 25));
	assert_true(near(score_map_apply(&m, 30), 25));
	assert_true(near(score_map_apply(&m, 40), 40));
	assert_true(near(score_map_apply(&m, 55), 55));
	/* Straight between steps, flat beyond the ends. */
	assert_true(near(score_map_apply(&m, 15), 17.5));
	assert_true(near(score_map_apply(&m, -9), 10));
	assert_true(near(score_map_apply(&m, 99), 55));
}

static void
steps_weigh_labels_and_join_equal_scores(void **state)
{
	const double z[] = { 1, 1, 2, 3 }, y[] = { 0, 30, 80, 40 };
	const double w[] = { 2, 1, 1, 3 };
	struct score_map m;

	(void)state;
	calib_isotonic(z, y, w, 4, &m);
	assert_true(near(score_map_apply(&m, 1), 10));
	assert_true(near(score_map_apply(&m, 2), 50));
	assert_true(near(score_map_apply(&m, 3), 50));
}

static void
many_steps_are_joined_to_few(void **state)
{
	double z[500], y[500], w[500], last;
	struct score_map m;
	int i;

	(void)state;
	for (i = 0; i < 500; i++) {
		z[i] = i;
		y[i] = i / 5.0;
		w[i] = 1;
	}
	calib_isotonic(z, y, w, 500, &m);
	assert_in_range(m.n, 2, MODEL_KNOTS);
	for (last = 0, i = 0; i < 500; i++) {
		assert_true(score_map_apply(&m, i) >= last);
		last = score_map_apply(&m, i);
		assert_true(fabs(last - y[i]) < 3);
	}
}

static void
platt_finds_the_curve(void **state)
{
	double z[2000], y[2000], w[2000], p;
	struct score_map m;
	struct rng rng;
	int i;

	(void)state;
	rng_init(&rng, 4, 4);
	for (i = 0; i < 2000; i++) {
		z[i] = i / 20.0;
		p = 1 / (1 + exp(-(-4 + 0.1 * z[i])));
		y[i] = (double)(rng_next(&rng) >> 11) * 0x1p-53 < p ? 100 : 0;
		w[i] = 1;
	}
	calib_platt(z, y, w, 2000, &m);
	assert_int_equal(MAP_LOGISTIC, m.kind);
	assert_true(fabs(m.y[0] - 0.1) < 0.01);
	assert_true(fabs(m.x[0] + 4) < 0.5);
}

static void
platt_stays_unsure_and_never_falls(void **state)
{
	const double z[] = { 10, 20, 80, 90 }, y[] = { 0, 0, 100, 100 };
	const double turned[] = { 100, 100, 0, 0 };
	struct score_map m;

	(void)state;
	/* Targets 1/4 and 3/4: the curve ends there, not at 0 and 100. */
	calib_platt(z, y, ones, 4, &m);
	assert_true(score_map_apply(&m, 10) > 15);
	assert_true(score_map_apply(&m, 90) < 85);
	calib_platt(z, turned, ones, 4, &m);
	assert_true(near(score_map_apply(&m, 10), 50));
	assert_true(near(score_map_apply(&m, 90), 50));
}

/*
 * Ten points of different weight, and what NumPy and scikit-learn 1.2 make of
 * them (Debian 12's python3-sklearn):
 *
 *	import numpy as np
 *	from sklearn.isotonic import IsotonicRegression
 *	from sklearn.calibration import _SigmoidCalibration
 *	z = np.array([12, 25, 31, 38, 44, 52, 57, 63, 71, 88.])
 *	y = np.array([20, 15, 40, 35, 30, 70, 55, 60, 90, 85.])
 *	w = np.array([1, 2, 1, 1, 3, 1, 2, 1, 1, 1.])
 *	np.average(y - z, weights=w)
 *	np.polyfit(z, y, 1, w=np.sqrt(w))
 *	sd = lambda v: np.sqrt(np.average((v - np.average(v, weights=w)) ** 2,
 *	    weights=w))
 *	sd(y) / sd(z)
 *	IsotonicRegression(out_of_bounds="clip").fit(z, y, sample_weight=w)
 *	    .predict([5, 28, 35, 41, 48, 54.5, 67, 79.5, 99])
 *	_SigmoidCalibration().fit(z, [0, 0, 0, 1, 0, 1, 0, 1, 1, 1])
 *	    .predict(np.array([10, 30, 50, 70, 90.]))
 */
static const double ten_z[] = { 12, 25, 31, 38, 44, 52, 57, 63, 71, 88 };
static const double ten_y[] = { 20, 15, 40, 35, 30, 70, 55, 60, 90, 85 };
static const double ten_w[] = { 1, 2, 1, 1, 3, 1, 2, 1, 1, 1 };

static void
lines_are_those_of_numpy(void **state)
{
	struct calib_line l = calib_bias(ten_z, ten_y, ten_w, 10);

	(void)state;
	assert_true(near(l.a, -1.5));
	l = calib_linear(ten_z, ten_y, ten_w, 10);
	assert_true(fabs(l.b - 1.09326278) < 1e-8);
	assert_true(fabs(l.a + 5.83671927) < 1e-7);
	l = calib_match(ten_z, ten_y, ten_w, 10, 1, CALIB_WIDEST);
	assert_true(fabs(l.b - 1.2218675902903036) < 1e-12);
	assert_true(fabs(l.a + 11.816842948499115) < 1e-9);
	l = calib_match(ten_z, ten_y, ten_w, 10, 0.5, CALIB_WIDEST);
	assert_true(fabs(l.b - 1.1053811968232061) < 1e-12);
	assert_true(fabs(l.a + 6.400225652279083) < 1e-9);
}

static void
curves_are_those_of_scikit_learn(void **state)
{
	static const double steps_at[] = {
		5, 28, 35, 41, 48, 54.5, 67, 79.5, 99
	}, steps[] = {
		16.666666666666668, 24.833333333333336, 33, 33, 46.5, 60,
		73.75, 87.5, 87.5
	}, platt_at[] = { 10, 30, 50, 70, 90 }, platt[] = {
		11.650787960011986, 27.765679007107945, 52.839298674851634,
		76.55770899739915, 90.49358376462312
	};
	static const double yes[] = {
		0, 0, 0, 100, 0, 100, 0, 100, 100, 100
	};
	struct score_map m;
	size_t i;

	(void)state;
	calib_isotonic(ten_z, ten_y, ten_w, 10, &m);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		assert_true(near(score_map_apply(&m, steps_at[i]), steps[i]));
	calib_platt(ten_z, yes, ones, 10, &m);
	/* Theirs stops when its step is small. */
	for (i = 0; i < sizeof(platt) / sizeof(platt[0]); i++)
		assert_true(fabs(score_map_apply(&m, platt_at[i]) -
		    platt[i]) < 0.01);
}

static void
binary_labels_are_recognised(void **state)
{
	double y[40];
	int i;

	(void)state;
	for (i = 0; i < 40; i++)
		y[i] = i % 4 == 0 ? 100 : 0;
	assert_true(calib_binary(y, 40));
	y[3] = 5;
	y[4] = 93;
	assert_true(calib_binary(y, 40));
	for (i = 0; i < 3; i++)
		y[i] = 50;
	assert_false(calib_binary(y, 40));
	for (i = 0; i < 40; i++)
		y[i] = 100;
	assert_false(calib_binary(y, 40));
}

/* n labels; people say what `how` makes of the head's score. */
static void
chosen(size_t n, double (*how)(double, double), enum optimize o,
    struct forms *f)
{
	struct form_head h = { 0 };
	struct rng rng;
	double noise;
	size_t i;
	int k;

	h.n = n;
	h.z = xcalloc(n, sizeof(double));
	h.y = xcalloc(n, sizeof(double));
	h.w = xcalloc(n, sizeof(double));
	h.fold = xcalloc(n, 1);
	h.row = NULL;
	rng_init(&rng, n, 1);
	for (i = 0; i < n; i++) {
		for (noise = -6, k = 0; k < 12; k++)
			noise += (double)(rng_next(&rng) >> 11) * 0x1p-53;
		h.z[i] = 20 + 60 * (double)(rng_next(&rng) >> 11) * 0x1p-53;
		h.y[i] = case_score(how(h.z[i], noise));
		h.w[i] = 1;
		h.fold[i] = (uint8_t)(i % RIDGE_FOLDS);
	}
	forms_choose(&h, 1, o, f);
	free(h.z);
	free(h.y);
	free(h.w);
	free(h.fold);
}

static double
as_said(double z, double noise)
{
	return z + 4 * noise;
}

static double
less_apart(double z, double noise)
{
	return 15 + 0.4 * z + 2 * noise;
}

static double
in_steps(double z, double noise)
{
	return (z < 40 ? 20 : z < 60 ? 25 : 85) + 3 * noise;
}

static double
yes_or_no(double z, double noise)
{
	return z + 5 * noise > 35 ? 100 : 0;
}

static void
the_form_follows_what_people_say(void **state)
{
	struct forms f;

	(void)state;
	chosen(400, as_said, OPTIMIZE_RMSE, &f);
	assert_int_equal(FORM_NONE, f.try[f.of[0]].form);
	chosen(400, less_apart, OPTIMIZE_MAE, &f);
	assert_int_equal(FORM_LINEAR, f.try[f.of[0]].form);
	assert_true(fabs(f.line[0].b - 0.4) < 0.05);
	chosen(400, in_steps, OPTIMIZE_MAE, &f);
	assert_int_equal(FORM_STEPS, f.try[f.of[0]].form);
	chosen(400, yes_or_no, OPTIMIZE_RMSE, &f);
	assert_int_equal(FORM_LOGISTIC, f.try[f.of[0]].form);
}

static void
few_labels_choose_nothing(void **state)
{
	struct forms f;

	(void)state;
	chosen(FORM_LEAST - 1, in_steps, OPTIMIZE_MAE, &f);
	assert_int_equal(-1, f.of[0]);
	assert_int_equal(0, f.heads);
	assert_true(f.line[0].a == 0 && f.line[0].b == 1);
	/* With some, no steps and no line of their own. */
	chosen(60, less_apart, OPTIMIZE_MAE, &f);
	assert_true(f.of[0] >= 0 && f.try[f.of[0]].form != FORM_LINEAR);
	chosen(150, in_steps, OPTIMIZE_MAE, &f);
	assert_true(f.try[f.of[0]].form != FORM_STEPS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bias_moves_the_mean),
		cmocka_unit_test(a_line_is_the_least_squares_one),
		cmocka_unit_test(a_match_has_the_labels_mean_and_deviation),
		cmocka_unit_test(steps_pool_what_is_out_of_order),
		cmocka_unit_test(steps_weigh_labels_and_join_equal_scores),
		cmocka_unit_test(many_steps_are_joined_to_few),
		cmocka_unit_test(platt_finds_the_curve),
		cmocka_unit_test(platt_stays_unsure_and_never_falls),
		cmocka_unit_test(lines_are_those_of_numpy),
		cmocka_unit_test(curves_are_those_of_scikit_learn),
		cmocka_unit_test(binary_labels_are_recognised),
		cmocka_unit_test(the_form_follows_what_people_say),
		cmocka_unit_test(few_labels_choose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
