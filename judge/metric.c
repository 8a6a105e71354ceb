/* SPDX-License-Identifier: BSD-2-Clause */
/* The metrics of validation results. */
#include "config.h"

#include <math.h>

#include "judge/metric.h"
#include "judge/order.h"
#include "judge/rng.h"
#include "util/arena.h"

/* Different labels in all but so many draws: give up on nearly equal ones. */
#define DRAWS_PER_PAIR	20

/* Ranks from 1; equal values share the mean of their places. */
static double *
ranks(struct arena *a, const double *x, size_t n)
{
	struct order *o = arena_alloc(a, 2 * n * sizeof(*o));
	double *r = arena_alloc(a, n * sizeof(*r));
	size_t i, j, k;

	for (i = 0; i < n; i++)
		o[i] = (struct order){ order_key(x[i]), i };
	order_sort(o, o + n, n);
	for (i = 0; i < n; i = j) {
		for (j = i + 1; j < n && o[j].key == o[i].key; j++)
			;
		for (k = i; k < j; k++)
			r[o[k].at] = (double)(i + j + 1) / 2;
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

struct metric_labels
metric_labels(struct arena *a, const double *y, size_t n)
{
	return (struct metric_labels){ .y = y, .n = n, .rank = ranks(a, y,
	    n) };
}

void
metric_pairs_draw(struct arena *a, struct metric_labels *l, uint64_t seed)
{
	size_t i, j, cap, all, draws, n = l->n;
	const double *y = l->y;
	uint32_t (*pair)[2];
	struct rng rng;

	l->npairs = 0;
	if (n < 2)
		return;
	all = n * (n - 1) / 2;
	cap = all < METRIC_MAX_PAIRS ? all : METRIC_MAX_PAIRS;
	pair = arena_alloc(a, cap * sizeof(*pair));
	l->pair = (const uint32_t (*)[2])pair;
	if (all <= METRIC_MAX_PAIRS) {
		for (i = 0; i < n; i++)
			for (j = i + 1; j < n; j++)
				if (y[i] != y[j]) {
					pair[l->npairs][0] = (uint32_t)i;
					pair[l->npairs++][1] = (uint32_t)j;
				}
		return;
	}
	rng_init(&rng, seed, n);
	for (draws = 0; draws < DRAWS_PER_PAIR * cap && l->npairs < cap;
	    draws++) {
		i = (size_t)rng_below(&rng, n);
		j = (size_t)rng_below(&rng, n);
		if (y[i] != y[j]) {
			pair[l->npairs][0] = (uint32_t)i;
			pair[l->npairs++][1] = (uint32_t)j;
		}
	}
}

static double
pairwise(const struct metric_labels *l, const double *pred)
{
	double good = 0, dl, dp;
	size_t k;

	for (k = 0; k < l->npairs; k++) {
		dl = l->y[l->pair[k][0]] - l->y[l->pair[k][1]];
		dp = pred[l->pair[k][0]] - pred[l->pair[k][1]];
		good += dp == 0 ? 0.5 : (dl > 0) == (dp > 0);
	}
	return l->npairs > 0 ? good / (double)l->npairs : NAN;
}

double
metric_spearman(struct arena *a, const struct metric_labels *l,
    const double *pred)
{
	if (l->n < 3 || l->rank == NULL)
		return NAN;
	return pearson(l->rank, ranks(a, pred, l->n), l->n);
}

void
metric_compute(struct arena *a, const struct metric_labels *l,
    const double *pred, struct metric *m)
{
	double abs_sum = 0, sq_sum = 0, d;
	size_t i;

	m->mae = m->rmse = m->kappa = NAN;
	m->pairwise = pairwise(l, pred);
	m->spearman = metric_spearman(a, l, pred);
	if (l->n == 0)
		return;
	for (i = 0; i < l->n; i++) {
		d = pred[i] - l->y[i];
		abs_sum += fabs(d);
		sq_sum += d * d;
	}
	m->mae = abs_sum / (double)l->n;
	m->rmse = sqrt(sq_sum / (double)l->n);
	m->kappa = kappa(l->y, pred, l->n);
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
