/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints settings: as a file, as a sample, for the manual. */
#include "config.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "util/conf.h"
#include "util/conf_row.h"

#define FILL_COLUMN	78

static void
put_quoted(const char *s, FILE *f)
{
	(void)fputc('"', f);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			(void)fputc('\\', f);
		(void)fputc(*s, f);
	}
	(void)fputc('"', f);
}

/* Text in words, each line behind "# ". */
static void
put_filled(const char *s, FILE *f)
{
	size_t column = 0, n;

	for (; *s != '\0'; s += n, s += *s == ' ') {
		n = strcspn(s, " ");
		if (column > 0 && column + 1 + n > FILL_COLUMN) {
			(void)fputc('\n', f);
			column = 0;
		}
		(void)fputs(column == 0 ? "# " : " ", f);
		(void)fprintf(f, "%.*s", (int)n, s);
		column += n + (column == 0 ? 2 : 1);
	}
	(void)fputc('\n', f);
}

/* "whole number from 1 to 1024" */
static void
put_kind(const struct row *r, FILE *f)
{
	switch (r->type) {
	case CONF_T_STR:
		(void)fputs("text", f);
		break;
	case CONF_T_INT:
		(void)fprintf(f, "whole number from %.0f to %.0f", r->min,
		    r->max);
		break;
	case CONF_T_NUM:
		(void)fprintf(f, "number from %.15g to %.15g", r->min,
		    r->max);
		break;
	case CONF_T_BOOL:
		(void)fputs("yes or no", f);
		break;
	}
}

static const char *
program_name(char letter)
{
	switch (toupper((unsigned char)letter)) {
	case 'F':
		return "trainyard-fcgi";
	case 'D':
		return "trainyardd";
	default:
		return "trainyard";
	}
}

void
conf_sample(FILE *f)
{
	const struct row *r;
	const char *p;

	(void)fputs("# trainyard.conf: every setting with its default.  "
	    "See trainyard.conf(5).\n", f);
	for (r = conf_rows; r->name != NULL; r++) {
		(void)fputc('\n', f);
		put_filled(r->doc, f);
		(void)fputs("# (", f);
		put_kind(r, f);
		for (p = r->progs; *p != '\0'; p++)
			(void)fprintf(f, "%s %s", p == r->progs ? ";" : ",",
			    program_name(*p));
		(void)fprintf(f, ")\n#%s = ", r->name);
		if (r->type == CONF_T_STR)
			put_quoted(r->dflt, f);
		else
			(void)fputs(r->dflt, f);
		(void)fputc('\n', f);
	}
}

/* Text for a line of mdoc: no escapes, no request at its beginning. */
static void
put_roff(const char *s, FILE *f)
{
	if (*s == '.' || *s == '\'')
		(void)fputs("\\&", f);
	for (; *s != '\0'; s++) {
		if (*s == '\\')
			(void)fputs("\\e", f);
		else if (*s == '"')
			(void)fputs("\\(dq", f);
		else
			(void)fputc(*s, f);
	}
}

void
conf_mdoc(FILE *f)
{
	const struct row *r;
	const char *p;

	for (r = conf_rows; r->name != NULL; r++) {
		(void)fprintf(f, ".It Ic %s\n", r->name);
		put_roff(r->doc, f);
		(void)fputs(".\n", f);
		if (r->type != CONF_T_STR) {
			(void)fputs("A ", f);
			put_kind(r, f);
			(void)fputs(".\n", f);
		}
		if (*r->dflt == '\0')
			(void)fputs("Empty by default.\n", f);
		else {
			(void)fputs("The default is\n.Dq ", f);
			put_roff(r->dflt, f);
			(void)fputs(" .\n", f);
		}
		(void)fputs("Read by\n", f);
		for (p = r->progs; *p != '\0'; p++)
			(void)fprintf(f, ".Xr %s 8%s\n", program_name(*p),
			    p[1] == '\0' ? " ." : p[2] == '\0' ? "\nand" :
			    " ,");
		for (p = r->progs; *p != '\0'; p++)
			if (islower((unsigned char)*p))
				(void)fprintf(f, "On\n.Dv SIGHUP\n.Xr %s 8\n"
				    "reads it again.\n", program_name(*p));
	}
}

void
conf_dump(const struct conf *c, FILE *f)
{
	const struct row *r;
	const void *p;

	for (r = conf_rows; r->name != NULL; r++) {
		p = (const char *)c + r->offset;
		(void)fprintf(f, "%s = ", r->name);
		switch (r->type) {
		case CONF_T_STR:
			put_quoted(*(char *const *)p, f);
			break;
		case CONF_T_INT:
			(void)fprintf(f, "%" PRId64, *(const int64_t *)p);
			break;
		case CONF_T_NUM:
			(void)fprintf(f, "%.17g", *(const double *)p);
			break;
		case CONF_T_BOOL:
			(void)fputs(*(const int *)p ? "yes" : "no", f);
			break;
		}
		(void)fputc('\n', f);
	}
}
