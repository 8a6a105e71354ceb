/* SPDX-License-Identifier: BSD-2-Clause */
/* Dates, encoded words and quoted-printable. */
#include "config.h"

#include "unit.h"

#include "domain/mail.h"
#include "util/arena.h"

static struct arena *arena;

static int
setup(void **state)
{
	arena = arena_new(4096);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static void
dates_are_those_of_rfc_5322(void **state)
{
	assert_string_equal("Thu, 1 Jan 1970 00:00:00 +0000",
	    mail_date(arena, 0));
	assert_string_equal("Mon, 15 Jan 2024 10:30:42 +0000",
	    mail_date(arena, 1705314642));
	assert_string_equal("Tue, 29 Feb 2028 23:59:59 +0000",
	    mail_date(arena, 1835481599));
}

static void
a_header_is_plain_or_in_encoded_words(void **state)
{
	assert_string_equal("plain: text (1)",
	    mail_header_text(arena, "plain: text (1)", "\r\n"));
	assert_string_equal("=?utf-8?B?w6Q=?=",
	    mail_header_text(arena, "\xc3\xa4", "\r\n"));
	/* what looks like one is none */
	assert_string_equal("=?utf-8?B?PT94Pz0=?=",
	    mail_header_text(arena, "=?x?=", "\r\n"));
	assert_string_equal("abcd", mail_header_text(arena,
	    "a\r\nb\x01\xc2\x85" "c\xe2\x80\xa8" "d", "\r\n"));
	assert_string_equal("", mail_header_text(arena, "", "\r\n"));
}

/* Each word is at most 75 characters and holds whole characters. */
static void
long_headers_are_folded_between_characters(void **state)
{
	char text[601] = "";
	const char *p, *end;
	int i, words = 0;

	for (i = 0; i < 200; i++)
		memcpy(text + 3 * i, "\xe8\xa9\x95", 4);
	for (p = mail_header_text(arena, text, "\r\n"); ; p = end + 3) {
		words++;
		end = strstr(p, "\r\n ");
		assert_true((end == NULL ? strlen(p) : (size_t)(end - p)) <=
		    75);
		/* 42 bytes: 14 characters of 3 */
		if (end == NULL)
			break;
		assert_int_equal(68, end - p);
	}
	assert_int_equal(15, words);
}

static void
texts_are_quoted_line_by_line(void **state)
{
	static const struct { const char *is, *text; } cases[] = {
		{ "a b\n", "a b\n" },
		{ "=3D=C3=A4\n", "=\xc3\xa4\n" },
		{ "end=20\nend=09\n", "end \nend\t\n" },
		{ "in=09side\n", "in\tside\n" },
		{ "=46rom me\nFromage\na From\n",
		    "From me\nFromage\na From\n" },
		{ "=2E\n=2E.a.b\n", ".\n..a.b\n" },
		{ "=0D\n=01=7F\n", "\r\n\x01\x7f\n" },
		{ "\n\n", "\n\n" },
		{ "", "" },
	};
	size_t i;

	for (i = 0; i < UNIT_COUNT(cases); i++)
		assert_string_equal(cases[i].is,
		    mail_quote(arena, cases[i].text, "\n"));
	assert_string_equal("a\r\nb", mail_quote(arena, "a\nb", "\r\n"));
}

static void
no_line_is_longer_than_76(void **state)
{
	char text[400];
	const char *p, *end;
	size_t n, len;

	for (n = 70; n < 160; n++) {
		memset(text, n % 2 ? 'x' : '=', n);
		text[n] = '\0';
		for (p = mail_quote(arena, text, "\n"); ; p = end + 1) {
			end = strchr(p, '\n');
			len = end == NULL ? strlen(p) : (size_t)(end - p);
			assert_true(len <= 76);
			if (end == NULL)
				break;
			assert_true(end[-1] == '=');
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_those_of_rfc_5322),
		cmocka_unit_test(a_header_is_plain_or_in_encoded_words),
		cmocka_unit_test(long_headers_are_folded_between_characters),
		cmocka_unit_test(texts_are_quoted_line_by_line),
		cmocka_unit_test(no_line_is_longer_than_76),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
