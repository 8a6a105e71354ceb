/* SPDX-License-Identifier: BSD-2-Clause */
/* Bodies of hosted jobs: every field's bounds, hints, order. */
#include "config.h"

#include "domain.h"

#define REF	"{\"name\":\"n\",\"version\":\"1\"}"
#define INT_MOST	"2147483647"

/* A body of each variant with a place for one more member of config. */
struct variant {
	const struct schema	*schema;
	const char		*begin, *end;
	const char		*loc;
};

static const struct variant config_sft = { &schema_create_tinker_sft,
    "{\"model\":\"m\",\"capability_ref\":" REF ",\"config\":{", "}}",
    "\"body\",\"config\"," };
static const struct variant config_rl = { &schema_create_tinker_rl,
    "{\"model\":\"m\",\"capability_ref\":" REF
    ",\"config\":{\"algorithm\":\"ppo\",", "}}", "\"body\",\"config\"," };
static const struct variant config_ray = { &schema_create_ray_grpo,
    "{\"model\":\"m\",\"capability_ref\":" REF ",\"config\":{\"task_ref\":"
    "\"t\",\"prompt_dataset_ref\":" REF ",", "}}", "\"body\",\"config\"," };
static const struct variant wrapper = { &schema_create_tinker_sft,
    "{\"model\":\"m\",\"capability_ref\":" REF ",\"config\":{},", "}",
    "\"body\"," };

/* A member's faults without the beginning of their place. */
static const char *
member(const struct variant *v, const char *name, const char *value)
{
	const char	*said, *text;
	size_t		 n = strlen(v->loc);

	text = arena_printf(arena, "%s\"%s\":%s%s", v->begin, name, value,
	    v->end);
	said = domain_check(v->schema, text);
	if (said[0] == '\0')
		return said;
	if (strncmp(said + 1, v->loc, n) != 0)
		fail_msg("%s: %s", text, said);
	return said + 1 + n;
}

static const char *
fault_of(const char *name, const char *type, const char *msg)
{
	return arena_printf(arena, "\"%s\"] %s: %s", name, type, msg);
}

#define SAYS(v, name, value, type, msg) \
	assert_string_equal(fault_of(name, type, msg), member(v, name, value))
#define TAKES(v, name, value) \
	assert_string_equal("", member(v, name, value))

static char *
quoted(size_t n, const char *c)
{
	size_t	 w = strlen(c), i;
	char	*s = arena_alloc(arena, n * w + 3);

	s[0] = '"';
	for (i = 0; i < n; i++)
		memcpy(s + 1 + i * w, c, w);
	memcpy(s + 1 + n * w, "\"", 2);
	return s;
}

static char *
list_of(size_t n, const char *item)
{
	struct buf	b;
	size_t		i;

	buf_init(&b, arena);
	for (i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i == 0 ? "[" : ",", item);
	buf_adds(&b, "]");
	return n == 0 ? arena_strdup(arena, "[]") : b.data;
}

