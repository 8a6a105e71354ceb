/* SPDX-License-Identifier: BSD-2-Clause */
/* Trainings that go on where they were interrupted. */
#include "config.h"

#include "judge_case.h"

#include "judge/checkpoint.h"

static void
a_checkpoint_goes_on_to_the_same_model(void **state)
{
	struct judge_case k;
	struct judge_model *whole, *resumed, *base;
	struct data *d;
	struct fit *f;
	char path[64], why[128];
	int at, type;

	(void)state;
	case_init(&k, TRAIN_FULL, 2, 1);
	case_fill(&k, 120);
	base = case_model(&k, NULL);
	snprintf(path, sizeof(path), "judge-checkpoint.%ld",
	    (long)getpid());
	for (type = 0; type < 2; type++) {
		k.job.type = type == 0 ? TRAIN_FULL : TRAIN_INCREMENTAL;
		k.job.early_stopping = type;
		k.job.max_epochs = 12;
		whole = case_model(&k, base);
		for (at = 0; at <= 12; at += 3) {
			d = case_data(&k);
			f = fit_new(&k.job, d, base);
			while (f->epoch < at && !f->done)
				fit_epoch(f);
			assert_int_equal(0, checkpoint_save(f, path));
			fit_free(f);
			data_free(d);
			d = case_data(&k);
			f = fit_new(&k.job, d, base);
			assert_int_equal(0, checkpoint_load(f, path, why,
			    sizeof(why)));
			while (!f->done)
				fit_epoch(f);
			resumed = fit_model(f);
			assert_true(models_equal(whole, resumed));
			judge_model_free(resumed);
			fit_free(f);
			data_free(d);
		}
		judge_model_free(whole);
	}
	(void)unlink(path);
	judge_model_free(base);
	case_fini(&k);
}

static void
a_checkpoint_of_another_training_is_refused(void **state)
{
	struct judge_case k;
	struct data *d;
	struct fit *f;
	char path[64], why[128];

	(void)state;
	snprintf(path, sizeof(path), "judge-checkpoint.%ld",
	    (long)getpid());
	case_init(&k, TRAIN_FULL, 2, 0);
	case_fill(&k, 40);
	d = case_data(&k);
	f = fit_new(&k.job, d, NULL);
	fit_epoch(f);
	assert_int_equal(0, checkpoint_save(f, path));
	fit_free(f);
	k.job.seed = 3;
	f = fit_new(&k.job, d, NULL);
	assert_int_equal(-1, checkpoint_load(f, path, why, sizeof(why)));
	assert_string_equal("it belongs to another training", why);
	assert_int_equal(0, f->epoch);
	assert_int_equal(0, truncate(path, 200));
	assert_int_equal(-1, checkpoint_load(f, path, why, sizeof(why)));
	assert_string_equal("the checksum does not match", why);
	assert_int_equal(0, truncate(path, 3));
	assert_int_equal(-1, checkpoint_load(f, path, why, sizeof(why)));
	assert_string_equal("not a checkpoint", why);
	fit_free(f);
	data_free(d);
	(void)unlink(path);
	case_fini(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_checkpoint_goes_on_to_the_same_model),
		cmocka_unit_test(
		    a_checkpoint_of_another_training_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
