/* SPDX-License-Identifier: BSD-2-Clause */
/* How rows of judges and of their versions are read, inside the store. */
#ifndef STORE_JUDGE_ROW_H
#define STORE_JUDGE_ROW_H

#include "store/db.h"
#include "store/store_judge.h"

/* An array column; its statement promises one that is not NULL. */
char **col_array(const struct rows *, int row, int col, struct arena *,
    int *n);
/* Ids, names, descriptions, weights and newness: arrays from `col` on. */
struct criterion *col_criteria(const struct rows *, int row, int col,
    struct arena *, int *n);

#endif
