/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading JSON: no conversions, exact integers, digits kept. */
#include "config.h"

#include "unit.h"

#include "util/arena.h"
#include "util/buf.h"
#include "util/jlex.h"
#include "util/jv.h"

static struct arena *a;

static int
setup(void **state)
{
	a = arena_new(4096);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(a);
	return 0;
}

static struct jv *
parse(const char *text)
{
	struct jlex_report r;

	assert_int_equal(0, jlex_check(text, strlen(text), 32, &r));
	return jv_parse(a, text, strlen(text));
}

static const char *
written(const char *text)
{
	struct buf b;

	buf_init(&b, a);
	jv_write(parse(text), &b);
	return b.data;
}

static void
types_are_told_apart(void **state)
{
	assert_int_equal(JV_NULL, jv_type(parse("null")));
	assert_int_equal(JV_BOOL, jv_type(parse("false")));
	assert_int_equal(JV_INT, jv_type(parse("16")));
	assert_int_equal(JV_INT, jv_type(parse("9223372036854775807")));
	assert_int_equal(JV_INT, jv_type(parse("-9223372036854775808")));
	assert_int_equal(JV_FLOAT, jv_type(parse("16.0")));
	assert_int_equal(JV_FLOAT, jv_type(parse("1e3")));
	assert_int_equal(JV_STRING, jv_type(parse("\"16\"")));
	assert_int_equal(JV_ARRAY, jv_type(parse("[]")));
	assert_int_equal(JV_OBJECT, jv_type(parse("{}")));
}

static void
null_member_is_there_absent_is_not(void **state)
{
	struct jv *o = parse("{\"a\":null,\"b\":1}"), *v;

	assert_int_equal(1, jv_get(o, "a", &v));
	assert_null(v);
	assert_int_equal(1, jv_get(o, "b", &v));
	assert_non_null(v);
	assert_int_equal(0, jv_get(o, "c", &v));
	assert_null(v);
	assert_null(jv_member(o, "a"));
	assert_null(jv_member(o, "c"));
	assert_non_null(jv_member(o, "b"));
}

static void
getters_refuse_other_types(void **state)
{
	static const char *const texts[] = {
		"null", "true", "12", "1.5", "\"12\"", "\"true\"", "[1]",
		"{\"k\":[1]}"
	};
	int64_t i = 7;
	double d = 7;
	int b = 7;
	size_t n;

	for (n = 0; n < UNIT_COUNT(texts); n++) {
		struct jv *v = parse(texts[n]), *got;
		enum jv_type t = jv_type(v);

		assert_int_equal(t == JV_INT, jv_int(v, &i));
		assert_int_equal(t == JV_INT || t == JV_FLOAT,
		    jv_num(v, &d));
		assert_int_equal(t == JV_BOOL, jv_bool(v, &b));
		assert_int_equal(t == JV_STRING, jv_str(v, NULL) != NULL);
		assert_int_equal(t == JV_ARRAY, jv_at(v, 0) != NULL);
		assert_int_equal(t == JV_OBJECT, jv_get(v, "k", &got));
		assert_int_equal(t == JV_ARRAY || t == JV_OBJECT, jv_len(v));
	}
}

