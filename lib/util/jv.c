/* SPDX-License-Identifier: BSD-2-Clause */
/* json-c behind getters that never convert: the only user of json-c. */
#include "config.h"

#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json_object.h>
#include <json-c/json_tokener.h>
#include <json-c/linkhash.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/jlex.h"
#include "util/jv.h"
#include "util/log.h"
#include "util/ts.h"

/*
 * json-c keeps integers beyond int64 as uint64 or cuts them to the nearest
 * that fits, without a word.  They go in as doubles, with this behind their
 * digits (json-c keeps the text of a double), and lose it again in
 * bigs_restore().
 */
#define BIG_MARK	"e+0"
#define BIG_MARK_LEN	(sizeof(BIG_MARK) - 1)

/* A struct jv is a json_object that nobody else can look into. */
static json_object *
js(const struct jv *v)
{
	return (json_object *)(uintptr_t)v;
}

static struct jv *
jv_of(json_object *o)
{
	return (struct jv *)(void *)o;
}

static void
tree_put(void *o)
{
	(void)json_object_put(o);
}

/* At a number's first byte: behind its last one. */
static const char *
number_end(const char *s, const char *end)
{
	while (s < end && ((*s >= '0' && *s <= '9') || *s == '-' ||
	    *s == '+' || *s == '.' || *s == 'e' || *s == 'E'))
		s++;
	return s;
}

/* Is the literal an integer without fraction and exponent beyond int64? */
static int
is_big(const char *s, size_t len)
{
	const char *limit = "9223372036854775807";
	size_t i;

	if (*s == '-') {
		limit = "9223372036854775808";
		s++;
		len--;
	}
	for (i = 0; i < len; i++)
		if (s[i] < '0' || s[i] > '9')
			return 0;
	if (len != 19)
		return len > 19;
	return memcmp(s, limit, len) > 0;
}

/*
 * The text with marks behind the integers that json-c would change, or
 * NULL when it has none.
 */
static const struct buf *
bigs_mark(struct arena *a, const char *text, size_t len)
{
	const char *s, *end = text + len, *from = text, *to;
	struct buf *b = NULL;

	for (s = text; s < end; ) {
		if (*s == '"') {
			for (s++; *s != '"'; s++)
				if (*s == '\\')
					s++;
			s++;
		} else if (*s == '-' || (*s >= '0' && *s <= '9')) {
			to = number_end(s, end);
			if (is_big(s, (size_t)(to - s))) {
				if (b == NULL) {
					b = arena_alloc(a, sizeof(*b));
					buf_init(b, a);
				}
				buf_add(b, from, (size_t)(to - from));
				buf_adds(b, BIG_MARK);
				from = to;
			}
			s = to;
		} else
			s++;
	}
	if (b != NULL)
		buf_add(b, from, (size_t)(end - from));
	return b;
}

/* The digits that a double came with. */
static const char *
number_text(json_object *o)
{
	return json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
}

/* The object in place of `o` with the digits of the text, or NULL. */
static json_object *
big_without_mark(json_object *o)
{
	char digits[512];
	const char *s;
	json_object *n;
	size_t len;

	if (!json_object_is_type(o, json_type_double))
		return NULL;
	s = number_text(o);
	len = strlen(s);
	/* What fits a double has 309 digits at most. */
	if (len <= BIG_MARK_LEN || len >= sizeof(digits) ||
	    strcmp(s + len - BIG_MARK_LEN, BIG_MARK) != 0 ||
	    !is_big(s, len - BIG_MARK_LEN))
		return NULL;
	len -= BIG_MARK_LEN;
	memcpy(digits, s, len);
	digits[len] = '\0';
	n = json_object_new_double_s(json_object_get_double(o), digits);
	if (n == NULL)
		fatalx("out of memory in json-c");
	return n;
}

/* Recursion ends at JLEX_DEPTH_LIMIT. */
static void
bigs_restore(json_object *o)
{
	json_object *n, *item;
	struct lh_entry *e;
	size_t i;

	switch (json_object_get_type(o)) {
	case json_type_object:
		for (e = lh_table_head(json_object_get_object(o)); e != NULL;
		    e = lh_entry_next(e)) {
			item = lh_entry_v(e);
			if ((n = big_without_mark(item)) == NULL) {
				bigs_restore(item);
				continue;
			}
			(void)json_object_put(item);
			lh_entry_set_val(e, n);
		}
		break;
	case json_type_array:
		for (i = 0; i < json_object_array_length(o); i++) {
			item = json_object_array_get_idx(o, i);
			if ((n = big_without_mark(item)) == NULL)
				bigs_restore(item);
			else if (json_object_array_put_idx(o, i, n) != 0)
				fatalx("out of memory in json-c");
		}
		break;
	default:
		break;
	}
}

