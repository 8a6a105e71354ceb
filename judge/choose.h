/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much a head may learn, decided before the first epoch by
 * cross-validation within the training part, whole groups at a time:
 *
 *	own	a straight line on the criterion's own raw score.  It never
 *		falls, so that the raw score's order is kept; with few labels
 *		its slope stays near 1, the raw score plus a constant.
 *	scores	the line, and a weight for every other feature of the scores
 *		and of the text's size, drawn to zero by the penalty lambda.
 *	pairs	the direction that puts most pairs of evaluations in the order
 *		in which people put them (logistic loss on the differences),
 *		scaled to people's scores; only when ranking is asked for.
 *
 * One choice serves all heads that have enough labels; the others stay with
 * their own line unless more is clearly better.  What is richer must predict
 * better, and must not rank worse than the line beyond what chance does.
 */
#ifndef JUDGE_CHOOSE_H
#define JUDGE_CHOOSE_H

#include <stdint.h>

#include "judge/model.h"

struct fit;

enum source { SOURCE_OWN, SOURCE_SCORES, SOURCE_PAIRS };

#define CHOOSE_LAMBDAS	8
#define CHOOSE_MAX	(CHOOSE_LAMBDAS + 2)

/* One thing that was tried; metrics are means over the joint heads. */
struct source_try {
	enum source	source;
	double		lambda;		/* of SOURCE_SCORES */
	double		mae;
	double		rmse;
	double		spearman;
	double		kappa;
};

struct choice {
	int		 n;		/* tries; 0: nothing to choose from */
	struct source_try try[CHOOSE_MAX];
	int		 joint;		/* of the heads with enough labels */
	int		 njoint;	/* how many those are */
	int8_t		 of[JUDGE_MAX_CRITERIA]; /* -1: not chosen */
	double		 slope[JUDGE_MAX_CRITERIA]; /* of the own line */
	/*
	 * [rows][nc], rows as fit_row_at: base + head by a fit that has not
	 * seen the row's group; NAN where nothing was tried.  NULL without
	 * texts.
	 */
	double		*oof;
};

const char *source_word(enum source);
/*
 * Chooses for every head that learns and has labels of its own, and sets
 * where its priors draw it to, and how strongly.  The fit has no base version.
 */
void choose(struct fit *, struct choice *);
void choice_free(struct choice *);

#endif
