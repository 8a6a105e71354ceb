/* SPDX-License-Identifier: BSD-2-Clause */
/* The API description as a whole: gen-openapi EXAMPLES >openapi.json */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tools/openapi/openapi.h"
#include "util/arena.h"

static const struct {
	struct route	 r;
	const char	*handler;
} route[] = {
#define ROUTE(m, p, h, g, s, b, q, x, ...)				\
	{ { METHOD_##m, p, NULL, (g), SCOPE_##s, b, q, x, __VA_ARGS__ }, #h },
#include "fcgi/route.tbl.h"
#undef ROUTE
};

#define ROUTES	(sizeof(route) / sizeof(route[0]))

static void
info(struct openapi *o)
{
	jw_kobj(o->w, "info");
	jw_kstr(o->w, "title", PACKAGE_NAME);
	jw_kstr(o->w, "version", PACKAGE_VERSION);
	jw_kstr(o->w, "summary", "a self-hosted control plane for training "
	    "jobs");
	jw_kstr(o->w, "description",
	    "Two faces over the same jobs: hosted training under `/api/v1`, "
	    "which names organization and workspace in its paths, and judge "
	    "training directly under the host, where the token tells the "
	    "workspace.\n\n"
	    "A token is sent as `Authorization: Bearer <token>` or as "
	    "`X-API-Key: <token>`; `trainyard token create` makes one. "
	    "Bodies are JSON objects; `null` stands for an absent field and "
	    "an unknown field is an error. `HEAD` works wherever `GET` does, "
	    "another method on a known path is 405 with `Allow`, and nothing "
	    "ever redirects. Every error is one object of the same form, "
	    "whoever made it.");
	jw_kobj(o->w, "license");
	jw_kstr(o->w, "name", "BSD 2-Clause");
	jw_kstr(o->w, "identifier", "BSD-2-Clause");
	jw_end(o->w);
	jw_end(o->w);
	jw_karr(o->w, "servers");
	jw_obj(o->w);
	jw_kstr(o->w, "url", "/");
	jw_kstr(o->w, "description", "this server");
	jw_end(o->w);
	jw_end(o->w);
}

static void
tag_about(struct openapi *o, const char *name, const char *about)
{
	if (about == NULL)
		return;
	jw_obj(o->w);
	jw_kstr(o->w, "name", name);
	jw_kstr(o->w, "description", about);
	jw_end(o->w);
}

static void
tags(struct openapi *o)
{
	jw_karr(o->w, "tags");
#define TAG(name, begins, about) tag_about(o, name, about);
#define PARAM(...)
#define HEADER(...)
#define REQUEST(...)
#include "tools/openapi/openapi.tbl.h"
#undef TAG
#undef HEADER
	jw_end(o->w);
}

static const char *
method_key(enum method m)
{
	switch (m) {
	case METHOD_POST:
		return "post";
	case METHOD_PUT:
		return "put";
	case METHOD_DELETE:
		return "delete";
	default:
		return "get";
	}
}

/* The handler's name; an alias has the same handler and gets a number. */
static const char *
operation_id(struct openapi *o, size_t i)
{
	const char	*name = route[i].handler;
	size_t		 k;
	int		 n = 1;

	for (k = 0; k < i; k++)
		n += strcmp(route[k].handler, name) == 0;
	name += strncmp(name, "h_", 2) == 0 ? 2 : 0;
	return n == 1 ? name : arena_printf(o->arena, "%s_%d", name, n);
}

static void
paths(struct openapi *o)
{
	size_t	i, k;

	jw_kobj(o->w, "paths");
	for (i = 0; i < ROUTES; i++) {
		for (k = 0; k < i && strcmp(route[k].r.pattern,
		    route[i].r.pattern) != 0; k++)
			continue;
		if (k < i)
			continue;
		jw_kobj(o->w, route[i].r.pattern);
		for (k = i; k < ROUTES; k++) {
			if (strcmp(route[k].r.pattern, route[i].r.pattern) !=
			    0)
				continue;
			jw_key(o->w, method_key(route[k].r.method));
			openapi_operation(o, &route[k].r, operation_id(o, k));
		}
		jw_end(o->w);
	}
	jw_end(o->w);
}

static void
header_about(struct openapi *o, const char *name, const char *type,
    const char *about)
{
	jw_kobj(o->w, name);
	jw_kstr(o->w, "description", about);
	jw_kobj(o->w, "schema");
	jw_kstr(o->w, "type", type);
	jw_end(o->w);
	jw_end(o->w);
}

static void
components(struct openapi *o)
{
	jw_kobj(o->w, "components");
	openapi_faults(o);
	jw_kobj(o->w, "headers");
#define TAG(...)
#define HEADER(sym, name, type, about) header_about(o, name, type, about);
#include "tools/openapi/openapi.tbl.h"
#undef TAG
#undef PARAM
#undef HEADER
#undef REQUEST
	jw_end(o->w);
	jw_kobj(o->w, "securitySchemes");
	jw_kobj(o->w, "bearer");
	jw_kstr(o->w, "type", "http");
	jw_kstr(o->w, "scheme", "bearer");
	jw_end(o->w);
	jw_kobj(o->w, "apiKey");
	jw_kstr(o->w, "type", "apiKey");
	jw_kstr(o->w, "in", "header");
	jw_kstr(o->w, "name", "X-API-Key");
	jw_end(o->w);
	jw_end(o->w);
	openapi_schemas(o);
	jw_end(o->w);
}

int
main(int argc, char *argv[])
{
	static struct openapi	 o;
	struct jw		 w;
	const char		*text;
	size_t			 len;

	if (argc != 2) {
		fprintf(stderr, "usage: gen-openapi examples-folder\n");
		return 2;
	}
	o.arena = arena_new(1 << 20);
	o.w = &w;
	o.examples = argv[1];
	jw_init(&w, o.arena);
	jw_obj(&w);
	jw_kstr(&w, "openapi", "3.1.0");
	info(&o);
	tags(&o);
	paths(&o);
	components(&o);
	jw_end(&w);
	text = jw_text(&w, &len);
	if (fwrite(text, 1, len, stdout) != len || putchar('\n') == EOF ||
	    fflush(stdout) == EOF) {
		perror("gen-openapi");
		return 1;
	}
	arena_free(o.arena);
	return 0;
}
