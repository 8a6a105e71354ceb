/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A judge's trained model: one linear head per criterion that corrects raw
 * scores.  This is all that the responder needs of the learner.
 *
 * A loaded model never changes: any number of threads may score with it at
 * once, each with an arena of its own.
 */
#ifndef JUDGE_MODEL_H
#define JUDGE_MODEL_H

#include <stddef.h>

struct arena;
struct judge_model;

#define JUDGE_MAX_CRITERIA	50

/* One evaluation as its judge version sees it. */
struct judge_input {
	const char	*content;	/* NULL: none */
	size_t		 content_len;
	int		 is_text;	/* the judge's content_type is text */
	int		 ncriteria;	/* of the judge version */
	const char *const *criterion_ids;
	const double	*raw;		/* ncriteria; NAN for a missing score */
};

/*
 * The model in a file, or NULL with the reason (no content, no newline) in
 * errbuf.  Magic, version, length, checksum, bounds and finiteness are
 * checked: a file that somebody made up is refused, never followed.
 */
struct judge_model *judge_model_load(const char *path, char *errbuf,
    size_t errlen);
/* The same from memory, which may be freed afterwards. */
struct judge_model *judge_model_parse(const void *data, size_t len,
    char *errbuf, size_t errlen);
/* NULL is allowed. */
void judge_model_free(struct judge_model *);
/* Bytes held, for a cache's bookkeeping. */
size_t judge_model_size(const struct judge_model *);

/*
 * Calibrated scores, 0..100, into out[ncriteria]: clamp(map(base + head)),
 * where the map never falls and mostly changes nothing.  base
 * is the raw score, for a missing one the mean of the given ones.  Criteria
 * are matched by id; one that the model does not know keeps its base.  A
 * NULL model is version 1: every criterion keeps its base.  0, or -1 when no
 * raw score is given (out is untouched).
 */
int judge_model_score(const struct judge_model *, struct arena *,
    const struct judge_input *, double *out);

/* The weighted mean: the overall score.  Weights are > 0, n >= 1. */
double judge_overall(const double *weights, const double *scores, int n);

#endif
