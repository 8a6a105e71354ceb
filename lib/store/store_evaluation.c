/* SPDX-License-Identifier: BSD-2-Clause */
/* Evaluations in PostgreSQL. */
#include "config.h"

#include <string.h>

#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_evaluation.h"

enum err
store_evaluation_create(struct batcher *w, struct arena *a,
    const struct actor *who, const struct job_request *rq,
    struct evaluation *e)
{
	struct batch_item	 item = { .stmt = STMT_evaluation_create };
	const char *const	 col[] = { e->id, who->workspace_id,
	    e->judge_id, sql_int(a, e->version), e->content, e->content_ref,
	    e->external_id, e->metadata, e->words, e->raw, e->scores,
	    sql_real(a, e->raw_overall), sql_real(a, e->overall), e->group_key,
	    sql_real(a, e->group_u), sql_real(a, e->seconds), who->account_id,
	    rq->idem_path, rq->idem_key, rq->idem_hash,
	    rq->idem_key == NULL ? NULL : rq->location,
	    rq->idem_key == NULL ? NULL : rq->body, who->organization_id,
	    who->request_id };
	enum err		 err;

	store_request_item(&item, a, rq, who->account_id, col,
	    sizeof(col) / sizeof(col[0]));
	if ((err = batcher_submit(w, &item)) != ERR_OK)
		return err;
	if (item.answered)
		e->evaluated_at = rows_ts(item.rows, item.row, 1);
	else
		err = ERR_CONFLICT;
	batcher_done(&item);
	return err;
}

/* The columns of a batch that are arrays, in the order of the statement. */
enum batch_col {
	COL_ID, COL_CONTENT, COL_REF, COL_EXTERNAL, COL_METADATA, COL_WORDS,
	COL_RAW, COL_SCORES, COL_RAW_OVERALL, COL_OVERALL, COL_KEY, COL_PLACE,
	COL_SECONDS, COL__MAX
};

static const char *
batch_cell(struct arena *a, const struct evaluation *e, enum batch_col col)
{
	switch (col) {
	case COL_ID:
		return e->id;
	case COL_CONTENT:
		return e->content;
	case COL_REF:
		return e->content_ref;
	case COL_EXTERNAL:
		return e->external_id;
	case COL_METADATA:
		return e->metadata;
	case COL_WORDS:
		return e->words;
	case COL_RAW:
		return e->raw;
	case COL_SCORES:
		return e->scores;
	case COL_RAW_OVERALL:
		return sql_real(a, e->raw_overall);
	case COL_OVERALL:
		return sql_real(a, e->overall);
	case COL_KEY:
		return e->group_key;
	case COL_PLACE:
		return sql_real(a, e->group_u);
	case COL_SECONDS:
		return sql_real(a, e->seconds);
	case COL__MAX:
		break;
	}
	return NULL;
}

enum err
store_evaluation_batch(struct db *db, struct arena *a,
    const struct actor *who, const struct evaluation_batch *b,
    const struct evaluation *e, int n, int64_t *at)
{
	const char	*p[7 + COL__MAX + 2] = { who->workspace_id, b->id,
	    b->judge_id, sql_int(a, b->version), b->name, sql_int(a, b->total),
	    who->account_id };
	struct rows	*r;
	struct buf	 list;
	enum err	 err;
	int		 col, i;

	for (col = 0; col < COL__MAX; col++) {
		buf_init(&list, a);
		sqlarr_begin(&list);
		for (i = 0; i < n; i++)
			sqlarr_add(&list, batch_cell(a, &e[i],
			    (enum batch_col)col));
		sqlarr_end(&list);
		p[7 + col] = list.data;
	}
	p[7 + COL__MAX] = who->organization_id;
	p[7 + COL__MAX + 1] = who->request_id;
	if ((err = db_run(db, STMT_evaluation_batch_create, p, &r)) != ERR_OK)
		return err;
	*at = rows_ts(r, 0, 0);
	rows_free(r);
	return ERR_OK;
}

