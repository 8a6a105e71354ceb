/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of reward recipes when a job is created. */
#include "config.h"

#include "domain.h"

#include "domain/recipe.h"

#define HASH64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Faults of {"name": ..., "params": ...} without the place's beginning. */
static const char *
check(const char *recipe, enum recipe_task state, const char *document)
{
	struct buf	 b;
	const char	*p;
	static const char at[] = "[\"body\",\"reward_recipe\"";

	recipe_check(&faults, domain_json(recipe),
	    LOC(&loc_body, "reward_recipe"), state,
	    document == NULL ? NULL : domain_json(document));
	buf_init(&b, arena);
	for (p = domain_faults(); *p != '\0'; p += strcspn(p, "\n"),
	    p += *p == '\n') {
		assert_memory_equal(at, p, sizeof(at) - 1);
		p += sizeof(at) - 1;
		buf_printf(&b, "%s%.*s", b.len > 0 ? "\n" : "",
		    (int)strcspn(p, "\n"), p);
	}
	return b.data;
}

static void
known_names_pass(void **state)
{
	static const char *const name[] = { "exact_match_v1",
	    "row_reward_v1", "trajectory_imitation_v1", "gsm8k_v1" };
	size_t	i;

	for (i = 0; i < UNIT_COUNT(name); i++) {
		assert_string_equal("", check(arena_printf(arena,
		    "{\"name\":\"%s\"}", name[i]), RECIPE_TASK_NONE, NULL));
		assert_string_equal("", check(arena_printf(arena,
		    "{\"name\":\"%s\",\"params\":{\"mine\":[1]}}", name[i]),
		    RECIPE_TASK_NONE, NULL));
	}
}

static void
an_unknown_name_is_named(void **state)
{
	assert_string_equal(",\"name\"] unknown_reward_recipe: Unknown reward "
	    "recipe: exact_match_v2", check("{\"name\":\"exact_match_v2\","
	    "\"params\":{\"needle\":1}}", RECIPE_TASK_NONE, NULL));
}

static void
contains_needs_a_needle(void **state)
{
	static const char	needs[] = ",\"params\"] value_error: "
	    "contains_v1 requires params.needle";

	assert_string_equal(needs, check("{\"name\":\"contains_v1\"}",
	    RECIPE_TASK_NONE, NULL));
	assert_string_equal(needs, check("{\"name\":\"contains_v1\","
	    "\"params\":{}}", RECIPE_TASK_NONE, NULL));
	assert_string_equal(needs, check("{\"name\":\"contains_v1\","
	    "\"params\":{\"needle\":null}}", RECIPE_TASK_NONE, NULL));
	assert_string_equal("", check("{\"name\":\"contains_v1\",\"params\":"
	    "{\"needle\":\"FLAG{\"}}", RECIPE_TASK_NONE, NULL));
}

static void
parameters_are_checked_by_type(void **state)
{
	static const struct {
		const char	*name, *params, *says;
	} row[] = {
		{ "exact_match_v1", "\"expected\":5",
		    "\"expected\"] string_type: must be a string" },
		{ "contains_v1", "\"needle\":\"x\",\"reward_if_true\":\"1\"",
		    "\"reward_if_true\"] float_type: must be a finite "
		    "number" },
		{ "contains_v1", "\"needle\":\"\"", "\"needle\"] "
		    "string_too_short: must have at least 1 character" },
		{ "row_reward_v1", "\"default\":true", "\"default\"] "
		    "float_type: must be a finite number" },
		{ "trajectory_imitation_v1", "\"reward_if_false\":[]",
		    "\"reward_if_false\"] float_type: must be a finite "
		    "number" },
		{ "gsm8k_v1", "\"expected\":{}", "\"expected\"] string_type: "
		    "must be a string" },
		{ "task_env_verifier_v1", "\"max_concurrent_rollouts\":0",
		    "\"max_concurrent_rollouts\"] greater_than_equal: must "
		    "be greater than or equal to 1" },
		{ "task_env_verifier_v1", "\"env_timeout_sec\":0",
		    "\"env_timeout_sec\"] greater_than: must be greater "
		    "than 0" },
		{ "task_env_agent_v1", "\"max_turns\":1.5", "\"max_turns\"] "
		    "int_type: must be an integer" },
	};
	const char	*recipe;
	size_t		 i;

	for (i = 0; i < UNIT_COUNT(row); i++) {
		recipe = arena_printf(arena,
		    "{\"name\":\"%s\",\"params\":{%s}}", row[i].name,
		    row[i].params);
		assert_string_equal(arena_printf(arena, ",\"params\",%s",
		    row[i].says), check(recipe, RECIPE_TASK_FOUND, NULL));
	}
	/* rewards may be negative */
	assert_string_equal("", check("{\"name\":\"gsm8k_v1\",\"params\":"
	    "{\"reward_if_false\":-1e9,\"reward_if_true\":2}}",
	    RECIPE_TASK_NONE, NULL));
}

