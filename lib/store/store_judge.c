/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges and their versions in PostgreSQL. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlarr.h"
#include "store/store_judge.h"
#include "util/log.h"

/* Before the first and behind the last item of a list by time. */
#define TIME_FIRST	"0"
#define TIME_LAST	"253402300799999999"
#define ID_FIRST	"00000000-0000-0000-0000-000000000000"
#define ID_LAST		"ffffffff-ffff-ffff-ffff-ffffffffffff"

static const char *
num(struct arena *a, int64_t n)
{
	return arena_printf(a, "%lld", (long long)n);
}

static int64_t
time_opt(const struct rows *r, int row, int col)
{
	return rows_null(r, row, col) ? TS_NONE : rows_ts(r, row, col);
}

/* An array column; the statement promises one without NULL inside. */
static char **
array_at(const struct rows *r, int row, int col, struct arena *a, int *n)
{
	char	**items;

	if ((*n = sqlarr_parse(a, rows_text(r, row, col), &items)) == -1)
		fatalx("column %d is no array", col);
	return items;
}

enum err
store_judge_create(struct db *db, struct arena *a, const struct actor *who,
    const char *version_id, const char *summary, struct judge *j)
{
	const char		*id[CRITERIA_MAX], *name[CRITERIA_MAX];
	const char		*text[CRITERIA_MAX], *weight[CRITERIA_MAX];
	size_t			 n = (size_t)j->ncriteria, i;
	struct rows		*r;
	enum err		 err;

	for (i = 0; i < n; i++) {
		id[i] = j->criterion[i].id;
		name[i] = j->criterion[i].name;
		text[i] = j->criterion[i].description;
		weight[i] = arena_printf(a, "%.17g", j->criterion[i].weight);
	}
	const char *const	 p[] = { who->workspace_id, j->id, j->key,
	    j->content_type, who->account_id, version_id, j->name,
	    j->description, summary, sqlarr_text(a, id, n),
	    sqlarr_text(a, name, n), sqlarr_text(a, text, n),
	    sqlarr_text(a, weight, n), who->organization_id,
	    who->request_id };

	if ((err = db_run(db, STMT_judge_create, p, &r)) != ERR_OK)
		return err;
	if (rows_count(r) == 0)
		err = ERR_CONFLICT;
	else
		j->created_at = j->updated_at = rows_ts(r, 0, 0);
	rows_free(r);
	return err;
}

enum err
store_judge_find(struct db *db, const char *workspace_id, const char *key,
    struct judge_brief *out)
{
	const char *const	 p[] = { workspace_id, key };
	struct rows		*r;
	enum err		 err;

	if ((err = db_run(db, STMT_judge_find, p, &r)) != ERR_OK)
		return err;
	if (rows_count(r) == 0) {
		rows_free(r);
		return ERR_NOT_FOUND;
	}
	snprintf(out->id, sizeof(out->id), "%s", rows_text(r, 0, 0));
	snprintf(out->content_type, sizeof(out->content_type), "%s",
	    rows_text(r, 0, 1));
	out->active_version = rows_int(r, 0, 2);
	out->last_version = rows_int(r, 0, 3);
	out->archived = rows_bool(r, 0, 4);
	snprintf(out->version_id, sizeof(out->version_id), "%s",
	    rows_text(r, 0, 5));
	snprintf(out->model_sha256, sizeof(out->model_sha256), "%s",
	    rows_text(r, 0, 6));
	out->now = rows_ts(r, 0, 7);
	rows_free(r);
	return ERR_OK;
}

static void
criteria_read(const struct rows *r, int row, int col, struct arena *a,
    struct judge *j)
{
	struct criterion	*c;
	char			**id, **name, **text, **weight;
	int			 i, n;

	id = array_at(r, row, col, a, &j->ncriteria);
	name = array_at(r, row, col + 1, a, &n);
	text = array_at(r, row, col + 2, a, &n);
	weight = array_at(r, row, col + 3, a, &n);
	c = arena_zalloc(a, (size_t)j->ncriteria * sizeof(*c));
	for (i = 0; i < j->ncriteria; i++) {
		c[i].id = id[i];
		c[i].name = name[i];
		c[i].description = text[i];
		c[i].weight = strtod(weight[i], NULL);
	}
	j->criterion = c;
}

static void
judge_at(const struct rows *r, int row, struct arena *a, struct judge *j)
{
	memset(j, 0, sizeof(*j));
	j->id = rows_text(r, row, 0);
	j->key = rows_text(r, row, 1);
	j->name = rows_text(r, row, 2);
	j->description = rows_text(r, row, 3);
	j->content_type = rows_text(r, row, 4);
	j->version = rows_int(r, row, 5);
	j->status = rows_text(r, row, 6);
	j->created_at = rows_ts(r, row, 7);
	j->updated_at = rows_ts(r, row, 8);
	j->archived_at = time_opt(r, row, 9);
	j->created_by = rows_text(r, row, 10);
	criteria_read(r, row, 11, a, j);
	j->active_job = rows_text_opt(r, row, 15);
	j->active_progress = (int)rows_int(r, row, 16);
	j->entries = rows_int(r, row, 17);
	j->usable = rows_int(r, row, 18);
	j->usable_marked = rows_int(r, row, 19);
}

