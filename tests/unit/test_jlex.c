/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The gate before json-c: what it refuses and where, what it lets through,
 * and that json-c takes all of that.
 */
#include "config.h"

#include <float.h>
#include <math.h>

#include "unit.h"

#include "util/arena.h"
#include "util/buf.h"
#include "util/jlex.h"
#include "util/jv.h"

#define TEXT(s)	s, sizeof(s) - 1

struct verdict {
	const char	*text;
	size_t		 len;
	size_t		 offset;
};

static int
setup(void **state)
{
	*state = arena_new(4096);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void
assert_refused(const struct verdict *v, size_t n)
{
	struct jlex_report r;
	size_t i;

	for (i = 0; i < n; i++) {
		if (jlex_check(v[i].text, v[i].len, JLEX_MAX_DEPTH, &r) != -1)
			fail_msg("accepted: %s", v[i].text);
		if (r.offset != v[i].offset)
			fail_msg("offset %zu, expected %zu: %s", r.offset,
			    v[i].offset, v[i].text);
		assert_non_null(r.what);
	}
}

static int
accepts(const char *text, size_t len)
{
	struct jlex_report r;

	return jlex_check(text, len, JLEX_MAX_DEPTH, &r) == 0;
}

/* json-c 0.16 takes these even when it is told to be strict. */

static void
refuses_numbers_beyond_double(void **state)
{
	static const struct verdict v[] = {
		{ TEXT("[1e400]"), 1 },
		{ TEXT("[-1e400]"), 1 },
		{ TEXT("[1e99999999999999999999]"), 1 },
		{ TEXT("[0.1e310]"), 1 },
	};

	assert_refused(v, UNIT_COUNT(v));
}

static void
refuses_nan_and_infinity(void **state)
{
	static const struct verdict v[] = {
		{ TEXT("[NaN]"), 1 },
		{ TEXT("[Infinity]"), 1 },
		{ TEXT("[-Infinity]"), 2 },
		{ TEXT("[nan]"), 1 },
	};

	assert_refused(v, UNIT_COUNT(v));
}

static void
refuses_numbers_outside_the_grammar(void **state)
{
	static const struct verdict v[] = {
		{ TEXT("[-01]"), 1 },
		{ TEXT("[01]"), 1 },
		{ TEXT("[00]"), 1 },
		{ TEXT("[1.]"), 3 },
		{ TEXT("[.5]"), 1 },
		{ TEXT("[-]"), 2 },
		{ TEXT("[+1]"), 1 },
		{ TEXT("[1e]"), 3 },
		{ TEXT("[1e+]"), 4 },
		{ TEXT("[1.e1]"), 3 },
		{ TEXT("[0x10]"), 2 },
		{ TEXT("[1 2]"), 3 },
		{ TEXT("[1_000]"), 2 },
		{ TEXT("-"), 1 },
	};

	assert_refused(v, UNIT_COUNT(v));
}

static void
refuses_other_quotes_and_bare_names(void **state)
{
	static const struct verdict v[] = {
		{ TEXT("{'a':1}"), 1 },
		{ TEXT("['a']"), 1 },
		{ TEXT("{a:1}"), 1 },
	};

	assert_refused(v, UNIT_COUNT(v));
}

static void
refuses_raw_control_bytes(void **state)
{
	static const struct verdict v[] = {
		{ TEXT("[\"a\tb\"]"), 3 },
		{ TEXT("[\"\x01\"]"), 2 },
		{ TEXT("{\"a\tb\":1}"), 3 },
		{ TEXT("{\"\x01\":1}"), 2 },
		{ TEXT("[\"\n\"]"), 2 },
		{ TEXT("[\"\0\"]"), 2 },
		{ TEXT("[\"\x1f\"]"), 2 },
	};

	assert_refused(v, UNIT_COUNT(v));
}

static void
refuses_lone_surrogates(void **state)
{
	static const struct verdict v[] = {
		{ TEXT("\"\\ud800\""), 1 },
		{ TEXT("\"a\\udc00\""), 2 },
		{ TEXT("\"\\ud800\\u0041\""), 1 },
		{ TEXT("\"\\ud800\\n\""), 1 },
		{ TEXT("\"\\ud83d\\ud83d\\ude00\""), 1 },
		{ TEXT("{\"\\udfff\":1}"), 2 },
	};

	assert_refused(v, UNIT_COUNT(v));
}

static void
refuses_bytes_that_are_no_utf8(void **state)
{
	static const struct verdict v[] = {
		{ TEXT("\"\xc0\xaf\""), 1 },		/* overlong */
		{ TEXT("\"\xe0\x80\xaf\""), 1 },
		{ TEXT("\"\xf0\x80\x80\xaf\""), 1 },
		{ TEXT("\"\xed\xa0\x80\""), 1 },	/* surrogate */
		{ TEXT("\"\xf4\x90\x80\x80\""), 1 },	/* > U+10FFFF */
		{ TEXT("\"\xf5\x80\x80\x80\""), 1 },
		{ TEXT("\"\x80\""), 1 },
		{ TEXT("\"\xff\""), 1 },
		{ TEXT("\"a\xc3\""), 2 },		/* cut short */
		{ TEXT("\"\xe2\x82\""), 1 },
		{ TEXT("{\"\xc0\xaf\":1}"), 2 },
		{ TEXT("[\xc3\xa9]"), 1 },
		{ TEXT("\"\xc3"), 1 },
	};

	assert_refused(v, UNIT_COUNT(v));
}

static void
refuses_what_follows_the_value(void **state)
{
	static const struct verdict v[] = {
		{ TEXT("{}\0x"), 2 },
		{ TEXT("{}\0"), 2 },
		{ TEXT("{}x"), 2 },
		{ TEXT("{} {}"), 3 },
		{ TEXT("1 2"), 2 },
		{ TEXT("[]]"), 2 },
		{ TEXT("null,"), 4 },
		{ TEXT("{}// end"), 2 },
	};

	assert_refused(v, UNIT_COUNT(v));
}

static void
refuses_incomplete_text(void **state)
{
	static const struct verdict v[] = {
		{ TEXT(""), 0 },
		{ TEXT("  "), 2 },
		{ TEXT("[1"), 2 },
		{ TEXT("["), 1 },
		{ TEXT("[1,"), 3 },
		{ TEXT("{"), 1 },
		{ TEXT("{\"a\""), 4 },
		{ TEXT("{\"a\":"), 5 },
		{ TEXT("{\"a\":1"), 6 },
		{ TEXT("{\"a\":1,"), 7 },
		{ TEXT("\"abc"), 4 },
		{ TEXT("\"abc\\"), 5 },
		{ TEXT("\"abc\\\""), 6 },
		{ TEXT("\"\\u12"), 5 },
		{ TEXT("tru"), 0 },
		{ TEXT("[nul"), 1 },
	};

	assert_refused(v, UNIT_COUNT(v));
}

static void
refuses_wrong_punctuation(void **state)
{
	static const struct verdict v[] = {
		{ TEXT("[1,]"), 3 },
		{ TEXT("[,1]"), 1 },
		{ TEXT("[1,,2]"), 3 },
		{ TEXT("{\"a\":1,}"), 7 },
		{ TEXT("{,}"), 1 },
		{ TEXT("{\"a\" 1}"), 5 },
		{ TEXT("{\"a\":}"), 5 },
		{ TEXT("{\"a\":1 \"b\":2}"), 7 },
		{ TEXT("{1:2}"), 1 },
		{ TEXT("[1}"), 2 },
		{ TEXT("{\"a\":1]"), 6 },
		{ TEXT("[}"), 1 },
		{ TEXT("{]"), 1 },
		{ TEXT("]"), 0 },
		{ TEXT(":"), 0 },
		{ TEXT("[\"a\":1]"), 4 },
		{ TEXT("[1\f]"), 2 },
		{ TEXT("\v1"), 0 },
		{ TEXT("[/**/1]"), 1 },
		{ TEXT("\xc2\xa0[]"), 0 },
	};

	assert_refused(v, UNIT_COUNT(v));
}

static void
refuses_unknown_words_and_escapes(void **state)
{
	static const struct verdict v[] = {
		{ TEXT("True"), 0 },
		{ TEXT("[nulL]"), 1 },
		{ TEXT("[truex]"), 5 },
		{ TEXT("[undefined]"), 1 },
		{ TEXT("\"\\x41\""), 1 },
		{ TEXT("\"\\'\""), 1 },
		{ TEXT("\"\\U0041\""), 1 },
		{ TEXT("\"\\u00g0\""), 5 },
		{ TEXT("\"\\u 041\""), 3 },
		{ TEXT("\"\\\n\""), 1 },
	};

	assert_refused(v, UNIT_COUNT(v));
}

static void
refuses_a_byte_order_mark(void **state)
{
	static const struct verdict v[] = {
		{ TEXT("\xef\xbb\xbf{}"), 0 },
		{ TEXT("\xff\xfe{\0}\0"), 0 },
	};
	struct jlex_report r;

	assert_refused(v, UNIT_COUNT(v));
	(void)jlex_check(v[0].text, v[0].len, JLEX_MAX_DEPTH, &r);
	assert_string_equal("byte order mark", r.what);
	/* Inside a string U+FEFF is a character like others. */
	assert_true(accepts(TEXT("\"\xef\xbb\xbf\"")));
}

static void
nests(char *text, int depth)
{
	memset(text, '[', (size_t)depth);
	memset(text + depth, ']', (size_t)depth);
	text[2 * depth] = '\0';
}

static void
depth_ends_at_the_limit(void **state)
{
	char text[512];
	struct jlex_report r;

	nests(text, 32);
	assert_int_equal(0, jlex_check(text, 64, 32, &r));
	nests(text, 33);
	assert_int_equal(-1, jlex_check(text, 66, 32, &r));
	assert_int_equal(32, r.offset);
	assert_string_equal("nested too deeply", r.what);
	assert_int_equal(0, jlex_check("5", 1, 0, &r));
	assert_int_equal(-1, jlex_check("{}", 2, 0, &r));
}

static void
depth_above_the_ceiling_counts_as_it(void **state)
{
	char text[512];
	struct jlex_report r;

	nests(text, JLEX_DEPTH_LIMIT);
	assert_int_equal(0, jlex_check(text, strlen(text), 1000, &r));
	nests(text, JLEX_DEPTH_LIMIT + 1);
	assert_int_equal(-1, jlex_check(text, strlen(text), 1000, &r));
}

/* The largest double and the first number that rounds to infinity. */
static void
range_of_numbers_ends_where_double_ends(void **state)
{
	char digits[400], half[400], text[800];
	size_t i;
	int carry;

	assert_true(accepts(TEXT("1.7976931348623157e308")));
	assert_true(accepts(TEXT("-1.7976931348623157E+308")));
	assert_true(accepts(TEXT("1.7976931348623158e308")));
	assert_false(accepts(TEXT("1.7976931348623159e308")));
	assert_true(accepts(TEXT("179769313486231570e291")));
	assert_false(accepts(TEXT("0.00018e312")));
	assert_true(accepts(TEXT("0.0000e999999999")));
	assert_true(accepts(TEXT("1e-400")));
	assert_true(accepts(TEXT("0e400")));

	/* Half a step above the largest double: a tie, goes to infinity. */
	(void)snprintf(digits, sizeof(digits), "%.0f", DBL_MAX);
	(void)snprintf(half, sizeof(half), "%.0f", ldexp(1.0, 970));
	assert_int_equal(309, strlen(digits));
	for (i = 0, carry = 0; i < 309; i++) {
		carry += digits[308 - i] - '0';
		if (i < strlen(half))
			carry += half[strlen(half) - 1 - i] - '0';
		digits[308 - i] = (char)('0' + carry % 10);
		carry /= 10;
	}
	assert_true(isinf(strtod(digits, NULL)));
	assert_false(accepts(digits, 309));
	(void)snprintf(text, sizeof(text), "%.1s.%se308", digits, digits + 1);
	assert_false(accepts(text, strlen(text)));
	(void)snprintf(text, sizeof(text), "%s.000", digits);
	assert_false(accepts(text, strlen(text)));
	/* One less in the last digit: the largest double. */
	digits[308]--;
	assert_true(isfinite(strtod(digits, NULL)));
	assert_true(accepts(digits, 309));
	(void)snprintf(text, sizeof(text), "%s.999", digits);
	assert_true(accepts(text, strlen(text)));
	(void)snprintf(text, sizeof(text), "0.000%se312", digits);
	assert_true(accepts(text, strlen(text)));
	/* Fewer digits than the limit has. */
	digits[20] = '\0';
	(void)snprintf(text, sizeof(text), "%se289", digits);
	assert_true(accepts(text, strlen(text)));
}

static const struct {
	const char	*text;
	size_t		 len;
	char		 top;
} good[] = {
	{ TEXT("{}"), '{' },
	{ TEXT("[]"), '[' },
	{ TEXT(" \t\r\n[ ] \n"), '[' },
	{ TEXT("null"), 'n' },
	{ TEXT("true"), 't' },
	{ TEXT("false"), 'f' },
	{ TEXT("5"), '0' },
	{ TEXT("-5 "), '0' },
	{ TEXT("0"), '0' },
	{ TEXT("-0"), '0' },
	{ TEXT("-0.0e-0"), '0' },
	{ TEXT("\"\""), '"' },
	{ TEXT("\"a\""), '"' },
	{ TEXT("[1,2.5,-3e10,4E+2,5e-2,0.0]"), '[' },
	{ TEXT("[9223372036854775807,-9223372036854775808]"), '[' },
	{ TEXT("[18446744073709551615]"), '[' },
	{ TEXT("[18446744073709551616]"), '[' },
	{ TEXT("[-9223372036854775809]"), '[' },
	{ TEXT("[1e308,-1e-308,1e-400]"), '[' },
	{ TEXT("{\"a\":1,\"a\":2}"), '{' },
	{ TEXT("{\"\":{\"\":[]}}"), '{' },
	{ TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\""), '"' },
	{ TEXT("\"\\ud83d\\ude00 \\uD83D\\uDE00 \\udbff\\udfff\""), '"' },
	{ TEXT("\"\\u0000\""), '"' },
	{ TEXT("\"\x7f \xc2\x80 \xc3\xa9 \xe2\x82\xac \xed\x9f\xbf \xee\x80\x80"
	    " \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf\""), '"' },
	{ TEXT("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"), '[' },
	{ TEXT("{\"a\":{\"b\":[{\"c\":null},true,false,\"d\"]},"
	    "\"e\":[]}"), '{' },
};

