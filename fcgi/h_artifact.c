/* SPDX-License-Identifier: BSD-2-Clause */
/* Artifacts: publish, metadata, bytes. */
#include "config.h"

#include <string.h>

#include "domain/artifact.h"
#include "domain/blob.h"
#include "domain/dataset.h"
#include "fcgi/app.h"
#include "fcgi/gate.h"
#include "fcgi/http.h"
#include "fcgi/route.h"
#include "util/log.h"

#define REFERENCE	"application/vnd.trainyard.reference+json"
#define PIECE		(256 * 1024)
#define MAX_REFERENCE	(64 * 1024)

/* Bad kind, name or version: 422 with loc path. */
static enum err
check_path(struct req *req, struct reply *reply, int latest_is_fine)
{
	artifact_check_path(route_param(req, "kind"),
	    route_param(req, "name"), route_param(req, "version"),
	    latest_is_fine, &req->faults);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	return ERR_OK;
}

/*
 * Content-Digest: sha-256=:<base64>: (RFC 9530); other algorithms are not
 * ours to check.  "" when there is none.
 */
static enum err
read_digest(struct req *req, struct reply *reply, char hex[SHA256_HEX_LEN])
{
	const char	*p = req->header(req, "HTTP_CONTENT_DIGEST");
	uint8_t		 digest[SHA256_LEN + 16];
	size_t		 n;

	hex[0] = '\0';
	if (p == NULL || (p = strstr(p, "sha-256=")) == NULL)
		return ERR_OK;
	p += 8;
	if (*p == ':' && (n = strcspn(p + 1, ":")) == 44 && p[45] == ':' &&
	    base64_decode(p + 1, n, digest) == SHA256_LEN) {
		hex_encode(digest, SHA256_LEN, hex);
		return ERR_OK;
	}
	fault_add(&req->faults, LOC(&loc_header, "Content-Digest"),
	    "value_error", "must be sha-256=:<base64 of 32 bytes>:");
	return reply_error(req, reply, ERR_VALIDATION, NULL);
}

static enum err
too_large(struct req *req, struct reply *reply)
{
	return reply_error(req, reply, ERR_TOO_LARGE,
	    "an artifact may have at most %lld bytes",
	    (long long)req->app->conf->max_artifact_bytes);
}

static enum err
over_quota(struct req *req, struct reply *reply,
    const struct artifact_quota *quota)
{
	enum err	err;

	err = reply_error(req, reply, ERR_RATE,
	    "quota: %lld bytes of artifacts may be kept in workspace %s, "
	    "%lld are", (long long)quota->most, req->tenant.workspace_key,
	    (long long)quota->bytes);
	reply_header(req, reply, "Retry-After", "60");
	return err;
}

/*
 * The body into `in`, and past what looks at its rows; ERR__MAX: the client
 * left.
 */
static enum err
copy_body(struct req *req, struct reply *reply, struct blob_in *in,
    struct dataset *rows)
{
	char		*piece = arena_alloc(req->arena, PIECE);
	int64_t		 total = 0;
	long		 n;
	enum err	 err;

	while ((n = req->body_read(req, piece, PIECE)) > 0) {
		total += n;
		if (total > req->app->conf->max_artifact_bytes)
			return too_large(req, reply);
		if ((err = blob_add(in, piece, (size_t)n)) != ERR_OK)
			return reply_error(req, reply, err, NULL);
		if (rows != NULL)
			dataset_add(rows, piece, (size_t)n);
	}
	if (n < 0) {
		log_info("client left in the middle of an upload");
		return ERR__MAX;
	}
	return ERR_OK;
}

/* The bytes to disk, hashed and looked at on the way. */
static enum err
receive(struct req *req, struct reply *reply, const char *expected,
    struct artifact *x, struct blob_in **in)
{
	const struct conf	*conf = req->app->conf;
	struct dataset		*rows = NULL;
	char			*sha256;
	enum err		 err;

