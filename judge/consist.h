/* SPDX-License-Identifier: BSD-2-Clause */
/* How alike a version scores the same content given repeatedly. */
#ifndef JUDGE_CONSIST_H
#define JUDGE_CONSIST_H

#include <signal.h>
#include <stddef.h>

#include "judge/job.h"

#define CONSIST_PER_GROUP	20
#define CONSIST_GROUPS		5000

struct consistency {
	double	score;		/* NAN where undefined */
	size_t	groups;
};

/*
 * Scores the evaluations of the job's consistency file, newest first, with
 * `model` (NULL: raw): the first 20 of each of the first 5000 groups that
 * occur; groups left with one evaluation do not count.  0; -1 with the reason
 * in errbuf; 1 when *stop became non-zero.
 */
int consist_read(const struct job *, const struct judge_model *,
    const volatile sig_atomic_t *stop, struct consistency *, char *errbuf,
    size_t errlen);

#endif
