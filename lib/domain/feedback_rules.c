/* SPDX-License-Identifier: BSD-2-Clause */
/* What an entry of feedback must say. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "domain/feedback.h"
#include "domain/judge.h"
#include "store/store_judge.h"

/* What the type of an entry asks of its content. */
static void
check_type(const char *type, const struct jv *content,
    const struct loc *root, struct faults *f)
{
	static const struct {
		const char	*type, *needs;
	} needs[] = {
		{ "correction", "corrected_scores" },
		{ "rating", "rating" },
		{ "comment", "comment" },
		{ "approval", "approved" },
	};
	const struct loc	*loc = LOC(root, "content");
	const char		*s;
	size_t			 i;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (strcmp(type, needs[i].type) == 0 &&
		    jv_member(content, needs[i].needs) == NULL)
			fault_add(f, LOC(loc, needs[i].needs), "missing",
			    "field required");
	s = jv_text(content, "comment");
	if (strcmp(type, "comment") == 0 && s != NULL &&
	    s[strspn(s, " \t\r\n\v\f")] == '\0')
		fault_add(f, LOC(loc, "comment"), "value_error",
		    "must not be blank");
}

/* target_criteria, or for a correction without them what it corrects. */
static void
read_targets(struct arena *a, const struct jv *entry, int correction,
    struct feedback *out)
{
	const struct jv	*given = jv_member(entry, "target_criteria"), *map;
	const char	**list;
	struct jv_iter	 it;
	size_t		 i, n = jv_len(given);

	map = jv_member(jv_member(entry, "content"), "corrected_scores");
	list = arena_alloc(a, (n + jv_len(map) + 1) * sizeof(*list));
	for (i = 0; i < n; i++)
		list[i] = jv_str(jv_at(given, i), NULL);
	if (n == 0 && correction) {
		jv_iter_init(&it, map);
		while (jv_iter_next(&it))
			list[n++] = it.key;
	}
	out->target = list;
	out->ntargets = (int)n;
}

static void
check_targets(const struct jv *entry, int correction,
    const struct feedback *f, const struct loc *root, struct faults *faults)
{
	const struct jv	*map;
	int		 i, specific;

	if (jv_bool(jv_member(entry, "criterion_specific"), &specific) &&
	    specific != (f->ntargets > 0))
		fault_add(faults, LOC(root, "criterion_specific"),
		    "value_error", f->ntargets > 0 ?
		    "must be true: target_criteria is not empty" :
		    "must be false: target_criteria is empty");
	map = jv_member(jv_member(entry, "content"), "corrected_scores");
	for (i = 0; correction && map != NULL && i < f->ntargets; i++)
		if (jv_member(map, f->target[i]) == NULL)
			fault_add(faults, LOC_AT(LOC(root,
			    "target_criteria"), (size_t)i), "value_error",
			    "is not among the corrected scores");
}

void
feedback_rules(struct arena *a, const struct jv *entry,
    const struct loc *root, struct faults *faults, struct feedback *f)
{
	const struct jv	*content = jv_member(entry, "content");
	int		 correction;

	memset(f, 0, sizeof(*f));
	f->type = jv_text(entry, "type");
	correction = strcmp(f->type, "correction") == 0;
	read_targets(a, entry, correction, f);
	check_type(f->type, content, root, faults);
	check_targets(entry, correction, f, root, faults);

	f->corrected = jv_json(a, jv_member(content, "corrected_scores"));
	if (!jv_num(jv_member(content, "rating"), &f->rating))
		f->rating = NAN;
	f->comment = jv_text(content, "comment");
	f->explanation = jv_text(content, "explanation");
	if (!jv_bool(jv_member(content, "approved"), &f->approved))
		f->approved = -1;
	f->submitted_by = jv_text(entry, "submitted_by");
}

/* The criteria of the version that made the evaluation, for the hints. */
static int
shown_ids(const struct jv *shown, const char *ids[CRITERIA_MAX])
{
	struct jv_iter	it;
	int		n = 0;

	jv_iter_init(&it, shown);
	while (n < CRITERIA_MAX && jv_iter_next(&it))
		ids[n++] = it.key;
	return n;
}

void
feedback_match(const struct jv *entry, const struct feedback *f,
    const struct jv *shown, const char *judge_key, const struct loc *root,
    struct faults *faults, double *moved)
{
	const struct loc	*loc = LOC(LOC(root, "content"),
				    "corrected_scores");
	const struct jv		*map, *given;
	const char		*ids[CRITERIA_MAX];
	struct jv_iter		 it;
	double			 right, was;
	size_t			 i, before = faults->count;
	int			 n = shown_ids(shown, ids);

	*moved = 0;
	map = jv_member(jv_member(entry, "content"), "corrected_scores");
	jv_iter_init(&it, map);
	while (jv_iter_next(&it)) {
		if (!jv_num(jv_member(shown, it.key), &was))
			criterion_unknown(faults, LOC(loc, it.key), it.key,
			    judge_key, ids, n);
		else if (jv_num(it.val, &right))
			*moved = fmax(*moved, fabs(right - was));
	}
	if (strcmp(f->type, "correction") == 0 && faults->count == before &&
	    *moved == 0)
		fault_add(faults, loc, "value_error",
		    "no change; send an approval");
	given = jv_member(entry, "target_criteria");
	for (i = 0; i < jv_len(given); i++)
		if (jv_member(shown, jv_str(jv_at(given, i), NULL)) == NULL)
			criterion_unknown(faults, LOC_AT(LOC(root,
			    "target_criteria"), i),
			    jv_str(jv_at(given, i), NULL), judge_key, ids,
			    n);
}
