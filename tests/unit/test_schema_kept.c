/* SPDX-License-Identifier: BSD-2-Clause */
/* What is kept of a body that passed, and the kinds of fields. */
#include "config.h"

#include "domain.h"

static const char *
kept(const struct schema *s, const char *text)
{
	struct jw	w;

	jw_init(&w, arena);
	schema_write(s, domain_json(text), &w);
	return jw_text(&w, NULL);
}

static void
defaults_are_filled_in_and_nulls_dropped(void **state)
{
	assert_string_equal("{\"trajectory_dataset_refs\":[]}",
	    kept(&schema_tinker_sft, "{}"));
	assert_string_equal("{\"dataset_ref\":{\"name\":\"a\",\"version\":"
	    "\"1\"},\"trajectory_dataset_refs\":[],\"steps\":3}",
	    kept(&schema_tinker_sft, "{\"steps\":3,\"epochs\":null,"
	    "\"trajectory_dataset_refs\":null,\"dataset_ref\":"
	    "{\"version\":\"1\",\"name\":\"a\"},\"eval_dataset_ref\":null}"));
	assert_string_equal("{\"algorithm\":\"ppo\","
	    "\"trajectory_dataset_refs\":[],\"reward_recipe\":{\"name\":\"r\","
	    "\"params\":{}},\"execution_mode\":\"sync\"}",
	    kept(&schema_tinker_rl, "{\"algorithm\":\"ppo\","
	    "\"reward_recipe\":{\"name\":\"r\"}}"));
	assert_string_equal("{\"algorithm\":\"grpo\",\"task_ref\":\"t\","
	    "\"prompt_dataset_ref\":{\"name\":\"p\",\"version\":\"1\"},"
	    "\"execution_mode\":\"async\"}",
	    kept(&schema_ray_grpo, "{\"task_ref\":\"t\","
	    "\"prompt_dataset_ref\":{\"name\":\"p\",\"version\":\"1\"}}"));
}

static void
integers_are_kept_as_integers(void **state)
{
	assert_string_equal("{\"trajectory_dataset_refs\":[],"
	    "\"batch_size\":16,\"learning_rate\":0.0001,\"steps\":1000,"
	    "\"lora_rank\":8}",
	    kept(&schema_tinker_sft, "{\"steps\":1e3,\"batch_size\":16.0,"
	    "\"lora_rank\":80e-1,\"learning_rate\":0.0001}"));
}

static void
texts_and_maps_are_kept_as_they_came(void **state)
{
	assert_string_equal("{\"algorithm\":\"ppo\",\"world_goal\":"
	    "\"a/b\\n\xc3\xa9\",\"trajectory_dataset_refs\":[],"
	    "\"world_reward\":{\"name\":\"w\",\"params\":{\"x\":null,\"y\":"
	    "[1.50,{\"z\":{}}]}},\"execution_mode\":\"sync\",\"stop\":"
	    "[\"</s>\"]}",
	    kept(&schema_tinker_rl, "{\"stop\":[\"<\\/s>\"],\"algorithm\":"
	    "\"ppo\",\"world_goal\":\"a\\/b\\n\\u00e9\",\"world_reward\":"
	    "{\"name\":\"w\",\"params\":{\"x\":null,\"y\":[1.50,{\"z\":{}}]}}"
	    "}"));
}

/* Kinds of fields that hosted bodies do not have. */

static const struct field	 number = { .type = F_NUM, .min = 0,
    .max = 1 };
static const struct field	 word = { .type = F_STR, .min = 1,
    .max = 4 };
static const struct field	 others[] = {
	{ .name = "when", .type = F_TIME },
	{ .name = "flag", .type = F_BOOL },
	{ .name = "set", .type = F_LIST, .flags = F_UNIQUE, .min = 1,
	    .max = 3, .item = &word },
	{ .name = "tags", .type = F_STRMAP, .max = 2 },
	{ .name = "scores", .type = F_SCORES, .min = 1, .max = 2 },
	{ .name = "shares", .type = F_MAP, .item = &number },
	{ .name = "apart", .type = F_INT, .max = 9, .applies = 0x2,
	    .needed = 0x2 },
};
static const struct schema	 other_schema = { "Others", others,
    UNIT_COUNT(others), "" };

