/* SPDX-License-Identifier: BSD-2-Clause */
/* Query strings: decoding, types, repeats, unknown names, order of faults. */
#include "config.h"

#include "domain.h"

static const char *const	 families[] = { "llama", "qwen", NULL };
static const struct field	 tag = { .type = F_STR, .min = 1, .max = 4 };
static const struct field	 fields[] = {
	{ .name = "page", .type = F_INT, .min = 1, .max = 100 },
	{ .name = "size", .type = F_NUM, .min = 0 },
	{ .name = "name", .type = F_STR, .min = 1, .max = 8 },
	{ .name = "dry", .type = F_BOOL },
	{ .name = "family", .type = F_WORD, .words = families },
	{ .name = "since", .type = F_TIME },
	{ .name = "tag", .type = F_LIST, .max = 3, .item = &tag },
};
static const struct schema	 schema = { "Query", fields,
    UNIT_COUNT(fields), "" };

/* The tree as JSON, or the faults. */
static const char *
query(const char *text)
{
	struct schema_check	 c = { .faults = &faults };
	struct buf		 b;
	struct jv		*v = schema_query(&c, &schema, text, arena);

	if (faults.count > 0) {
		assert_null(v);
		return domain_faults();
	}
	buf_init(&b, arena);
	jv_write(v, &b);
	return b.data;
}

static void
values_get_their_types(void **state)
{
	static const struct {
		const char	*text, *is;
	} row[] = {
		{ "", "null" },
		{ "&&", "null" },
		{ "page=7&name=7&size=7&dry=true", "{\"page\":7,\"size\":7,"
		    "\"name\":\"7\",\"dry\":true}" },
		{ "page=1e1", "{\"page\":1e1}" },
		{ "page=16.0", "{\"page\":16.0}" },
		{ "size=0.25&dry=false", "{\"size\":0.25,\"dry\":false}" },
		{ "name=true", "{\"name\":\"true\"}" },
		{ "name=null", "{\"name\":\"null\"}" },
		{ "name=%7B%22a%22:1", "{\"name\":\"{\\\"a\\\":1\"}" },
		{ "family=qwen", "{\"family\":\"qwen\"}" },
		{ "since=2026-03-18T09:15:02%2B01:00",
		    "{\"since\":\"2026-03-18T09:15:02+01:00\"}" },
		{ "tag=b&tag=a&tag=b", "{\"tag\":[\"b\",\"a\",\"b\"]}" },
		{ "tag=1", "{\"tag\":[\"1\"]}" },
	};
	size_t	i;

	for (i = 0; i < UNIT_COUNT(row); i++)
		assert_string_equal(row[i].is, query(row[i].text));
}

static void
escapes_are_undone(void **state)
{
	assert_string_equal("{\"name\":\"a b c\"}", query("name=a+b%20c"));
	assert_string_equal("{\"name\":\"a+b\"}", query("name=a%2Bb"));
	assert_string_equal("{\"name\":\"a&b=c\"}", query("name=a%26b%3Dc"));
	assert_string_equal("{\"name\":\"a=b\"}", query("name=a=b"));
	assert_string_equal("{\"name\":\"\xc3\xa9\"}", query("name=%c3%A9"));
	assert_string_equal("{\"name\":\"\xc3\xa9\"}", query("name=\xc3\xa9"));
	assert_string_equal("{\"name\":\"\\u0001\\n\"}",
	    query("name=%01%0a"));
	assert_string_equal("{\"page\":5}", query("%70age=%35"));
}

static void
what_is_not_escaped_utf8_is_refused(void **state)
{
	static const char *const bad[] = { "name=%", "name=%1", "name=%g1",
	    "name=%1g", "%=1", "name=%00", "name=a%00b", "name=%ff",
	    "name=%c3", "name=%c0%af", "name=%ed%a0%80", "%ff=1", "\xff",
	    "page=1&name=%fe" };
	size_t	i;

	for (i = 0; i < UNIT_COUNT(bad); i++)
		assert_string_equal("[\"query\"] value_error: must be "
		    "percent-encoded UTF-8", query(bad[i]));
}

static void
numbers_follow_the_grammar_of_json(void **state)
{
	static const char *const bad[] = { "+5", "%2B5", "05", "0x10", "5.",
	    ".5", "5e", "1_000", "%205", "5%20", "abc", "--1", "NaN",
	    "Infinity", "1e999", "-1e999", "null", "\"5\"", "[5]" };
	size_t	i;

	for (i = 0; i < UNIT_COUNT(bad); i++) {
		assert_string_equal("[\"query\",\"page\"] int_type: must be "
		    "an integer",
		    query(arena_printf(arena, "page=%s", bad[i])));
		assert_string_equal("[\"query\",\"size\"] float_type: must "
		    "be a finite number",
		    query(arena_printf(arena, "size=%s", bad[i])));
	}
	assert_string_equal("[\"query\",\"page\"] int_type: must be an "
	    "integer", query("page=1.5"));
}

