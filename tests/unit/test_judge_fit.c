/* SPDX-License-Identifier: BSD-2-Clause */
/* What each kind of training does to the heads. */
#include "config.h"

#include "judge_case.h"

#include "judge/bias.h"
#include "judge/spread.h"

static double
clamp(double x)
{
	return (x < 0 ? 0 : x > 100 ? 100 : x);
}

/*
 * Mean absolute error of criterion c over the given part, by the model or,
 * with m NULL, by the control that adds a constant.
 */
static double
error_of(struct judge_case *k, const struct judge_model *m, int c,
    enum part part, int but)
{
	struct data *d = case_data(k);
	double constant[JUDGE_MAX_CRITERIA + 1], head[JUDGE_MAX_CRITERIA];
	double sum = 0, p;
	struct feature_text t;
	size_t i, n = 0;

	bias_fit(d, k->job.base.criteria.weight, constant);
	for (i = 0; i < d->n; i++) {
		if ((d->ex[i].part == part) == but ||
		    d->weight[i * d->nl + (size_t)c] == 0)
			continue;
		t = data_text(d, i);
		p = constant[c];
		if (m != NULL) {
			model_heads(m, d->dense + i * d->nd,
			    d->ex[i].has_text ? &t : NULL, head);
			p = head[c];
		}
		p = clamp(d->base[i * (size_t)d->nc + (size_t)c] + p);
		sum += fabs(p - d->y[i * d->nl + (size_t)c]);
		n++;
	}
	data_free(d);
	assert_true(n > 0);
	return (sum / (double)n);
}

static double
held_error(struct judge_case *k, const struct judge_model *m, int c)
{
	return (error_of(k, m, c, PART_HELD, 0));
}

static double
training_error(struct judge_case *k, const struct judge_model *m, int c)
{
	return (error_of(k, m, c, PART_HELD, 1));
}

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
			start = f->h->start[j];
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
fine_tuning_leaves_other_heads_alone(void **state)
{
	struct judge_case k, k2;
	struct judge_model *a, *b;
	size_t i, nd;
	long at;
	int c, changed = 0;

	(void)state;
	case_init(&k, TRAIN_FULL, 3, 1);
	case_fill(&k, 200);
	a = case_model(&k, NULL);
	case_init(&k2, TRAIN_FINE_TUNE, 3, 1);
	rng_init(&k2.rng, 77, 1);
	k2.job.target[0] = k2.job.target[2] = 0;
	k2.job.learning_rate = 0.0005;
	case_fill(&k2, 60);
	b = case_model(&k2, a);
	nd = a->nd;
	for (c = 0; c < 3; c += 2)
		assert_memory_equal(a->dense + (size_t)c * nd, b->dense +
		    (size_t)c * nd, nd * sizeof(double));
	assert_memory_not_equal(a->dense + nd, b->dense + nd, nd *
	    sizeof(double));
	for (i = 0; i < FEATURE_BUCKETS; i++) {
		if ((at = model_find(a, (uint32_t)i)) < 0)
			continue;
		assert_true(model_find(b, (uint32_t)i) >= 0);
		for (c = 0; c < 3; c++)
			if (c != 1)
				assert_true(a->gram[at * 3 + c] ==
				    b->gram[model_find(b, (uint32_t)i) * 3 +
				    c]);
			else
				changed |= a->gram[at * 3 + c] !=
				    b->gram[model_find(b, (uint32_t)i) * 3 +
				    c];
	}
	assert_true(changed);
	assert_memory_equal(&a->state[0], &b->state[0], sizeof(a->state[0]));
	judge_model_free(a);
	judge_model_free(b);
	case_fini(&k);
	case_fini(&k2);
}

