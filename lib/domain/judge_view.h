/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How judges, versions, evaluations and feedback look on the wire.  Each
 * function writes the members into an object that is open already.
 */
#ifndef DOMAIN_JUDGE_VIEW_H
#define DOMAIN_JUDGE_VIEW_H

#include "domain/judge_models.h"
#include "store/store_evaluation.h"
#include "store/store_feedback.h"
#include "store/store_judge.h"
#include "store/store_version.h"
#include "util/jv.h"
#include "util/jw.h"

#define SCORE_DIGITS	2	/* of scores on the wire */
#define METRIC_DIGITS	4	/* of ratios and metrics */
#define SECONDS_DIGITS	6

void view_judge(struct jw *, const struct judge *);
void view_version(struct jw *, const struct judge_version *, int metrics);
/* With all that store_version_get has read. */
void view_version_full(struct jw *, const struct judge_version *);

/* In the order of the version's criteria. */
struct scores {
	double	raw[CRITERIA_MAX];	/* as given; NAN: none */
	double	shown[CRITERIA_MAX];
};

/*
 * words: object with summary, strengths, weaknesses, suggestions and
 * criteria_feedback, of which any may be missing.
 */
void view_evaluation(struct jw *, const struct evaluation *,
    const struct judge_snapshot *, const struct scores *,
    const struct jv *words);
/* "criteria_scores" alone. */
void view_criteria_scores(struct jw *, const struct judge_snapshot *,
    const struct scores *, const struct jv *words);

/* metadata 0 leaves out who submitted it and when. */
void view_feedback(struct jw *, const struct feedback *, int metadata);
/* "key": criterion id to score, rounded; null for NULL. */
void view_score_map(struct jw *, const char *key, const char *json);

#endif
