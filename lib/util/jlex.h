/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The gate before json-c: decides, byte by byte, whether a text is JSON.
 * RFC 8259 grammar, RFC 3629 UTF-8 (no overlong forms, no surrogates), no
 * byte order mark, no lone \u surrogate, no raw control byte in a string,
 * numbers that fit a double (not 1e400), nesting up to `max_depth`, one value,
 * nothing behind it but white space.  What passes here json-c must accept;
 * strictness must not depend on json-c's release.
 */
#ifndef UTIL_JLEX_H
#define UTIL_JLEX_H

#include <stddef.h>

struct arena;
struct buf;

#define JLEX_MAX_DEPTH	32	/* what the wire allows */
#define JLEX_DEPTH_LIMIT 64	/* what max_depth may be at most */

struct jlex_report {
	size_t		 offset;	/* of the first fault, in bytes */
	const char	*what;		/* static text, NULL when all is well */
	size_t		 members;	/* object members in the whole text */
	size_t		 containers;	/* objects and arrays: json-c takes
					   up to 1 KiB for each */
	size_t		 values;	/* all of them, containers too */
	int		 nul_in_key;	/* \u0000 in a member name */
	int		 nul_in_value;	/* \u0000 in a string value */
	char		 top;		/* what the value begins with: { [ "
					   t f n, 0 for a number */
};

/*
 * 0 when `text` is JSON, -1 with offset and what when it is not.  A max_depth
 * above JLEX_DEPTH_LIMIT counts as that.  Any thread.
 *
 * Integers of any length are JSON here as long as they fit a double; jv_int
 * refuses those beyond int64, so nothing is rounded in silence.
 */
int jlex_check(const char *text, size_t len, int max_depth,
    struct jlex_report *);

/*
 * In a text that jlex_check passes, at an opening quote: behind the closing
 * one.
 */
const char *jlex_string_end(const char *);
/*
 * For a text that jlex_check has passed: finds the first member whose name
 * (escapes undone) stands in its object for the second time, and appends its
 * place as a JSON array: ["config","batch_size"], ["items",3,"a"].  The names
 * are written as they stand in the text.  1 when there is one, else 0.  The
 * arena gives 16 bytes a member.
 */
int jlex_duplicate(struct arena *, const char *text, size_t len,
    struct buf *path);

#endif
