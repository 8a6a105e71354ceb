/* SPDX-License-Identifier: BSD-2-Clause */
/* FastCGI in and out. */
#include "config.h"

#include <sys/socket.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "fcgi/cgi.h"
#include "fcgi/route.h"
#include "util/buf.h"
#include "util/log.h"
#include "util/metric.h"

struct cgi {
	FCGX_Request	request;
	int64_t		body_left;	/* of CONTENT_LENGTH; -1 unknown */
	int		keep;		/* the connection, for a next request */
};

void
cgi_global_init(void)
{
	if (FCGX_Init() != 0)
		fatalx("libfcgi could not be initialised");
}

struct cgi *
cgi_new(int listen_fd)
{
	struct cgi	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		fatal("cgi");
	if (FCGX_InitRequest(&c->request, listen_fd, 0) != 0)
		fatalx("libfcgi could not prepare a request");
	return c;
}

void
cgi_free(struct cgi *c)
{
	FCGX_Free(&c->request, 1);
	free(c);
}

/* Ends the request and its connection, whatever nginx asked for. */
static void
request_close(struct cgi *c)
{
	c->request.keepConnection = 0;
	FCGX_Finish_r(&c->request);
}

int
cgi_accept(struct cgi *c)
{
	int	r;

	r = FCGX_Accept_r(&c->request);
	if (r < 0)
		return r == -EMFILE || r == -ENFILE ? -1 : 0;
	/*
	 * A connection that was cut short is accepted all the same, with
	 * what came of its parameters: only the stream's error tells.
	 */
	if (FCGX_GetError(c->request.in) != 0 ||
	    FCGX_GetParam("REQUEST_METHOD", c->request.envp) == NULL) {
		request_close(c);
		return 0;
	}
	return 1;
}

int
cgi_keeps(const struct cgi *c)
{
	return c->keep;
}

void
cgi_last(struct cgi *c)
{
	c->keep = 0;
}

int
cgi_kept(const struct cgi *c)
{
	return c->request.ipcFd;
}

void
cgi_hang_up(struct cgi *c)
{
	int	fd = c->request.ipcFd;

	FCGX_Free(&c->request, 0);
	c->request.ipcFd = -1;
	if (fd >= 0)
		close(fd);
}

static const char *
cgi_param(struct req *req, const char *name)
{
	struct cgi	*c = req->transport;
	const char	*v = FCGX_GetParam(name, c->request.envp);

	/* nginx sends its own always, a request's headers when they came */
	return v == NULL || (v[0] == '\0' &&
	    strncmp(name, "HTTP_", 5) != 0) ? NULL : v;
}

static long
cgi_body_read(struct req *req, char *out, size_t size)
{
	struct cgi	*c = req->transport;
	int		 n;

	if (c->body_left == 0)
		return 0;
	if (size > 1 << 20)
		size = 1 << 20;
	n = FCGX_GetStr(out, (int)size, c->request.in);
	/* a stream that ends early looks like one that ends */
	if (n < 0 || FCGX_GetError(c->request.in) != 0)
		return -1;
	if (c->body_left > 0) {
		if (n == 0 || n > c->body_left)
			return -1;
		c->body_left -= n;
	}
	return n;
}

static enum method
method_of(const char *s)
{
	static const char *const	word[] = { "GET", "HEAD", "POST",
	    "PUT", "DELETE" };
	size_t				i;

	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (strcmp(word[i], s) == 0)
			return (enum method)i;
	return METHOD_OTHER;
}

static const char *
or_empty(const char *s)
{
	return s == NULL ? "" : s;
}

void
cgi_request(struct cgi *c, struct arena *arena, struct req *req)
{
	const char	*length;
	char		*end;

	memset(req, 0, sizeof(*req));
	req->arena = arena;
	req->transport = c;
	req->header = cgi_param;
	req->body_read = cgi_body_read;
	req->body = "";
	req->method = method_of(or_empty(cgi_param(req, "REQUEST_METHOD")));
	req->path = or_empty(cgi_param(req, "DOCUMENT_URI"));
	req->query = or_empty(cgi_param(req, "QUERY_STRING"));
	req->id = or_empty(cgi_param(req, "REQUEST_ID"));
	req->remote = or_empty(cgi_param(req, "REMOTE_ADDR"));
	req->content_length = -1;
	if ((length = cgi_param(req, "CONTENT_LENGTH")) != NULL &&
	    isdigit((unsigned char)length[0])) {
		errno = 0;
		req->content_length = strtoll(length, &end, 10);
		if (errno != 0 || *end != '\0')
			req->content_length = -1;
	}
	c->body_left = req->content_length;
	/*
	 * Closed just when the next request comes, it fails that one, and
	 * nginx repeats a read only.
	 */
	c->keep = c->request.keepConnection &&
	    (req->method == METHOD_GET || req->method == METHOD_HEAD);
	faults_init(&req->faults, arena);
}

