/* SPDX-License-Identifier: BSD-2-Clause */
/* Webhook deliveries: what was sent, and sending it again. */
#include "config.h"

#include "domain/delivery.h"
#include "domain/judge.h"
#include "fcgi/app.h"
#include "fcgi/idem.h"
#include "fcgi/route.h"

enum err
h_delivery_list(struct req *req, struct reply *reply)
{
	struct delivery_filter	 filter;
	struct page		 page;
	struct db		*db;
	struct jw		 w;
	enum err		 err;

	delivery_filter_read(req->args, req->arena, &req->faults, &filter,
	    &page);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	err = delivery_list_write(db, req->arena, req->tenant.workspace_id,
	    &filter, &page, &w);
	pool_give(req->app->pool, db);
	return reply_read(req, reply, err, NULL, &w);
}

static enum err
send_again(struct req *req, struct reply *reply, struct db *db)
{
	struct actor	who = actor_of(&req->tenant, &req->who, req->id);
	struct jw	w;
	enum err	err;

	if ((err = db_begin(db)) != ERR_OK ||
	    (err = idem_claim(req, reply, db)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	err = delivery_again(db, req->arena, &who,
	    route_param(req, "delivery_id"), &w);
	if (err == ERR_NOT_FOUND)
		return reply_error(req, reply, err, "no such delivery");
	if (err == ERR_INVALID_STATE)
		return reply_error(req, reply, err,
		    "the delivery is on its way");
	if (err != ERR_OK)
		return err;
	reply_json(reply, 202, &w);
	return idem_commit(req, reply, db);
}

enum err
h_delivery_again(struct req *req, struct reply *reply)
{
	struct db	*db;
	enum err	 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = send_again(req, reply, db);
	pool_give(req->app->pool, db);
	return err;
}
