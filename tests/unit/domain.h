/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests of lib/domain: JSON in, faults out as text. */
#ifndef TESTS_DOMAIN_H
#define TESTS_DOMAIN_H

#include "unit.h"

#include "domain/fault.h"
#include "domain/schema.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/jv.h"

static struct arena	*arena;
static struct faults	 faults;

static inline int
domain_setup(void **state)
{
	arena = arena_new(4096);
	faults_init(&faults, arena);
	return 0;
}

static inline int
domain_teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static inline struct jv *
domain_json(const char *text)
{
	struct jv	*v;

	if (jv_parse_checked(arena, text, strlen(text), &v) == -1)
		fail_msg("not JSON: %s", text);
	return v;
}

/* [loc] type: msg, one a line; faults are forgotten. */
static inline const char *
domain_faults(void)
{
	struct buf	b;
	size_t		i;

	buf_init(&b, arena);
	for (i = 0; i < faults.count && i < FAULTS_SHOWN; i++)
		buf_printf(&b, "%s%s %s: %s", i == 0 ? "" : "\n",
		    faults.fault[i].loc, faults.fault[i].type,
		    faults.fault[i].msg);
	faults_init(&faults, arena);
	return b.data;
}

/* What the walker says of a text under a schema. */
static inline const char *
domain_check(const struct schema *s, const char *text)
{
	struct schema_check	c = { .faults = &faults };

	schema_check(&c, s, domain_json(text), &loc_body);
	return domain_faults();
}

#endif
