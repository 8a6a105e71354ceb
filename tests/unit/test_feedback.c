/* SPDX-License-Identifier: BSD-2-Clause */
/* Feedback: what entries must say, and how they are counted. */
#include "config.h"

#include "unit.h"

#include <math.h>

#include "domain/feedback.h"
#include "util/arena.h"

#define ENTRIES	400

static struct arena *arena;
static struct faults faults;

static int
setup(void **state)
{
	arena = arena_new(65536);
	faults_init(&faults, arena);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static struct jv *
json(const char *text)
{
	struct jv *v;

	assert_int_equal(0, jv_parse_checked(arena, text, strlen(text), &v));
	return v;
}

/* --- rules between fields ------------------------------------------------ */

static const struct {
	const char	*want;		/* the detail; "" when it is fine */
	const char	*entry;
} rules[] = {
	{ "", "{\"type\":\"correction\",\"content\":"
	    "{\"corrected_scores\":{\"crit_a\":1}}}" },
	{ "content.corrected_scores: field required",
	    "{\"type\":\"correction\",\"content\":{\"comment\":\"x\"}}" },
	{ "content.rating: field required",
	    "{\"type\":\"rating\",\"content\":{}}" },
	{ "", "{\"type\":\"rating\",\"content\":{\"rating\":4.5}}" },
	{ "content.comment: field required",
	    "{\"type\":\"comment\",\"content\":{}}" },
	{ "content.comment: must not be blank",
	    "{\"type\":\"comment\",\"content\":{\"comment\":\" \\n\\t\"}}" },
	{ "", "{\"type\":\"rating\",\"content\":{\"rating\":1,"
	    "\"comment\":\" \"}}" },
	{ "content.approved: field required",
	    "{\"type\":\"approval\",\"content\":{}}" },
	{ "", "{\"type\":\"approval\",\"content\":{\"approved\":false}}" },
	{ "criterion_specific: must be true: target_criteria is not empty",
	    "{\"type\":\"approval\",\"content\":{\"approved\":true},"
	    "\"target_criteria\":[\"crit_a\"],"
	    "\"criterion_specific\":false}" },
	{ "criterion_specific: must be false: target_criteria is empty",
	    "{\"type\":\"approval\",\"content\":{\"approved\":true},"
	    "\"criterion_specific\":true}" },
	{ "criterion_specific: must be true: target_criteria is not empty",
	    "{\"type\":\"correction\",\"content\":{\"corrected_scores\":"
	    "{\"crit_a\":1}},\"criterion_specific\":false}" },
	{ "", "{\"type\":\"correction\",\"content\":{\"corrected_scores\":"
	    "{\"crit_a\":1}},\"criterion_specific\":true}" },
	{ "", "{\"type\":\"correction\",\"content\":{\"corrected_scores\":"
	    "{\"crit_a\":1,\"crit_b\":2}},\"target_criteria\":[\"crit_b\"]}" },
	{ "target_criteria[1]: is not among the corrected scores",
	    "{\"type\":\"correction\",\"content\":{\"corrected_scores\":"
	    "{\"crit_a\":1}},\"target_criteria\":[\"crit_a\",\"crit_b\"]}" },
	{ "", "{\"type\":\"rating\",\"content\":{\"rating\":3,"
	    "\"corrected_scores\":{\"crit_a\":1}},"
	    "\"target_criteria\":[\"crit_b\"]}" },
};

static void
entry_says_what_its_type_needs(void **state)
{
	struct feedback f;
	size_t i;

	for (i = 0; i < UNIT_COUNT(rules); i++) {
		faults_init(&faults, arena);
		feedback_rules(arena, json(rules[i].entry), &loc_body,
		    &faults, &f);
		if (strcmp(rules[i].want, faults_detail(&faults)) != 0)
			fail_msg("row %zu: %s", i, faults_detail(&faults));
	}
}

static void
correction_targets_what_it_corrects(void **state)
{
	struct feedback f;

	feedback_rules(arena, json("{\"type\":\"correction\",\"content\":"
	    "{\"corrected_scores\":{\"crit_b\":1,\"crit_a\":2.50}},"
	    "\"target_criteria\":[]}"), &loc_body, &faults, &f);
	assert_int_equal(0, faults.count);
	assert_int_equal(2, f.ntargets);
	assert_string_equal("crit_b", f.target[0]);
	assert_string_equal("crit_a", f.target[1]);
	assert_true(isnan(f.rating));
	assert_int_equal(-1, f.approved);
}

static void
other_types_target_nothing_by_themselves(void **state)
{
	struct feedback f;

	feedback_rules(arena, json("{\"type\":\"approval\",\"content\":"
	    "{\"approved\":true,\"corrected_scores\":{\"crit_a\":2}}}"),
	    &loc_body, &faults, &f);
	assert_int_equal(0, f.ntargets);
	assert_int_equal(1, f.approved);
}

/* --- rules against the evaluation ---------------------------------------- */

static const struct {
	const char	*want;
	double		 moved;
	const char	*entry;
} matches[] = {
	{ "", 14.13, "{\"type\":\"correction\",\"content\":"
	    "{\"corrected_scores\":{\"crit_clarity\":60}}}" },
	{ "", 39, "{\"type\":\"correction\",\"content\":{\"corrected_scores\":"
	    "{\"crit_clarity\":60,\"crit_accuracy\":22}}}" },
	{ "content.corrected_scores: no change; send an approval", 0,
	    "{\"type\":\"correction\",\"content\":{\"corrected_scores\":"
	    "{\"crit_clarity\":74.13,\"crit_accuracy\":61.0}}}" },
	{ "", 0.01, "{\"type\":\"correction\",\"content\":"
	    "{\"corrected_scores\":{\"crit_clarity\":74.14,"
	    "\"crit_accuracy\":61}}}" },
	{ "", 0, "{\"type\":\"rating\",\"content\":{\"rating\":2,"
	    "\"corrected_scores\":{\"crit_clarity\":74.13}}}" },
	{ "content.corrected_scores.crit_clarty: unknown criterion "
	    "\"crit_clarty\" of judge jdg_x; did you mean \"crit_clarity\"?",
	    0, "{\"type\":\"correction\",\"content\":{\"corrected_scores\":"
	    "{\"crit_clarty\":60}}}" },
	{ "target_criteria[0]: unknown criterion \"crit_zzz\" of judge jdg_x",
	    0, "{\"type\":\"approval\",\"content\":{\"approved\":true},"
	    "\"target_criteria\":[\"crit_zzz\",\"crit_clarity\"]}" },
};

static void
entry_fits_what_was_shown(void **state)
{
	const struct jv *shown, *entry;
	struct feedback f;
	double moved;
	size_t i;

	shown = json("{\"crit_clarity\":74.13,\"crit_accuracy\":61}");
	for (i = 0; i < UNIT_COUNT(matches); i++) {
		faults_init(&faults, arena);
		entry = json(matches[i].entry);
		feedback_rules(arena, entry, &loc_body, &faults, &f);
		feedback_match(entry, &f, shown, "jdg_x", &loc_body, &faults,
		    &moved);
		if (strcmp(matches[i].want, faults_detail(&faults)) != 0)
			fail_msg("row %zu: %s", i, faults_detail(&faults));
		if (fabs(moved - matches[i].moved) > 1e-9)
			fail_msg("row %zu: moved by %g", i, moved);
	}
}

/* --- calls --------------------------------------------------------------- */

static const char batch[] = "{\"feedback_entries\":["
    "{\"evaluation_id\":\"e\",\"type\":\"rating\",\"content\":{\"rating\":3}},"
    "7,"
    "{\"evaluation_id\":\"e\",\"type\":\"rating\",\"content\":{}},"
    "{\"type\":\"rating\",\"content\":{\"rating\":9}}]%s}";

static void
bad_entries_get_messages_of_their_own(void **state)
{
	struct feedback_call call = { .faults = &faults };

	feedback_many(arena, json(arena_printf(arena, batch, "")), NULL,
	    &call);
	assert_int_equal(ERR_OK, feedback_check(arena, &call));
	assert_int_equal(0, faults.count);
	assert_null(call.entry[0].message);
	assert_string_equal("must be an object", call.entry[1].message);
	assert_string_equal("content.rating: field required",
	    call.entry[2].message);
	assert_string_equal("evaluation_id: field required (and 1 more)",
	    call.entry[3].message);
}

static void
atomic_call_tells_where_its_bad_entries_are(void **state)
{
	struct feedback_call call = { .faults = &faults };

	feedback_many(arena, json(arena_printf(arena, batch,
	    ",\"feedback_options\":{\"atomic\":true}")), NULL, &call);
	assert_int_equal(ERR_VALIDATION, feedback_check(arena, &call));
	/* the third entry breaks a rule, which is checked after the shapes */
	assert_int_equal(3, faults.count);
	assert_string_equal("[\"body\",\"feedback_entries\",1]",
	    faults.fault[0].loc);
	assert_string_equal("[\"body\",\"feedback_entries\",3,"
	    "\"evaluation_id\"]", faults.fault[1].loc);
	assert_string_equal("[\"body\",\"feedback_entries\",3,\"content\","
	    "\"rating\"]", faults.fault[2].loc);
}

static void
atomic_call_tells_broken_rules(void **state)
{
	struct feedback_call call = { .faults = &faults };

	feedback_many(arena, json("{\"feedback_entries\":["
	    "{\"evaluation_id\":\"e\",\"type\":\"rating\",\"content\":{}}],"
	    "\"feedback_options\":{\"atomic\":true}}"), NULL, &call);
	assert_int_equal(ERR_VALIDATION, feedback_check(arena, &call));
	assert_string_equal("[\"body\",\"feedback_entries\",0,\"content\","
	    "\"rating\"]", faults.fault[0].loc);
}

static void
options_are_read(void **state)
{
	struct feedback_call call = { .faults = &faults };

	feedback_many(arena, json("{\"feedback_entries\":[],"
	    "\"feedback_options\":{\"submitted_by\":\"r\","
	    "\"skip_impact_analysis\":true}}"), "batch_x", &call);
	assert_string_equal("r", call.submitted_by);
	assert_string_equal("batch_x", call.batch);
	assert_int_equal(0, call.atomic);
	assert_int_equal(0, call.impact_wanted);
}

/* --- counting ------------------------------------------------------------ */

static const struct {
	enum feedback_kind	 want;
	const char		*type;
	int			 approved;
} kinds[] = {
	{ FEEDBACK_CORRECTION, "correction", -1 },
	{ FEEDBACK_CORRECTION, "correction", 1 },
	{ FEEDBACK_RATING, "rating", 0 },
	{ FEEDBACK_COMMENT, "comment", 1 },
	{ FEEDBACK_APPROVED, "approval", 1 },
	{ FEEDBACK_REJECTED, "approval", 0 },
};

static void
entry_counts_once_by_its_type(void **state)
{
	size_t i;

	for (i = 0; i < UNIT_COUNT(kinds); i++)
		assert_int_equal(kinds[i].want,
		    feedback_kind(kinds[i].type, kinds[i].approved));
}

static void
comments_and_rejections_are_not_usable(void **state)
{
	const struct tally t = { { 1, 20, 300, 4000, 50000 } };

	assert_int_equal(54321, tally_total(&t));
	assert_int_equal(321, tally_usable(&t));
}

static void
touch_set_is_a_set(void **state)
{
	static const char *const ab[] = { "crit_a", "crit_b" };
	static const char *const ba[] = { "crit_b", "crit_a" };
	struct feedback f = { .type = "comment" };
	struct touch_sets s;

	touch_sets_init(&s, arena, 8);
	f.target = ab;
	f.ntargets = 2;
	assert_int_equal(0, touch_sets_count(&s, arena, &f));
	f.target = ba;
	assert_int_equal(0, touch_sets_count(&s, arena, &f));
	f.ntargets = 1;
	assert_int_equal(1, touch_sets_count(&s, arena, &f));
	f.ntargets = 0;
	assert_int_equal(2, touch_sets_count(&s, arena, &f));
	assert_int_equal(2, touch_sets_count(&s, arena, &f));
	assert_int_equal(3, s.n);
	assert_string_equal("{\"crit_a\",\"crit_b\"}", s.set[0].criteria);
	assert_string_equal("{\"crit_b\"}", s.set[1].criteria);
	assert_string_equal("{}", s.set[2].criteria);
	assert_int_equal(2, s.set[0].add.n[FEEDBACK_COMMENT]);
	assert_int_equal(1, s.set[1].add.n[FEEDBACK_COMMENT]);
	assert_int_equal(2, s.set[2].add.n[FEEDBACK_COMMENT]);
}

/* What the database keeps of one judge: totals, and sets by their digest. */
struct kept {
	struct tally	 judge;
	struct touch_set set[16];
	int		 n;
};

/* As store_feedback_touch: adds, and gives id and totals back. */
static void
kept_touch(struct kept *k, struct touch_set *s)
{
	int i, kind;

	for (i = 0; i < k->n; i++)
		if (strcmp(k->set[i].digest, s->digest) == 0)
			break;
	if (i == k->n) {
		assert_true(k->n < 16);
		memset(&k->set[i], 0, sizeof(k->set[i]));
		memcpy(k->set[i].digest, s->digest, sizeof(s->digest));
		k->set[i].id = ++k->n;
	}
	for (kind = 0; kind < FEEDBACK__MAX; kind++)
		k->set[i].after.n[kind] += s->add.n[kind];
	s->id = k->set[i].id;
	s->after = k->set[i].after;
}

/* One call that brings n entries. */
static void
kept_call(struct kept *k, struct feedback *f, int n)
{
	struct feedback *list[ENTRIES];
	struct touch_sets sets;
	int set_of[ENTRIES], i;

	touch_sets_init(&sets, arena, n);
	for (i = 0; i < n; i++) {
		list[i] = &f[i];
		set_of[i] = touch_sets_count(&sets, arena, &f[i]);
		tally_add(&k->judge, feedback_kind(f[i].type, f[i].approved),
		    1);
	}
	for (i = 0; i < sets.n; i++)
		kept_touch(k, &sets.set[i]);
	tally_run(list, n, &k->judge, &sets, set_of);
}

/* Entries of all kinds on some of three criteria, in calls of many sizes. */
static void
entries_make(struct kept *k, struct feedback *f)
{
	static const char *const types[] = { "correction", "rating",
	    "approval", "approval", "comment" };
	static const char *const abc[] = { "crit_a", "crit_b", "crit_c" };
	uint32_t r = 1;
	int i, n, left;

	for (i = 0; i < ENTRIES; i++) {
		r = r * 1664525 + 1013904223;
		memset(&f[i], 0, sizeof(f[i]));
		f[i].type = types[(r >> 8) % 5];
		f[i].approved = (r >> 8) % 5 == 2;
		f[i].target = abc + (r >> 16) % 3;
		f[i].ntargets = (int)((r >> 24) % (4 - (r >> 16) % 3));
	}
	memset(k, 0, sizeof(*k));
	for (i = 0, left = ENTRIES; left > 0; i += n, left -= n) {
		n = 1 + i % 37;
		if (n > left)
			n = left;
		kept_call(k, f + i, n);
	}
}

static int
touches(const struct feedback *f, const char *criterion)
{
	int i;

	for (i = 0; i < f->ntargets; i++)
		if (strcmp(f->target[i], criterion) == 0)
			return 1;
	return 0;
}

static void
numbers_have_no_gaps(void **state)
{
	static struct feedback f[ENTRIES];
	struct kept k;
	int i;

	entries_make(&k, f);
	for (i = 0; i < ENTRIES; i++)
		assert_int_equal(i + 1, f[i].number);
	assert_int_equal(ENTRIES, tally_total(&k.judge));
}

/* A range is the difference of the totals at its two ends. */
static void
running_totals_count_any_range(void **state)
{
	static struct feedback f[ENTRIES];
	struct kept k;
	int64_t want[FEEDBACK__MAX];
	int from, to, i, kind;

	entries_make(&k, f);
	for (from = 0; from < ENTRIES; from += 23)
		for (to = from; to < ENTRIES; to += 31) {
			memset(want, 0, sizeof(want));
			for (i = from; i <= to; i++)
				want[feedback_kind(f[i].type,
				    f[i].approved)]++;
			for (kind = 0; kind < FEEDBACK__MAX; kind++)
				assert_int_equal(want[kind],
				    f[to].total.n[kind] - (from == 0 ? 0 :
				    f[from - 1].total.n[kind]));
		}
}

/*
 * The sum over the touch sets that meet the targets, each as a difference of
 * its own totals, counts an entry that touches both targets once.
 */
static void
touch_sets_count_any_selection(void **state)
{
	static struct feedback f[ENTRIES];
	struct tally first, last;
	int64_t want = 0, got = 0;
	struct kept k;
	int i, set, seen, from = 57, to = 333;

	entries_make(&k, f);
	for (i = from; i <= to; i++)
		want += touches(&f[i], "crit_a") || touches(&f[i], "crit_b");
	for (set = 1; set <= k.n; set++) {
		memset(&first, 0, sizeof(first));
		memset(&last, 0, sizeof(last));
		seen = 0;
		for (i = 0; i <= to; i++) {
			if (f[i].touch_set != set ||
			    (!touches(&f[i], "crit_a") &&
			    !touches(&f[i], "crit_b")))
				continue;
			if (i < from)
				first = f[i].set_total;
			last = f[i].set_total;
			seen = 1;
		}
		if (seen)
			got += tally_total(&last) - tally_total(&first);
	}
	assert_true(want > 100);
	assert_int_equal(want, got);
}

/* --- impact -------------------------------------------------------------- */

static void
impact_of(struct impact *im, const char *type, int approved, double rating,
    double moved, int times)
{
	struct feedback f = { .type = type, .approved = approved,
	    .rating = rating };

	while (times-- > 0)
		impact_add(im, &f, moved);
}

static void
impact_counts_by_type(void **state)
{
	struct impact im = { 0 };

	impact_of(&im, "correction", -1, NAN, 10, 2);
	/* a difference of two decimals that binary makes a little smaller */
	impact_of(&im, "correction", -1, NAN, 74.13 - 64.13, 1);
	impact_of(&im, "correction", -1, NAN, 9.99, 1);
	impact_of(&im, "approval", 1, NAN, 0, 2);
	impact_of(&im, "approval", 0, NAN, 0, 1);
	impact_of(&im, "rating", -1, 4, 50, 1);
	impact_of(&im, "rating", -1, 1.5, 0, 1);
	impact_of(&im, "comment", 1, 5, 50, 1);
	assert_int_equal(3, im.significant);
	assert_true(fabs(impact_approval_rate(&im) - 2.0 / 3) < 1e-12);
	assert_true(impact_average_rating(&im) == 2.75);
}

static void
nothing_to_divide_by_is_undefined(void **state)
{
	struct impact im = { 0 };

	assert_true(isnan(impact_approval_rate(&im)));
	assert_true(isnan(impact_average_rating(&im)));
}

static void
retraining_is_recommended_at_its_bounds(void **state)
{
	struct impact im = { 0 };

	assert_false(impact_recommends(&im, 49, IMPACT_NEW));
	assert_true(impact_recommends(&im, 50, IMPACT_NEW));

	impact_of(&im, "correction", -1, NAN, 10, 4);
	assert_false(impact_recommends(&im, 0, IMPACT_NEW));
	impact_of(&im, "correction", -1, NAN, 10, 1);
	assert_true(impact_recommends(&im, 0, IMPACT_NEW));

	memset(&im, 0, sizeof(im));
	impact_of(&im, "approval", 0, NAN, 0, 9);
	assert_false(impact_recommends(&im, 0, IMPACT_NEW));
	impact_of(&im, "approval", 0, NAN, 0, 1);
	assert_true(impact_recommends(&im, 0, IMPACT_NEW));

	memset(&im, 0, sizeof(im));
	impact_of(&im, "approval", 1, NAN, 0, 7);
	impact_of(&im, "approval", 0, NAN, 0, 3);
	assert_false(impact_recommends(&im, 0, IMPACT_NEW));
	impact_of(&im, "approval", 0, NAN, 0, 1);
	assert_true(impact_recommends(&im, 0, IMPACT_NEW));
}

#define T(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(entry_says_what_its_type_needs),
		T(correction_targets_what_it_corrects),
		T(other_types_target_nothing_by_themselves),
		T(entry_fits_what_was_shown),
		T(bad_entries_get_messages_of_their_own),
		T(atomic_call_tells_where_its_bad_entries_are),
		T(atomic_call_tells_broken_rules),
		T(options_are_read),
		T(entry_counts_once_by_its_type),
		T(comments_and_rejections_are_not_usable),
		T(touch_set_is_a_set),
		T(numbers_have_no_gaps),
		T(running_totals_count_any_range),
		T(touch_sets_count_any_selection),
		T(impact_counts_by_type),
		T(nothing_to_divide_by_is_undefined),
		T(retraining_is_recommended_at_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
