/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A straight form (form.h) that is put into a head: base is itself a feature,
 * so that a line on base + head is again a linear head.  Least squares
 * predicts the mean of what people would say, and means lie closer together
 * than single judgements: mostly the line widens the fit again.  A warm start
 * takes it out, learns, and puts the next one in, mixed with the old by the
 * labels behind each.
 */
#ifndef JUDGE_SPREAD_H
#define JUDGE_SPREAD_H

#include <stddef.h>

#include "judge/calib.h"

/* Labels at which half of a widening is believed. */
#define SPREAD_HALF	20
/* The line that changes nothing. */
void spread_init(struct spread *);
/* k, its slope. */
double spread_factor(const struct spread *);
/*
 * Takes a line that n labels have told; `s` holds what was known before and
 * gets what is known now.  pivot: the mean of the fits, which the line moves
 * to where it says; missing_base: mean of base - 50 where raw is missing.
 */
void spread_line(struct spread *, struct calib_line, double pivot, size_t n,
    double missing_base);
/*
 * Puts the line into criterion c's dense weights, or takes it out again.
 * Gram weights are to be multiplied by the result.
 */
double spread_apply(const struct spread *, int nc, int c, double *dense);
double spread_undo(const struct spread *, int nc, int c, double *dense);

#endif
