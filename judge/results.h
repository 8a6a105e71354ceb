/* SPDX-License-Identifier: BSD-2-Clause */
/* What was measured on the held-out part: every metric beside its controls. */
#ifndef JUDGE_RESULTS_H
#define JUDGE_RESULTS_H

#include <stddef.h>

#include "judge/consist.h"
#include "judge/data.h"
#include "judge/metric.h"

struct jw;

enum column { COL_TRAINED, COL_ACTIVE, COL_RAW, COL_BIAS, COL__MAX };

/* One head's labels, and how well each column meets them. */
struct block {
	size_t		 n;
	struct metric	 metric[COL__MAX];
	size_t		 pairs;
};

/* What the pooled numbers are made of. */
struct pool {
	double	error[COL__MAX];
	size_t	labels;
	double	good[COL__MAX];
	size_t	pairs;
};

struct results {
	const struct job	*job;
	const struct data	*d;
	struct consistency	 consistency;
	size_t			 held;
	enum column		 first;		/* V: no trained one */
	/*
	 * [n][nl]: what each column says, of held-out rows and, for the
	 * bias, where there is a label.  The active one's are the data's.
	 */
	double			*pred[COL__MAX];
	struct block		 block[JUDGE_MAX_CRITERIA + 1];
	struct block		 rated;		/* overall ratings alone */
	struct pool		 pool;
};

const char *column_word(enum column);
/* Evaluations in `data` that are measured. */
size_t results_holdout(const struct data *);
/*
 * Measures.  `trained` is the new model; NULL for a validation, which has no
 * such column and where `bias` leaves out the label that it predicts.  The
 * job and the data must outlive the results.
 */
struct results *results_new(const struct job *, const struct data *,
    const struct judge_model *trained, const struct consistency *);
void results_free(struct results *);
/* validation_results (a value: the caller has written the key). */
void results_write(struct jw *, const struct results *);
/* A pooled number of a column; NAN when there is nothing behind it. */
double results_mae(const struct results *, enum column);
double results_pairwise(const struct results *, enum column);
/* Held-out evaluations that favour the active version; V: left out. */
size_t results_seen(const struct results *);

#endif
