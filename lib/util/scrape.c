/* SPDX-License-Identifier: BSD-2-Clause */
/* libmicrohttpd answers; one thread, few connections, short waits. */
#include "config.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/listen.h"
#include "util/log.h"
#include "util/metric.h"
#include "util/scrape.h"

#define BACKLOG		16
#define CONNECTIONS	16U
#define TIMEOUT		10U		/* seconds of an idle connection */
#define MEMORY		((size_t)16 << 10)
#define ARENA_CHUNK	((size_t)256 << 10)
#define TEXT_TYPE	"text/plain; version=0.0.4; charset=utf-8"

struct scrape {
	struct MHD_Daemon	*daemon;
	struct arena		*arena;
	void			(*measure)(void *);
	void			*arg;
};

static enum MHD_Result
say(struct MHD_Connection *conn, unsigned int status, const char *type,
    const char *text, size_t len)
{
	struct MHD_Response *r;
	enum MHD_Result ok;
	void *copy;

	if ((copy = malloc(len + 1)) == NULL)
		return MHD_NO;
	memcpy(copy, text, len);
	r = MHD_create_response_from_buffer(len, copy, MHD_RESPMEM_MUST_FREE);
	if (r == NULL) {
		free(copy);
		return MHD_NO;
	}
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW,
		    "GET, HEAD");
	ok = MHD_queue_response(conn, status, r);
	MHD_destroy_response(r);
	return ok;
}

static enum MHD_Result
refuse(struct MHD_Connection *conn, unsigned int status, const char *text)
{
	return say(conn, status, "text/plain", text, strlen(text));
}

static enum MHD_Result
answer(void *arg, struct MHD_Connection *conn, const char *url,
    const char *method, const char *version, const char *body,
    size_t *body_len, void **seen)
{
	struct scrape *s = arg;
	struct buf b;

	/* A body, which nobody sends, is read to its end and ignored. */
	if (*seen == NULL || *body_len > 0) {
		*seen = s;
		*body_len = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return refuse(conn, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "method not allowed\n");
	if (strcmp(url, "/metrics") != 0)
		return refuse(conn, MHD_HTTP_NOT_FOUND, "see /metrics\n");
	if (s->measure != NULL)
		s->measure(s->arg);
	arena_reset(s->arena);
	buf_init(&b, s->arena);
	metric_write(&b);
	return say(conn, MHD_HTTP_OK, TEXT_TYPE, b.data, b.len);
}

struct scrape *
scrape_start(const char *address, void (*measure)(void *), void *arg)
{
	struct scrape *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		fatal("metrics");
	s->arena = arena_new(ARENA_CHUNK);
	s->measure = measure;
	s->arg = arg;
	s->daemon = MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC,
	    0, NULL, NULL, answer, s,
	    MHD_OPTION_LISTEN_SOCKET, listen_address(address, BACKLOG),
	    MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
	    MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY, MHD_OPTION_END);
	if (s->daemon == NULL)
		fatalx("cannot serve metrics at %s", address);
	log_info("metrics address=%s", address);
	return s;
}

void
scrape_stop(struct scrape *s)
{
	if (s == NULL)
		return;
	MHD_stop_daemon(s->daemon);
	arena_free(s->arena);
	free(s);
}
