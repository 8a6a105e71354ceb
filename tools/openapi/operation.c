/* SPDX-License-Identifier: BSD-2-Clause */
/* One operation: what a row of route.tbl.h says, for callers. */
#include "config.h"

#include <string.h>

#include "tools/openapi/openapi.h"
#include "util/arena.h"
#include "util/log.h"

#define TAG(...)
#define PARAM(...)
#define HEADER(...)
#define REQUEST(sym, name, pattern, doc) { name, pattern, doc },
static const struct {
	const char	*name, *pattern, *doc;
} request_header[] = {
#include "tools/openapi/openapi.tbl.h"
};
#undef HEADER
#undef REQUEST

#define REQUEST(...)
#define HEADER(sym, name, type, doc) name,
static const char *const	header_name[] = {
#include "tools/openapi/openapi.tbl.h"
};
#undef TAG
#undef PARAM
#undef HEADER

static const struct {
	const char	*name, *pattern, *doc;
} path_param[] = {
#define TAG(...)
#define PARAM(name, pattern, doc) { name, pattern, doc },
#define HEADER(...)
#include "tools/openapi/openapi.tbl.h"
#undef TAG
#undef PARAM
};

static const struct {
	const char	*name, *begins;
} tag[] = {
#define TAG(name, begins, doc) { name, begins },
#define PARAM(...)
#include "tools/openapi/openapi.tbl.h"
#undef TAG
#undef PARAM
#undef HEADER
#undef REQUEST
};

#define LENGTH(x)	(sizeof(x) / sizeof((x)[0]))

/* Parameters --------------------------------------------------------------*/

/* The kinds of artifacts are listed once, in the artifact's own shape. */
static void
path_schema(struct openapi *o, const char *name, const char *pattern)
{
	const struct shape	*s = &shape_artifact;
	size_t			 i;

	jw_kobj(o->w, "schema");
	if (strcmp(name, "kind") == 0) {
		for (i = 0; strcmp(s->members[i].name, name) != 0; i++)
			continue;
		openapi_words(o, s->members[i].words, 0);
	} else {
		jw_kstr(o->w, "type", "string");
		if (pattern != NULL)
			jw_kstr(o->w, "pattern", pattern);
	}
	jw_end(o->w);
}

static void
path_params(struct openapi *o, const struct route *r)
{
	const char	*p = r->pattern, *name;
	size_t		 i;

	while ((p = strchr(p, '{')) != NULL) {
		name = arena_strndup(o->arena, p + 1, strcspn(p + 1, "}"));
		p++;
		for (i = 0; i < LENGTH(path_param) &&
		    strcmp(path_param[i].name, name) != 0; i++)
			continue;
		if (i == LENGTH(path_param))
			fatalx("%s: what is {%s}?  A PARAM row of "
			    "tools/openapi/openapi.tbl.h should tell",
			    r->pattern, name);
		jw_obj(o->w);
		jw_kstr(o->w, "name", name);
		jw_kstr(o->w, "in", "path");
		jw_kbool(o->w, "required", 1);
		jw_kstr(o->w, "description", path_param[i].doc);
		path_schema(o, name, path_param[i].pattern);
		jw_end(o->w);
	}
}

static void
query_params(struct openapi *o, const struct schema *s)
{
	const struct field	*f;
	size_t			 i;

	for (i = 0; i < s->nfields; i++) {
		f = &s->fields[i];
		jw_obj(o->w);
		jw_kstr(o->w, "name", f->name);
		jw_kstr(o->w, "in", "query");
		if (f->flags & F_REQUIRED)
			jw_kbool(o->w, "required", 1);
		jw_kstr(o->w, "description", f->doc);
		jw_kobj(o->w, "schema");
		openapi_query_field(o, f);
		jw_end(o->w);
		jw_end(o->w);
	}
}

