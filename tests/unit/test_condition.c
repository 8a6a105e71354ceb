/* SPDX-License-Identifier: BSD-2-Clause */
/* ETag, If-None-Match, If-Match. */
#include "config.h"

#include "unit.h"

#include "fcgi/condition.h"

static struct arena	*arena;
static const char	*none_match, *match;

static int
setup(void **state)
{
	arena = arena_new(4096);
	none_match = match = NULL;
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static const char *
header(struct req *req, const char *name)
{
	return strcmp(name, "HTTP_IF_NONE_MATCH") == 0 ? none_match :
	    strcmp(name, "HTTP_IF_MATCH") == 0 ? match : NULL;
}

static int
not_modified(const char *list, struct reply *reply)
{
	struct req	req = { .arena = arena, .header = header };

	memset(reply, 0, sizeof(*reply));
	none_match = list;
	return condition_not_modified(&req, reply, "\"a-1\"");
}

static const struct {
	const char	*list;
	int		 has;
} lists[] = {
	{ "\"a-1\"", 1 },
	{ "W/\"a-1\"", 1 },
	{ "\"b\", \"a-1\"", 1 },
	{ "\"b\",W/\"a-1\" , \"c\"", 1 },
	{ "  \t\"a-1\"", 1 },
	{ ",,\"a-1\"", 1 },
	{ "*", 1 },
	{ "\"a,b\", \"a-1\"", 1 },
	{ "", 0 },
	{ "\"a-2\"", 0 },
	{ "\"a-12\"", 0 },
	{ "\"a-\"", 0 },
	{ "a-1", 0 },
	{ "\"a-1", 0 },
	{ "\"", 0 },
	{ "W/", 0 },
	{ "w/\"a-1\"", 0 },
	{ "\"b\" x \"a-1\"", 0 },
	{ "\"b\", \"", 0 },
};

static void
tags_are_compared_weakly(void **state)
{
	struct reply	reply;
	size_t		i;

	for (i = 0; i < UNIT_COUNT(lists); i++) {
		if (not_modified(lists[i].list, &reply) != lists[i].has)
			fail_msg("%s", lists[i].list);
		assert_int_equal(lists[i].has ? 304 : 0, reply.status);
	}
	assert_int_equal(0, not_modified(NULL, &reply));
}

static void
every_reply_carries_its_tag(void **state)
{
	struct reply	reply;
	int		i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(i, not_modified(i ? "*" : NULL, &reply));
		assert_int_equal(2, reply.headers);
		assert_string_equal("ETag", reply.header[0].name);
		assert_string_equal("\"a-1\"", reply.header[0].value);
		assert_string_equal("Cache-Control", reply.header[1].name);
		assert_string_equal("private, no-cache",
		    reply.header[1].value);
		assert_int_equal(1, reply.cacheable);
	}
}

static void
if_match_wants_a_current_one(void **state)
{
	struct req	req = { .arena = arena, .header = header };
	size_t		i;

	assert_int_equal(1, condition_match(&req, "\"a-1\""));
	for (i = 0; i < UNIT_COUNT(lists); i++) {
		match = lists[i].list;
		if (condition_match(&req, "\"a-1\"") != lists[i].has)
			fail_msg("%s", lists[i].list);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(tags_are_compared_weakly),
		T(every_reply_carries_its_tag),
		T(if_match_wants_a_current_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
