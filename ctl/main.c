/* SPDX-License-Identifier: BSD-2-Clause */
/* trainyard: the sysadmin's command.  Finds the noun and its verb. */
#include "config.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "util/log.h"

/* Number of arguments that the verb's words take up, -1 when they differ. */
static int
verb_fits(const struct verb *v, int argc, char **argv)
{
	const char *words = v->words, *blank = strchr(words, ' ');
	size_t first;

	if (words[0] == '\0')
		return 0;
	first = blank == NULL ? strlen(words) : (size_t)(blank - words);
	if (argc < 1 || strncmp(argv[0], words, first) != 0 ||
	    argv[0][first] != '\0')
		return -1;
	if (blank == NULL)
		return 1;
	return argc >= 2 && strcmp(argv[1], blank + 1) == 0 ? 2 : -1;
}

static int
verb_run(struct ctl *c, const struct noun *noun, int argc, char **argv)
{
	struct args a = { .noun = noun };
	const struct verb *v;
	int i, taken;

	for (i = 0; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return help_print(noun);
	for (v = noun->verbs; v->run != NULL; v++) {
		if ((taken = verb_fits(v, argc, argv)) == -1)
			continue;
		a.verb = v;
		a.argc = argc - taken;
		a.argv = argv + taken;
		return v->run(c, &a);
	}
	if (argc == 0)
		(void)ctl_error("%s needs a verb", noun->word);
	else
		(void)ctl_error("%s knows no \"%s\"", noun->word, argv[0]);
	for (v = noun->verbs; v->run != NULL; v++) {
		(void)fputs(v == noun->verbs ? "usage: " : "       ", stderr);
		args_usage(noun, v, stderr);
	}
	return CTL_USAGE;
}

/* Who changes things, for the audit trail. */
static void
actor_set(struct ctl *c)
{
	char space[4096];
	struct passwd pw, *found = NULL;

	if (getpwuid_r(getuid(), &pw, space, sizeof(space), &found) == 0 &&
	    found != NULL)
		(void)snprintf(c->actor, sizeof(c->actor), "command:%s",
		    found->pw_name);
	else
		(void)snprintf(c->actor, sizeof(c->actor), "command:%lu",
		    (unsigned long)getuid());
}

static int
ctl_main(struct ctl *c, int argc, char **argv)
{
	const struct noun *n;
	int help = 0, i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++)
		if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
			c->conf_path = argv[++i];
			c->conf_given = 1;
		} else if (strcmp(argv[i], "--json") == 0)
			c->json = 1;
		else if (strcmp(argv[i], "--help") == 0)
			help = 1;
		else
			return help_usage();
	if (help) {
		for (n = ctl_nouns; n->word != NULL; n++)
			(void)help_print(n);
		return CTL_OK;
	}
	if (i >= argc)
		return help_usage();
	for (n = ctl_nouns; n->word != NULL; n++)
		if (strcmp(argv[i], n->word) == 0)
			return verb_run(c, n, argc - i - 1, argv + i + 1);
	return help_unknown(argv[i]);
}

int
main(int argc, char **argv)
{
	struct ctl c = { .conf_path = CONF_DEFAULT_PATH };
	int status;

	log_init("trainyard", LOG_L_WARN);
	c.arena = arena_new(64 * 1024);
	actor_set(&c);
	status = ctl_main(&c, argc, argv);
	db_close(c.db);
	arena_free(c.arena);
	conf_free(&c.conf);
	/* What could not be printed was not told. */
	if (fflush(stdout) == EOF || ferror(stdout)) {
		log_err("standard output");
		return CTL_FAILED;
	}
	return status;
}
