/* SPDX-License-Identifier: BSD-2-Clause */
/* Ray's Jobs API over HTTP, and whether it can be used. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "dispatch/engines/check.h"
#include "dispatch/engines/engine.h"
#include "dispatch/engines/ray_api.h"
#include "dispatch/fetch.h"
#include "dispatch/text.h"
#include "util/buf.h"
#include "util/jlex.h"

#define TOKEN_LEN	4096
#define SAID_MOST	300

struct call {
	struct arena	*arena;
	struct ray_reply *reply;
	const char	*error;
	int		 done;
};

/* "" without a file; -1: none can be read from it. */
static int
token_read(const char *path, char token[TOKEN_LEN])
{
	token[0] = '\0';
	if (*path == '\0')
		return 0;
	return text_first_line(path, token, TOKEN_LEN) == 0 &&
	    token[0] != '\0' ? 0 : -1;
}

static void
answered(void *arg, const struct fetch_result *r)
{
	struct call *c = arg;
	struct ray_reply *reply = c->reply;
	struct jv *v;

	c->done = 1;
	if (r->error != NULL)
		c->error = arena_strdup(c->arena, r->error);
	reply->status = r->status;
	reply->cut = r->cut;
	reply->text = arena_strndup(c->arena, r->excerpt, r->excerpt_len);
	if (!r->cut && jv_parse_checked(c->arena, reply->text, r->excerpt_len,
	    &v) == 0 && jv_type(v) == JV_OBJECT)
		reply->json = v;
}

static int
call_wait(struct fetcher *f, const struct fetch_request *req, struct call *c)
{
	struct fetch *x = fetch_start(f, req);
	int leave = engine_leaving_fd();

	while (!c->done) {
		if (engine_leaving()) {
			fetch_cancel(x);
			return -1;
		}
		fetcher_wait(f, &leave, leave == -1 ? 0 : 1,
		    req->timeout_ms);
	}
	return 0;
}

/* An address may end in a slash or not. */
static const char *
url_of(struct arena *a, const struct conf *conf, const char *path)
{
	size_t n = strlen(conf->ray_address);

	while (n > 0 && conf->ray_address[n - 1] == '/')
		n--;
	return arena_printf(a, "%.*s/api/%s", (int)n, conf->ray_address,
	    path);
}

int
ray_call(struct arena *a, const struct conf *conf, const char *method,
    const char *path, const char *body, size_t keep, struct ray_reply *reply,
    const char **why)
{
	struct call c = { .arena = a, .reply = reply };
	struct fetch_request req = { .url = url_of(a, conf, path),
	    .timeout_ms = conf->engine_timeout_seconds * 1000,
	    .body = body, .len = body == NULL ? 0 : strlen(body),
	    .keep = keep, .method = method, .done = answered, .arg = &c };
	char header[TOKEN_LEN + 32], token[TOKEN_LEN];
	struct fetcher *f;
	int ok;

	memset(reply, 0, sizeof(*reply));
	if (token_read(conf->ray_token_file, token) == -1) {
		*why = "ray_token_file cannot be read, or is empty";
		return -1;
	}
	req.header[0] = "Content-Type: application/json";
	if (token[0] != '\0') {
		(void)snprintf(header, sizeof(header),
		    "Authorization: Bearer %s", token);
		req.header[1] = header;
	}
	f = fetcher_new(conf->ray_ca_file);
	ok = call_wait(f, &req, &c) == 0;
	fetcher_free(f);
	explicit_bzero(header, sizeof(header));
	explicit_bzero(token, sizeof(token));
	if (!ok)
		*why = "the dispatcher ends";
	else if (c.error != NULL)
		*why = c.error;
	return ok && c.error == NULL ? 0 : -1;
}

const char *
ray_says(struct arena *a, const struct ray_reply *r)
{
	const char *end, *line;

	if (r->text == NULL || r->text[0] == '\0')
		return arena_printf(a, "it answered %d", r->status);
	end = r->text + strlen(r->text);
	while (end > r->text && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	for (line = end; line > r->text && line[-1] != '\n'; line--)
		;
	return arena_printf(a, "it answered %d: %s", r->status,
	    text_clean(a, line, (size_t)(end - line), SAID_MOST));
}

/* ------------------------------------------------------------------ checks */

enum check_verdict
check_ray_settings(const struct conf *conf, char why[ENGINE_WHY_LEN])
{
	const char *lacks = NULL;

	if (conf->ray_address[0] == '\0')
		lacks = "ray_address is not set";
	else if (strncmp(conf->ray_address, "http://", 7) != 0 &&
	    strncmp(conf->ray_address, "https://", 8) != 0)
		lacks = "ray_address must begin with http:// or https://";
	else if (conf->api_url[0] == '\0')
		lacks = "api_url is not set: runners on the cluster report "
		    "there";
	if (lacks != NULL) {
		(void)snprintf(why, ENGINE_WHY_LEN, "%s", lacks);
		return CHECK_FAIL;
	}
	(void)snprintf(why, ENGINE_WHY_LEN, "%s", conf->ray_address);
	return CHECK_OK;
}

enum check_verdict
check_ray_token(const struct conf *conf, char why[ENGINE_WHY_LEN])
{
	char token[TOKEN_LEN];
	int ok = token_read(conf->ray_token_file, token) == 0;
	int none = token[0] == '\0';

	explicit_bzero(token, sizeof(token));
	if (!ok) {
		(void)snprintf(why, ENGINE_WHY_LEN, "ray_token_file cannot be "
		    "read, or is empty");
		return CHECK_FAIL;
	}
	(void)snprintf(why, ENGINE_WHY_LEN, "%s", !none ?
	    conf->ray_token_file : "no ray_token_file: whoever reaches the "
	    "cluster runs what they like there");
	return none ? CHECK_WARN : CHECK_OK;
}

/* Does it answer, and take the token? */
enum check_verdict
check_ray_jobs(const struct conf *conf, char why[ENGINE_WHY_LEN])
{
	struct arena *a = arena_new(4096);
	enum check_verdict v = CHECK_FAIL;
	const char *fault, *version;
	struct ray_reply r;

	if (ray_call(a, conf, "GET", "jobs/trainyard-probe", NULL, RAY_ANSWER,
	    &r, &fault) == -1)
		(void)snprintf(why, ENGINE_WHY_LEN, "%s: %s",
		    conf->ray_address, fault);
	else if (r.status != 200 && r.status != 404)
		(void)snprintf(why, ENGINE_WHY_LEN, "%s: %s",
		    conf->ray_address, ray_says(a, &r));
	else if (ray_call(a, conf, "GET", "version", NULL, RAY_ANSWER, &r,
	    &fault) == -1 || (version = jv_text(r.json, "ray_version")) == NULL)
		(void)snprintf(why, ENGINE_WHY_LEN, "%s is no Ray cluster",
		    conf->ray_address);
	else {
		(void)snprintf(why, ENGINE_WHY_LEN, "Ray %s", version);
		v = CHECK_OK;
	}
	arena_free(a);
	return v;
}
