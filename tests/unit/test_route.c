/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths: which row answers, 404 against 405 and Allow, parameters. */
#include "config.h"

#include "unit.h"

/*
 * The table names every handler of the responder; here none is called, so
 * none needs to be there.
 */
#include "fcgi/route.h"
#define ROUTE(method, pattern, handler, ...) \
	enum err handler(struct req *, struct reply *) __attribute__((weak));
#include "fcgi/route.tbl.h"
#undef ROUTE
#include "fcgi/route.c"

#define JOBS "/api/v1/org/acme/ws/main/training/jobs"

static struct arena	*arena;

static int
setup(void **state)
{
	arena = arena_new(4096);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

/* "pattern", or "404", or "405 Allow". */
static const char *
match(enum method method, const char *path, struct req *req)
{
	const char	*allow = "";
	enum err	 err;

	memset(req, 0, sizeof(*req));
	req->arena = arena;
	req->method = method;
	req->path = path;
	err = route_match(req, &allow);
	if (err == ERR_METHOD)
		return arena_printf(arena, "405 %s", allow);
	return err == ERR_OK ? req->route->pattern : "404";
}

static void
rows_answer_their_paths(void **state)
{
	static const struct {
		enum method	 method;
		const char	*path, *is;
	} row[] = {
		{ METHOD_GET, "/healthz", "/healthz" },
		{ METHOD_HEAD, "/healthz", "/healthz" },
		{ METHOD_GET, "/api/v1/health", "/api/v1/health" },
		{ METHOD_POST, JOBS,
		    "/api/v1/org/{org}/ws/{ws}/training/jobs" },
		{ METHOD_GET, JOBS "/x",
		    "/api/v1/org/{org}/ws/{ws}/training/jobs/{job_id}" },
		{ METHOD_GET, "/evaluations/batches",
		    "/evaluations/{evaluation_id}" },
		{ METHOD_POST, "/evaluations/batch", "/evaluations/batch" },
		{ METHOD_GET, "/training/jobs/x",
		    "/training/jobs/{job_id}" },
		{ METHOD_PUT, "/api/v1/org/a/ws/b/artifacts/dataset/n/1",
		    "/api/v1/org/{org}/ws/{ws}/artifacts/{kind}/{name}/"
		    "{version}" },
		{ METHOD_GET, "/api/v1/org/a/ws/b/artifacts/dataset/n/1/"
		    "content", "/api/v1/org/{org}/ws/{ws}/artifacts/{kind}/"
		    "{name}/{version}/content" },
	};
	struct req	req;
	size_t		i;

	for (i = 0; i < UNIT_COUNT(row); i++)
		assert_string_equal(row[i].is,
		    match(row[i].method, row[i].path, &req));
}

static void
other_paths_are_not_found(void **state)
{
	static const char *const path[] = { "", "/", "healthz", "/healthz/",
	    "/healthzz", "/health", "/Healthz", "//healthz", JOBS "/",
	    JOBS "/x/", "/api/v1/org//ws/main/training/jobs",
	    "/api/v1/org/acme/ws//training/jobs",
	    "/api/v1/org/a/b/ws/main/training/jobs/x",
	    "/api/v1//org/acme/ws/main/training/jobs", "/api/v1",
	    "/training/jobs/", "{", "/judges/{judge_id}/x/y/z" };
	struct req	req;
	size_t		i;
	int		m;

	for (i = 0; i < UNIT_COUNT(path); i++)
		for (m = METHOD_GET; m <= METHOD_OTHER; m++)
			assert_string_equal("404",
			    match((enum method)m, path[i], &req));
}

static void
other_methods_are_told_what_is_allowed(void **state)
{
	static const struct {
		enum method	 method;
		const char	*path, *is;
	} row[] = {
		{ METHOD_POST, "/healthz", "405 GET, HEAD" },
		{ METHOD_DELETE, "/healthz", "405 GET, HEAD" },
		{ METHOD_OTHER, "/healthz", "405 GET, HEAD" },
		{ METHOD_GET, "/evaluations/batch", "405 POST" },
		{ METHOD_HEAD, "/evaluations/batch", "405 POST" },
		{ METHOD_POST, "/api/v1/training/catalog", "405 GET, HEAD" },
		{ METHOD_POST, "/api/v1/org/a/ws/b/artifacts/c/d/e",
		    "405 PUT, GET, HEAD" },
		{ METHOD_PUT, "/api/v1/org/a/ws/b/artifacts/c/d/e/content",
		    "405 GET, HEAD" },
	};
	struct req	req;
	size_t		i;

	for (i = 0; i < UNIT_COUNT(row); i++)
		assert_string_equal(row[i].is,
		    match(row[i].method, row[i].path, &req));
}

static void
parameters_are_found_by_name(void **state)
{
	struct req	req;

	match(METHOD_GET, "/api/v1/org/o-1/ws/w-2/artifacts/dataset/a.b/1+x/"
	    "content", &req);
	assert_string_equal("o-1", route_param(&req, "org"));
	assert_string_equal("w-2", route_param(&req, "ws"));
	assert_string_equal("dataset", route_param(&req, "kind"));
	assert_string_equal("a.b", route_param(&req, "name"));
	assert_string_equal("1+x", route_param(&req, "version"));
}

static void
wrong_parameter(void *arg)
{
	struct req	req;

	match(METHOD_GET, JOBS "/x", &req);
	(void)route_param(&req, "job");
}

static void
a_parameter_that_is_not_there_is_a_bug(void **state)
{
	char	said[256];

	assert_int_equal(1, unit_child(wrong_parameter, NULL, said,
	    sizeof(said)));
	assert_non_null(strstr(said, "has no parameter job"));
}

/* What one row says must not contradict another, nor what gates expect. */
static void
the_table_is_consistent(void **state)
{
	const struct route	*r, *s;
	size_t			 i, k;
	const char		*p;
	int			 params;

	assert_true(route_count > 10);
	for (i = 0; i < route_count; i++) {
		r = &route_table[i];
		for (k = 0; k < i; k++) {
			s = &route_table[k];
			if (s->method == r->method &&
			    strcmp(s->pattern, r->pattern) == 0)
				fail_msg("twice: %s", r->pattern);
		}
		for (params = 0, p = r->pattern; *p != '\0'; p++)
			params += *p == '{';
		assert_in_range(params, 0, REQ_PARAMS);
		assert_int_equal('/', r->pattern[0]);
		assert_true(strlen(r->summary) > 0);
		/* a face needs a token, a scope needs one too */
		if (r->gates & (GATE_WORKSPACE | GATE_OWN))
			assert_true(r->gates & GATE_TOKEN);
		if (r->scope != SCOPE_NONE)
			assert_true(r->gates & GATE_TOKEN);
		/* what has a body has a bound, a POST has a body */
		if (r->gates & GATE_JSON)
			assert_true(r->max_body > 0);
		if (r->method == METHOD_POST && (r->gates & GATE_TOKEN))
			assert_true(r->gates & GATE_JSON);
		if (r->body != NULL)
			assert_true(r->gates & GATE_JSON);
	}
}

/* Every row says what a caller gets. */
static void
the_table_tells_the_replies(void **state)
{
	const struct route	*r;
	size_t			 i, k;

	for (i = 0; i < route_count; i++) {
		r = &route_table[i];
		if (r->success[0] == 0 &&
		    r->errors[0] != ERR_NOT_IMPLEMENTED)
			fail_msg("no status: %s", r->pattern);
		for (k = 0; k < ROUTE_SUCCESSES; k++)
			if (r->success[k] != 0)
				assert_in_range(r->success[k], 200, 206);
		if ((r->reply == NULL) != !!(r->traits & SENDS_BYTES))
			fail_msg("no reply: %s", r->pattern);
		if (r->traits & SENDS_LOCATION)
			assert_int_equal(201, r->success[0]);
		if (r->body != NULL)
			assert_null(r->bodies[0]);
		else if ((r->gates & (GATE_JSON | GATE_OPTIONAL)) ==
		    GATE_JSON && r->bodies[0] == NULL)
			fail_msg("no body: %s", r->pattern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(rows_answer_their_paths),
		T(other_paths_are_not_found),
		T(other_methods_are_told_what_is_allowed),
		T(parameters_are_found_by_name),
		T(a_parameter_that_is_not_there_is_a_bug),
		T(the_table_is_consistent),
		T(the_table_tells_the_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
