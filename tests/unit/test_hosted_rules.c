/* SPDX-License-Identifier: BSD-2-Clause */
/* Which variant a body asks for, and the rules between its fields. */
#include "config.h"

#include "domain.h"

#include "domain/hosted.h"

static const char *
variant(const char *body)
{
	const struct hosted_kind	*k;

	k = hosted_variant(domain_json(body), &faults);
	if (k != NULL) {
		assert_int_equal(0, faults.count);
		return k->kind;
	}
	assert_true(faults.count > 0);
	return domain_faults();
}

static void
variant_by_backend_trainer_and_algorithm(void **state)
{
	static const struct {
		const char	*body, *kind;
	} row[] = {
		{ "{\"backend\":\"tinker\",\"trainer_type\":\"sft\"}",
		    "tinker_sft" },
		{ "{\"backend\":\"tinker\",\"trainer_type\":\"rl\"}",
		    "tinker_rl" },
		{ "{\"backend\":\"ray\",\"trainer_type\":\"rl\"}",
		    "ray_grpo" },
		/* backend absent */
		{ "{\"config\":{\"algorithm\":\"grpo\"}}", "ray_grpo" },
		{ "{\"config\":{\"algorithm\":\"grpo\"},"
		    "\"trainer_type\":\"rl\"}", "ray_grpo" },
		{ "{\"config\":{\"algorithm\":\"ppo\"}}", "tinker_rl" },
		{ "{\"config\":{\"algorithm\":\"ppo\"},"
		    "\"trainer_type\":\"sft\"}", "tinker_sft" },
		{ "{\"config\":{\"algorithm\":\"what\"}}", "tinker_rl" },
		{ "{\"config\":{\"algorithm\":7}}", "tinker_rl" },
		{ "{\"config\":{\"algorithm\":null}}", "tinker_rl" },
		{ "{\"config\":{}}", "tinker_sft" },
		{ "{}", "tinker_sft" },
		{ "{\"config\":[]}", "tinker_sft" },
		{ "{\"config\":\"algorithm\"}", "tinker_sft" },
		{ "{\"trainer_type\":\"rl\"}", "tinker_rl" },
		{ "{\"backend\":null,\"trainer_type\":null}", "tinker_sft" },
		/* trainer_type absent */
		{ "{\"backend\":\"ray\"}", "ray_grpo" },
		{ "{\"backend\":\"tinker\"}", "tinker_sft" },
		{ "{\"backend\":\"tinker\",\"config\":{\"algorithm\":"
		    "\"grpo\"}}", "tinker_rl" },
		/* none */
		{ "{\"backend\":\"ray\",\"trainer_type\":\"sft\"}",
		    "[\"body\",\"trainer_type\"] literal_error: must be "
		    "\"rl\"" },
		{ "{\"trainer_type\":\"sft\",\"config\":{\"algorithm\":"
		    "\"grpo\"}}", "[\"body\",\"trainer_type\"] "
		    "literal_error: must be \"rl\"" },
		{ "{\"backend\":\"slurm\",\"trainer_type\":\"dpo\"}",
		    "[\"body\",\"backend\"] literal_error: must be one of "
		    "\"tinker\", \"ray\"\n[\"body\",\"trainer_type\"] "
		    "literal_error: must be one of \"sft\", \"rl\"" },
		{ "{\"backend\":1}", "[\"body\",\"backend\"] string_type: "
		    "must be a string" },
		{ "{\"trainer_type\":[]}", "[\"body\",\"trainer_type\"] "
		    "string_type: must be a string" },
	};
	size_t	i;

	for (i = 0; i < UNIT_COUNT(row); i++)
		assert_string_equal(row[i].kind, variant(row[i].body));
}

static void
kinds_are_those_of_the_table(void **state)
{
	static const struct {
		const char	*kind, *backend, *trainer;
	} row[] = {
		{ "tinker_sft", "tinker", "sft" },
		{ "tinker_rl", "tinker", "rl" },
		{ "ray_grpo", "ray", "rl" },
	};
	size_t	i;

	for (i = 0; i < UNIT_COUNT(row); i++) {
		assert_string_equal(row[i].backend,
		    hosted_kind(row[i].kind)->backend);
		assert_string_equal(row[i].trainer,
		    hosted_kind(row[i].kind)->trainer);
	}
	assert_null(hosted_kind("judge"));
}

#define SFT_NEEDS "Tinker SFT jobs require dataset_ref or at least one " \
	"trajectory_dataset_ref"
#define RULE_1 "world_manifest_id is required when world_runtime_id is " \
	"provided"
#define RULE_2 "world_runtime_id is required when world_agent_name is " \
	"provided"
#define RULE_3 "Tinker RL jobs require prompt_dataset_ref, " \
	"world_manifest_id, or at least one trajectory_dataset_ref"
#define RULE_4 "max_steps_off_policy is required for async execution modes"
#define RULE_5 "max_steps_off_policy must be 1 for one_step_off_async " \
	"execution mode"
#define RULE_6 "eval_interval / eval_max_rollouts require eval_dataset_ref"
#define REF "{\"name\":\"a\",\"version\":\"1\"}"

/* The texts of broken rules, each checked for its place and type. */
static const char *
rules(const char *kind, const char *config)
{
	static const char	 place[] = "[\"body\",\"config\"] "
	    "value_error: ";
	const struct hosted_kind *k = hosted_kind(kind);
	const char		*body, *said, *p;
	struct buf		 b;

	body = arena_printf(arena, "{\"config\":%s}", config);
	hosted_rules(k, domain_json(body), &faults);
	said = domain_faults();
	buf_init(&b, arena);
	for (p = said; *p != '\0'; p += strcspn(p, "\n"),
	    p += *p == '\n') {
		assert_memory_equal(place, p, sizeof(place) - 1);
		p += sizeof(place) - 1;
		buf_printf(&b, "%s%.*s", b.len > 0 ? "\n" : "",
		    (int)strcspn(p, "\n"), p);
	}
	return b.data;
}

