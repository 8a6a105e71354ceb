/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what a job's document says. */
#include "config.h"

#include <stdio.h>

#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_document.h"

static void
version_read(const struct rows *r, int col, struct document_version *v)
{
	v->number = (int)rows_int(r, 0, col);
	v->seen_through = rows_int(r, 0, col + 1);
	v->seen_split = rows_num(r, 0, col + 2);
	v->model_sha256 = rows_text_opt(r, 0, col + 3);
}

enum err
store_document_judge(struct db *db, struct arena *a, const char *workspace_id,
    const char *job_id, struct document_judge *out)
{
	const char *const p[] = { workspace_id, job_id };
	struct rows *r;
	enum err e;

	if ((e = db_find(db, STMT_document_judge, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	out->judge_id = rows_text(r, 0, 0);
	out->judge_key = rows_text(r, 0, 1);
	out->training_type = rows_text(r, 0, 2);
	out->content_type = rows_text(r, 0, 3);
	out->config = rows_text(r, 0, 4);
	version_read(r, 5, &out->base);
	version_read(r, 9, &out->active);
	out->first_number = rows_int(r, 0, 13);
	out->high_water_mark = rows_int(r, 0, 14);
	out->touch_sets = rows_text_opt(r, 0, 15);
	return ERR_OK;
}

enum err
store_document_criteria(struct db *db, struct arena *a,
    const char *workspace_id, const char *judge_id, int version,
    struct document_criterion **out, size_t *n)
{
	const char *const p[] = { workspace_id, judge_id,
	    sql_int(a, version) };
	struct rows *r;
	enum err e;
	int i;

	*n = 0;
	if ((e = db_run(db, STMT_document_criteria, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	*n = (size_t)rows_count(r);
	*out = arena_alloc(a, (*n + 1) * sizeof(**out));
	for (i = 0; i < rows_count(r); i++) {
		(*out)[i].id = rows_text(r, i, 0);
		(*out)[i].name = rows_text(r, i, 1);
		(*out)[i].weight = rows_num(r, i, 2);
		(*out)[i].fresh = rows_bool(r, i, 3);
	}
	return ERR_OK;
}

enum err
store_document_entries(struct db *db, struct arena *a,
    const char *workspace_id, const struct document_judge *j, int64_t after,
    int64_t through, struct document_entry **out, size_t *n)
{
	const char *const p[] = { workspace_id, j->judge_id,
	    sql_int(a, j->first_number), sql_int(a, j->high_water_mark),
	    j->touch_sets, sql_int(a, after), sql_int(a, through) };
	struct document_entry *d;
	struct rows *r;
	enum err e;
	int i;

	*n = 0;
	if ((e = db_run(db, STMT_document_entries, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	*n = (size_t)rows_count(r);
	*out = d = arena_zalloc(a, (*n + 1) * sizeof(*d));
	for (i = 0; i < rows_count(r); i++, d++) {
		d->evaluation_id = rows_text(r, i, 0);
		d->group_key = rows_text(r, i, 1);
		d->u = rows_num(r, i, 2);
		d->content = rows_text_opt(r, i, 3);
		d->raw = rows_text(r, i, 4);
		d->shown = rows_text(r, i, 5);
		d->first_entry = rows_int(r, i, 6);
		d->feedback = rows_text(r, i, 7);
	}
	return ERR_OK;
}

enum err
store_document_repeats(struct db *db, struct arena *a,
    const char *workspace_id, const char *judge_id, const char *before,
    size_t most, struct document_repeat **out, size_t *n)
{
	const char *const p[] = { workspace_id, judge_id, before,
	    sql_int(a, (int64_t)most) };
	struct rows *r;
	enum err e;
	int i;

	*n = 0;
	if ((e = db_run(db, STMT_document_repeats, p, &r)) != ERR_OK)
		return e;
	*n = (size_t)rows_count(r);
	*out = arena_alloc(a, (*n + 1) * sizeof(**out));
	for (i = 0; i < rows_count(r); i++) {
		(void)snprintf((*out)[i].evaluation_id,
		    sizeof((*out)[i].evaluation_id), "%s", rows_text(r, i, 0));
		(*out)[i].group = rows_int(r, i, 1);
		(*out)[i].u = rows_num(r, i, 2);
	}
	rows_free(r);
	return ERR_OK;
}

enum err
store_document_contents(struct db *db, struct arena *a,
    const char *workspace_id, const char *const *evaluations, size_t count,
    struct document_entry **out, size_t *n)
{
	const char *const p[] = { workspace_id,
	    sqlarr_text(a, evaluations, count) };
	struct document_entry *d;
	struct rows *r;
	enum err e;
	int i;

	*n = 0;
	if ((e = db_run(db, STMT_document_contents, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	*n = (size_t)rows_count(r);
	*out = d = arena_zalloc(a, (*n + 1) * sizeof(*d));
	for (i = 0; i < rows_count(r); i++, d++) {
		d->evaluation_id = rows_text(r, i, 0);
		d->group_key = rows_text(r, i, 1);
		d->content = rows_text_opt(r, i, 2);
		d->raw = rows_text(r, i, 3);
	}
	return ERR_OK;
}

enum err
store_document_hosted(struct db *db, struct arena *a,
    const char *workspace_id, const char *job_id,
    struct document_hosted *out)
{
	const char *const p[] = { workspace_id, job_id };
	struct rows *r;
	enum err e;

	if ((e = db_find(db, STMT_document_hosted, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	out->organization_id = rows_text(r, 0, 0);
	out->created_by = rows_text(r, 0, 1);
	out->name = rows_text_opt(r, 0, 2);
	out->kind = rows_text(r, 0, 3);
	out->algorithm = rows_text_opt(r, 0, 4);
	out->model = rows_text(r, 0, 5);
	out->project_key = rows_text_opt(r, 0, 6);
	out->run_ref = rows_text_opt(r, 0, 7);
	out->tags = rows_text(r, 0, 8);
	out->config = rows_text(r, 0, 9);
	out->capability_id = rows_text(r, 0, 10);
	out->capability_name = rows_text(r, 0, 11);
	out->capability_version = rows_text(r, 0, 12);
	out->capability_sha256 = rows_text_opt(r, 0, 13);
	return ERR_OK;
}

enum err
store_document_artifacts(struct db *db, struct arena *a,
    const char *workspace_id, const char *job_id,
    struct document_artifact **out, size_t *n)
{
	const char *const p[] = { workspace_id, job_id };
	struct document_artifact *d;
	struct rows *r;
	enum err e;
	int i;

	*n = 0;
	if ((e = db_run(db, STMT_document_artifacts, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	*n = (size_t)rows_count(r);
	*out = d = arena_zalloc(a, (*n + 1) * sizeof(*d));
	for (i = 0; i < rows_count(r); i++, d++) {
		d->role = rows_text(r, i, 0);
		d->id = rows_text(r, i, 1);
		d->name = rows_text(r, i, 2);
		d->version = rows_text(r, i, 3);
		d->media_type = rows_text(r, i, 4);
		d->size = rows_null(r, i, 5) ? -1 : rows_int(r, i, 5);
		d->sha256 = rows_text_opt(r, i, 6);
		d->uri = rows_text_opt(r, i, 7);
		d->document = rows_text_opt(r, i, 8);
		d->dataset = rows_text_opt(r, i, 9);
	}
	return ERR_OK;
}
