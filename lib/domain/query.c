/* SPDX-License-Identifier: BSD-2-Clause */
/* Query strings, checked like bodies. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "domain/schema.h"
#include "util/jlex.h"
#include "util/log.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* application/x-www-form-urlencoded; NULL for a bad escape or a NUL */
static char *
query_decode(struct arena *a, const char *s, size_t len)
{
	char	*out = arena_alloc(a, len + 1);
	size_t	 i, n = 0;
	int	 hi, lo;

	for (i = 0; i < len; i++) {
		if (s[i] == '+') {
			out[n++] = ' ';
		} else if (s[i] == '%') {
			if (i + 2 >= len || (hi = hex_digit(s[i + 1])) < 0 ||
			    (lo = hex_digit(s[i + 2])) < 0 ||
			    (hi == 0 && lo == 0))
				return NULL;
			out[n++] = (char)(hi << 4 | lo);
			i += 2;
		} else
			out[n++] = s[i];
	}
	out[n] = '\0';
	return out;
}

/* The value as JSON of the field's type; what is not one becomes a string. */
static void
query_value(const struct field *f, const char *text, struct jw *w)
{
	const struct field	*t = f->type == F_LIST ? f->item : f;
	const char		*p = text;

	switch (t->type) {
	case F_INT:
	case F_NUM:
		/* JSON's number grammar, which strtod is too lenient for */
		if (*p == '-')
			p++;
		if (*p == '0' && p[1] >= '0' && p[1] <= '9')
			break;
		if (*p < '0' || *p > '9')
			break;
		p += strspn(p, "0123456789");
		if (*p == '.') {
			if (p[1] < '0' || p[1] > '9')
				break;
			p++;
			p += strspn(p, "0123456789");
		}
		if (*p == 'e' || *p == 'E') {
			p++;
			if (*p == '+' || *p == '-')
				p++;
			if (*p < '0' || *p > '9')
				break;
			p += strspn(p, "0123456789");
		}
		/* 1e999 has the grammar, but no double holds it */
		if (*p != '\0' || !isfinite(strtod(text, NULL)))
			break;
		jw_raw(w, text);
		return;
	case F_BOOL:
		if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
			break;
		jw_raw(w, text);
		return;
	default:
		break;
	}
	jw_str(w, text);
}

struct query_pair {
	const char	*name, *value;
};

/* Splits the string; -1 when a name or value is not properly escaped. */
static int
query_split(struct arena *a, const char *query, struct query_pair **out)
{
	const char	*p = query, *end, *eq;
	size_t		 n = 1;
	int		 count = 0;

	for (; *p != '\0'; p++)
		n += *p == '&';
	*out = arena_zalloc(a, n * sizeof(**out));
	for (p = query; *p != '\0'; p = *end == '&' ? end + 1 : end) {
		end = p + strcspn(p, "&");
		if (end == p)
			continue;
		eq = memchr(p, '=', (size_t)(end - p));
		(*out)[count].name = query_decode(a, p,
		    (size_t)((eq == NULL ? end : eq) - p));
		(*out)[count].value = eq == NULL ? "" :
		    query_decode(a, eq + 1, (size_t)(end - eq - 1));
		if ((*out)[count].name == NULL || (*out)[count].value == NULL)
			return -1;
		count++;
	}
	return count;
}

/* Names are quoted back in errors, so bad UTF-8 ends here. */
static int
query_is_utf8(struct arena *a, const struct query_pair *pair, int n)
{
	struct jlex_report	 report;
	struct jw		 w;
	const char		*text;
	size_t			 len;
	int			 i;

	jw_init(&w, a);
	jw_arr(&w);
	for (i = 0; i < n; i++) {
		jw_str(&w, pair[i].name);
		jw_str(&w, pair[i].value);
	}
	jw_end(&w);
	text = jw_text(&w, &len);
	return jlex_check(text, len, JLEX_MAX_DEPTH, &report) == 0;
}

struct jv *
schema_query(const struct schema_check *c, const struct schema *s,
    const char *query, struct arena *a)
{
	const struct field	*f;
	struct query_pair	*pair;
	struct jv		*tree = NULL;
	struct jw		 w;
	const char		*text;
	size_t			 before = c->faults->count, len, i;
	int			 k, n, seen;

	if ((n = query_split(a, query, &pair)) == -1 ||
	    !query_is_utf8(a, pair, n)) {
		fault_add(c->faults, &loc_query, "value_error",
		    "must be percent-encoded UTF-8");
		return NULL;
	}
	/* most requests have none: nothing to parse, NULL has no members */
	if (n == 0)
		return NULL;
	jw_init(&w, a);
	jw_obj(&w);
	for (i = 0; i < s->nfields; i++) {
		f = &s->fields[i];
		seen = 0;
		for (k = 0; k < n; k++) {
			if (strcmp(pair[k].name, f->name) != 0)
				continue;
			if (seen++ > 0 && f->type != F_LIST) {
				fault_add(c->faults,
				    LOC(&loc_query, f->name),
				    "duplicate_key", "key appears twice");
				break;
			}
			if (pair[k].value[0] == '\0') {
				fault_add(c->faults,
				    LOC(&loc_query, f->name), "value_error",
				    "must not be empty");
				continue;
			}
			if (seen == 1) {
				jw_key(&w, f->name);
				if (f->type == F_LIST)
					jw_arr(&w);
			}
			query_value(f, pair[k].value, &w);
		}
		if (seen > 0 && f->type == F_LIST && w.depth > 1)
			jw_end(&w);
	}
	jw_end(&w);
	text = jw_text(&w, &len);
	if (c->faults->count == before) {
		if (jv_parse_checked(a, text, len, &tree) == -1)
			fatalx("query is not JSON: %s", s->name);
		schema_check(c, s, tree, &loc_query);
	}
	for (k = 0; k < n; k++) {
		for (i = 0; i < s->nfields; i++)
			if (strcmp(s->fields[i].name, pair[k].name) == 0)
				break;
		if (i < s->nfields)
			continue;
		if (c->ignored != NULL)
			continue;
		fault_add(c->faults, LOC(&loc_query, pair[k].name),
		    "extra_forbidden", "unknown field%s",
		    schema_hint(a, s, pair[k].name));
	}
	return c->faults->count == before ? tree : NULL;
}
