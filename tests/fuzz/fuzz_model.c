/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Model files: whatever stands in front of a right checksum is refused or
 * scores on the scale, and what is accepted is written again byte for byte.
 * The input is a file without its last 32 bytes.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "judge/model_int.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/hash.h"

static void
check_scores(const struct judge_model *m)
{
	static const char text[] = "Sorry, the router did not restart.";
	double raw[JUDGE_MAX_CRITERIA], out[JUDGE_MAX_CRITERIA];
	const char *ids[JUDGE_MAX_CRITERIA];
	struct judge_input in = { text, sizeof(text) - 1, 1, m->nc, ids, raw };
	struct arena *a = arena_new(1 << 14);
	int c;

	for (c = 0; c < m->nc; c++) {
		ids[c] = m->id[c];
		raw[c] = c % 3 == 2 ? NAN : 100.0 / (c + 1);
	}
	REQUIRE(judge_model_score(m, a, &in, out) == 0);
	for (c = 0; c < m->nc; c++)
		REQUIRE(out[c] >= 0 && out[c] <= 100);
	REQUIRE(judge_model_size(m) > 0);
	arena_free(a);
}

static void
check_rewrite(const struct judge_model *m, const uint8_t *file, size_t len)
{
	struct arena *a = arena_new(1 << 12);
	struct buf b;

	buf_init(&b, a);
	model_write(m, &b);
	/* An older version is read, but written as the present one. */
	if (file[8] == 2)
		REQUIRE(b.len == len && memcmp(b.data, file, len) == 0);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t n = len + SHA256_LEN;
	struct judge_model *m, *full;
	char why[128] = "";
	uint8_t *file;

	REQUIRE((file = malloc(n)) != NULL);
	if (len > 0)
		memcpy(file, data, len);
	sha256(file, len, file + len);
	m = judge_model_parse(file, n, why, sizeof(why));
	full = model_parse_full(file, n, why, sizeof(why));
	REQUIRE(m != NULL || why[0] != '\0');
	/* The state for a warm start is read by the second only. */
	REQUIRE(full == NULL || m != NULL);
	if (m != NULL)
		check_scores(m);
	if (full != NULL)
		check_rewrite(full, file, n);
	judge_model_free(m);
	judge_model_free(full);
	free(file);
	return 0;
}
