/* SPDX-License-Identifier: BSD-2-Clause */
/* PostgreSQL's array literals. */
#include "config.h"

#include "unit.h"

#include "store/sqlarr.h"
#include "util/arena.h"

static struct arena *arena;

static int
setup(void **state)
{
	arena = arena_new(1024);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static void
every_item_is_quoted(void **state)
{
	const char *const items[] = { "a", "", "NULL", NULL, "b c", "{,}",
	    "say \"hi\"", "back\\slash", "\\\"" };

	assert_string_equal("{\"a\",\"\",\"NULL\",NULL,\"b c\",\"{,}\","
	    "\"say \\\"hi\\\"\",\"back\\\\slash\",\"\\\\\\\"\"}",
	    sqlarr_text(arena, items, UNIT_COUNT(items)));
}

static void
no_items_make_an_empty_array(void **state)
{
	assert_string_equal("{}", sqlarr_text(arena, NULL, 0));
}

static void
items_follow_what_the_buffer_held(void **state)
{
	struct buf b;

	buf_init(&b, arena);
	buf_adds(&b, "x=");
	sqlarr_begin(&b);
	sqlarr_add(&b, "{");
	sqlarr_add(&b, "2");
	sqlarr_end(&b);
	assert_string_equal("x={\"{\",\"2\"}", b.data);
}

static void
columns_become_parameters_in_their_order(void **state)
{
	struct buf col[2];
	const char *p[2];

	sqlarr_begin_cols(col, 2, arena);
	sqlarr_add(&col[0], "a");
	sqlarr_add(&col[1], "b");
	sqlarr_add(&col[1], NULL);
	sqlarr_end_cols(col, 2, p);
	assert_string_equal("{\"a\"}", p[0]);
	assert_string_equal("{\"b\",NULL}", p[1]);
}

/* As the server prints them: quotes only where it needs them. */
static void
the_servers_form_is_read(void **state)
{
	char **items;

	assert_int_equal(5, sqlarr_parse(arena,
	    "{a,NULL,\"NULL\",\"\",\"a \\\"b\\\" \\\\\"}", &items));
	assert_string_equal("a", items[0]);
	assert_null(items[1]);
	assert_string_equal("NULL", items[2]);
	assert_string_equal("", items[3]);
	assert_string_equal("a \"b\" \\", items[4]);
	assert_int_equal(0, sqlarr_parse(arena, "{}", &items));
}

static void
what_is_no_literal_is_refused(void **state)
{
	static const char *const bad[] = { "", "{", "}", "a", "{a", "{a,",
	    "{a,}", "{,a}", "{\"a}", "{\"a\"b}", "{a\"b}", "{\"a\\", "{a}b",
	    "{{a}}", "{a,{b}}", "[0:1]={a,b}", "{a\\", "{}}" };
	char **items;
	size_t i;

	for (i = 0; i < UNIT_COUNT(bad); i++)
		if (sqlarr_parse(arena, bad[i], &items) != -1)
			fail_msg("taken: %s", bad[i]);
}

/* All strings up to four characters of the ones that matter. */
static void
what_is_built_reads_back(void **state)
{
	static const char signs[] = "\"\\{},Nn a\n";
	const size_t base = sizeof(signs) - 1;
	const char *items[3] = { "before", NULL, NULL };
	char text[5], **back;
	size_t n, k, i;

	for (n = 0; n < base * base * base * base; n++) {
		for (i = 0, k = n; k > 0; k /= base)
			text[i++] = signs[k % base];
		text[i] = '\0';
		items[1] = text;
		assert_int_equal(3, sqlarr_parse(arena,
		    sqlarr_text(arena, items, 3), &back));
		assert_string_equal("before", back[0]);
		assert_string_equal(text, back[1]);
		assert_null(back[2]);
		arena_reset(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(every_item_is_quoted),
		T(no_items_make_an_empty_array),
		T(items_follow_what_the_buffer_held),
		T(columns_become_parameters_in_their_order),
		T(the_servers_form_is_read),
		T(what_is_no_literal_is_refused),
		T(what_is_built_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
