/* SPDX-License-Identifier: BSD-2-Clause */
/* The arena: alignment, growth, reset, deferred calls. */
#include "config.h"

#include <stdalign.h>

#include "unit.h"

#include "util/arena.h"

static int
setup(void **state)
{
	*state = arena_new(1024);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void
results_are_aligned_for_any_type(void **state)
{
	size_t n;

	for (n = 0; n < 100; n++)
		assert_int_equal(0, (uintptr_t)arena_alloc(*state, n) %
		    alignof(max_align_t));
}

static void
results_do_not_overlap(void **state)
{
	static const size_t sizes[] = { 1, 16, 17, 100, 1000, 5000, 0, 256 };
	unsigned char *p[200];
	size_t i, j, n;

	for (i = 0; i < 200; i++) {
		n = sizes[i % UNIT_COUNT(sizes)];
		p[i] = arena_alloc(*state, n);
		memset(p[i], (int)i, n);
	}
	for (i = 0; i < 200; i++)
		for (j = 0; j < sizes[i % UNIT_COUNT(sizes)]; j++)
			assert_int_equal(i, p[i][j]);
}

static void
results_of_no_bytes_are_distinct(void **state)
{
	assert_ptr_not_equal(arena_alloc(*state, 0), arena_alloc(*state, 0));
}

static void
zalloc_clears_used_memory(void **state)
{
	unsigned char *p = arena_alloc(*state, 64);
	size_t i;

	memset(p, 0xff, 64);
	arena_reset(*state);
	p = arena_zalloc(*state, 64);
	for (i = 0; i < 64; i++)
		assert_int_equal(0, p[i]);
}

static void
reset_gives_the_first_chunk_again(void **state)
{
	void *first = arena_alloc(*state, 8);

	(void)arena_alloc(*state, 100000);
	arena_reset(*state);
	assert_ptr_equal(first, arena_alloc(*state, 8));
}

static void
reset_gives_extra_chunks_back(void **state)
{
	size_t before = arena_size(*state);
	int i;

	for (i = 0; i < 100; i++)
		(void)arena_alloc(*state, 700);
	assert_true(arena_size(*state) >= 70000);
	arena_reset(*state);
	assert_int_equal(before, arena_size(*state));
}

static void
large_need_does_not_waste_the_current_chunk(void **state)
{
	size_t before;

	(void)arena_alloc(*state, 16);
	(void)arena_alloc(*state, 4096);
	before = arena_size(*state);
	(void)arena_alloc(*state, 512);
	assert_int_equal(before, arena_size(*state));
}

static void
strings_are_copied(void **state)
{
	char text[] = "abc";
	char *s = arena_strdup(*state, text), *t;

	t = arena_strndup(*state, "a\0bcd", 4);
	text[0] = 'x';
	assert_string_equal("abc", s);
	assert_memory_equal("a\0bc", t, 5);
	assert_string_equal("", arena_strndup(*state, text, 0));
}

static void
printf_takes_as_much_as_it_needs(void **state)
{
	char *s = arena_printf(*state, "%05000d|%s", 7, "end");

	assert_int_equal(5004, strlen(s));
	assert_string_equal("7|end", s + 4999);
}

static char called[8];
static size_t calls;

static void
note(void *ptr)
{
	called[calls++] = *(char *)ptr;
}

static void
deferred_calls_run_last_first_and_once(void **state)
{
	struct arena *a = arena_new(0);
	char one = '1', two = '2', three = '3';

	calls = 0;
	arena_defer(a, note, &one);
	arena_defer(a, note, &two);
	arena_reset(a);
	arena_defer(a, note, &three);
	arena_free(a);
	assert_int_equal(3, calls);
	assert_memory_equal("213", called, 3);
}

static struct arena *nested;

static void
defer_again(void *ptr)
{
	arena_defer(nested, note, ptr);
}

static void
deferred_call_may_defer(void **state)
{
	char x = 'x';

	nested = *state;
	calls = 0;
	arena_defer(nested, defer_again, &x);
	arena_reset(nested);
	assert_int_equal(1, calls);
}

static void
free_takes_null(void **state)
{
	arena_free(NULL);
}

static void
alloc_beyond_memory(void *arg)
{
	volatile size_t huge = SIZE_MAX - 8;

	(void)arena_alloc(arg, huge);
}

static void
impossible_size_is_fatal(void **state)
{
	char err[256];

	assert_int_equal(1, unit_child(alloc_beyond_memory, *state, err,
	    sizeof(err)));
	assert_non_null(strstr(err, "out of memory"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(results_are_aligned_for_any_type),
		T(results_do_not_overlap),
		T(results_of_no_bytes_are_distinct),
		T(zalloc_clears_used_memory),
		T(reset_gives_the_first_chunk_again),
		T(reset_gives_extra_chunks_back),
		T(large_need_does_not_waste_the_current_chunk),
		T(strings_are_copied),
		T(printf_takes_as_much_as_it_needs),
		T(deferred_calls_run_last_first_and_once),
		T(deferred_call_may_defer),
		T(free_takes_null),
		T(impossible_size_is_fatal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
