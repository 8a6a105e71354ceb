/* SPDX-License-Identifier: BSD-2-Clause */
/* Health. */
#include "config.h"

#include "fcgi/app.h"
#include "fcgi/http.h"
#include "fcgi/route.h"
#include "store/schema.h"

static enum err
say(struct req *req, struct reply *reply, const char *status)
{
	struct jw	w;

	jw_init(&w, req->arena);
	jw_obj(&w);
	jw_kstr(&w, "status", status);
	jw_end(&w);
	reply_json(reply, 200, &w);
	return ERR_OK;
}

enum err
h_healthz(struct req *req, struct reply *reply)
{
	return say(req, reply, "ok");
}

enum err
h_readyz(struct req *req, struct reply *reply)
{
	struct db	*db;
	enum err	 err;

	if (req->app->stopping)
		return reply_error(req, reply, ERR_UNAVAILABLE,
		    "the server is shutting down");
	if ((err = pool_take(req->app->pool, &db)) == ERR_OK) {
		err = schema_ready(db);
		pool_give(req->app->pool, db);
	}
	if (err != ERR_OK)
		return reply_error(req, reply, ERR_UNAVAILABLE,
		    "the database is not available");
	return say(req, reply, "ready");
}

enum err
h_health(struct req *req, struct reply *reply)
{
	enum err	err = h_readyz(req, reply);

	return err == ERR_OK ? say(req, reply, "ok") : err;
}
