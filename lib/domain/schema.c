/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks bodies and queries against the tables of schema.tbl.h. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "domain/email.h"
#include "domain/schema.h"
#include "domain/webhook_url.h"
#include "util/ident.h"
#include "util/ts.h"

#define WORDS(...)	((const char *const []){ __VA_ARGS__, NULL })
#define ITEM(...)	(&(const struct field){ .name = "", .type = __VA_ARGS__ })

/* name or organization/name of an artifact */
static const char *
format_ref_name(const char *s)
{
	char		 org[64];
	const char	*slash = strchr(s, '/');

	if (slash != NULL) {
		if ((size_t)(slash - s) >= sizeof(org))
			return "must be name or organization/name";
		memcpy(org, s, (size_t)(slash - s));
		org[slash - s] = '\0';
		if (!ident_slug(org))
			return "must be name or organization/name";
		s = slash + 1;
	}
	return ident_artifact_name(s) ? NULL :
	    "must be name or organization/name, lower-case letters, digits "
	    "and . _ -";
}

static const char *
format_artifact_name(const char *s)
{
	return ident_artifact_name(s) ? NULL :
	    "must be a name: lower-case letters, digits and . _ -";
}

static const char *
format_ref_version(const char *s)
{
	if (strcmp(s, "latest") == 0)
		return "must be an exact version, not latest";
	return ident_artifact_version(s) ? NULL :
	    "must be a version: letters, digits and . + _ -";
}

/* name, or name@version: what a job may say of its task */
static const char *
format_task_ref(const char *s)
{
	char		 name[201];
	const char	*at = strchr(s, '@');
	size_t		 len = at == NULL ? strlen(s) : (size_t)(at - s);

	if (len >= sizeof(name))
		return "must be name or name@version";
	memcpy(name, s, len);
	name[len] = '\0';
	if (format_ref_name(name) != NULL ||
	    (at != NULL && format_ref_version(at + 1) != NULL))
		return "must be name or name@version";
	return NULL;
}

static const char *
format_judge_id(const char *s)
{
	return ident_judge(s) ? NULL : "must match ^jdg_[A-Za-z0-9]{1,64}$";
}

static const char *
format_criterion_id(const char *s)
{
	return ident_criterion(s) ? NULL :
	    "must match ^crit_[a-z0-9_]{1,60}$";
}

static const char *
format_past(const char *s)
{
	int64_t	us;

	return ts_parse(s, strlen(s), &us) == 0 && us > ts_now() ?
	    "must not be in the future" : NULL;
}

static const char *
format_email(const char *s)
{
	return email_ok(s) ? NULL : "must be one e-mail address";
}

static const char *
format_webhook_url(const char *s)
{
	return webhook_url_ok(s) ? NULL : "must be an absolute https URL";
}

static const char *
format_visible(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s < 0x21 || *s > 0x7e)
			return "must be visible ASCII characters";
	return NULL;
}

#define SCHEMA(name, title, about) static const struct field fields_##name[] = {
#define FIELD(nm, ty, ...) { .name = nm, .type = ty, __VA_ARGS__ },
#define SCHEMA_END(nm) };
#include "domain/schema.tbl.h"
#undef SCHEMA
#undef FIELD
#undef SCHEMA_END

