/* SPDX-License-Identifier: BSD-2-Clause */
/* What a training does to the heads. */
#include "config.h"

#include "judge_case.h"

#include "judge/spread.h"

static void
a_full_training_beats_the_constant_on_new_content(void **state)
{
	struct judge_case k;
	struct judge_model *m;
	int c, is_text;

	(void)state;
	for (is_text = 0; is_text <= 1; is_text++) {
		case_init(&k, TRAIN_FULL, 3, is_text);
		k.job.split = 0.3;
		k.job.early_stopping = 1;
		case_fill(&k, 400);
		m = case_model(&k, NULL);
		for (c = 0; c < 3; c++)
			assert_true(held_error(&k, m, c) <
			    (is_text ? 0.75 : 0.9) * held_error(&k, NULL, c));
		judge_model_free(m);
		case_fini(&k);
	}
}

/* Labels without any rule in them: only a constant can be learned. */
static void
a_full_training_never_fits_worse_than_the_constant(void **state)
{
	struct judge_case k;
	struct judge_model *m;
	double raw[2], y[3];
	int seed, i, c;

	(void)state;
	for (seed = 0; seed < 12; seed++) {
		case_init(&k, TRAIN_FULL, 2, 0);
		rng_init(&k.rng, (uint64_t)seed, 9);
		k.job.learning_rate = seed % 3 == 0 ? 1 : 0.001;
		k.job.early_stopping = seed % 2;
		for (i = 0; i < 12 + seed; i++) {
			for (c = 0; c < 2; c++) {
				raw[c] = 100 * case_uniform(&k);
				/* Few extreme labels pull a least-squares
				 * fit away from the mass. */
				y[c] = case_uniform(&k) < 0.8 ? raw[c] :
				    100 * case_uniform(&k);
			}
			y[2] = NAN;
			case_add(&k, NULL, raw, y);
		}
		m = case_model(&k, NULL);
		for (c = 0; c < 2; c++)
			assert_true(training_error(&k, m, c) <=
			    training_error(&k, NULL, c) + 1e-9);
		judge_model_free(m);
		case_fini(&k);
	}
}

static void
the_same_training_gives_the_same_model(void **state)
{
	struct judge_case k;
	struct judge_model *a, *b, *c;

	(void)state;
	case_init(&k, TRAIN_FULL, 2, 1);
	k.job.max_epochs = 3;
	case_fill(&k, 150);
	a = case_model(&k, NULL);
	b = case_model(&k, NULL);
	k.job.seed = 1;
	c = case_model(&k, NULL);
	assert_true(models_equal(a, b));
	assert_false(models_equal(a, c));
	judge_model_free(a);
	judge_model_free(b);
	judge_model_free(c);
	case_fini(&k);
}

static void
half_the_learning_rate_moves_half_as_far(void **state)
{
	double moved[2][64], start;
	struct judge_case k;
	struct data *d;
	struct fit *f;
	size_t j;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		case_init(&k, TRAIN_FULL, 2, 0);
		k.job.learning_rate = i == 0 ? 0.001 : 0.0005;
		case_fill(&k, 100);
		d = case_data(&k);
		assert_non_null(f = fit_new(&k.job, d, NULL));
		fit_epoch(f);
		for (j = 0; j < 2 * f->h->nd; j++) {
			start = f->first[j];
			moved[i][j] = f->h->dense[j] - start;
		}
		fit_free(f);
		data_free(d);
		case_fini(&k);
	}
	for (j = 0; j < 2 * feature_ndense(2); j++)
		assert_true(fabs(moved[0][j] - 2 * moved[1][j]) < 1e-9);
	assert_true(fabs(moved[0][1]) > 1);
}