static json_object *
tree_parse(const char *text, size_t len)
{
	json_tokener *tok;
	json_object *o;
	/*
	 * json-c copies the thread's locale for each text, under a lock of
	 * the process; glibc's static "C" needs neither copy nor lock.
	 */
	locale_t was = uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));

	/* One level more: json-c counts the values inside the innermost. */
	if ((tok = json_tokener_new_ex(JLEX_DEPTH_LIMIT + 1)) == NULL)
		fatalx("out of memory in json-c");
	o = json_tokener_parse_ex(tok, text, (int)len);
	/* A number on its own might go on; a space says it does not. */
	if (json_tokener_get_error(tok) == json_tokener_continue)
		o = json_tokener_parse_ex(tok, " ", 1);
	if (json_tokener_get_error(tok) != json_tokener_success) {
		log_errx("bug: json-c refuses what passed the gate: %s "
		    "offset=%zu", json_tokener_error_desc(
		    json_tokener_get_error(tok)),
		    json_tokener_get_parse_end(tok));
		(void)json_object_put(o);
		o = NULL;
	}
	json_tokener_free(tok);
	(void)uselocale(was);
	return o;
}

struct jv *
jv_parse(struct arena *a, const char *text, size_t len)
{
	const struct buf *marked;
	json_object *o, *n;

	if ((marked = bigs_mark(a, text, len)) != NULL) {
		text = marked->data;
		len = marked->len;
	}
	if (len > INT_MAX) {
		log_errx("bug: JSON text is too long for json-c");
		return NULL;
	}
	o = tree_parse(text, len);
	if (o != NULL && marked != NULL) {
		if ((n = big_without_mark(o)) != NULL) {
			(void)json_object_put(o);
			o = n;
		} else
			bigs_restore(o);
	}
	if (o != NULL)
		arena_defer(a, tree_put, o);
	return jv_of(o);
}

int
jv_parse_checked(struct arena *a, const char *text, size_t len,
    struct jv **out)
{
	struct jlex_report r;

	*out = NULL;
	if (jlex_check(text, len, JLEX_DEPTH_LIMIT, &r) == -1 ||
	    r.nul_in_key)
		return -1;
	*out = jv_parse(a, text, len);
	return *out == NULL && r.top != 'n' ? -1 : 0;
}

enum jv_type
jv_type(const struct jv *v)
{
	switch (json_object_get_type(js(v))) {
	case json_type_boolean:
		return JV_BOOL;
	case json_type_int:
		return JV_INT;
	case json_type_double:
		return JV_FLOAT;
	case json_type_string:
		return JV_STRING;
	case json_type_array:
		return JV_ARRAY;
	case json_type_object:
		return JV_OBJECT;
	case json_type_null:
		break;
	}
	return JV_NULL;
}

int
jv_get(const struct jv *obj, const char *key, struct jv **out)
{
	json_object *o;

	*out = NULL;
	if (jv_type(obj) != JV_OBJECT ||
	    !json_object_object_get_ex(js(obj), key, &o))
		return 0;
	*out = jv_of(o);
	return 1;
}

struct jv *
jv_member(const struct jv *obj, const char *key)
{
	struct jv *v;

	(void)jv_get(obj, key, &v);
	return v;
}

size_t
jv_len(const struct jv *v)
{
	switch (jv_type(v)) {
	case JV_OBJECT:
		return (size_t)json_object_object_length(js(v));
	case JV_ARRAY:
		return json_object_array_length(js(v));
	default:
		return 0;
	}
}

struct jv *
jv_at(const struct jv *arr, size_t i)
{
	if (jv_type(arr) != JV_ARRAY || i >= jv_len(arr))
		return NULL;
	return jv_of(json_object_array_get_idx(js(arr), i));
}

void
jv_iter_init(struct jv_iter *it, const struct jv *obj)
{
	it->pos = jv_type(obj) == JV_OBJECT ?
	    lh_table_head(json_object_get_object(js(obj))) : NULL;
	it->key = NULL;
	it->val = NULL;
}

int
jv_iter_next(struct jv_iter *it)
{
	struct lh_entry *e = it->pos;

	if (e == NULL)
		return 0;
	it->key = lh_entry_k(e);
	it->val = jv_of(lh_entry_v(e));
	it->pos = lh_entry_next(e);
	return 1;
}

