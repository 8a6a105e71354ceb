/* SPDX-License-Identifier: BSD-2-Clause */
/* A cursor that is taken names a place, and that place has a cursor. */
#include "config.h"

#include <string.h>

#include "domain/page.h"
#include "fuzz.h"
#include "util/arena.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(512);
	struct place got, again;
	char uuid[UUID_LEN];

	if (cursor_read(arena_strndup(a, (const char *)data, len), &got)) {
		/* PostgreSQL takes it, and it is no other list's trick */
		REQUIRE(got.at >= 0 && got.at < INT64_C(253402300800000000));
		REQUIRE(got.id[0] == '\0' || uuid_parse(got.id, uuid));
		REQUIRE(cursor_read(cursor_write(a, &got), &again));
		REQUIRE(again.at == got.at);
		REQUIRE(strcmp(again.id, got.id) == 0);
	}
	arena_free(a);
	return 0;
}
