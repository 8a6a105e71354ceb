/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathering and scattering the weights of n-grams: most of a training. */
#include "config.h"

#include <string.h>

#include "judge/gram.h"

/* Sums that run side by side, as an addition waits for the one before. */
#define WAYS		4
#define UNROLL		_Pragma("GCC unroll 4")
/* Rare n-grams lie far apart: they are asked for in good time. */
#define AHEAD		32
#define PLACE(w, at)	((w) + (size_t)(at) * PLACED_UNIT)

/*
 * Two vectors in one register where there are such registers, else the
 * compiler takes two.  Nothing is fused: both give the same.
 */
typedef float wide_vec __attribute__((vector_size(32), aligned(16),
    may_alias));

#define VEC		head_vec
#define FOR
#define NAME(x)		x##_one
#include "judge/gram_loop.h"

#define VEC		wide_vec
#define FOR
#define NAME(x)		x##_two
#include "judge/gram_loop.h"

#ifdef __x86_64__
#define HAVE_WIDE	__builtin_cpu_supports("avx2")
#define VEC		wide_vec
#define FOR		__attribute__((target("avx2")))
#define NAME(x)		x##_wide
#include "judge/gram_loop.h"
#else
#define HAVE_WIDE	0
#define dot_wide	dot_two
#define add_wide	add_two
#endif

void
grams_dot(const struct heads *h, const struct grams *p, head_vec *out)
{
	const char *w = (const char *)h->gram;
	int left;

	for (left = h->nv; left > 1; left -= 2, out += 2) {
		if (HAVE_WIDE)
			dot_wide(w, p, h->root, out);
		else
			dot_two(w, p, h->root, out);
		w += sizeof(wide_vec);
	}
	if (left > 0)
		dot_one(w, p, h->root, out);
}

/* As grams_add where each weight has a prior of its own. */
static void
add_own(struct heads *h, const struct grams *p, const head_vec *coef)
{
	size_t at;
	uint32_t i;
	float x;
	int v;

	for (i = 0; i < p->n; i++) {
		at = PLACED_AT(p->gram[i]) / PLACED_UNITS;
		x = h->root[PLACED_MORE(p->gram[i])] * p->scale;
		for (v = 0; v < h->nv; v++)
			h->gram[at + (size_t)v] += coef[v] * x *
			    h->gram_inv[at + (size_t)v];
	}
}

/* table += coef times what `of` gives for each count, and the scale. */
static void
add(const struct heads *h, head_vec *table, const struct grams *p,
    const float *of, const head_vec *coef)
{
	char *w = (char *)table;
	int left;

	for (left = h->nv; left > 1; left -= 2, coef += 2) {
		if (HAVE_WIDE)
			add_wide(w, p, of, coef);
		else
			add_two(w, p, of, coef);
		w += sizeof(wide_vec);
	}
	if (left > 0)
		add_one(w, p, of, coef);
}

void
grams_add(struct heads *h, const struct grams *p, const head_vec *coef)
{
	if (h->gram_inv != NULL)
		add_own(h, p, coef);
	else
		add(h, h->gram, p, h->root, coef);
}

void
grams_count(const struct heads *h, head_vec *table, const struct grams *p,
    const head_vec *coef)
{
	struct grams plain = *p;

	plain.scale = 1;
	add(h, table, &plain, h->count, coef);
}

void
grams_norm(const struct heads *h, const struct grams *p, double *out)
{
	double sq = (double)p->scale * (double)p->scale;
	size_t count = p->n, at;
	head_vec acc[HEAD_VECS];
	uint32_t i;
	float x;
	int c, v;

	if (h->gram_inv == NULL) {
		for (i = p->once; i < p->n; i++)
			count += PLACED_MORE(p->gram[i]);
		for (c = 0; c < h->nc; c++)
			out[c] += (double)count * sq * h->uniform_inv[c];
		return;
	}
	memset(acc, 0, sizeof(acc));
	for (i = 0; i < p->n; i++) {
		at = PLACED_AT(p->gram[i]) / PLACED_UNITS;
		x = (float)(PLACED_MORE(p->gram[i]) + 1);
		for (v = 0; v < h->nv; v++)
			acc[v] += x * h->gram_inv[at + (size_t)v];
	}
	for (c = 0; c < h->nc; c++)
		out[c] += (double)acc[c / HEAD_LANES][c % HEAD_LANES] * sq;
}