const char *
jv_str(const struct jv *v, size_t *len)
{
	if (jv_type(v) != JV_STRING)
		return NULL;
	if (len != NULL)
		*len = (size_t)json_object_get_string_len(js(v));
	return json_object_get_string(js(v));
}

const char *
jv_text(const struct jv *obj, const char *key)
{
	return jv_str(jv_member(obj, key), NULL);
}

int64_t
jv_time(const struct jv *obj, const char *key, int64_t dflt)
{
	const char *s;
	int64_t us;
	size_t len;

	s = jv_str(jv_member(obj, key), &len);
	return s != NULL && ts_parse(s, len, &us) == 0 ? us : dflt;
}

/*
 * The exact integer of a decimal literal: a double would turn
 * 9007199254740993.0 into its neighbour.  1 and *out, 0 when it has a
 * fraction, -1 when it is integral and beyond int64.
 */
static int
decimal_int(const char *s, int64_t *out)
{
	const char *p;
	int neg = *s == '-', point = 0, huge = 0;
	long long exp = 0;
	uint64_t v = 0;
	size_t zeros = 0;	/* behind the last digit that is none */

	s += neg;
	/* The exponent first: then the value is made digit by digit. */
	p = s + strcspn(s, "eE");
	if (*p != '\0')
		exp = strtoll(p + 1, NULL, 10);
	for (; s < p; s++) {
		if (*s == '.') {
			point = 1;
			continue;
		}
		if (point && exp > LLONG_MIN)
			exp--;
		if (*s == '0') {
			zeros++;
			continue;
		}
		for (zeros++; zeros > 0; zeros--) {
			huge |= v > UINT64_MAX / 10;
			v *= 10;
		}
		huge |= v > UINT64_MAX - (uint64_t)(*s - '0');
		v += (uint64_t)(*s - '0');
	}
	/* Now it is v * 10^(exp + zeros), and v does not end in 0. */
	if (v == 0 && !huge) {
		*out = 0;
		return 1;
	}
	if (exp < 0 && (unsigned long long)-(exp + 1) >= zeros)
		return 0;
	exp += (long long)zeros;
	for (; exp > 0 && !huge; exp--) {
		huge = v > UINT64_MAX / 10;
		v *= 10;
	}
	if (huge || v > (uint64_t)INT64_MAX + (uint64_t)neg)
		return -1;
	*out = neg ? (int64_t)(0 - v) : (int64_t)v;
	return 1;
}

static int
number_int(const struct jv *v, int64_t *out)
{
	switch (jv_type(v)) {
	case JV_INT:
		*out = json_object_get_int64(js(v));
		return 1;
	case JV_FLOAT:
		return decimal_int(number_text(js(v)), out);
	default:
		return 0;
	}
}

int
jv_int(const struct jv *v, int64_t *out)
{
	return number_int(v, out) == 1;
}

int
jv_int_bad(const struct jv *v)
{
	int64_t ignored;

	return number_int(v, &ignored) == -1;
}

int
jv_num(const struct jv *v, double *out)
{
	enum jv_type t = jv_type(v);

	if (t != JV_INT && t != JV_FLOAT)
		return 0;
	*out = json_object_get_double(js(v));
	return isfinite(*out);
}

int
jv_bool(const struct jv *v, int *out)
{
	if (jv_type(v) != JV_BOOL)
		return 0;
	*out = json_object_get_boolean(js(v)) ? 1 : 0;
	return 1;
}

size_t
jv_count_members(const struct jv *v)
{
	struct jv_iter it;
	size_t i, n = 0;

	if (jv_type(v) == JV_ARRAY)
		for (i = 0; i < jv_len(v); i++)
			n += jv_count_members(jv_at(v, i));
	jv_iter_init(&it, v);
	while (jv_iter_next(&it))
		n += 1 + jv_count_members(it.val);
	return n;
}

void
jv_write(const struct jv *v, struct buf *b)
{
	const char *s;
	size_t len;

	if (v == NULL) {
		buf_adds(b, "null");
		return;
	}
	s = json_object_to_json_string_length(js(v),
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	if (s == NULL)
		fatalx("out of memory in json-c");
	buf_add(b, s, len);
}

const char *
jv_json(struct arena *a, const struct jv *v)
{
	struct buf b;

	if (v == NULL)
		return NULL;
	buf_init(&b, a);
	jv_write(v, &b);
	return b.data;
}
