/* SPDX-License-Identifier: BSD-2-Clause */
/* Ids go there and back; slugs have their form; distances are symmetric. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "util/arena.h"
#include "util/ident.h"

static void
check_ids(const char *s)
{
	char uuid[UUID_LEN], back[UUID_LEN], id[TYPEID_LEN];

	if (uuid_parse(s, uuid)) {
		REQUIRE(strcasecmp(s, uuid) == 0);
		typeid_encode(uuid, id);
		REQUIRE(typeid_parse(id, "", back));
		REQUIRE(strcmp(uuid, back) == 0);
	}
	if (typeid_parse(s, "", uuid)) {
		REQUIRE(uuid_parse(uuid, back));
		typeid_encode(uuid, id);
		REQUIRE(strcmp(s, id) == 0);
	}
	if (typeid_parse(s, "train_job_", uuid))
		REQUIRE(strlen(s) == 36);
}

static void
check_names(const char *s)
{
	char slug[66], again[66];
	size_t n = strlen(s);

	if (ident_slug(s))
		REQUIRE(n <= 63 && ident_artifact_name(s));
	if (ident_artifact_name(s))
		REQUIRE(n <= 128);
	if (ident_artifact_version(s))
		REQUIRE(n <= 64 && strcmp(s, "latest") != 0);
	ident_criterion_slug(s, 12, slug);
	REQUIRE(ident_criterion(slug));
	/* A slug's own slug is the same, but for a gap at the cut. */
	ident_criterion_slug(slug + 5, 12, again);
	REQUIRE(strncmp(slug, again, strlen(again)) == 0);
	REQUIRE(strlen(slug) - strlen(again) <= 1);
}

static void
check_distance(const char *a, const char *b)
{
	int limit, d, last = -1;

	for (limit = 0; limit < 8; limit++) {
		d = ident_distance(a, b, limit);
		REQUIRE(d >= 0 && d <= limit + 1);
		REQUIRE(d == ident_distance(b, a, limit));
		REQUIRE((d == 0) == (strcmp(a, b) == 0));
		/* A higher limit only tells more. */
		REQUIRE(last == -1 || last == d || last == limit);
		last = d;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(4096);
	char *s = arena_strndup(a, (const char *)data, len), *nl;

	check_ids(s);
	check_names(s);
	if ((nl = strchr(s, '\n')) != NULL) {
		*nl = '\0';
		check_distance(s, nl + 1);
	}
	arena_free(a);
	return 0;
}
