/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Progress events on standard output: one JSON object a line, flushed at
 * once.  Standard output that cannot be written ends the process: nobody
 * would learn of the result.  Not for several threads.
 */
#ifndef JUDGE_EVENT_H
#define JUDGE_EVENT_H

#include "judge/data.h"
#include "judge/results.h"

struct fit;

void event_start(const struct job *, const struct data *);
/* The epoch that fit has finished last. */
void event_step(const struct fit *);
void event_checkpoint(const struct fit *, const char *path, int number);
/* Training is over, measuring begins. */
void event_eval(const struct fit *);
/*
 * The end.  fit, trained, model: NULL for a validation.  The paths of the
 * reports are NULL when they could not be written.
 */
struct event_files {
	const char	*model;
	const char	*report;
	const char	*report_html;
};
void event_end(const struct results *, const struct fit *,
    const struct judge_model *trained, const struct event_files *);
/* text: one line, without content or secrets. */
void event_error(const char *error_type, const char *text);

#endif
