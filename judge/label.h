/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What people said about one evaluation, turned into numbers to learn from:
 * the mean of what each entry says about a criterion, or about the overall
 * score, with the number of entries as its weight.
 */
#ifndef JUDGE_LABEL_H
#define JUDGE_LABEL_H

#include <stdint.h>

#include "judge/job.h"

struct jv;

#define LABEL_MAX_WEIGHT	5

/* Index criteria.n is the overall rating. */
struct labels {
	double	sum[JUDGE_MAX_CRITERIA + 1];
	int	n[JUDGE_MAX_CRITERIA + 1];
};

void labels_init(struct labels *);
/*
 * Adds one feedback entry.  A correction labels its criteria, a rating r its
 * target criteria or else the overall score with (r - 1) * 25, an approval
 * its target criteria or else all with the scores that were `shown`;
 * rejections and comments label nothing.  Criteria that are not in the list
 * are skipped.  NULL, or what is wrong with the entry.
 */
const char *labels_add(struct labels *, const struct criteria *,
    const struct jv *entry, const struct jv *shown);
/* Adds what another entry said. */
void labels_merge(struct labels *, const struct labels *,
    const struct criteria *);
/*
 * y[criteria.n + 1] and the weights, 0 where there is no label.  Returns the
 * number of labels.
 */
int labels_get(const struct labels *, const struct criteria *, double *y,
    uint8_t *weight);

#endif
