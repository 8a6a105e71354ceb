/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing JSON: punctuation, escapes, numbers, and refusal of misuse. */
#include "config.h"

#include <math.h>

#include "unit.h"

#include "util/arena.h"
#include "util/jlex.h"
#include "util/jw.h"

static struct arena *a;
static struct jw w;

static int
setup(void **state)
{
	a = arena_new(4096);
	jw_init(&w, a);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(a);
	return 0;
}

static void
punctuation_is_kept_by_the_writer(void **state)
{
	size_t len;

	jw_obj(&w);
	jw_kint(&w, "a", 1);
	jw_karr(&w, "b");
	jw_int(&w, -2);
	jw_null(&w);
	jw_arr(&w);
	jw_end(&w);
	jw_obj(&w);
	jw_end(&w);
	jw_bool(&w, 1);
	jw_end(&w);
	jw_kobj(&w, "c");
	jw_kstr(&w, "d", "e");
	jw_kbool(&w, "f", 0);
	jw_end(&w);
	jw_knull(&w, "g");
	jw_knum(&w, "h", 0.5);
	jw_kround(&w, "i", 0.125, 2);
	jw_krounds(&w, "i2", (const double[]){ 0.125, 3 }, 2, 2);
	jw_krounds(&w, "i3", NULL, 0, 2);
	jw_kraw(&w, "j", "{\"k\": 1}");
	jw_keyn(&w, "lmn", 1);
	jw_strf(&w, "%s-%d", "x", 7);
	jw_end(&w);
	assert_string_equal("{\"a\":1,\"b\":[-2,null,[],{},true],\"c\":{\"d\":"
	    "\"e\",\"f\":false},\"g\":null,\"h\":0.5,\"i\":0.13,"
	    "\"i2\":[0.13,3],\"i3\":[],"
	    "\"j\":{\"k\": 1},"
	    "\"l\":\"x-7\"}", jw_text(&w, &len));
	assert_int_equal(strlen(jw_text(&w, NULL)), len);
}

static void
null_pointers_write_null(void **state)
{
	jw_arr(&w);
	jw_str(&w, NULL);
	jw_raw(&w, NULL);
	jw_raw(&w, "");
	jw_end(&w);
	assert_string_equal("[null,null,null]", jw_text(&w, NULL));
}

static void
strings_are_escaped(void **state)
{
	jw_strn(&w, "\"\\/\b\f\n\r\t\0\x01\x1f\x7f\xc3\xa9\xf0\x9f\x98\x80",
	    18);
	assert_string_equal("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u0001\\u001f"
	    "\x7f\xc3\xa9\xf0\x9f\x98\x80\"", jw_text(&w, NULL));
}

static void
bytes_that_are_no_utf8_are_replaced(void **state)
{
	struct jlex_report r;
	const char *text;
	size_t len;

	jw_strn(&w, "a\xff" "b\xc0\xaf" "c\xed\xa0\x80" "d\xe2\x82", 12);
	text = jw_text(&w, &len);
	assert_string_equal("\"a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd"
	    "c\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" "d\xef\xbf\xbd"
	    "\xef\xbf\xbd\"", text);
	assert_int_equal(0, jlex_check(text, len, 32, &r));
}

static void
names_are_escaped_too(void **state)
{
	jw_obj(&w);
	jw_kint(&w, "a\"\n", 1);
	jw_end(&w);
	assert_string_equal("{\"a\\\"\\n\":1}", jw_text(&w, NULL));
}

static const char *
num(double v)
{
	jw_init(&w, a);
	jw_num(&w, v);
	return jw_text(&w, NULL);
}

static void
numbers_are_the_shortest_that_read_back(void **state)
{
	static const struct {
		double		 v;
		const char	*text;
	} t[] = {
		{ 0, "0" },
		{ -0.0, "0" },
		{ 1, "1" },
		{ -42, "-42" },
		{ 0.1, "0.1" },
		{ 0.5, "0.5" },
		{ -2.75, "-2.75" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 100000, "100000" },
		{ 999999999999999, "999999999999999" },
		{ 1e15, "1e+15" },
		{ 1e20, "1e+20" },
		{ 1e-7, "1e-07" },
		{ 123456789.125, "123456789.125" },
		{ 1.7976931348623157e308, "1.7976931348623157e+308" },
		{ 5e-324, "4.94065645841247e-324" },
	};
	size_t i;

	for (i = 0; i < UNIT_COUNT(t); i++)
		assert_string_equal(t[i].text, num(t[i].v));
}

static void
numbers_that_are_not_finite_are_null(void **state)
{
	assert_string_equal("null", num(NAN));
	assert_string_equal("null", num(INFINITY));
	assert_string_equal("null", num(-INFINITY));
	jw_init(&w, a);
	jw_round(&w, NAN, 2);
	assert_string_equal("null", jw_text(&w, NULL));
}

/* Any bits: the text is JSON and reads back as the same number. */
static void
every_number_reads_back(void **state)
{
	uint64_t x = 88172645463325252u;
	struct jlex_report r;
	const char *text;
	double v;
	int i;

	for (i = 0; i < 20000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(&v, &x, sizeof(v));
		if (!isfinite(v))
			continue;
		text = num(v);
		if (jlex_check(text, strlen(text), 32, &r) != 0 ||
		    strtod(text, NULL) != v)
			fail_msg("%a became %s", v, text);
		arena_reset(a);
	}
}

