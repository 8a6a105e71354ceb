/* SPDX-License-Identifier: BSD-2-Clause */
/* Trainings that begin with the weights of a version. */
#include "config.h"

#include "judge_case.h"

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
much_old_feedback_steadies_against_little_new(void **state)
{
	struct judge_case old, new;
	struct judge_model *a, *b, *forgetful;
	double raw[1] = { 60 }, y[2] = { 100, NAN }, x[6], was[1], is[1];
	double lost[1];
	int i;

	(void)state;
	case_init(&old, TRAIN_FULL, 1, 0);
	case_fill(&old, 500);
	a = case_model(&old, NULL);
	case_init(&new, TRAIN_INCREMENTAL, 1, 0);
	for (i = 0; i < 5; i++)
		case_add(&new, NULL, raw, y);
	b = case_model(&new, a);
	memset(a->dense_seen, 0, cells(a) * sizeof(double));
	forgetful = case_model(&new, a);
	feature_dense(raw, 1, NULL, x);
	model_heads(a, x, NULL, was);
	model_heads(b, x, NULL, is);
	model_heads(forgetful, x, NULL, lost);
	/* All want 60 points more: 500 labels give way, but not much. */
	assert_true(is[0] - was[0] > 5 && is[0] - was[0] < 35);
	assert_true(lost[0] - was[0] > 45);
	judge_model_free(a);
	judge_model_free(b);
	judge_model_free(forgetful);
	case_fini(&old);
	case_fini(&new);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fine_tuning_leaves_other_heads_alone),
		cmocka_unit_test(a_head_without_feedback_stays_raw),
		cmocka_unit_test(incremental_goes_on_from_the_base),
		cmocka_unit_test(incremental_follows_a_change_of_mind),
		cmocka_unit_test(
		    incremental_that_learns_nothing_changes_nothing),
		cmocka_unit_test(new_criteria_start_from_their_raw_scores),
		cmocka_unit_test(
		    much_old_feedback_steadies_against_little_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
