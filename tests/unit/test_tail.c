/* SPDX-License-Identifier: BSD-2-Clause */
/* Following a file. */
#include "config.h"

#include "unit.h"

#include "dispatch/tail.h"

static char path[] = "tail.XXXXXX";
static int fd;
static struct tail t;

static int
setup(void **state)
{
	(void)memcpy(path, "tail.XXXXXX", sizeof(path));
	if ((fd = mkstemp(path)) == -1)
		return -1;
	tail_init(&t, path, 0);
	return 0;
}

static int
teardown(void **state)
{
	tail_free(&t);
	(void)close(fd);
	return unlink(path);
}

static void
append(const char *s, size_t len)
{
	assert_int_equal(len, write(fd, s, len));
}

/* The next line has to be this one; it is taken. */
static void
expect(const char *line, int last)
{
	const char *got;
	size_t len;
	int cut;

	assert_int_equal(1, tail_peek(&t, last, &got, &len, &cut));
	assert_int_equal(strlen(line), len);
	assert_memory_equal(line, got, len);
	assert_false(cut);
	tail_take(&t);
}

static void
expect_none(int last)
{
	const char *got;
	size_t len;
	int cut;

	assert_int_equal(0, tail_peek(&t, last, &got, &len, &cut));
}

static void
whole_lines_come_as_they_are_written(void **state)
{
	expect_none(0);
	append("one\ntw", 6);
	expect("one", 0);
	expect_none(0);
	append("o\r\n\nthree", 9);
	expect("two", 0);
	expect("", 0);
	expect_none(0);
	assert_int_equal(10, tail_offset(&t));
	expect("three", 1);
	assert_int_equal(15, tail_offset(&t));
	expect_none(1);
}

static void
a_peeked_line_stays(void **state)
{
	const char *got;
	size_t len;
	int cut;

	append("one\ntwo\n", 8);
	assert_int_equal(1, tail_peek(&t, 0, &got, &len, &cut));
	assert_int_equal(0, tail_offset(&t));
	expect("one", 0);
	expect("two", 0);
}

static void
what_was_not_recorded_is_read_again(void **state)
{
	append("one\ntwo\nthree\n", 14);
	expect("one", 0);
	expect("two", 0);
	tail_seek(&t, 4);
	expect("two", 0);
	expect("three", 0);
	expect_none(0);
}

static void
a_file_that_is_not_there_has_no_lines(void **state)
{
	struct tail other;
	const char *got;
	size_t len;
	int cut;

	tail_init(&other, "no.such.file", 0);
	assert_int_equal(0, tail_peek(&other, 1, &got, &len, &cut));
	tail_free(&other);
}

static void
write_long(size_t len)
{
	char *long_line = malloc(len);

	assert_non_null(long_line);
	memset(long_line, 'x', len);
	append(long_line, len);
	free(long_line);
}

static void
a_line_that_is_too_long_is_cut_and_skipped(void **state)
{
	const char *got;
	size_t len;
	int cut;

	write_long(3 * TAIL_LINE_MAX);
	append("\nnext\n", 6);
	assert_int_equal(1, tail_peek(&t, 0, &got, &len, &cut));
	assert_int_equal(TAIL_LINE_MAX, len);
	assert_true(cut);
	tail_take(&t);
	expect("next", 0);
	assert_int_equal(3 * TAIL_LINE_MAX + 6, tail_offset(&t));
}

static void
a_long_line_without_an_end_is_one_line(void **state)
{
	const char *got;
	size_t len;
	int cut;

	write_long(2 * TAIL_LINE_MAX);
	assert_int_equal(1, tail_peek(&t, 1, &got, &len, &cut));
	assert_true(cut);
	tail_take(&t);
	expect_none(1);
	assert_int_equal(2 * TAIL_LINE_MAX, tail_offset(&t));
	append("more of it\nnext\n", 16);
	expect("next", 0);
}

static void
the_longest_line_is_whole(void **state)
{
	const char *got;
	size_t len;
	int cut;

	write_long(TAIL_LINE_MAX - 1);
	append("\nnext\n", 6);
	assert_int_equal(1, tail_peek(&t, 0, &got, &len, &cut));
	assert_int_equal(TAIL_LINE_MAX - 1, len);
	assert_false(cut);
	tail_take(&t);
	expect("next", 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		TEST(whole_lines_come_as_they_are_written),
		TEST(a_peeked_line_stays),
		TEST(what_was_not_recorded_is_read_again),
		TEST(a_file_that_is_not_there_has_no_lines),
		TEST(a_line_that_is_too_long_is_cut_and_skipped),
		TEST(a_long_line_without_an_end_is_one_line),
		TEST(the_longest_line_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
