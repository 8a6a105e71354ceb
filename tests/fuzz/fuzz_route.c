/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths: the row and its parameters give back the path, byte by byte. */
#include "config.h"

#include <string.h>

#include "fuzz.h"
/* No handler is called here, so none needs to be there. */
#include "fcgi/route.h"
#define ROUTE(method, pattern, handler, ...) \
	enum err handler(struct req *, struct reply *) __attribute__((weak));
#include "fcgi/route.tbl.h"
#undef ROUTE
#include "fcgi/route.c"

/* The pattern with the request's parameters in their places. */
static const char *
rebuilt(const struct req *req)
{
	const char *p = req->route->pattern;
	struct buf b;
	size_t n = 0;

	buf_init(&b, req->arena);
	while (*p != '\0') {
		if (*p != '{') {
			buf_addc(&b, *p++);
			continue;
		}
		REQUIRE(req->param[n][0] != '\0');
		REQUIRE(strchr(req->param[n], '/') == NULL);
		buf_adds(&b, req->param[n++]);
		p += strcspn(p, "}") + 1;
	}
	return b.data;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(4096);
	const char *path = arena_strndup(a, (const char *)data, len), *allow;
	struct req req;
	int m, found = 0, refused = 0;

	for (m = METHOD_GET; m <= METHOD_OTHER; m++) {
		memset(&req, 0, sizeof(req));
		req.arena = a;
		req.path = path;
		req.method = (enum method)m;
		allow = "";
		switch (route_match(&req, &allow)) {
		case ERR_OK:
			found++;
			REQUIRE(strcmp(path, rebuilt(&req)) == 0);
			break;
		case ERR_METHOD:
			refused++;
			REQUIRE(allow[0] != '\0');
			break;
		default:
			REQUIRE(allow[0] == '\0');
		}
	}
	/* A path exists for all methods or for none. */
	REQUIRE(found + refused == 0 || found + refused == METHOD_OTHER + 1);
	REQUIRE(found > 0 || refused == 0);
	arena_free(a);
	return 0;
}
