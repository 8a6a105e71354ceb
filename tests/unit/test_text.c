/* SPDX-License-Identifier: BSD-2-Clause */
/* What runners print, as text; commands. */
#include "config.h"

#include "unit.h"

#include "dispatch/text.h"
#include "util/arena.h"

static struct arena *a;

static int
setup(void **state)
{
	a = arena_new(4096);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(a);
	return 0;
}

static void
text_that_is_good_stays(void **state)
{
	assert_string_equal("a\tb \xc3\xa9 \xf0\x9f\x8e\x93",
	    text_clean(a, "a\tb \xc3\xa9 \xf0\x9f\x8e\x93", 11, 100));
	assert_string_equal("", text_clean(a, "", 0, 100));
}

static void
bad_bytes_are_replaced(void **state)
{
	static const struct {
		const char	*in;
		size_t		 len;
		const char	*out;
	} rows[] = {
		{ "a\0b", 3, "a\xef\xbf\xbd" "b" },
		{ "\xff\xfe", 2, "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc3", 1, "\xef\xbf\xbd" },
		{ "\xed\xa0\x80", 3,
		    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc0\xaf", 2, "\xef\xbf\xbd\xef\xbf\xbd" },
	};
	size_t i;

	for (i = 0; i < UNIT_COUNT(rows); i++)
		assert_string_equal(rows[i].out,
		    text_clean(a, rows[i].in, rows[i].len, 100));
}

static void
long_text_is_cut_between_characters(void **state)
{
	assert_string_equal("abc [cut]", text_clean(a, "abcdef", 6, 3));
	assert_string_equal("abcdef", text_clean(a, "abcdef", 6, 6));
	assert_string_equal("\xc3\xa9\xc3\xa9 [cut]",
	    text_clean(a, "\xc3\xa9\xc3\xa9\xc3\xa9", 6, 3));
}

static const char *
last_lines(const char *content)
{
	static char path[32];
	const char *got;
	int fd;

	(void)memcpy(path, "text.XXXXXX", 12);
	fd = mkstemp(path);
	assert_true(fd != -1);
	assert_int_equal(strlen(content), write(fd, content,
	    strlen(content)));
	(void)close(fd);
	got = text_last_lines(a, path);
	(void)unlink(path);
	return got;
}

static void
the_last_lines_are_found(void **state)
{
	assert_string_equal("", last_lines(""));
	assert_string_equal("", last_lines("\n\n"));
	assert_string_equal("one", last_lines("one"));
	assert_string_equal("one\ntwo", last_lines("one\ntwo\r\n\n"));
	assert_string_equal("2\n3\n4\n5\n6", last_lines("1\n2\n3\n4\n5\n6\n"));
	assert_string_equal("", text_last_lines(a, "no.such.file"));
}

static void
one_long_last_line_is_its_end(void **state)
{
	char *content = malloc(20001);
	const char *got;
	int i;

	assert_non_null(content);
	/* The last 4096 bytes begin inside a character. */
	content[0] = 'x';
	for (i = 0; i < 9999; i++)
		(void)memcpy(content + 1 + 2 * i, "\xc3\xa9", 2);
	content[19999] = 'y';
	content[20000] = '\0';
	got = last_lines(content);
	assert_int_equal(4095, strlen(got));
	assert_int_equal('y', got[4094]);
	assert_memory_equal("\xc3\xa9", got, 2);
	free(content);
}

static void
commands_are_split_at_blanks(void **state)
{
	char **argv = text_split("  a-b\t c=\"d e\" ");

	assert_non_null(argv);
	assert_string_equal("a-b", argv[0]);
	assert_string_equal("c=\"d", argv[1]);
	assert_string_equal("e\"", argv[2]);
	assert_null(argv[3]);
	text_split_free(argv);
	assert_null(text_split(""));
	assert_null(text_split(" \t "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_that_is_good_stays),
		cmocka_unit_test(bad_bytes_are_replaced),
		cmocka_unit_test(long_text_is_cut_between_characters),
		cmocka_unit_test(the_last_lines_are_found),
		cmocka_unit_test(one_long_last_line_is_its_end),
		cmocka_unit_test(commands_are_split_at_blanks),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
