/* SPDX-License-Identifier: BSD-2-Clause */
/* The dispatcher's metrics, and its row in the list of dispatchers. */
#ifndef DISPATCH_METER_H
#define DISPATCH_METER_H

#include <stdint.h>

#include "util/conf.h"

struct dispatcher;
struct meter;
struct run;

/*
 * Main thread, before others.  Nothing is counted where metrics are served
 * nowhere.
 */
void meter_open(const struct conf *);
/* Main thread.  NULL: they are served nowhere. */
struct meter *meter_start(const struct conf *);
/* NULL is allowed. */
void meter_stop(struct meter *);

/* Main thread. */
void meter_claimed(const struct run *);
/* `status` is the job's, in either face's words. */
void meter_ended(const struct run *, const char *status);
/* Runs and slots as they are now. */
void meter_runs(const struct dispatcher *);

/* Any thread: one try of a notification. */
void meter_told(int mail, const char *outcome, int64_t took_ms);

/* Main thread: tells the database that this dispatcher is there, or goes. */
void seen_tell(struct dispatcher *);
void seen_stop(struct dispatcher *);

#endif