/* Nobody has spoken of the second criterion, and now it is frozen. */
static void
a_head_without_feedback_stays_raw(void **state)
{
	struct judge_case k;
	struct judge_model *a, *b;
	double raw[2] = { 50, 50 }, y[3] = { 20, NAN, NAN };
	char text[64];
	size_t i;
	int n;

	(void)state;
	case_init(&k, TRAIN_FULL, 2, 1);
	for (n = 0; n < 40; n++) {
		snprintf(text, sizeof(text), "ticket %d %s", n,
		    n % 2 ? "sorry" : "fine");
		y[0] = 20 + n % 2 * 30 + case_normal(&k);
		case_add(&k, text, raw, y);
	}
	a = case_model(&k, NULL);
	k.job.type = TRAIN_FINE_TUNE;
	k.job.target[1] = 0;
	b = case_model(&k, a);
	assert_true(b->nb > 0 && b->state[0].text_prior > 0);
	assert_true(b->state[1].text_prior == 0);
	for (i = 0; i < b->nd; i++)
		assert_true(b->dense[b->nd + i] == 0);
	for (i = 0; i < b->nb; i++) {
		assert_true(b->gram[2 * i + 1] == 0);
		assert_true(isfinite(b->gram[2 * i]));
	}
	judge_model_free(a);
	judge_model_free(b);
	case_fini(&k);
}

static void
incremental_goes_on_from_the_base(void **state)
{
	struct judge_case old, new;
	struct judge_model *a, *b, *fresh;
	int c;

	(void)state;
	case_init(&old, TRAIN_FULL, 2, 1);
	case_fill(&old, 600);
	a = case_model(&old, NULL);
	case_init(&new, TRAIN_INCREMENTAL, 2, 1);
	rng_init(&new.rng, 5, 5);
	new.job.split = 0.9;
	case_fill(&new, 300);
	b = case_model(&new, a);
	fresh = case_model(&new, NULL);
	for (c = 0; c < 2; c++) {
		/* What 600 have taught is not lost to 30 more. */
		assert_true(held_error(&new, b, c) <
		    held_error(&new, a, c) + 0.3);
		assert_true(held_error(&new, b, c) <
		    held_error(&new, fresh, c));
		assert_true(b->state[c].labels > a->state[c].labels);
	}
	judge_model_free(a);
	judge_model_free(b);
	judge_model_free(fresh);
	case_fini(&old);
	case_fini(&new);
}

static void
incremental_follows_a_change_of_mind(void **state)
{
	struct judge_case old, new;
	struct judge_model *a, *b;
	double raw[2], y[3];
	int i, c;

	(void)state;
	case_init(&old, TRAIN_FULL, 2, 0);
	case_fill(&old, 600);
	a = case_model(&old, NULL);
	case_init(&new, TRAIN_INCREMENTAL, 2, 0);
	new.job.split = 0.4;
	for (i = 0; i < 80; i++) {
		for (c = 0; c < 2; c++) {
			raw[c] = 40 + 40 * case_uniform(&new);
			y[c] = case_score(0.5 * raw[c] + 30 - 6 * c +
			    5 * case_normal(&new));
		}
		y[2] = NAN;
		case_add(&new, NULL, raw, y);
	}
	b = case_model(&new, a);
	/* People now give 20 points more; most of that has arrived. */
	for (c = 0; c < 2; c++) {
		assert_true(held_error(&new, a, c) > 15);
		assert_true(held_error(&new, b, c) < 10);
	}
	judge_model_free(a);
	judge_model_free(b);
	case_fini(&old);
	case_fini(&new);
}

