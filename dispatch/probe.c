/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks the engines and tells. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "dispatch/ask.h"
#include "dispatch/engines/check.h"
#include "dispatch/probe.h"

struct probe {
	const struct engine *engine;
	int		 used;
};

static void
tell(void *arg, const char *name, enum check_verdict v, const char *why)
{
	static const char *const words[] = { "ok", "warn", "fail" };
	const struct probe *p = arg;

	(void)printf("%s\t%s\t%s\t%s\t%s\n", p->engine->name,
	    p->used ? "used" : "unused", name, words[v], why);
}

static int
is_used(const struct conf *conf, const char *engine)
{
	int used = 0;

#define KIND(kind)							\
	if (strcmp(conf->engine_##kind, engine) == 0 &&			\
	    conf->runner_##kind[0] != '\0')				\
		used = 1;
#include "domain/kind.tbl.h"
#undef KIND
	return used;
}

int
probe_main(const struct conf *conf)
{
	struct probe p;
	int failed = 0;
	size_t i;

	engines_prepare();
	for (i = 0; i < ENGINES; i++) {
		p.engine = engine_get((enum engine_id)i);
		p.used = is_used(conf, p.engine->name);
		if (p.engine->open != NULL)
			p.engine->open(conf);
		if (check_engine(p.engine, conf, tell, &p) == -1 && p.used)
			failed = 1;
	}
	return failed;
}
