/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges and sums of feedback. */
#include "config.h"

#include <string.h>

#include "domain/selection.h"
#include "util/buf.h"

int64_t
selection_first(enum training_type type, int has_cutoff, int64_t since,
    const struct judge_basis *b)
{
	int64_t	first = 1;

	if (has_cutoff)
		first = since;
	else if (type == TRAIN_INCREMENTAL)
		first = b->trained_through + 1;
	/* entries that came after the basis was read are not in it */
	if (first < 1 || first > b->last_number)
		return b->last_number + 1;
	return first;
}

static void
summary_begin(struct feedback_summary *s, const struct judge_basis *b,
    int64_t first)
{
	memset(s, 0, sizeof(*s));
	s->first_number = first;
	s->high_water_mark = b->last_number;
	s->earliest = s->latest = TS_NONE;
}

static void
summary_add(struct feedback_summary *s, const struct feedback_totals *through,
    const struct feedback_totals *before)
{
	s->corrections += through->corrections - before->corrections;
	s->ratings += through->ratings - before->ratings;
	s->approved += through->approved - before->approved;
	s->rejected += through->rejected - before->rejected;
	s->comments += through->comments - before->comments;
}

void
selection_all(struct feedback_summary *s, const struct judge_basis *b)
{
	static const struct feedback_totals	 none;

	summary_begin(s, b, 1);
	summary_add(s, &b->totals, &none);
	s->earliest = b->earliest;
	s->latest = b->latest;
}

void
selection_range(struct feedback_summary *s, const struct judge_basis *b,
    int64_t first, const struct feedback_end *end)
{
	summary_begin(s, b, first);
	if (first > b->last_number)
		return;
	summary_add(s, &b->totals, &end->before);
	s->earliest = end->earliest;
	s->latest = b->latest;
}

void
selection_shares(struct feedback_summary *s, const struct judge_basis *b,
    int64_t first, const struct feedback_share *share, size_t n,
    struct arena *a)
{
	struct buf	sets;
	size_t		i;

	summary_begin(s, b, first);
	buf_init(&sets, a);
	buf_addc(&sets, '{');
	for (i = 0; i < n; i++) {
		buf_printf(&sets, "%s%lld", i == 0 ? "" : ",",
		    (long long)share[i].touch_set);
		summary_add(s, &share[i].through, &share[i].before);
		if (i == 0 || share[i].earliest < s->earliest)
			s->earliest = share[i].earliest;
		if (i == 0 || share[i].latest > s->latest)
			s->latest = share[i].latest;
	}
	buf_addc(&sets, '}');
	s->touch_sets = sets.data;
}

int64_t
selection_total(const struct feedback_summary *s)
{
	return s->corrections + s->ratings + s->approved + s->rejected +
	    s->comments;
}

int64_t
selection_usable(const struct feedback_summary *s)
{
	return s->corrections + s->ratings + s->approved;
}
