/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One POST to one receiver: body, look-up of the name, a look at every
 * address, the exchange with those addresses and no others.
 */
#include "config.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <string.h>
#include <strings.h>
#include <time.h>

#include "dispatch/notify/delivery.h"
#include "dispatch/text.h"
#include "domain/webhook.h"
#include "domain/webhook_url.h"
#include "util/buf.h"
#include "util/log.h"

#define GONE		410
/* text_clean() goes a little beyond, and says so */
#define EXCERPT_TEXT	(FETCH_EXCERPT - 9)

/* The URL's scheme: http only reaches networks that the site allows. */
static int
is_plain(const struct delivery *d)
{
	return strncasecmp(d->item.target, "http:", 5) == 0;
}

/* Host without brackets, and port, of a URL that webhook_url_ok() took. */
static void
url_split(const struct delivery *d, const char **host, const char **port)
{
	const char *p = strstr(d->item.target, "//") + 2;
	size_t n = strcspn(p, "/?"), len;

	if (*p == '[') {
		len = strcspn(p, "]");
		*host = arena_strndup(d->arena, p + 1, len - 1);
		len++;
	} else {
		len = strcspn(p, ":/?");
		*host = arena_strndup(d->arena, p, len);
	}
	*port = len < n ? arena_strndup(d->arena, p + len + 1, n - len - 1) :
	    is_plain(d) ? "80" : "443";
}

static int
may_call(int six, const uint8_t *addr, void *arg)
{
	const struct delivery *d = arg;

	return address_allowed(six, addr) || (!is_plain(d) &&
	    (six ? address_public6(addr) : address_public4(addr)));
}

static const char *
address_text(struct arena *a, const struct address *x)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(x->six ? AF_INET6 : AF_INET, x->addr, text,
	    sizeof(text)) == NULL)
		fatal("inet_ntop");
	return arena_printf(a, x->six ? "[%s]" : "%s", text);
}

static void
answered(void *arg, const struct fetch_result *r)
{
	struct delivery *d = arg;
	const char *excerpt = r->excerpt_len == 0 ? NULL :
	    text_clean(d->arena, r->excerpt, r->excerpt_len, EXCERPT_TEXT);
	const char *error = r->error == NULL ? NULL :
	    text_clean(d->arena, r->error, strlen(r->error), FETCH_EXCERPT);

	d->fetch = NULL;
	if (error == NULL && r->status >= 200 && r->status < 300)
		delivery_end(d, OUT_SENT, r->status, 0, NULL, excerpt);
	else if (r->status == GONE)
		delivery_end(d, OUT_STOP, r->status, 0,
		    "the receiver is gone for good", excerpt);
	else
		delivery_end(d, OUT_AGAIN, r->status, r->retry_after,
		    error != NULL ? error : r->status >= 300 &&
		    r->status < 400 ? "redirects are not followed" :
		    arena_printf(d->arena, "the receiver answered %d",
		    r->status), excerpt);
}

static void
post(struct delivery *d, const char *host, const char *port,
    const struct answer *ans)
{
	struct arena *a = d->arena;
	struct fetch_request req = { .url = d->item.target,
	    .timeout_ms = delivery_left_ms(d), .body = d->body,
	    .len = d->len, .may_call = may_call, .done = answered, .arg = d };
	char typeid[TYPEID_LEN];
	const char *id;
	struct buf list;
	int64_t now = time(NULL);
	size_t i;

	buf_init(&list, a);
	for (i = 0; i < ans->n; i++)
		buf_printf(&list, "%s%s", i == 0 ? "" : ",",
		    address_text(a, &ans->address[i]));
	/* curl looks a name up with or without the root's dot */
	req.connect[0] = arena_printf(a, "%s:%s:%s", host, port, list.data);
	if ((i = strlen(host)) > 1 && host[i - 1] == '.')
		req.connect[1] = arena_printf(a, "%.*s:%s:%s", (int)i - 1,
		    host, port, list.data);
	/* literals need no entry, and cannot be one */
	if (strchr(host, ':') != NULL)
		req.connect[0] = NULL;
	typeid_encode(d->item.id, typeid);
	id = arena_printf(a, "whd_%s", typeid);
	req.header[0] = "Content-Type: application/json";
	req.header[1] = "Accept:";
	req.header[2] = d->owner->agent;
	req.header[3] = arena_printf(a, "X-Webhook-Signature: %s",
	    webhook_sign_body(a, d->item.secret, d->body, d->len));
	req.header[4] = arena_printf(a, "webhook-id: %s", id);
	req.header[5] = arena_printf(a, "webhook-timestamp: %lld",
	    (long long)now);
	req.header[6] = arena_printf(a, "webhook-signature: %s",
	    webhook_sign(a, d->item.secret, d->item.secret_previous, id, now,
	    d->body, d->len));
	d->fetch = fetch_start(d->owner->fetcher, &req);
}

