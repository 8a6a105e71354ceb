/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens of attempts: what they name. */
#include "config.h"

#include <limits.h>

#include "unit.h"

#include "domain/secret.h"

static void
a_token_names_its_attempt(void **state)
{
	static const int numbers[] = { 1, 9, 10, INT_MAX };
	char token[SECRET_JOB_LEN], other[SECRET_JOB_LEN];
	char ws[UUID_LEN], job[UUID_LEN], ws2[UUID_LEN], job2[UUID_LEN];
	size_t i;
	int n;

	uuid_new(ws);
	uuid_new(job);
	for (i = 0; i < UNIT_COUNT(numbers); i++) {
		secret_job(ws, job, numbers[i], token);
		secret_job(ws, job, numbers[i], other);
		assert_string_not_equal(token, other);
		assert_memory_equal("ty_job_", token, 7);
		assert_true(secret_job_read(token, ws2, job2, &n));
		assert_string_equal(ws, ws2);
		assert_string_equal(job, job2);
		assert_int_equal(numbers[i], n);
	}
}

static void
others_are_none(void **state)
{
	static const char *const rows[] = { "", "ty_job_", "ty_key_x",
	    "ty_job_00000000000000000000000000",
	    "ty_job_0000000000000000000000000000000000000000000000000000",
	    "ty_job_0000000000000000000000000000000000000000000000000000_1",
	    "ty_job_0000000000000000000000000000000000000000000000000000_0_x",
	    "ty_job_0000000000000000000000000000000000000000000000000000_-1_x",
	    "ty_job_0000000000000000000000000000000000000000000000000000_"
	    "2147483648_x",
	    "ty_job_0000000000000000000000000000000000000000000000000000_"
	    "99999999999999999999_x",
	    "ty_job_u000000000000000000000000000000000000000000000000000_1_x",
	};
	char ws[UUID_LEN], job[UUID_LEN];
	size_t i;
	int n;

	for (i = 0; i < UNIT_COUNT(rows); i++)
		assert_false(secret_job_read(rows[i], ws, job, &n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_names_its_attempt),
		cmocka_unit_test(others_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
