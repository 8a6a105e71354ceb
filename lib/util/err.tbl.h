/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every error that can leave the server.  The C enum, the envelope, nginx's
 * error pages and the manual are made from these rows.
 *
 * ERR(symbol, HTTP status, wire type, default detail, may be retried)
 */
ERR(REQUEST, 400, "invalid_request_error", "the request is malformed", 0)
ERR(AUTH, 401, "authentication_error", "authentication required", 0)
ERR(PERMISSION, 403, "permission_error", "the token lacks a scope", 0)
ERR(NOT_FOUND, 404, "not_found_error", "not found", 0)
ERR(METHOD, 405, "method_not_allowed_error", "method not allowed", 0)
ERR(REQUEST_TIMEOUT, 408, "request_timeout_error",
    "the request did not arrive in time", 1)
ERR(CONFLICT, 409, "conflict_error", "the resource's state forbids this", 0)
ERR(JOB_FINISHED, 409, "job_finished_error", "the job has finished", 0)
ERR(JOB_ACTIVE, 409, "job_already_active_error",
    "the judge already has an active job", 0)
ERR(INVALID_STATE, 409, "invalid_state_error",
    "the resource's state forbids this", 0)
ERR(IDEMPOTENCY_BUSY, 409, "idempotency_in_progress_error",
    "the first request with this idempotency key is still running", 1)
ERR(LENGTH, 411, "length_required_error", "a Content-Length is required", 0)
ERR(PRECONDITION, 412, "precondition_failed_error",
    "the precondition does not hold", 0)
ERR(TOO_LARGE, 413, "payload_too_large_error", "the body is too large", 0)
ERR(URI, 414, "uri_too_long_error", "the address is too long", 0)
ERR(MEDIA_TYPE, 415, "unsupported_media_type_error",
    "the media type is not supported", 0)
ERR(RANGE, 416, "range_not_satisfiable_error",
    "the range cannot be satisfied", 0)
ERR(MISDIRECTED, 421, "misdirected_request_error",
    "this server does not answer for that host", 0)
ERR(VALIDATION, 422, "validation_error", "the request is not valid", 0)
ERR(INSUFFICIENT_FEEDBACK, 422, "insufficient_feedback_error",
    "there is not enough feedback", 0)
ERR(IDEMPOTENCY_REUSED, 422, "idempotency_key_reused_error",
    "the idempotency key was used with another body", 0)
ERR(UPGRADE, 426, "upgrade_required_error", "use https", 0)
ERR(RATE, 429, "rate_limit_error", "too many requests", 1)
ERR(HEADER, 431, "header_too_large_error",
    "the request's headers are too large", 0)
ERR(INTERNAL, 500, "internal_error", "internal error", 0)
ERR(NOT_IMPLEMENTED, 501, "not_implemented_error", "not implemented", 0)
ERR(BAD_GATEWAY, 502, "bad_gateway_error",
    "the application gave no answer", 1)
ERR(UNAVAILABLE, 503, "service_unavailable_error",
    "the service is not available; try again", 1)
ERR(GATEWAY_TIMEOUT, 504, "gateway_timeout_error",
    "the application did not answer in time", 1)
ERR(HTTP_VERSION, 505, "http_version_error",
    "the HTTP version is not supported", 0)