enum err
store_judge_get(struct db *db, struct arena *a, const char *workspace_id,
    const char *key, struct judge *j)
{
	const char *const	 p[] = { workspace_id, NULL, key };
	struct rows		*r;
	enum err		 err;

	if ((err = db_run(db, STMT_judge_read, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	if (rows_count(r) == 0)
		return ERR_NOT_FOUND;
	judge_at(r, 0, a, j);
	return ERR_OK;
}

/* The ids of a page, in its order. */
static enum err
page_ids(struct db *db, struct arena *a, const char *workspace_id,
    const struct judge_filter *f, const char **ids, int *n)
{
	static const enum stmt	 stmts[] = {
		[JUDGE_NEWEST] = STMT_judge_newest,
		[JUDGE_OLDEST] = STMT_judge_oldest,
		[JUDGE_NAME] = STMT_judge_by_name,
		[JUDGE_NAME_DOWN] = STMT_judge_by_name,
	};
	const char		*p[] = { workspace_id,
	    f->archived ? "true" : "false", f->content_type, f->status,
	    f->name, num(a, f->limit), num(a, f->offset), NULL, NULL };
	const char		**list;
	struct rows		*r;
	enum err		 err;
	int			 i;

	if (f->order == JUDGE_NAME || f->order == JUDGE_NAME_DOWN)
		p[7] = f->order == JUDGE_NAME ? "false" : "true";
	else if (f->after) {
		p[7] = num(a, f->after_at);
		p[8] = f->after_id;
	} else {
		p[7] = f->order == JUDGE_NEWEST ? TIME_LAST : TIME_FIRST;
		p[8] = f->order == JUDGE_NEWEST ? ID_LAST : ID_FIRST;
	}
	if ((err = db_run(db, stmts[f->order], p, &r)) != ERR_OK)
		return err;
	*n = rows_count(r);
	list = arena_alloc(a, (size_t)(*n + 1) * sizeof(*list));
	for (i = 0; i < *n; i++)
		list[i] = rows_text(r, i, 0);
	*ids = sqlarr_text(a, list, (size_t)*n);
	rows_free(r);
	return ERR_OK;
}

enum err
store_judge_list(struct db *db, struct arena *a, const char *workspace_id,
    const struct judge_filter *f, struct judge **out, int *n)
{
	const char	*p[] = { workspace_id, NULL, NULL };
	struct judge	*list;
	struct rows	*r;
	enum err	 err;
	int		 i;

	*out = NULL;
	if ((err = page_ids(db, a, workspace_id, f, &p[1], n)) != ERR_OK ||
	    *n == 0)
		return err;
	if ((err = db_run(db, STMT_judge_read, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	list = arena_alloc(a, (size_t)(*n + 1) * sizeof(*list));
	for (i = 0; i < *n; i++)
		judge_at(r, i, a, &list[i]);
	*out = list;
	return ERR_OK;
}

static enum err
count_of(struct db *db, enum stmt stmt, const char *const *p, int64_t *count)
{
	struct rows	*r;
	enum err	 err;

	if ((err = db_run(db, stmt, p, &r)) != ERR_OK)
		return err;
	*count = rows_int(r, 0, 0);
	rows_free(r);
	return ERR_OK;
}

enum err
store_judge_count(struct db *db, const char *workspace_id,
    const struct judge_filter *f, int64_t most, int64_t *count)
{
	char			 bound[24];
	const char *const	 p[] = { workspace_id,
	    f->archived ? "true" : "false", f->content_type, f->status,
	    f->name, bound };

	snprintf(bound, sizeof(bound), "%lld", (long long)most);
	return count_of(db, STMT_judge_count, p, count);
}

enum err
store_version_list(struct db *db, struct arena *a, const char *workspace_id,
    const char *judge_id, const char *status, int64_t limit, int64_t offset,
    int64_t below, struct judge_version **out, int *n)
{
	const char *const	 p[] = { workspace_id, judge_id, status,
	    num(a, limit), num(a, offset), num(a, below) };
	struct judge_version	*v;
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_version_page, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_zalloc(a, (size_t)(*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		v = &(*out)[i];
		v->number = rows_int(r, i, 0);
		v->id = rows_text(r, i, 1);
		v->status = rows_text(r, i, 2);
		v->created_at = rows_ts(r, i, 3);
		v->deployed_at = time_opt(r, i, 4);
		v->archived_at = time_opt(r, i, 5);
		v->changes_summary = rows_text(r, i, 6);
		v->job_id = rows_text_opt(r, i, 7);
		v->feedback_count = rows_int(r, i, 8);
		v->validation = rows_text_opt(r, i, 9);
		v->created_by = rows_text(r, i, 10);
		v->base_version = rows_int(r, i, 11);
		v->evaluations = rows_int(r, i, 12);
		v->seconds = rows_num(r, i, 13);
		v->criteria = array_at(r, i, 14, a, &v->ncriteria);
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
	return count_of(db, STMT_version_count, p, count);
}

enum err
store_version_criteria(struct db *db, struct arena *a,
    const char *workspace_id, const char *judge_id, int64_t version,
    struct criterion **out, int *n)
{
	const char *const	 p[] = { workspace_id, judge_id,
	    num(a, version) };
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
	}
	return ERR_OK;
}
