/* SPDX-License-Identifier: BSD-2-Clause */
/* The two classes of characters that texts are taken apart by. */
#ifndef JUDGE_UNI_H
#define JUDGE_UNI_H

#include <stdint.h>

/* Unicode's White_Space property. */
static inline int
uni_space(uint32_t cp)
{
	return (cp >= 0x09 && cp <= 0x0d) || cp == 0x20 || cp == 0x85 ||
	    cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) ||
	    cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f ||
	    cp == 0x3000;
}

static inline int
uni_ascii_punct(uint32_t cp)
{
	return (cp >= 0x21 && cp <= 0x2f) || (cp >= 0x3a && cp <= 0x40) ||
	    (cp >= 0x5b && cp <= 0x60) || (cp >= 0x7b && cp <= 0x7e);
}

#endif
