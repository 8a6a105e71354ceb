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

/*
 * What people said, with what serves every prediction that is compared with
 * it: ranks, and pairs of labels that differ.  Without either, the metrics
 * that need them are undefined.
 */
struct metric_labels {
	const double	*y;
	size_t		 n;
	const double	*rank;
	const uint32_t	(*pair)[2];
	size_t		 npairs;
};

/* The labels, ranked; y must outlive what is returned. */
struct metric_labels metric_labels(struct arena *, const double *y, size_t n);
/*
 * Adds all pairs of different labels, or METRIC_MAX_PAIRS of them drawn with
 * the seed (with replacement) when there are more.
 */
void metric_pairs_draw(struct arena *, struct metric_labels *, uint64_t seed);
void metric_compute(struct arena *, const struct metric_labels *,
    const double *pred, struct metric *);
/* Rank correlation alone. */
double metric_spearman(struct arena *, const struct metric_labels *,
    const double *pred);

/*
 * 1 - min(1, s_w / s_t) over groups of scores of the same content: x holds
 * them one group after the other, size[g] > 1 each.  NAN with fewer than two
 * groups or when all are equal.
 */
double metric_consistency(const double *x, const size_t *size, size_t groups);

#endif
