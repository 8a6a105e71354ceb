/* SPDX-License-Identifier: BSD-2-Clause */
/* One pass over the text; what is inside a value is only counted. */
#include "config.h"

#include <string.h>

#include "util/jlex.h"
#include "util/jpick.h"

/* Behind a value: the comma, or the brace that closes its object. */
static const char *
value_end(const char *s)
{
	int depth = 0;

	for (;;)
		switch (*s) {
		case '"':
			s = jlex_string_end(s);
			break;
		case '{':
		case '[':
			depth++;
			s++;
			break;
		case '}':
		case ']':
			if (depth-- == 0)
				return s;
			s++;
			break;
		case ',':
			if (depth == 0)
				return s;
			s++;
			break;
		default:
			s++;
			break;
		}
}

static const char *
space_end(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

void
jpick(const char *object, struct jpick *want, size_t n)
{
	const char *s = space_end(object), *name, *value;
	size_t i, len;

	for (i = 0; i < n; i++)
		want[i].text = NULL;
	/* behind the brace, and then behind each comma */
	for (s = space_end(s + 1); *s == '"'; s = space_end(s + 1)) {
		name = s + 1;
		s = jlex_string_end(s);
		len = (size_t)(s - 1 - name);
		value = space_end(space_end(s) + 1);	/* the colon's */
		s = value_end(value);
		for (i = 0; i < n; i++)
			if (strlen(want[i].name) == len &&
			    memcmp(want[i].name, name, len) == 0)
				break;
		if (i == n)
			continue;
		for (len = (size_t)(s - value);
		    strchr(" \t\r\n", value[len - 1]) != NULL; len--)
			;
		want[i].text = value;
		want[i].len = len;
	}
}
