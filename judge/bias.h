/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control that every model must beat: raw scores plus one constant per
 * head.  The training part is all that is not held out, whether or not early
 * stopping sets some of it apart.
 */
#ifndef JUDGE_BIAS_H
#define JUDGE_BIAS_H

#include <stddef.h>

struct data;

/*
 * The overall label of evaluation i: the mean overall rating, else the
 * weighted mean of its labels when every criterion has one.  1 and *y, or 0.
 */
int overall_label(const struct data *, size_t i, const double *weight,
    double *y);
/*
 * constant[criteria + 1]: the mean of label - raw over the training part, 0
 * where it has no label; the last is for the overall score.
 */
void bias_fit(const struct data *, const double *weight, double *constant);

#endif
