/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages: bounds, cursors, the pagination object. */
#include "config.h"

#include "unit.h"

#include "domain/page.h"
#include "util/arena.h"

#define ID	"018d0ce4-7c40-7abc-8def-0123456789ab"

static struct arena *arena;
static struct faults faults;

static int
setup(void **state)
{
	arena = arena_new(4096);
	faults_init(&faults, arena);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

/* The page of a query string; its faults are in `faults`. */
static struct page
page_of(const char *query, int seekable)
{
	struct schema_check check = { .faults = &faults };
	struct page page;
	struct jv *args;

	args = schema_query(&check, &schema_judges_query, query, arena);
	assert_int_equal(0, faults.count);
	page_read(&schema_judges_query, args, seekable, &faults, &page);
	return page;
}

static const char *
pagination(const struct page *page, int64_t counted, int more,
    const struct place *last)
{
	struct jw w;

	jw_init(&w, arena);
	jw_obj(&w);
	page_write(&w, page, counted, more, last);
	jw_end(&w);
	return jw_text(&w, NULL);
}

static void
defaults_come_from_the_table(void **state)
{
	struct page p = page_of("", 1);

	assert_int_equal(25, p.limit);
	assert_int_equal(0, p.offset);
	assert_int_equal(0, p.after);
}

static void
bounds_are_taken_as_given(void **state)
{
	struct page p = page_of("limit=100&offset=9900", 1);

	assert_int_equal(100, p.limit);
	assert_int_equal(9900, p.offset);
	assert_int_equal(0, faults.count);
}

static void
beyond_ten_thousand_needs_a_cursor(void **state)
{
	(void)page_of("limit=100&offset=9901", 1);
	assert_int_equal(1, faults.count);
	assert_string_equal("[\"query\",\"offset\"]", faults.fault[0].loc);
	assert_string_equal("use cursor", faults.fault[0].msg);
}

static void
cursor_comes_back_as_it_went(void **state)
{
	const struct place places[] = {
		{ 0, "" }, { 4, "" }, { 1312, "" }, { 12345, ID },
		{ INT64_C(1705278600004211), ID },
		{ INT64_C(253402300799999999), ID },
	};
	struct place got;
	const char *text;
	size_t i;

	for (i = 0; i < UNIT_COUNT(places); i++) {
		text = cursor_write(arena, &places[i]);
		/* nothing in it needs to be encoded in a query */
		assert_null(strpbrk(text, "+/=&%"));
		assert_true(cursor_read(text, &got));
		assert_int_equal(places[i].at, got.at);
		assert_string_equal(places[i].id, got.id);
	}
}

static void
made_up_cursors_are_refused(void **state)
{
	/* base64 of what the comment says */
	static const char *const bad[] = {
		"", "x", "????", "AAAA",
		"NA==",			/* 4 */
		"LTQu",			/* -4. */
		"NC5h",			/* 4.a */
		"Li4u",			/* ... */
		"OTk5OTk5OTk5OTk5OTk5OTk5OTku",	/* 99999999999999999999. */
		"MjUzNDAyMzAwODAwMDAwMDAwLi4u",	/* one beyond 9999 */
		"NC4A",			/* 4. and a NUL */
	};
	struct place got;
	size_t i;

	for (i = 0; i < UNIT_COUNT(bad); i++)
		if (cursor_read(bad[i], &got))
			fail_msg("took %s", bad[i]);
}

static void
cursor_in_a_query_is_where_the_page_begins(void **state)
{
	const struct place last = { 77, ID };
	struct page p;

	p = page_of(arena_printf(arena, "limit=2&cursor=%s",
	    cursor_write(arena, &last)), 1);
	assert_int_equal(0, faults.count);
	assert_int_equal(1, p.after);
	assert_int_equal(77, p.last.at);
	assert_string_equal(ID, p.last.id);
}

static void
cursor_goes_alone(void **state)
{
	const struct place last = { 77, ID };
	const char *cursor = cursor_write(arena, &last);
	static const char loc[] = "[\"query\",\"cursor\"]";

	(void)page_of(arena_printf(arena, "offset=1&cursor=%s", cursor), 1);
	assert_int_equal(1, faults.count);
	assert_string_equal(loc, faults.fault[0].loc);

	faults_init(&faults, arena);
	(void)page_of(arena_printf(arena, "cursor=%s", cursor), 0);
	assert_int_equal(1, faults.count);
	assert_string_equal(loc, faults.fault[0].loc);

	faults_init(&faults, arena);
	(void)page_of("cursor=nonsense", 1);
	assert_int_equal(1, faults.count);
	assert_string_equal(loc, faults.fault[0].loc);
}

static void
middle_page_points_both_ways(void **state)
{
	struct page p = { .limit = 2, .offset = 2 };
	const struct place last = { 4, "" };

	assert_string_equal("{\"pagination\":{\"total_count\":9,"
	    "\"total_is_exact\":true,\"limit\":2,\"offset\":2,"
	    "\"has_next\":true,\"has_previous\":true,"
	    "\"next_cursor\":\"NC4u\"}}", pagination(&p, 9, 1, &last));
}

static void
last_page_has_no_cursor(void **state)
{
	struct page p = { .limit = 25 };
	const struct place last = { 4, "" };

	assert_string_equal("{\"pagination\":{\"total_count\":1,"
	    "\"total_is_exact\":true,\"limit\":25,\"offset\":0,"
	    "\"has_next\":false,\"has_previous\":false,"
	    "\"next_cursor\":null}}", pagination(&p, 1, 0, &last));
}

static void
list_without_cursors_gives_none(void **state)
{
	struct page p = { .limit = 1 };

	assert_non_null(strstr(pagination(&p, 3, 1, NULL),
	    "\"has_next\":true,\"has_previous\":false,"
	    "\"next_cursor\":null"));
}

static void
page_behind_a_cursor_has_a_previous_one(void **state)
{
	struct page p = { .limit = 1, .after = 1 };

	assert_non_null(strstr(pagination(&p, 3, 0, NULL),
	    "\"has_previous\":true"));
}

static void
counts_stop_at_ten_thousand(void **state)
{
	struct page p = { .limit = 1 };

	assert_non_null(strstr(pagination(&p, 10000, 1, NULL),
	    "\"total_count\":10000,\"total_is_exact\":true"));
	assert_non_null(strstr(pagination(&p, 10001, 1, NULL),
	    "\"total_count\":10000,\"total_is_exact\":false"));
}

static void
one_item_more_than_the_limit_is_cut(void **state)
{
	const struct page p = { .limit = 2 };
	int n = 2;

	assert_int_equal(0, page_cut(&p, &n));
	assert_int_equal(2, n);
	n = 3;
	assert_int_equal(1, page_cut(&p, &n));
	assert_int_equal(2, n);
}

static void
only_a_last_page_with_items_tells_how_many_match(void **state)
{
	static const struct {
		struct page	p;
		int		n, tells, counted;
	} cases[] = {
		{ { .limit = 2 }, 0, 1, 0 },
		{ { .limit = 2 }, 2, 1, 2 },
		{ { .limit = 2 }, 3, 0, 0 },
		{ { .limit = 2, .offset = 4 }, 1, 1, 5 },
		{ { .limit = 2, .offset = 4 }, 0, 0, 0 },
		{ { .limit = 2, .after = 1 }, 1, 0, 0 },
	};
	int64_t counted;
	size_t i;

	for (i = 0; i < UNIT_COUNT(cases); i++) {
		assert_int_equal(cases[i].tells, page_tells(&cases[i].p,
		    cases[i].n, &counted));
		if (cases[i].tells)
			assert_int_equal(cases[i].counted, counted);
	}
}

#define T(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(defaults_come_from_the_table),
		T(bounds_are_taken_as_given),
		T(beyond_ten_thousand_needs_a_cursor),
		T(cursor_comes_back_as_it_went),
		T(made_up_cursors_are_refused),
		T(cursor_in_a_query_is_where_the_page_begins),
		T(cursor_goes_alone),
		T(middle_page_points_both_ways),
		T(last_page_has_no_cursor),
		T(list_without_cursors_gives_none),
		T(page_behind_a_cursor_has_a_previous_one),
		T(counts_stop_at_ten_thousand),
		T(one_item_more_than_the_limit_is_cut),
		T(only_a_last_page_with_items_tells_how_many_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