static void
header_param(struct openapi *o, enum openapi_request h)
{
	jw_obj(o->w);
	jw_kstr(o->w, "name", request_header[h].name);
	jw_kstr(o->w, "in", "header");
	jw_kstr(o->w, "description", request_header[h].doc);
	jw_kobj(o->w, "schema");
	jw_kstr(o->w, "type", "string");
	if (request_header[h].pattern != NULL)
		jw_kstr(o->w, "pattern", request_header[h].pattern);
	jw_end(o->w);
	jw_end(o->w);
}

static int
is_keyed(const struct route *r)
{
	return r->method == METHOD_POST && (r->gates & GATE_JSON);
}

static void
header_params(struct openapi *o, const struct route *r)
{
	if (is_keyed(r))
		header_param(o, REQUEST_IDEMPOTENCY);
	if (r->traits & (SENDS_ETAG | SENDS_BYTES))
		header_param(o, REQUEST_IF_NONE_MATCH);
	if (r->traits & TAKES_IF_MATCH)
		header_param(o, REQUEST_IF_MATCH);
	if (r->traits & TAKES_IF_NONE)
		header_param(o, REQUEST_IF_NONE);
	if (r->traits & TAKES_DIGEST)
		header_param(o, REQUEST_DIGEST);
	if (r->traits & TAKES_PREFER)
		header_param(o, REQUEST_PREFER);
	if (r->traits & SENDS_BYTES) {
		header_param(o, REQUEST_RANGE);
		header_param(o, REQUEST_IF_RANGE);
	}
}

/* Bodies ------------------------------------------------------------------*/

static void
one_body(struct openapi *o, const struct route *r)
{
	const struct schema	*s = r->body != NULL ? r->body : r->bodies[0];
	const char		*example;
	size_t			 i;
	int			 several = r->bodies[0] != NULL &&
				    r->bodies[1] != NULL;

	jw_kobj(o->w, "schema");
	if (s == NULL || s->nfields == 0) {
		jw_kstr(o->w, "type", "object");
		jw_kint(o->w, "maxProperties", 0);
	} else if (!several)
		openapi_body_ref(o, s);
	else {
		jw_karr(o->w, "oneOf");
		for (i = 0; i < ROUTE_BODIES && r->bodies[i] != NULL; i++) {
			jw_obj(o->w);
			openapi_body_ref(o, r->bodies[i]);
			jw_end(o->w);
		}
		jw_end(o->w);
	}
	jw_end(o->w);
	if (s == NULL || s->nfields == 0 || openapi_example(o, s) == NULL)
		return;
	jw_kobj(o->w, "examples");
	for (i = 0; s != NULL; s = several && ++i < ROUTE_BODIES ?
	    r->bodies[i] : NULL) {
		if ((example = openapi_example(o, s)) == NULL)
			continue;
		jw_kobj(o->w, s->name);
		jw_kstr(o->w, "summary", s->doc);
		jw_kraw(o->w, "value", example);
		jw_end(o->w);
		if (!several)
			break;
	}
	jw_end(o->w);
}

static void
request_body(struct openapi *o, const struct route *r)
{
	if ((r->gates & (GATE_JSON | GATE_STREAM)) == 0)
		return;
	jw_kobj(o->w, "requestBody");
	jw_kbool(o->w, "required", (r->gates & GATE_OPTIONAL) == 0);
	jw_kobj(o->w, "content");
	if (r->gates & GATE_STREAM) {
		jw_kobj(o->w, "*/*");
		jw_end(o->w);
		/* what is not bytes but tells where they are */
		jw_kobj(o->w, "application/vnd.trainyard.reference+json");
	} else
		jw_kobj(o->w, "application/json");
	one_body(o, r);
	jw_end(o->w);
	jw_end(o->w);
	jw_end(o->w);
}

/* Replies -----------------------------------------------------------------*/

static void
header_ref(struct openapi *o, enum openapi_header h)
{
	jw_kobj(o->w, header_name[h]);
	jw_key(o->w, "$ref");
	jw_strf(o->w, "#/components/headers/%s", header_name[h]);
	jw_end(o->w);
}

