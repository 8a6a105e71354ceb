/* SPDX-License-Identifier: BSD-2-Clause */
/* The gates, in the order of the contract. */
#include "config.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fcgi/app.h"
#include "fcgi/gate.h"
#include "fcgi/idem.h"
#include "fcgi/route.h"
#include "util/buf.h"
#include "util/log.h"
#include "util/metric.h"

/* Above what the largest batch needs: 1000 items with every list full. */
#define MAX_CONTAINERS	20000
#define MAX_VALUES	400000

/* Does the path name the job that the token speaks for? */
static int
own_job(const struct req *req)
{
	const char	*name = route_param_opt(req, "job_id");
	char		 id[UUID_LEN];

	return name != NULL && uuid_parse(name, id) &&
	    strcmp(id, req->who.job_id) == 0;
}

void
gate_stale(struct req *req, const char *job_id, int attempt,
    const char *what)
{
	metric_add(METRIC_STALE, 0, 1);
	/* its worker was silent for too long and does not know it yet */
	log_info("write of a superseded attempt refused job=%s attempt=%d "
	    "%s refused=%ju", job_id, attempt, what,
	    (uintmax_t)atomic_fetch_add(&req->app->stale, 1) + 1);
}

void
gate_late(struct req *req)
{
	int	stale;

	if (access_job_superseded(req->app->access, req->arena, &req->who,
	    &stale) == ERR_OK && stale)
		gate_stale(req, req->who.job_id, req->who.attempt,
		    arena_printf(req->arena, "path=%s", req->path));
}

/*
 * A job's token dies with its attempt; but who reports for a job of its own
 * is told what became of it.
 */
static enum err
job_token(struct req *req)
{
	enum err	err;

	if ((req->route->gates & GATE_LATE) && own_job(req))
		return ERR_OK;
	err = access_job_alive(req->app->access, &req->who);
	if (err == ERR_AUTH && req->route->method != METHOD_GET)
		gate_late(req);
	return err;
}

static enum err
gate_token(struct req *req, struct reply *reply)
{
	const char	*bearer = req->header(req, "HTTP_AUTHORIZATION");
	const char	*key = req->header(req, "HTTP_X_API_KEY");
	enum err	 err;

	if (key != NULL && key[0] == '\0')
		key = NULL;
	if (bearer != NULL && bearer[0] != '\0') {
		if (strncasecmp(bearer, "Bearer", 6) != 0 ||
		    (bearer[6] != ' ' && bearer[6] != '\t'))
			return reply_error(req, reply, ERR_AUTH,
			    "the Authorization header must be "
			    "\"Bearer <token>\"");
		bearer += 6 + strspn(bearer + 6, " \t");
	}
	if (bearer != NULL && bearer[0] == '\0')
		bearer = NULL;
	if (bearer != NULL && key != NULL && strcmp(bearer, key) != 0)
		return reply_error(req, reply, ERR_REQUEST,
		    "Authorization and X-API-Key carry different tokens");
	if (bearer == NULL)
		bearer = key;
	if (bearer == NULL)
		return reply_error(req, reply, ERR_AUTH,
		    "authentication required: send \"Authorization: "
		    "Bearer <token>\"");
	req->token_sent = 1;
	err = access_token(req->app->access, bearer, &req->who);
	if (err == ERR_OK && req->who.job_id[0] != '\0')
		err = job_token(req);
	if (err == ERR_AUTH)
		return reply_error(req, reply, err,
		    "the token is unknown, expired or revoked");
	return err == ERR_OK ? err : reply_error(req, reply, err, NULL);
}

