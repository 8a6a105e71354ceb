/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * People differ in how strict they are.  Where feedback says who gave it,
 * each person has an offset for each criterion: the mean of what is left of
 * their scores beyond a line on the judge's, believed as far as people differ
 * more than chance (one-way random effects).  Labels are learned from without
 * it; scoring and measuring know nothing of it.
 */
#ifndef JUDGE_RATER_H
#define JUDGE_RATER_H

#include <stddef.h>

struct data;

/*
 * offset[n] of n people from the residuals r of m entries by who[m]: shrunken
 * to zero, and zero on average over the entries.
 */
void rater_offsets(const double *r, const int *who, size_t m, int n,
    double *offset);
/*
 * Takes the offsets out of the labels that are learned from; the labels as
 * they were said stay in data.told.
 */
void raters_adjust(struct data *);

#endif