static void
accepts_what_the_grammar_allows(void **state)
{
	struct jlex_report r;
	size_t i;

	for (i = 0; i < UNIT_COUNT(good); i++) {
		if (jlex_check(good[i].text, good[i].len, JLEX_MAX_DEPTH,
		    &r) != 0)
			fail_msg("refused: %s: %s", good[i].text, r.what);
		assert_null(r.what);
		assert_int_equal(good[i].top, r.top);
	}
}

/* The other half of the bargain: json-c takes all that passed. */
static void
json_c_accepts_what_passes(void **state)
{
	struct jlex_report r;
	struct jv *v;
	struct buf b;
	size_t i;

	for (i = 0; i < UNIT_COUNT(good); i++) {
		v = jv_parse(*state, good[i].text, good[i].len);
		if (v == NULL && good[i].top != 'n')
			fail_msg("json-c refused: %s", good[i].text);
		buf_init(&b, *state);
		jv_write(v, &b);
		if (jlex_check(b.data, b.len, JLEX_MAX_DEPTH, &r) != 0)
			fail_msg("written wrongly: %s", b.data);
	}
}

static void
report_counts_members_and_containers(void **state)
{
	static const char text[] =
	    "{\"a\":1,\"a\":[{\"b\":{},\"c\":\"d\"},[]],"
	    "\"e\":\"{\\\"f\\\":1}\"}";
	struct jlex_report r;

	assert_int_equal(0, jlex_check(text, sizeof(text) - 1, 32, &r));
	assert_int_equal(5, r.members);
	assert_int_equal(5, r.containers);
}