	if ((err = blob_begin(conf->data_dir, in)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	if (artifact_has_rows(x->kind))
		rows = dataset_new();
	err = copy_body(req, reply, *in, rows);
	if (err == ERR_OK && rows != NULL)
		x->dataset = artifact_dataset(req->arena, rows);
	dataset_free(rows);
	if (err != ERR_OK) {
		blob_abort(in);
		return err;
	}
	sha256 = arena_alloc(req->arena, SHA256_HEX_LEN);
	err = blob_seal(in, expected[0] == '\0' ? NULL : expected, sha256,
	    &x->size);
	if (err == ERR_VALIDATION) {
		fault_add(&req->faults, LOC(&loc_header, "Content-Digest"),
		    "value_error", "does not match the body");
		return reply_error(req, reply, err, NULL);
	}
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	x->sha256 = sha256;
	x->document = artifact_document(req->arena, blob_in_path(*in), x);
	return ERR_OK;
}

static enum err
receive_reference(struct req *req, struct reply *reply, struct artifact *x)
{
	enum err	err;

	if ((err = gate_body(req, reply, MAX_REFERENCE)) != ERR_OK ||
	    (err = gate_schema(req, reply, &schema_artifact_reference,
	    NULL)) != ERR_OK)
		return err;
	artifact_from_reference(req->json, x, &req->faults);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	return ERR_OK;
}

static enum err
answer(struct req *req, struct reply *reply, int status,
    const struct artifact *x)
{
	struct jw	w;

	jw_init(&w, req->arena);
	view_artifact(&w, x);
	reply_json(reply, status, &w);
	if (status == 201)
		reply_header(req, reply, "Location", "%s", req->path);
	return ERR_OK;
}

static int
only_if_new(struct req *req)
{
	const char	*none = req->header(req, "HTTP_IF_NONE_MATCH");

	return none != NULL && strcmp(none, "*") == 0;
}

static enum err
exists_already(struct req *req, struct reply *reply,
    const struct artifact *x)
{
	return reply_error(req, reply, ERR_PRECONDITION, "%s %s@%s exists",
	    x->kind, x->name, x->version);
}

/* What can be refused before the bytes are there, then the bytes. */
static enum err
take_bytes(struct req *req, struct reply *reply, const struct publisher *p,
    struct artifact *x, struct blob_in **in)
{
	struct artifact_quota	quota;
	char			expected[SHA256_HEX_LEN];
	enum err		err;
	int			exists = 0;

	if (req->content_length > req->app->conf->max_artifact_bytes)
		return too_large(req, reply);
	if ((err = read_digest(req, reply, expected)) != ERR_OK)
		return err;
	err = artifact_admit(p, x, req->content_length, &quota, &exists);
	if (err == ERR_RATE)
		return over_quota(req, reply, &quota);
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	if (exists && only_if_new(req))
		return exists_already(req, reply, x);
	return receive(req, reply, expected, x, in);
}

static enum err
publish(struct req *req, struct reply *reply, const struct publisher *p,
    struct artifact *x, struct blob_in **in)
{
	struct artifact_quota	quota;
	enum published		how;
	char			id[UUID_LEN];
	enum err		err;

	/* now, not when the upload began: ids tell what is newest */
	uuid_new(id);
	x->id = id;
	err = artifact_publish(p, req->arena, x, in, &how, &quota);
	if (err == ERR_RATE)
		return over_quota(req, reply, &quota);
	/* it was when the upload began */
	if (err == ERR_AUTH)
		gate_late(req);
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	if (how != PUBLISHED_NEW && only_if_new(req))
		return exists_already(req, reply, x);
	if (how == PUBLISHED_OTHER)
		return reply_error(req, reply, ERR_CONFLICT,
		    "%s %s@%s exists with other bytes; versions are "
		    "immutable", x->kind, x->name, x->version);
	return answer(req, reply, how == PUBLISHED_NEW ? 201 : 200, x);
}

enum err
h_artifact_put(struct req *req, struct reply *reply)
{
	const struct publisher	 p = { req->app->pool, &req->tenant, req->id,
	    req->app->conf->artifact_quota, req->who.job_id[0] == '\0' ?
	    NULL : &req->who };
	struct artifact		 x = { .size = -1 };
	struct blob_in		*in = NULL;
	enum err		 err;

	if ((err = check_path(req, reply, 0)) != ERR_OK)
		return err;
	x.kind = route_param(req, "kind");
	x.name = route_param(req, "name");
	x.version = route_param(req, "version");
	x.media_type = artifact_media_type(req->arena,
	    req->header(req, "CONTENT_TYPE"));
	x.created_by = req->who.account_id;
	err = strcmp(x.media_type, REFERENCE) == 0 ?
	    receive_reference(req, reply, &x) :
	    take_bytes(req, reply, &p, &x, &in);
	return err == ERR_OK ? publish(req, reply, &p, &x, &in) : err;
}

static enum err
find(struct req *req, struct reply *reply, struct artifact *x)
{
	struct db	*db;
	enum err	 err;

	if ((err = check_path(req, reply, 1)) != ERR_OK)
		return err;
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	err = store_artifact_get(db, req->arena, req->tenant.workspace_id,
	    route_param(req, "kind"), route_param(req, "name"),
	    route_param(req, "version"), x);
	pool_give(req->app->pool, db);
	if (err == ERR_NOT_FOUND)
		return reply_error(req, reply, err,
		    "no %s \"%s@%s\" in workspace %s",
		    route_param(req, "kind"), route_param(req, "name"),
		    route_param(req, "version"), req->tenant.workspace_key);
	return err == ERR_OK ? err : reply_error(req, reply, err, NULL);
}

enum err
h_artifact_get(struct req *req, struct reply *reply)
{
	struct artifact	x;
	enum err	err;

	if ((err = find(req, reply, &x)) != ERR_OK)
		return err;
	return answer(req, reply, 200, &x);
}

enum err
h_artifact_content(struct req *req, struct reply *reply)
{
	struct artifact	x;
	char		name[66];
	enum err	err;

	if ((err = find(req, reply, &x)) != ERR_OK)
		return err;
	if (x.uri != NULL)
		return reply_error(req, reply, ERR_NOT_FOUND,
		    "%s %s@%s is kept elsewhere: its uri tells where",
		    x.kind, x.name, x.version);
	blob_name(x.sha256, name);
	reply->status = 200;
	reply->content_type = x.media_type;
	reply->cacheable = 1;
	reply->body = "";
	/*
	 * nginx adds the rest once the file is open, as that may still fail.
	 * How long the bytes may be kept: what a version holds never changes,
	 * what is newest does.
	 */
	reply_header(req, reply, "X-Accel-Redirect", "/_blobs/%s%s", name,
	    strcmp(route_param(req, "version"), "latest") == 0 ?
	    "?newest" : "");
	reply_header(req, reply, "Content-Disposition",
	    "attachment; filename=\"%s-%s\"", x.name, x.version);
	reply->internal = 1;
	return ERR_OK;
}

enum err
h_artifact_list(struct req *req, struct reply *reply)
{
	struct artifact_filter	 filter;
	struct page		 page;
	struct db		*db;
	struct jw		 w;
	enum err		 err;

	artifact_filter_read(req->args, &req->faults, &filter, &page);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	err = artifact_list_write(db, req->arena, req->tenant.workspace_id,
	    &filter, &page, &w);
	pool_give(req->app->pool, db);
	return reply_read(req, reply, err, NULL, &w);
}
