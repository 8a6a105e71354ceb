/* SPDX-License-Identifier: BSD-2-Clause */
/* ETag and what callers ask of it. */
#include "config.h"

#include <string.h>

#include "fcgi/condition.h"

/* A list of entity tags, or *; W/ does not matter. */
static int
list_has(const char *list, const char *etag)
{
	const char	*p = list;
	size_t		 len = strlen(etag), n;

	for (;;) {
		p += strspn(p, " \t,");
		if (*p == '*')
			return 1;
		if (strncmp(p, "W/", 2) == 0)
			p += 2;
		if (*p != '"')
			return 0;
		n = strcspn(p + 1, "\"") + 2;
		if (n == len && strncmp(p, etag, len) == 0)
			return 1;
		if (strlen(p) < n)
			return 0;
		p += n;
	}
}

int
condition_have(struct req *req, const char *etag)
{
	const char	*have = req->header(req, "HTTP_IF_NONE_MATCH");

	return have != NULL && list_has(have, etag);
}

int
condition_not_modified(struct req *req, struct reply *reply,
    const char *etag)
{
	reply_header(req, reply, "ETag", "%s", etag);
	reply_header(req, reply, "Cache-Control", "private, no-cache");
	reply->cacheable = 1;
	if (!condition_have(req, etag))
		return 0;
	reply->status = 304;
	return 1;
}

int
condition_match(struct req *req, const char *etag)
{
	const char	*want = req->header(req, "HTTP_IF_MATCH");

	return want == NULL || list_has(want, etag);
}
