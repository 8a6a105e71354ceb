/* SPDX-License-Identifier: BSD-2-Clause */
/* Artifacts in PostgreSQL. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "store/sqlarr.h"
#include "store/store_artifact.h"

enum err
store_artifact_resolve(struct db *db, struct arena *a, const char *workspace,
    const char *shelf, const char *const *kinds, const char *name,
    const char *version, struct artifact_ref *out, const char **document)
{
	const char	*p[5] = { workspace, shelf, NULL, name, version };
	struct rows	*r;
	size_t		 n = 0;
	enum err	 err;

	while (kinds[n] != NULL)
		n++;
	p[2] = sqlarr_text(a, kinds, n);
	if ((err = db_run(db, STMT_artifact_resolve, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	if (rows_count(r) == 0)
		return ERR_NOT_FOUND;
	snprintf(out->workspace_id, sizeof(out->workspace_id), "%s",
	    rows_text(r, 0, 0));
	snprintf(out->id, sizeof(out->id), "%s", rows_text(r, 0, 1));
	snprintf(out->sha256, sizeof(out->sha256), "%s", rows_text(r, 0, 2));
	snprintf(out->version, sizeof(out->version), "%s",
	    rows_text(r, 0, 3));
	if (document != NULL)
		*document = rows_text_opt(r, 0, 4);
	return ERR_OK;
}

enum err
store_artifact_get(struct db *db, struct arena *a, const char *workspace,
    const char *kind, const char *name, const char *version,
    struct artifact *out)
{
	const char *const	 p[] = { workspace, kind, name, version };
	struct rows		*r;
	enum err		 err;

	if ((err = db_run(db, STMT_artifact_get, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	if (rows_count(r) == 0)
		return ERR_NOT_FOUND;
	memset(out, 0, sizeof(*out));
	out->id = rows_text(r, 0, 0);
	out->kind = rows_text(r, 0, 1);
	out->name = rows_text(r, 0, 2);
	out->version = rows_text(r, 0, 3);
	out->media_type = rows_text(r, 0, 4);
	out->size = rows_null(r, 0, 5) ? -1 : rows_int(r, 0, 5);
	out->sha256 = rows_text_opt(r, 0, 6);
	out->uri = rows_text_opt(r, 0, 7);
	out->created_at = rows_ts(r, 0, 8);
	out->created_by = rows_text(r, 0, 9);
	return ERR_OK;
}

enum err
store_artifact_insert(struct db *db, struct arena *a, const char *workspace,
    const char *organization, const char *request_id, struct artifact *x)
{
	const char *const	 p[] = { workspace, x->id, x->kind, x->name,
	    x->version, x->media_type, x->size < 0 ? NULL :
	    arena_printf(a, "%lld", (long long)x->size), x->sha256, x->uri,
	    x->document, x->created_by, organization, request_id };
	struct rows		*r;
	enum err		 err;

	if ((err = db_run(db, STMT_artifact_insert, p, &r)) != ERR_OK)
		return err;
	if (rows_count(r) == 0)
		err = ERR_CONFLICT;
	else
		x->created_at = rows_ts(r, 0, 1);
	rows_free(r);
	return err;
}

enum err
store_project_exists(struct db *db, const char *workspace, const char *key,
    int *exists)
{
	const char *const	 p[] = { workspace, key };
	struct rows		*r;
	enum err		 err;

	if ((err = db_run(db, STMT_project_exists, p, &r)) != ERR_OK)
		return err;
	*exists = rows_count(r) > 0;
	rows_free(r);
	return ERR_OK;
}
