/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes JSON text into a buf: commas and nesting are kept by the writer.
 * Slashes are not escaped, numbers are the shortest that read back equal,
 * bytes that are no UTF-8 become U+FFFD.  A wrong order of calls (a member
 * without a name, a second value) is a bug of the caller: fatal.
 */
#ifndef UTIL_JW_H
#define UTIL_JW_H

#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

#define JW_MAX_DEPTH	48

struct jw {
	struct buf	 buf;
	int		 depth;
	char		 comma[JW_MAX_DEPTH];
	char		 close[JW_MAX_DEPTH];
	int		 after_key;
};

void jw_init(struct jw *, struct arena *);
void jw_obj(struct jw *);
void jw_arr(struct jw *);
/* Closes the innermost object or array. */
void jw_end(struct jw *);
void jw_key(struct jw *, const char *);
void jw_keyn(struct jw *, const char *, size_t);
/* NULL writes null. */
void jw_str(struct jw *, const char *);
void jw_strn(struct jw *, const char *, size_t);
void jw_strf(struct jw *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
void jw_int(struct jw *, int64_t);
/* Not finite: null. */
void jw_num(struct jw *, double);
/*
 * The shortest decimal that reads back equal, rounded half away from zero to
 * `digits` (>= 0) decimals, no trailing zeros, never -0.  Not finite: null.
 */
void jw_round(struct jw *, double, int digits);
void jw_bool(struct jw *, int);
void jw_null(struct jw *);
/* JSON text as it is (a json column); NULL or "" writes null. */
void jw_raw(struct jw *, const char *);
/* A piece of such a text: one value. */
void jw_rawn(struct jw *, const char *, size_t);

/* Key and value in one. */
void jw_kstr(struct jw *, const char *key, const char *);
void jw_kint(struct jw *, const char *key, int64_t);
void jw_knum(struct jw *, const char *key, double);
void jw_kround(struct jw *, const char *key, double, int digits);
/* An array of n such numbers. */
void jw_krounds(struct jw *, const char *key, const double *, int n,
    int digits);
void jw_kbool(struct jw *, const char *key, int);
void jw_knull(struct jw *, const char *key);
void jw_kraw(struct jw *, const char *key, const char *);
void jw_kobj(struct jw *, const char *key);
void jw_karr(struct jw *, const char *key);

/* The text; everything must be closed (a bug otherwise: fatal). */
const char *jw_text(struct jw *, size_t *len);

#endif