static void
integers_have_their_bounds(void **state)
{
	static const struct {
		const struct variant	*v;
		const char		*name;
	} field[] = {
		{ &config_sft, "max_sequence_length" },
		{ &config_sft, "batch_size" },
		{ &config_sft, "gradient_accumulation_steps" },
		{ &config_sft, "steps" }, { &config_sft, "epochs" },
		{ &config_sft, "lora_rank" }, { &config_sft, "lora_alpha" },
		{ &config_sft, "checkpoint_interval" },
		{ &config_rl, "steps" }, { &config_rl, "lora_rank" },
		{ &config_rl, "num_rollouts" }, { &config_rl, "batch_size" },
		{ &config_rl, "max_turns" },
		{ &config_rl, "max_episode_steps" },
		{ &config_rl, "weight_sync_interval" },
		{ &config_rl, "max_steps_off_policy" },
		{ &config_rl, "max_new_tokens" },
		{ &config_rl, "checkpoint_interval" },
		{ &config_rl, "eval_interval" },
		{ &config_rl, "eval_max_rollouts" },
		{ &config_ray, "max_turns" },
		{ &config_ray, "max_episode_steps" },
		{ &config_ray, "num_rollouts" },
		{ &config_ray, "batch_size" },
		{ &config_ray, "num_rollout_workers" },
		{ &config_ray, "buffer_size" },
		{ &config_ray, "checkpoint_interval" },
	};
	static const char *const fine[] = { "1", "16", "16.0", "1e3",
	    "160e-1", INT_MOST, "null" };
	static const char *const small[] = { "0", "-1", "-0", "0.0", "-1e18",
	    "-99999999999999999999999" };
	static const char *const large[] = { "2147483648", "1e10",
	    "9223372036854775807", "9223372036854775808",
	    "18446744073709551616", "1e300" };
	static const char *const not_one[] = { "1.5", "\"16\"", "true", "[1]",
	    "{}", "\"\"", "1.00000000000000000001", "1e-5" };
	size_t	i, k;

	for (i = 0; i < UNIT_COUNT(field); i++) {
		for (k = 0; k < UNIT_COUNT(fine); k++)
			TAKES(field[i].v, field[i].name, fine[k]);
		for (k = 0; k < UNIT_COUNT(small); k++)
			SAYS(field[i].v, field[i].name, small[k],
			    "greater_than_equal",
			    "must be greater than or equal to 1");
		for (k = 0; k < UNIT_COUNT(large); k++)
			SAYS(field[i].v, field[i].name, large[k],
			    "less_than_equal",
			    "must be less than or equal to " INT_MOST);
		for (k = 0; k < UNIT_COUNT(not_one); k++)
			SAYS(field[i].v, field[i].name, not_one[k],
			    "int_type", "must be an integer");
	}
}

static void
numbers_have_their_bounds(void **state)
{
	static const struct variant *const all[] = { &config_sft, &config_rl,
	    &config_ray };
	size_t	i;

	for (i = 0; i < UNIT_COUNT(all); i++) {
		TAKES(all[i], "learning_rate", "1e-300");
		TAKES(all[i], "learning_rate", "1");
		TAKES(all[i], "learning_rate", "1e300");
		TAKES(all[i], "learning_rate", "null");
		SAYS(all[i], "learning_rate", "0", "greater_than",
		    "must be greater than 0");
		SAYS(all[i], "learning_rate", "-0.1", "greater_than",
		    "must be greater than 0");
		SAYS(all[i], "learning_rate", "\"0.1\"", "float_type",
		    "must be a finite number");
		SAYS(all[i], "learning_rate", "false", "float_type",
		    "must be a finite number");
	}
	TAKES(&config_rl, "temperature", "0");
	TAKES(&config_rl, "temperature", "0.8");
	TAKES(&config_rl, "temperature", "12");
	SAYS(&config_rl, "temperature", "-0.001", "greater_than_equal",
	    "must be greater than or equal to 0");
	SAYS(&config_rl, "temperature", "\"hot\"", "float_type",
	    "must be a finite number");
}

/* Characters are counted, not bytes. */
static void
string_bounds(const struct variant *v, const char *name, size_t most)
{
	const char	*c = "\xc3\xa9";

	TAKES(v, name, quoted(1, c));
	TAKES(v, name, quoted(most, c));
	TAKES(v, name, "null");
	SAYS(v, name, "\"\"", "string_too_short",
	    "must have at least 1 character");
	SAYS(v, name, quoted(most + 1, c), "string_too_long",
	    arena_printf(arena, "must have at most %zu characters", most));
	SAYS(v, name, "5", "string_type", "must be a string");
	SAYS(v, name, "[\"a\"]", "string_type", "must be a string");
	SAYS(v, name, "true", "string_type", "must be a string");
	SAYS(v, name, "\"a\\u0000b\"", "value_error", "must not contain NUL");
}

