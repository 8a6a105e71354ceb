/* SPDX-License-Identifier: BSD-2-Clause */
/* The metrics of validation results. */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "judge/metric.h"
#include "judge/rng.h"
#include "util/arena.h"

/* Different labels in all but so many draws: give up on nearly equal ones. */
#define DRAWS_PER_PAIR	20

struct place {
	double	x;
	size_t	i;
};

static int
place_cmp(const void *pa, const void *pb)
{
	const struct place *a = pa, *b = pb;

	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	return a->i < b->i ? -1 : a->i > b->i;
}

/* Ranks from 1; equal values share the mean of their places. */
static double *
ranks(struct arena *a, const double *x, size_t n)
{
	struct place *p = arena_alloc(a, n * sizeof(*p));
	double *r = arena_alloc(a, n * sizeof(*r));
	size_t i, j, k;

	for (i = 0; i < n; i++)
		p[i] = (struct place){ x[i], i };
	qsort(p, n, sizeof(*p), place_cmp);
	for (i = 0; i < n; i = j) {
		for (j = i + 1; j < n && p[j].x == p[i].x; j++)
			;
		for (k = i; k < j; k++)
			r[p[k].i] = (double)(i + j + 1) / 2;
	}
	return r;
}

static double
pearson(const double *a, const double *b, size_t n)
{
	double ma = 0, mb = 0, saa = 0, sbb = 0, sab = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		ma += a[i];
		mb += b[i];
	}
	ma /= (double)n;
	mb /= (double)n;
	for (i = 0; i < n; i++) {
		saa += (a[i] - ma) * (a[i] - ma);
		sbb += (b[i] - mb) * (b[i] - mb);
		sab += (a[i] - ma) * (b[i] - mb);
	}
	return saa > 0 && sbb > 0 ? sab / sqrt(saa * sbb) : NAN;
}

static double
grade(double score)
{
	return 1 + floor(score / 25 + 0.5);
}

/*
 * The divisor, the mean of (a_i - b_j)^2 over all i and j times n, needs only
 * sums; grades are small integers, so these are exact.
 */
static double
kappa(const double *label, const double *pred, size_t n)
{
	double sa = 0, sb = 0, saa = 0, sbb = 0, diff = 0, a, b, divisor;
	size_t i;

	for (i = 0; i < n; i++) {
		a = grade(label[i]);
		b = grade(pred[i]);
		sa += a;
		sb += b;
		saa += a * a;
		sbb += b * b;
		diff += (a - b) * (a - b);
	}
	divisor = saa + sbb - 2 * sa * sb / (double)n;
	return divisor > 1e-9 ? 1 - diff / divisor : NAN;
}

struct metric_pairs
metric_pairs_draw(struct arena *a, const double *label, size_t n,
    uint64_t seed)
{
	struct metric_pairs out = { NULL, 0 };
	uint32_t (*pair)[2];
	size_t i, j, cap, all, draws;
	struct rng rng;

	if (n < 2)
		return out;
	all = n * (n - 1) / 2;
	cap = all < METRIC_MAX_PAIRS ? all : METRIC_MAX_PAIRS;
	pair = arena_alloc(a, cap * sizeof(*pair));
	out.pair = (const uint32_t (*)[2])pair;
	if (all <= METRIC_MAX_PAIRS) {
		for (i = 0; i < n; i++)
			for (j = i + 1; j < n; j++)
				if (label[i] != label[j]) {
					pair[out.n][0] = (uint32_t)i;
					pair[out.n++][1] = (uint32_t)j;
				}
		return out;
	}
	rng_init(&rng, seed, n);
	for (draws = 0; draws < DRAWS_PER_PAIR * cap && out.n < cap; draws++) {
		i = (size_t)rng_below(&rng, n);
		j = (size_t)rng_below(&rng, n);
		if (label[i] != label[j]) {
			pair[out.n][0] = (uint32_t)i;
			pair[out.n++][1] = (uint32_t)j;
		}
	}
	return out;
}

static double
pairwise(const double *label, const double *pred, const struct metric_pairs *p)
{
	double good = 0, dl, dp;
	size_t k;

	for (k = 0; k < p->n; k++) {
		dl = label[p->pair[k][0]] - label[p->pair[k][1]];
		dp = pred[p->pair[k][0]] - pred[p->pair[k][1]];
		good += dp == 0 ? 0.5 : (dl > 0) == (dp > 0);
	}
	return p->n > 0 ? good / (double)p->n : NAN;
}

void
metric_compute(struct arena *a, const double *label, const double *pred,
    size_t n, const struct metric_pairs *pairs, struct metric *m)
{
	double abs_sum = 0, sq_sum = 0, d;
	size_t i;

	m->mae = m->rmse = m->spearman = m->kappa = NAN;
	m->pairwise = pairwise(label, pred, pairs);
	if (n == 0)
		return;
	for (i = 0; i < n; i++) {
		d = pred[i] - label[i];
		abs_sum += fabs(d);
		sq_sum += d * d;
	}
	m->mae = abs_sum / (double)n;
	m->rmse = sqrt(sq_sum / (double)n);
	if (n >= 3)
		m->spearman = pearson(ranks(a, label, n), ranks(a, pred, n),
		    n);
	m->kappa = kappa(label, pred, n);
}

double
metric_consistency(const double *x, const size_t *size, size_t groups)
{
	double all = 0, mean, within = 0, total = 0;
	size_t g, i, n = 0, at;

	for (g = 0; g < groups; g++)
		n += size[g];
	for (i = 0; i < n; i++)
		all += x[i];
	if (groups < 2)
		return NAN;
	all /= (double)n;
	for (g = 0, at = 0; g < groups; at += size[g++]) {
		for (mean = 0, i = 0; i < size[g]; i++)
			mean += x[at + i];
		mean /= (double)size[g];
		for (i = 0; i < size[g]; i++)
			within += (x[at + i] - mean) * (x[at + i] - mean);
	}
	for (i = 0; i < n; i++)
		total += (x[i] - all) * (x[i] - all);
	within /= (double)(n - groups);
	total /= (double)(n - 1);
	if (!(total > 1e-18))
		return NAN;
	return 1 - fmin(1, sqrt(within / total));
}
