/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes have a summary; it adds up, and does not depend on the pieces
 * that they come in.
 */
#include "config.h"

#include <string.h>

#include "domain/dataset.h"
#include "fuzz.h"
#include "util/arena.h"
#include "util/jlex.h"

/* The summary's text when the bytes come in pieces of n. */
static const char *
summary_by(struct arena *a, const uint8_t *data, size_t len, size_t n,
    struct dataset_summary *out)
{
	struct dataset *d = dataset_new();
	struct jw w;
	size_t i;

	for (i = 0; i < len; i += n)
		dataset_add(d, data + i, len - i < n ? len - i : n);
	*out = *dataset_end(d);
	dataset_free(d);
	jw_init(&w, a);
	dataset_write(out, &w);
	return jw_text(&w, NULL);
}

static void
check_summary(const struct dataset_summary *s)
{
	int64_t shaped = 0, split = 0;
	int i;

	for (i = 0; i < SHAPE__MAX; i++)
		shaped += s->shapes[i];
	REQUIRE(shaped <= s->rows);
	/* one fault may be the file's */
	REQUIRE(s->partial || shaped + s->faults == s->rows);
	REQUIRE(shaped + s->faults <= s->rows + 1);
	for (i = 0; i < s->nsplits; i++) {
		REQUIRE(s->split[i].name[0] != '\0' && s->split[i].rows > 0);
		split += s->split[i].rows;
	}
	REQUIRE(split <= s->rows);
	for (i = 0; i < DATASET_FAULTS && i < s->faults; i++)
		REQUIRE(s->fault[i].line > 0 && s->fault[i].why[0] != '\0');
	REQUIRE(s->rows == 0 || s->format != DATASET_EMPTY);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(1 << 16);
	struct dataset_summary s, t;
	struct jlex_report r;
	const char *text = summary_by(a, data, len, len + 1, &s);

	check_summary(&s);
	REQUIRE(jlex_check(text, strlen(text), JLEX_MAX_DEPTH, &r) == 0);
	REQUIRE(strcmp(text, summary_by(a, data, len, 1, &t)) == 0);
	REQUIRE(strcmp(text, summary_by(a, data, len, 7, &t)) == 0);
	arena_free(a);
	return 0;
}