static void
strings_have_their_bounds(void **state)
{
	string_bounds(&wrapper, "name", 200);
	string_bounds(&wrapper, "run_ref", 200);
	string_bounds(&config_rl, "world_manifest_id", 200);
	string_bounds(&config_rl, "world_runtime_id", 200);
	string_bounds(&config_rl, "world_agent_name", 200);
	string_bounds(&config_rl, "world_goal", 4000);
	string_bounds(&config_rl, "prompt_split", 100);
	string_bounds(&config_rl, "eval_split", 100);
}

static void
a_model_and_a_capability_are_needed(void **state)
{
	assert_string_equal("[\"body\",\"model\"] missing: field required\n"
	    "[\"body\",\"capability_ref\"] missing: field required\n"
	    "[\"body\",\"config\"] missing: field required",
	    domain_check(&schema_create_tinker_sft, "{}"));
	/* null is no value */
	assert_string_equal("[\"body\",\"model\"] missing: field required",
	    domain_check(&schema_create_tinker_sft, "{\"model\":null,"
	    "\"capability_ref\":" REF ",\"config\":{}}"));
	assert_string_equal("[\"body\",\"model\"] string_too_long: "
	    "must have at most 200 characters",
	    domain_check(&schema_create_tinker_sft, arena_printf(arena,
	    "{\"model\":%s,\"capability_ref\":" REF ",\"config\":{}}",
	    quoted(201, "x"))));
}

static void
what_a_variant_needs_is_asked_for(void **state)
{
	const char	*head = "{\"model\":\"m\",\"capability_ref\":" REF ","
			    "\"config\":{}}";

	assert_string_equal("",
	    domain_check(&schema_create_tinker_sft, head));
	assert_string_equal("[\"body\",\"config\",\"algorithm\"] missing: "
	    "field required", domain_check(&schema_create_tinker_rl, head));
	assert_string_equal("[\"body\",\"config\",\"task_ref\"] missing: "
	    "field required\n[\"body\",\"config\",\"prompt_dataset_ref\"] "
	    "missing: field required",
	    domain_check(&schema_create_ray_grpo, head));
}

static void
references_have_two_parts(void **state)
{
	static const struct {
		const char	*value, *says;
	} row[] = {
		{ "{\"name\":\"a\",\"version\":\"1\"}", "" },
		{ "{\"name\":\"acme/a.b_c-9\",\"version\":\"2026.03+x_y-z\"}",
		    "" },
		{ "{}", "name\"] missing: field required\n"
		    "[\"body\",\"config\",\"dataset_ref\",\"version\"] "
		    "missing: field required" },
		{ "{\"name\":\"a\"}", "version\"] missing: field required" },
		{ "{\"name\":\"\",\"version\":\"1\"}", "name\"] "
		    "string_too_short: must have at least 1 character" },
		{ "{\"name\":\"a\",\"version\":\"\"}", "version\"] "
		    "string_too_short: must have at least 1 character" },
		{ "{\"name\":\"a\",\"version\":\"latest\"}", "version\"] "
		    "value_error: must be an exact version, not latest" },
		{ "{\"name\":\"a\",\"version\":\"a b\"}", "version\"] "
		    "value_error: must be a version: letters, digits and "
		    ". + _ -" },
		{ "{\"name\":\"A\",\"version\":\"1\"}", "name\"] "
		    "value_error: must be name or organization/name, "
		    "lower-case letters, digits and . _ -" },
		{ "{\"name\":\"a/b/c\",\"version\":\"1\"}", "name\"] "
		    "value_error: must be name or organization/name, "
		    "lower-case letters, digits and . _ -" },
		{ "{\"name\":\"/a\",\"version\":\"1\"}", "name\"] "
		    "value_error: must be name or organization/name" },
		{ "{\"name\":\"Org/a\",\"version\":\"1\"}", "name\"] "
		    "value_error: must be name or organization/name" },
		{ "{\"name\":\"acme/\",\"version\":\"1\"}", "name\"] "
		    "value_error: must be name or organization/name, "
		    "lower-case letters, digits and . _ -" },
		{ "{\"name\":1,\"version\":2}", "name\"] string_type: "
		    "must be a string\n[\"body\",\"config\",\"dataset_ref\","
		    "\"version\"] string_type: must be a string" },
		{ "{\"name\":\"a\",\"version\":\"1\",\"nane\":2}", "nane\"] "
		    "extra_forbidden: unknown field; did you mean "
		    "\"name\"?" },
	};
	const char	*said;
	size_t		 i;

	for (i = 0; i < UNIT_COUNT(row); i++) {
		said = member(&config_sft, "dataset_ref", row[i].value);
		assert_string_equal(row[i].says[0] == '\0' ? "" :
		    arena_printf(arena, "\"dataset_ref\",\"%s", row[i].says),
		    said);
	}
	SAYS(&config_sft, "dataset_ref", "\"a@1\"", "dict_type",
	    "must be an object");
	SAYS(&config_sft, "dataset_ref", "[]", "dict_type",
	    "must be an object");
	TAKES(&config_sft, "dataset_ref", "null");
}