static void
fifty_epochs_settle(void **state)
{
	struct judge_case k;
	struct data *d;
	struct fit *f;
	int is_text;

	(void)state;
	for (is_text = 0; is_text <= 1; is_text++) {
		case_init(&k, TRAIN_FULL, 2, is_text);
		k.job.max_epochs = 300;
		case_fill(&k, 300);
		d = case_data(&k);
		assert_non_null(f = fit_new(&k.job, d, NULL));
		while (!f->done)
			fit_epoch(f);
		assert_true(f->train_mae[0] > f->train_mae[49] + 0.5);
		assert_true(fabs(f->train_mae[49] - f->train_mae[299]) <
		    0.02);
		fit_free(f);
		data_free(d);
		case_fini(&k);
	}
}

static void
early_stopping_keeps_the_best_epoch(void **state)
{
	struct judge_case k;
	struct judge_model *m;
	struct data *d;
	struct fit *f;
	double best;
	int e, at = 0;

	(void)state;
	case_init(&k, TRAIN_FULL, 2, 1);
	k.job.split = 0.2;
	k.job.early_stopping = 1;
	k.job.max_epochs = 1000;
	case_fill(&k, 200);
	d = case_data(&k);
	assert_non_null(f = fit_new(&k.job, d, NULL));
	best = f->best_error;
	while (!f->done) {
		fit_epoch(f);
		e = f->epoch;
		if (f->eval_mae[e - 1] < best) {
			best = f->eval_mae[e - 1];
			at = e;
		}
	}
	assert_in_range(f->epoch, FIT_PATIENCE, 200);
	assert_int_equal(at, f->best_epoch);
	assert_true(f->epoch - f->mark_epoch == FIT_PATIENCE);
	m = fit_model(f);
	assert_int_equal(at, m->origin.epochs);
	judge_model_free(m);
	fit_free(f);
	data_free(d);
	case_fini(&k);
}

static void
an_overall_rating_pulls_each_head_by_its_share(void **state)
{
	struct judge_case k;
	struct judge_model *m;
	struct data *d;
	struct fit *f;
	double raw[2], y[3] = { NAN, NAN, 0 }, head[2], x[16], moved[2];
	int i;

	(void)state;
	case_init(&k, TRAIN_INCREMENTAL, 2, 0);
	k.job.learning_rate = 0.00001;
	k.job.max_epochs = 1;
	for (i = 0; i < 60; i++) {
		raw[0] = raw[1] = 20 + i;
		y[2] = raw[0] - 15;
		case_add(&k, NULL, raw, y);
	}
	/* The weights are 1 and 2: so are the first pulls. */
	d = case_data(&k);
	assert_non_null(f = fit_new(&k.job, d, NULL));
	assert_true(fabs(f->h->pull[f->h->nd] / f->h->pull[0] - 2) < 1e-9);
	fit_free(f);
	data_free(d);
	k.job.learning_rate = 0.001;
	k.job.max_epochs = 50;
	m = case_model(&k, NULL);
	raw[0] = raw[1] = 50;
	feature_dense(raw, 2, NULL, x);
	model_heads(m, x, NULL, head);
	moved[0] = head[0];
	moved[1] = head[1];
	assert_true(moved[0] < -2 && moved[1] < moved[0]);
	assert_true(fabs((moved[0] + 2 * moved[1]) / 3 + 15) < 1);
	judge_model_free(m);
	/* A full training has the mean error from the start. */
	k.job.type = TRAIN_FULL;
	d = case_data(&k);
	assert_non_null(f = fit_new(&k.job, d, NULL));
	assert_true(fabs(f->h->dense[0] + 15) < 1e-9);
	assert_true(fabs(f->h->dense[f->h->nd] + 15) < 1e-9);
	fit_free(f);
	data_free(d);
	case_fini(&k);
}