/* The watched part only gets worse: the base version comes back unchanged. */
static void
incremental_that_learns_nothing_changes_nothing(void **state)
{
	struct judge_case k, k2;
	struct judge_model *a, *b;
	double raw[1], y[2];
	char ref[32];
	int i, n;

	(void)state;
	case_init(&k, TRAIN_FULL, 1, 0);
	case_fill(&k, 200);
	a = case_model(&k, NULL);
	case_init(&k2, TRAIN_INCREMENTAL, 1, 0);
	k2.job.early_stopping = 1;
	for (i = n = 0; i < 60; i++) {
		/* Inner content is judged as before, the rest nonsensically. */
		snprintf(ref, sizeof(ref), "item-%d", k2.n);
		raw[0] = 20 + i;
		y[0] = judge_group_u("jdg_case", ref) < 0.125 ?
		    case_score(0.5 * raw[0] + 10) : 100;
		y[1] = NAN;
		case_add(&k2, NULL, raw, y);
		n += y[0] < 100;
	}
	assert_true(n > 0);
	b = case_model(&k2, a);
	assert_int_equal(0, b->origin.epochs);
	assert_memory_equal(a->dense, b->dense, cells(a) * sizeof(double));
	judge_model_free(a);
	judge_model_free(b);
	case_fini(&k);
	case_fini(&k2);
}

static void
new_criteria_start_from_their_raw_scores(void **state)
{
	struct judge_case k, k2;
	struct judge_model *a, *b;
	double raw[3] = { 60, 60, 60 }, y[4] = { 40, NAN, NAN, NAN };
	double head[3], x[16];
	int i;

	(void)state;
	case_init(&k, TRAIN_FULL, 2, 0);
	case_fill(&k, 200);
	a = case_model(&k, NULL);
	case_init(&k2, TRAIN_INCREMENTAL, 3, 0);
	for (i = 0; i < 20; i++)
		case_add(&k2, NULL, raw, y);
	b = case_model(&k2, a);
	feature_dense(raw, 3, NULL, x);
	model_heads(b, x, NULL, head);
	/* Nobody spoke of the third, nor of the second lately. */
	assert_true(head[2] == 0);
	model_heads(a, x, NULL, head);
	assert_true(fabs(b->dense[b->nd] - a->dense[a->nd]) == 0);
	judge_model_free(a);
	judge_model_free(b);
	case_fini(&k);
	case_fini(&k2);
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
widening_goes_in_and_out_again(void **state)
{
	double dense[10] = { 1, -2, 3, 0.5, -0.25, 7, 0, 1, -1, 0.125 };
	double copy[10], fit[40], label[40], k;
	struct spread s;
	int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		label[i] = 10 + 2 * i;
		fit[i] = 40 + 0.5 * i;
	}
	spread_init(&s);
	assert_true(spread_factor(&s) == 1);
	spread_fit(&s, fit, label, SPREAD_MIN - 1, 0);
	assert_true(s.evidence == 0);
	spread_fit(&s, fit, label, 40, -12);
	k = spread_factor(&s);
	/* 4 ^ 0.6 = 2.3, of which 40 labels are believed 2/3. */
	assert_true(fabs(k - pow(4, 0.6 * 2 / 3)) < 1e-9);
	memcpy(copy, dense, sizeof(copy));
	assert_true(spread_apply(&s, 3, 1, copy) == k);
	assert_true(fabs(copy[feature_raw_at(1)] - (3 * k + 50 * (k - 1))) <
	    1e-9);
	assert_true(fabs(spread_undo(&s, 3, 1, copy) * k - 1) < 1e-12);
	for (i = 0; i < 10; i++)
		assert_true(fabs(copy[i] - dense[i]) < 1e-9);
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
		cmocka_unit_test(fine_tuning_leaves_other_heads_alone),
		cmocka_unit_test(a_head_without_feedback_stays_raw),
		cmocka_unit_test(incremental_goes_on_from_the_base),
		cmocka_unit_test(incremental_follows_a_change_of_mind),
		cmocka_unit_test(
		    incremental_that_learns_nothing_changes_nothing),
		cmocka_unit_test(new_criteria_start_from_their_raw_scores),
		cmocka_unit_test(
		    an_overall_rating_pulls_each_head_by_its_share),
		cmocka_unit_test(widening_goes_in_and_out_again),
		cmocka_unit_test(without_labels_nothing_is_trained),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
