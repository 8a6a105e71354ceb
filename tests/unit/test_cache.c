/* SPDX-License-Identifier: BSD-2-Clause */
/* What is remembered, and when it is not. */
#include "config.h"

#include "unit.h"

#include <pthread.h>

#include "util/cache.h"

#define LONG	(3600 * 1000000LL)

struct value {
	int	a, b;
};

static uint64_t
ticket_of(struct cache *c)
{
	struct value	v;
	uint64_t	ticket;

	(void)cache_get(c, "?", 1, &v, &ticket);
	return ticket;
}

static void
put(struct cache *c, const char *key, int n)
{
	struct value	v = { n, -n };

	cache_put(c, key, strlen(key), &v, ticket_of(c));
}

/* The value under a key, 0 for none. */
static int
get(struct cache *c, const char *key)
{
	struct value	v = { 0, 0 };
	uint64_t	ticket;

	if (!cache_get(c, key, strlen(key), &v, &ticket))
		return 0;
	assert_int_equal(v.a, -v.b);
	return v.a;
}

static void
what_was_put_is_found(void **state)
{
	struct cache	*c = cache_new(sizeof(struct value), 64, LONG);

	assert_int_equal(0, get(c, "a"));
	put(c, "a", 1);
	put(c, "b", 2);
	put(c, "", 3);
	assert_int_equal(1, get(c, "a"));
	assert_int_equal(2, get(c, "b"));
	assert_int_equal(3, get(c, ""));
	put(c, "a", 4);
	assert_int_equal(4, get(c, "a"));
	cache_free(c);
}

static void
keys_are_bytes(void **state)
{
	struct cache	*c = cache_new(sizeof(struct value), 64, LONG);
	struct value	 v = { 1, -1 }, out;
	uint64_t	 ticket = ticket_of(c);
	char		 key[300];

	cache_put(c, "a\0b", 3, &v, ticket);
	assert_int_equal(1, cache_get(c, "a\0b", 3, &out, &ticket));
	assert_int_equal(0, cache_get(c, "a\0c", 3, &out, &ticket));
	assert_int_equal(0, cache_get(c, "a", 1, &out, &ticket));
	/* a key that is too long is not kept, nor cut */
	memset(key, 'k', sizeof(key));
	cache_put(c, key, 256, &v, ticket);
	assert_int_equal(0, cache_get(c, key, 256, &out, &ticket));
	assert_int_equal(0, cache_get(c, key, 255, &out, &ticket));
	cache_put(c, key, 255, &v, ticket);
	assert_int_equal(1, cache_get(c, key, 255, &out, &ticket));
	cache_free(c);
}

static void
a_flush_forgets_all(void **state)
{
	struct cache	*c = cache_new(sizeof(struct value), 64, LONG);

	put(c, "a", 1);
	put(c, "b", 2);
	cache_flush(c);
	assert_int_equal(0, get(c, "a"));
	assert_int_equal(0, get(c, "b"));
	put(c, "a", 3);
	assert_int_equal(3, get(c, "a"));
	cache_free(c);
}

static void
what_was_read_before_a_flush_is_not_kept_after_it(void **state)
{
	struct cache	*c = cache_new(sizeof(struct value), 64, LONG);
	struct value	 v = { 1, -1 };
	uint64_t	 ticket = ticket_of(c);

	cache_flush(c);
	cache_put(c, "a", 1, &v, ticket);
	assert_int_equal(0, get(c, "a"));
	cache_free(c);
}

static void
nothing_is_kept_while_disabled(void **state)
{
	struct cache	*c = cache_new(sizeof(struct value), 64, LONG);
	struct value	 v = { 1, -1 };
	uint64_t	 ticket;

	put(c, "a", 1);
	cache_enable(c, 0);
	assert_int_equal(0, get(c, "a"));
	put(c, "b", 2);
	ticket = ticket_of(c);
	cache_enable(c, 1);
	/* nothing from before, nor what was read meanwhile */
	assert_int_equal(0, get(c, "a"));
	assert_int_equal(0, get(c, "b"));
	cache_put(c, "c", 1, &v, ticket);
	assert_int_equal(0, get(c, "c"));
	put(c, "d", 4);
	cache_enable(c, 1);
	assert_int_equal(4, get(c, "d"));
	cache_free(c);
}

static void
entries_age(void **state)
{
	struct cache	*c = cache_new(sizeof(struct value), 64, 0);

	put(c, "a", 1);
	assert_int_equal(0, get(c, "a"));
	cache_free(c);
}

static void
it_is_bounded_and_keeps_the_newest(void **state)
{
	struct cache	*c = cache_new(sizeof(struct value), 16, LONG);
	char		 key[16];
	int		 i, hits = 0;

	for (i = 1; i <= 1000; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		put(c, key, i);
		assert_int_equal(i, get(c, key));
	}
	for (i = 1; i <= 1000; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		if (get(c, key) != 0) {
			assert_int_equal(i, get(c, key));
			hits++;
		}
	}
	assert_in_range(hits, 1, 16);
	cache_free(c);
}

static void *
worker(void *arg)
{
	struct cache	*c = arg;
	char		 key[16];
	int		 i, n;

	for (i = 0; i < 20000; i++) {
		(void)snprintf(key, sizeof(key), "%d", i % 64);
		if ((n = get(c, key)) == 0)
			put(c, key, i % 64 + 1);
		else if (n != i % 64 + 1)
			return c;
		if (i % 1000 == 0)
			cache_flush(c);
	}
	return NULL;
}

static void
threads_see_whole_values(void **state)
{
	struct cache	*c = cache_new(sizeof(struct value), 32, LONG);
	pthread_t	 t[4];
	void		*wrong;
	size_t		 i;

	for (i = 0; i < UNIT_COUNT(t); i++)
		assert_int_equal(0, pthread_create(&t[i], NULL, worker, c));
	for (i = 0; i < UNIT_COUNT(t); i++) {
		assert_int_equal(0, pthread_join(t[i], &wrong));
		assert_null(wrong);
	}
	cache_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_found),
		cmocka_unit_test(keys_are_bytes),
		cmocka_unit_test(a_flush_forgets_all),
		cmocka_unit_test(
		    what_was_read_before_a_flush_is_not_kept_after_it),
		cmocka_unit_test(nothing_is_kept_while_disabled),
		cmocka_unit_test(entries_age),
		cmocka_unit_test(it_is_bounded_and_keeps_the_newest),
		cmocka_unit_test(threads_see_whole_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
