/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads, checks and prints the settings of conf.tbl.h. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "util/conf.h"
#include "util/ident.h"
#include "util/log.h"
#include "util/net.h"

#define FILL_COLUMN	78

enum conf_type { CONF_T_STR, CONF_T_INT, CONF_T_NUM, CONF_T_BOOL };

struct row {
	const char	*name;
	enum conf_type	 type;
	size_t		 offset;	/* in struct conf */
	const char	*dflt;
	double		 min;		/* exact: the bounds are below 2^53 */
	double		 max;
	const char	*progs;
	const char	*doc;
};

static const struct row rows[] = {
#define CONF(name, type, dflt, min, max, progs, doc) {		\
	#name, CONF_T_##type, offsetof(struct conf, name), dflt,	\
	min, max, progs, doc },
#include "util/conf.tbl.h"
#undef CONF
};

#define ROWS	(sizeof(rows) / sizeof(rows[0]))

/* Settings of type STR that take few words only. */
static const struct {
	const char	*name;
	const char	*words[5];
} choices[] = {
	{ "log_level", { "error", "warning", "info", "debug", NULL } },
	{ "unknown_fields", { "reject", "ignore", NULL } },
};

struct source {
	const char	*path;
	size_t		 line;
	FILE		*errs;
	int		 faults;
};

static void fault(struct source *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
fault(struct source *src, const char *fmt, ...)
{
	va_list ap;

	src->faults++;
	(void)fprintf(src->errs, "%s:%zu: ", src->path, src->line);
	va_start(ap, fmt);
	(void)vfprintf(src->errs, fmt, ap);
	va_end(ap);
	(void)fputc('\n', src->errs);
}

static void *
member(struct conf *c, const struct row *r)
{
	return (char *)c + r->offset;
}

static const void *
const_member(const struct conf *c, const struct row *r)
{
	return (const char *)c + r->offset;
}

static int
parse_int(const char *s, int64_t *out)
{
	char *end;
	long long v;

	if (!isdigit((unsigned char)s[*s == '-']))
		return -1;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (*end != '\0' || errno != 0)
		return -1;
	*out = v;
	return 0;
}

/* Decimal only: strtod takes "nan", "inf" and hexadecimal as well. */
static int
parse_num(const char *s, double *out)
{
	char *end;
	double v;

	if (strspn(s, "0123456789.eE+-") != strlen(s))
		return -1;
	v = strtod(s, &end);
	if (end == s || *end != '\0' || !isfinite(v))
		return -1;
	*out = v;
	return 0;
}

/* NULL, or the list "a, b or c" of the words that stand for the setting. */
static const char *
check_word(const char *name, const char *value, char *list, size_t size)
{
	size_t i, n, len = 0;

	for (i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		const char *const *words = choices[i].words;

		if (strcmp(choices[i].name, name) != 0)
			continue;
		for (n = 0; words[n] != NULL; n++)
			if (strcmp(words[n], value) == 0)
				return NULL;
		for (n = 0; words[n] != NULL; n++)
			len += (size_t)snprintf(list + len, size - len,
			    "%s%s", n == 0 ? "" : words[n + 1] == NULL ?
			    " or " : ", ", words[n]);
		return list;
	}
	return NULL;
}

/* "1.2.3": three numbers. */
static int
is_version(const char *s)
{
	int parts;

	for (parts = 1; ; parts++) {
		size_t n = strspn(s, "0123456789");

		if (n == 0 || n > 9)
			return 0;
		s += n;
		if (*s == '\0')
			return parts == 3;
		if (*s++ != '.')
			return 0;
	}
}

static void
set_str(struct conf *c, const struct row *r, const char *value)
{
	char **p = member(c, r), *copy;

	if ((copy = strdup(value)) == NULL)
		fatalx("out of memory");
	free(*p);
	*p = copy;
}

/* How mail leaves; a login in the URL would go out in the clear. */
static int
is_mail(const char *s)
{
	if (*s == '\0' || *s == '/')
		return 1;
	return (strncmp(s, "smtp://", 7) == 0 ||
	    strncmp(s, "smtps://", 8) == 0) && strchr(s, '@') == NULL;
}

static void
put_str(struct conf *c, const struct row *r, const char *value,
    struct source *src)
{
	struct nets nets;
	char list[64];

	if (check_word(r->name, value, list, sizeof(list)) != NULL)
		fault(src, "%s must be %s, not \"%s\"", r->name, list, value);
	else if (strcmp(r->name, "min_client_version") == 0 &&
	    *value != '\0' && !is_version(value))
		fault(src, "%s must be like 1.2.3, or empty, not \"%s\"",
		    r->name, value);
	else if (strcmp(r->name, "mail") == 0 && !is_mail(value))
		fault(src, "%s must be smtp://HOST, smtps://HOST, without a "
		    "login, or the path of a program, or be empty, not "
		    "\"%s\"", r->name, value);
	else if (strcmp(r->name, "webhook_allow") == 0 &&
	    nets_parse(value, &nets, list, sizeof(list)) == -1)
		fault(src, "%s must be networks like 10.0.0.0/8 or fd00::/8, "
		    "at most %d, not \"%s\"", r->name, NETS_MAX, list);
	else
		set_str(c, r, value);
}

static void
put(struct conf *c, const struct row *r, const char *value,
    struct source *src)
{
	int64_t i;
	double d;

	switch (r->type) {
	case CONF_T_STR:
		put_str(c, r, value, src);
		return;
	case CONF_T_INT:
		if (parse_int(value, &i) == 0 && (double)i >= r->min &&
		    (double)i <= r->max)
			*(int64_t *)member(c, r) = i;
		else
			fault(src, "%s must be a whole number from %.0f to "
			    "%.0f, not \"%s\"", r->name, r->min, r->max,
			    value);
		return;
	case CONF_T_NUM:
		if (parse_num(value, &d) == 0 && d >= r->min && d <= r->max)
			*(double *)member(c, r) = d;
		else
			fault(src, "%s must be a number from %.15g to %.15g, "
			    "not \"%s\"", r->name, r->min, r->max, value);
		return;
	case CONF_T_BOOL:
		if (strcmp(value, "yes") == 0)
			*(int *)member(c, r) = 1;
		else if (strcmp(value, "no") == 0)
			*(int *)member(c, r) = 0;
		else
			fault(src, "%s must be yes or no, not \"%s\"",
			    r->name, value);
		return;
	}
}

static void
set_defaults(struct conf *c)
{
	struct source src = { "conf.tbl.h", 0, stderr, 0 };
	size_t i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < ROWS; i++)
		put(c, &rows[i], rows[i].dflt, &src);
	if (src.faults > 0)
		fatalx("bug: bad defaults in conf.tbl.h");
}