static void
reference_parts_have_their_lengths(void **state)
{
	assert_string_equal("", member(&config_sft, "dataset_ref",
	    arena_printf(arena, "{\"name\":%s,\"version\":%s}",
	    quoted(128, "n"), quoted(64, "v"))));
	assert_string_equal("\"dataset_ref\",\"name\"] string_too_long: must "
	    "have at most 200 characters\n[\"body\",\"config\","
	    "\"dataset_ref\",\"version\"] string_too_long: must have at most "
	    "64 characters", member(&config_sft, "dataset_ref",
	    arena_printf(arena, "{\"name\":%s,\"version\":%s}",
	    quoted(201, "n"), quoted(65, "v"))));
}

static void
a_task_may_carry_its_version(void **state)
{
	static const char *const fine[] = { "\"find-flag\"",
	    "\"find-flag@3\"", "\"acme/find-flag@3\"", "null" };
	static const char *const bad[] = { "\"Find\"", "\"a@\"", "\"@1\"",
	    "\"a@latest\"", "\"a@1@2\"", "\"a b\"", "\"x/y/z\"" };
	size_t	i;

	for (i = 0; i < UNIT_COUNT(fine); i++)
		TAKES(&config_rl, "task_ref", fine[i]);
	for (i = 0; i < UNIT_COUNT(bad); i++)
		SAYS(&config_rl, "task_ref", bad[i], "value_error",
		    "must be name or name@version");
	SAYS(&config_rl, "task_ref", quoted(201, "t"), "string_too_long",
	    "must have at most 200 characters");
	SAYS(&config_rl, "task_ref", quoted(200, "t"), "value_error",
	    "must be name or name@version");
}

static void
words_are_listed(void **state)
{
	TAKES(&config_rl, "execution_mode", "\"sync\"");
	TAKES(&config_rl, "execution_mode", "\"one_step_off_async\"");
	TAKES(&config_rl, "execution_mode", "\"fully_async\"");
	TAKES(&config_rl, "execution_mode", "null");
	SAYS(&config_rl, "execution_mode", "\"async\"", "literal_error",
	    "must be one of \"sync\", \"one_step_off_async\", "
	    "\"fully_async\"");
	SAYS(&config_rl, "execution_mode", "\"\"", "literal_error",
	    "must be one of \"sync\", \"one_step_off_async\", "
	    "\"fully_async\"");
	SAYS(&config_rl, "execution_mode", "\"sync\\u0000\"",
	    "literal_error", "must be one of \"sync\", "
	    "\"one_step_off_async\", \"fully_async\"");
	SAYS(&config_rl, "execution_mode", "1", "string_type",
	    "must be a string");
	SAYS(&config_ray, "execution_mode", "\"sync\"", "literal_error",
	    "must be one of \"async\", \"colocated\", \"distributed\"");
	TAKES(&config_ray, "algorithm", "\"grpo\"");
	SAYS(&config_ray, "algorithm", "\"ppo\"", "literal_error",
	    "must be \"grpo\"");
	SAYS(&config_rl, "algorithm", "\"grpo\"", "literal_error",
	    "must be one of \"importance_sampling\", \"ppo\"");
}

