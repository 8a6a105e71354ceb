/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers that are the same on every machine (SplitMix64).  A stream
 * is named by a seed and a purpose, so that nothing needs to be saved to go
 * on after a restart.
 */
#ifndef JUDGE_RNG_H
#define JUDGE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

/* A bijection that spreads every input bit over all output bits. */
static inline uint64_t
rng_mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

static inline void
rng_init(struct rng *r, uint64_t seed, uint64_t purpose)
{
	r->state = rng_mix(seed + 0x9e3779b97f4a7c15ULL) ^ rng_mix(~purpose);
}

static inline uint64_t
rng_next(struct rng *r)
{
	r->state += 0x9e3779b97f4a7c15ULL;
	return rng_mix(r->state);
}

/* Uniform in [0, n), n > 0 and below 2^32: draws again rather than favour. */
static inline uint64_t
rng_below(struct rng *r, uint64_t n)
{
	uint64_t x, limit = UINT64_MAX - UINT64_MAX % n;

	do
		x = rng_next(r);
	while (x >= limit);
	return x % n;
}

#endif
