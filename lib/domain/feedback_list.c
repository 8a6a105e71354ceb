/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of feedback: filters, pages, the reply. */
#include "config.h"

#include <string.h>

#include "domain/feedback_list.h"
#include "domain/judge_view.h"
#include "domain/schema.h"

/* An id of a filter; *nothing when no row can have it. */
static const char *
id_read(const struct jv *args, const char *name, const char *prefix,
    char uuid[UUID_LEN], int *nothing)
{
	const char	*id = jv_text(args, name);

	if (id == NULL)
		return NULL;
	*nothing |= !typeid_parse(id, prefix, uuid);
	return uuid;
}

void
feedbacks_query_read(const struct jv *args, struct faults *f,
    struct feedbacks_query *q)
{
	struct feedback_filter	*e = &q->filter;

	memset(q, 0, sizeof(*q));
	page_read(&schema_feedbacks_query, args, 1, f, &q->page);
	q->judge_key = jv_text(args, "judge_id");
	if (!jv_bool(jv_member(args, "processed"), &q->processed))
		q->processed = -1;
	if (q->processed != -1 && q->judge_key == NULL)
		fault_add(f, LOC(&loc_query, "processed"), "value_error",
		    "needs judge_id");
	e->evaluation_id = id_read(args, "evaluation_id", "eval_",
	    q->evaluation_id, &q->nothing);
	e->batch_id = id_read(args, "batch_id", "batch_", q->batch_id,
	    &q->nothing);
	e->type = jv_text(args, "feedback_type");
	e->criterion_id = jv_text(args, "criterion_id");
	e->submitted_by = jv_text(args, "submitted_by");
	e->after = jv_time(args, "submitted_after", PAGE_FIRST);
	e->before = jv_time(args, "submitted_before", PAGE_LAST);
	e->upto = INT64_MAX;
	/* one more, to see whether there is a next page */
	e->limit = q->page.limit + 1;
	e->offset = q->page.offset;
}

void
feedbacks_query_mark(struct feedbacks_query *q)
{
	struct feedback_filter	*e = &q->filter;
	const struct feedback_mark *m = &q->mark;

	if (q->processed == 1) {
		e->upto = m->mark;
		if (m->mark > 0 && m->at + 1 < e->before)
			e->before = m->at + 1;
		q->nothing |= m->mark == 0;
	} else if (q->processed == 0) {
		e->above = m->mark;
		if (m->mark > 0 && m->at > e->after)
			e->after = m->at;
	}
}

/* What matches: the page and, counted up to a bound, all. */
static enum err
find(struct db *db, struct arena *a, const char *workspace_id,
    struct feedbacks_query *q, struct feedback **list, int *n,
    int64_t *counted)
{
	enum err	err;

	*n = 0;
	*counted = 0;
	if (!q->nothing && q->judge_key != NULL) {
		err = store_feedback_marked(db, workspace_id, q->judge_key,
		    &q->mark);
		if (err != ERR_OK && err != ERR_NOT_FOUND)
			return err;
		q->nothing = err == ERR_NOT_FOUND;
		q->filter.judge_id = q->mark.judge_id;
		if (err == ERR_OK)
			feedbacks_query_mark(q);
	}
	if (q->nothing)
		return ERR_OK;
	page_from_newest(&q->page, q->filter.before, &q->filter.last_at,
	    &q->filter.last_id);
	err = store_feedback_list(db, a, workspace_id, &q->filter, list, n);
	return err != ERR_OK ? err : store_feedback_count(db, a,
	    workspace_id, &q->filter, PAGE_REACH + 1, counted);
}

enum err
feedback_list_write(struct db *db, struct arena *a, const char *workspace_id,
    struct feedbacks_query *q, struct jw *w)
{
	struct feedback	*list = NULL;
	struct place	 last = { 0, "" };
	int64_t		 counted;
	enum err	 err;
	int		 n, more, i;

	err = find(db, a, workspace_id, q, &list, &n, &counted);
	if (err != ERR_OK)
		return err;
	more = page_cut(&q->page, &n);
	jw_obj(w);
	jw_karr(w, "feedback_entries");
	for (i = 0; i < n; i++) {
		jw_obj(w);
		view_feedback(w, &list[i], 1);
		jw_end(w);
	}
	jw_end(w);
	if (n > 0) {
		last.at = list[n - 1].submitted_at;
		memcpy(last.id, list[n - 1].id, UUID_LEN);
	}
	page_write(w, &q->page, counted, more, &last);
	jw_end(w);
	return ERR_OK;
}
