/* SPDX-License-Identifier: BSD-2-Clause */
/* IP networks in their text form.  Any thread. */
#ifndef UTIL_NET_H
#define UTIL_NET_H

#include <stddef.h>
#include <stdint.h>

#define NETS_MAX	64

struct net {
	int	six;		/* version 6; else the first 4 bytes count */
	uint8_t	addr[16];	/* network byte order */
	int	bits;
};

struct nets {
	struct net	net[NETS_MAX];
	size_t		n;
};

/*
 * "10.0.0.0/8, ::1, fd00::/8": networks, or single addresses, separated by
 * commas or blanks.  0, or -1 when one is none (*bad, of `size`, names it),
 * has bits beyond its prefix, or they are too many.
 */
int nets_parse(const char *, struct nets *, char *bad, size_t size);
/* 1 when the address (4 or 16 bytes) lies in one of them. */
int nets_have(const struct nets *, int six, const uint8_t *addr);
/* 1 when the first `bits` bits are equal. */
int net_has(const uint8_t *net, int bits, const uint8_t *addr);

#endif
