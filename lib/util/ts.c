/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 3339 in and out, by the proleptic Gregorian calendar, no libc state. */
#include "config.h"

#include <stdio.h>
#include <time.h>

#include "util/log.h"
#include "util/ts.h"

#define US_PER_S	INT64_C(1000000)
#define S_PER_DAY	INT64_C(86400)
#define DAYS_PER_ERA	146097		/* 400 years */
#define EPOCH_DAYS	719468		/* 0000-03-01 to 1970-01-01 */

/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z */
#define TS_MIN		(INT64_C(-62135596800) * US_PER_S)
#define TS_MAX		(INT64_C(253402300800) * US_PER_S - 1)

/* Days since 1970-01-01; years begin in March so that leap days end them. */
static int64_t
days_of(int y, int m, int d)
{
	int era, doy;

	if (m <= 2)
		y--;
	era = y / 400;			/* y is never negative here */
	y -= era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return (int64_t)era * DAYS_PER_ERA + y * 365 + y / 4 - y / 100 +
	    doy - EPOCH_DAYS;
}

static void
date_of(int64_t days, int *y, int *m, int *d)
{
	int64_t z = days + EPOCH_DAYS, era = z / DAYS_PER_ERA;
	int doe = (int)(z - era * DAYS_PER_ERA);
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;

	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp < 10 ? mp + 3 : mp - 9;
	*y = yoe + (int)era * 400 + (*m <= 2);
}

static int
month_days(int y, int m)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};

	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return 29;
	return days[m - 1];
}

/* Reads exactly n digits at *s; -1 when there are not so many. */
static int
digits(const char **s, const char *end, int n)
{
	int v = 0;

	if (end - *s < n)
		return -1;
	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + (**s - '0');
	}
	return v;
}

/* Digits within bounds, then the byte `sep` (0: none). */
static int
field(const char **s, const char *end, int n, int min, int max, char sep,
    int *out)
{
	*out = digits(s, end, n);
	if (*out < min || *out > max)
		return -1;
	if (sep != 0 && (*s == end || *(*s)++ != sep))
		return -1;
	return 0;
}

/* ".123456789" when there is one: microseconds. */
static int
fraction(const char **s, const char *end, int *us)
{
	int n = 0;

	*us = 0;
	if (*s == end || **s != '.')
		return 0;
	for ((*s)++; *s < end && **s >= '0' && **s <= '9'; (*s)++, n++)
		if (n < 6)
			*us = *us * 10 + (**s - '0');
	if (n < 1 || n > 9)
		return -1;
	for (; n < 6; n++)
		*us *= 10;
	return 0;
}

/* Minutes east of UTC. */
static int
offset(const char **s, const char *end, int *min)
{
	int hh, mm, sign;

	if (*s == end)
		return -1;
	switch (*(*s)++) {
	case 'Z':
	case 'z':
		*min = 0;
		return 0;
	case '+':
		sign = 1;
		break;
	case '-':
		sign = -1;
		break;
	default:
		return -1;
	}
	if (field(s, end, 2, 0, 23, ':', &hh) == -1 ||
	    field(s, end, 2, 0, 59, 0, &mm) == -1)
		return -1;
	*min = sign * (hh * 60 + mm);
	return 0;
}

int
ts_parse(const char *s, size_t len, int64_t *us)
{
	const char *end = s + len;
	int year, mon, day, hour, min, sec, frac, off;
	int64_t minutes, t;

	if (field(&s, end, 4, 1, 9999, '-', &year) == -1 ||
	    field(&s, end, 2, 1, 12, '-', &mon) == -1 ||
	    field(&s, end, 2, 1, month_days(year, mon), 0, &day) == -1)
		return -1;
	if (s == end || (*s != 'T' && *s != 't'))
		return -1;
	s++;
	if (field(&s, end, 2, 0, 23, ':', &hour) == -1 ||
	    field(&s, end, 2, 0, 59, ':', &min) == -1 ||
	    field(&s, end, 2, 0, 60, 0, &sec) == -1 ||
	    fraction(&s, end, &frac) == -1 ||
	    offset(&s, end, &off) == -1 || s != end)
		return -1;
	minutes = days_of(year, mon, day) * 1440 + hour * 60 + min - off;
	if (sec == 60) {
		/* Leap seconds end a day of UTC, wherever it is written. */
		if ((minutes + 1) % 1440 != 0)
			return -1;
		sec = 59;
		frac = 999999;
	}
	t = (minutes * 60 + sec) * US_PER_S + frac;
	if (t < TS_MIN || t > TS_MAX)
		return -1;
	*us = t;
	return 0;
}

void
ts_format(int64_t us, char out[TS_LEN])
{
	int year, mon, day, s;
	int64_t t, days;

	if (us < TS_MIN)
		us = TS_MIN;
	if (us > TS_MAX)
		us = TS_MAX;
	us -= TS_MIN;			/* no negative division below */
	t = us / US_PER_S;
	days = t / S_PER_DAY;
	s = (int)(t % S_PER_DAY);
	date_of(days + TS_MIN / US_PER_S / S_PER_DAY, &year, &mon, &day);
	(void)snprintf(out, TS_LEN, "%04u-%02u-%02uT%02u:%02u:%02u.%06uZ",
	    (unsigned int)year % 10000, (unsigned int)mon % 100,
	    (unsigned int)day % 100, (unsigned int)s / 3600 % 100,
	    (unsigned int)s / 60 % 60, (unsigned int)s % 60,
	    (unsigned int)(us % US_PER_S) % 1000000);
}

static int64_t
clock_us(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) == -1)
		fatal("clock_gettime");
	return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

int64_t
ts_now(void)
{
	return clock_us(CLOCK_REALTIME);
}

int64_t
ts_mono(void)
{
	return clock_us(CLOCK_MONOTONIC);
}