static const char *
rounded(double v, int digits)
{
	jw_init(&w, a);
	jw_round(&w, v, digits);
	return jw_text(&w, NULL);
}

static void
rounding_is_half_away_from_zero(void **state)
{
	static const struct {
		double		 v;
		int		 digits;
		const char	*text;
	} t[] = {
		{ 0.125, 2, "0.13" },
		{ -0.125, 2, "-0.13" },
		{ 0.375, 2, "0.38" },
		{ 65.394999, 2, "65.39" },
		{ 65.395, 2, "65.4" },
		{ 2.5, 0, "3" },
		{ -2.5, 0, "-3" },
		{ 0.5, 0, "1" },
		{ 0.49999, 0, "0" },
		{ 1.5, 0, "2" },
		{ 2.675, 2, "2.68" },
		{ 1.005, 2, "1.01" },
		{ 0.285, 2, "0.29" },
		{ 0.05, 1, "0.1" },
		{ 0.04999, 1, "0" },
		{ 0.005, 2, "0.01" },
		{ 0.0005, 2, "0" },
		{ 9.995, 2, "10" },
		{ 9.995, 3, "9.995" },
		{ 99.9996, 3, "100" },
		{ 0.99996, 4, "1" },
		{ 0.9994, 3, "0.999" },
		{ 72.10, 2, "72.1" },
		{ 100, 2, "100" },
		{ 0, 2, "0" },
		{ 1.0 / 3, 4, "0.3333" },
		{ 2.0 / 3, 4, "0.6667" },
		{ 0.000123456, 6, "0.000123" },
		{ 1234567.891, 2, "1234567.89" },
		{ 1e22, 2, "1e+22" },
		{ 1e-300, 2, "0" },
		{ 1.25e-5, 6, "0.000013" },
	};
	size_t i;

	for (i = 0; i < UNIT_COUNT(t); i++)
		assert_string_equal(t[i].text, rounded(t[i].v, t[i].digits));
}

static void
rounding_never_leaves_minus_zero(void **state)
{
	assert_string_equal("0", rounded(-0.001, 2));
	assert_string_equal("0", rounded(-0.0, 2));
	assert_string_equal("0", rounded(-0.4, 0));
}

/* Rounded text lies within half a unit of the last place. */
static void
rounding_stays_near(void **state)
{
	uint64_t x = 2463534242u;
	const char *text;
	double v;
	int i;

	for (i = 0; i < 20000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		v = ((double)(x >> 11) / 9007199254740992.0 - 0.5) * 20000;
		text = rounded(v, 4);
		if (fabs(strtod(text, NULL) - v) > 0.00005 + 1e-11)
			fail_msg("%.17g became %s", v, text);
		arena_reset(a);
	}
}

static void
integers_keep_all_digits(void **state)
{
	jw_arr(&w);
	jw_int(&w, INT64_MAX);
	jw_int(&w, INT64_MIN);
	jw_end(&w);
	assert_string_equal("[9223372036854775807,-9223372036854775808]",
	    jw_text(&w, NULL));
}

static void
misuse(void *arg)
{
	int i;

	switch (*(int *)arg) {
	case 0:			/* left open */
		jw_obj(&w);
		(void)jw_text(&w, NULL);
		break;
	case 1:			/* nothing written */
		(void)jw_text(&w, NULL);
		break;
	case 2:			/* no name */
		jw_obj(&w);
		jw_int(&w, 1);
		break;
	case 3:			/* name in an array */
		jw_arr(&w);
		jw_key(&w, "a");
		break;
	case 4:			/* name without a value */
		jw_obj(&w);
		jw_key(&w, "a");
		jw_end(&w);
		break;
	case 5:			/* second value */
		jw_int(&w, 1);
		jw_int(&w, 2);
		break;
	case 6:			/* closed too often */
		jw_arr(&w);
		jw_end(&w);
		jw_end(&w);
		break;
	case 7:			/* too deep */
		for (i = 0; i < JW_MAX_DEPTH + 1; i++)
			jw_arr(&w);
		break;
	case 8:			/* name after name */
		jw_obj(&w);
		jw_key(&w, "a");
		jw_key(&w, "b");
		break;
	}
}

static void
misuse_is_fatal(void **state)
{
	char err[256];
	int i;

	for (i = 0; i <= 8; i++) {
		if (unit_child(misuse, &i, err, sizeof(err)) != 1)
			fail_msg("misuse %d was let through", i);
		assert_non_null(strstr(err, "bug: "));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(punctuation_is_kept_by_the_writer),
		T(null_pointers_write_null),
		T(strings_are_escaped),
		T(bytes_that_are_no_utf8_are_replaced),
		T(names_are_escaped_too),
		T(numbers_are_the_shortest_that_read_back),
		T(numbers_that_are_not_finite_are_null),
		T(every_number_reads_back),
		T(rounding_is_half_away_from_zero),
		T(rounding_never_leaves_minus_zero),
		T(rounding_stays_near),
		T(integers_keep_all_digits),
		T(misuse_is_fatal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
