/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Little-endian fields of our files: written into a growing block, read from
 * a bounded one.  A read past the end sets `bad` and gives zeros, so that a
 * parser checks once per section and never reads foreign memory.
 */
#ifndef JUDGE_LE_H
#define JUDGE_LE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/buf.h"

struct le_in {
	const uint8_t	*p;
	size_t		 left;
	int		 bad;
};

static inline void
le_put(struct buf *b, uint64_t v, int bytes)
{
	char tmp[8];
	int i;

	for (i = 0; i < bytes; i++)
		tmp[i] = (char)(uint8_t)(v >> (8 * i));
	buf_add(b, tmp, (size_t)bytes);
}

static inline void
le_put_f64(struct buf *b, double d)
{
	uint64_t u;

	memcpy(&u, &d, sizeof(u));
	le_put(b, u, 8);
}

static inline void
le_put_f32(struct buf *b, float f)
{
	uint32_t u;

	memcpy(&u, &f, sizeof(u));
	le_put(b, u, 4);
}

/* Length in two bytes, then the bytes. */
static inline void
le_put_str(struct buf *b, const char *s)
{
	size_t n = strlen(s);

	if (n > UINT16_MAX)
		n = UINT16_MAX;
	le_put(b, n, 2);
	buf_add(b, s, n);
}

/* n bytes to read in place, or NULL. */
static inline const uint8_t *
le_bytes(struct le_in *in, size_t n)
{
	const uint8_t *p = in->p;

	if (in->bad || n > in->left) {
		in->bad = 1;
		return NULL;
	}
	in->p += n;
	in->left -= n;
	return p;
}

static inline uint64_t
le_get(struct le_in *in, int bytes)
{
	const uint8_t *p = le_bytes(in, (size_t)bytes);
	uint64_t v = 0;
	int i;

	if (p == NULL)
		return 0;
	for (i = 0; i < bytes; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static inline double
le_get_f64(struct le_in *in)
{
	uint64_t u = le_get(in, 8);
	double d;

	memcpy(&d, &u, sizeof(d));
	return d;
}

static inline float
le_get_f32(struct le_in *in)
{
	uint32_t u = (uint32_t)le_get(in, 4);
	float f;

	memcpy(&f, &u, sizeof(f));
	return f;
}

#endif
