/* SPDX-License-Identifier: BSD-2-Clause */
/* Points in time: microseconds since 1970-01-01T00:00:00Z (int64). */
#ifndef UTIL_TS_H
#define UTIL_TS_H

#include <stddef.h>
#include <stdint.h>

#define TS_LEN	28	/* 2026-03-18T09:15:02.123456Z and a NUL */
/* A time that is not set. */
#define TS_NONE	INT64_MIN

/*
 * Strict RFC 3339 date-time with offset ("Z", "z" or +hh:mm); 1..9 fraction
 * digits, cut to six; a leap second, 23:59:60 in UTC, becomes :59.999999;
 * years 0001..9999, in UTC too.  0, or -1 when it is anything else.  Any
 * thread, all of this file.
 */
int ts_parse(const char *, size_t len, int64_t *us);
/* Six fraction digits and Z; what is beyond those years is cut to them. */
void ts_format(int64_t us, char out[TS_LEN]);
/* This host's clock: for ids and log lines, never for leases. */
int64_t ts_now(void);
/* CLOCK_MONOTONIC in microseconds: for local deadlines. */
int64_t ts_mono(void);

#endif