static void
an_overall_rating_of_texts_moves_grams_by_share(void **state)
{
	struct judge_case k;
	struct data *d;
	struct fit *f;
	double raw[2] = { 50, 50 }, y[3] = { NAN, NAN, 0 };
	float one, two;
	char text[64];
	size_t i, moved = 0;
	int n;

	(void)state;
	case_init(&k, TRAIN_INCREMENTAL, 2, 1);
	for (n = 0; n < 30; n++) {
		snprintf(text, sizeof(text), "ticket %d %s", n,
		    n % 2 ? "sorry" : "fine");
		y[2] = n % 2 ? 25 : 50;
		case_add(&k, text, raw, y);
	}
	d = case_data(&k);
	assert_non_null(f = fit_new(&k.job, d, NULL));
	fit_epoch(f);
	for (i = 0; i < f->h->nb; i++) {
		one = *heads_cell(f->h->gram, f->h, i, 0);
		two = *heads_cell(f->h->gram, f->h, i, 1);
		assert_true(fabsf(two - 2 * one) <= 1e-3f * fabsf(two));
		moved += fabsf(two) > 0.1f;
	}
	assert_true(moved > 5);
	fit_free(f);
	data_free(d);
	case_fini(&k);
}

static void
a_line_goes_in_and_out_again(void **state)
{
	double dense[10] = { 1, -2, 3, 0.5, -0.25, 7, 0, 1, -1, 0.125 };
	const struct calib_line line = { -10, 1.5 }, flat = { 30, 0.5 };
	double copy[10];
	struct spread s;
	int i;

	(void)state;
	spread_init(&s);
	assert_true(spread_factor(&s) == 1);
	spread_line(&s, line, 40, 30, -12);
	assert_true(fabs(spread_factor(&s) - 1.5) < 1e-12);
	memcpy(copy, dense, sizeof(copy));
	assert_true(fabs(spread_apply(&s, 3, 1, copy) - 1.5) < 1e-12);
	/* base = 50 + 50 raw: -10 + 1.5 (base + head) less base. */
	assert_true(fabs(copy[0] - (1.5 * 1 + 0.5 * 50 - 10)) < 1e-9);
	assert_true(fabs(copy[feature_raw_at(1)] - (1.5 * 3 + 0.5 * 50)) <
	    1e-9);
	assert_true(fabs(copy[feature_missing_at(3, 1)] - (1.5 * 7 - 0.5 *
	    12)) < 1e-9);
	assert_true(fabs(spread_undo(&s, 3, 1, copy) * 1.5 - 1) < 1e-12);
	for (i = 0; i < 10; i++)
		assert_true(fabs(copy[i] - dense[i]) < 1e-9);
	/* What thirty labels said and ninety now say: a weighted mean. */
	spread_line(&s, flat, 50, 90, 0);
	assert_true(fabs(log(spread_factor(&s)) - (log(1.5) * 30 + log(0.5) *
	    90) / 120) < 1e-12);
	assert_true(s.centre == 55 && s.pivot == 50);
}

static void
without_labels_nothing_is_trained(void **state)
{
	struct judge_case k;
	double raw[2] = { 50, 50 }, y[3] = { 40, NAN, NAN };
	struct data *d;

	(void)state;
	case_init(&k, TRAIN_FINE_TUNE, 2, 0);
	k.job.target[0] = 0;
	case_add(&k, NULL, raw, y);
	d = case_data(&k);
	assert_null(fit_new(&k.job, d, NULL));
	data_free(d);
	case_fini(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_full_training_beats_the_constant_on_new_content),
		cmocka_unit_test(
		    a_full_training_never_fits_worse_than_the_constant),
		cmocka_unit_test(the_same_training_gives_the_same_model),
		cmocka_unit_test(half_the_learning_rate_moves_half_as_far),
		cmocka_unit_test(fifty_epochs_settle),
		cmocka_unit_test(early_stopping_keeps_the_best_epoch),
		cmocka_unit_test(
		    an_overall_rating_pulls_each_head_by_its_share),
		cmocka_unit_test(
		    an_overall_rating_of_texts_moves_grams_by_share),
		cmocka_unit_test(a_line_goes_in_and_out_again),
		cmocka_unit_test(without_labels_nothing_is_trained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
