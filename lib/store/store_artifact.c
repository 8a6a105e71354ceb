/* SPDX-License-Identifier: BSD-2-Clause */
/* Artifacts in PostgreSQL. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_artifact.h"
#include "store/store_page.h"

#define ID_LAST	"ffffffff-ffff-ffff-ffff-ffffffffffff"

const char *const artifact_kinds[] = { "capability", "dataset",
    "trajectory_dataset", "task", "model", "checkpoint", "other", NULL };

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
	if ((err = db_find(db, STMT_artifact_resolve, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
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

static void
artifact_at(const struct rows *r, int row, struct artifact *out)
{
	memset(out, 0, sizeof(*out));
	out->id = rows_text(r, row, 0);
	out->kind = rows_text(r, row, 1);
	out->name = rows_text(r, row, 2);
	out->version = rows_text(r, row, 3);
	out->media_type = rows_text(r, row, 4);
	out->size = rows_null(r, row, 5) ? -1 : rows_int(r, row, 5);
	out->sha256 = rows_text_opt(r, row, 6);
	out->uri = rows_text_opt(r, row, 7);
	out->created_at = rows_ts(r, row, 8);
	out->created_by = rows_text(r, row, 9);
	out->dataset = rows_text_opt(r, row, 10);
}

enum err
store_artifact_get(struct db *db, struct arena *a, const char *workspace,
    const char *kind, const char *name, const char *version,
    struct artifact *out)
{
	const char *const	 p[] = { workspace, kind, name, version };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_artifact_get, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	artifact_at(r, 0, out);
	return ERR_OK;
}

enum err
store_artifact_insert(struct db *db, struct arena *a, const char *workspace,
    const char *organization, const char *request_id, struct artifact *x)
{
	const char *const	 p[] = { workspace, x->id, x->kind, x->name,
	    x->version, x->media_type, x->size < 0 ? NULL :
	    sql_int(a, x->size), x->sha256, x->uri, x->document,
	    x->created_by, organization, request_id, x->dataset };
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
store_artifact_room(struct db *db, const char *workspace,
    const struct artifact *x, struct artifact_room *out)
{
	const char *const	 p[] = { workspace, x->kind, x->name,
	    x->version };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_artifact_room, p, &r)) != ERR_OK)
		return err;
	out->quota = rows_null(r, 0, 0) ? -1 : rows_int(r, 0, 0);
	out->bytes = rows_int(r, 0, 1);
	out->exists = rows_bool(r, 0, 2);
	rows_free(r);
	return ERR_OK;
}

/* A part of a name for LIKE, in which _ stands for itself. */
static const char *
pattern_of(struct arena *a, const char *part)
{
	struct buf	b;

	buf_init(&b, a);
	buf_addc(&b, '%');
	for (; *part != '\0'; part++) {
		if (strchr("%_\\", *part) != NULL)
			buf_addc(&b, '\\');
		buf_addc(&b, *part);
	}
	buf_addc(&b, '%');
	return b.data;
}

/* Which statement has the index for this filter. */
static enum err
page_run(struct db *db, struct arena *a, const char *workspace,
    const struct artifact_filter *f, int64_t most, struct rows **r)
{
	const char	*limit, *offset, *bound, *below, *kinds, *part;

	limit = sql_int(a, f->limit);
	offset = sql_int(a, f->offset);
	bound = sql_int(a, most);
	below = f->below == NULL ? ID_LAST : f->below;
	kinds = f->kind == NULL ?
	    sqlarr_text(a, artifact_kinds, ARTIFACT_KINDS) :
	    sqlarr_text(a, &f->kind, 1);
	/* a name that lacks the part is no name at all: '' */
	part = f->part != NULL && f->name != NULL &&
	    strstr(f->name, f->part) == NULL ? "" : f->name;
	if (f->name != NULL && f->version != NULL)
		return db_run(db, STMT_artifact_exact,
		    (const char *[]){ workspace, kinds, part, f->version,
		    below, limit, offset }, r);
	if (f->name != NULL)
		return db_run(db, STMT_artifact_of_name,
		    (const char *[]){ workspace, kinds, part, below, limit,
		    offset, bound }, r);
	if (f->part != NULL && strlen(f->part) <= 2)
		return db_run(db, STMT_artifact_of_short,
		    (const char *[]){ workspace, kinds, f->version, f->part,
		    below, limit, offset, bound }, r);
	if (f->part != NULL)
		return db_run(db, STMT_artifact_of_part,
		    (const char *[]){ workspace, kinds, f->version,
		    pattern_of(a, f->part), below, limit, offset, bound }, r);
	if (f->version != NULL)
		return db_run(db, STMT_artifact_of_version,
		    (const char *[]){ workspace, kinds, f->version, below,
		    limit, offset, bound }, r);
	if (f->kind != NULL)
		return db_run(db, STMT_artifact_of_kind,
		    (const char *[]){ workspace, f->kind, below, limit,
		    offset, bound }, r);
	return db_run(db, STMT_artifact_newest,
	    (const char *[]){ workspace, below, limit, offset, bound }, r);
}

