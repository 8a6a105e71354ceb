/* SPDX-License-Identifier: BSD-2-Clause */
/* Prefixes of addresses, and lists of them. */
#include "config.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

#include "util/net.h"

#define BETWEEN	", \t"

int
net_has(const uint8_t *net, int bits, const uint8_t *addr)
{
	int whole = bits / 8, rest = bits % 8;

	return memcmp(net, addr, (size_t)whole) == 0 && (rest == 0 ||
	    (net[whole] ^ addr[whole]) >> (8 - rest) == 0);
}

/* The number behind the slash: 0..most, or -1. */
static int
prefix_parse(const char *s, int most)
{
	size_t n = strspn(s, "0123456789"), i;
	int bits = 0;

	if (n < 1 || n > 3 || s[n] != '\0' || (n > 1 && s[0] == '0'))
		return -1;
	for (i = 0; i < n; i++)
		bits = bits * 10 + (s[i] - '0');
	return bits <= most ? bits : -1;
}

static int
net_parse(char *text, struct net *out)
{
	char *slash = strchr(text, '/');
	int bit, most;

	memset(out, 0, sizeof(*out));
	if (slash != NULL)
		*slash = '\0';
	out->six = strchr(text, ':') != NULL;
	most = out->six ? 128 : 32;
	if (inet_pton(out->six ? AF_INET6 : AF_INET, text, out->addr) != 1)
		return -1;
	out->bits = slash == NULL ? most : prefix_parse(slash + 1, most);
	if (out->bits == -1)
		return -1;
	/* 10.1.2.3/8 is a slip: which of the two was meant? */
	for (bit = out->bits; bit < most; bit++)
		if (out->addr[bit / 8] & (0x80 >> bit % 8))
			return -1;
	return 0;
}

int
nets_parse(const char *s, struct nets *out, char *bad, size_t size)
{
	char text[INET6_ADDRSTRLEN + 4];
	size_t len;

	out->n = 0;
	for (s += strspn(s, BETWEEN); *s != '\0';
	    s += len, s += strspn(s, BETWEEN)) {
		len = strcspn(s, BETWEEN);
		(void)snprintf(bad, size, "%.*s", (int)len, s);
		if (len >= sizeof(text) || out->n == NETS_MAX)
			return -1;
		memcpy(text, s, len);
		text[len] = '\0';
		if (net_parse(text, &out->net[out->n]) == -1)
			return -1;
		out->n++;
	}
	return 0;
}

int
nets_have(const struct nets *nets, int six, const uint8_t *addr)
{
	size_t i;

	for (i = 0; i < nets->n; i++)
		if (nets->net[i].six == six &&
		    net_has(nets->net[i].addr, nets->net[i].bits, addr))
			return 1;
	return 0;
}
