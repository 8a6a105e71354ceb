/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of evaluations: filters, pages, the reply. */
#include "config.h"

#include <string.h>

#include "domain/evaluation.h"
#include "domain/evaluation_list.h"
#include "domain/schema.h"

void
evaluations_query_read(const struct jv *args, struct faults *f,
    struct evaluations_query *q)
{
	struct evaluation_filter	*e = &q->filter;
	const char			*batch, *status;

	memset(q, 0, sizeof(*q));
	page_read(&schema_evaluations_query, args, 1, f, &q->page);
	q->judge_key = jv_text(args, "judge_id");
	status = jv_text(args, "status");
	q->nothing = status != NULL && strcmp(status, "completed") != 0;
	if ((batch = jv_text(args, "batch_id")) != NULL) {
		q->nothing |= !typeid_parse(batch, "batch_", q->batch_id);
		e->batch_id = q->batch_id;
	}
	e->external_id = jv_text(args, "external_id");
	e->content_ref = jv_text(args, "content_id");
	e->since = jv_time(args, "since", PAGE_FIRST);
	e->before = jv_time(args, "before", PAGE_LAST);
	page_from_newest(&q->page, e->before, &e->last_at, &e->last_id);
	/* one more, to see whether there is a next page */
	e->limit = q->page.limit + 1;
	e->offset = q->page.offset;
}

/* What matches: the page and, counted up to a bound, all. */
static enum err
find(struct db *db, struct arena *a, const char *workspace_id,
    struct evaluations_query *q, struct evaluation **list, int *n,
    int64_t *counted)
{
	struct judge_brief	judge;
	enum err		err;

	*n = 0;
	*counted = 0;
	if (!q->nothing && q->judge_key != NULL) {
		err = store_judge_find(db, workspace_id, q->judge_key,
		    &judge);
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err;
		if (err == ERR_OK)
			q->filter.judge_id = arena_strdup(a, judge.id);
		q->nothing = err == ERR_NOT_FOUND;
	}
	if (q->nothing)
		return ERR_OK;
	err = store_evaluation_list(db, a, workspace_id, &q->filter, list, n);
	return err != ERR_OK ? err : store_evaluation_count(db, a,
	    workspace_id, &q->filter, PAGE_REACH + 1, counted);
}

enum err
evaluation_list_write(struct judge_models *models, struct db *db,
    struct arena *a, const char *workspace_id, struct evaluations_query *q,
    struct jw *w)
{
	struct evaluation	*list = NULL;
	struct place		 last;
	int64_t			 counted;
	enum err		 err;
	int			 n, more, i;

	err = find(db, a, workspace_id, q, &list, &n, &counted);
	if (err != ERR_OK)
		return err;
	more = page_cut(&q->page, &n);
	jw_obj(w);
	jw_karr(w, "evaluations");
	for (i = 0; i < n; i++) {
		jw_obj(w);
		if ((err = evaluation_write_row(models, db, a, workspace_id,
		    &list[i], w)) != ERR_OK)
			return err;
		jw_end(w);
	}
	jw_end(w);
	jw_kint(w, "total", counted > PAGE_REACH ? PAGE_REACH : counted);
	jw_kbool(w, "has_more", more);
	jw_kint(w, "limit", q->page.limit);
	jw_kint(w, "offset", q->page.offset);
	if (more) {
		last.at = list[n - 1].evaluated_at;
		memcpy(last.id, list[n - 1].id, UUID_LEN);
	}
	jw_kstr(w, "next_cursor", more ? cursor_write(a, &last) : NULL);
	jw_kbool(w, "total_is_exact", counted <= PAGE_REACH);
	jw_end(w);
	return ERR_OK;
}
