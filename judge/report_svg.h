/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report's drawings: inline SVG whose colours are the page's (classes
 * trained, active, raw, bias).  Each appends one element.
 */
#ifndef JUDGE_REPORT_SVG_H
#define JUDGE_REPORT_SVG_H

#include <stddef.h>

struct buf;
struct report;
struct report_curve;

/* Appends text with & < > " ' as references; NULL: nothing. */
void html_text(struct buf *, const char *);
/* Mean error by epoch, where training and stopping looked. */
void svg_learning(const struct report *, struct buf *);
/*
 * What was said against what people say; curve: [COL__MAX].  A small one has
 * fewer marks.
 */
void svg_calibration(const struct report *, const struct report_curve *,
    int small, struct buf *);
/* How often errors of each size occur. */
void svg_errors(const struct report *, struct buf *);
/* The mean error of each criterion, all columns on one line; no SVG. */
void html_heads(const struct report *, struct buf *);

/* One of several that were tried. */
struct svg_point {
	double		 x;		/* mean error */
	double		 y;		/* kappa */
	const char	*name;
	int		 linked;	/* by a line, in their order */
	int		 told;		/* by name, which marks have anyway */
	int		 pick;
};

/* Error and agreement of n that were tried. */
void svg_trade(const struct svg_point *, size_t n, struct buf *);

#endif
