/* SPDX-License-Identifier: BSD-2-Clause */
/* Schemas of bodies and replies, as JSON Schema. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tools/openapi/openapi.h"
#include "util/arena.h"
#include "util/jv.h"
#include "util/log.h"

#define WIRE_ID	"[0-7][0-9a-hjkmnp-tv-z]{25}"

static void
ref(struct openapi *o, const char *name)
{
	jw_key(o->w, "$ref");
	jw_strf(o->w, "#/components/schemas/%s", name);
}

/* Two tables may not use one name for different things. */
static void
must_be_new(const struct openapi *o, const char *name)
{
	size_t	i;

	for (i = 0; i < o->bodies; i++)
		if (strcmp(o->body[i]->name, name) == 0)
			fatalx("%s is the name of two schemas", name);
	for (i = 0; i < o->shapes; i++)
		if (strcmp(o->shape[i]->name, name) == 0)
			fatalx("%s is the name of two schemas", name);
	if (o->bodies == OPENAPI_PARTS || o->shapes == OPENAPI_PARTS)
		fatalx("more than %d schemas", OPENAPI_PARTS);
}

void
openapi_body_ref(struct openapi *o, const struct schema *s)
{
	size_t	i;

	for (i = 0; i < o->bodies && o->body[i] != s; i++)
		continue;
	if (i == o->bodies) {
		must_be_new(o, s->name);
		o->body[o->bodies++] = s;
	}
	ref(o, s->name);
}

void
openapi_shape_ref(struct openapi *o, const struct shape *s)
{
	size_t	i;

	for (i = 0; i < o->shapes && o->shape[i] != s; i++)
		continue;
	if (i == o->shapes) {
		must_be_new(o, s->name);
		o->shape[o->shapes++] = s;
	}
	ref(o, s->name);
}

static void
type(struct openapi *o, const char *word, int null)
{
	if (!null) {
		jw_kstr(o->w, "type", word);
		return;
	}
	jw_karr(o->w, "type");
	jw_str(o->w, word);
	jw_str(o->w, "null");
	jw_end(o->w);
}

void
openapi_words(struct openapi *o, const char *const *words, int null)
{
	type(o, "string", null);
	jw_karr(o->w, "enum");
	for (; *words != NULL; words++)
		jw_str(o->w, *words);
	if (null)
		jw_null(o->w);
	jw_end(o->w);
}

/* What is written between these two may be null as a whole. */
static void
null_begin(struct openapi *o, int null)
{
	if (!null)
		return;
	jw_karr(o->w, "anyOf");
	jw_obj(o->w);
}

static void
null_end(struct openapi *o, int null)
{
	if (!null)
		return;
	jw_end(o->w);
	jw_obj(o->w);
	jw_kstr(o->w, "type", "null");
	jw_end(o->w);
	jw_end(o->w);
}

/* Bodies and queries ------------------------------------------------------*/

static void	field_schema(struct openapi *, const struct field *, int);

static void
count_bounds(struct openapi *o, const struct field *f, const char *least,
    const char *most)
{
	if (f->min > 0)
		jw_knum(o->w, least, f->min);
	if (f->max > 0)
		jw_knum(o->w, most, f->max);
}

static void
number_bounds(struct openapi *o, const struct field *f)
{
	if (f->flags & F_UNBOUNDED)
		return;
	jw_knum(o->w, (f->flags & F_GT) ? "exclusiveMinimum" : "minimum",
	    f->min);
	if (f->max > f->min)
		jw_knum(o->w, "maximum", f->max);
}

static void
map_schema(struct openapi *o, const struct field *f)
{
	static const struct field	words = { .type = F_STR, .max = 512 };
	static const struct field	score = { .type = F_NUM, .max = 100 };
	static const struct field	key = { .type = F_STR, .min = 1,
	    .max = 64 };
	const struct field		*item = f->item;

	if (f->type == F_STRMAP) {
		item = &words;
		jw_kobj(o->w, "propertyNames");
		field_schema(o, &key, 0);
		jw_end(o->w);
	} else if (f->type == F_SCORES)
		item = &score;
	count_bounds(o, f, "minProperties", "maxProperties");
	if (item == NULL) {
		jw_kbool(o->w, "additionalProperties", 1);
		return;
	}
	jw_kobj(o->w, "additionalProperties");
	field_schema(o, item, 0);
	jw_end(o->w);
}

