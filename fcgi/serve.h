/* SPDX-License-Identifier: BSD-2-Clause */
/* The request threads: accept, answer, again. */
#ifndef FCGI_SERVE_H
#define FCGI_SERVE_H

#include "fcgi/app.h"

struct crew;

/* Starts conf->threads threads; returns when all wait for requests. */
struct crew *crew_start(struct app *);
/*
 * Main thread.  Gives memory back that large requests have left; frees
 * threads that have been reading from a silent peer for far too long; returns
 * 1 while some thread makes progress, 0 when none has for as long (the
 * watchdog should then not be fed).
 */
int crew_check(struct crew *);
/* Any thread: request threads now, for metrics. */
void crew_count(const struct crew *, int *busy, int *idle);
/*
 * Main thread: asks all threads to finish what they have and waits for at
 * most `seconds`.  0, or the number of threads still busy.
 */
int crew_stop(struct crew *, int seconds);

#endif
