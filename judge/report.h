/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report on one judge job, for people: what was chosen and why, and how
 * the scores compare with what people say on the held-out part.  As JSON, and
 * as one HTML page that needs nothing else.  Both hold ids and numbers, never
 * content or who said what.  The same training gives the same bytes.
 */
#ifndef JUDGE_REPORT_H
#define JUDGE_REPORT_H

#include <stddef.h>

#include "judge/fit.h"
#include "judge/results.h"

struct arena;
struct buf;

#define REPORT_BINS	10	/* of a calibration curve */
#define REPORT_BINS_EACH	5	/* of one criterion's */
#define REPORT_BIN_LEAST	8	/* labels in one */
#define REPORT_ERRORS	40	/* bars of the histogram ... */
#define REPORT_ERROR_WIDTH	5	/* ... and points in each */
#define REPORT_WORST	20

/* Evaluations that a column scores alike, and what people say of them. */
struct report_bin {
	double	said;
	double	people;
	size_t	n;
};

struct report_curve {
	int			n;
	struct report_bin	bin[REPORT_BINS];
};

/* c: criteria.n is the overall rating. */
struct report_worst {
	size_t	row;
	int	c;
	double	people;
	double	said;
	double	raw;
};

struct report {
	struct arena		*arena;
	const struct results	*r;
	const struct job	*job;
	const struct data	*d;
	const struct fit	*f;		/* NULL: a validation */
	int			 best_epoch;
	int			 nheads;	/* criteria with labels held out */
	int			 head[JUDGE_MAX_CRITERIA];
	struct metric		 mean[COL__MAX]; /* over those criteria */
	struct report_curve	 pooled[COL__MAX];
	struct report_curve	 each[JUDGE_MAX_CRITERIA][COL__MAX];
	size_t			 error[COL__MAX][REPORT_ERRORS];
	int			 nworst;
	struct report_worst	 worst[REPORT_WORST];
	size_t			 rows[3];	/* by enum part */
	size_t			 labels[3];
};

/* fit, trained: NULL for a validation.  Everything lies in the arena. */
struct report *report_new(struct arena *, const struct results *,
    const struct fit *, const struct judge_model *trained);
/* Whether a column is told of apart. */
int report_shown(const struct report *, enum column);
/* What people call a column. */
const char *report_column(enum column);
/* One sentence each: how much the heads learn, and what follows. */
const char *report_why_source(const struct report *);
const char *report_why_form(const struct report *);
/* The name of a criterion, or of the overall rating. */
const char *report_name(const struct report *, int c);
void report_json(const struct report *, struct buf *);
void report_html(const struct report *, struct buf *);

#endif
