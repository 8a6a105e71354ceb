/* SPDX-License-Identifier: BSD-2-Clause */
/* Feedback in PostgreSQL. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_feedback.h"
#include "util/log.h"

static void
tally_at(const struct rows *r, int row, int col, struct tally *t)
{
	int	k;

	for (k = 0; k < FEEDBACK__MAX; k++)
		t->n[k] = rows_int(r, row, col + k);
}

enum err
store_feedback_targets(struct db *db, struct arena *a,
    const char *workspace_id, const char *ids, struct feedback_target **out,
    int *n)
{
	const char *const	 p[] = { workspace_id, ids };
	struct feedback_target	*t;
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_feedback_targets, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_zalloc(a, (size_t)(*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		t = &(*out)[i];
		t->id = rows_text(r, i, 0);
		t->judge_id = rows_text(r, i, 1);
		t->judge_key = rows_text(r, i, 2);
		t->version = rows_int(r, i, 3);
		t->batch_id = rows_text_opt(r, i, 4);
		t->scores = rows_text(r, i, 5);
		t->archived = rows_bool(r, i, 6);
	}
	return ERR_OK;
}

enum err
store_feedback_take(struct db *db, struct arena *a, const char *workspace_id,
    const char *judge_id, const struct tally *add, struct feedback_block *b)
{
	const char	*p[2 + FEEDBACK__MAX] = { workspace_id, judge_id };
	struct rows	*r;
	enum err	 err;
	int		 k;

	for (k = 0; k < FEEDBACK__MAX; k++)
		p[2 + k] = sql_int(a, add->n[k]);
	if ((err = db_run(db, STMT_feedback_take, p, &r)) != ERR_OK)
		return err;
	if (rows_count(r) == 0) {
		log_errx("a judge has no counters judge=%s", judge_id);
		rows_free(r);
		return ERR_INTERNAL;
	}
	tally_at(r, 0, 0, &b->after);
	b->at = rows_ts(r, 0, FEEDBACK__MAX);
	b->usable_marked = rows_int(r, 0, FEEDBACK__MAX + 1);
	b->min_new = rows_null(r, 0, FEEDBACK__MAX + 2) ? -1 :
	    rows_int(r, 0, FEEDBACK__MAX + 2);
	b->policy_on = rows_bool(r, 0, FEEDBACK__MAX + 3);
	rows_free(r);
	return ERR_OK;
}

enum err
store_feedback_touch(struct db *db, struct arena *a,
    const char *workspace_id, const char *judge_id, struct touch_set *set,
    int n)
{
	const char	*p[4 + FEEDBACK__MAX] = { workspace_id, judge_id };
	struct buf	 list;
	struct rows	*r;
	enum err	 err;
	int		 col, i, k;

	for (col = 0; col < 2 + FEEDBACK__MAX; col++) {
		buf_init(&list, a);
		sqlarr_begin(&list);
		for (i = 0; i < n; i++)
			sqlarr_add(&list, col == 0 ? set[i].digest :
			    col == 1 ? set[i].criteria :
			    sql_int(a, set[i].add.n[col - 2]));
		sqlarr_end(&list);
		p[2 + col] = list.data;
	}
	if ((err = db_run(db, STMT_feedback_touch, p, &r)) != ERR_OK)
		return err;
	/* RETURNING promises no order */
	for (i = 0; i < n; i++)
		for (k = 0; k < rows_count(r); k++)
			if (strcmp(rows_text(r, k, 0), set[i].digest) == 0) {
				set[i].id = rows_int(r, k, 1);
				tally_at(r, k, 2, &set[i].after);
				break;
			}
	rows_free(r);
	return ERR_OK;
}

/* The array columns of an insert, in the order of the statement. */
enum entry_col {
	COL_JUDGE, COL_NUMBER, COL_ID, COL_EVALUATION, COL_VERSION, COL_BATCH,
	COL_TYPE, COL_CORRECTED, COL_RATING, COL_COMMENT, COL_EXPLANATION,
	COL_APPROVED, COL_TARGETS, COL_BY, COL_SET, COL_TOTAL,
	COL_SET_TOTAL = COL_TOTAL + FEEDBACK__MAX,
	COL__MAX = COL_SET_TOTAL + FEEDBACK__MAX
};

