/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes from the table of commands what must not repeat it by hand: the heads
 * in trainyard(8), in place of "@command noun verb@" lines, and the completion
 * of bash.  Runs at build time only.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"

#define OPTIONS	64	/* most options of a command */

/* "job list", "doctor" */
static const char *
name_of(const struct noun *n, const struct verb *v, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s%s%s", n->word, v->words[0] == '\0' ? "" :
	    " ", v->words);
	return buf;
}

static const struct verb *
command_find(const char *name)
{
	const struct noun *n;
	const struct verb *v;
	char buf[128];

	for (n = ctl_nouns; n->word != NULL; n++)
		for (v = n->verbs; v->run != NULL; v++)
			if (strcmp(name_of(n, v, buf, sizeof(buf)), name) == 0)
				return v;
	return NULL;
}

/* One word of a usage, as mdoc: ORG/KEY, --limit, llama|qwen, ... */
static void
word_mdoc(const char *w)
{
	const char *slash;
	char part[64];
	size_t i, len;

	if (w[0] == '-') {
		printf(" Fl %s", w + 1);
		return;
	}
	if (!isalpha((unsigned char)w[0])) {
		printf(" %s", w);
		return;
	}
	if (islower((unsigned char)w[0])) {
		printf(" Cm ");
		for (; *w != '\0'; w++)
			*w == '|' ? (void)printf(" | ") : (void)putchar(*w);
		return;
	}
	for (;; w = slash + 1) {
		slash = strchr(w, '/');
		len = slash == NULL ? strlen(w) : (size_t)(slash - w);
		for (i = 0; i < len && i < sizeof(part) - 1; i++)
			part[i] = (char)tolower((unsigned char)w[i]);
		part[i] = '\0';
		printf(" Ar %s", part);
		if (slash == NULL)
			return;
		printf(" Ns / Ns");
	}
}

/*
 * The head of an item: each optional part on a line of its own.  "[a [b]]" is
 * an option within an option, "[a]..." one that may be repeated.
 */
static void
head_mdoc(const char *name, const char *usage)
{
	char *copy = strdup(usage), *w, *save = NULL;
	int depth = 0;
	size_t len;

	printf(".It Xo\n.Cm %s", name);
	for (w = strtok_r(copy, " ", &save); w != NULL;
	    w = strtok_r(NULL, " ", &save)) {
		if (w[0] == '[') {
			printf(depth++ == 0 ? "\n.Op" : " Op");
			w++;
		} else if (depth == 0 && strncmp(w, "--", 2) == 0) {
			printf("\n.Fl %s", w + 1);
			continue;
		}
		len = strcspn(w, "]");
		if (w[len] == '\0') {
			word_mdoc(w);
			continue;
		}
		for (; w[len] == ']'; len++, depth--)
			w[len] = '\0';
		word_mdoc(w);
		if (w[len] != '\0')
			printf(" %s", w + len);
	}
	printf("\n.Xc\n");
	free(copy);
}

static int
page(const char *path)
{
	const struct verb *v;
	char line[1024], *name, *end;
	FILE *in;

	if ((in = fopen(path, "r")) == NULL) {
		perror(path);
		return 1;
	}
	while (fgets(line, sizeof(line), in) != NULL) {
		if (strncmp(line, "@command ", 9) != 0) {
			(void)fputs(line, stdout);
			continue;
		}
		name = line + 9;
		if ((end = strchr(name, '@')) != NULL)
			*end = '\0';
		if ((v = command_find(name)) == NULL) {
			fprintf(stderr, "%s: no command \"%s\"\n", path, name);
			return 1;
		}
		head_mdoc(name, v->usage);
	}
	(void)fclose(in);
	return fflush(stdout) == EOF;
}

static int
list(void)
{
	const struct noun *n;
	const struct verb *v;
	char buf[128];

	for (n = ctl_nouns; n->word != NULL; n++)
		for (v = n->verbs; v->run != NULL; v++)
			printf("%s\t%s\n", name_of(n, v, buf, sizeof(buf)),
			    v->usage);
	return fflush(stdout) == EOF;
}

/* Cuts a usage into its words, without brackets. */
static size_t
words_cut(char *usage, char **word)
{
	char *w, *save = NULL;
	size_t n = 0;

	for (w = strtok_r(usage, " []", &save); w != NULL && n < OPTIONS;
	    w = strtok_r(NULL, " []", &save))
		word[n++] = w;
	return n;
}