static void
report_tells_nul_in_names_from_nul_in_values(void **state)
{
	struct jlex_report r;

	assert_int_equal(0, jlex_check(TEXT("{\"a\\u0000b\":1,\"a\":2}"), 32,
	    &r));
	assert_int_equal(1, r.nul_in_key);
	assert_int_equal(0, r.nul_in_value);
	assert_int_equal(0, jlex_check(TEXT("[\"a\\u0000\"]"), 32, &r));
	assert_int_equal(0, r.nul_in_key);
	assert_int_equal(1, r.nul_in_value);
	assert_int_equal(0, jlex_check(TEXT("[\"\\\\u0000\"]"), 32, &r));
	assert_int_equal(0, r.nul_in_value);
}

/* Bytes behind `len` are not the text's: no terminator is needed. */
static void
reads_no_byte_behind_the_end(void **state)
{
	static const char *const texts[] = {
		"\"\xf0\x9f\x98\x80\"", "\"\\ud83d\\ude00\"", "[true]",
		"-1.5e+10", "{\"a\":[]}"
	};
	struct jlex_report r;
	size_t i, n;

	for (i = 0; i < UNIT_COUNT(texts); i++)
		for (n = 0; n <= strlen(texts[i]); n++) {
			char *copy = malloc(n == 0 ? 1 : n);

			assert_non_null(copy);
			memcpy(copy, texts[i], n);
			(void)jlex_check(copy, n, 32, &r);
			assert_true(r.offset <= n);
			free(copy);
		}
}