static const char *
entry_cell(struct arena *a, const struct feedback *f, int col)
{
	switch (col) {
	case COL_JUDGE:
		return f->judge_id;
	case COL_NUMBER:
		return sql_int(a, f->number);
	case COL_ID:
		return f->id;
	case COL_EVALUATION:
		return f->evaluation_id;
	case COL_VERSION:
		return sql_int(a, f->version);
	case COL_BATCH:
		return f->batch_id;
	case COL_TYPE:
		return f->type;
	case COL_CORRECTED:
		return f->corrected;
	case COL_RATING:
		return isnan(f->rating) ? NULL :
		    sql_real(a, f->rating);
	case COL_COMMENT:
		return f->comment;
	case COL_EXPLANATION:
		return f->explanation;
	case COL_APPROVED:
		return f->approved == -1 ? NULL :
		    f->approved ? "true" : "false";
	case COL_TARGETS:
		return sqlarr_text(a, f->target, (size_t)f->ntargets);
	case COL_BY:
		return f->submitted_by;
	case COL_SET:
		return sql_int(a, f->touch_set);
	default:
		return sql_int(a, col < COL_SET_TOTAL ?
		    f->total.n[col - COL_TOTAL] :
		    f->set_total.n[col - COL_SET_TOTAL]);
	}
}

enum err
store_feedback_insert(struct db *db, struct arena *a,
    const struct actor *who, const char *session_id,
    const struct feedback *const *f, int n)
{
	const char	*p[2 + COL__MAX + 3] = { who->workspace_id,
	    session_id };
	struct buf	 list;
	int		 col, i;

	for (col = 0; col < COL__MAX; col++) {
		buf_init(&list, a);
		sqlarr_begin(&list);
		for (i = 0; i < n; i++)
			sqlarr_add(&list, entry_cell(a, f[i], col));
		sqlarr_end(&list);
		p[2 + col] = list.data;
	}
	p[2 + COL__MAX] = who->organization_id;
	p[2 + COL__MAX + 1] = who->account_id;
	p[2 + COL__MAX + 2] = who->request_id;
	return db_run(db, STMT_feedback_insert, p, NULL);
}

enum err
store_feedback_context(struct db *db, struct arena *a,
    const char *workspace_id, const char *evaluation_id,
    struct feedback_context *c)
{
	const char *const	 p[] = { workspace_id, evaluation_id };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_feedback_context, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	c->judge_key = rows_text(r, 0, 0);
	c->judge_id = rows_text(r, 0, 1);
	c->version = rows_int(r, 0, 2);
	c->scores = rows_text(r, 0, 3);
	c->raw = rows_text(r, 0, 4);
	c->evaluated_at = rows_ts(r, 0, 5);
	tally_at(r, 0, 6, &c->count);
	c->average_rating = rows_null(r, 0, 6 + FEEDBACK__MAX) ? NAN :
	    rows_num(r, 0, 6 + FEEDBACK__MAX);
	return ERR_OK;
}

static void
entry_at(const struct rows *r, int row, struct arena *a, struct feedback *f)
{
	char	**target;

	f->number = rows_int(r, row, 0);
	f->id = rows_text(r, row, 1);
	f->version = rows_int(r, row, 2);
	f->batch_id = rows_text_opt(r, row, 3);
	f->session_id = rows_text_opt(r, row, 4);
	f->type = rows_text(r, row, 5);
	f->corrected = rows_text_opt(r, row, 6);
	f->rating = rows_null(r, row, 7) ? NAN : rows_num(r, row, 7);
	f->comment = rows_text_opt(r, row, 8);
	f->explanation = rows_text_opt(r, row, 9);
	f->approved = rows_null(r, row, 10) ? -1 : rows_bool(r, row, 10);
	if ((f->ntargets = sqlarr_parse(a, rows_text(r, row, 11),
	    &target)) == -1)
		fatalx("target_criteria is no array");
	f->target = (const char *const *)target;
	f->submitted_by = rows_text(r, row, 12);
	f->submitted_at = rows_ts(r, row, 13);
	f->processed = rows_bool(r, row, 14);
	f->covered_by = rows_text_opt(r, row, 15);
}

