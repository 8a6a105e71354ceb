/* SPDX-License-Identifier: BSD-2-Clause */
/* Organisations, workspaces and projects in PostgreSQL. */
#include "config.h"

#include "store/sqlval.h"
#include "store/store_place.h"

static int64_t
seconds(const struct rows *r, int row, int col)
{
	return rows_null(r, row, col) ? -1 : rows_int(r, row, col);
}

enum err
store_organizations(struct db *db, struct arena *a, const char *account_id,
    const char *organization_id, struct organization **out, int *n)
{
	const char *const	 p[] = { account_id, organization_id,
	    sql_int(a, PLACES_MAX) };
	struct organization	*o;
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_organization_list, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_zalloc(a, (size_t)(*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		o = &(*out)[i];
		o->id = rows_text(r, i, 0);
		o->name = rows_text(r, i, 1);
		o->key = rows_text(r, i, 2);
		o->description = rows_text_opt(r, i, 3);
		o->max_runtime = seconds(r, i, 4);
		o->default_runtime = seconds(r, i, 5);
		o->max_members = rows_int(r, i, 6);
		o->members = rows_int(r, i, 7);
		o->created_at = rows_ts(r, i, 8);
		o->updated_at = rows_ts(r, i, 9);
	}
	return ERR_OK;
}

enum err
store_workspaces(struct db *db, struct arena *a, const char *account_id,
    const char *organization_id, const char *workspace_id,
    struct workspace **out, int *n)
{
	const char *const	 p[] = { account_id, organization_id,
	    workspace_id, sql_int(a, PLACES_MAX) };
	struct workspace	*w;
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_workspace_list, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_zalloc(a, (size_t)(*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		w = &(*out)[i];
		w->id = rows_text(r, i, 0);
		w->name = rows_text(r, i, 1);
		w->key = rows_text(r, i, 2);
		w->organization_id = rows_text(r, i, 3);
		w->organization = rows_text(r, i, 4);
		w->is_default = rows_bool(r, i, 5);
		w->created_at = rows_ts(r, i, 6);
		w->updated_at = rows_ts(r, i, 7);
	}
	return ERR_OK;
}

enum err
store_projects(struct db *db, struct arena *a, const char *workspace_id,
    const char *key, struct project **out, int *n)
{
	const char *const	 p[] = { workspace_id, key, sql_int(a, PLACES_MAX) };
	struct project		*j;
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_project_list, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_zalloc(a, (size_t)(*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		j = &(*out)[i];
		j->id = rows_text(r, i, 0);
		j->key = rows_text(r, i, 1);
		j->name = rows_text(r, i, 2);
		j->workspace_id = rows_text(r, i, 3);
		j->is_default = rows_bool(r, i, 4);
		j->created_at = rows_ts(r, i, 5);
		j->updated_at = rows_ts(r, i, 6);
	}
	return ERR_OK;
}
