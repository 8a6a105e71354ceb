/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which entries of feedback a judge job uses: the rules of the contract over
 * numbers that the store reads.  Pure; any thread.
 *
 * A selection is a range of numbers, and for jobs with target criteria only
 * the entries of the touch sets that meet them.
 */
#ifndef DOMAIN_SELECTION_H
#define DOMAIN_SELECTION_H

#include <stddef.h>
#include <stdint.h>

#include "domain/judge_config.h"
#include "store/store_judge_job.h"

/*
 * The first number of the range, 1..last + 1.  since: the first entry not
 * before the cutoff (0: none is), of no interest without a cutoff.
 */
int64_t selection_first(enum training_type, int has_cutoff, int64_t since,
    const struct judge_basis *);
/* All feedback: the judge's own counters are the summary. */
void selection_all(struct feedback_summary *, const struct judge_basis *);
/* Everything from `first` on. */
void selection_range(struct feedback_summary *, const struct judge_basis *,
    int64_t first, const struct feedback_end *);
/* From `first` on, in these touch sets.  The literal is in the arena. */
void selection_shares(struct feedback_summary *, const struct judge_basis *,
    int64_t first, const struct feedback_share *, size_t n, struct arena *);

int64_t selection_total(const struct feedback_summary *);
/* Corrections, ratings and approvals: what makes a label. */
int64_t selection_usable(const struct feedback_summary *);

#endif
