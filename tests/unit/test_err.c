/* SPDX-License-Identifier: BSD-2-Clause */
/* The error table: each row reaches the lookups, and the rows make sense. */
#include "config.h"

#include "unit.h"

#include "util/err.h"

static const struct {
	enum err	 e;
	int		 http;
	const char	*type;
	int		 retry;
} wire[] = {
	{ ERR_OK, 200, "", 0 },
	{ ERR_REQUEST, 400, "invalid_request_error", 0 },
	{ ERR_AUTH, 401, "authentication_error", 0 },
	{ ERR_PERMISSION, 403, "permission_error", 0 },
	{ ERR_NOT_FOUND, 404, "not_found_error", 0 },
	{ ERR_METHOD, 405, "method_not_allowed_error", 0 },
	{ ERR_CONFLICT, 409, "conflict_error", 0 },
	{ ERR_JOB_FINISHED, 409, "job_finished_error", 0 },
	{ ERR_JOB_ACTIVE, 409, "job_already_active_error", 0 },
	{ ERR_IDEMPOTENCY_BUSY, 409, "idempotency_in_progress_error", 1 },
	{ ERR_PRECONDITION, 412, "precondition_failed_error", 0 },
	{ ERR_TOO_LARGE, 413, "payload_too_large_error", 0 },
	{ ERR_MEDIA_TYPE, 415, "unsupported_media_type_error", 0 },
	{ ERR_VALIDATION, 422, "validation_error", 0 },
	{ ERR_INSUFFICIENT_FEEDBACK, 422, "insufficient_feedback_error", 0 },
	{ ERR_IDEMPOTENCY_REUSED, 422, "idempotency_key_reused_error", 0 },
	{ ERR_RATE, 429, "rate_limit_error", 1 },
	{ ERR_INTERNAL, 500, "internal_error", 0 },
	{ ERR_BAD_GATEWAY, 502, "bad_gateway_error", 1 },
	{ ERR_UNAVAILABLE, 503, "service_unavailable_error", 1 },
	{ ERR_GATEWAY_TIMEOUT, 504, "gateway_timeout_error", 1 },
};

static void
lookups_follow_the_wire_contract(void **state)
{
	size_t i;

	for (i = 0; i < UNIT_COUNT(wire); i++) {
		assert_int_equal(wire[i].http, err_http(wire[i].e));
		assert_string_equal(wire[i].type, err_type(wire[i].e));
		assert_int_equal(wire[i].retry, err_retryable(wire[i].e));
	}
}

static void
every_error_has_status_type_and_text(void **state)
{
	int e;

	for (e = ERR_OK + 1; e < ERR__MAX; e++) {
		const char *type = err_type((enum err)e);
		size_t n = strlen(type);

		assert_in_range(err_http((enum err)e), 400, 599);
		assert_true(n > 6);
		assert_string_equal("_error", type + n - 6);
		assert_int_equal(n, strspn(type,
		    "abcdefghijklmnopqrstuvwxyz_"));
		assert_true(*err_text((enum err)e) != '\0');
	}
}

static void
types_are_unique(void **state)
{
	int a, b;

	for (a = ERR_OK; a < ERR__MAX; a++)
		for (b = a + 1; b < ERR__MAX; b++)
			assert_string_not_equal(err_type((enum err)a),
			    err_type((enum err)b));
}

static void
number_out_of_range_is_an_internal_error(void **state)
{
	assert_int_equal(500, err_http(ERR__MAX));
	assert_string_equal("internal_error", err_type(ERR__MAX));
	assert_int_equal(500, err_http((enum err)-1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookups_follow_the_wire_contract),
		cmocka_unit_test(every_error_has_status_type_and_text),
		cmocka_unit_test(types_are_unique),
		cmocka_unit_test(number_out_of_range_is_an_internal_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
