/* SPDX-License-Identifier: BSD-2-Clause */
/* Which result is deployed, and what a version inherits. */
#include "config.h"

#include <math.h>

#include "unit.h"

#include "domain/deploy.h"

/* In the order of struct deploy_case; each row spoils the first in one way. */
static const struct {
	const char		*what;
	const char		*reason;
	int			 active;
	struct deploy_case	 c;
} cases[] = {
	{ "better", "deployed", 1,
	    { 1, 1, 0, 1, 5, 6.48, 9.73, 0.7, 0.69 } },
	{ "nobody asked", "not_requested", 0,
	    { 0, 1, 0, 1, 5, 6.48, 9.73, 0.7, 0.69 } },
	{ "nobody asked, and criteria changed", "not_requested", 0,
	    { 0, 1, 1, 1, 5, 6.48, 9.73, 0.7, 0.69 } },
	{ "criteria changed", "criteria_changed", 0,
	    { 1, 1, 1, 1, 5, 6.48, 9.73, 0.7, 0.69 } },
	{ "criteria changed, whatever the options say", "criteria_changed", 0,
	    { 1, 0, 1, 1, 5, 6.48, 9.73, 0.7, 0.69 } },
	{ "unchecked", "deployed_unchecked", 1,
	    { 1, 0, 0, 1, 5, 50, 9.73, 0.7, 0.69 } },
	{ "unchecked, with nothing held out", "deployed_unchecked", 1,
	    { 1, 0, 0, 1, 0, 6.48, 9.73, 0.7, 0.69 } },
	{ "unchecked, against another version", "deployed_unchecked", 1,
	    { 1, 0, 0, 0, 5, 6.48, 9.73, 0.7, 0.69 } },
	{ "four held out", "holdout_too_small", 0,
	    { 1, 1, 0, 1, 4, 6.48, 9.73, 0.7, 0.69 } },
	{ "too small comes before not improved", "holdout_too_small", 0,
	    { 1, 1, 0, 1, 4, 50, 9.73, 0.7, 0.69 } },
	{ "as good as before", "deployed", 1,
	    { 1, 1, 0, 1, 5, 9.73, 9.73, 0.7, 0.69 } },
	{ "a little worse", "not_improved", 0,
	    { 1, 1, 0, 1, 5, 9.7301, 9.73, 0.7, 0.69 } },
	{ "not improved comes before ranking", "not_improved", 0,
	    { 1, 1, 0, 1, 5, 9.7301, 9.73, 0.1, 0.69 } },
	{ "no error of the new one", "not_improved", 0,
	    { 1, 1, 0, 1, 5, NAN, 9.73, 0.7, 0.69 } },
	{ "no error of the active one", "not_improved", 0,
	    { 1, 1, 0, 1, 5, 6.48, NAN, 0.7, 0.69 } },
	{ "compared with a version that is gone", "not_improved", 0,
	    { 1, 1, 0, 0, 5, 6.48, 9.73, 0.7, 0.69 } },
	{ "ranking 0.02 lower", "deployed", 1,
	    { 1, 1, 0, 1, 5, 6.48, 9.73, 0.67, 0.69 } },
	{ "the same where numbers subtract badly", "deployed", 1,
	    { 1, 1, 0, 1, 5, 6.48, 9.73, 0.68, 0.7 } },
	{ "ranking lower still", "ranking_worse", 0,
	    { 1, 1, 0, 1, 5, 6.48, 9.73, 0.6699, 0.69 } },
	{ "no ranking of the new one", "deployed", 1,
	    { 1, 1, 0, 1, 5, 6.48, 9.73, NAN, 0.69 } },
	{ "no ranking of the active one", "deployed", 1,
	    { 1, 1, 0, 1, 5, 6.48, 9.73, 0.7, NAN } },
};

static void
each_case_has_its_reason(void **state)
{
	enum deploy_reason reason;
	size_t i;

	for (i = 0; i < UNIT_COUNT(cases); i++) {
		reason = deploy_decide(&cases[i].c);
		if (strcmp(cases[i].reason, deploy_reason_word(reason)) != 0)
			fail_msg("%s: %s", cases[i].what,
			    deploy_reason_word(reason));
		assert_int_equal(cases[i].active,
		    deploy_reason_active(reason));
	}
}

static void
every_reason_is_reached(void **state)
{
	int seen[DEPLOY__MAX] = { 0 };
	size_t i;

	for (i = 0; i < UNIT_COUNT(cases); i++)
		seen[deploy_decide(&cases[i].c)] = 1;
	for (i = 0; i < DEPLOY__MAX; i++)
		assert_true(seen[i]);
}

static void
lineage_follows_the_type(void **state)
{
	static const struct {
		const char	*type;
		struct lineage	 base;
		int64_t		 mark;
		double		 split;
		struct lineage	 next;
		int		 moves;
	} rows[] = {
		{ "incremental", { 80, 90, 0.1 }, 100, 0.2,
		    { 100, 100, 0.1 }, 1 },
		{ "incremental", { 80, 120, 0.3 }, 100, 0.2,
		    { 100, 120, 0.2 }, 1 },
		{ "full_retrain", { 80, 120, 0.1 }, 100, 0.2,
		    { 100, 100, 0.2 }, 1 },
		{ "fine_tune", { 80, 90, 0.1 }, 100, 0.2,
		    { 80, 100, 0.1 }, 0 },
		{ "fine_tune", { 0, 0, 1 }, 100, 0,
		    { 0, 100, 0 }, 0 },
	};
	struct lineage next;
	size_t i;

	for (i = 0; i < UNIT_COUNT(rows); i++) {
		next = lineage_next(rows[i].type, &rows[i].base,
		    rows[i].mark, rows[i].split);
		assert_int_equal(rows[i].next.trained_through,
		    next.trained_through);
		assert_int_equal(rows[i].next.seen_through,
		    next.seen_through);
		assert_true(rows[i].next.seen_split == next.seen_split);
		assert_int_equal(rows[i].moves,
		    lineage_moves_mark(rows[i].type));
	}
	assert_false(lineage_moves_mark("validation"));
}

static void
summaries_are_sentences(void **state)
{
	char text[160];

	lineage_summary(text, sizeof(text), "incremental", 50, 9.73, 6.48);
	assert_string_equal("incremental training on 50 entries; mean error "
	    "9.73 to 6.48 points", text);
	lineage_summary(text, sizeof(text), "full_retrain", 1, NAN, 6.48);
	assert_string_equal("full retraining on 1 entry", text);
	lineage_summary(text, sizeof(text), "fine_tune", 0, 1, NAN);
	assert_string_equal("fine-tuning on 0 entries", text);
	lineage_summary(text, 10, "incremental", 50, 9.73, 6.48);
	assert_string_equal("increment", text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case_has_its_reason),
		cmocka_unit_test(every_reason_is_reached),
		cmocka_unit_test(lineage_follows_the_type),
		cmocka_unit_test(summaries_are_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