#define SCHEMA(nm, title, about)					\
	const struct schema schema_##nm = { title, fields_##nm,		\
	    sizeof(fields_##nm) / sizeof(fields_##nm[0]), about };
#define FIELD(...)
#define SCHEMA_END(name)
#include "domain/schema.tbl.h"
#undef SCHEMA
#undef FIELD
#undef SCHEMA_END

static size_t
utf8_length(const char *s, size_t len)
{
	size_t	n = 0, i;

	for (i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

static void
check_length(const struct schema_check *c, const struct loc *loc, size_t n,
    double min, double max, const char *what, const char *shorter,
    const char *longer)
{
	if (n < (size_t)min)
		fault_add(c->faults, loc, shorter,
		    "must have at least %.0f %s%s", min, what,
		    min == 1 ? "" : "s");
	else if (max > 0 && n > (size_t)max)
		fault_add(c->faults, loc, longer,
		    "must have at most %.0f %s%s", max, what,
		    max == 1 ? "" : "s");
}

static void
check_format(const struct schema_check *c, const struct field *f,
    const char *s, const struct loc *loc)
{
	const char	*wrong;

	if (f->format != NULL && (wrong = f->format(s)) != NULL)
		fault_add(c->faults, loc, f->refusal != NULL ? f->refusal :
		    "value_error", "%s", wrong);
}

static void
check_string(const struct schema_check *c, const struct field *f,
    const struct jv *v, const struct loc *loc)
{
	const char	*s;
	size_t		 len, before = c->faults->count;

	if ((s = jv_str(v, &len)) == NULL) {
		fault_add(c->faults, loc, "string_type", "must be a string");
		return;
	}
	if (strlen(s) != len) {
		fault_add(c->faults, loc, "value_error",
		    "must not contain NUL");
		return;
	}
	check_length(c, loc, utf8_length(s, len), f->min, f->max, "character",
	    "string_too_short", "string_too_long");
	if (c->faults->count == before)
		check_format(c, f, s, loc);
}

static void
check_number(const struct schema_check *c, const struct field *f,
    const struct jv *v, const struct loc *loc)
{
	char	text[32];
	double	x;
	int64_t	n;

	if (!jv_num(v, &x)) {
		if (f->type == F_INT)
			fault_add(c->faults, loc, "int_type",
			    "must be an integer");
		else
			fault_add(c->faults, loc, "float_type",
			    "must be a finite number");
		return;
	}
	/* by its digits: 1.00000000000000000001 is 1 only for a double */
	if (f->type == F_INT && !jv_int(v, &n) && !jv_int_bad(v)) {
		fault_add(c->faults, loc, "int_type", "must be an integer");
		return;
	}
	if (f->flags & F_UNBOUNDED)
		return;
	if ((f->flags & F_GT) ? x <= f->min : x < f->min) {
		snprintf(text, sizeof(text), "%.15g", f->min);
		fault_add(c->faults, loc, (f->flags & F_GT) ?
		    "greater_than" : "greater_than_equal",
		    "must be greater than %s%s", (f->flags & F_GT) ? "" :
		    "or equal to ", text);
	} else if (f->max > f->min && x > f->max) {
		snprintf(text, sizeof(text), "%.15g", f->max);
		fault_add(c->faults, loc, "less_than_equal",
		    "must be less than or equal to %s", text);
	}
}

static void
check_word(const struct schema_check *c, const struct field *f,
    const struct jv *v, const struct loc *loc)
{
	struct buf	 list;
	const char	*s;
	size_t		 len, i;

	if ((s = jv_str(v, &len)) == NULL) {
		fault_add(c->faults, loc, "string_type", "must be a string");
		return;
	}
	for (i = 0; f->words[i] != NULL; i++)
		if (strlen(f->words[i]) == len &&
		    memcmp(f->words[i], s, len) == 0)
			return;
	buf_init(&list, c->faults->arena);
	for (i = 0; f->words[i] != NULL; i++)
		buf_printf(&list, "%s\"%s\"", i == 0 ? "" : ", ",
		    f->words[i]);
	fault_add(c->faults, loc, "literal_error", "must be %s%s",
	    i > 1 ? "one of " : "", list.data);
}

static void
check_list(const struct schema_check *c, const struct field *f,
    const struct jv *v, const struct loc *loc)
{
	size_t	n, i, k;

	if (jv_type(v) != JV_ARRAY) {
		fault_add(c->faults, loc, "list_type", "must be an array");
		return;
	}
	n = jv_len(v);
	check_length(c, loc, n, f->min, f->max, "item", "too_short",
	    "too_long");
	/* what is beyond the bound is not worth a message each */
	if (f->max > 0 && n > (size_t)f->max)
		n = (size_t)f->max;
	for (i = 0; i < n; i++) {
		if (f->sub != NULL)
			schema_check(c, f->sub, jv_at(v, i), LOC_AT(loc, i));
		else
			schema_check_value(c, f->item, jv_at(v, i),
			    LOC_AT(loc, i));
	}
	if ((f->flags & F_UNIQUE) == 0)
		return;
	for (i = 1; i < n; i++)
		for (k = 0; k < i; k++) {
			const char	*a = jv_str(jv_at(v, i), NULL);
			const char	*b = jv_str(jv_at(v, k), NULL);

			if (a != NULL && b != NULL && strcmp(a, b) == 0) {
				fault_add(c->faults, LOC_AT(loc, i),
				    "value_error", "appears twice");
				break;
			}
		}
}

/* metadata: pairs of short strings */
static void
check_strmap(const struct schema_check *c, const struct field *f,
    const struct jv *v, const struct loc *loc)
{
	static const struct field value = { .type = F_STR, .max = 512 };
	struct jv_iter	it;
	size_t		n;

	if (jv_len(v) > (size_t)f->max)
		fault_add(c->faults, loc, "too_long",
		    "must have at most %.0f items", f->max);
	jv_iter_init(&it, v);
	while (jv_iter_next(&it)) {
		n = utf8_length(it.key, strlen(it.key));
		if (n < 1)
			fault_add(c->faults, LOC(loc, it.key),
			    "string_too_short",
			    "key must have at least 1 character");
		else if (n > 64)
			fault_add(c->faults, LOC(loc, it.key),
			    "string_too_long",
			    "key must have at most 64 characters");
		schema_check_value(c, &value, it.val, LOC(loc, it.key));
	}
}

/* An object of equal values; what its keys may be is the rules' business. */
static void
check_map(const struct schema_check *c, const struct field *f,
    const struct jv *v, const struct loc *loc)
{
	struct jv_iter	it;

	check_length(c, loc, jv_len(v), 0, f->max, "member", "too_short",
	    "too_long");
	jv_iter_init(&it, v);
	while (f->item != NULL && jv_iter_next(&it))
		schema_check_value(c, f->item, it.val, LOC(loc, it.key));
}

static void
check_scores(const struct schema_check *c, const struct field *f,
    const struct jv *v, const struct loc *loc)
{
	static const struct field score = { .type = F_NUM, .min = 0,
	    .max = 100 };
	struct jv_iter	it;

	check_length(c, loc, jv_len(v), f->min, f->max, "item", "too_short",
	    "too_long");
	jv_iter_init(&it, v);
	while (jv_iter_next(&it))
		schema_check_value(c, &score, it.val, LOC(loc, it.key));
}

void
schema_check_value(const struct schema_check *c, const struct field *f,
    const struct jv *v, const struct loc *loc)
{
	const char	*s;
	size_t		 len;
	int64_t		 us;
	int		 b;

	switch (f->type) {
	case F_STR:
		check_string(c, f, v, loc);
		break;
	case F_INT:
	case F_NUM:
		check_number(c, f, v, loc);
		break;
	case F_BOOL:
		if (!jv_bool(v, &b))
			fault_add(c->faults, loc, "bool_type",
			    "must be true or false");
		break;
	case F_TIME:
		if ((s = jv_str(v, &len)) == NULL)
			fault_add(c->faults, loc, "string_type",
			    "must be a string");
		else if (ts_parse(s, len, &us) == -1)
			fault_add(c->faults, loc, "datetime_parsing",
			    "must be an RFC 3339 date-time");
		else
			check_format(c, f, s, loc);
		break;
	case F_WORD:
		check_word(c, f, v, loc);
		break;
	case F_LIST:
		check_list(c, f, v, loc);
		break;
	case F_OBJ:
		schema_check(c, f->sub, v, loc);
		break;
	case F_MAP:
	case F_STRMAP:
	case F_SCORES:
		if (jv_type(v) != JV_OBJECT)
			fault_add(c->faults, loc, "dict_type",
			    "must be an object");
		else if (f->type == F_STRMAP)
			check_strmap(c, f, v, loc);
		else if (f->type == F_SCORES)
			check_scores(c, f, v, loc);
		else
			check_map(c, f, v, loc);
		break;
	case F_VALUE:
		break;
	}
}

int
schema_defers(const struct schema *s)
{
	size_t	i;

	for (i = 0; i < s->nfields; i++)
		if (s->fields[i].type == F_LIST &&
		    s->fields[i].item != NULL &&
		    s->fields[i].item->type == F_VALUE)
			return 1;
	return 0;
}

static const struct field *
field_find(const struct schema *s, const char *name)
{
	size_t	i;

	for (i = 0; i < s->nfields; i++)
		if (strcmp(s->fields[i].name, name) == 0)
			return &s->fields[i];
	return NULL;
}

const char *
schema_hint(struct arena *a, const struct schema *s, const char *unknown)
{
	const char	*best = NULL;
	int		 d, least = 3;
	size_t		 i;

	for (i = 0; i < s->nfields; i++) {
		d = ident_distance(unknown, s->fields[i].name, 2);
		if (d < least) {
			least = d;
			best = s->fields[i].name;
		}
	}
	return best == NULL ? "" :
	    arena_printf(a, "; did you mean \"%s\"?", best);
}

void
schema_check(const struct schema_check *c, const struct schema *s,
    const struct jv *obj, const struct loc *loc)
{
	const struct field	*f;
	struct jv_iter		 it;
	struct jv		*v;
	size_t			 i;

	if (jv_type(obj) != JV_OBJECT) {
		fault_add(c->faults, loc, "dict_type", "must be an object");
		return;
	}
	for (i = 0; i < s->nfields; i++) {
		f = &s->fields[i];
		v = jv_member(obj, f->name);
		if (v == NULL) {
			if ((f->flags & F_REQUIRED) ||
			    (f->needed & c->variant) != 0)
				fault_add(c->faults, LOC(loc, f->name),
				    "missing", "field required");
			continue;
		}
		if (f->applies != 0 && c->variant != 0 &&
		    (f->applies & c->variant) == 0) {
			fault_add(c->faults, LOC(loc, f->name),
			    "not_applicable", "does not apply to %s",
			    c->variant_text);
			continue;
		}
		schema_check_value(c, f, v, LOC(loc, f->name));
	}
	jv_iter_init(&it, obj);
	while (jv_iter_next(&it)) {
		if (field_find(s, it.key) != NULL)
			continue;
		if (c->ignored != NULL) {
			buf_printf(c->ignored, "%s%s",
			    c->ignored->len > 0 ? ", " : "", it.key);
			continue;
		}
		/* a body may have 100 000 of them; 20 are shown */
		fault_add(c->faults, LOC(loc, it.key), "extra_forbidden",
		    "unknown field%s", c->faults->count >= FAULTS_SHOWN ?
		    "" : schema_hint(c->faults->arena, s, it.key));
	}
}

static void
write_value(const struct field *f, const struct jv *v, struct jw *w)
{
	int64_t		n;
	size_t		i;

	if (f->type == F_OBJ) {
		schema_write(f->sub, v, w);
	} else if (f->type == F_LIST && f->sub != NULL) {
		jw_arr(w);
		for (i = 0; i < jv_len(v); i++)
			schema_write(f->sub, jv_at(v, i), w);
		jw_end(w);
	} else if (f->type == F_INT && jv_int(v, &n)) {
		/* 16.0 and 1e3 are integers: say so */
		jw_int(w, n);
	} else {
		jw_raw(w, jv_json(w->buf.arena, v));
	}
}

void
schema_write_members(const struct schema *s, const struct jv *obj,
    struct jw *w, unsigned int variant)
{
	const struct field	*f;
	struct jv		*v;
	size_t			 i;

	for (i = 0; i < s->nfields; i++) {
		f = &s->fields[i];
		if (f->applies != 0 && variant != 0 &&
		    (f->applies & variant) == 0)
			continue;
		if ((v = jv_member(obj, f->name)) != NULL) {
			jw_key(w, f->name);
			write_value(f, v, w);
		} else if (f->dflt != NULL)
			jw_kraw(w, f->name, f->dflt);
	}
}

void
schema_write(const struct schema *s, const struct jv *obj, struct jw *w)
{
	jw_obj(w);
	schema_write_members(s, obj, w, 0);
	jw_end(w);
}
