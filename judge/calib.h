/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Monotone maps from what a head says to what people would say.  A straight
 * one goes into the head's weights; steps and the logistic curve stay beside
 * them and are applied when scoring.
 */
#ifndef JUDGE_CALIB_H
#define JUDGE_CALIB_H

#include <stddef.h>

#include "judge/model_int.h"

/* A straight line: out = a + b * in. */
struct calib_line {
	double	a;
	double	b;
};

/*
 * Each takes n points z (what the head says), y (what people say) and w, the
 * weight of each; n >= 1.
 */
struct calib_line calib_bias(const double *z, const double *y,
    const double *w, size_t n);
/* Least squares; the slope is never negative. */
struct calib_line calib_linear(const double *z, const double *y,
    const double *w, size_t n);
/*
 * Moves the mean to that of y and the standard deviation the share `power`
 * of the way there, in logarithms: 1 is the whole match.  Narrows nothing:
 * 1 <= b <= most.
 */
#define CALIB_WIDEST	4.0
struct calib_line calib_match(const double *z, const double *y,
    const double *w, size_t n, double power, double most);

/*
 * The isotonic regression of y on z: the non-decreasing function with the
 * least squared error, constant beyond its ends and straight between the
 * means of its steps.  Steps that differ by less than anybody sees, and more
 * than MODEL_KNOTS of them, are joined.
 */
void calib_isotonic(const double *z, const double *y, const double *w,
    size_t n, struct score_map *);
/* 100 / (1 + exp(-(a + b z))), Platt's fit with his cautious targets. */
void calib_platt(const double *z, const double *y, const double *w, size_t n,
    struct score_map *);
/* Nearly all labels lie at the two ends, and both ends occur. */
int calib_binary(const double *y, size_t n);

#endif
