/* SPDX-License-Identifier: BSD-2-Clause */
/* The guard of automatic deploys, and the lineage of versions. */
#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "domain/deploy.h"

#define HOLDOUT_LEAST	5
#define RANKING_SLACK	0.02
/*
 * Metrics come with four decimals; differences of such numbers carry
 * rounding errors far below that.
 */
#define METRIC_NOISE	1e-9

static const struct {
	const char	*word;
	int		 active;
} reasons[DEPLOY__MAX] = {
#define DEPLOY(sym, text, becomes) [DEPLOY_##sym] = { text, becomes },
	DEPLOY_TABLE
#undef DEPLOY
};

enum deploy_reason
deploy_decide(const struct deploy_case *c)
{
	if (!c->requested)
		return DEPLOY_NOT_REQUESTED;
	if (c->criteria_changed)
		return DEPLOY_CRITERIA_CHANGED;
	if (!c->require_improvement)
		return DEPLOY_UNCHECKED;
	if (c->holdout < HOLDOUT_LEAST)
		return DEPLOY_HOLDOUT_TOO_SMALL;
	/* A gain that nobody measured is no gain. */
	if (!c->compared || isnan(c->mae_trained) || isnan(c->mae_active) ||
	    c->mae_trained > c->mae_active + METRIC_NOISE)
		return DEPLOY_NOT_IMPROVED;
	if (!isnan(c->rank_trained) && !isnan(c->rank_active) &&
	    c->rank_trained < c->rank_active - RANKING_SLACK - METRIC_NOISE)
		return DEPLOY_RANKING_WORSE;
	return DEPLOY_DEPLOYED;
}

const char *
deploy_reason_word(enum deploy_reason reason)
{
	return reasons[reason].word;
}

int
deploy_reason_active(enum deploy_reason reason)
{
	return reasons[reason].active;
}

int
lineage_moves_mark(const char *training_type)
{
	return strcmp(training_type, "incremental") == 0 ||
	    strcmp(training_type, "full_retrain") == 0;
}

struct lineage
lineage_next(const char *training_type, const struct lineage *base,
    int64_t high_water_mark, double split)
{
	struct lineage next;

	next.trained_through = lineage_moves_mark(training_type) ?
	    high_water_mark : base->trained_through;
	next.seen_through = high_water_mark;
	next.seen_split = split;
	/* A full retrain starts from nothing, so nothing else lies behind. */
	if (strcmp(training_type, "full_retrain") != 0) {
		if (base->seen_through > next.seen_through)
			next.seen_through = base->seen_through;
		if (base->seen_split < next.seen_split)
			next.seen_split = base->seen_split;
	}
	return next;
}

void
lineage_summary(char *out, size_t size, const char *training_type,
    int64_t entries, double mae_active, double mae_trained)
{
	static const struct {
		const char *type, *words;
	} names[] = {
		{ "incremental", "incremental training" },
		{ "full_retrain", "full retraining" },
		{ "fine_tune", "fine-tuning" },
	};
	const char *words = training_type;
	size_t i;
	int n;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(training_type, names[i].type) == 0)
			words = names[i].words;
	n = snprintf(out, size, "%s on %" PRId64 " entr%s", words, entries,
	    entries == 1 ? "y" : "ies");
	if (n > 0 && (size_t)n < size && !isnan(mae_active) &&
	    !isnan(mae_trained))
		(void)snprintf(out + n, size - (size_t)n,
		    "; mean error %.2f to %.2f points", mae_active,
		    mae_trained);
}
