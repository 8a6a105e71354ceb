/* SPDX-License-Identifier: BSD-2-Clause */
/* Which handler answers which path: route.tbl.h, and how it is matched. */
#ifndef FCGI_ROUTE_H
#define FCGI_ROUTE_H

#include "domain/schema.h"
#include "domain/shape.h"
#include "fcgi/http.h"

/* What stands between a request and its handler (gate.c, in this order). */
#define GATE_TOKEN	0x01	/* a valid token */
#define GATE_WORKSPACE	0x02	/* {org} and {ws} of the path */
#define GATE_OWN	0x04	/* the token's own workspace: judge face */
#define GATE_JSON	0x08	/* a JSON object as body */
#define GATE_OPTIONAL	0x10	/* with GATE_JSON: an empty body is {} */
#define GATE_STREAM	0x20	/* the handler reads the body itself */
#define GATE_ORG	0x40	/* {org} of the path, no workspace */
/* A job's token may call it, for its own job, workspace and project ... */
#define GATE_JOB	0x80
#define GATE_SHELF	0x100	/* ... and in the default workspace ... */
#define GATE_LATE	0x200	/* ... and when its attempt is over */

#define GATES_HOSTED	(GATE_TOKEN | GATE_WORKSPACE)
#define GATES_JUDGE	(GATE_TOKEN | GATE_OWN)

/* What a route's replies and requests have besides (traits). */
#define SENDS_LOCATION	0x01	/* with 201 */
#define SENDS_ETAG	0x02	/* takes If-None-Match, gives 304 */
#define SENDS_BYTES	0x04	/* an artifact: ranges, ETag, any type */
#define SENDS_ARRAY	0x08	/* an array of the reply's shape */
#define TAKES_IF_MATCH	0x10	/* gives 412 */
#define TAKES_IF_NONE	0x20	/* If-None-Match: * gives 412 */
#define TAKES_DIGEST	0x40	/* Content-Digest */
#define TAKES_PREFER	0x80	/* Prefer: return=minimal */
/*
 * The published client takes any text with "404" in it for a missing
 * resource: no other error's detail may hold that.
 */
#define GUARDS_404	0x100
#define SENDS_TEXT	0x200	/* text/plain, too, when it is asked for */
#define SENDS_PAGE	0x400	/* text/html, too, when it is asked for */

#define ROUTE_SUCCESSES	2	/* most statuses of success */
#define ROUTE_ERRORS	8	/* most errors of a handler's own */
#define ROUTE_BODIES	3	/* most schemas that a handler picks from */

struct route {
	enum method		 method;
	const char		*pattern;
	enum err		(*handler)(struct req *, struct reply *);
	unsigned int		 gates;
	enum scope		 scope;
	const struct schema	*body;	/* checked by the gate; may be NULL */
	const struct schema	*query;	/* NULL: no parameters */
	size_t			 max_body;
	const char		*summary;
	/*
	 * The rest is for the API description: what a caller gets.  What the
	 * gates answer follows from the columns before.
	 */
	const struct shape	*reply;		/* NULL: SENDS_BYTES */
	int			 success[ROUTE_SUCCESSES];
	unsigned int		 traits;
	enum err		 errors[ROUTE_ERRORS];	/* the handler's own */
	/* bodies that the handler checks by itself (body is NULL) */
	const struct schema	*bodies[ROUTE_BODIES];
};

#define ROUTE(method, pattern, handler, ...) \
	enum err handler(struct req *, struct reply *);
#include "fcgi/route.tbl.h"
#undef ROUTE

/*
 * Finds the row and fills req->route and req->param.  ERR_NOT_FOUND, or
 * ERR_METHOD and *allow ("GET, HEAD, POST").  HEAD is served by GET's row.
 */
enum err route_match(struct req *, const char **allow) MUSTCHECK;
/* "GET", "HEAD", ..., "" for a method that no route has. */
const char *method_word(enum method);
/* The parameter called `name` in the route's pattern. */
const char *route_param(const struct req *, const char *name);
/* NULL when the pattern has none of that name. */
const char *route_param_opt(const struct req *, const char *name);

/* All rows, for the API description and tests. */
extern const struct route route_table[];
extern const size_t route_count;

#endif