/*
 * FCGX_Finish_r() waits for nginx to hang up first, so that what it still
 * sends is read and its reply is not lost.  When the whole body was read, and
 * the record that ends it, there is nothing to wait for: the thread is free
 * at once (13 % more creates a second with 64 connections on 2 cores).  That
 * record may be unread behind the body's last byte; closed over it, the
 * connection is reset and nginx drops what it has not yet read of the reply.
 */
static int
cgi_finish(struct cgi *c)
{
	int	failed = 0;

	if (c->body_left > 0 || FCGX_GetChar(c->request.in) != -1) {
		/* that the client is gone shows only on a flush */
		failed = FCGX_FFlush(c->request.out) == -1;
		request_close(c);
		return failed ? -1 : 0;
	}
	c->keep &= FCGX_GetError(c->request.in) == 0;
	FCGX_FClose(c->request.err);
	/* what is left of the reply and its end, in one write */
	failed = FCGX_FClose(c->request.out) == -1;
	if (c->keep && !failed)
		FCGX_Free(&c->request, 0);
	else
		cgi_hang_up(c);
	return failed ? -1 : 0;
}

static void
header_add(struct buf *out, const char *name, const char *value)
{
	buf_adds(out, name);
	buf_add(out, ": ", 2);
	buf_adds(out, value);
	buf_add(out, "\r\n", 2);
}

/* The rest of a long body.  -1: it is cut off, and nginx can tell. */
static int
cgi_more(struct cgi *c, const struct reply *reply)
{
	struct buf	piece;
	int		more;

	do {
		if ((more = reply->more(reply->more_arg, &piece)) == -1 ||
		    FCGX_PutStr(piece.data, (int)piece.len,
		    c->request.out) == -1) {
			FCGX_Free(&c->request, 1);
			c->request.ipcFd = -1;
			return -1;
		}
		metric_add(METRIC_BYTES_OUT, 0, piece.len);
	} while (more);
	return 0;
}

int
cgi_reply(struct cgi *c, const struct req *req, const struct reply *reply)
{
	struct buf	out;
	int		i, bodiless, failed;

	bodiless = req->method == METHOD_HEAD || reply->status == 304;
	buf_init(&out, req->arena);
	buf_printf(&out, "Status: %d\r\n", reply->status);
	if (reply->body_len > 0 || reply->content_type != NULL)
		header_add(&out, "Content-Type",
		    reply->content_type == NULL ? "application/json" :
		    reply->content_type);
	if (reply->status != 304 && !reply->internal && reply->more == NULL)
		buf_printf(&out, "Content-Length: %zu\r\n", reply->body_len);
	/* nginx logs it and passes it on to nobody */
	if (req->route != NULL)
		header_add(&out, "X-Trainyard-Route", req->route->pattern);
	for (i = 0; i < reply->headers; i++)
		header_add(&out, reply->header[i].name,
		    reply->header[i].value);
	if (!reply->cacheable)
		header_add(&out, "Cache-Control", "no-store");
	buf_adds(&out, "\r\n");
	if (!bodiless) {
		buf_add(&out, reply->body, reply->body_len);
		metric_add(METRIC_BYTES_OUT, 0, reply->body_len);
	}
	failed = FCGX_PutStr(out.data, (int)out.len, c->request.out) == -1;
	if (reply->more != NULL && !bodiless && !failed &&
	    cgi_more(c, reply) == -1)
		return -1;
	failed |= cgi_finish(c) == -1;
	return failed ? -1 : 0;
}

void
cgi_drop(struct cgi *c)
{
	FCGX_SetExitStatus(1, c->request.out);
	request_close(c);
}

void
cgi_unblock(struct cgi *c)
{
	int	fd = c->request.ipcFd;

	if (fd >= 0)
		shutdown(fd, SHUT_RD);
}