static void
duplicate_is_found_with_its_path(void **state)
{
	static const struct {
		const char	*text;
		const char	*path;	/* NULL: none */
	} v[] = {
		{ "{\"a\":1,\"a\":2}", "[\"a\"]" },
		{ "{\"config\":{\"x\":1,\"batch_size\":1,\"batch_size\":2}}",
		    "[\"config\",\"batch_size\"]" },
		{ "{\"items\":[0,{\"a\":1},{\"a\":1},"
		    "{\"a\":{},\"b\":0,\"a\":2}]}",
		    "[\"items\",3,\"a\"]" },
		{ "[[],[[{\"k\":1,\"k\":1}]]]", "[1,0,0,\"k\"]" },
		/* Names are equal when what they mean is equal. */
		{ "{\"a\":1,\"\\u0061\":2}", "[\"\\u0061\"]" },
		{ "{\"\\/\\n\\\\\\\"\":1,\"/\\u000a\\u005C\\u0022\":2}",
		    "[\"/\\u000a\\u005C\\u0022\"]" },
		{ "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}",
		    "[\"\xf0\x9f\x98\x80\"]" },
		{ "{\"\":1,\"\":2}", "[\"\"]" },
		/* The second place that comes first in the text. */
		{ "{\"z\":1,\"b\":{\"c\":1,\"c\":2},\"z\":2}",
		    "[\"b\",\"c\"]" },
		{ "{\"a\":1,\"b\":1,\"b\":1,\"a\":1}", "[\"b\"]" },
		{ "{\"a\":1,\"a\":{\"b\":1,\"b\":1}}", "[\"a\"]" },
		{ "{\"a\":1,\"A\":2}", NULL },
		{ "{\"a\":1,\"ab\":2,\"abc\":3}", NULL },
		{ "{\"a\":{\"a\":[{\"a\":1},{\"a\":1}]}}", NULL },
		{ "{\"a\":\"a\",\"b\":[\"a\",\"a\"]}", NULL },
		{ "{\"a\\u0000b\":1,\"a\":2}", NULL },
		{ "{\"a\\\\\":1,\"a\":\"{\\\"a\\\":1}\"}", NULL },
		{ "[]", NULL },
		{ "5", NULL },
		{ "{}", NULL },
	};
	struct jlex_report r;
	struct buf b;
	size_t i;

	for (i = 0; i < UNIT_COUNT(v); i++) {
		size_t len = strlen(v[i].text);

		assert_int_equal(0, jlex_check(v[i].text, len, 32, &r));
		buf_init(&b, *state);
		assert_int_equal(v[i].path != NULL,
		    jlex_duplicate(*state, v[i].text, len, &b));
		assert_string_equal(v[i].path == NULL ? "" : v[i].path,
		    b.data);
	}
}

