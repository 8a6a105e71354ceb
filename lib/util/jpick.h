/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of a JSON object as pieces of its text, without a tree. */
#ifndef UTIL_JPICK_H
#define UTIL_JPICK_H

#include <stddef.h>

struct jpick {
	const char	*name;		/* filled in by the caller */
	const char	*text;		/* of the value; NULL: no such member */
	size_t		 len;
};

/*
 * Looks for n members of an object, which jlex_check passes and a NUL ends;
 * the pieces lie in its text.  Names are compared as they stand there, so those
 * that are looked for have no backslash, and one that has escapes for plain
 * letters, which no writer of ours makes, is not found.
 */
void jpick(const char *object, struct jpick *, size_t n);

#endif
