/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what schema_check has passed, with the defaults of the tables. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "domain/schema.h"
#include "util/log.h"

/* NULL when the table has no default for it. */
static const char *
default_of(const struct schema *s, const char *name)
{
	size_t	i;

	for (i = 0; i < s->nfields; i++)
		if (strcmp(s->fields[i].name, name) == 0)
			return s->fields[i].dflt;
	fatalx("bug: %s has no field %s", s->name, name);
}

int64_t
schema_int(const struct schema *s, const struct jv *obj, const char *name)
{
	const char	*dflt = default_of(s, name);
	int64_t		 n;

	if (jv_int(jv_member(obj, name), &n))
		return n;
	return dflt == NULL ? 0 : strtoll(dflt, NULL, 10);
}

double
schema_num(const struct schema *s, const struct jv *obj, const char *name)
{
	const char	*dflt = default_of(s, name);
	double		 x;

	if (jv_num(jv_member(obj, name), &x))
		return x;
	return dflt == NULL ? 0 : strtod(dflt, NULL);
}

int
schema_bool(const struct schema *s, const struct jv *obj, const char *name)
{
	const char	*dflt = default_of(s, name);
	int		 b;

	if (jv_bool(jv_member(obj, name), &b))
		return b;
	return dflt != NULL && strcmp(dflt, "true") == 0;
}

const char *
schema_word(const struct schema *s, const struct jv *obj, const char *name)
{
	const char	*dflt = default_of(s, name), *given;

	given = jv_text(obj, name);
	return given != NULL ? given : dflt;
}
