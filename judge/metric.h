/* SPDX-License-Identifier: BSD-2-Clause */
/* How well predictions agree with labels. */
#ifndef JUDGE_METRIC_H
#define JUDGE_METRIC_H

#include <stddef.h>
#include <stdint.h>

struct arena;

#define METRIC_MAX_PAIRS	200000

/* NAN where undefined. */
struct metric {
	double	mae;
	double	rmse;
	double	spearman;
	double	kappa;		/* quadratic weighted, over grades 1..5 */
	double	pairwise;
};

/* Pairs of labels that differ; the same ones serve every column. */
struct metric_pairs {
	const uint32_t	(*pair)[2];
	size_t		 n;
};

/*
 * All pairs of different labels, or METRIC_MAX_PAIRS of them drawn with the
 * seed (with replacement) when there are more.
 */
struct metric_pairs metric_pairs_draw(struct arena *, const double *label,
    size_t n, uint64_t seed);
void metric_compute(struct arena *, const double *label, const double *pred,
    size_t n, const struct metric_pairs *, struct metric *);

/*
 * 1 - min(1, s_w / s_t) over groups of scores of the same content: x holds
 * them one group after the other, size[g] > 1 each.  NAN with fewer than two
 * groups or when all are equal.
 */
double metric_consistency(const double *x, const size_t *size, size_t groups);

#endif
