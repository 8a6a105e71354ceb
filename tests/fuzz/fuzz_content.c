/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes have features of length one and a group that blanks do not move. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "judge/feature.h"
#include "judge/group.h"
#include "util/arena.h"

static void
check_grams(const uint32_t *g, uint32_t n, float scale)
{
	double length = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		REQUIRE(GRAM_BUCKET(g[i]) < FEATURE_BUCKETS);
		REQUIRE(GRAM_COUNT(g[i]) > 0);
		REQUIRE(i == 0 || GRAM_BUCKET(g[i - 1]) < GRAM_BUCKET(g[i]));
		length += (double)scale * (double)scale * GRAM_COUNT(g[i]);
	}
	REQUIRE(n == 0 || fabs(length - 0.5) < 1e-5);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(1 << 14);
	char *s = arena_strndup(a, (const char *)data, len);
	char *padded = arena_printf(a, " .%s\t!", s);
	struct feature_text t;
	const char *key;
	int i;

	feature_text(a, (const char *)data, len, &t);
	check_grams(t.gram, t.nchar, t.char_scale);
	check_grams(t.gram + t.nchar, t.nword, t.word_scale);
	for (i = 0; i < FEATURE_STATS; i++)
		REQUIRE(fabs(t.stat[i]) <= 3);
	key = judge_group_key(a, s, strlen(s), NULL, NULL, NULL);
	REQUIRE(strlen(key) == 64);
	REQUIRE(strcmp(key, judge_group_key(a, padded, strlen(padded), NULL,
	    NULL, NULL)) == 0);
	arena_free(a);
	return 0;
}
