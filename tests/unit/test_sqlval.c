/* SPDX-License-Identifier: BSD-2-Clause */
/* Values as texts for statements. */
#include "config.h"

#include <stdlib.h>

#include "unit.h"

#include "store/sqlval.h"
#include "util/ts.h"

static struct arena *arena;

static int
setup(void **state)
{
	arena = arena_new(1024);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static void
the_widest_integers_are_whole(void **state)
{
	assert_string_equal("0", sql_int(arena, 0));
	assert_string_equal("9223372036854775807", sql_int(arena, INT64_MAX));
	assert_string_equal("-9223372036854775808", sql_int(arena, INT64_MIN));
}

static void
a_real_is_read_back_as_the_same_number(void **state)
{
	const double x[] = { 0, 0.1, 1.0 / 3, -2.2250738585072014e-308,
	    1.7976931348623157e308 };
	size_t i;

	for (i = 0; i < UNIT_COUNT(x); i++)
		assert_true(strtod(sql_real(arena, x[i]), NULL) == x[i]);
}

static void
a_time_is_text_in_utc(void **state)
{
	assert_string_equal("1970-01-01T00:00:00.000000Z", sql_ts(arena, 0));
	assert_string_equal("1969-12-31T23:59:59.999999Z", sql_ts(arena, -1));
}

static void
a_time_that_is_not_set_is_null(void **state)
{
	assert_null(sql_ts(arena, TS_NONE));
}

static void
each_text_keeps_its_own_place(void **state)
{
	const char *const p[] = { sql_int(arena, 1), sql_int(arena, 2),
	    sql_ts(arena, 0), sql_ts(arena, 1), sql_real(arena, 3),
	    sql_real(arena, 4) };

	assert_string_equal("1", p[0]);
	assert_string_equal("2", p[1]);
	assert_string_equal("1970-01-01T00:00:00.000000Z", p[2]);
	assert_string_equal("1970-01-01T00:00:00.000001Z", p[3]);
	assert_string_equal("3", p[4]);
	assert_string_equal("4", p[5]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(the_widest_integers_are_whole),
		T(a_real_is_read_back_as_the_same_number),
		T(a_time_is_text_in_utc),
		T(a_time_that_is_not_set_is_null),
		T(each_text_keeps_its_own_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
