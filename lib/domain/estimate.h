/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a judge job will take.  The pace is the time that one usable
 * entry, epoch and criterion costs on this site; it begins as a guess and
 * follows the completed jobs.
 */
#ifndef DOMAIN_ESTIMATE_H
#define DOMAIN_ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

#include "store/db.h"
#include "store/store_judge_job.h"

#define PACE_FIRST	0.00002		/* seconds, before any job */

struct pace;

struct pace *pace_new(void);
void pace_free(struct pace *);
/*
 * Any thread.  Seconds; asks the database once a minute at most.  When it
 * cannot be asked the last answer stays: no job fails for an estimate.
 */
double pace_seconds(struct pace *, struct db *, struct arena *);

/* The pure rules.  The mean of these jobs, weighted by their work. */
double pace_mean(const struct judge_work *, size_t n);
/* Whole minutes, at least 1. */
int64_t estimate_minutes(double pace, int64_t usable, int64_t epochs,
    int64_t criteria);

#endif
