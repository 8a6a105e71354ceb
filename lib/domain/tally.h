/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arithmetic of feedback: kinds, touch sets, numbers and running totals,
 * and what a call's entries say of their judge.  Pure; any thread.
 */
#ifndef DOMAIN_TALLY_H
#define DOMAIN_TALLY_H

#include "store/store_feedback.h"

/* By the word on the wire; approved counts for approvals only. */
enum feedback_kind feedback_kind(const char *type, int approved);

void tally_add(struct tally *, enum feedback_kind, int64_t);
int64_t tally_total(const struct tally *);
/* Corrections, ratings and approvals: what makes a label. */
int64_t tally_usable(const struct tally *);

/* The touch sets of one judge's entries in one call. */
struct touch_sets {
	struct touch_set	*set;
	int			 n;
};

void touch_sets_init(struct touch_sets *, struct arena *, int most);
/*
 * Counts an entry into the set of its target criteria, whatever their order,
 * and returns the set's position; a new set is added.
 */
int touch_sets_count(struct touch_sets *, struct arena *,
    const struct feedback *);

/*
 * Numbers and running totals for one judge's entries, in order.  after: the
 * judge's totals with these entries; set_of[i]: position of entry i's touch
 * set, whose `after` includes these entries, too.
 */
void tally_run(struct feedback *const *, int n, const struct tally *after,
    const struct touch_sets *, const int *set_of);

#define IMPACT_POINTS		10	/* a correction that matters */
#define IMPACT_CORRECTIONS	5
#define IMPACT_APPROVALS	10
#define IMPACT_RATE		0.7
#define IMPACT_NEW		50	/* usable entries above the mark */

struct impact {
	int64_t	significant;	/* corrections by IMPACT_POINTS or more */
	int64_t	approvals, approved;
	int64_t	ratings;
	double	rating_sum;
};

/* moved: the largest change that a correction makes to a shown score. */
void impact_add(struct impact *, const struct feedback *, double moved);
/* NAN when there is nothing to divide by. */
double impact_approval_rate(const struct impact *);
double impact_average_rating(const struct impact *);
/* Of one judge: is retraining worth while? */
int impact_recommends(const struct impact *, int64_t unprocessed,
    int64_t min_new_feedback);

#endif
