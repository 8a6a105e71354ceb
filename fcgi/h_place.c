/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a token may act: the calls that the published client makes around
 * each command, and the browser login that there is not.
 */
#include "config.h"

#include "domain/place_view.h"
#include "fcgi/app.h"
#include "fcgi/http.h"
#include "fcgi/route.h"

static const char *
bound(const char *id)
{
	return id[0] == '\0' ? NULL : id;
}

/* The organisation with this id, NULL: all of the token's. */
static enum err
organizations(struct req *req, const char *id, struct organization **list,
    int *n)
{
	struct db	*db;
	enum err	 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = store_organizations(db, req->arena, req->who.account_id, id,
	    list, n);
	pool_give(req->app->pool, db);
	return err;
}

enum err
h_org_get(struct req *req, struct reply *reply)
{
	struct organization	*list;
	struct jw		 w;
	enum err		 err;
	int			 n;

	if ((err = organizations(req, req->tenant.organization_id, &list,
	    &n)) != ERR_OK)
		return err;
	/* it went while the request came */
	if (n == 0)
		return reply_error(req, reply, ERR_NOT_FOUND,
		    "no such organization");
	jw_init(&w, req->arena);
	view_organization(&w, &list[0]);
	reply_json(reply, 200, &w);
	return ERR_OK;
}

enum err
h_org_list(struct req *req, struct reply *reply)
{
	struct organization	*list;
	struct jw		 w;
	enum err		 err;
	int			 n, i;

	if ((err = organizations(req, bound(req->who.organization_id), &list,
	    &n)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	jw_arr(&w);
	for (i = 0; i < n; i++)
		view_organization(&w, &list[i]);
	jw_end(&w);
	reply_json(reply, 200, &w);
	return ERR_OK;
}

static enum err
workspaces(struct req *req, const char *id, struct workspace **list, int *n)
{
	struct db	*db;
	enum err	 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = store_workspaces(db, req->arena, req->who.account_id,
	    req->tenant.organization_id, id, list, n);
	pool_give(req->app->pool, db);
	return err;
}

enum err
h_ws_get(struct req *req, struct reply *reply)
{
	struct workspace	*list;
	struct jw		 w;
	enum err		 err;
	int			 n;

	if ((err = workspaces(req, req->tenant.workspace_id, &list, &n)) !=
	    ERR_OK)
		return err;
	if (n == 0)
		return reply_error(req, reply, ERR_NOT_FOUND,
		    "no such organization or workspace");
	jw_init(&w, req->arena);
	view_workspace(&w, &list[0]);
	reply_json(reply, 200, &w);
	return ERR_OK;
}

enum err
h_ws_list(struct req *req, struct reply *reply)
{
	struct workspace	*list;
	struct jw		 w;
	enum err		 err;
	int			 n, i;

	if ((err = workspaces(req, bound(req->who.workspace_id), &list,
	    &n)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	jw_obj(&w);
	jw_karr(&w, "workspaces");
	for (i = 0; i < n; i++)
		view_workspace(&w, &list[i]);
	jw_end(&w);
	jw_end(&w);
	reply_json(reply, 200, &w);
	return ERR_OK;
}

static enum err
projects(struct req *req, const char *key, struct project **list, int *n)
{
	struct db	*db;
	enum err	 err;

	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = store_projects(db, req->arena, req->tenant.workspace_id, key,
	    list, n);
	pool_give(req->app->pool, db);
	return err;
}

enum err
h_project_get(struct req *req, struct reply *reply)
{
	struct project	*list;
	struct jw	 w;
	const char	*key = route_param(req, "project");
	enum err	 err;
	int		 n = 0;

	if (ident_slug(key) &&
	    (err = projects(req, key, &list, &n)) != ERR_OK)
		return err;
	if (n == 0)
		return reply_error(req, reply, ERR_NOT_FOUND,
		    "no such project");
	jw_init(&w, req->arena);
	view_project(&w, &list[0]);
	reply_json(reply, 200, &w);
	return ERR_OK;
}

enum err
h_project_list(struct req *req, struct reply *reply)
{
	struct project	*list;
	struct jw	 w;
	enum err	 err;
	int		 n, i;

	if ((err = projects(req, NULL, &list, &n)) != ERR_OK)
		return err;
	jw_init(&w, req->arena);
	jw_arr(&w);
	for (i = 0; i < n; i++)
		view_project(&w, &list[i]);
	jw_end(&w);
	reply_json(reply, 200, &w);
	return ERR_OK;
}

enum err
h_user(struct req *req, struct reply *reply)
{
	struct jw	w;

	jw_init(&w, req->arena);
	view_user(&w, &req->who);
	reply_json(reply, 200, &w);
	return ERR_OK;
}

enum err
h_login(struct req *req, struct reply *reply)
{
	return reply_error(req, reply, ERR_NOT_IMPLEMENTED,
	    "browser login is not available on this server; ask its "
	    "administrator for an API key");
}
