/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of the report's page. */
#ifndef JUDGE_REPORT_PAGE_H
#define JUDGE_REPORT_PAGE_H

#include "judge/report.h"

/* The page up to its title: how it looks. */
extern const char report_head[];

/* A number; a dash for none. */
void report_number(struct buf *, double x, int digits);
/* What was tried and chosen; nothing after a validation. */
void report_tried(const struct report *, struct buf *);

#endif