static void
success_headers(struct openapi *o, const struct route *r, int status)
{
	jw_kobj(o->w, "headers");
	header_ref(o, HEADER_REQUEST_ID);
	header_ref(o, HEADER_CACHE);
	if (status == 201 && (r->traits & SENDS_LOCATION))
		header_ref(o, HEADER_LOCATION);
	if (r->traits & (SENDS_ETAG | SENDS_BYTES))
		header_ref(o, HEADER_ETAG);
	if (r->traits & SENDS_BYTES && status != 304)
		header_ref(o, HEADER_DISPOSITION);
	if (status == 206)
		header_ref(o, HEADER_CONTENT_RANGE);
	if (is_keyed(r))
		header_ref(o, HEADER_REPLAYED);
	if (r->traits & TAKES_PREFER)
		header_ref(o, HEADER_APPLIED);
	/* nginx drops them with bytes of its own */
	if ((r->gates & GATE_TOKEN) && (r->traits & SENDS_BYTES) == 0) {
		header_ref(o, HEADER_RATE_LIMIT);
		header_ref(o, HEADER_RATE_LEFT);
		header_ref(o, HEADER_RATE_RESET);
		header_ref(o, HEADER_RATE_POLICY);
		header_ref(o, HEADER_RATE);
	}
	jw_end(o->w);
}

static const char *
success_word(int status)
{
	switch (status) {
	case 201:
		return "created";
	case 202:
		return "accepted";
	case 206:
		return "the part that was asked for";
	case 304:
		return "not modified: what the caller has is current";
	default:
		return NULL;
	}
}

/* What else a reply may come as, when that is asked for. */
static const struct {
	unsigned int	 trait;
	const char	*type;
} others[] = {
	{ SENDS_TEXT, "text/plain" },
	{ SENDS_PAGE, "text/html" },
};

static void
other_types(struct openapi *o, const struct route *r)
{
	size_t	i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if ((r->traits & others[i].trait) == 0)
			continue;
		jw_kobj(o->w, others[i].type);
		jw_kobj(o->w, "schema");
		jw_kstr(o->w, "type", "string");
		jw_end(o->w);
		jw_end(o->w);
	}
}

static void
success(struct openapi *o, const struct route *r, int status)
{
	const char	*word, *about;

	jw_key(o->w, arena_printf(o->arena, "%d", status));
	jw_obj(o->w);
	word = success_word(status);
	about = status == 304 || status == 206 ? NULL : r->reply != NULL ?
	    r->reply->doc : "the bytes";
	jw_key(o->w, "description");
	jw_strf(o->w, "%s%s%s", word != NULL ? word : "",
	    word != NULL && about != NULL ? ": " : "",
	    about != NULL ? about : "");
	success_headers(o, r, status);
	if (status == 304) {
		jw_end(o->w);
		return;
	}
	jw_kobj(o->w, "content");
	jw_kobj(o->w, r->reply != NULL ? "application/json" : "*/*");
	if (r->reply != NULL) {
		jw_kobj(o->w, "schema");
		if (r->traits & SENDS_ARRAY) {
			jw_kstr(o->w, "type", "array");
			jw_kobj(o->w, "items");
		}
		openapi_shape_ref(o, r->reply);
		if (r->traits & SENDS_ARRAY)
			jw_end(o->w);
		jw_end(o->w);
	}
	jw_end(o->w);
	other_types(o, r);
	jw_end(o->w);
	jw_end(o->w);
}