/* What may follow a whole command: its options, or an option's words. */
static void
options_bash(const char *name, const char *usage)
{
	char *copy = strdup(usage), *word[OPTIONS], *p;
	size_t n = words_cut(copy, word), i;

	printf("\t\" %s\"*)\n\t\twords=\"--json --help", name);
	for (i = 0; i < n; i++)
		if (word[i][0] == '-')
			printf(" %s", word[i]);
	printf("\"\n\t\tcase $prev in\n");
	for (i = 0; i + 1 < n; i++) {
		if (strncmp(word[i], "--", 2) != 0 ||
		    word[i + 1][0] == '-' || word[i + 1][0] == '|')
			continue;
		printf("\t\t%s) words=\"", word[i]);
		for (p = word[i + 1]; islower((unsigned char)word[i + 1][0]) &&
		    *p != '\0'; p++)
			(void)putchar(*p == '|' ? ' ' : *p);
		printf("\"; value=1 ;;\n");
	}
	printf("\t\tesac\n\t\t;;\n");
	free(copy);
}

/* The next words behind a beginning: of all names, those at a place. */
static void
next_bash(const struct noun *n, const char *begin)
{
	const struct verb *v;
	size_t len = strlen(begin), end;
	const char *last = NULL;

	printf("\t\" %s%s%s\") words=\"", n->word, len > 0 ? " " : "", begin);
	for (v = n->verbs; v->run != NULL; v++) {
		const char *at = v->words + (len > 0 ? len + 1 : 0);

		if (strncmp(v->words, begin, len) != 0 || (len > 0 &&
		    v->words[len] != ' '))
			continue;
		end = strcspn(at, " ");
		if (last != NULL && strlen(last) >= end &&
		    strncmp(last, at, end) == 0)
			continue;
		printf("%.*s ", (int)end, at);
		last = at;
	}
	printf("--help\" ;;\n");
}

static void
noun_bash(const struct noun *n)
{
	const struct verb *v;
	char buf[128], first[64] = "", before[64] = "";

	for (v = n->verbs; v->run != NULL; v++)
		options_bash(name_of(n, v, buf, sizeof(buf)), v->usage);
	for (v = n->verbs; v->run != NULL; v++) {
		if (strchr(v->words, ' ') == NULL)
			continue;
		(void)snprintf(first, sizeof(first), "%.*s",
		    (int)strcspn(v->words, " "), v->words);
		if (strcmp(first, before) != 0)
			next_bash(n, first);
		memcpy(before, first, sizeof(before));
	}
	if (n->verbs[0].words[0] != '\0')
		next_bash(n, "");
}

static int
bash(void)
{
	const struct noun *n;

	printf("# SPDX-License-Identifier: BSD-2-Clause\n"
	    "# Completion of trainyard for bash, made from its table of "
	    "commands.\n"
	    "# shellcheck shell=bash\n_trainyard()\n{\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev line i words value\n"
	    "\tprev=${COMP_WORDS[COMP_CWORD - 1]} line=\"\" words=\"\" "
	    "value=\"\"\n"
	    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	    "\t\tcase ${COMP_WORDS[i]} in\n"
	    "\t\t-c) ((i++)) ;;\n\t\t-*) ;;\n"
	    "\t\t*) line+=\" ${COMP_WORDS[i]}\" ;;\n\t\tesac\n\tdone\n"
	    "\tcase $line in\n\t\"\")\n"
	    "\t\t[[ $prev != -c ]] || return\n\t\twords=\"-c --json --help");
	for (n = ctl_nouns; n->word != NULL; n++)
		printf(" %s", n->word);
	printf("\"\n\t\t;;\n");
	for (n = ctl_nouns; n->word != NULL; n++)
		noun_bash(n);
	printf("\tesac\n"
	    "\t# what is no word of ours may be a file\n"
	    "\t[[ -n $value && -z $words ]] && return\n"
	    "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	    "}\ncomplete -o default -F _trainyard trainyard\n");
	return fflush(stdout) == EOF;
}

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list();
	if (argc == 2 && strcmp(argv[1], "bash") == 0)
		return bash();
	if (argc == 3 && strcmp(argv[1], "page") == 0)
		return page(argv[2]);
	fprintf(stderr, "usage: gen-commands list | bash | page file\n");
	return 2;
}
