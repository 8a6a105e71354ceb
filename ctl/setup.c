/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * setup: hands over to a script, which an administrator can read: it runs
 * other programs (psql, openssl, nginx, systemctl) and little else.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/args.h"
#include "ctl/ctl.h"

static int
setup_run(struct ctl *c, struct args *a)
{
	static char script[] = TRAINYARD_LIBEXECDIR "/setup";
	char **argv;
	int i;

	if (setenv("TRAINYARD_CONF", c->conf_path, 1) == -1)
		return ctl_error("setenv: %s", strerror(errno));
	argv = arena_alloc(c->arena, ((size_t)a->argc + 2) * sizeof(*argv));
	argv[0] = script;
	for (i = 0; i < a->argc; i++)
		argv[i + 1] = a->argv[i];
	argv[a->argc + 1] = NULL;
	(void)execv(script, argv);
	return ctl_error("%s: %s", script, strerror(errno));
}

const struct verb setup_verbs[] = {
	{ "", setup_run, "[--dry-run] [--skip STEP]... "
	    "[--database CONNINFO [--superuser CONNINFO]] "
	    "[--org KEY --user MAIL] [--certificate FILE --key FILE] "
	    "[--name HOST]... [--url URL]" },
	{ NULL, NULL, NULL }
};