static void
bounds_hold(void **state)
{
	static const struct {
		const char	*text, *says;
	} row[] = {
		{ "page=0", "[\"query\",\"page\"] greater_than_equal: must be "
		    "greater than or equal to 1" },
		{ "page=101", "[\"query\",\"page\"] less_than_equal: must be "
		    "less than or equal to 100" },
		{ "page=99999999999999999999999999999999999999999999999",
		    "[\"query\",\"page\"] less_than_equal: must be less than "
		    "or equal to 100" },
		{ "size=-0.5", "[\"query\",\"size\"] greater_than_equal: must "
		    "be greater than or equal to 0" },
		{ "name=123456789", "[\"query\",\"name\"] string_too_long: "
		    "must have at most 8 characters" },
		{ "dry=1", "[\"query\",\"dry\"] bool_type: must be true or "
		    "false" },
		{ "dry=True", "[\"query\",\"dry\"] bool_type: must be true or "
		    "false" },
		{ "family=gemma", "[\"query\",\"family\"] literal_error: must "
		    "be one of \"llama\", \"qwen\"" },
		{ "since=yesterday", "[\"query\",\"since\"] "
		    "datetime_parsing: must be an RFC 3339 date-time" },
		{ "tag=1&tag=2&tag=3&tag=4", "[\"query\",\"tag\"] too_long: "
		    "must have at most 3 items" },
		{ "tag=1&tag=22222", "[\"query\",\"tag\",1] string_too_long: "
		    "must have at most 4 characters" },
	};
	size_t	i;

	for (i = 0; i < UNIT_COUNT(row); i++)
		assert_string_equal(row[i].says, query(row[i].text));
}

static void
empty_values_are_bad_values(void **state)
{
	static const char *const bad[] = { "page=", "page", "&page&" };
	size_t	i;

	for (i = 0; i < UNIT_COUNT(bad); i++)
		assert_string_equal("[\"query\",\"page\"] value_error: must "
		    "not be empty", query(bad[i]));
	assert_string_equal("[\"query\",\"tag\"] value_error: must not be "
	    "empty", query("tag=&tag=a"));
	assert_string_equal("[\"query\",\"tag\"] value_error: must not be "
	    "empty", query("tag=a&tag="));
}

static void
repeated_names_are_refused(void **state)
{
	assert_string_equal("[\"query\",\"page\"] duplicate_key: key appears "
	    "twice", query("page=1&page=1"));
	assert_string_equal("[\"query\",\"page\"] duplicate_key: key appears "
	    "twice", query("page=1&page="));
	assert_string_equal("[\"query\",\"page\"] duplicate_key: key appears "
	    "twice", query("page=1&p%61ge=2&page=3"));
}

static void
unknown_names_come_last_with_a_hint(void **state)
{
	assert_string_equal("[\"query\",\"pgae\"] extra_forbidden: unknown "
	    "field; did you mean \"page\"?", query("pgae=1"));
	assert_string_equal("[\"query\",\"\"] extra_forbidden: unknown field",
	    query("=1"));
	assert_string_equal("[\"query\",\"Page\"] extra_forbidden: unknown "
	    "field; did you mean \"page\"?", query("Page=1"));
	assert_string_equal("[\"query\",\"a\\\"\\\\\\u0001\"] "
	    "extra_forbidden: unknown field", query("a%22%5C%01=1"));
}

static void
every_fault_is_listed_in_order(void **state)
{
	assert_string_equal(
	    "[\"query\",\"page\"] greater_than_equal: must be greater than or "
	    "equal to 1\n"
	    "[\"query\",\"size\"] duplicate_key: key appears twice\n"
	    "[\"query\",\"name\"] value_error: must not be empty\n"
	    "[\"query\",\"dry\"] bool_type: must be true or false\n"
	    "[\"query\",\"zzzzzz\"] extra_forbidden: unknown field\n"
	    "[\"query\",\"yyyyyy\"] extra_forbidden: unknown field",
	    query("zzzzzz=1&dry=no&name=&size=1&size=2&yyyyyy=2&page=0"));
}

static void
unknown_names_may_be_set_aside(void **state)
{
	struct schema_check	 c = { .faults = &faults };
	struct buf		 names;

	buf_init(&names, arena);
	c.ignored = &names;
	assert_non_null(schema_query(&c, &schema, "x=1&page=2", arena));
	assert_int_equal(0, faults.count);
	assert_null(schema_query(&c, &schema, "x=1&page=0", arena));
	assert_int_equal(1, faults.count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, domain_setup, domain_teardown)
		T(values_get_their_types),
		T(escapes_are_undone),
		T(what_is_not_escaped_utf8_is_refused),
		T(numbers_follow_the_grammar_of_json),
		T(bounds_hold),
		T(empty_values_are_bad_values),
		T(repeated_names_are_refused),
		T(unknown_names_come_last_with_a_hint),
		T(every_fault_is_listed_in_order),
		T(unknown_names_may_be_set_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
