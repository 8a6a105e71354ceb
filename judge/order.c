/* SPDX-License-Identifier: BSD-2-Clause */
/* A radix sort, a byte at a time; few items are inserted one by one. */
#include "config.h"

#include "judge/order.h"

#define BYTES	8
#define FEW	48

static void
insert(struct order *o, size_t n)
{
	struct order one;
	size_t i, j;

	for (i = 1; i < n; i++) {
		one = o[i];
		for (j = i; j > 0 && o[j - 1].key > one.key; j--)
			o[j] = o[j - 1];
		o[j] = one;
	}
}

void
order_sort(struct order *o, struct order *room, size_t n)
{
	size_t count[BYTES][256], *c, i, k, at, some;
	struct order *from = o, *to = room, *swap;
	int shift;

	if (n < FEW) {
		insert(o, n);
		return;
	}
	memset(count, 0, sizeof(count));
	for (i = 0; i < n; i++)
		for (k = 0; k < BYTES; k++)
			count[k][o[i].key >> (8 * k) & 255]++;
	for (k = 0; k < BYTES; k++) {
		shift = (int)(8 * k);
		c = count[k];
		/* The same byte everywhere: nothing to put in order. */
		if (c[o[0].key >> shift & 255] == n)
			continue;
		for (i = 0, at = 0; i < 256; i++) {
			some = c[i];
			c[i] = at;
			at += some;
		}
		for (i = 0; i < n; i++)
			to[c[from[i].key >> shift & 255]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	if (from != o)
		memcpy(o, from, n * sizeof(*o));
}
