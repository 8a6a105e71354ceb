/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The linear heads while they learn: weights of all criteria side by side,
 * so that one walk over an evaluation's features serves every head.
 *
 * Each head h minimises, over the labels y with weight c it is given,
 *
 *	sum c / 2 (y - base - w x)^2  +  sum_j P_hj / 2 (w_j - start_j)^2
 *
 * Dense features are few and alike: an epoch gathers the gradient of their
 * weights, and a Newton step with the exact curvature follows (dense.c).
 * Grams are many and nearly unrelated: they go by dual coordinate ascent.
 * Every label keeps its multiplier a, which at the optimum is c times the
 * residual, and w = start + sum a x / P; a step on one label moves its
 * multiplier to where the objective, seen along it, is best.  Both steps go
 * the share `rate` of the way.  Nothing has a size to be tuned or can
 * diverge, and the gap closes by a fixed share per epoch, however many labels
 * there are.  An overall label is one label on the heads' weighted mean.
 */
#ifndef JUDGE_HEAD_H
#define JUDGE_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "judge/model.h"

/* Four heads per vector; what GCC and Clang turn into one instruction. */
#define HEAD_LANES	4
typedef float head_vec __attribute__((vector_size(16)));
#define HEAD_VECS_OF(nc)	(((nc) + HEAD_LANES - 1) / HEAD_LANES)
#define HEAD_VECS	HEAD_VECS_OF(JUDGE_MAX_CRITERIA)

/* A prior that draws a weight to where it belongs, exactly: ties stay ties. */
#define HEAD_LOCKED	1e9

/*
 * A gram of a row: where its weights stand in the heads' table, in units of
 * half a vector, and above that how often it occurs more than once.  Of a
 * gram that occurs once, nothing has to be taken off.
 */
#define PLACED_UNITS	2u		/* in a vector */
#define PLACED_UNIT	(sizeof(head_vec) / PLACED_UNITS)
#define PLACED_BITS	24
#define PLACED(at, nv, count) \
	((uint32_t)(at) * (uint32_t)(nv) * PLACED_UNITS | \
	((count) - 1) << PLACED_BITS)
#define PLACED_AT(g)	((g) & ((1u << PLACED_BITS) - 1))
#define PLACED_MORE(g)	((g) >> PLACED_BITS)

/* A run of grams: those that occur once come first and need no root. */
struct grams {
	const uint32_t	*gram;
	uint32_t	 once;
	uint32_t	 n;		/* all of them */
	float		 scale;
};

/* One evaluation.  Its grams are PLACED. */
struct row {
	const double	*dense;
	int		 has_text;
	struct grams	 part[2];	/* characters, words */
};

/*
 * Labels and state of one row; nc criteria, then the overall rating.  A row
 * whose multipliers have come to rest is left out for some epochs, longer
 * each time: then `said` stands for what its grams say.
 */
struct row_labels {
	const double	*base;
	const double	*y;
	const uint8_t	*count;		/* weight; 0: no label */
	const double	*norm;		/* nc: x P^-1 x over grams */
	double		*alpha;
	double		*said;		/* nc */
	uint8_t		*calm;		/* times in a row that it rested */
	uint8_t		*rest;		/* epochs until it is looked at */
};

struct heads {
	int		 nc;
	int		 nv;		/* vectors per position */
	size_t		 nd;
	size_t		 nb;		/* positions */
	double		*dense;		/* [nc][nd] */
	double		*start;		/* [nc][nd]: where priors draw */
	double		*prior;		/* [nc][nd]: P */
	double		*pull;		/* [nc][nd]: gradient gathered */
	double		*curve;		/* [nc][nd][nd]: Cholesky factor */
	head_vec	*gram;		/* [nb][nv] */
	head_vec	*gram_inv;	/* [nb][nv]: 1 / P, or NULL: uniform */
	double		 uniform_inv[JUDGE_MAX_CRITERIA]; /* 1 / P then */
	uint8_t		 learns[JUDGE_MAX_CRITERIA];	/* 0: frozen */
	double		 share[JUDGE_MAX_CRITERIA];	/* of the overall */
	float		 count[256];	/* 1, 2, ... */
	float		 root[256];	/* of these */
};

struct heads *heads_new(int nc, size_t nd, size_t nb, int own_priors);
void heads_free(struct heads *);
/* One weight of a gram table, for filling and reading. */
float *heads_cell(head_vec *table, const struct heads *, size_t at, int c);

/* out[nc]: w x, to be added to the base. */
void heads_dot(const struct heads *, const struct row *, double *out);
/* out[nc]: x P^-1 x, how far a multiplier moves its own prediction. */
void heads_norm(const struct heads *, const struct row *, double *out);
/* Grams' w_h += coef[h] P^-1 x. */
void heads_add(struct heads *, const struct row *, const double *coef);
/* table += coef[h] times each gram's count, in a table like the heads' own. */
void heads_add_counts(const struct heads *, head_vec *table,
    const struct row *, const double *coef);
/* A table of zeros like the heads' own; freed by the caller. */
head_vec *heads_table(const struct heads *);
/*
 * One row: its labels' pull on the dense weights is gathered, and with text
 * their multipliers take a step.  The learning heads' absolute errors before
 * it (predictions clamped to 0..100) are added to *error and their number to
 * *n.
 */
void heads_step(struct heads *, const struct row *, struct row_labels *,
    double rate, double *error, size_t *n);
/* Clamped predictions; out[nc] is the overall score. */
void heads_predict(const struct heads *, const struct row *,
    const double *base, double *out);

/* The curvature of the dense weights: add each row once, then finish. */
void heads_curve_add(struct heads *, const struct row *,
    const uint8_t *count);
void heads_curve_finish(struct heads *);
/*
 * x C^-1 x of head c's curvature C, once it is finished: how far a label of
 * weight 1 pulls its own prediction.  room: [nd].
 */
double heads_leverage(const struct heads *, const double *x, int c,
    double *room);
/*
 * m = L L^T in place (the lower triangle of [n][n]; m must be positive
 * definite), and x = m^-1 x with that L.
 */
void cholesky(double *m, size_t n);
void cholesky_solve(const double *l, size_t n, double *x);
/* The dense step on what was gathered, which is forgotten then. */
void heads_settle(struct heads *, double rate);

#endif