static void
other_kinds_of_fields(void **state)
{
	static const struct {
		const char	*text, *says;
	} row[] = {
		{ "{\"when\":\"2026-03-18T09:15:02Z\",\"flag\":false}", "" },
		{ "{\"when\":\"2026-03-18T09:15:02\"}", "[\"body\",\"when\"] "
		    "datetime_parsing: must be an RFC 3339 date-time" },
		{ "{\"when\":20260318}", "[\"body\",\"when\"] string_type: "
		    "must be a string" },
		{ "{\"flag\":\"true\"}", "[\"body\",\"flag\"] bool_type: must "
		    "be true or false" },
		{ "{\"flag\":1}", "[\"body\",\"flag\"] bool_type: must be "
		    "true or false" },
		{ "{\"set\":[]}", "[\"body\",\"set\"] too_short: must have at "
		    "least 1 item" },
		{ "{\"set\":[\"a\",\"b\",\"a\"]}", "[\"body\",\"set\",2] "
		    "value_error: appears twice" },
		{ "{\"tags\":{\"k\":\"v\",\"l\":\"\"}}", "" },
		{ "{\"tags\":{\"k\":1,\"\":\"v\"}}", "[\"body\",\"tags\","
		    "\"k\"] string_type: must be a string\n[\"body\",\"tags\""
		    ",\"\"] string_too_short: key must have at least 1 "
		    "character" },
		{ "{\"tags\":{\"a\":\"\",\"b\":\"\",\"c\":\"\"}}",
		    "[\"body\",\"tags\"] too_long: must have at most 2 "
		    "items" },
		{ "{\"scores\":{\"c\":0,\"d\":100}}", "" },
		{ "{\"scores\":{}}", "[\"body\",\"scores\"] too_short: must "
		    "have at least 1 item" },
		{ "{\"scores\":{\"c\":100.5,\"d\":-1}}", "[\"body\",\"scores\""
		    ",\"c\"] less_than_equal: must be less than or equal to "
		    "100\n[\"body\",\"scores\",\"d\"] greater_than_equal: "
		    "must be greater than or equal to 0" },
		{ "{\"shares\":{\"x\":0.5,\"y\":2}}", "[\"body\",\"shares\","
		    "\"y\"] less_than_equal: must be less than or equal to "
		    "1" },
		{ "{\"shares\":[]}", "[\"body\",\"shares\"] dict_type: must "
		    "be an object" },
	};
	size_t	i;

	for (i = 0; i < UNIT_COUNT(row); i++)
		assert_string_equal(row[i].says,
		    domain_check(&other_schema, row[i].text));
}

static const char *
check_variant(unsigned int bit, const char *text)
{
	struct schema_check	c = { .faults = &faults, .variant = bit,
	    .variant_text = "type \"x\"" };

	schema_check(&c, &other_schema, domain_json(text), &loc_body);
	return domain_faults();
}

static void
fields_apply_to_their_variants(void **state)
{
	assert_string_equal("", check_variant(0x1, "{}"));
	assert_string_equal("[\"body\",\"apart\"] missing: field required",
	    check_variant(0x2, "{}"));
	assert_string_equal("", check_variant(0x2, "{\"apart\":1}"));
	assert_string_equal("[\"body\",\"apart\"] not_applicable: does not "
	    "apply to type \"x\"", check_variant(0x1, "{\"apart\":1}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, domain_setup, domain_teardown)
		T(defaults_are_filled_in_and_nulls_dropped),
		T(integers_are_kept_as_integers),
		T(texts_and_maps_are_kept_as_they_came),
		T(other_kinds_of_fields),
		T(fields_apply_to_their_variants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
