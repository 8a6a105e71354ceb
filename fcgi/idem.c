/* SPDX-License-Identifier: BSD-2-Clause */
/* Idempotency keys: read, replay, keep. */
#include "config.h"

#include <string.h>

#include "domain/view.h"
#include "fcgi/app.h"
#include "fcgi/idem.h"
#include "store/store_idem.h"
#include "util/hash.h"
#include "util/log.h"

static const char *
stored_location(const struct reply *reply)
{
	int	i;

	for (i = 0; i < reply->headers; i++)
		if (strcmp(reply->header[i].name, "Location") == 0)
			return reply->header[i].value;
	return NULL;
}

/* ERR_OK: nothing stored under the key. */
static enum err
replay(struct req *req, struct reply *reply, struct db *db)
{
	struct idem_row	row;
	enum err	err;

	err = store_idem_find(db, req->arena, req->who.account_id,
	    req->idem.path, req->idem.key, &row);
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	if (strcmp(row.hash, req->idem.hash) != 0)
		return reply_error(req, reply, ERR_IDEMPOTENCY_REUSED, NULL);
	reply->status = row.status;
	reply->body = row.body;
	reply->body_len = strlen(row.body);
	if (row.location != NULL)
		reply_header(req, reply, "Location", "%s", row.location);
	reply_header(req, reply, "Idempotent-Replayed", "true");
	req->idem.kept = 1;
	/* not an error, but the handler must not run */
	return ERR__MAX;
}

enum err
idem_gate(struct req *req, struct reply *reply)
{
	const char	*key = req->header(req, "HTTP_IDEMPOTENCY_KEY");
	struct sha256	*h;
	struct db	*db;
	uint8_t		 digest[SHA256_LEN];
	size_t		 len, i;
	enum err	 err;

	if (key == NULL)
		return ERR_OK;
	len = strlen(key);
	if (len >= 2 && key[0] == '"' && key[len - 1] == '"') {
		key = arena_strndup(req->arena, key + 1, len - 2);
		len -= 2;
	}
	for (i = 0; i < len; i++)
		if (key[i] < 0x21 || key[i] > 0x7e)
			break;
	if (len < 1 || len > 255 || i < len)
		return reply_error(req, reply, ERR_REQUEST,
		    "Idempotency-Key must be 1 to 255 visible ASCII "
		    "characters");
	h = sha256_new();
	sha256_add(h, req->query, strlen(req->query));
	sha256_add(h, "\n", 1);
	sha256_add(h, req->body, req->body_len);
	sha256_end(h, digest);
	hex_encode(digest, sizeof(digest), req->idem.hash);
	req->idem.key = key;
	req->idem.path = req->path;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	err = replay(req, reply, db);
	pool_give(req->app->pool, db);
	return err;
}

void
idem_request(struct req *req, struct job_request *rq)
{
	if (req->idem.key == NULL)
		return;
	rq->idem_path = req->idem.path;
	rq->idem_key = req->idem.key;
	rq->idem_hash = req->idem.hash;
	req->idem.kept = 1;
}

enum err
idem_replay(struct req *req, struct reply *reply)
{
	struct db	*db;
	enum err	 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return reply_error(req, reply, err, NULL);
	err = replay(req, reply, db);
	pool_give(req->app->pool, db);
	/* taken and gone again: the other request failed */
	if (err == ERR_OK)
		return reply_error(req, reply, ERR_IDEMPOTENCY_BUSY, NULL);
	return err;
}

enum err
idem_written(struct req *req, struct reply *reply, enum err err, int64_t at)
{
	if (err == ERR_CONFLICT && req->idem.key != NULL) {
		reply->status = 0;
		return idem_replay(req, reply);
	}
	if (err != ERR_OK)
		return reply_error(req, reply, err == ERR_CONFLICT ?
		    ERR_INTERNAL : err, NULL);
	reply->body = view_fill_time(req->arena, reply->body,
	    &reply->body_len, at);
	return ERR_OK;
}

enum err
idem_claim(struct req *req, struct reply *reply, struct db *db)
{
	enum err	err;
	int		mine;

	if (req->idem.key == NULL)
		return ERR_OK;
	err = store_idem_lock(db, req->arena, req->who.account_id,
	    req->idem.path, req->idem.key, &mine);
	if (err != ERR_OK)
		return reply_error(req, reply, err, NULL);
	if (!mine)
		return reply_error(req, reply, ERR_IDEMPOTENCY_BUSY, NULL);
	return replay(req, reply, db);
}

enum err
idem_store(struct req *req, const struct reply *reply, struct db *db)
{
	struct idem_row	row;

	if (req->idem.key == NULL)
		return ERR_OK;
	memcpy(row.hash, req->idem.hash, sizeof(row.hash));
	row.status = reply->status;
	row.location = stored_location(reply);
	row.body = reply->body;
	req->idem.kept = 1;
	return store_idem_insert(db, req->arena, req->who.account_id,
	    req->idem.path, req->idem.key, &row);
}

static void
drop_location(struct reply *reply)
{
	int	i, n = 0;

	for (i = 0; i < reply->headers; i++)
		if (strcmp(reply->header[i].name, "Location") != 0)
			reply->header[n++] = reply->header[i];
	reply->headers = n;
}

enum err
idem_commit(struct req *req, struct reply *reply, struct db *db)
{
	enum err	err;

	if ((err = idem_store(req, reply, db)) == ERR_OK)
		err = db_commit(db);
	if (err == ERR_OK)
		return ERR_OK;
	drop_location(reply);
	return reply_error(req, reply, err, NULL);
}

void
idem_finish(struct req *req, const struct reply *reply)
{
	struct db	*db;
	enum err	 err;
	int		 dry = 0;

	if (req->idem.key == NULL || req->idem.kept ||
	    reply->status < 200 || reply->status > 299)
		return;
	/* what only asks takes no key */
	jv_bool(jv_member(req->args, "validate_only"), &dry);
	if (dry)
		return;
	if ((err = pool_take(req->app->pool, &db)) == ERR_OK) {
		err = idem_store(req, reply, db);
		pool_give(req->app->pool, db);
	}
	if (err != ERR_OK)
		log_warnx("no reply kept under an idempotency key error=%s",
		    err_type(err));
}
