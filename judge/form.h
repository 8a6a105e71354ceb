/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last step from what the heads say to calibrated scores: one of several
 * monotone forms, fitted to what the heads say of evaluations that they have
 * not learned from, and chosen by the metric that the job names.
 *
 *	none	as it is
 *	bias	plus a constant
 *	linear	the least-squares line
 *	widen	mean and a share of the standard deviation, by `power`
 *	match	mean and standard deviation
 *	steps	isotonic regression
 *	logistic	Platt's curve, for labels at the two ends only
 */
#ifndef JUDGE_FORM_H
#define JUDGE_FORM_H

#include <stddef.h>
#include <stdint.h>

#include "judge/calib.h"
#include "judge/job.h"

enum form {
	FORM_NONE, FORM_WIDEN, FORM_MATCH, FORM_BIAS, FORM_LINEAR,
	FORM_STEPS, FORM_LOGISTIC
};

/* Those that are tried, in this order. */
#define FORM_TRIES	15
#define FORM_STRAIGHT	13	/* the first of them, which are lines */
/* Fewer labels tell nothing about a form. */
#define FORM_LEAST	40

/* One head: what it says honestly, what people say. */
struct form_head {
	size_t		 n;
	double		*z;
	double		*y;
	double		*w;
	uint8_t		*fold;		/* < RIDGE_FOLDS */
	size_t		*row;		/* of the fit (fit_row_at) */
	int		 fitted;	/* it has learned from these very rows */
	int		 left_out;	/* ... but for what it says of each */
};

struct form_try {
	enum form	form;
	double		power;		/* of FORM_WIDEN and FORM_MATCH */
	double		mae;		/* means over the heads, by ... */
	double		rmse;		/* ... cross-validation */
	double		kappa;
	double		spearman;
};

struct forms {
	struct form_try	try[FORM_TRIES];
	int		heads;		/* 0: too few labels to choose */
	size_t		labels;		/* of the head with the fewest */
	int		blind;		/* nothing honest to choose by */
	int		least;		/* the line with the least error */
	int		joint;		/* the line of all heads */
	int8_t		of[JUDGE_MAX_CRITERIA];	/* -1: not chosen */
	struct calib_line line[JUDGE_MAX_CRITERIA];
	struct score_map map[JUDGE_MAX_CRITERIA];
};

const char *form_word(enum form);
/* heads[nc]; n = 0 for one that takes no part. */
void forms_choose(const struct form_head *heads, int nc, enum optimize,
    struct forms *);

#endif
