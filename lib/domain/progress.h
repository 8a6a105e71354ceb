/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Progress events: what a runner prints or posts, checked, and folded into
 * one report for the database.
 */
#ifndef DOMAIN_PROGRESS_H
#define DOMAIN_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

#include "store/store_attempt.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/jv.h"

#define PROGRESS_TEXT_MAX	16384	/* characters of message and error */
#define PROGRESS_KEYS_MAX	1000	/* metrics in one event */
#define PROGRESS_NAME_MAX	1000	/* bytes of a metric's name */
#define PROGRESS_POINTS		100000	/* newest points kept of a series */

/* PROGRESS(symbol, word) */
#define PROGRESS_TABLE \
	PROGRESS(TRAINING_START, "training_start") \
	PROGRESS(STEP_COMPLETE, "step_complete") \
	PROGRESS(EVAL_COMPLETE, "eval_complete") \
	PROGRESS(CHECKPOINT_SAVED, "checkpoint_saved") \
	PROGRESS(TRAINING_ERROR, "training_error") \
	PROGRESS(TRAINING_END, "training_end")

enum progress_type {
#define PROGRESS(sym, word) PROGRESS_##sym,
	PROGRESS_TABLE
#undef PROGRESS
	PROGRESS__MAX
};

/* As in trainyard.job_log. */
enum progress_level {
	LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARNING, LEVEL_ERROR
};

/* One event; texts belong to the tree it was read from. */
struct progress {
	enum progress_type	 type;
	enum progress_level	 level;
	const char		*message;	/* NULL: none */
	const char		*error;		/* NULL: none */
	const struct jv		*metrics;	/* NULL: none, all three */
	const struct jv		*data;
	const struct jv		*artifacts;
};

const char *progress_word(enum progress_type);
/* Ends the attempt: training_end and training_error. */
int progress_terminal(enum progress_type);
/*
 * Checks an event and takes it apart.  NULL, or what is wrong with it, as
 * "metrics: must be an object" in the arena.  `nul`: the text holds \u0000
 * somewhere, which no column takes.
 */
const char *progress_read(struct arena *, const struct jv *, int nul,
    struct progress *);
/* The reason that a training_error gives. */
const char *progress_failure(const struct progress *);
/* data.step, or -1. */
int64_t progress_step(const struct progress *);

/*
 * Many events and lines as one report.  Arrays of metrics are appended to
 * their series, scalars replace; a terminal event replaces both.
 */
struct fold;

struct fold *fold_new(struct arena *);
void fold_line(struct fold *, enum progress_level, const char *message,
    const char *data);
/*
 * Metrics, artifacts, checkpoint and, with lines, the event's own log line
 * and row of metrics.
 */
void fold_event(struct fold *, const struct progress *, int lines);
/* Log lines and different metrics so far: when to begin another. */
size_t fold_size(const struct fold *);
/* Points of all series in it. */
int64_t fold_points(const struct fold *);
/* Fills in what the fold knows of a report; it is not used afterwards. */
void fold_report(struct fold *, struct report *);

#endif