static void
evaluation_at(const struct rows *r, int row, struct evaluation *e)
{
	memset(e, 0, sizeof(*e));
	e->id = rows_text(r, row, 0);
	e->judge_id = rows_text(r, row, 1);
	e->judge_key = rows_text(r, row, 2);
	e->version = rows_int(r, row, 3);
	e->version_id = rows_text(r, row, 4);
	e->batch_id = rows_text_opt(r, row, 5);
	e->content = rows_text_opt(r, row, 6);
	e->content_ref = rows_text_opt(r, row, 7);
	e->external_id = rows_text_opt(r, row, 8);
	e->metadata = rows_text_opt(r, row, 9);
	e->words = rows_text_opt(r, row, 10);
	e->raw = rows_text(r, row, 11);
	e->scores = rows_text(r, row, 12);
	e->raw_overall = rows_num(r, row, 13);
	e->overall = rows_num(r, row, 14);
	e->evaluated_at = rows_ts(r, row, 15);
	e->seconds = rows_num(r, row, 16);
}

enum err
store_evaluation_get(struct db *db, struct arena *a,
    const char *workspace_id, const char *id, int content,
    struct evaluation *e)
{
	const char *const	 p[] = { workspace_id, id,
	    content ? "true" : "false" };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_evaluation_get, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	evaluation_at(r, 0, e);
	return ERR_OK;
}

/* By what leaves the fewest rows to look at. */
static enum stmt
list_stmt(const struct evaluation_filter *f, int count)
{
	static const enum stmt	stmts[][2] = {
	    { STMT_evaluation_of_batch, STMT_evaluation_of_batch_count },
	    { STMT_evaluation_of_external, STMT_evaluation_of_external_count },
	    { STMT_evaluation_of_content, STMT_evaluation_of_content_count },
	    { STMT_evaluation_of_judge, STMT_evaluation_of_judge_count },
	    { STMT_evaluation_newest, STMT_evaluation_newest_count } };
	int			i;

	i = f->batch_id != NULL ? 0 : f->external_id != NULL ? 1 :
	    f->content_ref != NULL ? 2 : f->judge_id != NULL ? 3 : 4;
	return stmts[i][count];
}

enum err
store_evaluation_list(struct db *db, struct arena *a,
    const char *workspace_id, const struct evaluation_filter *f,
    struct evaluation **out, int *n)
{
	const char *const	 p[] = { workspace_id, f->judge_id,
	    f->batch_id, f->external_id, f->content_ref, sql_int(a, f->since),
	    sql_int(a, f->last_at), f->last_id, sql_int(a, f->limit),
	    sql_int(a, f->offset) };
	const char		*whole[] = { workspace_id, NULL };
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, list_stmt(f, 0), p, &r)) != ERR_OK)
		return err;
	whole[1] = rows_array(r, 0, a);
	rows_free(r);
	if ((err = db_run(db, STMT_evaluation_read, whole, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_alloc(a, (size_t)(*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++)
		evaluation_at(r, i, &(*out)[i]);
	return ERR_OK;
}

enum err
store_evaluation_count(struct db *db, struct arena *a,
    const char *workspace_id, const struct evaluation_filter *f,
    int64_t most, int64_t *count)
{
	const char *const	 p[] = { workspace_id, f->judge_id,
	    f->batch_id, f->external_id, f->content_ref, sql_int(a, f->since),
	    sql_int(a, f->before), sql_int(a, most) };

	return db_int(db, list_stmt(f, 1), p, count);
}

enum err
store_batch_find(struct db *db, struct arena *a, const char *workspace_id,
    const char *id, const char **judge_key, int *archived)
{
	const char *const	 p[] = { workspace_id, id };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_batch_find, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*judge_key = rows_text(r, 0, 0);
	*archived = rows_bool(r, 0, 1);
	return ERR_OK;
}

enum err
store_clock(struct db *db, int64_t *us)
{
	struct rows	*r;
	enum err	 err;

	if ((err = db_run(db, STMT_clock, NULL, &r)) != ERR_OK)
		return err;
	*us = rows_ts(r, 0, 0);
	rows_free(r);
	return ERR_OK;
}
