/* SPDX-License-Identifier: BSD-2-Clause */
/* Which URLs and addresses webhooks may go to. */
#include "config.h"

#include <arpa/inet.h>

#include "unit.h"

#include "domain/webhook_url.h"

static const char *const good[] = {
	"https://your-app.com/webhooks/training",
	"https://your-app.com",
	"https://your-app.com/",
	"https://your-app.com?key=1&b=%20",
	"HTTPS://Your-App.COM/A",
	"https://a.example:443/",
	"https://a.example:1024",
	"https://a.example:8443/x?y=z",
	"https://a.example:65535/",
	"https://a.example./",
	"https://my_app.example/",
	"https://xn--mnchen-3ya.example/",
	"https://hooks/",
	"https://1password.example/",
	"https://example.0xyz/",
	"https://a.example/user@host:80//x",
	"https://a.example/?u=https://b.example/@c",
	"https://8.8.8.8/",
	"https://8.8.8.8:8443/",
	"https://9.255.255.255/", "https://11.0.0.0/",
	"https://100.63.255.255/", "https://100.128.0.0/",
	"https://126.255.255.255/", "https://128.0.0.1/",
	"https://169.253.255.255/", "https://169.255.0.0/",
	"https://172.15.255.255/", "https://172.32.0.0/",
	"https://192.0.1.0/", "https://192.0.3.0/",
	"https://192.167.255.255/", "https://192.169.0.0/",
	"https://198.17.255.255/", "https://198.20.0.0/",
	"https://198.51.99.255/", "https://198.51.101.0/",
	"https://203.0.112.255/", "https://203.0.114.0/",
	"https://223.255.255.255/",
	"https://[2606:4700:4700::1111]/",
	"https://[2606:4700:4700::1111]:8443/x",
	"https://[2003::1]", "https://[2001:200::1]/",
	"https://[2001:db7::1]/", "https://[2001:db9::1]/",
	"https://[3ffe::1]/", "https://[3fff:1000::1]/",
};

static const char *const bad[] = {
	/* not an absolute https URL */
	"", "https", "https:", "https:/a.example/", "https://", "https:///x",
	"http://a.example/", "ftp://a.example/", "//a.example/", "/hooks",
	"a.example/hooks", "httpss://a.example/", "https//a.example",
	" https://a.example/", "https://a.example/ ", "https://a example/",
	"https://a.example/a b", "https://a.example/\t",
	"https://a.example/\x01", "https://a.example/\x7f",
	"https://a.example\\b/", "https://a.example/a\\b",
	"https://a.example/<x>", "https://a.example/\"", "https://a.example/{}",
	"https://a.example/[1]", "https://a.example/^", "https://a.example/|",
	"https://a.example/`",
	"https://a.example/%", "https://a.example/%4", "https://a.example/%4g",
	"https://a.example/%g4", "https://a.example/?%",
	"https://m\xc3\xbcnchen.example/", "https://a.example/\xc3\xbc",
	/* user information, fragment */
	"https://user@a.example/", "https://user:word@a.example/",
	"https://@a.example/", "https://a.example@b.example/",
	"https://a.example:443@b.example/", "https://8.8.8.8@10.0.0.1/",
	"https://a.example#", "https://a.example/#x", "https://a.example/a#b",
	"https://a.example?a#b", "https://a.example#@b.example/",
	/* ports */
	"https://a.example:/", "https://a.example:0/", "https://a.example:1/",
	"https://a.example:80/", "https://a.example:442/",
	"https://a.example:444/", "https://a.example:1023/",
	"https://a.example:65536/", "https://a.example:65979/",
	"https://a.example:0443/", "https://a.example:4294967739/",
	"https://a.example:443x/", "https://a.example:+443/",
	"https://a.example:-443/", "https://a.example:443:443/",
	"https://a.example: 443/", "https://[2606:4700::1]443/",
	/* hosts */
	"https://.a.example/", "https://a..example/", "https://a.example../",
	"https://./", "https://../", "https://-a.example/",
	"https://a-.example/", "https://a.example-/", "https://%61.example/",
	"https://a,b.example/", "https://a;b.example/", "https://a!.example/",
	"https://*.example/", "https://a$b/", "https://a'b/", "https://(a)/",
	/* numbers that are no dotted quad, or one that could be read so */
	"https://127.1/", "https://1/", "https://2130706433/",
	"https://0x7f000001/", "https://0X7F.1/", "https://017700000001/",
	"https://0177.0.0.1/", "https://8.8.8.08/", "https://8.8.8/",
	"https://8.8.8.8.8/", "https://256.1.1.1/", "https://1.1.1.0x1/",
	"https://8.8.8.0x/", "https://a.1/", "https://8.8.8.8..",
	/* addresses that are not public */
	"https://0.0.0.0/", "https://0.255.255.255/",
	"https://10.0.0.0/", "https://10.255.255.255/",
	"https://100.64.0.0/", "https://100.127.255.255/",
	"https://127.0.0.1/", "https://127.255.255.255/",
	"https://127.0.0.1./", "https://127.0.0.1:8443/",
	"https://169.254.0.0/", "https://169.254.169.254/latest/meta-data",
	"https://169.254.255.255/",
	"https://172.16.0.0/", "https://172.31.255.255/",
	"https://192.0.0.0/", "https://192.0.0.255/",
	"https://192.0.2.0/", "https://192.0.2.255/",
	"https://192.168.0.0/", "https://192.168.255.255/",
	"https://198.18.0.0/", "https://198.19.255.255/",
	"https://198.51.100.0/", "https://198.51.100.255/",
	"https://203.0.113.0/", "https://203.0.113.255/",
	"https://224.0.0.0/", "https://239.255.255.255/",
	"https://240.0.0.0/", "https://255.255.255.255/",
	"https://[::]/", "https://[::1]/", "https://[::1]:8443/",
	"https://[fc00::1]/", "https://[fdff::1]/", "https://[fe80::1]/",
	"https://[febf::1]/", "https://[fec0::1]/", "https://[ff02::1]/",
	"https://[100::1]/", "https://[5f00::1]/",
	"https://[2001:db8::1]/", "https://[2001:db8:ffff::1]/",
	"https://[3fff::1]/", "https://[3fff:fff::1]/",
	/* benchmarks, ORCHID */
	"https://[2001:2::1]/", "https://[2001:10::1]/",
	"https://[2001:20::1]/",
	/* IPv4 inside IPv6, of public addresses too */
	"https://[::ffff:127.0.0.1]/", "https://[::ffff:8.8.8.8]/",
	"https://[::ffff:808:808]/", "https://[::8.8.8.8]/",
	"https://[2002:7f00:1::]/", "https://[2002:808:808::1]/",
	"https://[64:ff9b::7f00:1]/", "https://[64:ff9b::8.8.8.8]/",
	"https://[64:ff9b:1::1]/", "https://[2001::1]/",
	"https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
	/* brackets with something else inside */
	"https://[]/", "https://[", "https://[::1", "https://[8.8.8.8]/",
	"https://[2606:4700::1%25eth0]/", "https://[2606:4700::1%eth0]/",
	"https://[v1.fe80]/", "https://[a.example]/",
	"https://[2606:4700::1]x/", "https://[2606:4700::1].example/",
	"https://2606:4700::1/",
	"https://[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]/",
};

