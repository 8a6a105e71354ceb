/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Widening a fit.  Least squares predicts the mean of what people would say,
 * and means lie closer together than single judgements: scores come out
 * shrunken, and grades made of them agree worse with people's grades than the
 * error suggests.  Moving the standard deviation all the way up to that of
 * the labels would mend the grades at the price of the error.  We go three
 * fifths of the way, measured in logarithms,
 *
 *	k = (sd of labels / sd of fit) ^ 0.6, never below 1,
 *
 * less when few labels tell, about the mean, with the median residual moved
 * to zero.  base is itself a feature, so that the result is again a linear
 * head, and ranks within a criterion do not change.
 */
#ifndef JUDGE_SPREAD_H
#define JUDGE_SPREAD_H

#include <stddef.h>

#include "judge/model_int.h"

/* Labels at which half of the logarithm of k is believed. */
#define SPREAD_HALF	20
/* Fewer tell nothing about a standard deviation. */
#define SPREAD_MIN	10

/* A fit that is not widened. */
void spread_init(struct spread *);
/* k. */
double spread_factor(const struct spread *);
/*
 * Measures n fits and labels; `s` holds what was known before and gets what
 * is known now.  missing_base: mean of base - 50 where raw is missing.
 */
void spread_fit(struct spread *s, const double *fit, const double *label,
    size_t n, double missing_base);
/*
 * Puts the widening into criterion c's dense weights, or takes it out again.
 * Gram weights are to be multiplied by the result.
 */
double spread_apply(const struct spread *, int nc, int c, double *dense);
double spread_undo(const struct spread *, int nc, int c, double *dense);

#endif
