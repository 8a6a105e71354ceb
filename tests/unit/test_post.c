/* SPDX-License-Identifier: BSD-2-Clause */
/* What an event is told that was refused. */
#include "config.h"

#include "unit.h"

#include "domain/post.h"

static void
refusals(void **state)
{
	static const struct {
		enum err		 want;
		const char		*status, *final;
		enum progress_type	 type;
	} rows[] = {
		/* the last one again, and only that */
		{ ERR_OK, "completed", "training_end", PROGRESS_TRAINING_END },
		{ ERR_OK, "failed", "training_error",
		    PROGRESS_TRAINING_ERROR },
		{ ERR_OK, "cancelled", "training_error",
		    PROGRESS_TRAINING_ERROR },
		{ ERR_JOB_FINISHED, "completed", "training_end",
		    PROGRESS_TRAINING_ERROR },
		{ ERR_JOB_FINISHED, "failed", "training_error",
		    PROGRESS_TRAINING_END },
		{ ERR_JOB_FINISHED, "completed", "training_end",
		    PROGRESS_STEP_COMPLETE },
		/* ended without an event of its own */
		{ ERR_JOB_FINISHED, "failed", NULL, PROGRESS_TRAINING_ERROR },
		{ ERR_JOB_FINISHED, "cancelled", NULL,
		    PROGRESS_TRAINING_START },
		/* retried since: the attempt's own end counts */
		{ ERR_OK, "queued", "training_error",
		    PROGRESS_TRAINING_ERROR },
		{ ERR_OK, "running", "training_error",
		    PROGRESS_TRAINING_ERROR },
		{ ERR_CONFLICT, "running", "training_error",
		    PROGRESS_TRAINING_END },
		/* lost */
		{ ERR_CONFLICT, "queued", NULL, PROGRESS_STEP_COMPLETE },
		{ ERR_CONFLICT, "claimed", NULL, PROGRESS_TRAINING_END },
		{ ERR_CONFLICT, "running", NULL, PROGRESS_TRAINING_END },
	};
	size_t i;

	for (i = 0; i < UNIT_COUNT(rows); i++)
		assert_int_equal(rows[i].want, post_refusal(rows[i].status,
		    rows[i].final, rows[i].type));
}

static void
series_are_trimmed_by_chance(void **state)
{
	struct post t = { .points = 0 };

	assert_false(post_trim_due(&t));
	/* as many as are trimmed at once: certainly */
	t.points = 10000;
	assert_true(post_trim_due(&t));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),
		cmocka_unit_test(series_are_trimmed_by_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
