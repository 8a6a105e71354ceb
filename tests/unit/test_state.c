/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a job. */
#include "config.h"

#include "unit.h"

#include "domain/state.h"

static void
words_read_back(void **state)
{
	enum job_state s, back;

	for (s = 0; s < JOB__MAX; s++) {
		assert_int_equal(0, state_parse(state_word(s), &back));
		assert_int_equal(s, back);
	}
	assert_int_equal(-1, state_parse("pending", &back));
	assert_int_equal(-1, state_parse("", &back));
}

static void
faces_show_their_own_words(void **state)
{
	assert_string_equal("queued",
	    state_face_word(JOB_CLAIMED, FACE_HOSTED));
	assert_string_equal("", state_face_word(JOB_CLAIMED, FACE_JUDGE));
	assert_string_equal("running",
	    state_face_word(JOB_RUNNING, FACE_HOSTED));
	assert_string_equal("", state_face_word(JOB_TRAINING, FACE_HOSTED));
	assert_string_equal("training",
	    state_face_word(JOB_TRAINING, FACE_JUDGE));
}

static void
finished_jobs_are_left_by_retry_alone(void **state)
{
	enum job_state from, to;
	int face;

	for (face = FACE_HOSTED; face <= FACE_JUDGE; face++)
		for (from = 0; from < JOB__MAX; from++)
			for (to = 0; to < JOB__MAX; to++)
				if (state_phase(from) == PHASE_FINISHED &&
				    state_may_follow(face, from, to))
					assert_int_equal(JOB_QUEUED, to);
	assert_true(state_may_follow(FACE_JUDGE, JOB_FAILED, JOB_QUEUED));
	assert_true(state_may_follow(FACE_HOSTED, JOB_CANCELLED, JOB_QUEUED));
	assert_false(state_may_follow(FACE_HOSTED, JOB_COMPLETED,
	    JOB_QUEUED));
}

static void
every_way_to_the_end_leads_through_work(void **state)
{
	assert_false(state_may_follow(FACE_HOSTED, JOB_QUEUED,
	    JOB_COMPLETED));
	assert_false(state_may_follow(FACE_HOSTED, JOB_CLAIMED,
	    JOB_COMPLETED));
	assert_true(state_may_follow(FACE_HOSTED, JOB_RUNNING,
	    JOB_COMPLETED));
	assert_false(state_may_follow(FACE_JUDGE, JOB_TRAINING,
	    JOB_COMPLETED));
	assert_true(state_may_follow(FACE_JUDGE, JOB_VALIDATING,
	    JOB_COMPLETED));
	assert_true(state_may_follow(FACE_JUDGE, JOB_PREPARING,
	    JOB_VALIDATING));
}

static void
a_face_keeps_to_its_own_edges(void **state)
{
	assert_false(state_may_follow(FACE_JUDGE, JOB_QUEUED, JOB_CLAIMED));
	assert_false(state_may_follow(FACE_HOSTED, JOB_QUEUED,
	    JOB_PREPARING));
	assert_false(state_may_follow(FACE_HOSTED, JOB_CREATED, JOB_QUEUED));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_read_back),
		cmocka_unit_test(faces_show_their_own_words),
		cmocka_unit_test(finished_jobs_are_left_by_retry_alone),
		cmocka_unit_test(every_way_to_the_end_leads_through_work),
		cmocka_unit_test(a_face_keeps_to_its_own_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