/* The callers' cheap test: members read against members kept. */
static void
duplicates_show_in_the_count_of_members(void **state)
{
	static const char text[] = "{\"a\":1,\"b\":[{\"c\":1,\"c\":2}]}";
	struct jlex_report r;

	assert_int_equal(0, jlex_check(text, sizeof(text) - 1, 32, &r));
	assert_int_equal(4, r.members);
	assert_int_equal(3, jv_count_members(jv_parse(*state, text,
	    sizeof(text) - 1)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(refuses_numbers_beyond_double),
		T(refuses_nan_and_infinity),
		T(refuses_numbers_outside_the_grammar),
		T(refuses_other_quotes_and_bare_names),
		T(refuses_raw_control_bytes),
		T(refuses_lone_surrogates),
		T(refuses_bytes_that_are_no_utf8),
		T(refuses_what_follows_the_value),
		T(refuses_incomplete_text),
		T(refuses_wrong_punctuation),
		T(refuses_unknown_words_and_escapes),
		T(refuses_a_byte_order_mark),
		T(depth_ends_at_the_limit),
		T(depth_above_the_ceiling_counts_as_it),
		T(range_of_numbers_ends_where_double_ends),
		T(accepts_what_the_grammar_allows),
		T(json_c_accepts_what_passes),
		T(report_counts_members_and_containers),
		T(report_tells_nul_in_names_from_nul_in_values),
		T(reads_no_byte_behind_the_end),
		T(duplicate_is_found_with_its_path),
		T(duplicates_show_in_the_count_of_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
