/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One request and its reply, as plain data: what a handler sees of HTTP.
 * Both live in the request thread's arena.
 */
#ifndef FCGI_HTTP_H
#define FCGI_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "domain/access.h"
#include "domain/fault.h"
#include "util/arena.h"
#include "util/err.h"
#include "util/jlex.h"
#include "util/jv.h"
#include "util/jw.h"

struct app;
struct route;

enum method {
	METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_PUT, METHOD_DELETE,
	METHOD_OTHER
};

#define REQ_PARAMS	6	/* most {parameters} in a path */
#define REQ_HEADERS	12	/* most headers of a reply */

/* An Idempotency-Key and what it stands for. */
struct idem {
	const char	*key;		/* NULL: none was sent */
	const char	*path;
	char		 hash[65];	/* of query and body bytes, hex */
	int		 kept;		/* a reply is stored under it */
};

struct req {
	struct arena	*arena;
	struct app	*app;
	enum method	 method;
	const char	*path;		/* decoded, as nginx matched it */
	const char	*query;		/* raw, "" when there is none */
	const char	*id;		/* 32 hex digits */
	const char	*remote;
	int64_t		 content_length;	/* -1: none given */

	const struct route *route;
	char		*param[REQ_PARAMS];	/* in the order of the path */

	/* filled in by the gates */
	int		 token_sent;	/* good or not */
	struct principal who;
	struct tenant	 tenant;
	const char	*body;		/* "" when empty */
	size_t		 body_len;
	struct jv	*json;		/* NULL: none was read */
	struct jv	*args;		/* the query, checked */
	struct jlex_report lex;
	struct idem	 idem;
	struct faults	 faults;

	/* header by its CGI name ("HTTP_IF_MATCH"), NULL when absent */
	const char	*(*header)(struct req *, const char *name);
	/*
	 * The next piece of the body: bytes, 0 at its end, -1 when the client
	 * left or sent less than it said.
	 */
	long		(*body_read)(struct req *, char *, size_t);
	void		*transport;
};

struct reply_header {
	const char	*name, *value;
};

struct reply {
	int		 status;
	const char	*body;
	size_t		 body_len;
	const char	*content_type;	/* NULL: application/json */
	struct reply_header header[REQ_HEADERS];
	int		 headers;
	int		 cacheable;	/* a handler set Cache-Control itself */
	int		 internal;	/* nginx sends the bytes */
	/*
	 * Of a long body only the beginning is there, and this gives the next
	 * piece: 1, 0 with the last one, -1 when there is none to be had.
	 */
	int		(*more)(void *arg, struct buf *);
	void		*more_arg;
	/* for the access line */
	enum err	 err;
	const char	*made;		/* "job=<id>", NULL: nothing */
};

/* Adds a header; the value must not come from a caller unchecked. */
void reply_header(struct req *, struct reply *, const char *name,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The body from a finished writer. */
void reply_json(struct reply *, int status, struct jw *);
/*
 * The error envelope.  detail NULL: err_text().  Faults collected in the
 * request become errors[], and the first of them the detail of a 422.
 * Returns err, so that a handler can end with it.
 */
enum err reply_error(struct req *, struct reply *, enum err,
    const char *detail, ...) __attribute__((format(printf, 4, 5)));
/*
 * What ends a request that reads: 200 with what was written, or the error;
 * missing: the detail of ERR_NOT_FOUND, "no such judge".
 */
enum err reply_read(struct req *, struct reply *, enum err,
    const char *missing, struct jw *);

#endif