static void
lists_have_their_bounds(void **state)
{
	const char	*tag64 = quoted(64, "t");

	TAKES(&wrapper, "tags", "[]");
	TAKES(&wrapper, "tags", "null");
	TAKES(&wrapper, "tags", list_of(32, tag64));
	SAYS(&wrapper, "tags", list_of(33, "\"t\""), "too_long",
	    "must have at most 32 items");
	SAYS(&wrapper, "tags", "\"t\"", "list_type", "must be an array");
	SAYS(&wrapper, "tags", "{}", "list_type", "must be an array");
	assert_string_equal("\"tags\",0] string_too_short: must have at least "
	    "1 character\n[\"body\",\"tags\",2] string_type: must be a string"
	    "\n[\"body\",\"tags\",3] string_type: must be a string\n"
	    "[\"body\",\"tags\",4] string_too_long: must have at most 64 "
	    "characters", member(&wrapper, "tags", arena_printf(arena,
	    "[\"\",\"a\",7,null,%s]", quoted(65, "t"))));
	TAKES(&config_rl, "stop", list_of(16, tag64));
	TAKES(&config_rl, "stop", "[]");
	SAYS(&config_rl, "stop", list_of(17, "\"s\""), "too_long",
	    "must have at most 16 items");
	assert_string_equal("\"stop\",0] string_too_short: must have at least "
	    "1 character", member(&config_rl, "stop", "[\"\"]"));
	TAKES(&config_sft, "trajectory_dataset_refs", list_of(32, REF));
	SAYS(&config_sft, "trajectory_dataset_refs", list_of(33, REF),
	    "too_long", "must have at most 32 items");
	assert_string_equal("\"trajectory_dataset_refs\",1,\"version\"] "
	    "missing: field required\n[\"body\",\"config\","
	    "\"trajectory_dataset_refs\",2] dict_type: must be an object",
	    member(&config_rl, "trajectory_dataset_refs",
	    "[" REF ",{\"name\":\"a\"},null]"));
}

static void
items_beyond_the_bound_are_not_worth_a_fault_each(void **state)
{
	const char	*full = list_of(32, REF);

	SAYS(&config_sft, "trajectory_dataset_refs", arena_printf(arena,
	    "%.*s,1,2,3]", (int)strlen(full) - 1, full), "too_long",
	    "must have at most 32 items");
}

static void
recipes_take_any_parameters(void **state)
{
	TAKES(&config_rl, "reward_recipe", "{\"name\":\"x\"}");
	TAKES(&config_rl, "reward_recipe", "{\"name\":\"x\",\"params\":null}");
	TAKES(&config_rl, "reward_recipe",
	    "{\"name\":\"x\",\"params\":{\"any\":[1,{\"b\":null}]}}");
	assert_string_equal("\"reward_recipe\",\"params\"] dict_type: must be "
	    "an object", member(&config_rl, "reward_recipe",
	    "{\"name\":\"x\",\"params\":[]}"));
	assert_string_equal("\"world_reward\",\"name\"] string_too_long: must "
	    "have at most 100 characters\n[\"body\",\"config\","
	    "\"world_reward\",\"parms\"] extra_forbidden: unknown field; did "
	    "you mean \"params\"?", member(&config_rl, "world_reward",
	    arena_printf(arena, "{\"name\":%s,\"parms\":{}}",
	    quoted(101, "x"))));
	assert_string_equal("\"reward_recipe\",\"name\"] missing: field "
	    "required", member(&config_rl, "reward_recipe", "{}"));
}

