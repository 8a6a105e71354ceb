/* SPDX-License-Identifier: BSD-2-Clause */
/* What the worker of a reinforcement learning job asks for. */
#include "config.h"

#include <limits.h>

#include "domain/blob.h"
#include "domain/bundle.h"
#include "domain/rl_context.h"
#include "fcgi/app.h"
#include "fcgi/job_act.h"
#include "fcgi/route.h"

/* Of the pinned capability, when its bytes are here. */
static const char *
entry_prompt(struct req *req, const struct rl_context *c)
{
	const struct document_artifact	*a;
	char				 path[PATH_MAX];

	a = rl_context_artifact(c, "capability");
	if (a == NULL || a->uri != NULL || a->sha256 == NULL ||
	    blob_path(req->app->conf->data_dir, a->sha256, path,
	    sizeof(path)) == -1)
		return NULL;
	return bundle_entry_prompt(req->arena, path);
}

enum err
h_training_rl_context(struct req *req, struct reply *reply)
{
	struct rl_context	 c;
	struct db		*db;
	struct jw		 w;
	char			 id[UUID_LEN];
	enum err		 err;

	if ((err = job_id_of(req, reply, &job_side_hosted, id)) != ERR_OK)
		return err;
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = rl_context_read(db, req->arena, req->tenant.workspace_id, id,
	    &c);
	pool_give(req->app->pool, db);
	if (err == ERR_NOT_FOUND)
		return reply_error(req, reply, err, "no such job");
	if (err == ERR_CONFLICT)
		return reply_error(req, reply, err, "the job is supervised "
		    "fine-tuning and has no RL context");
	if (err != ERR_OK)
		return err;
	c.sandbox_provider = req->app->conf->sandbox_provider;
	c.entry_prompt = entry_prompt(req, &c);
	jw_init(&w, req->arena);
	rl_context_write(&w, &c);
	reply_json(reply, 200, &w);
	return ERR_OK;
}
