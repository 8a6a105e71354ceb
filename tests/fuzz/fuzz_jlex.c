/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What passes the gate, json-c reads and writes back as text that passes the
 * gate; integers are exact; duplicates are found when there are any; pieces
 * of text are the members they are said to be; what the writer makes of any
 * bytes passes.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/jlex.h"
#include "util/jpick.h"
#include "util/jv.h"
#include "util/jw.h"

static void
check_number(const struct jv *v)
{
	int64_t i;
	double d;

	REQUIRE(jv_num(v, &d) && isfinite(d));
	if (jv_int(v, &i)) {
		REQUIRE(!jv_int_bad(v));
		REQUIRE((double)i == d);
	} else if (jv_int_bad(v))
		REQUIRE(fabs(d) >= 9223372036854775807.0);
}

static void
check_tree(const struct jv *v)
{
	struct jv_iter it;
	size_t i;

	switch (jv_type(v)) {
	case JV_INT:
	case JV_FLOAT:
		check_number(v);
		break;
	case JV_ARRAY:
		for (i = 0; i < jv_len(v); i++)
			check_tree(jv_at(v, i));
		break;
	case JV_OBJECT:
		jv_iter_init(&it, v);
		while (jv_iter_next(&it))
			check_tree(it.val);
		break;
	default:
		break;
	}
}

/* Of what json-c wrote, which has no two members of one name. */
static void
check_pieces(struct arena *a, const char *text, const struct jv *v)
{
	struct jv_iter it;
	struct jpick p;

	jv_iter_init(&it, v);
	while (jv_iter_next(&it)) {
		/* what is looked for as it stands must stand there so */
		if (strchr(it.key, '\\') != NULL)
			continue;
		p.name = it.key;
		jpick(text, &p, 1);
		if (p.text == NULL) {
			/* its name stands there with escapes */
			REQUIRE(strchr(text, '\\') != NULL);
			continue;
		}
		if (it.val == NULL)
			REQUIRE(p.len == 4 && memcmp(p.text, "null", 4) == 0);
		else
			REQUIRE(strcmp(jv_json(a, it.val), jv_json(a,
			    jv_parse(a, p.text, p.len))) == 0);
	}
}

static void
check_text(struct arena *a, const char *text, size_t len,
    const struct jlex_report *r)
{
	struct jlex_report again;
	struct buf once, twice, path;
	struct jv *v;
	int dup;

	buf_init(&path, a);
	dup = jlex_duplicate(a, text, len, &path);
	if (dup) {
		REQUIRE(jlex_check(path.data, path.len, 1, &again) == 0);
		REQUIRE(again.top == '[');
	}
	if (r->nul_in_key)
		return;		/* json-c would cut the name: refused */
	v = jv_parse(a, text, len);
	REQUIRE((v == NULL) == (r->top == 'n'));
	REQUIRE(dup == (jv_count_members(v) != r->members));
	check_tree(v);
	buf_init(&once, a);
	jv_write(v, &once);
	REQUIRE(jlex_check(once.data, once.len, 64, &again) == 0);
	REQUIRE(again.top == r->top);
	if (r->top == '{')
		check_pieces(a, once.data, v);
	buf_init(&twice, a);
	jv_write(jv_parse(a, once.data, once.len), &twice);
	REQUIRE(once.len == twice.len);
	REQUIRE(memcmp(once.data, twice.data, once.len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data, *made;
	struct arena *a = arena_new(16384);
	struct jlex_report r;
	struct jw w;
	size_t n;

	if (jlex_check(text, len, 64, &r) == 0) {
		REQUIRE(r.what == NULL);
		check_text(a, text, len, &r);
	} else {
		REQUIRE(r.what != NULL && r.offset <= len);
		if (strcmp(r.what, "number is too large") == 0) {
			char *copy = arena_strndup(a, text, len);

			REQUIRE(isinf(strtod(copy + r.offset, NULL)));
		}
	}
	jw_init(&w, a);
	jw_obj(&w);
	jw_keyn(&w, text, len);
	jw_strn(&w, text, len);
	jw_end(&w);
	made = jw_text(&w, &n);
	REQUIRE(jlex_check(made, n, 1, &r) == 0);
	arena_free(a);
	return 0;
}