static void
list_schema(struct openapi *o, const struct field *f)
{
	count_bounds(o, f, "minItems", "maxItems");
	if (f->flags & F_UNIQUE)
		jw_kbool(o->w, "uniqueItems", 1);
	jw_kobj(o->w, "items");
	if (f->sub != NULL)
		openapi_body_ref(o, f->sub);
	else
		field_schema(o, f->item, 0);
	jw_end(o->w);
}

/* The members of a field's JSON Schema. */
static void
field_schema(struct openapi *o, const struct field *f, int null)
{
	switch (f->type) {
	case F_STR:
		type(o, "string", null);
		count_bounds(o, f, "minLength", "maxLength");
		break;
	case F_INT:
	case F_NUM:
		type(o, f->type == F_INT ? "integer" : "number", null);
		number_bounds(o, f);
		break;
	case F_BOOL:
		type(o, "boolean", null);
		break;
	case F_TIME:
		type(o, "string", null);
		jw_kstr(o->w, "format", "date-time");
		break;
	case F_WORD:
		openapi_words(o, f->words, null);
		break;
	case F_OBJ:
		null_begin(o, null);
		openapi_body_ref(o, f->sub);
		null_end(o, null);
		break;
	case F_LIST:
		type(o, "array", null);
		list_schema(o, f);
		break;
	case F_MAP:
	case F_STRMAP:
	case F_SCORES:
		type(o, "object", null);
		map_schema(o, f);
		break;
	case F_VALUE:
		if (f->sub != NULL)
			openapi_body_ref(o, f->sub);
		break;
	}
	if (f->dflt != NULL)
		jw_kraw(o->w, "default", f->dflt);
}

void
openapi_query_field(struct openapi *o, const struct field *f)
{
	field_schema(o, f, 0);
}

/* " (incremental, full_retrain)": the training types of a bit mask */
static const char *
variants(struct openapi *o, unsigned int mask, const char *before)
{
	const struct schema	*s = &schema_create_judge_job;
	const char *const	*words = NULL;
	struct buf		 b;
	size_t			 i;
	int			 n = 0;

	if (mask == 0)
		return "";
	for (i = 0; i < s->nfields; i++)
		if (strcmp(s->fields[i].name, "training_type") == 0)
			words = s->fields[i].words;
	buf_init(&b, o->arena);
	for (i = 0; words[i] != NULL; i++)
		if (mask & 1u << i)
			buf_printf(&b, "%s%s", n++ > 0 ? ", " : before,
			    words[i]);
	return b.data;
}

static void
body_schema(struct openapi *o, const struct schema *s)
{
	const struct field	*f;
	const char		*example;
	size_t			 i, needed = 0;

	jw_kobj(o->w, s->name);
	jw_kstr(o->w, "type", "object");
	jw_kstr(o->w, "description", s->doc);
	jw_kobj(o->w, "properties");
	for (i = 0; i < s->nfields; i++) {
		f = &s->fields[i];
		needed += (f->flags & F_REQUIRED) != 0;
		jw_kobj(o->w, f->name);
		field_schema(o, f, (f->flags & F_REQUIRED) == 0);
		jw_key(o->w, "description");
		jw_strf(o->w, "%s%s%s", f->doc, variants(o, f->applies,
		    "; only for "), variants(o, f->needed,
		    "; required for "));
		jw_end(o->w);
	}
	jw_end(o->w);
	if (needed > 0) {
		jw_karr(o->w, "required");
		for (i = 0; i < s->nfields; i++)
			if (s->fields[i].flags & F_REQUIRED)
				jw_str(o->w, s->fields[i].name);
		jw_end(o->w);
	}
	jw_kbool(o->w, "additionalProperties", 0);
	if ((example = openapi_example(o, s)) != NULL) {
		jw_karr(o->w, "examples");
		jw_raw(o->w, example);
		jw_end(o->w);
	}
	jw_end(o->w);
}

const char *
openapi_example(struct openapi *o, const struct schema *s)
{
	struct jv	*tree;
	struct buf	 b;
	FILE		*in;
	size_t		 n;
	const char	*path = arena_printf(o->arena, "%s/%s.json",
	    o->examples, s->name);

	if ((in = fopen(path, "r")) == NULL)
		return NULL;
	buf_init(&b, o->arena);
	while ((n = fread(buf_reserve(&b, 4096), 1, 4096, in)) > 0)
		b.len += n;
	b.data[b.len] = '\0';
	if (ferror(in) || jv_parse_checked(o->arena, b.data, b.len, &tree) ==
	    -1)
		fatalx("%s is not JSON", path);
	fclose(in);
	b.len = 0;
	jv_write(tree, &b);
	return b.data;
}

