/* SPDX-License-Identifier: BSD-2-Clause */
/* Matches a path against route.tbl.h. */
#include "config.h"

#include <string.h>

#include "fcgi/route.h"
#include "util/buf.h"
#include "util/log.h"

#define ROUTE(m, p, h, g, s, b, q, x, ...)				\
	{ METHOD_##m, p, h, (g), SCOPE_##s, b, q, x, __VA_ARGS__ },
const struct route route_table[] = {
#include "fcgi/route.tbl.h"
};
#undef ROUTE
/* What would match a pattern, and is not there whatever the method. */
static const char *const not_served[] = { "/evaluations/single" };

const size_t route_count = sizeof(route_table) / sizeof(route_table[0]);

/* 1 when the whole path matches; parameters are copied to the arena. */
static int
pattern_match(const char *pattern, const char *path, struct arena *arena,
    char **param)
{
	size_t	n = 0, len;

	while (*pattern != '\0') {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return 0;
			continue;
		}
		len = strcspn(path, "/");
		if (len == 0)
			return 0;
		if (n == REQ_PARAMS)
			fatalx("too many parameters in a route");
		if (arena != NULL)
			param[n] = arena_strndup(arena, path, len);
		n++;
		path += len;
		pattern += strcspn(pattern, "}") + 1;
	}
	return *path == '\0';
}

const char *
method_word(enum method m)
{
	static const char *const	word[] = { "GET", "HEAD", "POST",
	    "PUT", "DELETE", "" };

	return word[m];
}

static int
params_of(const char *pattern)
{
	int	n = 0;

	for (; *pattern != '\0'; pattern++)
		n += *pattern == '{';
	return n;
}

/*
 * The pattern that a path is: of several the most literal one, so that
 * /evaluations/batch is not an evaluation called batch.
 */
static const char *
pattern_of(const char *path)
{
	const char	*best = NULL;
	size_t		 i;

	for (i = 0; i < sizeof(not_served) / sizeof(not_served[0]); i++)
		if (strcmp(path, not_served[i]) == 0)
			return NULL;
	for (i = 0; i < route_count; i++)
		if (pattern_match(route_table[i].pattern, path, NULL, NULL) &&
		    (best == NULL || params_of(route_table[i].pattern) <
		    params_of(best)))
			best = route_table[i].pattern;
	return best;
}

enum err
route_match(struct req *req, const char **allow)
{
	const struct route	*r;
	const char		*pattern = pattern_of(req->path);
	struct buf		 methods;
	enum method		 wanted = req->method;
	size_t			 i;

	if (pattern == NULL)
		return ERR_NOT_FOUND;
	if (wanted == METHOD_HEAD)
		wanted = METHOD_GET;
	buf_init(&methods, req->arena);
	for (i = 0; i < route_count; i++) {
		r = &route_table[i];
		if (strcmp(r->pattern, pattern) != 0)
			continue;
		if (r->method == wanted) {
			pattern_match(pattern, req->path, req->arena,
			    req->param);
			req->route = r;
			return ERR_OK;
		}
		buf_printf(&methods, "%s%s%s", methods.len > 0 ? ", " : "",
		    method_word(r->method),
		    r->method == METHOD_GET ? ", HEAD" : "");
	}
	*allow = methods.data;
	return ERR_METHOD;
}

const char *
route_param_opt(const struct req *req, const char *name)
{
	const char	*p;
	size_t		 n, len = strlen(name);

	for (p = req->route->pattern, n = 0; (p = strchr(p, '{')) != NULL;
	    n++) {
		p++;
		if (strncmp(p, name, len) == 0 && p[len] == '}')
			return req->param[n];
	}
	return NULL;
}

const char *
route_param(const struct req *req, const char *name)
{
	const char	*value = route_param_opt(req, name);

	if (value == NULL)
		fatalx("route %s has no parameter %s", req->route->pattern,
		    name);
	return value;
}
