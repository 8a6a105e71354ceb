/* SPDX-License-Identifier: BSD-2-Clause */
/* One mail address, told from anything that a mailer could read as more. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "domain/email.h"
#include "util/utf8.h"

/* Blanks and controls, beyond ASCII too: a mailer may fold them. */
static int
is_blank_or_control(uint32_t cp)
{
	return cp <= 0x20 || (cp >= 0x7f && cp <= 0xa0) || cp == 0x1680 ||
	    (cp >= 0x2000 && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202f) ||
	    (cp >= 0x205f && cp <= 0x206f) || cp == 0x3000 || cp == 0xfeff;
}

int
email_ok(const char *s)
{
	const char	*p, *at = NULL;
	size_t		 left = strlen(s), n;
	uint32_t	 cp;

	for (p = s; left > 0; p += n, left -= n) {
		if ((n = utf8_next(p, left, &cp)) == 0)
			return 0;
		if (is_blank_or_control(cp) ||
		    (cp < 0x80 && strchr(",\"()<>[]{}", (int)cp) != NULL))
			return 0;
		if (cp != '@')
			continue;
		if (at != NULL)
			return 0;
		at = p;
	}
	return at != NULL && at > s && at[1] != '\0';
}
