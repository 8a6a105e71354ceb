/* SPDX-License-Identifier: BSD-2-Clause */
/* One text for one value: what base64 and hex accept comes back. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "util/arena.h"
#include "util/hash.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(4096);
	char *text = arena_strndup(a, (const char *)data, len), *made;
	uint8_t *out = arena_alloc(a, 3 * len / 4 + 3);
	long n;

	n = base64_decode((const char *)data, len, out);
	if (n >= 0) {
		made = arena_alloc(a, 4 * (((size_t)n + 2) / 3) + 1);
		REQUIRE(base64_encode(out, (size_t)n, made) == len);
		REQUIRE(memcmp(made, data, len) == 0);
	}
	made = arena_alloc(a, 4 * ((len + 2) / 3) + 1);
	REQUIRE(base64_encode(data, len, made) == 4 * ((len + 2) / 3));
	out = arena_alloc(a, 3 * strlen(made) / 4 + 3);
	REQUIRE(base64_decode(made, strlen(made), out) == (long)len);
	REQUIRE(memcmp(out, data, len) == 0);
	if (hex_decode(text, out, strlen(text) / 2) == 0) {
		made = arena_alloc(a, strlen(text) + 1);
		hex_encode(out, strlen(text) / 2, made);
		REQUIRE(strcasecmp(made, text) == 0);
	}
	arena_free(a);
	return 0;
}
