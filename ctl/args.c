/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads a verb's arguments and judges their values. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/args.h"
#include "domain/email.h"
#include "util/ident.h"
#include "util/utf8.h"

#define ARGS_NEAR	2	/* edits between an option and what was meant */

void
args_usage(const struct noun *noun, const struct verb *verb, FILE *f)
{
	(void)fprintf(f, "trainyard %s%s%s%s%s\n", noun->word,
	    verb->words[0] == '\0' ? "" : " ", verb->words,
	    verb->usage[0] == '\0' ? "" : " ", verb->usage);
}

int
args_fault(const struct args *a, const char *fmt, ...)
{
	va_list ap;

	(void)fputs("trainyard: error: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputs("\nusage: ", stderr);
	args_usage(a->noun, a->verb, stderr);
	return CTL_USAGE;
}

static int
unknown_option(const struct args *a, const struct opt *opts, const char *name)
{
	const struct opt *o;

	for (o = opts; o->name != NULL; o++)
		if (ident_distance(name, o->name, ARGS_NEAR) <= ARGS_NEAR) {
			(void)args_fault(a, "unknown option --%s; did you "
			    "mean --%s?", name, o->name);
			return 0;
		}
	(void)args_fault(a, "unknown option --%s", name);
	return 0;
}

static int
option_put(const struct args *a, const struct opt *o, const char *value)
{
	struct opt_list *list;

	switch (o->kind) {
	case OPT_FLAG:
		*(int *)o->into = 1;
		break;
	case OPT_TEXT:
		*(const char **)o->into = value;
		break;
	case OPT_LIST:
		list = o->into;
		if (list->n == ARGS_LIST) {
			(void)args_fault(a, "too many of --%s", o->name);
			return 0;
		}
		list->item[list->n++] = value;
		break;
	}
	return 1;
}

/* The option at argv[*i], which is moved over its value. */
static int
option_read(struct ctl *c, struct args *a, const struct opt *opts, int *i)
{
	const char *text = a->argv[*i] + 2, *value;
	const struct opt *o;
	const char *name;

	value = strchr(text, '=');
	name = value == NULL ? text :
	    arena_strndup(c->arena, text, (size_t)(value - text));
	if (strcmp(name, "json") == 0 && value == NULL) {
		c->json = 1;
		return 1;
	}
	for (o = opts; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			break;
	if (o->name == NULL)
		return unknown_option(a, opts, name);
	if (o->kind == OPT_FLAG) {
		if (value != NULL) {
			(void)args_fault(a, "--%s takes no value", name);
			return 0;
		}
		return option_put(a, o, NULL);
	}
	if (value != NULL)
		return option_put(a, o, value + 1);
	if (*i + 1 == a->argc) {
		(void)args_fault(a, "--%s needs a value", name);
		return 0;
	}
	return option_put(a, o, a->argv[++*i]);
}

/* -q and -f are short for options that not every verb has. */
static const struct opt *
letter_find(const struct opt *opts, const char *text)
{
	static const struct {
		const char	*letter, *name;
	} letters[] = { { "-q", "if-missing" }, { "-f", "follow" } };
	const struct opt *o;
	size_t i;

	for (i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		for (o = opts; strcmp(text, letters[i].letter) == 0 &&
		    o->name != NULL; o++)
			if (strcmp(o->name, letters[i].name) == 0)
				return o;
	return NULL;
}

int
args_read(struct ctl *c, struct args *a, const struct opt *opts,
    const char **pos, int least, int most)
{
	const struct opt *o;
	int i, n, only_pos = 0;

	for (n = 0; n < most; n++)
		pos[n] = NULL;
	for (n = 0, i = 0; i < a->argc; i++) {
		const char *text = a->argv[i];

		if (only_pos || text[0] != '-' || text[1] == '\0') {
			if (n == most) {
				(void)args_fault(a, "unexpected \"%s\"",
				    text);
				return 0;
			}
			pos[n++] = text;
		} else if (strcmp(text, "--") == 0)
			only_pos = 1;
		else if (strncmp(text, "--", 2) == 0) {
			if (!option_read(c, a, opts, &i))
				return 0;
		} else if ((o = letter_find(opts, text)) != NULL)
			(void)option_put(a, o, NULL);
		else {
			(void)args_fault(a, "unknown option %s", text);
			return 0;
		}
	}
	if (n < least) {
		(void)args_fault(a, "too few arguments");
		return 0;
	}
	return 1;
}

int
args_slug(const struct args *a, const char *what, const char *s)
{
	if (s == NULL || ident_slug(s))
		return 1;
	(void)args_fault(a, "\"%s\" is no %s: 1 to 63 of a-z, 0-9 and -, "
	    "not beginning with -", s, what);
	return 0;
}

int
args_name(const struct args *a, const char *what, const char *s)
{
	const char *p;
	size_t left, n, chars = 0;
	uint32_t cp;

	if (s == NULL)
		return 1;
	for (p = s, left = strlen(s); left > 0; p += n, left -= n, chars++)
		if ((n = utf8_next(p, left, &cp)) == 0 || cp < 0x20 ||
		    cp == 0x7f) {
			(void)args_fault(a, "the %s is not plain text in "
			    "UTF-8", what);
			return 0;
		}
	if (chars >= 1 && chars <= 200)
		return 1;
	(void)args_fault(a, "the %s must have 1 to 200 characters", what);
	return 0;
}

int
args_number(const struct args *a, const char *what, const char *s,
    int64_t least, int64_t most)
{
	char *end;
	long long v;

	if (s == NULL)
		return 1;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno == 0 && end != s && *end == '\0' && v >= least && v <= most)
		return 1;
	(void)args_fault(a, "%s must be a whole number from %lld to %lld",
	    what, (long long)least, (long long)most);
	return 0;
}

int
args_email(const struct args *a, const char *s)
{
	if (s == NULL || (email_ok(s) && strlen(s) <= 254))
		return 1;
	(void)args_fault(a, "\"%s\" is no mail address", s);
	return 0;
}

int
args_path(struct ctl *c, const struct args *a, const char *path,
    const char **org, const char **key)
{
	const char *slash = strchr(path, '/');

	if (slash == NULL) {
		(void)args_fault(a, "\"%s\" is not of the form ORG/KEY",
		    path);
		return 0;
	}
	*org = arena_strndup(c->arena, path, (size_t)(slash - path));
	*key = slash + 1;
	return args_slug(a, "organisation's key", *org) &&
	    args_slug(a, "workspace's key", *key);
}

int
args_duration(const struct args *a, const char *what, const char *s,
    int64_t *seconds)
{
	static const struct {
		char	unit;
		int64_t	seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
	    { 'w', 604800 } };
	char *end;
	long long v;
	size_t i;

	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno == 0 && end != s && v >= 1 && v <= 100000 &&
	    end[0] != '\0' && end[1] == '\0')
		for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (units[i].unit == end[0]) {
				*seconds = v * units[i].seconds;
				return 1;
			}
	(void)args_fault(a, "%s must be a number and one of s, m, h, d, w, "
	    "as in 90d", what);
	return 0;
}

const char *
ctl_int(struct ctl *c, int64_t v)
{
	return arena_printf(c->arena, "%lld", (long long)v);
}