static void
sft_needs_something_to_learn_from(void **state)
{
	assert_string_equal(SFT_NEEDS, rules("tinker_sft", "{}"));
	assert_string_equal(SFT_NEEDS, rules("tinker_sft",
	    "{\"dataset_ref\":null,\"trajectory_dataset_refs\":[]}"));
	assert_string_equal(SFT_NEEDS, rules("tinker_sft",
	    "{\"eval_dataset_ref\":" REF "}"));
	assert_string_equal("", rules("tinker_sft",
	    "{\"dataset_ref\":" REF "}"));
	assert_string_equal("", rules("tinker_sft",
	    "{\"trajectory_dataset_refs\":[" REF "]}"));
	assert_string_equal("", rules("tinker_sft", "{\"dataset_ref\":" REF
	    ",\"trajectory_dataset_refs\":[" REF "]}"));
}

static void
rl_rules_one_by_one(void **state)
{
	static const struct {
		const char	*config, *says;
	} row[] = {
		{ "\"prompt_dataset_ref\":" REF, "" },
		{ "\"world_manifest_id\":\"w\"", "" },
		{ "\"trajectory_dataset_refs\":[" REF "]", "" },
		{ "\"trajectory_dataset_refs\":[]", RULE_3 },
		{ "\"task_ref\":\"t\"", RULE_3 },
		{ "\"prompt_dataset_ref\":" REF ",\"world_runtime_id\":\"r\"",
		    RULE_1 },
		{ "\"world_manifest_id\":\"w\",\"world_runtime_id\":\"r\"",
		    "" },
		{ "\"world_manifest_id\":\"w\",\"world_agent_name\":\"g\"",
		    RULE_2 },
		{ "\"world_manifest_id\":\"w\",\"world_runtime_id\":\"r\","
		    "\"world_agent_name\":\"g\"", "" },
		{ "\"prompt_dataset_ref\":" REF ",\"world_runtime_id\":\"r\","
		    "\"world_agent_name\":\"g\"", RULE_1 },
		{ "\"prompt_dataset_ref\":" REF ",\"execution_mode\":"
		    "\"fully_async\"", RULE_4 },
		{ "\"prompt_dataset_ref\":" REF ",\"execution_mode\":"
		    "\"one_step_off_async\"", RULE_4 },
		{ "\"prompt_dataset_ref\":" REF ",\"execution_mode\":"
		    "\"one_step_off_async\",\"max_steps_off_policy\":null",
		    RULE_4 },
		{ "\"prompt_dataset_ref\":" REF ",\"execution_mode\":"
		    "\"one_step_off_async\",\"max_steps_off_policy\":2",
		    RULE_5 },
		{ "\"prompt_dataset_ref\":" REF ",\"execution_mode\":"
		    "\"one_step_off_async\",\"max_steps_off_policy\":1", "" },
		{ "\"prompt_dataset_ref\":" REF ",\"execution_mode\":"
		    "\"one_step_off_async\",\"max_steps_off_policy\":1.0",
		    "" },
		{ "\"prompt_dataset_ref\":" REF ",\"execution_mode\":"
		    "\"fully_async\",\"max_steps_off_policy\":4", "" },
		{ "\"prompt_dataset_ref\":" REF ",\"execution_mode\":"
		    "\"sync\",\"max_steps_off_policy\":4", "" },
		{ "\"prompt_dataset_ref\":" REF ",\"max_steps_off_policy\":4",
		    "" },
		{ "\"prompt_dataset_ref\":" REF ",\"eval_interval\":1",
		    RULE_6 },
		{ "\"prompt_dataset_ref\":" REF ",\"eval_max_rollouts\":1",
		    RULE_6 },
		{ "\"prompt_dataset_ref\":" REF ",\"eval_interval\":1,"
		    "\"eval_max_rollouts\":1", RULE_6 },
		{ "\"prompt_dataset_ref\":" REF ",\"eval_interval\":1,"
		    "\"eval_dataset_ref\":" REF, "" },
		{ "\"prompt_dataset_ref\":" REF ",\"eval_dataset_ref\":" REF,
		    "" },
	};
	size_t	i;

	for (i = 0; i < UNIT_COUNT(row); i++)
		assert_string_equal(row[i].says, rules("tinker_rl",
		    arena_printf(arena, "{%s}", row[i].config)));
}

static void
broken_rules_are_all_listed_in_order(void **state)
{
	assert_string_equal(RULE_1 "\n" RULE_3 "\n" RULE_4 "\n" RULE_6,
	    rules("tinker_rl", "{\"eval_interval\":1,\"execution_mode\":"
	    "\"fully_async\",\"world_runtime_id\":\"r\"}"));
	assert_string_equal(RULE_2 "\n" RULE_3 "\n" RULE_5 "\n" RULE_6,
	    rules("tinker_rl", "{\"eval_max_rollouts\":1,"
	    "\"max_steps_off_policy\":3,\"execution_mode\":"
	    "\"one_step_off_async\",\"world_agent_name\":\"g\"}"));
}

static void
ray_has_no_rules(void **state)
{
	assert_string_equal("", rules("ray_grpo", "{}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, domain_setup, domain_teardown)
		T(variant_by_backend_trainer_and_algorithm),
		T(kinds_are_those_of_the_table),
		T(sft_needs_something_to_learn_from),
		T(rl_rules_one_by_one),
		T(broken_rules_are_all_listed_in_order),
		T(ray_has_no_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
