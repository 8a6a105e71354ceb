/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 3629 UTF-8: no overlong forms, no surrogates, up to U+10FFFF. */
#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Length (1..4) of the well-formed sequence that `s` begins with, 0 when it
 * begins with none; reads at most len bytes.  *cp (opt.) gets the code point.
 */
size_t utf8_next(const char *s, size_t len, uint32_t *cp);

#endif