/* Replies -----------------------------------------------------------------*/

static void	member_schema(struct openapi *, const struct member *, int);

static void
status_words(struct openapi *o, enum job_face face, int null)
{
	const char	*words[JOB__MAX + 1], *word;
	size_t		 n = 0, k;
	int		 i;

	for (i = 0; i < JOB__MAX; i++) {
		word = state_face_word((enum job_state)i, face);
		for (k = 0; k < n && strcmp(words[k], word) != 0; k++)
			continue;
		if (word[0] != '\0' && k == n)
			words[n++] = word;
	}
	words[n] = NULL;
	openapi_words(o, words, null);
}

/* What a list or a map holds, or an object is. */
static void
inner_schema(struct openapi *o, const struct member *m)
{
	size_t	i;

	if (m->shape != NULL)
		openapi_shape_ref(o, m->shape);
	else if (m->item != NULL)
		member_schema(o, m->item, 0);
	else if (m->body[1] == NULL)
		openapi_body_ref(o, m->body[0]);
	else {
		jw_karr(o->w, "anyOf");
		for (i = 0; m->body[i] != NULL; i++) {
			jw_obj(o->w);
			openapi_body_ref(o, m->body[i]);
			jw_end(o->w);
		}
		jw_end(o->w);
	}
}

/* The members of a member's JSON Schema. */
static void
member_schema(struct openapi *o, const struct member *m, int null)
{
	switch (m->type) {
	case M_STR:
		type(o, "string", null);
		break;
	case M_INT:
		type(o, "integer", null);
		break;
	case M_NUM:
		type(o, "number", null);
		break;
	case M_BOOL:
		type(o, "boolean", null);
		break;
	case M_TIME:
		type(o, "string", null);
		jw_kstr(o->w, "format", "date-time");
		break;
	case M_UUID:
		type(o, "string", null);
		jw_kstr(o->w, "format", "uuid");
		break;
	case M_ID:
		type(o, "string", null);
		jw_key(o->w, "pattern");
		jw_strf(o->w, "^%s" WIRE_ID "$", m->prefix);
		break;
	case M_WORD:
		openapi_words(o, m->words, null);
		break;
	case M_STATUS:
		status_words(o, m->face, null);
		break;
	case M_OBJ:
		null_begin(o, null);
		inner_schema(o, m);
		null_end(o, null);
		break;
	case M_LIST:
		type(o, "array", null);
		jw_kobj(o->w, "items");
		inner_schema(o, m);
		jw_end(o->w);
		break;
	case M_MAP:
		type(o, "object", null);
		if (m->shape == NULL && m->item == NULL) {
			jw_kbool(o->w, "additionalProperties", 1);
			break;
		}
		jw_kobj(o->w, "additionalProperties");
		inner_schema(o, m);
		jw_end(o->w);
		break;
	case M_ANY:
		break;
	}
}

static void
shape_schema(struct openapi *o, const struct shape *s)
{
	const struct member	*m;
	size_t			 i, always = 0;

	jw_kobj(o->w, s->name);
	jw_kstr(o->w, "type", "object");
	jw_kstr(o->w, "description", s->doc);
	jw_kobj(o->w, "properties");
	for (i = 0; i < s->nmembers; i++) {
		m = &s->members[i];
		always += (m->flags & M_ABSENT) == 0;
		jw_kobj(o->w, m->name);
		member_schema(o, m, (m->flags & M_NULL) != 0);
		jw_kstr(o->w, "description", m->doc);
		jw_end(o->w);
	}
	jw_end(o->w);
	if (always > 0) {
		jw_karr(o->w, "required");
		for (i = 0; i < s->nmembers; i++)
			if ((s->members[i].flags & M_ABSENT) == 0)
				jw_str(o->w, s->members[i].name);
		jw_end(o->w);
	}
	jw_end(o->w);
}

void
openapi_schemas(struct openapi *o)
{
	size_t	i = 0, k = 0;

	jw_kobj(o->w, "schemas");
	/* what they refer to comes behind them */
	while (i < o->shapes || k < o->bodies) {
		for (; i < o->shapes; i++)
			shape_schema(o, o->shape[i]);
		for (; k < o->bodies; k++)
			body_schema(o, o->body[k]);
	}
	jw_end(o->w);
}
