/* SPDX-License-Identifier: BSD-2-Clause */
/* When a retraining policy fires, and when it is looked at again. */
#include "config.h"

#include "unit.h"

#include "domain/policy_fire.h"
#include "util/ts.h"

#define HOUR	INT64_C(3600000000)
#define NOW	(1000 * HOUR)
#define OLD	(NOW - 100 * HOUR)

/* Usable entries, slot, archived, last fired, set, hours; at least 50. */
static const struct {
	const char		*what;
	enum policy_verdict	 want;
	int64_t			 seconds;	/* POLICY_WAIT only */
	int64_t			 usable;
	int			 taken, archived;
	int64_t			 fired, set;
	double			 hours;
} cases[] = {
	{ "never fired", POLICY_FIRE, 0, 50, 0, 0, TS_NONE, OLD, 24 },
	{ "one entry is missing", POLICY_REST, 0, 49, 0, 0, TS_NONE, OLD, 24 },
	{ "one is missing, and it was set just now", POLICY_WAIT, POLICY_AGAIN,
	    49, 0, 0, TS_NONE, NOW - HOUR / 3600, 24 },
	{ "set a while ago", POLICY_REST, 0,
	    49, 0, 0, TS_NONE, NOW - POLICY_NEW * (HOUR / 3600), 24 },
	{ "slot taken", POLICY_WAIT, POLICY_AGAIN,
	    50, 1, 0, TS_NONE, OLD, 24 },
	{ "archived", POLICY_REST, 0, 50, 0, 1, TS_NONE, OLD, 24 },
	{ "the interval is over", POLICY_FIRE, 0,
	    50, 0, 0, NOW - 24 * HOUR, OLD, 24 },
	{ "the interval is nearly over", POLICY_WAIT, 1,
	    50, 0, 0, NOW - 24 * HOUR + 1, OLD, 24 },
	{ "in the middle of half an hour", POLICY_WAIT, 900,
	    50, 0, 0, NOW - HOUR / 4, OLD, 0.5 },
	{ "no interval", POLICY_FIRE, 0, 50, 0, 0, NOW, OLD, 0 },
	{ "no interval and no slot", POLICY_WAIT, POLICY_AGAIN,
	    50, 1, 0, NOW, OLD, 0 },
	{ "a year", POLICY_WAIT, 8760 * 3600,
	    50, 0, 0, NOW, OLD, 8760 },
	/* feedback wakes it, and knows of the interval */
	{ "too little within the interval", POLICY_REST, 0,
	    49, 0, 0, NOW, OLD, 24 },
};

static void
a_policy_fires_when_all_holds(void **state)
{
	struct policy_facts	f = { .min_new = 50, .now = NOW };
	int64_t			seconds;
	size_t			i;

	for (i = 0; i < UNIT_COUNT(cases); i++) {
		f.usable = cases[i].usable;
		f.slot_taken = cases[i].taken;
		f.archived = cases[i].archived;
		f.last_fired_at = cases[i].fired;
		f.updated_at = cases[i].set;
		f.interval_hours = cases[i].hours;
		seconds = -2;
		if (policy_verdict(&f, &seconds) != cases[i].want)
			fail_msg("%s: another verdict", cases[i].what);
		if (cases[i].want == POLICY_WAIT &&
		    seconds != cases[i].seconds)
			fail_msg("%s: in %lld seconds", cases[i].what,
			    (long long)seconds);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_fires_when_all_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
