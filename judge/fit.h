/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One training: epochs over the evaluations of a job until the last one or
 * until early stopping, then a model.  Deterministic: the same job, data and
 * base model give the same bytes, also across a checkpoint.  One thread.
 */
#ifndef JUDGE_FIT_H
#define JUDGE_FIT_H

#include <stddef.h>
#include <stdint.h>

#include "judge/choose.h"
#include "judge/data.h"
#include "judge/form.h"
#include "judge/head.h"
#include "judge/job.h"
#include "judge/model_int.h"

#define FIT_PATIENCE	5	/* epochs without ... */
#define FIT_GAIN	0.01	/* ... so many points less error */

struct fit {
	const struct job *job;
	struct data	*d;		/* grams of rows not held: positions */
	const struct judge_model *base;	/* warm start, or NULL */
	int		 from[JUDGE_MAX_CRITERIA]; /* head of base, or -1 */
	struct heads	*h;
	uint32_t	*bucket;	/* [h->nb]: of each position */
	size_t		*train;		/* rows learned from */
	size_t		 ntrain;
	size_t		*inner;		/* rows watched */
	size_t		 ninner;
	size_t		*order;		/* [ntrain]: this epoch's */
	double		*norm;		/* [ntrain][nc] */
	double		*alpha;		/* [ntrain][nl]; see row_labels */
	double		*said;		/* [ntrain][nc] */
	uint8_t		*calm;		/* [ntrain] */
	uint8_t		*rest;		/* [ntrain] */
	double		 bias[JUDGE_MAX_CRITERIA + 1];
	double		 text_prior[JUDGE_MAX_CRITERIA];
	uint8_t		 text_known[JUDGE_MAX_CRITERIA]; /* measured once */
	double		 rate;
	double		*first;		/* dense weights before any epoch */
	struct choice	 choice;	/* made before the first epoch */
	struct forms	 forms;		/* made by fit_model */
	int		 rerun;		/* by fit_model: all rows learned */
	int		 text_dropped;	/* by fit_model: texts did not help */
	/* What a checkpoint keeps, with h's and the rows' state. */
	int		 epoch;		/* finished ones */
	int		 done;
	int		 best_epoch;
	double		 best_error;	/* NAN: nothing is watched */
	int		 mark_epoch;	/* the last to gain FIT_GAIN ... */
	double		 mark_error;	/* ... and what it reached */
	double		*best_dense;
	head_vec	*best_gram;
	double		*train_mae;	/* [max_epochs] */
	double		*eval_mae;
};

/*
 * Gets ready: positions, start weights, priors.  `base` is the model of the
 * job's base version, or NULL.  NULL when the training part has no label for
 * a head that learns.
 */
struct fit *fit_new(const struct job *, struct data *,
    const struct judge_model *base);
void fit_free(struct fit *);
/*
 * Steps of fit_new.  Positions for all buckets in use, grams rewritten to
 * them; returns their number.  Start weights and priors.
 */
size_t fit_positions(struct fit *);
void fit_start(struct fit *);
/* Puts a warm start's weights back as the base version shows them. */
void fit_restart(struct fit *);
/* Where our dense feature j stands among the base model's, or -1. */
long fit_feature_in_base(const struct fit *, size_t j);
/* The k-th of the rows that are not held out: those learned from first. */
size_t fit_row_at(const struct fit *, size_t k);
/* Row i of the data, which is not held out. */
struct row fit_row(const struct fit *, size_t i);
/* Row i's labels; its norms and multipliers are those of slot t. */
struct row_labels fit_labels(const struct fit *, size_t i, size_t t);
/* Runs one epoch; sets done after the last. */
void fit_epoch(struct fit *);
/*
 * Steps of fit_model.  Base + head of every row as fit_row_at, [rows][nc],
 * freed by the caller.  What follows the epochs: rows that were only watched
 * are learned from where that is safe, and texts that do harm are dropped.
 */
double *fit_say_all(const struct fit *);
void fit_settle(struct fit *);
/* Bytes of h->gram and best_gram. */
size_t fit_gram_bytes(const struct fit *);
/* The trained model; the fit is used up. */
struct judge_model *fit_model(struct fit *);

#endif
