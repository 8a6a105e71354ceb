/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ridge regression of a criterion's labels on the dense features in closed
 * form, for cross-validation: sums are gathered for each fold, and a fold is
 * left out by taking its sums away.
 */
#ifndef JUDGE_RIDGE_H
#define JUDGE_RIDGE_H

#include <stddef.h>
#include <stdint.h>

#define RIDGE_FOLDS	10

/* The fold of a group by its place u in the split: all of it in one. */
uint8_t fold_of(double u);

/* Weighted sums over the rows of one fold, or of all. */
struct ridge_sums {
	double	 w;		/* weights */
	double	 b, y;		/* base and label */
	double	 bb, by, yy;
	double	 n;		/* rows */
	double	*xx;		/* [nd][nd], lower triangle */
	double	*xy;		/* [nd] */
	double	*xb;		/* [nd] */
};

/* out = a + slope * base. */
struct ridge_line {
	double	a;
	double	slope;
};

void ridge_init(struct ridge_sums *, size_t nd);
void ridge_free(struct ridge_sums *);
void ridge_add(struct ridge_sums *, const double *x, size_t nd, double base,
    double y, double weight);
/* all += fold. */
void ridge_sum(struct ridge_sums *all, const struct ridge_sums *fold,
    size_t nd);
/* out = all - fold; out was initialised. */
void ridge_without(struct ridge_sums *out, const struct ridge_sums *all,
    const struct ridge_sums *fold, size_t nd);
/*
 * What n criteria's sums say together of the slope: drawn to 1, the raw
 * judge's, the more the labels scatter.
 */
double ridge_slope_pooled(const struct ridge_sums *const *, size_t n);
/* The criterion's own line, drawn to the pooled slope likewise. */
struct ridge_line ridge_own(const struct ridge_sums *, double pooled);
/*
 * Weights of what the line leaves: the constant is drawn to zero by
 * `constant`, all others by lambda.  work: [nd][nd].
 */
void ridge_solve(const struct ridge_sums *, size_t nd, struct ridge_line,
    double constant, double lambda, double *work, double *out);

#endif
