/* SPDX-License-Identifier: BSD-2-Clause */
/* trainyard: the sysadmin's command.  Finds the noun and its verb. */
#include "config.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "util/log.h"

#define NEAR	2	/* edits between a word and what was meant */

const struct noun ctl_nouns[] = {
	{ "artifact", artifact_verbs },
	{ "audit", audit_verbs },
	{ "catalog", catalog_verbs },
	{ "check-config", config_verbs },
	{ "doctor", doctor_verbs },
	{ "help", help_verbs },
	{ "job", job_verbs },
	{ "member", member_verbs },
	{ "migrate", migrate_verbs },
	{ "org", org_verbs },
	{ "project", project_verbs },
	{ "prune", prune_verbs },
	{ "setup", setup_verbs },
	{ "token", token_verbs },
	{ "user", user_verbs },
	{ "version", version_verbs },
	{ "webhook", webhook_verbs },
	{ "workspace", workspace_verbs },
	{ NULL, NULL }
};

static int
usage(void)
{
	(void)fputs("usage: trainyard [-c file] [--json] noun [verb] "
	    "[argument ...]\n       trainyard help [noun]\n", stderr);
	return CTL_USAGE;
}

static int
unknown_noun(const char *word)
{
	const struct noun *n;

	for (n = ctl_nouns; n->word != NULL; n++)
		if (ident_distance(word, n->word, NEAR) <= NEAR) {
			(void)ctl_error("unknown noun \"%s\"; did you mean "
			    "\"%s\"?", word, n->word);
			return usage();
		}
	(void)ctl_error("unknown noun \"%s\"", word);
	return usage();
}

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
usage_print(const struct noun *noun)
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
			(void)usage_print(n);
		else if (strcmp(n->word, pos[0]) == 0)
			return usage_print(n);
	return pos[0] == NULL ? CTL_OK : unknown_noun(pos[0]);
}

const struct verb help_verbs[] = {
	{ "", help_run, "[NOUN]" },
	{ NULL, NULL, NULL }
};

static int
verb_run(struct ctl *c, const struct noun *noun, int argc, char **argv)
{
	struct args a = { .noun = noun };
	const struct verb *v;
	int i, taken;

	for (i = 0; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return usage_print(noun);
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
			return usage();
	if (help) {
		for (n = ctl_nouns; n->word != NULL; n++)
			(void)usage_print(n);
		return CTL_OK;
	}
	if (i >= argc)
		return usage();
	for (n = ctl_nouns; n->word != NULL; n++)
		if (strcmp(argv[i], n->word) == 0)
			return verb_run(c, n, argc - i - 1, argv + i + 1);
	return unknown_noun(argv[i]);
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
