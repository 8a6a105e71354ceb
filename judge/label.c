/* SPDX-License-Identifier: BSD-2-Clause */
/* Feedback entries into labels. */
#include "config.h"

#include <string.h>

#include "judge/label.h"
#include "util/jv.h"

void
labels_init(struct labels *l)
{
	memset(l, 0, sizeof(*l));
}

static const char *
label_one(struct labels *l, int at, double y)
{
	if (y < 0 || y > 100)
		return "a score is not in 0..100";
	l->sum[at] += y;
	l->n[at]++;
	return NULL;
}

static const char *
add_correction(struct labels *l, const struct criteria *cr,
    const struct jv *scores)
{
	struct jv_iter it;
	const char *fault = NULL;
	double y;
	int c;

	if (jv_type(scores) != JV_OBJECT)
		return "a correction has no corrected_scores";
	jv_iter_init(&it, scores);
	while (fault == NULL && jv_iter_next(&it)) {
		if ((c = criteria_find(cr, it.key)) < 0)
			continue;
		if (!jv_num(it.val, &y))
			return "a corrected score is not a number";
		fault = label_one(l, c, y);
	}
	return fault;
}

static const char *
add_rating(struct labels *l, const struct criteria *cr, const struct jv *entry)
{
	const struct jv *targets = jv_member(entry, "target_criteria");
	const char *fault = NULL, *id;
	double r;
	size_t i;
	int c;

	if (!jv_num(jv_member(entry, "rating"), &r))
		return "a rating has no number";
	if (jv_len(targets) == 0)
		return label_one(l, cr->n, (r - 1) * 25);
	for (i = 0; fault == NULL && i < jv_len(targets); i++) {
		id = jv_str(jv_at(targets, i), NULL);
		if (id != NULL && (c = criteria_find(cr, id)) >= 0)
			fault = label_one(l, c, (r - 1) * 25);
	}
	return fault;
}

static const char *
add_shown(struct labels *l, int c, const struct jv *score)
{
	double y;

	/* The version that made the evaluation may have lacked it. */
	if (score == NULL)
		return NULL;
	if (!jv_num(score, &y))
		return "a shown score is not a number";
	return label_one(l, c, y);
}

static const char *
add_approval(struct labels *l, const struct criteria *cr,
    const struct jv *entry, const struct jv *shown)
{
	const struct jv *targets = jv_member(entry, "target_criteria");
	const char *fault = NULL, *id;
	int approved, c;
	size_t i;

	if (!jv_bool(jv_member(entry, "approved"), &approved))
		return "an approval does not say whether";
	if (!approved)
		return NULL;
	if (jv_len(targets) == 0) {
		for (c = 0; fault == NULL && c < cr->n; c++)
			fault = add_shown(l, c, jv_member(shown, cr->id[c]));
		return fault;
	}
	for (i = 0; fault == NULL && i < jv_len(targets); i++) {
		id = jv_str(jv_at(targets, i), NULL);
		if (id != NULL && (c = criteria_find(cr, id)) >= 0)
			fault = add_shown(l, c, jv_member(shown, id));
	}
	return fault;
}

const char *
labels_add(struct labels *l, const struct criteria *cr, const struct jv *entry,
    const struct jv *shown)
{
	const char *type = jv_text(entry, "type");

	if (type == NULL)
		return "an entry has no type";
	if (strcmp(type, "correction") == 0)
		return add_correction(l, cr,
		    jv_member(entry, "corrected_scores"));
	if (strcmp(type, "rating") == 0)
		return add_rating(l, cr, entry);
	if (strcmp(type, "approval") == 0)
		return add_approval(l, cr, entry, shown);
	if (strcmp(type, "comment") == 0)
		return NULL;
	return "an entry has an unknown type";
}

void
labels_merge(struct labels *l, const struct labels *one,
    const struct criteria *cr)
{
	int i;

	for (i = 0; i <= cr->n; i++) {
		l->sum[i] += one->sum[i];
		l->n[i] += one->n[i];
	}
}

int
labels_get(const struct labels *l, const struct criteria *cr, double *y,
    uint8_t *weight)
{
	int i, n = 0;

	for (i = 0; i <= cr->n; i++) {
		y[i] = l->n[i] > 0 ? l->sum[i] / l->n[i] : 0;
		weight[i] = (uint8_t)(l->n[i] < LABEL_MAX_WEIGHT ? l->n[i] :
		    LABEL_MAX_WEIGHT);
		n += l->n[i] > 0;
	}
	return n;
}