static void
integral_numbers_are_integers(void **state)
{
	static const struct {
		const char	*text;
		int64_t		 value;
	} v[] = {
		{ "0", 0 },
		{ "-0", 0 },
		{ "-0.0", 0 },
		{ "0e99", 0 },
		{ "16", 16 },
		{ "16.0", 16 },
		{ "-16.000", -16 },
		{ "1e3", 1000 },
		{ "1E+3", 1000 },
		{ "1.5e1", 15 },
		{ "1200e-2", 12 },
		{ "0.0012e4", 12 },
		{ "100", 100 },
		{ "100.00e-2", 1 },
		{ "9007199254740993", INT64_C(9007199254740993) },
		{ "9007199254740993.0", INT64_C(9007199254740993) },
		{ "9223372036854775807", INT64_MAX },
		{ "9223372036854775807.0", INT64_MAX },
		{ "9223372036854775807e0", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
		{ "-9223372036854775808.0", INT64_MIN },
		{ "-9.223372036854775808e18", INT64_MIN },
		{ "9223372036854775807000e-3", INT64_MAX },
	};
	int64_t got;
	size_t i;

	for (i = 0; i < UNIT_COUNT(v); i++) {
		struct jv *n = parse(v[i].text);

		if (!jv_int(n, &got))
			fail_msg("no integer: %s", v[i].text);
		if (got != v[i].value)
			fail_msg("%s became %lld", v[i].text,
			    (long long)got);
		assert_int_equal(0, jv_int_bad(n));
	}
}

static void
fractions_are_no_integers(void **state)
{
	static const char *const texts[] = {
		"1.5", "-0.1", "1e-1", "15e-1", "1e-400", "0.1e0",
		"9007199254740992.5", "1.0000000000000000000001",
		"99999999999999999999.5", "1e-99999999999999999999",
		"123456789012345678901234567890e-1000",
		"10000000000000000000000000000001e-31"
	};
	int64_t got;
	size_t i;

	for (i = 0; i < UNIT_COUNT(texts); i++) {
		if (jv_int(parse(texts[i]), &got))
			fail_msg("%s became %lld", texts[i], (long long)got);
		assert_int_equal(0, jv_int_bad(parse(texts[i])));
	}
}

/* json-c would make 2^63 - 1, 2^64 - 1 or -2^63 of them. */
static void
integers_beyond_int64_are_refused_not_cut(void **state)
{
	static const char *const texts[] = {
		"9223372036854775808", "18446744073709551615",
		"18446744073709551616", "-9223372036854775809",
		"-18446744073709551616", "1e19", "9223372036854775808.0",
		"-9223372036854775809.0", "1e308", "-1e300",
		"123456789012345678901234567890"
	};
	int64_t got;
	double d;
	size_t i;

	for (i = 0; i < UNIT_COUNT(texts); i++) {
		struct jv *v = parse(texts[i]);

		if (jv_int(v, &got))
			fail_msg("%s became %lld", texts[i], (long long)got);
		assert_int_equal(1, jv_int_bad(v));
		assert_int_equal(1, jv_num(v, &d));
		assert_true(d == strtod(texts[i], NULL));
		assert_int_equal(JV_FLOAT, jv_type(v));
	}
}

static void
big_integers_keep_their_digits_anywhere(void **state)
{
	static const char *const texts[] = {
		"18446744073709551616",
		"-9223372036854775809",
		"[18446744073709551616,[9223372036854775808],{\"a\":"
		    "-99999999999999999999}]",
		"{\"18446744073709551616\":\"18446744073709551616\",\"b\\\"\":"
		    "18446744073709551616,\"c\":[1,null,18446744073709551615]}",
		"{\"n\":123456789012345678901234567890123456789,\"e\":5e+0}",
	};
	size_t i;

	for (i = 0; i < UNIT_COUNT(texts); i++)
		assert_string_equal(texts[i], written(texts[i]));
}

static void
numbers_are_read(void **state)
{
	double d;

	assert_int_equal(1, jv_num(parse("0.1"), &d));
	assert_true(d == 0.1);
	assert_int_equal(1, jv_num(parse("-3"), &d));
	assert_true(d == -3);
	assert_int_equal(1, jv_num(parse("1.7976931348623157e308"), &d));
	assert_true(d == 1.7976931348623157e308);
	assert_int_equal(1, jv_num(parse("1e-400"), &d));
	assert_true(d == 0);
}

static void
booleans_are_read(void **state)
{
	int b;

	assert_int_equal(1, jv_bool(parse("true"), &b));
	assert_int_equal(1, b);
	assert_int_equal(1, jv_bool(parse("false"), &b));
	assert_int_equal(0, b);
}

static void
strings_are_decoded_with_their_length(void **state)
{
	size_t len;
	const char *s;

	s = jv_str(parse("\"a\\u0000b\\n\\u00e9\\ud83d\\ude00\""), &len);
	assert_int_equal(10, len);
	assert_memory_equal("a\0b\n\xc3\xa9\xf0\x9f\x98\x80", s, 11);
	s = jv_str(parse("\"\""), &len);
	assert_int_equal(0, len);
	assert_string_equal("", s);
}

static void
arrays_are_indexed(void **state)
{
	struct jv *v = parse("[1,null,\"x\"]");

	assert_int_equal(3, jv_len(v));
	assert_int_equal(JV_INT, jv_type(jv_at(v, 0)));
	assert_null(jv_at(v, 1));
	assert_string_equal("x", jv_str(jv_at(v, 2), NULL));
	assert_null(jv_at(v, 3));
	assert_null(jv_at(v, SIZE_MAX));
}

static void
objects_are_walked_in_text_order(void **state)
{
	struct jv_iter it;
	char keys[8];
	size_t n = 0;

	jv_iter_init(&it, parse("{\"z\":1,\"a\":null,\"m\":[2],\"b\":{}}"));
	while (jv_iter_next(&it)) {
		keys[n++] = it.key[0];
		assert_int_equal(it.key[0] == 'a', it.val == NULL);
	}
	assert_int_equal(4, n);
	assert_memory_equal("zamb", keys, 4);
	jv_iter_init(&it, parse("[1]"));
	assert_int_equal(0, jv_iter_next(&it));
	jv_iter_init(&it, NULL);
	assert_int_equal(0, jv_iter_next(&it));
}

static void
members_are_counted_through_the_tree(void **state)
{
	assert_int_equal(0, jv_count_members(NULL));
	assert_int_equal(0, jv_count_members(parse("[1,[2]]")));
	assert_int_equal(6, jv_count_members(parse(
	    "{\"a\":{\"b\":1,\"c\":[{\"d\":null},{\"d\":2}]},\"e\":\"x\"}")));
}

static void
writing_keeps_the_text(void **state)
{
	static const char *const texts[] = {
		"null", "true", "5", "\"/\"", "[]", "{}", "1.50", "1e3",
		"1E-7", "0.1", "[1,[2,{\"a\":null}],false]",
		"{\"b\":1,\"a\":\"\\\"\\\\\\n\\u0001\"}",
		"\"\xc3\xa9\xf0\x9f\x98\x80\"", "\"\\u0000\"",
	};
	size_t i;

	for (i = 0; i < UNIT_COUNT(texts); i++)
		assert_string_equal(texts[i], written(texts[i]));
	assert_string_equal("[1,{\"a\":2}]",
	    written(" [ 1 , { \"a\" : 2 } ] "));
	assert_string_equal("0", written("-0"));
}

static void
checked_parse_decides_by_the_gate(void **state)
{
	struct jv *v;

	assert_int_equal(0, jv_parse_checked(a, "[1]", 3, &v));
	assert_int_equal(1, jv_len(v));
	assert_int_equal(0, jv_parse_checked(a, "null", 4, &v));
	assert_null(v);
	assert_int_equal(-1, jv_parse_checked(a, "[NaN]", 5, &v));
	assert_null(v);
	assert_int_equal(-1, jv_parse_checked(a, "", 0, &v));
	assert_int_equal(-1, jv_parse_checked(a, "{\"a\\u0000\":1}", 13, &v));
}

static void
text_needs_no_terminator(void **state)
{
	struct jv *v;
	int64_t i;

	assert_int_equal(0, jv_parse_checked(a, "1234", 2, &v));
	assert_int_equal(1, jv_int(v, &i));
	assert_int_equal(12, i);
}

static void
deepest_text_is_read(void **state)
{
	char text[2 * JLEX_DEPTH_LIMIT + 2];
	struct jv *v;
	int depth;

	memset(text, '[', JLEX_DEPTH_LIMIT);
	text[JLEX_DEPTH_LIMIT] = '7';
	memset(text + JLEX_DEPTH_LIMIT + 1, ']', JLEX_DEPTH_LIMIT);
	assert_int_equal(0, jv_parse_checked(a, text, sizeof(text) - 1, &v));
	for (depth = 0; jv_type(v) == JV_ARRAY; depth++)
		v = jv_at(v, 0);
	assert_int_equal(JLEX_DEPTH_LIMIT, depth);
}

static void
members_are_read_as_texts_and_times(void **state)
{
	struct jv *v = parse("{\"s\":\"x\",\"n\":1,\"null\":null,"
	    "\"at\":\"1970-01-01T01:00:01+01:00\"}");

	assert_string_equal("x", jv_text(v, "s"));
	assert_null(jv_text(v, "n"));
	assert_null(jv_text(v, "null"));
	assert_null(jv_text(v, "absent"));
	assert_null(jv_text(NULL, "s"));
	assert_int_equal(1000000, jv_time(v, "at", -1));
	assert_int_equal(-1, jv_time(v, "s", -1));
	assert_int_equal(-1, jv_time(v, "absent", -1));
	assert_string_equal("{\"b\":[1.0]}", jv_json(a,
	    parse("{ \"b\": [ 1.0 ] }")));
	assert_null(jv_json(a, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(types_are_told_apart),
		T(null_member_is_there_absent_is_not),
		T(getters_refuse_other_types),
		T(integral_numbers_are_integers),
		T(fractions_are_no_integers),
		T(integers_beyond_int64_are_refused_not_cut),
		T(big_integers_keep_their_digits_anywhere),
		T(numbers_are_read),
		T(booleans_are_read),
		T(strings_are_decoded_with_their_length),
		T(arrays_are_indexed),
		T(objects_are_walked_in_text_order),
		T(members_are_counted_through_the_tree),
		T(writing_keeps_the_text),
		T(checked_parse_decides_by_the_gate),
		T(text_needs_no_terminator),
		T(deepest_text_is_read),
		T(members_are_read_as_texts_and_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
