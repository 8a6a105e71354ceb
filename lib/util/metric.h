/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters, gauges and histograms of this process, from metric.tbl.h, and
 * their text as Prometheus reads it.  Counting takes no lock: each cell is an
 * atomic of its own.  What is not opened is not counted, and costs a look at
 * a pointer.
 */
#ifndef UTIL_METRIC_H
#define UTIL_METRIC_H

#include <stdint.h>

#include "util/buf.h"

enum metric {
#define METRIC(sym, name, type, programs, labels, help) METRIC_##sym,
#include "util/metric.tbl.h"
#undef METRIC
	METRIC__MAX
};

/* A metric with labels has a cell for each combination: cell 0, 1, ... */
typedef void metric_labels(struct buf *, unsigned int cell);

/*
 * Opens the metrics of a program ('F', 'D') that have no labels, and those
 * of the process.  Main thread, before others.
 */
void metric_open(char program, const char *name);
/*
 * Opens one with labels, which `fn` writes with metric_label.  When `sparse`
 * only cells that were touched are shown.  Main thread, before others.
 */
void metric_open_cells(enum metric, unsigned int cells, metric_labels *fn,
    int sparse);
/* One of a fixed list of words, ended by NULL, for one label. */
void metric_open_words(enum metric, const char *const *words);
/* Appends name="value", with a comma before all but the first. */
void metric_label(struct buf *, const char *name, const char *value);

/* Any thread. */
void metric_add(enum metric, unsigned int cell, uint64_t);
void metric_set(enum metric, unsigned int cell, double);
void metric_seen(enum metric, unsigned int cell, double);
/* Seconds since a point of ts_mono(). */
void metric_since(enum metric, unsigned int cell, int64_t began);
/* The cell of a word in the list that it was opened with; -1: none. */
int metric_word(enum metric, const char *word);

/* All that is open, in the text format 0.0.4.  One thread at a time. */
void metric_write(struct buf *);

/* The table, for documents. */
struct metric_about {
	const char	*name;
	const char	*type;		/* counter, gauge, histogram */
	const char	*programs;
	const char	*labels;
	const char	*help;
};
extern const struct metric_about metric_table[METRIC__MAX];

#endif
