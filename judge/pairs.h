/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A direction in the dense features that puts pairs in people's order: the
 * logistic loss on differences of rows whose labels differ.
 */
#ifndef JUDGE_PAIRS_H
#define JUDGE_PAIRS_H

#include <stddef.h>
#include <stdint.h>

#define PAIRS_FOLDS	5	/* divides RIDGE_FOLDS */

struct pair_row {
	const double	*x;	/* [nd] */
	double		 y;
	double		 weight;
};

/*
 * w[nd]: w x is the score that people would give, as well as the direction
 * tells.  n >= 1.  Pairs are drawn with the seed: the same every time.
 */
void pairs_fit(const struct pair_row *, size_t n, size_t nd, uint64_t seed,
    double *w);

#endif
