/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges: the ids of criteria, what a body becomes, how versions look. */
#include "config.h"

#include "unit.h"

#include "domain/judge.h"
#include "domain/judge_view.h"
#include "util/arena.h"

#define UUID	"018d0ce4-7c40-7abc-8def-0123456789ab"
#define SIXTY	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FIFTY8	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct arena *arena;
static struct faults faults;

static int
setup(void **state)
{
	arena = arena_new(65536);
	faults_init(&faults, arena);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static const struct {
	const char	*name, *id, *want;
} made[] = {
	{ "Clarity", NULL, "crit_clarity" },
	{ "clarity!", NULL, "crit_clarity_2" },
	{ "CLARITY?", NULL, "crit_clarity_3" },
	{ "first", "crit_tone", "crit_tone" },
	{ "Tone", NULL, "crit_tone_2" },
	{ "Taken later", NULL, "crit_taken_later_2" },
	{ "last", "crit_taken_later", "crit_taken_later" },
	{ "???", NULL, "crit_8" },
	{ SIXTY, NULL, "crit_" SIXTY },
	{ SIXTY "b", NULL, "crit_" FIFTY8 "_2" },
};

static void
criteria_get_ids_that_nobody_has(void **state)
{
	struct criterion c[UNIT_COUNT(made)] = { { 0 } };
	size_t i;

	for (i = 0; i < UNIT_COUNT(made); i++) {
		c[i].name = made[i].name;
		c[i].id = made[i].id;
	}
	criteria_identify(arena, c, UNIT_COUNT(made), NULL, 0);
	for (i = 0; i < UNIT_COUNT(made); i++)
		assert_string_equal(made[i].want, c[i].id);
}

static struct judge
judge_of(const char *text)
{
	struct judge j;
	struct jv *v;

	assert_int_equal(0, jv_parse_checked(arena, text, strlen(text), &v));
	judge_from_body(arena, v, &faults, &j);
	return j;
}

static void
names_and_ids_are_unique(void **state)
{
	(void)judge_of("{\"name\":\"n\",\"description\":\"d\","
	    "\"content_type\":\"text\",\"criteria\":["
	    "{\"name\":\"a\",\"id\":\"crit_x\"},{\"name\":\"b\"},"
	    "{\"name\":\"a\"},{\"name\":\"A\",\"id\":\"crit_x\"}]}");
	assert_int_equal(2, faults.count);
	assert_string_equal("criteria[2].name", faults.fault[0].path);
	assert_string_equal("criteria[3].id", faults.fault[1].path);
	assert_string_equal("appears twice", faults.fault[1].msg);
}

static void
id_and_weight_have_defaults(void **state)
{
	struct judge j;
	char uuid[UUID_LEN];

	j = judge_of("{\"name\":\"n\",\"description\":\"d\","
	    "\"content_type\":\"image\",\"criteria\":["
	    "{\"name\":\"a\"},{\"name\":\"b\",\"weight\":2.5}]}");
	assert_int_equal(0, faults.count);
	/* an id of ours is the judge's own uuid */
	assert_true(typeid_parse(j.key, "jdg_", uuid));
	assert_string_equal(j.id, uuid);
	assert_true(j.criterion[0].weight == 1);
	assert_true(j.criterion[1].weight == 2.5);
	assert_string_equal("learning", j.status);
}

static void
given_id_is_kept(void **state)
{
	assert_string_equal("jdg_xyz789", judge_of("{\"id\":\"jdg_xyz789\","
	    "\"name\":\"n\",\"description\":\"d\",\"content_type\":\"text\","
	    "\"criteria\":[{\"name\":\"a\"}]}").key);
}

static const struct {
	const char	*status;
	int		 progress;
	const char	*want;
} progress[] = {
	{ "learning", 0, "\"status\":\"learning\",\"training_progress\":0," },
	{ "ready", 0, "\"status\":\"ready\",\"training_progress\":100," },
	{ "training", 47, "\"status\":\"training\",\"training_progress\":47," },
	/* queued again: what the job had reached does not count */
	{ "ready", 47, "\"status\":\"ready\",\"training_progress\":100," },
};

static void
progress_is_the_jobs_while_it_trains(void **state)
{
	struct judge j;
	struct jw w;
	size_t i;

	j = judge_of("{\"name\":\"n\",\"description\":\"d\","
	    "\"content_type\":\"text\",\"criteria\":[{\"name\":\"a\"}]}");
	j.created_by = UUID;
	for (i = 0; i < UNIT_COUNT(progress); i++) {
		j.status = progress[i].status;
		j.active_progress = progress[i].progress;
		jw_init(&w, arena);
		jw_obj(&w);
		view_judge(&w, &j);
		jw_end(&w);
		assert_non_null(strstr(jw_text(&w, NULL), progress[i].want));
	}
}

/* The example of the contract: numbers are derived from the job's results. */
static const char validation[] = "{\"accuracy_score\":0.9352,"
    "\"consistency_score\":0.8714,\"pooled_mae\":{\"trained\":6.4765,"
    "\"active\":9.7294,\"raw\":11.1765,\"bias\":8.3235},\"criteria\":{"
    "\"crit_accuracy\":{\"count\":8,\"trained\":{\"mae\":6.9,\"rmse\":8.3,"
    "\"spearman\":0.8333,\"quadratic_weighted_kappa\":0.75,"
    "\"pairwise_accuracy\":0.8214},\"active\":{\"mae\":10.1}},"
    "\"crit_clarity\":{\"count\":9,\"trained\":{\"mae\":6.1,\"rmse\":7.48,"
    "\"spearman\":null,\"quadratic_weighted_kappa\":0.7857,"
    "\"pairwise_accuracy\":0.8611},\"active\":{\"mae\":9.4}}}}";

static const char *
version_text(const struct judge_version *v, int metrics)
{
	struct jw w;

	jw_init(&w, arena);
	jw_obj(&w);
	view_version(&w, v, metrics);
	jw_end(&w);
	return jw_text(&w, NULL);
}

static char *ids[] = { (char[]){ "crit_clarity" }, (char[]){ "crit_accuracy" },
    (char[]){ "crit_unheard" } };

static const struct judge_version trained = {
	.number = 4, .id = UUID, .status = "draft", .created_at = 1,
	.deployed_at = TS_NONE, .archived_at = TS_NONE,
	.changes_summary = "s", .job_id = UUID, .feedback_count = 50,
	.validation = validation, .created_by = UUID, .base_version = 3,
	.evaluations = 4, .seconds = 0.001, .criteria = ids, .ncriteria = 3,
};

static void
version_shows_what_its_job_measured(void **state)
{
	assert_non_null(strstr(version_text(&trained, 1),
	    "\"performance_metrics\":{\"accuracy_score\":0.9352,"
	    "\"consistency_score\":0.8714,"
	    "\"average_evaluation_time\":0.00025,"
	    "\"criteria_performance\":{"
	    "\"crit_clarity\":{\"count\":9,\"accuracy_score\":0.939,"
	    "\"mae\":6.1,\"rmse\":7.48,\"spearman\":null,"
	    "\"quadratic_weighted_kappa\":0.7857,"
	    "\"pairwise_accuracy\":0.8611},"
	    "\"crit_accuracy\":{\"count\":8,\"accuracy_score\":0.931,"
	    "\"mae\":6.9,\"rmse\":8.3,\"spearman\":0.8333,"
	    "\"quadratic_weighted_kappa\":0.75,"
	    "\"pairwise_accuracy\":0.8214}},\"evaluation_count\":4}"));
}

static void
version_shows_what_it_improved(void **state)
{
	assert_non_null(strstr(version_text(&trained, 1),
	    "\"training_info\":{\"training_job_id\":"
	    "\"train_job_01hm6e8z20fay8vvr14d2pf2db\","
	    "\"feedback_count_used\":50,\"improvements_achieved\":["
	    "{\"criterion_id\":null,\"metric\":\"accuracy_score\","
	    "\"before\":0.9027,\"after\":0.9352,\"change\":0.0325},"
	    "{\"criterion_id\":\"crit_clarity\",\"metric\":\"mae\","
	    "\"before\":9.4,\"after\":6.1,\"change\":-3.3},"
	    "{\"criterion_id\":\"crit_accuracy\",\"metric\":\"mae\","
	    "\"before\":10.1,\"after\":6.9,\"change\":-3.2}]}"));
}

static void
metrics_can_be_left_out(void **state)
{
	assert_null(strstr(version_text(&trained, 0), "performance_metrics"));
	assert_non_null(strstr(version_text(&trained, 0), "training_info"));
}

static void
version_without_a_job_has_no_results(void **state)
{
	struct judge_version v = trained;

	v.job_id = v.validation = NULL;
	v.base_version = v.evaluations = 0;
	assert_non_null(strstr(version_text(&v, 1),
	    "\"performance_metrics\":{\"accuracy_score\":null,"
	    "\"consistency_score\":null,\"average_evaluation_time\":null,"
	    "\"criteria_performance\":{},\"evaluation_count\":0}"));
	assert_non_null(strstr(version_text(&v, 1),
	    "\"training_info\":null"));
	assert_non_null(strstr(version_text(&v, 1),
	    "\"base_version_number\":null"));
}

#define T(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(criteria_get_ids_that_nobody_has),
		T(names_and_ids_are_unique),
		T(id_and_weight_have_defaults),
		T(given_id_is_kept),
		T(progress_is_the_jobs_while_it_trains),
		T(version_shows_what_its_job_measured),
		T(version_shows_what_it_improved),
		T(metrics_can_be_left_out),
		T(version_without_a_job_has_no_results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
