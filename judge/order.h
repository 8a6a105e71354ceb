/* SPDX-License-Identifier: BSD-2-Clause */
/* Sorting numbers without comparing them. */
#ifndef JUDGE_ORDER_H
#define JUDGE_ORDER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct order {
	uint64_t	key;
	size_t		at;		/* where it stood, or what else it is */
};

/* Sorts by key; equal keys stay in their order.  room: n more. */
void order_sort(struct order *, struct order *room, size_t n);

/* Keys in the order of numbers, equal for equal ones; x is no NAN. */
static inline uint64_t
order_key(double x)
{
	uint64_t u;

	x += 0.0;		/* there is but one zero */
	memcpy(&u, &x, sizeof(u));
	return u >> 63 ? ~u : u | 1ULL << 63;
}

#endif