/* The ids of the page as an array. */
static enum err
page_ids(struct db *db, struct arena *a, const char *workspace,
    const struct artifact_filter *f, int64_t most, const char **ids, int *n,
    int64_t *count)
{
	const char	**list;
	struct rows	 *r;
	enum err	  err;
	int		  i, col = 1;

	if ((err = page_run(db, a, workspace, f, most, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*count = rows_int(r, 0, 0);
	if (*count == most && f->part != NULL && f->name == NULL) {
		col = 0;
		err = db_run(db, STMT_artifact_of_part_newest,
		    (const char *[]){ workspace, f->kind, f->version,
		    pattern_of(a, f->part),
		    f->below == NULL ? ID_LAST : f->below,
		    sql_int(a, f->limit), sql_int(a, f->offset) }, &r);
		if (err != ERR_OK)
			return err;
		rows_keep(r, a);
	}
	list = arena_alloc(a, (size_t)(rows_count(r) + 1) * sizeof(*list));
	*n = 0;
	for (i = 0; i < rows_count(r); i++)
		if (!rows_null(r, i, col))
			list[(*n)++] = rows_text(r, i, col);
	*ids = sqlarr_text(a, list, (size_t)*n);
	return ERR_OK;
}

enum err
store_artifact_list(struct db *db, struct arena *a, const char *workspace,
    const struct artifact_filter *f, int64_t most, struct artifact **out,
    int *n, int64_t *count)
{
	const char	*p[] = { workspace, NULL };
	struct rows	*r;
	enum err	 err;
	int		 i, parts = f->part != NULL && f->name == NULL;

	*out = NULL;
	/* how many names have a part decides where they are looked for */
	if ((parts && (err = store_by_values(db)) != ERR_OK) ||
	    (err = page_ids(db, a, workspace, f, most, &p[1], n, count)) !=
	    ERR_OK || (parts && (err = db_commit(db)) != ERR_OK))
		return err;
	if (*n == 0)
		return ERR_OK;
	if ((err = db_run(db, STMT_artifact_read, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_alloc(a, (size_t)(*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++)
		artifact_at(r, i, &(*out)[i]);
	return ERR_OK;
}

enum err
store_blob_lock(struct db *db, const char *sha256)
{
	return db_run(db, STMT_blob_lock, &sha256, NULL);
}

enum err
store_blob_pin(struct db *db, const char *sha256)
{
	return db_run(db, STMT_blob_pin, &sha256, NULL);
}

enum err
store_blob_unpin(struct db *db, const char *sha256)
{
	return db_run(db, STMT_blob_unpin, &sha256, NULL);
}

enum err
store_blob_claim(struct db *db, const char *sha256, int *got)
{
	struct rows	*r;
	enum err	 err;

	if ((err = db_run(db, STMT_blob_claim, &sha256, &r)) != ERR_OK)
		return err;
	*got = rows_bool(r, 0, 0);
	rows_free(r);
	return ERR_OK;
}

enum err
store_blob_unnamed(struct db *db, struct arena *a, const char **sha256,
    size_t *n)
{
	const char	*p[1];
	struct rows	*r;
	enum err	 err;
	int		 i;

	p[0] = sqlarr_text(a, sha256, *n);
	if ((err = db_run(db, STMT_blob_unnamed, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = (size_t)rows_count(r);
	for (i = 0; i < rows_count(r); i++)
		sha256[i] = rows_text(r, i, 0);
	return ERR_OK;
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
