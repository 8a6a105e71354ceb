/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers and times as the texts that statements take as parameters.  Each
 * result is a text of its own in the arena given, of at most TS_LEN
 * bytes with its NUL, and lives as long as that.  Any thread that owns the
 * arena.
 */
#ifndef STORE_SQLVAL_H
#define STORE_SQLVAL_H

#include <stdint.h>

#include "util/arena.h"

const char *sql_int(struct arena *, int64_t);
/* All digits: it is read back as the same number. */
const char *sql_real(struct arena *, double);
/* Microseconds since 1970; NULL, which is SQL's, for TS_NONE. */
const char *sql_ts(struct arena *, int64_t us);

#endif
