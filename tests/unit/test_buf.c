/* SPDX-License-Identifier: BSD-2-Clause */
/* The growing byte string. */
#include "config.h"

#include "unit.h"

#include "util/arena.h"
#include "util/buf.h"

static struct buf b;

static int
setup(void **state)
{
	*state = arena_new(256);
	buf_init(&b, *state);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void
starts_empty_and_terminated(void **state)
{
	assert_int_equal(0, b.len);
	assert_string_equal("", b.data);
}

static void
pieces_follow_each_other(void **state)
{
	buf_adds(&b, "ab");
	buf_addc(&b, 'c');
	buf_add(&b, "d\0e", 3);
	buf_printf(&b, "%d", 42);
	assert_int_equal(8, b.len);
	assert_memory_equal("abcd\0" "e42", b.data, 9);
}

/* Each length crosses the growth borders with each kind of call. */
static void
growth_keeps_the_bytes(void **state)
{
	size_t i;

	for (i = 0; i < 3000; i++)
		switch (i % 3) {
		case 0:
			buf_addc(&b, (char)('a' + i % 26));
			break;
		case 1:
			buf_printf(&b, "%c", (char)('a' + i % 26));
			break;
		default:
			buf_add(&b, &"abcdefghijklmnopqrstuvwxyz"[i % 26], 1);
			break;
		}
	assert_int_equal(3000, b.len);
	for (i = 0; i < 3000; i++)
		assert_int_equal('a' + i % 26, b.data[i]);
	assert_int_equal('\0', b.data[3000]);
}

static void
printf_fits_at_every_fill_level(void **state)
{
	size_t fill;

	for (fill = 100; fill < 140; fill++) {
		buf_init(&b, *state);
		while (b.len < fill)
			buf_addc(&b, '.');
		buf_printf(&b, "%s", "0123456789");
		assert_int_equal(fill + 10, b.len);
		assert_string_equal("0123456789", b.data + fill);
	}
}

static void
reserve_gives_room_behind_the_bytes(void **state)
{
	char *p;

	buf_adds(&b, "head");
	p = buf_reserve(&b, 1000);
	assert_ptr_equal(b.data + 4, p);
	memset(p, 'x', 1000);
	p[1000] = '\0';
	b.len += 1000;
	buf_adds(&b, "tail");
	assert_int_equal(1008, b.len);
	assert_memory_equal("headx", b.data, 5);
	assert_string_equal("xtail", b.data + 1003);
}

static void
nothing_is_added_from_null(void **state)
{
	buf_add(&b, NULL, 0);
	assert_int_equal(0, b.len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		T(starts_empty_and_terminated),
		T(pieces_follow_each_other),
		T(growth_keeps_the_bytes),
		T(printf_fits_at_every_fill_level),
		T(reserve_gives_room_behind_the_bytes),
		T(nothing_is_added_from_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
