/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a judge job's result becomes: whether the new version is deployed,
 * and what it inherits.  Pure; any thread.
 */
#ifndef DOMAIN_DEPLOY_H
#define DOMAIN_DEPLOY_H

#include <stddef.h>
#include <stdint.h>

/* DEPLOY(symbol, word on the wire, the version becomes active) */
#define DEPLOY_TABLE \
	DEPLOY(NOT_REQUESTED, "not_requested", 0) \
	DEPLOY(DEPLOYED, "deployed", 1) \
	DEPLOY(UNCHECKED, "deployed_unchecked", 1) \
	DEPLOY(NOT_IMPROVED, "not_improved", 0) \
	DEPLOY(RANKING_WORSE, "ranking_worse", 0) \
	DEPLOY(HOLDOUT_TOO_SMALL, "holdout_too_small", 0) \
	DEPLOY(CRITERIA_CHANGED, "criteria_changed", 0)

enum deploy_reason {
#define DEPLOY(sym, word, active) DEPLOY_##sym,
	DEPLOY_TABLE
#undef DEPLOY
	DEPLOY__MAX
};

/* An undefined metric is NAN. */
struct deploy_case {
	int	requested;		/* auto_deploy */
	int	require_improvement;
	int	criteria_changed;	/* active version against the base */
	/* the active version is the one that the trainer compared with */
	int	compared;
	int64_t	holdout;		/* held-out evaluations */
	double	mae_trained, mae_active;
	double	rank_trained, rank_active;	/* pairwise accuracy */
};

enum deploy_reason deploy_decide(const struct deploy_case *);
const char *deploy_reason_word(enum deploy_reason);
/* 1 when the version becomes the active one. */
int deploy_reason_active(enum deploy_reason);

/* How far back learning reaches: of a version, and of a job. */
struct lineage {
	int64_t	trained_through, seen_through;
	double	seen_split;
};

/*
 * The new version's lineage from its base's and from the job: its
 * high-water mark and validation split.  `training_type` is incremental,
 * full_retrain or fine_tune.
 */
struct lineage lineage_next(const char *training_type,
    const struct lineage *base, int64_t high_water_mark, double split);
/* 1 when completing a job of this type moves the judge's mark. */
int lineage_moves_mark(const char *training_type);

/*
 * changes_summary: "incremental training on 50 entries; mean error 9.73 to
 * 6.48 points"; without the second half when an error is undefined.
 */
void lineage_summary(char *out, size_t size, const char *training_type,
    int64_t entries, double mae_active, double mae_trained);

#endif