static void
environments_need_a_task(void **state)
{
	static const char *const name[] = { "task_env_verifier_v1",
	    "task_env_agent_v1" };
	const char	*recipe;
	size_t		 i;

	for (i = 0; i < UNIT_COUNT(name); i++) {
		recipe = arena_printf(arena, "{\"name\":\"%s\"}", name[i]);
		assert_string_equal(arena_printf(arena, "] value_error: %s "
		    "requires a task_ref on the RL job", name[i]),
		    check(recipe, RECIPE_TASK_NONE, NULL));
		assert_string_equal("",
		    check(recipe, RECIPE_TASK_FOUND, NULL));
		/* that it does not exist has been said */
		assert_string_equal("",
		    check(recipe, RECIPE_TASK_MISSING, NULL));
	}
}

static void
the_verifier_needs_a_flag(void **state)
{
	static const char	recipe[] = "{\"name\":\"task_verifier_v1\"}";
	static const char	config[] = "] value_error: task_verifier_v1 "
	    "requires a task with verification config";
	static const char	method[] = "] value_error: task_verifier_v1 "
	    "currently supports only flag-based task verification";
	static const char	hash[] = "] value_error: task_verifier_v1 "
	    "requires verification.hash";
	static const struct {
		const char	*document, *says;
	} row[] = {
		{ NULL, config },
		{ "{}", config },
		{ "{\"verification\":null}", config },
		{ "{\"verification\":\"flag\"}", config },
		{ "{\"verification\":{}}", method },
		{ "{\"verification\":{\"method\":\"script\"}}", method },
		{ "{\"verification\":{\"method\":1}}", method },
		{ "{\"verification\":{\"method\":\"flag\"}}", hash },
		{ "{\"verification\":{\"method\":\"flag\",\"hash\":\"x\"}}",
		    hash },
		{ "{\"verification\":{\"method\":\"flag\",\"hash\":"
		    "\"sha256:12\"}}", hash },
		{ "{\"verification\":{\"method\":\"flag\",\"hash\":\"md5:"
		    HASH64 "\"}}", hash },
		{ "{\"verification\":{\"method\":\"flag\",\"hash\":\"sha256:"
		    HASH64 "0\"}}", hash },
		{ "{\"verification\":{\"method\":\"flag\",\"hash\":\"sha256:"
		    HASH64 "\"}}", "" },
		{ "{\"verification\":{\"method\":\"flag\",\"flag_hash\":"
		    "\"sha256:" HASH64 "\"}}", "" },
	};
	size_t	i;

	assert_string_equal(config, check(recipe, RECIPE_TASK_NONE, NULL));
	assert_string_equal("", check(recipe, RECIPE_TASK_MISSING, NULL));
	for (i = 0; i < UNIT_COUNT(row); i++)
		assert_string_equal(row[i].says,
		    check(recipe, RECIPE_TASK_FOUND, row[i].document));
}

static void
presets_of_worlds(void **state)
{
	assert_true(world_preset_known("heuristic_v1"));
	assert_true(world_preset_known("goal_only_v1"));
	assert_true(world_preset_known("discovery_v1"));
	assert_false(world_preset_known("heuristic_v2"));
	assert_false(world_preset_known(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, domain_setup, domain_teardown)
		T(known_names_pass),
		T(an_unknown_name_is_named),
		T(contains_needs_a_needle),
		T(parameters_are_checked_by_type),
		T(environments_need_a_task),
		T(the_verifier_needs_a_flag),
		T(presets_of_worlds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
