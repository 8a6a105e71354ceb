/* SPDX-License-Identifier: BSD-2-Clause */
/* Query strings, checked like bodies. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "domain/schema.h"
#include "util/hash.h"
#include "util/log.h"
#include "util/utf8.h"

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
query_is_utf8(const char *s)
{
	size_t	len = strlen(s), n;

	for (; len > 0; s += n, len -= n)
		if ((n = utf8_next(s, len, NULL)) == 0)
			return 0;
	return 1;
}

/* What was given for the fields, as an object; of repeated ones the first. */
static struct jv *
query_tree(const struct schema *s, const struct query_pair *pair, int n,
    struct arena *a)
{
	const struct field	*f;
	struct jv		*tree;
	struct jw		 w;
	const char		*text;
	size_t			 len, i;
	int			 k, taken;

	jw_init(&w, a);
	jw_obj(&w);
	for (i = 0; i < s->nfields; i++) {
		f = &s->fields[i];
		taken = 0;
		for (k = 0; k < n; k++) {
			if (strcmp(pair[k].name, f->name) != 0 ||
			    pair[k].value[0] == '\0')
				continue;
			if (taken++ == 0) {
				jw_key(&w, f->name);
				if (f->type == F_LIST)
					jw_arr(&w);
			} else if (f->type != F_LIST)
				break;
			query_value(f, pair[k].value, &w);
		}
		if (taken > 0 && f->type == F_LIST)
			jw_end(&w);
	}
	jw_end(&w);
	text = jw_text(&w, &len);
	if (jv_parse_checked(a, text, len, &tree) == -1)
		fatalx("query is not JSON: %s", s->name);
	return tree;
}

static void
query_field(const struct schema_check *c, const struct field *f,
    const struct query_pair *pair, int n, const struct jv *tree)
{
	const struct loc	*loc = LOC(&loc_query, f->name);
	const struct jv		*v = jv_member(tree, f->name);
	int			 k, seen = 0, empty = 0;

	for (k = 0; k < n; k++) {
		if (strcmp(pair[k].name, f->name) != 0)
			continue;
		seen++;
		empty += pair[k].value[0] == '\0';
	}
	if (seen > 1 && f->type != F_LIST)
		fault_add(c->faults, loc, "duplicate_key",
		    "key appears twice");
	else if (empty > 0)
		fault_add(c->faults, loc, "value_error",
		    "must not be empty");
	else if (v != NULL)
		schema_check_value(c, f, v, loc);
	else if (f->flags & F_REQUIRED)
		fault_add(c->faults, loc, "missing", "field required");
}

static int
query_known(const struct schema *s, const char *name)
{
	size_t	i;

	for (i = 0; i < s->nfields; i++)
		if (strcmp(s->fields[i].name, name) == 0)
			return 1;
	return 0;
}

struct jv *
schema_query(const struct schema_check *c, const struct schema *s,
    const char *query, struct arena *a)
{
	struct query_pair	*pair;
	struct jv		*tree = NULL;
	size_t			 before = c->faults->count, i;
	int			 k, n;

	n = query_split(a, query, &pair);
	for (k = 0; k < n; k++)
		if (!query_is_utf8(pair[k].name) ||
		    !query_is_utf8(pair[k].value))
			n = -1;
	if (n == -1) {
		fault_add(c->faults, &loc_query, "value_error",
		    "must be percent-encoded UTF-8");
		return NULL;
	}
	/* most requests have none: nothing to parse, NULL has no members */
	if (n > 0)
		tree = query_tree(s, pair, n, a);
	for (i = 0; i < s->nfields; i++)
		query_field(c, &s->fields[i], pair, n, tree);
	for (k = 0; k < n && c->ignored == NULL; k++)
		if (!query_known(s, pair[k].name))
			fault_add(c->faults, LOC(&loc_query, pair[k].name),
			    "extra_forbidden", "unknown field%s",
			    schema_hint(a, s, pair[k].name));
	return c->faults->count == before ? tree : NULL;
}
