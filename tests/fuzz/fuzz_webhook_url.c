/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever is taken for a webhook's URL leads nowhere private: the oracles
 * are libc's lenient address parser and its classes of IPv6 addresses.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string.h>
#include <strings.h>

#include "domain/webhook_url.h"
#include "fuzz.h"
#include "util/arena.h"

static void
check_address6(const uint8_t addr[16])
{
	struct in6_addr in6;

	memcpy(&in6, addr, sizeof(in6));
	if (!address_public6(addr))
		return;
	REQUIRE(!IN6_IS_ADDR_UNSPECIFIED(&in6));
	REQUIRE(!IN6_IS_ADDR_LOOPBACK(&in6));
	REQUIRE(!IN6_IS_ADDR_LINKLOCAL(&in6));
	REQUIRE(!IN6_IS_ADDR_SITELOCAL(&in6));
	REQUIRE(!IN6_IS_ADDR_MULTICAST(&in6));
	REQUIRE(!IN6_IS_ADDR_V4MAPPED(&in6));
	REQUIRE(!IN6_IS_ADDR_V4COMPAT(&in6));
	REQUIRE((addr[0] & 0xfe) != 0xfc);
}

/* What inet_aton() can read at all is public, and reads strictly the same. */
static void
check_host(const char *host)
{
	struct in_addr loose, strict;
	uint8_t addr[16];

	if (host[0] == '[') {
		REQUIRE(inet_pton(AF_INET6, host + 1, addr) == 1);
		REQUIRE(address_public6(addr));
		check_address6(addr);
		return;
	}
	if (!inet_aton(host, &loose))
		return;
	REQUIRE(inet_pton(AF_INET, host, &strict) == 1);
	REQUIRE(loose.s_addr == strict.s_addr);
	memcpy(addr, &strict, 4);
	REQUIRE(address_public4(addr));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(16384);
	char *url = arena_strndup(a, (const char *)data, len), *host;
	size_t n, i;

	if (len >= 16)
		check_address6(data);
	if (webhook_url_ok(url)) {
		REQUIRE(strncasecmp(url, "https://", 8) == 0);
		for (i = 0; url[i] != '\0'; i++)
			REQUIRE(url[i] > 0x20 && url[i] < 0x7f &&
			    strchr("#\\\"<>", url[i]) == NULL);
		/* an authority without user information */
		n = strcspn(url + 8, "/?");
		REQUIRE(memchr(url + 8, '@', n) == NULL);
		host = arena_strndup(a, url + 8, n);
		host[strcspn(host, host[0] == '[' ? "]" : ":")] = '\0';
		check_host(host);
		n = strlen(host);
		if (host[n - 1] == '.') {
			host[n - 1] = '\0';
			check_host(host);
		}
		REQUIRE(!webhook_url_ok(arena_printf(a, "https://u@%s",
		    url + 8)));
		REQUIRE(!webhook_url_ok(arena_printf(a, "%s#", url)));
		REQUIRE(!webhook_url_ok(arena_printf(a, "http%s", url + 5)));
	}
	arena_free(a);
	return 0;
}
