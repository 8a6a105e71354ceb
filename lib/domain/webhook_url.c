/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A strict reader of https URLs.  Whatever two parsers could read in two
 * ways is refused, so that what is checked here is what is called later.
 */
#include "config.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <string.h>
#include <strings.h>

#include "domain/webhook_url.h"
#include "util/log.h"
#include "util/net.h"

#define HOST_MAX	253
#define LABEL_MAX	63

#define DIGITS		"0123456789"
#define HEXDIGITS	DIGITS "abcdefABCDEF"
#define LETTERS		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
/* What may stand in a path or query as it is; % needs two hex digits. */
#define URL_CHARS	LETTERS DIGITS "-._~!$&'()*+,;=:@/?"
/* Underscores are in no host name's grammar, but in the DNS all the same. */
#define LABEL_CHARS	LETTERS DIGITS "-_"

struct net4 {
	uint8_t	addr[4];
	int	bits;
};

struct net6 {
	uint8_t	addr[16];
	int	bits;
};

/* Set before there are threads, read-only from then on. */
static struct nets allowed;

/* Not for the public, by the registries of RFC 6890. */
static const struct net4 closed4[] = {
	{ { 0, 0, 0, 0 }, 8 },		/* this network */
	{ { 10, 0, 0, 0 }, 8 },		/* private */
	{ { 100, 64, 0, 0 }, 10 },	/* carrier-grade NAT */
	{ { 127, 0, 0, 0 }, 8 },	/* loopback */
	{ { 169, 254, 0, 0 }, 16 },	/* link-local, cloud metadata */
	{ { 172, 16, 0, 0 }, 12 },	/* private */
	{ { 192, 0, 0, 0 }, 24 },	/* protocol assignments */
	{ { 192, 0, 2, 0 }, 24 },	/* documentation */
	{ { 192, 168, 0, 0 }, 16 },	/* private */
	{ { 198, 18, 0, 0 }, 15 },	/* benchmarks */
	{ { 198, 51, 100, 0 }, 24 },	/* documentation */
	{ { 203, 0, 113, 0 }, 24 },	/* documentation */
	{ { 224, 0, 0, 0 }, 4 },	/* multicast */
	{ { 240, 0, 0, 0 }, 4 },	/* reserved, broadcast */
};

/*
 * Only this is handed out for the public Internet: outside are unspecified,
 * loopback, mapped and compatible IPv4 (::/8), NAT64 (64:ff9b::/16), discard,
 * unique local, link-local, site-local and multicast.
 */
static const struct net6 open6 = { { 0x20 }, 3 };

/* And this, inside of it, is not. */
static const struct net6 closed6[] = {
	{ { 0x20, 0x01 }, 23 },			/* protocols: Teredo, ORCHID,
						   benchmarks */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },	/* documentation */
	{ { 0x20, 0x02 }, 16 },			/* 6to4: IPv4 inside */
	{ { 0x3f, 0xff }, 20 },			/* documentation */
};

int
address_public4(const uint8_t addr[4])
{
	size_t	i;

	for (i = 0; i < sizeof(closed4) / sizeof(closed4[0]); i++)
		if (net_has(closed4[i].addr, closed4[i].bits, addr))
			return 0;
	return 1;
}

int
address_public6(const uint8_t addr[16])
{
	size_t	i;

	if (!net_has(open6.addr, open6.bits, addr))
		return 0;
	for (i = 0; i < sizeof(closed6) / sizeof(closed6[0]); i++)
		if (net_has(closed6[i].addr, closed6[i].bits, addr))
			return 0;
	return 1;
}

void
webhook_allow(const char *networks)
{
	char	bad[64];

	/* the settings' parser has looked at it */
	if (nets_parse(networks, &allowed, bad, sizeof(bad)) == -1)
		fatalx("webhook_allow: \"%s\" is no network", bad);
}

int
address_allowed(int six, const uint8_t *addr)
{
	return nets_have(&allowed, six, addr);
}

