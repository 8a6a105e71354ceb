/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inner loops over a row's grams, for head.c alone.  One thread a table.
 * Sums have the same order on every processor, and so the same bits.
 */
#ifndef JUDGE_GRAM_H
#define JUDGE_GRAM_H

#include "judge/head.h"

/* out[nv] += w x. */
void grams_dot(const struct heads *, const struct grams *, head_vec *out);
/* w += coef x, times 1 / P where each weight has a prior of its own. */
void grams_add(struct heads *, const struct grams *, const head_vec *coef);
/* out[nc] += x P^-1 x. */
void grams_norm(const struct heads *, const struct grams *, double *out);
/* table += coef times each gram's count; a table like the heads' own. */
void grams_count(const struct heads *, head_vec *table,
    const struct grams *, const head_vec *coef);

#endif
