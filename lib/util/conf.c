/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads and checks the settings of conf.tbl.h. */
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
#include "util/conf_row.h"
#include "util/ident.h"
#include "util/log.h"
#include "util/net.h"

const struct row conf_rows[] = {
#define CONF(name, type, dflt, min, max, progs, doc) {		\
	#name, CONF_T_##type, offsetof(struct conf, name), dflt,	\
	min, max, progs, doc },
#include "util/conf.tbl.h"
#undef CONF
	{ NULL, CONF_T_STR, 0, NULL, 0, 0, NULL, NULL }
};

#define ROWS	(sizeof(conf_rows) / sizeof(conf_rows[0]) - 1)

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
		put(c, &conf_rows[i], conf_rows[i].dflt, &src);
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
		if ((d = ident_distance(name, conf_rows[i].name, 2)) < best) {
			best = d;
			near = conf_rows[i].name;
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
		if (strcmp(name, conf_rows[i].name) == 0)
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
		put(c, &conf_rows[i], value, src);
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
		if (conf_rows[i].type == CONF_T_STR) {
			char **p = member(c, &conf_rows[i]);

			free(*p);
			*p = NULL;
		}
}

static int
same_value(const struct row *r, const struct conf *a, const struct conf *b)
{
	const void *x = const_member(a, r), *y = const_member(b, r);

	switch (r->type) {
	case CONF_T_STR:
		return strcmp(*(char *const *)x, *(char *const *)y) == 0;
	case CONF_T_INT:
		return *(const int64_t *)x == *(const int64_t *)y;
	case CONF_T_NUM:
		return memcmp(x, y, sizeof(double)) == 0;
	case CONF_T_BOOL:
		return *(const int *)x == *(const int *)y;
	}
	return 0;
}

/* Both have a good value: each keeps one. */
static void
swap_values(const struct row *r, struct conf *a, struct conf *b)
{
	static const size_t sizes[] = {
		[CONF_T_STR] = sizeof(char *),
		[CONF_T_INT] = sizeof(int64_t),
		[CONF_T_NUM] = sizeof(double),
		[CONF_T_BOOL] = sizeof(int),
	};
	unsigned char kept[sizeof(int64_t)];

	memcpy(kept, member(a, r), sizes[r->type]);
	memcpy(member(a, r), member(b, r), sizes[r->type]);
	memcpy(member(b, r), kept, sizes[r->type]);
}

static void
take_over(struct conf *live, struct conf *fresh, char program)
{
	const struct row *r;

	for (r = conf_rows; r < conf_rows + ROWS; r++) {
		if (same_value(r, live, fresh))
			continue;
		if (strchr(r->progs, tolower((unsigned char)program)) !=
		    NULL) {
			swap_values(r, live, fresh);
			log_info("setting changed name=%s", r->name);
		} else if (strchr(r->progs, program) != NULL)
			log_warnx("a setting is read at start only; restart "
			    "to change it name=%s", r->name);
	}
}

int
conf_log(const struct conf *c)
{
	enum log_level level;

	if (log_level_parse(c->log_level, &level) == 0)
		log_level_set(level);
	return *c->log_file == '\0' ? 0 : log_open(c->log_file);
}

int
conf_reload(struct conf *live, const char *path, char program)
{
	struct conf fresh;
	char *text = NULL, *line, *save;
	size_t size;
	FILE *errs;
	int faults;

	if ((errs = open_memstream(&text, &size)) == NULL)
		fatal("open_memstream");
	faults = conf_load(&fresh, path, errs);
	if (fclose(errs) == EOF)
		fatal("open_memstream");
	for (line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save))
		log_errx("%s", line);
	free(text);
	if (faults == 0)
		take_over(live, &fresh, program);
	else
		log_errx("the settings stay as they were");
	if (conf_log(live) == -1)
		log_warn("cannot open log_file %s", live->log_file);
	conf_free(&fresh);
	return faults == 0 ? 0 : -1;
}
