/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bodies against the schemas: faults are JSON, what passes is written in a
 * form that passes again and does not change any more.
 */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "domain/hosted.h"
#include "util/jlex.h"

static const struct schema *const schemas[] = { &schema_create_tinker_sft,
    &schema_create_tinker_rl, &schema_create_ray_grpo, &schema_create_judge,
    &schema_create_evaluation, &schema_feedback_entry,
    &schema_create_judge_job, &schema_artifact_reference };

static void
check_faults(struct faults *f)
{
	struct jlex_report r;
	const char *text;
	struct jw w;

	jw_init(&w, f->arena);
	faults_write(f, &w);
	text = jw_text(&w, NULL);
	REQUIRE(jlex_check(text, strlen(text), JLEX_DEPTH_LIMIT, &r) == 0);
	REQUIRE(strlen(faults_detail(f)) <= 500);
	REQUIRE((faults_detail(f)[0] == '\0') == (f->count == 0));
}

static size_t
check(const struct schema *s, const struct jv *v, struct arena *a)
{
	struct faults f;
	struct schema_check c = { .faults = &f };

	faults_init(&f, a);
	schema_check(&c, s, v, &loc_body);
	check_faults(&f);
	return f.count;
}

static const char *
written(const struct schema *s, const struct jv *v, struct arena *a)
{
	struct jw w;

	jw_init(&w, a);
	schema_write(s, v, &w);
	return jw_text(&w, NULL);
}

static void
check_variant(const struct jv *v, struct arena *a)
{
	const struct hosted_kind *kind;
	struct faults f;

	faults_init(&f, a);
	kind = hosted_variant(v, &f);
	REQUIRE((kind == NULL) == (f.count > 0));
	if (kind != NULL && check(kind->body, v, a) == 0)
		hosted_rules(kind, v, &f);
	check_faults(&f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(65536);
	struct jlex_report r;
	struct jv *v, *again;
	const char *once;
	size_t i;

	if (jlex_check((const char *)data, len, JLEX_MAX_DEPTH, &r) == -1 ||
	    r.nul_in_key || r.top != '{')
		goto out;
	v = jv_parse(a, (const char *)data, len);
	REQUIRE(v != NULL);
	for (i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
		if (check(schemas[i], v, a) > 0)
			continue;
		once = written(schemas[i], v, a);
		REQUIRE(jv_parse_checked(a, once, strlen(once), &again) == 0);
		REQUIRE(check(schemas[i], again, a) == 0);
		REQUIRE(strcmp(once, written(schemas[i], again, a)) == 0);
	}
	check_variant(v, a);
out:
	arena_free(a);
	return 0;
}
