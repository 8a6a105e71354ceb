/* SPDX-License-Identifier: BSD-2-Clause */
/* Quotes every item, so that no item needs to be looked at twice. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "store/sqlarr.h"
#include "util/arena.h"
#include "util/buf.h"

void
sqlarr_begin(struct buf *b)
{
	buf_addc(b, '{');
}

void
sqlarr_add(struct buf *b, const char *text)
{
	size_t run;

	/* An item ends in a quote or in NULL's L, never in a brace. */
	if (b->data[b->len - 1] != '{')
		buf_addc(b, ',');
	if (text == NULL) {
		buf_adds(b, "NULL");
		return;
	}
	buf_addc(b, '"');
	for (;;) {
		run = strcspn(text, "\"\\");
		buf_add(b, text, run);
		text += run;
		if (*text == '\0')
			break;
		buf_addc(b, '\\');
		buf_addc(b, *text++);
	}
	buf_addc(b, '"');
}

void
sqlarr_end(struct buf *b)
{
	buf_addc(b, '}');
}

void
sqlarr_begin_cols(struct buf *col, size_t n, struct arena *a)
{
	size_t i;

	for (i = 0; i < n; i++) {
		buf_init(&col[i], a);
		sqlarr_begin(&col[i]);
	}
}

void
sqlarr_end_cols(struct buf *col, size_t n, const char **params)
{
	size_t i;

	for (i = 0; i < n; i++) {
		sqlarr_end(&col[i]);
		params[i] = col[i].data;
	}
}

const char *
sqlarr_text(struct arena *a, const char *const *items, size_t n)
{
	struct buf b;
	size_t i;

	buf_init(&b, a);
	sqlarr_begin(&b);
	for (i = 0; i < n; i++)
		sqlarr_add(&b, items[i]);
	sqlarr_end(&b);
	return b.data;
}

/* Copies the item that begins at `s` into `out`; what follows it, or NULL. */
static const char *
item_parse(const char *s, char *out, int *quoted)
{
	*quoted = *s == '"';
	if (*quoted)
		s++;
	for (;; s++) {
		if (*s == '\0')
			return NULL;
		if (*quoted) {
			if (*s == '"') {
				s++;
				break;
			}
		} else if (*s == ',' || *s == '}')
			break;
		else if (*s == '{' || *s == '"')
			return NULL;
		if (*s == '\\' && *++s == '\0')
			return NULL;
		*out++ = *s;
	}
	*out = '\0';
	return s;
}

int
sqlarr_parse(struct arena *a, const char *literal, char ***items)
{
	const char *s = literal;
	char **list, *text;
	size_t most = 1;
	int n = 0, quoted;

	if (*s++ != '{')
		return -1;
	if (strcmp(s, "}") == 0) {
		*items = NULL;
		return 0;
	}
	for (text = strchr(s, ','); text != NULL; text = strchr(text + 1, ','))
		most++;
	list = arena_alloc(a, most * sizeof(*list));
	/* Items never grow when their quotes go: one copy holds them all. */
	text = arena_alloc(a, strlen(s) + 1);
	for (;; s++) {
		if ((s = item_parse(s, text, &quoted)) == NULL)
			return -1;
		if (!quoted && text[0] == '\0')
			return -1;
		if (!quoted && strcasecmp(text, "NULL") == 0)
			list[n++] = NULL;
		else {
			list[n++] = text;
			text += strlen(text) + 1;
		}
		if (*s == '}')
			break;
		if (*s != ',')
			return -1;
	}
	if (s[1] != '\0')
		return -1;
	*items = list;
	return n;
}
