/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges and their versions in PostgreSQL. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/judge_row.h"
#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_judge.h"
#include "store/store_page.h"
#include "util/log.h"

/* Before the first and behind the last item of a list by time. */
#define TIME_FIRST	"0"
#define TIME_LAST	"253402300799999999"
#define ID_FIRST	"00000000-0000-0000-0000-000000000000"
#define ID_LAST		"ffffffff-ffff-ffff-ffff-ffffffffffff"

char **
col_array(const struct rows *r, int row, int col, struct arena *a, int *n)
{
	char	**items;

	if ((*n = sqlarr_parse(a, rows_text(r, row, col), &items)) == -1)
		fatalx("column %d is no array", col);
	return items;
}

/* The columns of a version's criteria, in the order of the statements. */
enum criterion_col {
	COL_ID, COL_NAME, COL_TEXT, COL_WEIGHT, COL_FRESH, COL__MAX
};

static void
criteria_params(struct arena *a, const struct criterion *c, int n,
    const char *param[COL__MAX])
{
	const char	*cell[COL__MAX][CRITERIA_MAX];
	int		 i, col;

	for (i = 0; i < n; i++) {
		cell[COL_ID][i] = c[i].id;
		cell[COL_NAME][i] = c[i].name;
		cell[COL_TEXT][i] = c[i].description;
		cell[COL_WEIGHT][i] = sql_real(a, c[i].weight);
		cell[COL_FRESH][i] = c[i].fresh ? "true" : "false";
	}
	for (col = 0; col < COL__MAX; col++)
		param[col] = sqlarr_text(a, cell[col], (size_t)n);
}

enum err
store_judge_create(struct db *db, struct arena *a, const struct actor *who,
    const char *version_id, const char *summary, struct judge *j)
{
	const char		*c[COL__MAX];
	struct rows		*r;
	enum err		 err;

	criteria_params(a, j->criterion, j->ncriteria, c);
	const char *const	 p[] = { who->workspace_id, j->id, j->key,
	    j->content_type, who->account_id, version_id, j->name,
	    j->description, summary, c[COL_ID], c[COL_NAME], c[COL_TEXT],
	    c[COL_WEIGHT], who->organization_id, who->request_id };

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
store_judge_lock(struct db *db, const char *workspace_id, const char *key)
{
	const char *const	 p[] = { workspace_id, key };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_judge_lock, p, &r)) == ERR_OK)
		rows_free(r);
	return err;
}

enum err
store_judge_shelve(struct db *db, const struct actor *who,
    const char *judge_id, int archived)
{
	const char *const	 p[] = { who->workspace_id, judge_id,
	    archived ? "true" : "false", who->account_id,
	    who->organization_id, who->request_id };

	return db_run(db, STMT_judge_shelve, p, NULL);
}

enum err
store_judge_change(struct db *db, struct arena *a, const struct actor *who,
    const char *version_id, const char *summary, const struct judge *j)
{
	const char		*c[COL__MAX];
	enum err		 err;

	criteria_params(a, j->criterion, j->ncriteria, c);
	const char *const	 retire[] = { who->workspace_id, j->id };
	const char *const	 p[] = { who->workspace_id, j->id, version_id,
	    j->name, j->description, summary, who->account_id, c[COL_ID],
	    c[COL_NAME], c[COL_TEXT], c[COL_WEIGHT], c[COL_FRESH],
	    who->organization_id, who->request_id };

	/* at most one version is active at any moment, this one included */
	err = db_run(db, STMT_version_retire, retire, NULL);
	return err != ERR_OK ? err : db_run(db, STMT_judge_change, p, NULL);
}

enum err
store_judge_find(struct db *db, const char *workspace_id, const char *key,
    struct judge_brief *out)
{
	const char *const	 p[] = { workspace_id, key };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_judge_find, p, &r)) != ERR_OK)
		return err;
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

struct criterion *
col_criteria(const struct rows *r, int row, int col, struct arena *a,
    int *count)
{
	struct criterion	*c;
	char			**cell[COL__MAX];
	int			 i, k;

	for (k = 0; k < COL__MAX; k++)
		cell[k] = col_array(r, row, col + k, a, count);
	c = arena_zalloc(a, (size_t)*count * sizeof(*c));
	for (i = 0; i < *count; i++) {
		c[i].id = cell[COL_ID][i];
		c[i].name = cell[COL_NAME][i];
		c[i].description = cell[COL_TEXT][i];
		c[i].weight = strtod(cell[COL_WEIGHT][i], NULL);
		c[i].fresh = cell[COL_FRESH][i][0] == 't';
	}
	return c;
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
	j->archived_at = rows_ts_opt(r, row, 9);
	j->created_by = rows_text(r, row, 10);
	j->criterion = col_criteria(r, row, 11, a, &j->ncriteria);
	j->active_job = rows_text_opt(r, row, 16);
	j->active_progress = (int)rows_int(r, row, 17);
	j->entries = rows_int(r, row, 18);
	j->usable = rows_int(r, row, 19);
	j->usable_marked = rows_int(r, row, 20);
}

enum err
store_judge_get(struct db *db, struct arena *a, const char *workspace_id,
    const char *key, struct judge *j)
{
	const char *const	 p[] = { workspace_id, NULL, key };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_judge_read, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
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
	    f->name, sql_int(a, f->limit), sql_int(a, f->offset), NULL, NULL };
	struct page_row	*at;
	struct rows		*r;
	enum err		 err;

	if (f->order == JUDGE_NAME || f->order == JUDGE_NAME_DOWN)
		p[7] = f->order == JUDGE_NAME ? "false" : "true";
	else if (f->after) {
		p[7] = sql_int(a, f->after_at);
		p[8] = f->after_id;
	} else {
		p[7] = f->order == JUDGE_NEWEST ? TIME_LAST : TIME_FIRST;
		p[8] = f->order == JUDGE_NEWEST ? ID_LAST : ID_FIRST;
	}
	if ((err = store_page_run(db, a, stmts[f->order], p, &r, &at, n)) !=
	    ERR_OK)
		return err;
	*ids = store_page_ids(a, at, *n);
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

enum err
store_judge_count(struct db *db, const char *workspace_id,
    const struct judge_filter *f, int64_t most, int64_t *count)
{
	char			 bound[24];
	const char *const	 p[] = { workspace_id,
	    f->archived ? "true" : "false", f->content_type, f->status,
	    f->name, bound };

	snprintf(bound, sizeof(bound), "%lld", (long long)most);
	return db_int(db, STMT_judge_count, p, count);
}
