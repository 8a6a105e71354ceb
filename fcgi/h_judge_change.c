/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges after their creation: changes, archive, versions made active. */
#include "config.h"

#include "domain/judge.h"
#include "domain/judge_change.h"
#include "domain/judge_view.h"
#include "fcgi/app.h"
#include "fcgi/idem.h"
#include "fcgi/route.h"

/* Handlers return what went wrong; why, if anyone knows, is in `said`. */
static enum err
refuse(struct req *req, struct reply *reply, enum err err, const char *said)
{
	if (said == NULL)
		return err;
	return reply_error(req, reply, err, "%s", said);
}

/* One change in its transaction; change NULL: into the archive. */
static enum err
change(struct req *req, struct reply *reply, struct db *db,
    const struct judge_change *c)
{
	struct actor	 who = actor_of(&req->tenant, &req->who, req->id);
	const char	*key = route_param(req, "judge_id"), *said = NULL;
	struct judge	 judge;
	struct jw	 w;
	enum err	 err;

	if ((err = db_begin(db)) != ERR_OK)
		return err;
	err = c != NULL ? judge_change(db, req->arena, &who, key, c, &judge,
	    &said) : judge_archive(db, req->arena, &who, key, &judge, &said);
	if (err != ERR_OK)
		return refuse(req, reply, err, said);
	jw_init(&w, req->arena);
	jw_obj(&w);
	view_judge(&w, &judge);
	jw_kstr(&w, "message", said);
	jw_end(&w);
	if ((err = db_commit(db)) == ERR_OK)
		reply_json(reply, 200, &w);
	return err;
}

enum err
h_judge_update(struct req *req, struct reply *reply)
{
	struct judge_change	 c;
	struct db		*db;
	enum err		 err;

	judge_change_read(req->arena, req->json, &req->faults, &c);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = change(req, reply, db, &c);
	pool_give(req->app->pool, db);
	return err;
}

enum err
h_judge_archive(struct req *req, struct reply *reply)
{
	struct db	*db;
	enum err	 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = change(req, reply, db, NULL);
	pool_give(req->app->pool, db);
	return err;
}

static void
write_version(struct req *req, struct reply *reply,
    const struct judge_version *v)
{
	struct jw	w;

	jw_init(&w, req->arena);
	jw_obj(&w);
	view_version_full(&w, v);
	jw_end(&w);
	reply_json(reply, 200, &w);
}

enum err
h_version_get(struct req *req, struct reply *reply)
{
	struct judge_version	 version;
	struct db		*db;
	const char		*said;
	enum err		 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = version_get(db, req->arena, req->tenant.workspace_id,
	    route_param(req, "judge_id"), route_param(req, "n"), &version,
	    &said);
	pool_give(req->app->pool, db);
	if (err != ERR_OK)
		return refuse(req, reply, err, said);
	write_version(req, reply, &version);
	return ERR_OK;
}

static enum err
deploy(struct req *req, struct reply *reply, struct db *db, int rollback)
{
	struct actor		 who = actor_of(&req->tenant, &req->who,
				    req->id);
	struct version_order	 order = { route_param(req, "judge_id"),
	    route_param(req, "n"), jv_text(req->json, "reason"), rollback };
	struct judge_version	 version;
	const char		*said = NULL;
	enum err		 err;

	if ((err = db_begin(db)) != ERR_OK ||
	    (err = idem_claim(req, reply, db)) != ERR_OK)
		return err;
	err = version_deploy(db, req->arena, &who, &order, &version, &said);
	if (err != ERR_OK)
		return refuse(req, reply, err, said);
	write_version(req, reply, &version);
	return idem_commit(req, reply, db);
}

static enum err
make_active(struct req *req, struct reply *reply, int rollback)
{
	struct db	*db;
	enum err	 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = deploy(req, reply, db, rollback);
	pool_give(req->app->pool, db);
	return err;
}

enum err
h_version_deploy(struct req *req, struct reply *reply)
{
	return make_active(req, reply, 0);
}

enum err
h_version_rollback(struct req *req, struct reply *reply)
{
	return make_active(req, reply, 1);
}
