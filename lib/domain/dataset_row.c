/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One row of a dataset.  jlex decides whether it is JSON; what follows then
 * walks over text that is known to be well formed, without a tree.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "domain/dataset.h"
#include "util/jlex.h"

#define ROW_DEPTH	64
#define NAME_LEN	32	/* longer than any name that matters */

/* The members that matter.  Of those that mean the same the first counts. */
enum {
	MESSAGES, STEPS,
	PROMPT, INPUT, QUESTION, TASK_PROMPT,
	EXPECTED_OUTPUT, TARGET, ANSWER, OUTPUT,
	SPLIT, KEYS
};
static const char *const keys[KEYS] = { "messages", "steps", "prompt",
    "input", "question", "task_prompt", "expected_output", "target",
    "answer", "output", "split" };

static const char *
space_skip(const char *p)
{
	while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
		p++;
	return p;
}

/* At an opening quote: behind the closing one. */
static const char *
string_end(const char *p)
{
	for (p++; *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p + 1;
}

/* Behind the value that begins here, which is inside of another one. */
static const char *
value_end(const char *p)
{
	int	depth = 0;

	for (;;) {
		switch (*p) {
		case '"':
			p = string_end(p);
			break;
		case '{':
		case '[':
			depth++;
			p++;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return p;
			depth--;
			p++;
			break;
		case ',':
		case ' ':
		case '\t':
		case '\n':
		case '\r':
			if (depth == 0)
				return p;
			p++;
			break;
		default:
			p++;
			continue;
		}
		if (depth == 0 && (p[-1] == '"' || p[-1] == '}' ||
		    p[-1] == ']'))
			return p;
	}
}

static unsigned int
hex(const char *p, int n)
{
	unsigned int	v = 0;

	for (; n > 0; n--, p++)
		v = v << 4 | (unsigned int)(*p <= '9' ? *p - '0' :
		    (*p | 0x20) - 'a' + 10);
	return v;
}

/* The UTF-8 of a code point; its length. */
static size_t
utf8_put(unsigned int c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* What the escape at *p stands for, as UTF-8; its length. */
static size_t
escape_read(const char **p, char out[4])
{
	static const char	 letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	const char		*at;
	unsigned int		 c;

	if ((*p)[1] != 'u') {
		at = strchr(letters, (*p)[1]);
		out[0] = at == NULL ? (*p)[1] : meant[at - letters];
		*p += 2;
		return 1;
	}
	c = hex(*p + 2, 4);
	*p += 6;
	if (c >= 0xd800 && c <= 0xdbff) {
		c = 0x10000 + ((c - 0xd800) << 10) + (hex(*p + 2, 4) - 0xdc00);
		*p += 6;
	}
	return utf8_put(c, out);
}

/* The string at an opening quote; 0 when it does not fit or has a NUL. */
static int
string_copy(const char *p, char *out, size_t size)
{
	char	c[4];
	size_t	n, len = 0;

	for (p++; *p != '"'; len += n) {
		n = 1;
		c[0] = *p;
		if (*p == '\\')
			n = escape_read(&p, c);
		else
			p++;
		if (len + n >= size || c[0] == '\0')
			return 0;
		memcpy(out + len, c, n);
	}
	out[len] = '\0';
	return 1;
}

static int
string_is(const char *p, const char *word)
{
	char	text[NAME_LEN];

	/* nearly all names are written as they are */
	if (p[1] != word[0] && p[1] != '\\')
		return 0;
	return string_copy(p, text, sizeof(text)) && strcmp(text, word) == 0;
}

/*
 * Goes to the next item of an object or array: *p stands at the opening
 * bracket at first.  NULL at the end, else the value; *key is the name's
 * opening quote.
 */
static const char *
item_next(const char **p, const char **key)
{
	const char	*s = space_skip(*p + 1), *value;

	/* at the opening bracket, or at the comma before the next */
	if (*s == '}' || *s == ']')
		return NULL;
	if (key != NULL) {
		*key = s;
		s = space_skip(string_end(s));
		s = space_skip(s + 1);
	}
	value = s;
	*p = space_skip(value_end(value));
	return value;
}

/* Behind an item: is there another one? */
static int
item_more(const char *p)
{
	return *p == ',';
}

/* An array of objects that have a text `one` and, unless NULL, `other`. */
static int
is_list_of(const char *list, const char *one, const char *other)
{
	const char	*p = list, *item, *q, *key, *value;
	int		 has_one, has_other, n = 0;

	if (*list != '[')
		return 0;
	while ((item = item_next(&p, NULL)) != NULL) {
		if (*item != '{')
			return 0;
		has_one = 0;
		has_other = other == NULL;
		q = item;
		while ((value = item_next(&q, &key)) != NULL) {
			if (string_is(key, one))
				has_one = *value == '"';
			else if (other != NULL && string_is(key, other))
				has_other = *value != 'n';
			if (!item_more(q))
				break;
		}
		if (!has_one || !has_other)
			return 0;
		n++;
		if (!item_more(p))
			break;
	}
	return n > 0;
}

static int
key_of(const char *name)
{
	int	i;

	for (i = 0; i < KEYS; i++)
		if (strcmp(name, keys[i]) == 0)
			break;
	return i;
}

static void
members_find(const char *text, const char *found[KEYS])
{
	const char	*p = text, *key, *value;
	char		 name[NAME_LEN];
	int		 i;

	while ((value = item_next(&p, &key)) != NULL) {
		if (string_copy(key, name, NAME_LEN) &&
		    (i = key_of(name)) != KEYS)
			/* null is absent; of two the last counts */
			found[i] = *value == 'n' ? NULL : value;
		if (!item_more(p))
			break;
	}
}

/* The first that is there, KEYS when none is. */
static int
first_of(const char *const found[KEYS], int from, int to)
{
	for (; from <= to; from++)
		if (found[from] != NULL)
			return from;
	return KEYS;
}

static enum dataset_shape
shape_of(const char *const found[KEYS], char *why)
{
	int	prompt = first_of(found, PROMPT, TASK_PROMPT);

	if (found[MESSAGES] != NULL &&
	    is_list_of(found[MESSAGES], "role", NULL))
		return SHAPE_MESSAGES;
	if (found[STEPS] != NULL &&
	    is_list_of(found[STEPS], "source", "message"))
		return SHAPE_STEPS;
	if (prompt != KEYS && *found[prompt] == '"')
		return first_of(found, EXPECTED_OUTPUT, OUTPUT) == KEYS ?
		    SHAPE_PROMPT : SHAPE_PROMPT_ANSWER;
	if (found[MESSAGES] != NULL)
		snprintf(why, DATASET_WHY_LEN, "messages must be an array of "
		    "objects, each with a role");
	else if (found[STEPS] != NULL)
		snprintf(why, DATASET_WHY_LEN, "steps must be an array of "
		    "objects, each with source and message");
	else if (prompt != KEYS)
		snprintf(why, DATASET_WHY_LEN, "%s must be a string",
		    keys[prompt]);
	else
		snprintf(why, DATASET_WHY_LEN, "has no messages, no steps "
		    "and no prompt, input, question or task_prompt");
	return SHAPE__MAX;
}

enum dataset_shape
dataset_row(const char *text, size_t len, char *split, char *why,
    int *is_json)
{
	const char		*found[KEYS] = { NULL };
	struct jlex_report	 r;

	split[0] = why[0] = '\0';
	*is_json = jlex_check(text, len, ROW_DEPTH, &r) == 0;
	if (!*is_json) {
		snprintf(why, DATASET_WHY_LEN, "invalid JSON at byte %zu: %s",
		    r.offset, r.what);
		return SHAPE__MAX;
	}
	if (r.top != '{') {
		snprintf(why, DATASET_WHY_LEN, "must be an object");
		return SHAPE__MAX;
	}
	members_find(text, found);
	if (found[SPLIT] != NULL && (*found[SPLIT] != '"' ||
	    !string_copy(found[SPLIT], split, DATASET_SPLIT_LEN)))
		split[0] = '\0';
	return shape_of(found, why);
}
