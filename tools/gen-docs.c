/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes what documents must not repeat by hand: the sample configuration,
 * and manual pages with a table in place of a "@settings@", "@errors@",
 * "@metrics@", "@routes@" or "@cannot@" line.  Runs at build time only.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "domain/access.h"
#include "util/conf.h"
#include "util/err.h"
#include "util/metric.h"

static void
errors_mdoc(FILE *out)
{
	enum err	e;

	for (e = ERR_OK + 1; e < ERR__MAX; e++) {
		fprintf(out, ".It %d Sy %s\n", err_http(e), err_type(e));
		fprintf(out, "%s%s.\n", err_text(e), err_retryable(e) ?
		    "; may be tried again" : "");
	}
}

static void
routes_mdoc(FILE *out)
{
	static const struct {
		const char	*method, *path, *scope, *doc;
	} route[] = {
#define ROUTE(m, p, h, g, s, b, q, x, d, ...)	{ #m, p, #s, d },
#include "fcgi/route.tbl.h"
#undef ROUTE
	};
	static const struct {
		const char	*symbol, *word;
	} scope[] = {
		{ "NONE", NULL },
#define SCOPE(sym, word)	{ #sym, word },
		SCOPE_TABLE
#undef SCOPE
	};
	size_t	i, k;

	for (i = 0; i < sizeof(route) / sizeof(route[0]); i++) {
		fprintf(out, ".It Li %s %s\n%s", route[i].method,
		    route[i].path, route[i].doc);
		for (k = 0; k < sizeof(scope) / sizeof(scope[0]); k++)
			if (strcmp(scope[k].symbol, route[i].scope) == 0 &&
			    scope[k].word != NULL)
				fprintf(out, "; scope\n.Li %s", scope[k].word);
		fputc('\n', out);
	}
}

static void
cannot_mdoc(FILE *out)
{
	static const struct {
		const char	*field, *test, *word, *why;
	} row[] = {
#define CANNOT(f, t, w, why)	{ f, #t, w, why },
#include "domain/cannot.tbl.h"
#undef CANNOT
	};
	size_t	i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		fprintf(out, ".It Cm %s", row[i].field);
		if (strcmp(row[i].test, "BEYOND1") == 0)
			fputs(" No above 1", out);
		if (row[i].word[0] != '\0')
			fprintf(out, " Dq %s", row[i].word);
		fprintf(out, "\nit %s\n", row[i].why);
	}
}

static void
metrics_mdoc(FILE *out)
{
	const struct metric_about	*m;

	for (m = metric_table; m < metric_table + METRIC__MAX; m++) {
		fprintf(out, ".It Li %s\n%s, of %s", m->name, m->type,
		    strcmp(m->programs, "FD") == 0 ? "both programs" :
		    m->programs[0] == 'F' ? "the responder" :
		    "the dispatcher");
		if (m->labels[0] != '\0')
			fprintf(out, ", by\n.Li %s\n", m->labels);
		else
			fprintf(out, "\n");
		fprintf(out, ".Pp\n%s.\n", m->help);
	}
}

/* For tests and other programs: name, type, programs, labels. */
static int
metrics_list(void)
{
	const struct metric_about	*m;

	for (m = metric_table; m < metric_table + METRIC__MAX; m++)
		printf("%s\t%s\t%s\t%s\n", m->name, m->type, m->programs,
		    m->labels);
	return fflush(stdout) == EOF;
}

static int
page(const char *path)
{
	FILE	*in;
	char	 line[1024];

	if ((in = fopen(path, "r")) == NULL) {
		perror(path);
		return 1;
	}
	while (fgets(line, sizeof(line), in) != NULL) {
		if (strcmp(line, "@settings@\n") == 0)
			conf_mdoc(stdout);
		else if (strcmp(line, "@errors@\n") == 0)
			errors_mdoc(stdout);
		else if (strcmp(line, "@metrics@\n") == 0)
			metrics_mdoc(stdout);
		else if (strcmp(line, "@routes@\n") == 0)
			routes_mdoc(stdout);
		else if (strcmp(line, "@cannot@\n") == 0)
			cannot_mdoc(stdout);
		else
			fputs(line, stdout);
	}
	fclose(in);
	return fflush(stdout) == EOF;
}

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "sample") == 0) {
		conf_sample(stdout);
		return fflush(stdout) == EOF;
	}
	if (argc == 2 && strcmp(argv[1], "metrics") == 0)
		return metrics_list();
	if (argc == 3 && strcmp(argv[1], "page") == 0)
		return page(argv[2]);
	fprintf(stderr, "usage: gen-docs sample | metrics | page file\n");
	return 2;
}
