/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks one event of a runner. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "domain/progress.h"
#include "util/utf8.h"

static const char *const words[PROGRESS__MAX] = {
#define PROGRESS(sym, word) [PROGRESS_##sym] = word,
	PROGRESS_TABLE
#undef PROGRESS
};

static const char *const levels[] = {
	[LEVEL_DEBUG] = "debug",
	[LEVEL_INFO] = "info",
	[LEVEL_WARNING] = "warning",
	[LEVEL_ERROR] = "error",
};

const char *
progress_word(enum progress_type type)
{
	return words[type];
}

int
progress_terminal(enum progress_type type)
{
	return type == PROGRESS_TRAINING_END ||
	    type == PROGRESS_TRAINING_ERROR;
}

/* Index of a word, or -1. */
static int
word_find(const char *const *list, size_t n, const struct jv *v)
{
	const char *s = jv_str(v, NULL);
	size_t i;

	for (i = 0; s != NULL && i < n; i++)
		if (strcmp(list[i], s) == 0)
			return (int)i;
	return -1;
}

static const char *
read_text(struct arena *a, const char *name, const struct jv *v,
    const char **out)
{
	size_t i, len, n, chars = 0;

	if (v == NULL)
		return NULL;
	if ((*out = jv_str(v, &len)) == NULL)
		return arena_printf(a, "%s: must be a string", name);
	for (i = 0; i < len; i += n, chars++)
		if ((n = utf8_next(*out + i, len - i, NULL)) == 0)
			n = 1;
	if (chars > PROGRESS_TEXT_MAX)
		return arena_printf(a, "%s: must have at most %d characters",
		    name, PROGRESS_TEXT_MAX);
	return NULL;
}

static const char *
read_object(struct arena *a, const char *name, const struct jv *v,
    const struct jv **out)
{
	if (v == NULL)
		return NULL;
	if (jv_type(v) != JV_OBJECT)
		return arena_printf(a, "%s: must be an object", name);
	if (jv_len(v) > PROGRESS_KEYS_MAX)
		return arena_printf(a, "%s: must have at most %d members",
		    name, PROGRESS_KEYS_MAX);
	if (jv_len(v) > 0)
		*out = v;
	return NULL;
}

/* Names of series are parts of a key, which an index must be able to hold. */
static const char *
read_metrics(struct arena *a, const char *name, const struct jv *v,
    const struct jv **out)
{
	const char *bad = read_object(a, name, v, out);
	struct jv_iter it;

	if (bad != NULL || v == NULL)
		return bad;
	jv_iter_init(&it, v);
	while (jv_iter_next(&it))
		if (strlen(it.key) > PROGRESS_NAME_MAX)
			return arena_printf(a, "%s: a name must have at most "
			    "%d bytes", name, PROGRESS_NAME_MAX);
	return NULL;
}

static const char *
read_member(struct arena *a, const char *key, const struct jv *v,
    struct progress *p)
{
	int i;

	if (strcmp(key, "event_type") == 0) {
		if ((i = word_find(words, PROGRESS__MAX, v)) == -1)
			return "event_type: unknown event";
		p->type = (enum progress_type)i;
		return NULL;
	}
	if (strcmp(key, "level") == 0) {
		if (v == NULL)
			return NULL;
		i = word_find(levels, sizeof(levels) / sizeof(levels[0]), v);
		if (i == -1)
			return "level: must be one of \"debug\", \"info\", "
			    "\"warning\", \"error\"";
		p->level = (enum progress_level)i;
		return NULL;
	}
	if (strcmp(key, "message") == 0)
		return read_text(a, key, v, &p->message);
	if (strcmp(key, "error") == 0)
		return read_text(a, key, v, &p->error);
	if (strcmp(key, "metrics") == 0)
		return read_metrics(a, key, v, &p->metrics);
	if (strcmp(key, "data") == 0)
		return read_object(a, key, v, &p->data);
	if (strcmp(key, "artifacts") == 0)
		return read_object(a, key, v, &p->artifacts);
	return arena_printf(a, "%.100s: unknown field", key);
}

const char *
progress_read(struct arena *a, const struct jv *v, int nul,
    struct progress *p)
{
	struct jv_iter it;
	const char *bad;

	memset(p, 0, sizeof(*p));
	p->type = PROGRESS__MAX;
	p->level = LEVEL_INFO;
	if (jv_type(v) != JV_OBJECT)
		return "must be an object";
	if (nul)
		return "holds the character U+0000";
	jv_iter_init(&it, v);
	while (jv_iter_next(&it))
		if ((bad = read_member(a, it.key, it.val, p)) != NULL)
			return bad;
	if (p->type == PROGRESS__MAX)
		return "event_type: field required";
	return NULL;
}

const char *
progress_failure(const struct progress *p)
{
	if (p->error != NULL && p->error[0] != '\0')
		return p->error;
	if (p->message != NULL && p->message[0] != '\0')
		return p->message;
	return "training failed";
}

int64_t
progress_step(const struct progress *p)
{
	int64_t step;

	if (p->data == NULL || !jv_int(jv_member(p->data, "step"), &step) ||
	    step < 0)
		return -1;
	return step;
}
