/* SPDX-License-Identifier: BSD-2-Clause */
/* Versions of judges in PostgreSQL. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "store/judge_row.h"
#include "store/sqlval.h"
#include "store/store_version.h"

/* All but the criteria, which each statement has in its own form. */
static void
version_at(const struct rows *r, int row, struct judge_version *v)
{
	v->number = rows_int(r, row, 0);
	v->id = rows_text(r, row, 1);
	v->status = rows_text(r, row, 2);
	v->created_at = rows_ts(r, row, 3);
	v->deployed_at = rows_ts_opt(r, row, 4);
	v->archived_at = rows_ts_opt(r, row, 5);
	v->changes_summary = rows_text(r, row, 6);
	v->job_id = rows_text_opt(r, row, 7);
	v->feedback_count = rows_int(r, row, 8);
	v->validation = rows_text_opt(r, row, 9);
	v->created_by = rows_text(r, row, 10);
	v->base_version = rows_int(r, row, 11);
	v->evaluations = rows_int(r, row, 12);
	v->seconds = rows_num(r, row, 13);
}

enum err
store_version_list(struct db *db, struct arena *a, const char *workspace_id,
    const char *judge_id, const char *status, int64_t limit, int64_t offset,
    int64_t below, struct judge_version **out, int *n)
{
	const char *const	 p[] = { workspace_id, judge_id, status,
	    sql_int(a, limit), sql_int(a, offset), sql_int(a, below) };
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_version_page, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_zalloc(a, (size_t)(*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		version_at(r, i, &(*out)[i]);
		(*out)[i].criteria = col_array(r, i, 14, a,
		    &(*out)[i].ncriteria);
	}
	return ERR_OK;
}

enum err
store_version_count(struct db *db, const char *workspace_id,
    const char *judge_id, const char *status, int64_t most, int64_t *count)
{
	char			 bound[24];
	const char *const	 p[] = { workspace_id, judge_id, status,
	    bound };

	snprintf(bound, sizeof(bound), "%lld", (long long)most);
	return db_int(db, STMT_version_count, p, count);
}

enum err
store_version_criteria(struct db *db, struct arena *a,
    const char *workspace_id, const char *judge_id, int64_t version,
    struct criterion **out, int *n)
{
	const char *const	 p[] = { workspace_id, judge_id,
	    sql_int(a, version) };
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_version_criteria, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_zalloc(a, (size_t)(*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		(*out)[i].id = rows_text(r, i, 0);
		(*out)[i].name = rows_text(r, i, 1);
		(*out)[i].weight = rows_num(r, i, 2);
		(*out)[i].fresh = rows_bool(r, i, 3);
	}
	return ERR_OK;
}

static enum err
deployments_read(struct db *db, struct arena *a, const char *workspace_id,
    const char *judge_id, const char *until, struct judge_version *v)
{
	const char *const	 p[] = { workspace_id, judge_id,
	    sql_int(a, v->number), sql_int(a, VERSION_DEPLOYMENTS), until };
	struct deployment	*d;
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_version_deployments, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	v->ndeployments = rows_count(r);
	v->deployment = d = arena_zalloc(a, (size_t)(v->ndeployments + 1) *
	    sizeof(*d));
	for (i = 0; i < v->ndeployments; i++) {
		d[i].at = rows_ts(r, i, 0);
		d[i].by = rows_text_opt(r, i, 1);
		d[i].reason = rows_text_opt(r, i, 2);
		d[i].job_id = rows_text_opt(r, i, 3);
	}
	return ERR_OK;
}

/* The columns of version_read. */
static void
whole_version_at(const struct rows *r, struct arena *a,
    struct judge_version *v)
{
	int	i;

	memset(v, 0, sizeof(*v));
	version_at(r, 0, v);
	v->criterion = col_criteria(r, 0, 14, a, &v->ncriteria);
	v->criteria = arena_alloc(a, (size_t)v->ncriteria * sizeof(*v->criteria));
	for (i = 0; i < v->ncriteria; i++)
		v->criteria[i] = arena_strdup(a, v->criterion[i].id);
	v->name = rows_text(r, 0, 19);
	v->description = rows_text(r, 0, 20);
}

enum err
store_version_get(struct db *db, struct arena *a, const char *workspace_id,
    const char *judge_id, int64_t number, struct judge_version *v)
{
	const char *const	 p[] = { workspace_id, judge_id,
	    sql_int(a, number) };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_version_read, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	whole_version_at(r, a, v);
	return deployments_read(db, a, workspace_id, judge_id, NULL, v);
}

enum err
store_version_told(struct db *db, struct arena *a, const char *workspace_id,
    const char *outbox_id, struct judge_version *v, const char **judge_key,
    int64_t *at)
{
	const char *const	 p[] = { workspace_id, outbox_id };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_outbox_version, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	whole_version_at(r, a, v);
	*judge_key = rows_text(r, 0, 22);
	*at = rows_ts(r, 0, 23);
	return deployments_read(db, a, workspace_id, rows_text(r, 0, 21),
	    rows_text(r, 0, 24), v);
}

enum err
store_version_deploy(struct db *db, struct arena *a, const struct actor *who,
    const char *judge_id, int64_t number, const char *kind,
    const char *reason)
{
	const char *const	 retire[] = { who->workspace_id, judge_id };
	const char *const	 p[] = { who->workspace_id, judge_id,
	    sql_int(a, number), kind, reason, who->account_id,
	    who->organization_id, who->request_id };
	enum err		 err;

	err = db_run(db, STMT_version_retire, retire, NULL);
	return err != ERR_OK ? err : db_run(db, STMT_version_deploy, p, NULL);
}
