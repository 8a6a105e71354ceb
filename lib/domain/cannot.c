/* SPDX-License-Identifier: BSD-2-Clause */
/* What a site's own runner cannot do is refused before it is queued. */
#include "config.h"

#include <string.h>

#include "domain/cannot.h"

#define OWN_RUNNER	"trainyard-runner"

enum test { GIVEN, BEYOND1, NAMED };

static const struct {
	const char	*field;
	enum test	 test;
	const char	*word, *why;
} cannot_table[] = {
#define CANNOT(field, test, word, why)	{ field, test, word, why },
#include "domain/cannot.tbl.h"
#undef CANNOT
};

/* One of its words is the program, with or without its folder. */
static int
is_own(const char *command)
{
	const char	*at = command, *end;
	size_t		 n = strlen(OWN_RUNNER);

	while ((at = strstr(at, OWN_RUNNER)) != NULL) {
		end = at + n;
		if ((at == command || strchr(" \t/", at[-1]) != NULL) &&
		    (*end == '\0' || strchr(" \t", *end) != NULL))
			return 1;
		at = end;
	}
	return 0;
}

static int
holds(const struct jv *v, enum test test, const char *word)
{
	const char	*name;
	int64_t		 n;

	switch (test) {
	case GIVEN:
		return 1;
	case BEYOND1:
		return jv_int(v, &n) && n > 1;
	case NAMED:
		name = jv_text(v, "name");
		return name != NULL && strcmp(name, word) == 0;
	}
	return 0;
}

void
cannot_check(struct faults *f, const struct jv *config,
    const struct loc *loc, const char *command)
{
	const struct jv	*v;
	size_t		 i;

	if (!is_own(command))
		return;
	for (i = 0; i < sizeof(cannot_table) / sizeof(cannot_table[0]); i++)
		if ((v = jv_member(config, cannot_table[i].field)) != NULL &&
		    holds(v, cannot_table[i].test, cannot_table[i].word))
			fault_add(f, LOC(loc, cannot_table[i].field),
			    "value_error", "%s, which runs these jobs here, "
			    "%s: leave it out, or ask the administrator for "
			    "another runner", OWN_RUNNER, cannot_table[i].why);
}
