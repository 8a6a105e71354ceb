/* SPDX-License-Identifier: BSD-2-Clause */
/* Goes through the table of checks. */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/engines/check.h"
#include "util/log.h"

static const struct {
	const char	*engine, *name;
	check_fn	*fn;
} checks[] = {
#define CHECK(engine, name, doc) { #engine, #name, check_##engine##_##name },
#include "dispatch/engines/check.tbl.h"
#undef CHECK
};

int
check_engine(const struct engine *e, const struct conf *conf,
    check_seen *seen, void *arg)
{
	char why[ENGINE_WHY_LEN];
	enum check_verdict v;
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (strcmp(checks[i].engine, e->name) != 0)
			continue;
		why[0] = '\0';
		v = checks[i].fn(conf, why);
		seen(arg, checks[i].name, v, why);
		if (v == CHECK_FAIL)
			return -1;
	}
	return 0;
}

int
command_found(const char *command)
{
	char path[PATH_MAX], *dirs, *dir, *save = NULL;
	const char *env;
	int found = 0;

	if (strchr(command, '/') != NULL)
		return access(command, X_OK) == 0;
	if ((env = getenv("PATH")) == NULL)
		env = "/usr/local/bin:/usr/bin:/bin";
	if ((dirs = strdup(env)) == NULL)
		fatalx("out of memory");
	for (dir = strtok_r(dirs, ":", &save); dir != NULL && !found;
	    dir = strtok_r(NULL, ":", &save)) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, command);
		found = access(path, X_OK) == 0;
	}
	free(dirs);
	return found;
}