/* -1, 0, 1 as a is older than, the same as, newer than b: 1.2.3 */
static int
version_compare(const char *a, const char *b)
{
	unsigned long	x, y;
	char		*end;
	int		 i;

	for (i = 0; i < 3; i++) {
		x = strtoul(a, &end, 10);
		a = *end == '.' ? end + 1 : end;
		y = strtoul(b, &end, 10);
		b = *end == '.' ? end + 1 : end;
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

static enum err
gate_client(struct req *req, struct reply *reply)
{
	const char	*oldest = req->app->conf->min_client_version;
	const char	*agent = req->header(req, "HTTP_USER_AGENT");
	const char	*protocol = req->header(req, "SERVER_PROTOCOL");
	enum err	 err;

	if (oldest[0] == '\0' || agent == NULL ||
	    strncmp(agent, "dreadnode-sdk/", 14) != 0 ||
	    version_compare(agent + 14, oldest) >= 0)
		return ERR_OK;
	err = reply_error(req, reply, ERR_UPGRADE,
	    "this server needs dreadnode-sdk %s or newer", oldest);
	/* in HTTP/2 the header itself would be an error */
	if (protocol != NULL && strcmp(protocol, "HTTP/1.1") == 0)
		reply_header(req, reply, "Upgrade", "dreadnode-sdk/%s",
		    oldest);
	return err;
}

/*
 * Counts, and tells on every reply to a known token how it stands; who is
 * over its rate is refused after its version has been looked at.
 */
static struct rate
gate_rate_tell(struct req *req, struct reply *reply)
{
	struct rate	r;

	r = limits_rate(req->app->limits, &req->who);
	if (r.limit == 0)
		return r;
	reply_header(req, reply, "X-RateLimit-Limit", "%lld",
	    (long long)r.limit);
	reply_header(req, reply, "X-RateLimit-Remaining", "%lld",
	    (long long)r.remaining);
	reply_header(req, reply, "X-RateLimit-Reset", "%lld",
	    (long long)r.reset);
	reply_header(req, reply, "RateLimit-Policy", "\"token\";q=%lld;w=60",
	    (long long)r.limit);
	reply_header(req, reply, "RateLimit", "\"token\";r=%lld;t=%lld",
	    (long long)r.remaining, (long long)r.wait);
	return r;
}

static enum err
gate_rate(struct req *req, struct reply *reply, const struct rate *r)
{
	enum err	err;

	if (!r->over)
		return ERR_OK;
	err = reply_error(req, reply, ERR_RATE,
	    "rate limit: %lld requests a minute", (long long)r->limit);
	reply_header(req, reply, "Retry-After", "%lld", (long long)r->wait);
	return err;
}

static enum err
gate_tenant(struct req *req, struct reply *reply)
{
	enum err	err = ERR_OK;

	if (req->route->gates & GATE_ORG) {
		err = access_organization(req->app->access, &req->who,
		    route_param(req, "org"), &req->tenant);
		return err == ERR_OK ? err : reply_error(req, reply, err,
		    err == ERR_NOT_FOUND ? "no such organization" : NULL);
	}
	if (req->route->gates & GATE_WORKSPACE)
		err = access_tenant(req->app->access, &req->who,
		    route_param(req, "org"), route_param(req, "ws"),
		    &req->tenant);
	if (err == ERR_NOT_FOUND)
		return reply_error(req, reply, err,
		    "no such organization or workspace");
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	if (req->route->gates & GATE_OWN)
		err = access_own_tenant(req->app->access, &req->who,
		    &req->tenant);
	if (err == ERR_PERMISSION)
		return reply_error(req, reply, err, "the token was made for "
		    "no organization; these paths need one that was");
	return err == ERR_OK ? err : reply_error(req, reply, err, NULL);
}

/* What an attempt publishes. */
static int
job_publishes(const char *kind)
{
	return strcmp(kind, "model") == 0 || strcmp(kind, "checkpoint") == 0 ||
	    strcmp(kind, "other") == 0;
}

/* NULL, or what a job's token may not do. */
static const char *
job_fault(const struct req *req)
{
	const struct principal	*who = &req->who;
	unsigned int		 gates = req->route->gates;
	const char		*project, *kind;

	if ((gates & GATE_JOB) == 0)
		return "a job's token may not call this";
	if (route_param_opt(req, "job_id") != NULL && !own_job(req))
		return "a job's token is for its own job only";
	if ((gates & GATE_WORKSPACE) &&
	    strcmp(req->tenant.workspace_id, who->workspace_id) != 0 &&
	    ((gates & GATE_SHELF) == 0 ||
	    strcmp(req->tenant.workspace_id, req->tenant.shelf_id) != 0))
		return "a job's token is for the job's workspace only";
	project = route_param_opt(req, "project");
	if (project != NULL && strcmp(project, who->project) != 0)
		return "a job's token is for the job's project only";
	kind = route_param_opt(req, "kind");
	if (kind != NULL && req->method == METHOD_PUT && !job_publishes(kind))
		return "a job's token publishes models, checkpoints and "
		    "others only";
	return NULL;
}

static enum err
gate_scope(struct req *req, struct reply *reply)
{
	const char	*fault;

	if (req->who.job_id[0] != '\0') {
		if ((fault = job_fault(req)) == NULL)
			return ERR_OK;
		return reply_error(req, reply, ERR_PERMISSION, "%s", fault);
	}
	if (access_allows(&req->who, req->route->scope))
		return ERR_OK;
	return reply_error(req, reply, ERR_PERMISSION,
	    "the token lacks the scope %s", scope_word(req->route->scope));
}

/* type/subtype of a header equal to `want`; a charset must be UTF-8 */
static int
media_is(const char *header, const char *want)
{
	size_t		 n = strlen(want);
	const char	*p;

	if (strncasecmp(header, want, n) != 0)
		return 0;
	p = header + n;
	p += strspn(p, " \t");
	if (*p != '\0' && *p != ';')
		return 0;
	if ((p = strcasestr(p, "charset=")) == NULL)
		return 1;
	p += 8;
	p += *p == '"';
	return strncasecmp(p, "utf-8", 5) == 0 &&
	    (p[5] == '\0' || strchr("\"; \t", p[5]) != NULL);
}

/* Reads the body into memory; ERR__MAX: the client left. */
static enum err
body_read(struct req *req, struct reply *reply, size_t max)
{
	struct buf	b;
	size_t		room;
	long		n;

	if (req->content_length > (int64_t)max)
		return reply_error(req, reply, ERR_TOO_LARGE,
		    "the body may have at most %zu bytes", max);
	/* nginx says how long it is; the rest is for those who do not */
	room = req->content_length >= 0 ? (size_t)req->content_length : 16384;
	buf_init(&b, req->arena);
	while ((n = req->body_read(req, buf_reserve(&b, room), room)) > 0) {
		b.len += (size_t)n;
		if (b.len > max)
			return reply_error(req, reply, ERR_TOO_LARGE,
			    "the body may have at most %zu bytes", max);
		if (req->content_length >= 0)
			room = (size_t)req->content_length - b.len;
	}
	if (n < 0) {
		log_info("client left in the middle of its body");
		return ERR__MAX;
	}
	b.data[b.len] = '\0';
	req->body = b.data;
	req->body_len = b.len;
	return ERR_OK;
}

static enum err
gate_media(struct req *req, struct reply *reply)
{
	const char	*type = req->header(req, "CONTENT_TYPE");

	if (type != NULL && req->content_length != 0 &&
	    !media_is(type, "application/json"))
		return reply_error(req, reply, ERR_MEDIA_TYPE,
		    "the body must be application/json, UTF-8");
	return ERR_OK;
}

/* ["config","stop",1] as config.stop[1] */
static const char *
path_for_people(struct arena *a, const char *pointer)
{
	struct jv	*items;
	struct buf	 b;
	int64_t		 n;
	size_t		 i;

	buf_init(&b, a);
	if (jv_parse_checked(a, pointer, strlen(pointer), &items) == -1)
		return "";
	for (i = 0; i < jv_len(items); i++) {
		if (jv_int(jv_at(items, i), &n))
			buf_printf(&b, "[%lld]", (long long)n);
		else
			buf_printf(&b, "%s%s", b.len > 0 ? "." : "",
			    jv_str(jv_at(items, i), NULL));
	}
	return b.data;
}

static enum err
gate_json(struct req *req, struct reply *reply)
{
	struct buf	place;

	if (req->body_len == 0 && (req->route->gates & GATE_OPTIONAL)) {
		req->json = jv_parse(req->arena, "{}", 2);
		return req->json != NULL ? ERR_OK :
		    reply_error(req, reply, ERR_INTERNAL, NULL);
	}
	if (jlex_check(req->body, req->body_len, JLEX_MAX_DEPTH,
	    &req->lex) == -1) {
		fault_add(&req->faults, LOC_AT(&loc_body, req->lex.offset),
		    "json_invalid", "invalid JSON at byte %zu: %s",
		    req->lex.offset, req->body_len == 0 ?
		    "the body is empty" : req->lex.what);
		return reply_error(req, reply, ERR_REQUEST, "%s",
		    req->faults.fault[0].msg);
	}
	/* a small text can become a very large tree: up to 1 KiB for {} */
	if (req->lex.containers > MAX_CONTAINERS ||
	    req->lex.values > MAX_VALUES)
		return reply_error(req, reply, ERR_TOO_LARGE,
		    "the body may hold at most %d objects and arrays and %d "
		    "values", MAX_CONTAINERS, MAX_VALUES);
	if (req->lex.top != '{') {
		fault_add(&req->faults, &loc_body, "dict_type",
		    "must be an object");
		return reply_error(req, reply, ERR_REQUEST,
		    "the body must be a JSON object");
	}
	req->json = jv_parse(req->arena, req->body, req->body_len);
	if (req->json == NULL)
		return reply_error(req, reply, ERR_INTERNAL, NULL);
	if (req->lex.nul_in_key)
		fault_add(&req->faults, &loc_body, "value_error",
		    "a field's name must not contain NUL");
	else if (req->lex.members != jv_count_members(req->json)) {
		buf_init(&place, req->arena);
		if (jlex_duplicate(req->arena, req->body, req->body_len,
		    &place)) {
			fault_add_at(&req->faults, arena_printf(req->arena,
			    "\"body\",%.*s", (int)(place.len - 2),
			    place.data + 1),
			    path_for_people(req->arena, place.data),
			    "duplicate_key", "key appears twice");
		}
	}
	return ERR_OK;
}

enum err
gate_body(struct req *req, struct reply *reply, size_t max)
{
	enum err	err;

	if ((err = body_read(req, reply, max)) != ERR_OK)
		return err;
	return gate_json(req, reply);
}

enum err
gate_schema(struct req *req, struct reply *reply, const struct schema *schema,
    const struct schema_check *extra)
{
	struct schema_check	check = { 0 };

	if (extra != NULL)
		check = *extra;
	check.faults = &req->faults;
	schema_check(&check, schema, req->json, &loc_body);
	/*
	 * Inside maps that no schema looks into, too; but what is checked
	 * item by item fails one item only.
	 */
	if (req->faults.count == 0 && req->lex.nul_in_value &&
	    !schema_defers(schema))
		fault_add(&req->faults, &loc_body, "value_error",
		    "must not contain NUL");
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	return ERR_OK;
}

/* Every route: what its schema does not name is refused. */
static void
gate_query(struct req *req)
{
	static const struct schema	 nothing = { "NoQuery", NULL, 0, "" };
	struct schema_check		 check = { .faults = &req->faults };
	struct buf			 dropped;

	if (strcmp(req->app->conf->unknown_fields, "ignore") == 0 &&
	    (req->route->gates & GATE_WORKSPACE)) {
		buf_init(&dropped, req->arena);
		check.ignored = &dropped;
	}
	req->args = schema_query(&check, req->route->query != NULL ?
	    req->route->query : &nothing, req->query, req->arena);
}

enum err
gate_run(struct req *req, struct reply *reply)
{
	const struct route	*r = req->route;
	struct rate		 rate;
	enum err		 err;

	if ((r->gates & GATE_TOKEN) == 0)
		return ERR_OK;
	if ((err = gate_token(req, reply)) != ERR_OK)
		return err;
	rate = gate_rate_tell(req, reply);
	if ((err = gate_client(req, reply)) != ERR_OK)
		return err;
	if ((err = gate_rate(req, reply, &rate)) != ERR_OK)
		return err;
	/*
	 * The hosted face names its tenant before it looks at scopes: what
	 * cannot be seen is 404 whatever the token may do.
	 */
	if ((err = gate_tenant(req, reply)) != ERR_OK)
		return err;
	if ((err = gate_scope(req, reply)) != ERR_OK)
		return err;
	if (r->gates & GATE_JSON) {
		if ((err = gate_media(req, reply)) != ERR_OK)
			return err;
		if ((err = body_read(req, reply, r->max_body)) != ERR_OK)
			return err;
	}
	if (req->method == METHOD_POST &&
	    (err = idem_gate(req, reply)) != ERR_OK)
		return err;
	if ((r->gates & GATE_JSON) && (err = gate_json(req, reply)) != ERR_OK)
		return err;
	gate_query(req);
	if (r->body != NULL)
		return gate_schema(req, reply, r->body, NULL);
	/* a handler that picks its own schema reports these with the body's */
	if (req->faults.count > 0 && (r->gates & GATE_JSON) == 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	return ERR_OK;
}
