/* SPDX-License-Identifier: BSD-2-Clause */
/* Counting feedback. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "domain/tally.h"
#include "store/sqlarr.h"
#include "util/buf.h"
#include "util/hash.h"

/* Scores have two decimals; their differences carry errors far below. */
#define SCORE_NOISE	1e-9

enum feedback_kind
feedback_kind(const char *type, int approved)
{
	if (strcmp(type, "correction") == 0)
		return FEEDBACK_CORRECTION;
	if (strcmp(type, "rating") == 0)
		return FEEDBACK_RATING;
	if (strcmp(type, "comment") == 0)
		return FEEDBACK_COMMENT;
	return approved == 1 ? FEEDBACK_APPROVED : FEEDBACK_REJECTED;
}

void
tally_add(struct tally *t, enum feedback_kind kind, int64_t n)
{
	t->n[kind] += n;
}

int64_t
tally_total(const struct tally *t)
{
	int64_t	sum = 0;
	int	k;

	for (k = 0; k < FEEDBACK__MAX; k++)
		sum += t->n[k];
	return sum;
}

int64_t
tally_usable(const struct tally *t)
{
	return t->n[FEEDBACK_CORRECTION] + t->n[FEEDBACK_RATING] +
	    t->n[FEEDBACK_APPROVED];
}

void
touch_sets_init(struct touch_sets *s, struct arena *a, int most)
{
	s->set = arena_zalloc(a, (size_t)most * sizeof(*s->set));
	s->n = 0;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The position of the set with this digest, or where a new one goes. */
static int
set_find(const struct touch_sets *s, const char *digest)
{
	int	i;

	for (i = 0; i < s->n; i++)
		if (strcmp(s->set[i].digest, digest) == 0)
			break;
	return i;
}

int
touch_sets_count(struct touch_sets *s, struct arena *a,
    const struct feedback *f)
{
	const char	**sorted;
	struct buf	 joined;
	uint8_t		 digest[SHA256_LEN];
	char		 hex[SHA256_HEX_LEN];
	size_t		 n = (size_t)f->ntargets, i;
	int		 at;

	sorted = arena_alloc(a, (n + 1) * sizeof(*sorted));
	for (i = 0; i < n; i++)
		sorted[i] = f->target[i];
	qsort(sorted, n, sizeof(*sorted), by_text);
	buf_init(&joined, a);
	for (i = 0; i < n; i++)
		buf_printf(&joined, "%s ", sorted[i]);
	sha256(joined.data, joined.len, digest);
	hex_encode(digest, sizeof(digest), hex);
	if ((at = set_find(s, hex)) == s->n) {
		memcpy(s->set[at].digest, hex, sizeof(hex));
		s->set[at].criteria = sqlarr_text(a, sorted, n);
		s->n++;
	}
	tally_add(&s->set[at].add, feedback_kind(f->type, f->approved), 1);
	return at;
}

/* What stood before the entries that `after` includes. */
static struct tally
tally_before(const struct tally *after, const struct tally *added)
{
	struct tally	t;
	int		k;

	for (k = 0; k < FEEDBACK__MAX; k++)
		t.n[k] = after->n[k] - added->n[k];
	return t;
}

void
tally_run(struct feedback *const *entry, int n, const struct tally *after,
    const struct touch_sets *sets, const int *set_of)
{
	struct tally	 added = { { 0 } }, now, *set_now;
	enum feedback_kind kind;
	int		 i;

	for (i = 0; i < n; i++)
		tally_add(&added, feedback_kind(entry[i]->type,
		    entry[i]->approved), 1);
	now = tally_before(after, &added);
	/* each set's running total begins before its first entry */
	for (i = 0; i < sets->n; i++)
		sets->set[i].after = tally_before(&sets->set[i].after,
		    &sets->set[i].add);
	for (i = 0; i < n; i++) {
		kind = feedback_kind(entry[i]->type, entry[i]->approved);
		set_now = &sets->set[set_of[i]].after;
		tally_add(&now, kind, 1);
		tally_add(set_now, kind, 1);
		entry[i]->total = now;
		entry[i]->number = tally_total(&now);
		entry[i]->touch_set = sets->set[set_of[i]].id;
		entry[i]->set_total = *set_now;
	}
}

void
impact_add(struct impact *im, const struct feedback *f, double moved)
{
	switch (feedback_kind(f->type, f->approved)) {
	case FEEDBACK_CORRECTION:
		im->significant += moved >= IMPACT_POINTS - SCORE_NOISE;
		break;
	case FEEDBACK_RATING:
		im->ratings++;
		im->rating_sum += f->rating;
		break;
	case FEEDBACK_APPROVED:
		im->approved++;
		im->approvals++;
		break;
	case FEEDBACK_REJECTED:
		im->approvals++;
		break;
	case FEEDBACK_COMMENT:
	case FEEDBACK__MAX:
		break;
	}
}

double
impact_approval_rate(const struct impact *im)
{
	return im->approvals == 0 ? NAN :
	    (double)im->approved / (double)im->approvals;
}

double
impact_average_rating(const struct impact *im)
{
	return im->ratings == 0 ? NAN : im->rating_sum / (double)im->ratings;
}

int
impact_recommends(const struct impact *im, int64_t unprocessed,
    int64_t min_new_feedback)
{
	return unprocessed >= min_new_feedback ||
	    im->significant >= IMPACT_CORRECTIONS ||
	    (im->approvals >= IMPACT_APPROVALS &&
	    impact_approval_rate(im) < IMPACT_RATE);
}