static void
unknown_keys_come_last_with_a_hint(void **state)
{
	assert_string_equal(
	    "[\"body\",\"model\"] string_type: must be a string\n"
	    "[\"body\",\"config\",\"learning_rate\"] greater_than: must be "
	    "greater than 0\n"
	    "[\"body\",\"config\",\"num_rollout\"] extra_forbidden: unknown "
	    "field; did you mean \"num_rollouts\"?\n"
	    "[\"body\",\"zzzzzz\"] extra_forbidden: unknown field\n"
	    "[\"body\",\"tag\"] extra_forbidden: unknown field; did you mean "
	    "\"tags\"?",
	    domain_check(&schema_create_tinker_rl, "{\"zzzzzz\":1,"
	    "\"config\":{\"num_rollout\":8,\"learning_rate\":0,"
	    "\"algorithm\":\"ppo\"},\"tag\":[],\"model\":5,"
	    "\"capability_ref\":" REF "}"));
}

static void
hints_reach_two_edits_far(void **state)
{
	static const struct {
		const char	*given, *hint;
	} row[] = {
		{ "steps_", "; did you mean \"steps\"?" },
		{ "step", "; did you mean \"steps\"?" },
		{ "spets", "; did you mean \"steps\"?" },
		{ "st", "" },
		{ "epcohs", "; did you mean \"epochs\"?" },
		{ "lora_ranks", "; did you mean \"lora_rank\"?" },
		{ "learning_rat", "; did you mean \"learning_rate\"?" },
		{ "learningrate", "; did you mean \"learning_rate\"?" },
		{ "learning", "" },
		{ "Steps", "; did you mean \"steps\"?" },
		{ "", "" },
		{ "algorithm", "" },
	};
	size_t	i;

	for (i = 0; i < UNIT_COUNT(row); i++)
		assert_string_equal(row[i].hint,
		    schema_hint(arena, &schema_tinker_sft, row[i].given));
}

static void
what_is_no_object_is_said_once(void **state)
{
	assert_string_equal("[\"body\",\"config\"] dict_type: must be an "
	    "object", domain_check(&schema_create_tinker_sft,
	    "{\"model\":\"m\",\"capability_ref\":" REF ",\"config\":[]}"));
	assert_string_equal("[\"body\"] dict_type: must be an object",
	    domain_check(&schema_create_tinker_sft, "null"));
}

static void
unknown_keys_may_be_set_aside(void **state)
{
	struct schema_check	c = { .faults = &faults };
	struct buf		names;

	buf_init(&names, arena);
	c.ignored = &names;
	schema_check(&c, &schema_create_tinker_sft, domain_json(
	    "{\"a\":1,\"model\":\"m\",\"capability_ref\":" REF
	    ",\"config\":{\"bb\":2,\"steps\":0},\"c\":3}"), &loc_body);
	assert_string_equal("bb, a, c", names.data);
	assert_string_equal("[\"body\",\"config\",\"steps\"] "
	    "greater_than_equal: must be greater than or equal to 1",
	    domain_faults());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, domain_setup, domain_teardown)
		T(integers_have_their_bounds),
		T(numbers_have_their_bounds),
		T(strings_have_their_bounds),
		T(a_model_and_a_capability_are_needed),
		T(what_a_variant_needs_is_asked_for),
		T(references_have_two_parts),
		T(reference_parts_have_their_lengths),
		T(a_task_may_carry_its_version),
		T(words_are_listed),
		T(lists_have_their_bounds),
		T(items_beyond_the_bound_are_not_worth_a_fault_each),
		T(recipes_take_any_parameters),
		T(unknown_keys_come_last_with_a_hint),
		T(hints_reach_two_edits_far),
		T(what_is_no_object_is_said_once),
		T(unknown_keys_may_be_set_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