static void
public_https_urls_are_taken(void **state)
{
	size_t i;

	for (i = 0; i < UNIT_COUNT(good); i++)
		if (!webhook_url_ok(good[i]))
			fail_msg("refused: %s", good[i]);
}

static void
everything_else_is_refused(void **state)
{
	size_t i;

	for (i = 0; i < UNIT_COUNT(bad); i++)
		if (webhook_url_ok(bad[i]))
			fail_msg("taken: %s", bad[i]);
}

/* "https://" + n letters in labels of `label` + ".example/" */
static int
long_name_ok(size_t n, size_t label)
{
	char url[512] = "https://";
	size_t len = strlen(url), i;

	for (i = 0; i < n; i++)
		url[len++] = i % (label + 1) == label ? '.' : 'a';
	memcpy(url + len, ".example/", 10);
	return webhook_url_ok(url);
}

static void
names_are_as_long_as_the_dns_allows(void **state)
{
	assert_true(long_name_ok(63, 63));
	assert_false(long_name_ok(64, 64));
	/* 253 with ".example" */
	assert_true(long_name_ok(245, 49));
	assert_false(long_name_ok(246, 40));
}

static void
addresses_are_judged_without_a_url(void **state)
{
	uint8_t addr[16];

	assert_int_equal(1, inet_pton(AF_INET, "8.8.8.8", addr));
	assert_true(address_public4(addr));
	assert_int_equal(1, inet_pton(AF_INET, "192.168.7.1", addr));
	assert_false(address_public4(addr));
	assert_int_equal(1, inet_pton(AF_INET6, "2606:4700::1", addr));
	assert_true(address_public6(addr));
	assert_int_equal(1, inet_pton(AF_INET6, "::ffff:8.8.8.8", addr));
	assert_false(address_public6(addr));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_https_urls_are_taken),
		cmocka_unit_test(everything_else_is_refused),
		cmocka_unit_test(names_are_as_long_as_the_dns_allows),
		cmocka_unit_test(addresses_are_judged_without_a_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