/* Which errors a route can give: those of its gates, and its handler's. */
static void
route_errors(const struct route *r, char has[ERR__MAX])
{
	size_t	i;

	memset(has, 0, ERR__MAX);
	for (i = 0; i < ROUTE_ERRORS && r->errors[i] != ERR_OK; i++)
		has[r->errors[i]] = 1;
	if ((r->gates & GATE_TOKEN) == 0)
		return;
	has[ERR_REQUEST] = has[ERR_AUTH] = has[ERR_VALIDATION] = 1;
	has[ERR_RATE] = has[ERR_INTERNAL] = has[ERR_UNAVAILABLE] = 1;
	/* a job's token lacks what is not its own */
	if (r->scope != SCOPE_NONE || (r->gates & GATE_JOB) == 0 ||
	    (r->gates & (GATE_OWN | GATE_WORKSPACE)))
		has[ERR_PERMISSION] = 1;
	if (r->gates & (GATE_WORKSPACE | GATE_ORG))
		has[ERR_NOT_FOUND] = 1;
	if (r->gates & (GATE_JSON | GATE_STREAM))
		has[ERR_TOO_LARGE] = 1;
	if (r->gates & GATE_JSON)
		has[ERR_MEDIA_TYPE] = 1;
	if (is_keyed(r))
		has[ERR_IDEMPOTENCY_BUSY] = has[ERR_IDEMPOTENCY_REUSED] = 1;
	if (r->traits & (TAKES_IF_MATCH | TAKES_IF_NONE))
		has[ERR_PRECONDITION] = 1;
	if (r->traits & SENDS_BYTES)
		has[ERR_RANGE] = 1;
}

/* Replies that several routes give are components: 404.not_found_error. */
static void
fault(struct openapi *o, int status, const char *types)
{
	const char	*name;
	size_t		 i;

	name = arena_printf(o->arena, "%d%s", status, types);
	for (i = 0; i < o->faults && strcmp(o->fault[i], name) != 0; i++)
		continue;
	if (i == OPENAPI_PARTS)
		fatalx("more than %d kinds of errors", OPENAPI_PARTS);
	if (i == o->faults)
		o->fault[o->faults++] = name;
	jw_key(o->w, arena_printf(o->arena, "%d", status));
	jw_obj(o->w);
	jw_key(o->w, "$ref");
	jw_strf(o->w, "#/components/responses/%s", name);
	jw_end(o->w);
}

static void
responses(struct openapi *o, const struct route *r)
{
	char		has[ERR__MAX];
	struct buf	types;
	enum err	e, k;
	size_t		i;

	jw_kobj(o->w, "responses");
	for (i = 0; i < ROUTE_SUCCESSES && r->success[i] != 0; i++)
		success(o, r, r->success[i]);
	if (r->traits & (SENDS_ETAG | SENDS_BYTES))
		success(o, r, 304);
	route_errors(r, has);
	/* the table of errors is in the order of their statuses */
	for (e = ERR_OK + 1; e < ERR__MAX; e = k) {
		buf_init(&types, o->arena);
		for (k = e; k < ERR__MAX && err_http(k) == err_http(e); k++)
			if (has[k])
				buf_printf(&types, ".%s", err_type(k));
		if (types.len > 0)
			fault(o, err_http(e), types.data);
	}
	jw_kobj(o->w, "default");
	jw_kstr(o->w, "$ref", "#/components/responses/default");
	jw_end(o->w);
	jw_end(o->w);
}

static void
fault_response(struct openapi *o, const char *name)
{
	enum err	 e;
	int		 status = 0, n = 0;
	struct buf	 doc;
	const char	*dotted;

	buf_init(&doc, o->arena);
	jw_kobj(o->w, name);
	jw_kobj(o->w, "content");
	jw_kobj(o->w, "application/json");
	jw_kobj(o->w, "schema");
	openapi_shape_ref(o, &shape_error);
	jw_kobj(o->w, "properties");
	jw_kobj(o->w, "type");
	jw_karr(o->w, "enum");
	for (e = ERR_OK + 1; e < ERR__MAX; e++) {
		dotted = arena_printf(o->arena, ".%s.", err_type(e));
		if (strstr(arena_printf(o->arena, "%s.", name), dotted) ==
		    NULL)
			continue;
		status = err_http(e);
		jw_str(o->w, err_type(e));
		buf_printf(&doc, "%s%s", n++ > 0 ? "; or " : "", err_text(e));
	}
	jw_end(o->w);
	jw_end(o->w);
	jw_kobj(o->w, "code");
	jw_kint(o->w, "const", status);
	jw_end(o->w);
	jw_end(o->w);
	jw_end(o->w);
	jw_end(o->w);
	jw_end(o->w);
	jw_kstr(o->w, "description", doc.data);
	jw_kobj(o->w, "headers");
	header_ref(o, HEADER_REQUEST_ID);
	header_ref(o, HEADER_CACHE);
	if (status == 401)
		header_ref(o, HEADER_AUTHENTICATE);
	if (status == 416)
		header_ref(o, HEADER_CONTENT_RANGE);
	if (status == 429 || status == 503 ||
	    strstr(name, "in_progress") != NULL)
		header_ref(o, HEADER_RETRY);
	jw_end(o->w);
	jw_end(o->w);
}

