/* SPDX-License-Identifier: BSD-2-Clause */
/* What was changed, by whom. */
#include "config.h"

#include "domain/audit.h"
#include "fcgi/app.h"
#include "fcgi/http.h"
#include "fcgi/route.h"

typedef enum err reader(struct db *, struct arena *, const char *,
    const struct audit_filter *, struct audit_row **, int *);

static enum err
list(struct req *req, struct reply *reply, reader *read, const char *id)
{
	struct audit_filter	 filter;
	struct audit_row	*rows;
	struct db		*db;
	struct jw		 w;
	enum err		 err;
	int			 n;

	audit_query_read(req->args, &req->faults, &filter);
	if (req->faults.count > 0)
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = read(db, req->arena, id, &filter, &rows, &n);
	pool_give(req->app->pool, db);
	if (err != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	audit_write(&w, &filter, rows, n);
	reply_json(reply, 200, &w);
	return ERR_OK;
}

enum err
h_audit_ws(struct req *req, struct reply *reply)
{
	return list(req, reply, store_audit_workspace,
	    req->tenant.workspace_id);
}

enum err
h_audit_org(struct req *req, struct reply *reply)
{
	if (!req->tenant.owner)
		return reply_error(req, reply, ERR_PERMISSION,
		    "only owners of the organization may read this");
	if (req->who.workspace_id[0] != '\0')
		return reply_error(req, reply, ERR_PERMISSION,
		    "the token is bound to a workspace");
	return list(req, reply, store_audit_organization,
	    req->tenant.organization_id);
}
