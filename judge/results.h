/* SPDX-License-Identifier: BSD-2-Clause */
/* validation_results: every metric beside its controls. */
#ifndef JUDGE_RESULTS_H
#define JUDGE_RESULTS_H

#include <stddef.h>

#include "judge/consist.h"
#include "judge/data.h"

struct jw;

/* Evaluations in `data` that are measured. */
size_t results_holdout(const struct data *);
/*
 * Writes the object (a value: the caller has written the key).  `trained` is
 * the new model; NULL for a validation, which has no such column and where
 * `bias` leaves out the label that it predicts.
 */
void results_write(struct jw *, const struct job *, const struct data *,
    const struct judge_model *trained, const struct consistency *);

#endif