static void
unknown(struct source *src, const char *name)
{
	const char *near = NULL;
	int best = 3, d;
	size_t i;

	for (i = 0; i < ROWS; i++)
		if ((d = ident_distance(name, rows[i].name, 2)) < best) {
			best = d;
			near = rows[i].name;
		}
	if (near != NULL)
		fault(src, "unknown setting \"%s\"; did you mean \"%s\"?",
		    name, near);
	else
		fault(src, "unknown setting \"%s\"", name);
}

static char *
skip_blank(char *s)
{
	return s + strspn(s, " \t");
}

/*
 * The value at `s`, in place: without quotes, escapes, comment and blanks.
 * NULL after a fault.
 */
static char *
value_of(char *s, struct source *src)
{
	char *in, *out;

	if (*s != '"') {
		for (in = s; *in != '\0'; in++)
			if (*in == '#' && (in == s || in[-1] == ' ' ||
			    in[-1] == '\t'))
				break;
		while (in > s && (in[-1] == ' ' || in[-1] == '\t'))
			in--;
		*in = '\0';
		return s;
	}
	for (in = out = s + 1; *in != '"'; in++) {
		if (*in == '\\' && (in[1] == '"' || in[1] == '\\'))
			in++;
		if (*in == '\0') {
			fault(src, "closing quote is missing");
			return NULL;
		}
		*out++ = *in;
	}
	in = skip_blank(in + 1);
	if (*in != '\0' && *in != '#') {
		fault(src, "text behind the closing quote");
		return NULL;
	}
	*out = '\0';
	return s + 1;
}

static void
read_line(struct conf *c, char *s, size_t seen[ROWS], struct source *src)
{
	char *name, *value;
	size_t i, n;

	name = skip_blank(s);
	if (*name == '\0' || *name == '#')
		return;
	n = strcspn(name, " \t=#\"");
	value = skip_blank(name + n);
	if (n == 0 || *value != '=') {
		fault(src, "expected: name = value");
		return;
	}
	value = skip_blank(value + 1);
	name[n] = '\0';
	for (i = 0; i < ROWS; i++)
		if (strcmp(name, rows[i].name) == 0)
			break;
	if (i == ROWS) {
		unknown(src, name);
		return;
	}
	if (seen[i] != 0) {
		fault(src, "%s is set twice, first in line %zu", name,
		    seen[i]);
		return;
	}
	seen[i] = src->line;
	if ((value = value_of(value, src)) != NULL)
		put(c, &rows[i], value, src);
}

int
conf_load(struct conf *c, const char *path, FILE *errs)
{
	struct source src = { path, 0, errs, 0 };
	size_t seen[ROWS] = { 0 }, size = 0;
	char *line = NULL;
	ssize_t len;
	FILE *f;
	int err;

	set_defaults(c);
	if (path == NULL)
		return 0;
	if ((f = fopen(path, "re")) == NULL) {
		(void)fprintf(errs, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	errno = 0;
	while ((len = getline(&line, &size, f)) != -1) {
		src.line++;
		if (len > 0 && line[len - 1] == '\n')
			line[--len] = '\0';
		if (len > 0 && line[len - 1] == '\r')
			line[--len] = '\0';
		if (strlen(line) != (size_t)len)
			fault(&src, "NUL byte in the line");
		else
			read_line(c, line, seen, &src);
		errno = 0;
	}
	err = ferror(f) ? errno : 0;
	free(line);
	(void)fclose(f);
	if (err != 0) {
		(void)fprintf(errs, "%s: %s\n", path, strerror(err));
		return -1;
	}
	return src.faults;
}

void
conf_free(struct conf *c)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (rows[i].type == CONF_T_STR) {
			char **p = member(c, &rows[i]);

			free(*p);
			*p = NULL;
		}
}

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
	switch (letter) {
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
	for (r = rows; r < rows + ROWS; r++) {
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

	for (r = rows; r < rows + ROWS; r++) {
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
	}
}

void
conf_dump(const struct conf *c, FILE *f)
{
	const struct row *r;
	const void *p;

	for (r = rows; r < rows + ROWS; r++) {
		p = const_member(c, r);
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
