/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 3339: what is read, what is refused, what is written. */
#include "config.h"

#include <time.h>

#include "unit.h"

#include "util/ts.h"

#define SECOND	INT64_C(1000000)

static void
date_times_are_read(void **state)
{
	static const struct {
		const char	*text;
		int64_t		 us;
	} v[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01T00:00:00.000001Z", 1 },
		{ "1969-12-31T23:59:59.999999Z", -1 },
		{ "2026-03-18T09:15:02.123456Z", 1773825302123456 },
		{ "2026-03-18t09:15:02.123456z", 1773825302123456 },
		{ "2026-03-18T11:15:02.123456+02:00", 1773825302123456 },
		{ "2026-03-17T23:45:02.123456-09:30", 1773825302123456 },
		{ "2026-03-18T09:15:02-00:00", 1773825302 * SECOND },
		{ "2026-03-18T09:15:02.1Z", 1773825302100000 },
		{ "2026-03-18T09:15:02.1234569Z", 1773825302123456 },
		{ "2026-03-18T09:15:02.123456789Z", 1773825302123456 },
		{ "2024-02-29T12:00:00Z", 1709208000 * SECOND },
		{ "2000-02-29T00:00:00Z", 951782400 * SECOND },
		{ "1900-03-01T00:00:00Z", -2203891200 * SECOND },
		{ "0001-01-01T00:00:00Z", -62135596800 * SECOND },
		{ "9999-12-31T23:59:59.999999Z", 253402300800 * SECOND - 1 },
		{ "2026-01-01T00:00:00+23:59", 1767139260 * SECOND },
	};
	int64_t us;
	size_t i;

	for (i = 0; i < UNIT_COUNT(v); i++) {
		if (ts_parse(v[i].text, strlen(v[i].text), &us) != 0)
			fail_msg("refused: %s", v[i].text);
		if (us != v[i].us)
			fail_msg("%s became %lld", v[i].text, (long long)us);
	}
}

static void
other_texts_are_refused(void **state)
{
	static const char *const texts[] = {
		"", "2026", "2026-03-18", "2026-03-18T09:15:02",
		"2026-03-18T09:15:02.123456", "2026-03-18 09:15:02Z",
		"2026-03-18T09:15Z", "2026-03-18T09:15:02.Z",
		"2026-03-18T09:15:02,5Z", "2026-03-18T09:15:02.1234567890Z",
		"2026-03-18T09:15:02+02", "2026-03-18T09:15:02+0200",
		"2026-03-18T09:15:02+24:00", "2026-03-18T09:15:02+02:60",
		"2026-03-18T09:15:02+2:00", "2026-03-18T09:15:02UTC",
		"2026-03-18T09:15:02ZZ", " 2026-03-18T09:15:02Z",
		"2026-03-18T09:15:02Z ", "2026-03-18T09:15:02Z\n",
		"2026-3-18T09:15:02Z", "26-03-18T09:15:02Z",
		"12026-03-18T09:15:02Z", "+2026-03-18T09:15:02Z",
		"-026-03-18T09:15:02Z", "2026-00-18T09:15:02Z",
		"2026-13-18T09:15:02Z", "2026-03-00T09:15:02Z",
		"2026-03-32T09:15:02Z", "2026-04-31T09:15:02Z",
		"2026-02-29T09:15:02Z", "1900-02-29T09:15:02Z",
		"2026-03-18T24:00:00Z", "2026-03-18T09:60:02Z",
		"2026-03-18T09:15:61Z", "2026-03-18T-9:15:02Z",
		"2026-03-18T 9:15:02Z", "0000-01-01T00:00:00Z",
		"0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
		"2026-03-18T09:15:02\xe2\x88\x92\x30\x31:00", "1773825302",
		"20260318T091502Z", "2026-W12-3T09:15:02Z",
	};
	int64_t us = 7;
	size_t i;

	for (i = 0; i < UNIT_COUNT(texts); i++)
		if (ts_parse(texts[i], strlen(texts[i]), &us) != -1)
			fail_msg("accepted: \"%s\"", texts[i]);
	assert_int_equal(7, us);
}

