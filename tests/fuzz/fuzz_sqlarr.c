/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Array literals: what is built reads back, and what was read, built again,
 * reads the same.  Items are the input's pieces between NULs; a piece \1 is
 * SQL's NULL.
 */
#include "config.h"

#include <string.h>

#include "fuzz.h"

#include "store/sqlarr.h"
#include "util/arena.h"

#define FUZZ_ITEMS	64

static void
round_trip(struct arena *a, const char *const *items, size_t n)
{
	char **back;
	size_t i;

	REQUIRE(sqlarr_parse(a, sqlarr_text(a, items, n), &back) == (int)n);
	for (i = 0; i < n; i++)
		if (items[i] == NULL)
			REQUIRE(back[i] == NULL);
		else
			REQUIRE(back[i] != NULL &&
			    strcmp(items[i], back[i]) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *items[FUZZ_ITEMS], *text, *end;
	struct arena *a = arena_new(4096);
	char **parsed;
	size_t n = 0;
	int count;

	text = arena_strndup(a, (const char *)data, size);
	end = text + size;
	count = sqlarr_parse(a, text, &parsed);
	if (count > 0)
		round_trip(a, (const char *const *)parsed, (size_t)count);
	for (; text <= end && n < FUZZ_ITEMS; text += strlen(text) + 1)
		items[n++] = strcmp(text, "\1") == 0 ? NULL : text;
	round_trip(a, items, n);
	arena_free(a);
	return 0;
}