/*
 * Where a literal may lie: over https anywhere in public, and in the allowed
 * networks over http too.
 */
static int
literal_ok(int six, const uint8_t *addr, int plain)
{
	return address_allowed(six, addr) || (!plain &&
	    (six ? address_public6(addr) : address_public4(addr)));
}

/* "[...]" with an address of version 6; *end behind the bracket. */
static int
literal6_ok(const char *s, int plain, const char **end)
{
	uint8_t	addr[16];
	char	text[INET6_ADDRSTRLEN];
	size_t	n = strcspn(s, "]");

	if (s[n] != ']' || n - 1 >= sizeof(text))
		return 0;
	memcpy(text, s + 1, n - 1);
	text[n - 1] = '\0';
	*end = s + n + 1;
	/* inet_pton() takes no zone, so none can pick an interface */
	return inet_pton(AF_INET6, text, addr) == 1 &&
	    literal_ok(1, addr, plain);
}

/* A last label that address parsers take for (a part of) a number. */
static int
label_is_number(const char *label)
{
	if (label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
		return label[2 + strspn(label + 2, HEXDIGITS)] == '\0';
	return label[strspn(label, DIGITS)] == '\0';
}

/* A name of the DNS or a dotted quad; *end behind it. */
static int
name_ok(const char *s, int plain, const char **end)
{
	uint8_t		 addr[4];
	char		 text[HOST_MAX + 1];
	const char	*p, *last;
	size_t		 n = strspn(s, LABEL_CHARS "."), len;

	*end = s + n;
	/* the root's dot changes nothing but the comparison of names */
	if (n > 1 && s[n - 1] == '.')
		n--;
	if (n < 1 || n > HOST_MAX)
		return 0;
	memcpy(text, s, n);
	text[n] = '\0';
	for (p = last = text;; p += len + 1) {
		last = p;
		len = strcspn(p, ".");
		if (len < 1 || len > LABEL_MAX || p[0] == '-' ||
		    p[len - 1] == '-')
			return 0;
		if (p[len] == '\0')
			break;
	}
	if (!label_is_number(last))
		return 1;
	return inet_pton(AF_INET, text, addr) == 1 &&
	    literal_ok(0, addr, plain);
}

/* ":port" when there is one; *end behind it. */
static int
port_ok(const char *s, int plain, const char **end)
{
	long	port = 0;
	size_t	n, i;

	*end = s;
	if (*s != ':')
		return 1;
	n = strspn(++s, DIGITS);
	*end = s + n;
	if (n < 1 || n > 5 || s[0] == '0')
		return 0;
	for (i = 0; i < n; i++)
		port = port * 10 + (s[i] - '0');
	return port == 443 || (plain && port == 80) ||
	    (port >= 1024 && port <= 65535);
}

/* Behind the "://", or NULL for a scheme that is not called. */
static const char *
scheme_ok(const char *url, int *plain)
{
	*plain = 0;
	if (strncasecmp(url, "https://", 8) == 0)
		return url + 8;
	*plain = 1;
	return allowed.n > 0 && strncasecmp(url, "http://", 7) == 0 ?
	    url + 7 : NULL;
}

int
webhook_url_ok(const char *url)
{
	const char	*p;
	int		 host, plain;

	if ((p = scheme_ok(url, &plain)) == NULL)
		return 0;
	host = *p == '[' ? literal6_ok(p, plain, &p) : name_ok(p, plain, &p);
	/* what follows ends the authority: an @ is user information */
	if (!host || !port_ok(p, plain, &p) ||
	    (*p != '\0' && *p != '/' && *p != '?'))
		return 0;
	for (;;) {
		p += strspn(p, URL_CHARS);
		if (*p == '\0')
			return 1;
		if (*p != '%' || p[1] == '\0' ||
		    strchr(HEXDIGITS, p[1]) == NULL || p[2] == '\0' ||
		    strchr(HEXDIGITS, p[2]) == NULL)
			return 0;
		p += 3;
	}
}
