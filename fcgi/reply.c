/* SPDX-License-Identifier: BSD-2-Clause */
/* The only writer of reply headers and of the error envelope. */
#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "fcgi/http.h"
#include "fcgi/route.h"
#include "util/log.h"

void
reply_header(struct req *req, struct reply *reply, const char *name,
    const char *fmt, ...)
{
	struct reply_header	*h;
	char			*value, *p;
	va_list			 ap;

	if (reply->headers == REQ_HEADERS)
		fatalx("too many headers in a reply");
	va_start(ap, fmt);
	value = arena_vprintf(req->arena, fmt, ap);
	va_end(ap);
	/* our headers steer nginx: no value may begin another one */
	for (p = value; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	h = &reply->header[reply->headers++];
	h->name = name;
	h->value = value;
}

void
reply_json(struct reply *reply, int status, struct jw *w)
{
	reply->status = status;
	reply->body = jw_text(w, &reply->body_len);
}

/* An empty detail would tell nobody anything. */
static const char *
one_line(struct arena *a, const char *s)
{
	char	*copy = arena_strdup(a, s), *p;

	for (p = copy; *p != '\0'; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	return copy;
}

enum err
reply_error(struct req *req, struct reply *reply, enum err err,
    const char *fmt, ...)
{
	const char	*detail = NULL;
	struct jw	 w;
	va_list		 ap;

	if (fmt != NULL) {
		va_start(ap, fmt);
		detail = arena_vprintf(req->arena, fmt, ap);
		va_end(ap);
	} else if (req->faults.count > 0)
		detail = faults_detail(&req->faults);
	if (detail == NULL || detail[0] == '\0' || (err != ERR_NOT_FOUND &&
	    req->route != NULL && (req->route->traits & GUARDS_404) &&
	    strstr(detail, "404") != NULL))
		detail = err_text(err);

	jw_init(&w, req->arena);
	jw_obj(&w);
	jw_kint(&w, "code", err_http(err));
	jw_kstr(&w, "detail", one_line(req->arena, detail));
	if (req->faults.count > 0) {
		jw_key(&w, "errors");
		faults_write(&req->faults, &w);
	}
	jw_kstr(&w, "type", err_type(err));
	jw_kstr(&w, "request_id", req->id);
	jw_end(&w);
	reply_json(reply, err_http(err), &w);
	reply->content_type = NULL;
	reply->cacheable = 0;
	reply->err = err;

	switch (err) {
	case ERR_AUTH:
		reply_header(req, reply, "WWW-Authenticate",
		    "Bearer realm=\"trainyard\"%s", req->token_sent ?
		    ", error=\"invalid_token\"" : "");
		break;
	case ERR_UNAVAILABLE:
	case ERR_IDEMPOTENCY_BUSY:
	case ERR_GATEWAY_TIMEOUT:
		reply_header(req, reply, "Retry-After", "1");
		break;
	default:
		break;
	}
	return err;
}

enum err
reply_read(struct req *req, struct reply *reply, enum err err,
    const char *missing, struct jw *w)
{
	if (err == ERR_NOT_FOUND && missing != NULL)
		return reply_error(req, reply, err, "%s", missing);
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	reply_json(reply, 200, w);
	return ERR_OK;
}