enum err
store_feedback_of(struct db *db, struct arena *a, const char *workspace_id,
    const char *evaluation_id, const char *type, int64_t limit,
    int64_t offset, int64_t above, struct feedback **out, int *n)
{
	const char *const	 p[] = { workspace_id, evaluation_id, type,
	    sql_int(a, limit), sql_int(a, offset), sql_int(a, above) };
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_feedback_of, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_zalloc(a, (size_t)(*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		entry_at(r, i, a, &(*out)[i]);
		(*out)[i].evaluation_id = evaluation_id;
	}
	return ERR_OK;
}

/* By what leaves the fewest rows to look at. */
static enum stmt
list_stmt(const struct feedback_filter *f, int count)
{
	enum { EVALUATION, BATCH, CRITERION, JUDGE_PERSON, JUDGE_TYPE, JUDGE,
	    PERSON, TYPE, ALL };
	static const enum stmt	stmts[][2] = {
	    [EVALUATION] = { STMT_feedback_of_evaluation,
		STMT_feedback_of_evaluation_count },
	    [BATCH] = { STMT_feedback_of_batch, STMT_feedback_of_batch_count },
	    [CRITERION] = { STMT_feedback_on_criterion,
		STMT_feedback_on_criterion_count },
	    [JUDGE_PERSON] = { STMT_feedback_of_judge_person,
		STMT_feedback_of_judge_person_count },
	    [PERSON] = { STMT_feedback_by_person,
		STMT_feedback_by_person_count },
	    [JUDGE_TYPE] = { STMT_feedback_of_judge_type,
		STMT_feedback_of_judge_type_count },
	    [JUDGE] = { STMT_feedback_of_judge, STMT_feedback_of_judge_count },
	    [TYPE] = { STMT_feedback_of_type, STMT_feedback_of_type_count },
	    [ALL] = { STMT_feedback_newest, STMT_feedback_newest_count } };
	int			i;

	if (f->evaluation_id != NULL)
		i = EVALUATION;
	else if (f->batch_id != NULL)
		i = BATCH;
	else if (f->criterion_id != NULL)
		i = CRITERION;
	else if (f->judge_id != NULL)
		i = f->submitted_by != NULL ? JUDGE_PERSON :
		    f->type != NULL ? JUDGE_TYPE : JUDGE;
	else
		i = f->submitted_by != NULL ? PERSON :
		    f->type != NULL ? TYPE : ALL;
	return stmts[i][count];
}

enum err
store_feedback_list(struct db *db, struct arena *a, const char *workspace_id,
    const struct feedback_filter *f, struct feedback **out, int *n)
{
	const char *const	 p[] = { workspace_id, f->judge_id,
	    f->evaluation_id, f->batch_id, f->type, f->criterion_id,
	    f->submitted_by, sql_int(a, f->after), sql_int(a, f->above),
	    sql_int(a, f->upto), sql_int(a, f->last_at), f->last_id,
	    sql_int(a, f->limit), sql_int(a, f->offset) };
	const char		*whole[] = { workspace_id, NULL };
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, list_stmt(f, 0), p, &r)) != ERR_OK)
		return err;
	whole[1] = rows_array(r, 0, a);
	rows_free(r);
	if ((err = db_run(db, STMT_feedback_read, whole, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_zalloc(a, (size_t)(*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		entry_at(r, i, a, &(*out)[i]);
		(*out)[i].evaluation_id = rows_text(r, i, 16);
		(*out)[i].judge_key = rows_text(r, i, 17);
	}
	return ERR_OK;
}

enum err
store_feedback_count(struct db *db, struct arena *a,
    const char *workspace_id, const struct feedback_filter *f, int64_t most,
    int64_t *count)
{
	const char *const	 p[] = { workspace_id, f->judge_id,
	    f->evaluation_id, f->batch_id, f->type, f->criterion_id,
	    f->submitted_by, sql_int(a, f->after), sql_int(a, f->above),
	    sql_int(a, f->upto), sql_int(a, f->before), sql_int(a, most) };

	return db_int(db, list_stmt(f, 1), p, count);
}

enum err
store_feedback_marked(struct db *db, const char *workspace_id,
    const char *key, struct feedback_mark *out)
{
	const char *const	 p[] = { workspace_id, key };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_feedback_marked, p, &r)) != ERR_OK)
		return err;
	snprintf(out->judge_id, sizeof(out->judge_id), "%s",
	    rows_text(r, 0, 0));
	out->mark = rows_int(r, 0, 1);
	out->at = rows_int(r, 0, 2);
	rows_free(r);
	return ERR_OK;
}
