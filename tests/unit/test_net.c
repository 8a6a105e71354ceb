/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of networks. */
#include "config.h"

#include <arpa/inet.h>

#include "unit.h"

#include "util/net.h"

static int
has(const char *list, const char *address)
{
	struct nets nets;
	uint8_t addr[16];
	char bad[64];
	int six = strchr(address, ':') != NULL;

	assert_int_equal(0, nets_parse(list, &nets, bad, sizeof(bad)));
	assert_int_equal(1, inet_pton(six ? AF_INET6 : AF_INET, address,
	    addr));
	return nets_have(&nets, six, addr);
}

static void
an_address_lies_in_its_network(void **state)
{
	assert_true(has("10.0.0.0/8", "10.255.0.1"));
	assert_false(has("10.0.0.0/8", "11.0.0.1"));
	assert_true(has("172.16.0.0/12", "172.31.255.255"));
	assert_false(has("172.16.0.0/12", "172.32.0.0"));
	assert_true(has("127.0.0.1", "127.0.0.1"));
	assert_false(has("127.0.0.1", "127.0.0.2"));
	assert_true(has("0.0.0.0/0", "203.0.113.9"));
	assert_true(has("fd00::/8", "fdff::1"));
	assert_false(has("fd00::/8", "fe80::1"));
	assert_true(has("::1", "::1"));
	assert_true(has("10.0.0.0/8, fd00::/8\t::1", "::1"));
	assert_false(has("", "127.0.0.1"));
}

static void
the_versions_are_two_worlds(void **state)
{
	assert_false(has("::/0", "127.0.0.1"));
	assert_false(has("0.0.0.0/0", "::1"));
	assert_false(has("127.0.0.0/8", "::ffff:127.0.0.1"));
	assert_true(has("::ffff:127.0.0.0/104", "::ffff:127.0.0.1"));
}

static void
what_is_no_network_is_named(void **state)
{
	static const char *const bad[] = { "10", "10.0.0.0/33", "10.0.0.0/",
		"10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/8x", "10.1.0.0/8",
		"::1/129", "fd00::1/8", "localhost", "256.0.0.0/8", "/8",
		"10.0.0.0/8/8", "fe80::1%eth0", "[::1]",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999/128" };
	struct nets nets;
	char text[128], said[64];
	size_t i;

	for (i = 0; i < UNIT_COUNT(bad); i++) {
		(void)snprintf(text, sizeof(text), "10.0.0.0/8, %s ::1",
		    bad[i]);
		if (nets_parse(text, &nets, said, sizeof(said)) != -1)
			fail_msg("taken: %s", bad[i]);
		assert_string_equal(bad[i], said);
	}
}

static void
there_are_not_too_many(void **state)
{
	char text[NETS_MAX * 8 + 16] = "", said[64];
	struct nets nets;
	size_t i, len = 0;

	for (i = 0; i < NETS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "1.1.1.1 ");
	assert_int_equal(0, nets_parse(text, &nets, said, sizeof(said)));
	(void)snprintf(text + len, sizeof(text) - len, "2.2.2.2");
	assert_int_equal(-1, nets_parse(text, &nets, said, sizeof(said)));
	assert_string_equal("2.2.2.2", said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_lies_in_its_network),
		cmocka_unit_test(the_versions_are_two_worlds),
		cmocka_unit_test(what_is_no_network_is_named),
		cmocka_unit_test(there_are_not_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
