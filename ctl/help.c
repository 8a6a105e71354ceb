/* SPDX-License-Identifier: BSD-2-Clause */
/* help: usage, from the table of commands. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "util/ident.h"

#define NEAR	2	/* edits between a word and what was meant */

int
help_usage(void)
{
	(void)fputs("usage: trainyard [-c file] [--json] noun [verb] "
	    "[argument ...]\n       trainyard help [noun]\n", stderr);
	return CTL_USAGE;
}

int
help_unknown(const char *word)
{
	const struct noun *n;

	for (n = ctl_nouns; n->word != NULL; n++)
		if (ident_distance(word, n->word, NEAR) <= NEAR) {
			(void)ctl_error("unknown noun \"%s\"; did you mean "
			    "\"%s\"?", word, n->word);
			return help_usage();
		}
	(void)ctl_error("unknown noun \"%s\"", word);
	return help_usage();
}

int
help_print(const struct noun *noun)
{
	const struct verb *v;

	for (v = noun->verbs; v->run != NULL; v++)
		args_usage(noun, v, stdout);
	return CTL_OK;
}

static int
help_run(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	const struct noun *n;
	const char *pos[1];

	if (!args_read(c, a, opts, pos, 0, 1))
		return CTL_USAGE;
	for (n = ctl_nouns; n->word != NULL; n++)
		if (pos[0] == NULL)
			(void)help_print(n);
		else if (strcmp(n->word, pos[0]) == 0)
			return help_print(n);
	return pos[0] == NULL ? CTL_OK : help_unknown(pos[0]);
}

const struct verb help_verbs[] = {
	{ "", help_run, "[NOUN]" },
	{ NULL, NULL, NULL }
};
