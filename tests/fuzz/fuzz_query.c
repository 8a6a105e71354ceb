/* SPDX-License-Identifier: BSD-2-Clause */
/* Query strings: a tree or faults, never both. */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "domain/schema.h"
#include "util/jlex.h"

static const struct field tag = { .type = F_STR, .min = 1, .max = 64 };
static const struct field fields[] = {
	{ .name = "tag", .type = F_LIST, .max = 4, .item = &tag },
	{ .name = "since", .type = F_TIME },
	{ .name = "n", .type = F_NUM, .flags = F_UNBOUNDED | F_REQUIRED },
};
static const struct schema own = { "Query", fields,
    sizeof(fields) / sizeof(fields[0]), "" };
static const struct schema *const schemas[] = { &own,
    &schema_validate_query, &schema_catalog_query, &schema_judges_query };

static void
check(const struct schema *s, const char *query, struct arena *a)
{
	struct faults f;
	struct schema_check c = { .faults = &f };
	struct jlex_report r;
	struct jv *tree;
	struct jw w;
	const char *text;

	faults_init(&f, a);
	tree = schema_query(&c, s, query, a);
	REQUIRE(tree == NULL || f.count == 0);
	REQUIRE(tree != NULL || f.count > 0 ||
	    strspn(query, "&") == strlen(query));
	jw_init(&w, a);
	faults_write(&f, &w);
	text = jw_text(&w, NULL);
	REQUIRE(jlex_check(text, strlen(text), JLEX_MAX_DEPTH, &r) == 0);
	REQUIRE(strlen(faults_detail(&f)) <= 500);
	if (tree == NULL)
		return;
	/* The tree is one that a body might be. */
	schema_check(&c, s, tree, &loc_query);
	REQUIRE(f.count == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(65536);
	const char *query = arena_strndup(a, (const char *)data, len);
	size_t i;

	for (i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
		check(schemas[i], query, a);
	arena_free(a);
	return 0;
}
