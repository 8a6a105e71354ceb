/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Progress events on standard output: one JSON object a line, flushed at
 * once.  Standard output that cannot be written ends the process: nobody
 * would learn of the result.  Not for several threads.
 */
#ifndef JUDGE_EVENT_H
#define JUDGE_EVENT_H

#include <stddef.h>

#include "judge/consist.h"
#include "judge/data.h"

struct fit;

void event_start(const struct job *, const struct data *);
/* The epoch that fit has finished last. */
void event_step(const struct fit *);
void event_checkpoint(const struct fit *, const char *path, int number);
/* Training is over, measuring begins. */
void event_eval(const struct fit *);
/* fit, trained, path: NULL for a validation. */
void event_end(const struct job *, const struct data *, const struct fit *,
    const struct judge_model *trained, const struct consistency *,
    const char *path);
/* text: one line, without content or secrets. */
void event_error(const char *error_type, const char *text);

#endif