void
openapi_faults(struct openapi *o)
{
	size_t	i;

	jw_kobj(o->w, "responses");
	for (i = 0; i < o->faults; i++)
		fault_response(o, o->fault[i]);
	jw_kobj(o->w, "default");
	jw_kstr(o->w, "description", "what the server or nginx before it may "
	    "refuse on any path: 405, 408, 411, 414, 421, 426, 431, 501, "
	    "502, 503, 504, 505");
	jw_kobj(o->w, "content");
	jw_kobj(o->w, "application/json");
	jw_kobj(o->w, "schema");
	openapi_shape_ref(o, &shape_error);
	jw_end(o->w);
	jw_end(o->w);
	jw_end(o->w);
	jw_end(o->w);
	jw_end(o->w);
}

/* The operation -----------------------------------------------------------*/

static void
security(struct openapi *o, const struct route *r)
{
	static const char *const	scheme[] = { "bearer", "apiKey" };
	size_t				i;

	jw_karr(o->w, "security");
	for (i = 0; i < LENGTH(scheme) && (r->gates & GATE_TOKEN); i++) {
		jw_obj(o->w);
		jw_karr(o->w, scheme[i]);
		if (r->scope != SCOPE_NONE)
			jw_str(o->w, scope_word(r->scope));
		jw_end(o->w);
		jw_end(o->w);
	}
	jw_end(o->w);
}

static void
description(struct openapi *o, const struct route *r)
{
	struct buf	b;

	buf_init(&b, o->arena);
	if (r->scope != SCOPE_NONE)
		buf_printf(&b, "Needs the scope `%s`.",
		    scope_word(r->scope));
	else if (r->gates & GATE_TOKEN)
		buf_adds(&b, "Needs a token, whatever its scopes.");
	else
		buf_adds(&b, "Needs no token.");
	if (r->max_body >= 1024 * 1024)
		buf_printf(&b, " The body may have at most %zu MiB.",
		    r->max_body / (1024 * 1024));
	else if (r->max_body > 0)
		buf_printf(&b, " The body may have at most %zu KiB.",
		    r->max_body / 1024);
	jw_kstr(o->w, "description", b.data);
}

static const char *
tag_of(const struct route *r)
{
	size_t	i;

	for (i = 0; i < LENGTH(tag); i++)
		if (strncmp(r->pattern, tag[i].begins,
		    strlen(tag[i].begins)) == 0)
			return tag[i].name;
	fatalx("%s: under which heading?  A TAG row of "
	    "tools/openapi/openapi.tbl.h should tell", r->pattern);
}

void
openapi_operation(struct openapi *o, const struct route *r, const char *id)
{
	jw_obj(o->w);
	jw_karr(o->w, "tags");
	jw_str(o->w, tag_of(r));
	jw_end(o->w);
	jw_kstr(o->w, "summary", r->summary);
	description(o, r);
	jw_kstr(o->w, "operationId", id);
	jw_karr(o->w, "parameters");
	path_params(o, r);
	if (r->query != NULL)
		query_params(o, r->query);
	header_params(o, r);
	jw_end(o->w);
	request_body(o, r);
	responses(o, r);
	security(o, r);
	jw_end(o->w);
}