/* Every prefix, in memory that ends where the text ends. */
static void
cut_texts_are_refused(void **state)
{
	static const char text[] = "2026-03-18T09:15:02.123456+02:00";
	int64_t us;
	size_t n;

	for (n = 0; n < sizeof(text) - 1; n++) {
		char *copy = malloc(n == 0 ? 1 : n);

		assert_non_null(copy);
		memcpy(copy, text, n);
		assert_int_equal(-1, ts_parse(copy, n, &us));
		free(copy);
	}
}

static void
leap_second_is_cut_to_the_last_instant(void **state)
{
	int64_t us;

	assert_int_equal(0, ts_parse("2016-12-31T23:59:60Z", 20, &us));
	assert_int_equal(1483228800 * SECOND - 1, us);
	assert_int_equal(0, ts_parse("2016-12-31T15:59:60.5-08:00", 27, &us));
	assert_int_equal(1483228800 * SECOND - 1, us);
	assert_int_equal(-1, ts_parse("2016-12-31T23:58:60Z", 20, &us));
	assert_int_equal(-1, ts_parse("2016-12-31T23:59:60+01:00", 25, &us));
}

static void
format_has_six_digits_and_z(void **state)
{
	char out[TS_LEN];

	ts_format(0, out);
	assert_string_equal("1970-01-01T00:00:00.000000Z", out);
	ts_format(-1, out);
	assert_string_equal("1969-12-31T23:59:59.999999Z", out);
	ts_format(1773825302123456, out);
	assert_string_equal("2026-03-18T09:15:02.123456Z", out);
	ts_format(1709208000 * SECOND, out);
	assert_string_equal("2024-02-29T12:00:00.000000Z", out);
}

static void
format_cuts_to_the_years_it_can_write(void **state)
{
	char out[TS_LEN];

	ts_format(INT64_MIN, out);
	assert_string_equal("0001-01-01T00:00:00.000000Z", out);
	ts_format(INT64_MAX, out);
	assert_string_equal("9999-12-31T23:59:59.999999Z", out);
}

/* Days of 8,000 years, against the C library. */
static void
format_agrees_with_the_c_library(void **state)
{
	char out[TS_LEN], expected[TS_LEN];
	int64_t t, us;
	time_t sec;
	struct tm tm;

	for (t = -62135596800; t < 253402300800; t += 86400 * 37 + 4999) {
		sec = (time_t)t;
		assert_non_null(gmtime_r(&sec, &tm));
		(void)snprintf(expected, sizeof(expected),
		    "%04u-%02u-%02uT%02u:%02u:%02u.000000Z",
		    (unsigned int)(tm.tm_year + 1900) % 10000,
		    (unsigned int)(tm.tm_mon + 1) % 100,
		    (unsigned int)tm.tm_mday % 100,
		    (unsigned int)tm.tm_hour % 100,
		    (unsigned int)tm.tm_min % 100,
		    (unsigned int)tm.tm_sec % 100);
		ts_format(t * SECOND, out);
		assert_string_equal(expected, out);
		assert_int_equal(0, ts_parse(out, strlen(out), &us));
		assert_true(us == t * SECOND);
	}
}

static void
clocks_do_not_run_backwards(void **state)
{
	int64_t before = ts_mono(), now = ts_now();
	struct timespec ts;

	assert_true(ts_mono() >= before);
	assert_int_equal(0, clock_gettime(CLOCK_REALTIME, &ts));
	assert_true(now / SECOND <= ts.tv_sec + 1);
	assert_true(now / SECOND >= ts.tv_sec - 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(date_times_are_read),
		cmocka_unit_test(other_texts_are_refused),
		cmocka_unit_test(cut_texts_are_refused),
		cmocka_unit_test(leap_second_is_cut_to_the_last_instant),
		cmocka_unit_test(format_has_six_digits_and_z),
		cmocka_unit_test(format_cuts_to_the_years_it_can_write),
		cmocka_unit_test(format_agrees_with_the_c_library),
		cmocka_unit_test(clocks_do_not_run_backwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
