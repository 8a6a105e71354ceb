/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes openapi.json from the tables that route, validate and describe.
 * Runs at build time only; what the tables leave open ends the build.
 */
#ifndef OPENAPI_H
#define OPENAPI_H

#include "domain/shape.h"
#include "fcgi/route.h"
#include "util/jw.h"

#define OPENAPI_PARTS	256	/* most components of a kind */

struct openapi {
	struct jw		*w;
	struct arena		*arena;
	const char		*examples;	/* folder */
	/* what was referred to, in the order in which it was */
	const struct schema	*body[OPENAPI_PARTS];
	const struct shape	*shape[OPENAPI_PARTS];
	const char		*fault[OPENAPI_PARTS];	/* 404.not_found_error */
	size_t			 bodies, shapes, faults;
};

/* Headers of requests and of replies, by the symbols of openapi.tbl.h. */
#define TAG(...)
#define PARAM(...)
enum openapi_request {
#define HEADER(...)
#define REQUEST(sym, name, pattern, doc) REQUEST_##sym,
#include "tools/openapi/openapi.tbl.h"
#undef HEADER
#undef REQUEST
	REQUEST__MAX
};

enum openapi_header {
#define HEADER(sym, name, type, doc) HEADER_##sym,
#define REQUEST(...)
#include "tools/openapi/openapi.tbl.h"
#undef HEADER
#undef REQUEST
	HEADER__MAX
};
#undef TAG
#undef PARAM

/* component.c */
void openapi_body_ref(struct openapi *, const struct schema *);
void openapi_shape_ref(struct openapi *, const struct shape *);
/* A field of a query as a parameter's schema. */
void openapi_query_field(struct openapi *, const struct field *);
void openapi_words(struct openapi *, const char *const *, int null);
/* "components" but for what main.c writes there itself. */
void openapi_schemas(struct openapi *);
/* The example of a body, JSON text; NULL: there is none. */
const char *openapi_example(struct openapi *, const struct schema *);

/* operation.c */
void openapi_operation(struct openapi *, const struct route *,
    const char *id);
/* components/responses, once all operations are written. */
void openapi_faults(struct openapi *);

#endif
