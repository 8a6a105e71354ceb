/* SPDX-License-Identifier: BSD-2-Clause */
/* Members as pieces of their object's text. */
#include "config.h"

#include "unit.h"

#include "util/jpick.h"

/* The value of one member: a copy of its piece, NULL for none. */
static const char *
value(const char *object, const char *name)
{
	static char copy[64];
	struct jpick p = { .name = name };

	jpick(object, &p, 1);
	if (p.text == NULL)
		return NULL;
	assert_true(p.len < sizeof(copy));
	memcpy(copy, p.text, p.len);
	copy[p.len] = '\0';
	return copy;
}

static void
values_of_each_kind_are_whole(void **state)
{
	const char *o = "{\"a\":1,\"b\":\"x\",\"c\":null,\"d\":[1,{\"e\":2}],"
	    "\"f\":{\"g\":[]},\"h\":true}";

	assert_string_equal("1", value(o, "a"));
	assert_string_equal("\"x\"", value(o, "b"));
	assert_string_equal("null", value(o, "c"));
	assert_string_equal("[1,{\"e\":2}]", value(o, "d"));
	assert_string_equal("{\"g\":[]}", value(o, "f"));
	assert_string_equal("true", value(o, "h"));
}

static void
only_members_of_the_object_itself_count(void **state)
{
	const char *o = "{\"a\":{\"b\":1},\"c\":[{\"d\":2}],\"e\":\"f\"}";

	assert_null(value(o, "b"));
	assert_null(value(o, "d"));
	assert_null(value(o, "f"));
	assert_null(value("{}", "a"));
	assert_null(value(" { } ", "a"));
}

static void
names_are_whole_words(void **state)
{
	const char *o = "{\"task\":1,\"task_ref\":2,\"\":3}";

	assert_string_equal("1", value(o, "task"));
	assert_string_equal("2", value(o, "task_ref"));
	assert_string_equal("3", value(o, ""));
	assert_null(value(o, "task_r"));
}

static void
white_space_is_not_part_of_a_value(void **state)
{
	const char *o = " {\t\"a\" :\r\n 1 ,\n \"b\" : [ 2 ] \n} ";

	assert_string_equal("1", value(o, "a"));
	assert_string_equal("[ 2 ]", value(o, "b"));
}

static void
what_strings_hold_is_no_structure(void **state)
{
	const char *o = "{\"a\":\"},\\\"b\\\":1\\\\\",\"x\\\"y\":5,\"b\":2}";

	assert_string_equal("\"},\\\"b\\\":1\\\\\"", value(o, "a"));
	assert_string_equal("2", value(o, "b"));
}

static void
several_are_found_in_any_order(void **state)
{
	struct jpick p[] = { { .name = "z" }, { .name = "no" },
	    { .name = "a" } };

	jpick("{\"a\":10,\"m\":0,\"z\":300}", p, 3);
	assert_int_equal(3, p[0].len);
	assert_memory_equal("300", p[0].text, 3);
	assert_null(p[1].text);
	assert_int_equal(2, p[2].len);
	assert_memory_equal("10", p[2].text, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_each_kind_are_whole),
		cmocka_unit_test(only_members_of_the_object_itself_count),
		cmocka_unit_test(names_are_whole_words),
		cmocka_unit_test(white_space_is_not_part_of_a_value),
		cmocka_unit_test(what_strings_hold_is_no_structure),
		cmocka_unit_test(several_are_found_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
