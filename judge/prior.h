/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How strongly weights are drawn back to where they started, in units of one
 * label's noise: P = noise variance / variance that a weight is believed to
 * have.
 */
#ifndef JUDGE_PRIOR_H
#define JUDGE_PRIOR_H

#include <stddef.h>
#include <stdint.h>

struct fit;

/* Of a gram, when too few texts tell. */
#define PRIOR_TEXT	10.0

/*
 * Of dense feature j among nc criteria.  The constant is nearly free; the
 * scores share a fixed amount of belief, however many there are.
 */
double prior_dense(int nc, size_t j);
/*
 * After a feature was seen so often (a sum of weight * x^2 for dense ones, of
 * weight * count for grams) its start is worth more: by the root, as in
 * AdaGrad, so that old feedback steadies but never silences new.
 */
double prior_seen(double prior, double seen);
/*
 * out[nc]: one precision for all grams of a head, from how alike the
 * residuals of similar texts are (Haseman and Elston's regression): where
 * texts explain nothing it is high, where they explain much it is low.
 * Residuals are those of a fit without text from the heads' present start,
 * which is put back afterwards.  measured[nc]: 0 where too few labelled texts
 * leave only the belief.  The same for the same fit.
 */
void prior_text(struct fit *, double *out, uint8_t *measured);

#endif
