/* SPDX-License-Identifier: BSD-2-Clause */
/* check-config: every fault of a configuration file.  version. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/out.h"
#include "schema_needed.h"	/* generated */
#include "util/log.h"

/* Faults come as lines; as JSON they are an array. */
static int
check_json(struct ctl *c, const char *path)
{
	char *text = NULL, *line, *save;
	size_t size;
	struct jw w;
	FILE *f;
	int faults;

	if ((f = open_memstream(&text, &size)) == NULL)
		fatal("open_memstream");
	faults = conf_load(&c->conf, path, f);
	if (fclose(f) == EOF)
		fatal("open_memstream");
	jw_init(&w, c->arena);
	jw_obj(&w);
	jw_kstr(&w, "path", path);
	jw_karr(&w, "faults");
	for (line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save))
		jw_str(&w, line);
	jw_end(&w);
	jw_end(&w);
	out_json(&w);
	free(text);
	return faults == 0 ? CTL_OK : CTL_FAILED;
}

static int
config_run(struct ctl *c, struct args *a)
{
	int dump = 0, sample = 0;
	const struct opt opts[] = {
		{ "dump", OPT_FLAG, &dump },
		{ "sample", OPT_FLAG, &sample },
		{ NULL, OPT_FLAG, NULL }
	};
	const char *path;

	if (!args_read(c, a, opts, &path, 0, 1))
		return CTL_USAGE;
	if (sample) {
		conf_sample(stdout);
		return CTL_OK;
	}
	if (path == NULL)
		path = c->conf_path;
	if (c->json)
		return check_json(c, path);
	if (conf_load(&c->conf, path, stderr) != 0)
		return CTL_FAILED;
	if (dump)
		conf_dump(&c->conf, stdout);
	else
		(void)printf("%s: ok\n", path);
	return CTL_OK;
}

static int
version_run(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	struct jw w;

	if (!args_read(c, a, opts, NULL, 0, 0))
		return CTL_USAGE;
	if (!c->json) {
		(void)printf("trainyard %s\n", PACKAGE_VERSION);
		return CTL_OK;
	}
	jw_init(&w, c->arena);
	jw_obj(&w);
	jw_kstr(&w, "version", PACKAGE_VERSION);
	jw_kstr(&w, "schema", SCHEMA_NEEDED);
	jw_end(&w);
	out_json(&w);
	return CTL_OK;
}

const struct verb config_verbs[] = {
	{ "", config_run, "[--dump | --sample] [FILE]" },
	{ NULL, NULL, NULL }
};

const struct verb version_verbs[] = {
	{ "", version_run, "" },
	{ NULL, NULL, NULL }
};