/* Every address must be good, or nothing is sent to any. */
static void
resolved(void *arg, const struct answer *ans)
{
	struct delivery *d = arg;
	const char *host, *port;
	size_t i;

	d->lookup = NULL;
	if (ans->error != NULL) {
		delivery_end(d, OUT_AGAIN, 0, 0, arena_printf(d->arena,
		    "the name cannot be resolved: %s", ans->error), NULL);
		return;
	}
	for (i = 0; i < ans->n; i++)
		if (!may_call(ans->address[i].six, ans->address[i].addr, d))
			break;
	if (i < ans->n || ans->more) {
		delivery_end(d, OUT_AGAIN, 0, 0, ans->more ?
		    "the name has too many addresses" :
		    "the name stands for an address that is not public",
		    NULL);
		return;
	}
	url_split(d, &host, &port);
	post(d, host, port, ans);
}

static enum err
write_job(struct delivery *d, struct jw *w)
{
	struct job job;
	int64_t at;
	enum err e;

	if ((e = delivery_job(d, &job, &at)) == ERR_OK)
		webhook_job_body(w, d->item.event, at, &job);
	return e;
}

static enum err
write_run(struct delivery *d, struct jw *w)
{
	struct execution x;
	struct run run;
	struct job job;
	int64_t at;
	enum err e;

	if ((e = delivery_job(d, &job, &at)) == ERR_OK &&
	    (e = store_outbox_run(d->owner->db, d->arena, &d->item, &run,
	    &x)) == ERR_OK)
		webhook_run_body(w, d->item.event, at, &job, &x, &run);
	return e;
}

static enum err
write_version(struct delivery *d, struct jw *w)
{
	struct judge_version v;
	const char *key;
	int64_t at;
	enum err e;

	e = store_version_told(d->owner->db, d->arena, d->item.workspace_id,
	    d->item.id, &v, &key, &at);
	if (e == ERR_OK)
		webhook_version_body(w, d->item.event, at, key, &v);
	return e;
}

/* What was sent before is sent again, byte for byte. */
static enum err
body_make(struct delivery *d)
{
	struct jw w;
	enum err e;

	if (d->item.body != NULL) {
		d->body = d->item.body;
		d->len = strlen(d->body);
		return ERR_OK;
	}
	jw_init(&w, d->arena);
	if (strcmp(d->item.event, "judge.version.deployed") == 0)
		e = write_version(d, &w);
	else if (strncmp(d->item.event, "retraining.run.", 15) == 0)
		e = write_run(d, &w);
	else
		e = write_job(d, &w);
	if (e == ERR_OK)
		d->body = jw_text(&w, &d->len);
	return e;
}

enum err
webhook_begin(struct delivery *d)
{
	const char *host, *port;
	enum err e;

	if ((e = body_make(d)) != ERR_OK)
		return e;
	/* What a site allows may have changed since. */
	if (!webhook_url_ok(d->item.target)) {
		delivery_end(d, OUT_AGAIN, 0, 0,
		    "webhooks do not go to this URL", NULL);
		return ERR_OK;
	}
	url_split(d, &host, &port);
	d->lookup = lookup_start(d->owner->resolver, host, resolved, d);
	if (d->lookup == NULL)
		delivery_end(d, OUT_AGAIN, 0, 0,
		    "too many names are being looked up", NULL);
	return ERR_OK;
}
