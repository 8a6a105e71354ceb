/* SPDX-License-Identifier: BSD-2-Clause */
/* What a judge job is told: defaults by type, JSON in effect, rules. */
#include "config.h"

#include "unit.h"

#include "domain/judge_config.h"
#include "store/store_job.h"
#include "util/arena.h"

static struct arena *arena;

static int
setup(void **state)
{
	arena = arena_new(65536);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static struct jv *
parse(const char *text)
{
	struct jv *v;

	assert_int_equal(0, jv_parse_checked(arena, text, strlen(text), &v));
	return v;
}

static struct training_config
config_of(enum training_type type, const char *text)
{
	struct training_config c;

	training_config_init(&c, type);
	training_config_read(&c, parse(text), arena);
	return c;
}

static struct execution_options
options_of(const char *text)
{
	struct execution_options o;

	execution_options_init(&o);
	execution_options_read(&o, text == NULL ? NULL : parse(text));
	return o;
}

static const char *
config_text(enum training_type type, const struct training_config *c)
{
	struct jw w;

	jw_init(&w, arena);
	training_config_write(c, type, &w);
	return jw_text(&w, NULL);
}

static const char *
options_text(enum training_type type, const struct execution_options *o)
{
	struct jw w;

	jw_init(&w, arena);
	execution_options_write(o, type, &w);
	return jw_text(&w, NULL);
}

static const struct {
	enum training_type	 type;
	const char		*given, *want;
} configs[] = {
	{ TRAIN_INCREMENTAL, "{}",
	    "{\"feedback_cutoff_date\":null,\"minimum_feedback_count\":10,"
	    "\"validation_split\":0.2,\"learning_rate\":0.001,"
	    "\"max_epochs\":50,\"early_stopping\":true,\"seed\":0,"
	    "\"optimize\":\"mae\"}" },
	{ TRAIN_FULL, "{}",
	    "{\"feedback_cutoff_date\":null,\"minimum_feedback_count\":10,"
	    "\"validation_split\":0.2,\"learning_rate\":0.001,"
	    "\"max_epochs\":50,\"early_stopping\":true,\"seed\":0,"
	    "\"optimize\":\"mae\"}" },
	{ TRAIN_FINE, "{\"target_criteria\":[\"crit_b\",\"crit_a\"]}",
	    "{\"feedback_cutoff_date\":null,\"minimum_feedback_count\":10,"
	    "\"validation_split\":0.2,\"learning_rate\":0.0005,"
	    "\"max_epochs\":30,\"early_stopping\":true,"
	    "\"target_criteria\":[\"crit_b\",\"crit_a\"],\"seed\":0,"
	    "\"optimize\":\"mae\"}" },
	{ TRAIN_VALIDATION, "{}",
	    "{\"feedback_cutoff_date\":null,\"minimum_feedback_count\":1,"
	    "\"target_criteria\":null,\"seed\":0}" },
	{ TRAIN_VALIDATION, "{\"target_criteria\":[\"crit_a\"],\"seed\":7}",
	    "{\"feedback_cutoff_date\":null,\"minimum_feedback_count\":1,"
	    "\"target_criteria\":[\"crit_a\"],\"seed\":7}" },
	/* times in UTC, integers as integers, null as absent */
	{ TRAIN_FULL, "{\"feedback_cutoff_date\":"
	    "\"2024-01-01T01:30:00.5+01:30\",\"minimum_feedback_count\":20.0,"
	    "\"validation_split\":0,\"learning_rate\":1,\"max_epochs\":1e3,"
	    "\"early_stopping\":false,\"seed\":null,\"optimize\":\"qwk\"}",
	    "{\"feedback_cutoff_date\":\"2024-01-01T00:00:00.500000Z\","
	    "\"minimum_feedback_count\":20,\"validation_split\":0,"
	    "\"learning_rate\":1,\"max_epochs\":1000,"
	    "\"early_stopping\":false,\"seed\":0,\"optimize\":\"qwk\"}" },
};

static void
config_in_effect_has_the_types_fields_and_defaults(void **state)
{
	struct training_config c;
	size_t i;

	for (i = 0; i < UNIT_COUNT(configs); i++) {
		c = config_of(configs[i].type, configs[i].given);
		assert_string_equal(configs[i].want,
		    config_text(configs[i].type, &c));
	}
}

/* What is stored is read again when a job is started or tried again. */
static void
config_in_effect_reads_back_the_same(void **state)
{
	struct training_config c;
	size_t i;

	for (i = 0; i < UNIT_COUNT(configs); i++) {
		c = config_of(configs[i].type, configs[i].want);
		assert_string_equal(configs[i].want,
		    config_text(configs[i].type, &c));
	}
}

static void
options_in_effect_have_all_defaults(void **state)
{
	struct execution_options o = options_of(NULL);

	assert_string_equal("{\"priority\":\"normal\",\"auto_deploy\":false,"
	    "\"backup_current_version\":true,\"require_improvement\":true,"
	    "\"notification_email\":null,\"webhook_url\":null,"
	    "\"webhook_secret_set\":false,\"timeout_seconds\":3600,"
	    "\"auto_start\":true}", options_text(TRAIN_FINE, &o));
}

static void
options_of_validation_leave_deploying_out(void **state)
{
	struct execution_options o = options_of("{\"auto_deploy\":false,"
	    "\"backup_current_version\":false}");

	assert_string_equal("{\"priority\":\"normal\","
	    "\"notification_email\":null,\"webhook_url\":null,"
	    "\"webhook_secret_set\":false,\"timeout_seconds\":3600,"
	    "\"auto_start\":true}", options_text(TRAIN_VALIDATION, &o));
}

static void
secret_is_never_written(void **state)
{
	struct execution_options o = options_of("{\"priority\":\"low\","
	    "\"auto_deploy\":true,\"backup_current_version\":false,"
	    "\"require_improvement\":false,"
	    "\"notification_email\":\"a@b.example\","
	    "\"webhook_url\":\"https://a.example/\","
	    "\"webhook_secret\":\"0123456789abcdef\","
	    "\"timeout_seconds\":60,\"auto_start\":false}");

	assert_int_equal(-1, o.priority);
	assert_string_equal("0123456789abcdef", o.webhook_secret);
	assert_string_equal("{\"priority\":\"low\",\"auto_deploy\":true,"
	    "\"backup_current_version\":false,\"require_improvement\":false,"
	    "\"notification_email\":\"a@b.example\","
	    "\"webhook_url\":\"https://a.example/\","
	    "\"webhook_secret_set\":true,\"timeout_seconds\":60,"
	    "\"auto_start\":false}", options_text(TRAIN_FULL, &o));
}

static const struct {
	const char		*want;		/* faults_detail; "" for none */
	enum training_type	 type;
	const char		*config, *options;
} rules[] = {
	{ "training_config.validation_split: must be greater than 0 when "
	    "auto_deploy and require_improvement are true", TRAIN_FULL,
	    "{\"validation_split\":0}", "{\"auto_deploy\":true}" },
	{ "", TRAIN_FULL, "{\"validation_split\":0}", "{}" },
	{ "", TRAIN_FULL, "{\"validation_split\":0}",
	    "{\"auto_deploy\":true,\"require_improvement\":false}" },
	{ "", TRAIN_FULL, "{}", "{\"auto_deploy\":true}" },
	{ "execution_options.auto_deploy: does not apply to training_type "
	    "\"validation\"", TRAIN_VALIDATION, "{}",
	    "{\"auto_deploy\":true}" },
	{ "", TRAIN_VALIDATION, "{}", "{\"auto_deploy\":false,"
	    "\"backup_current_version\":true,\"require_improvement\":true}" },
	{ "execution_options.webhook_secret: needs webhook_url", TRAIN_FINE,
	    "{}", "{\"webhook_secret\":\"0123456789abcdef\"}" },
	{ "", TRAIN_FINE, "{}", "{\"webhook_secret\":\"0123456789abcdef\","
	    "\"webhook_url\":\"https://a.example/\"}" },
};

static void
rules_between_fields_are_told_where_they_break(void **state)
{
	struct execution_options o;
	struct training_config c;
	struct faults f;
	size_t i;

	for (i = 0; i < UNIT_COUNT(rules); i++) {
		faults_init(&f, arena);
		c = config_of(rules[i].type, rules[i].config);
		o = options_of(rules[i].options);
		judge_config_rules(rules[i].type, &c, &o, &job_locs_body, &f);
		assert_string_equal(rules[i].want, faults_detail(&f));
	}
}

static void
words_of_types_go_there_and_back(void **state)
{
	enum training_type type;
	int i;

	for (i = 0; i < TRAIN__MAX; i++) {
		assert_int_equal(0, training_type_parse(
		    training_type_word((enum training_type)i), &type));
		assert_int_equal(i, type);
	}
	assert_int_equal(-1, training_type_parse("retrain", &type));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    config_in_effect_has_the_types_fields_and_defaults),
		cmocka_unit_test(config_in_effect_reads_back_the_same),
		cmocka_unit_test(options_in_effect_have_all_defaults),
		cmocka_unit_test(options_of_validation_leave_deploying_out),
		cmocka_unit_test(secret_is_never_written),
		cmocka_unit_test(
		    rules_between_fields_are_told_where_they_break),
		cmocka_unit_test(words_of_types_go_there_and_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
