/* SPDX-License-Identifier: BSD-2-Clause */
/* What a notification may be sent to. */
#include "config.h"

#include "unit.h"

#include "domain/email.h"

static const char *const good[] = {
	"ml-team@example.com", "a@b", "o'brien+judge@mail.example.com",
	"first.last@sub.example", "j\xc3\xbcrgen@example.com",
};

static const char *const bad[] = {
	"", "a", "ab", "@", "@b", "a@", "a@@b", "a@b@c",
	"a b@example.com", " a@example.com", "a@example.com ",
	"a@example.com,b@example.com", "a,b@example.com",
	"\"a\"@example.com", "Team <a@example.com>", "<a@example.com>",
	"a@[127.0.0.1]", "a(x)@example.com", "{a}@example.com",
	"a@example.com\n", "a@example.com\r\nBcc: b@example.com",
	"a\t@example.com", "a\x01@example.com", "a\x7f@example.com",
	"a\xc2\x85@example.com",	/* next line, a control */
	"a\xc2\xa0@example.com",	/* no-break space */
	"a\xe2\x80\xa8@example.com",	/* line separator */
	"a\xe3\x80\x80@example.com",	/* ideographic space */
	"a\xff@example.com",		/* no UTF-8 */
};

static void
one_address_is_taken(void **state)
{
	size_t i;

	for (i = 0; i < UNIT_COUNT(good); i++)
		if (!email_ok(good[i]))
			fail_msg("refused: %s", good[i]);
}

static void
what_a_mailer_could_misread_is_refused(void **state)
{
	size_t i;

	for (i = 0; i < UNIT_COUNT(bad); i++)
		if (email_ok(bad[i]))
			fail_msg("taken: %s", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_address_is_taken),
		cmocka_unit_test(what_a_mailer_could_misread_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
