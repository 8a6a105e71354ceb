/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies to feedback, and what is known of one evaluation. */
#include "config.h"

#include <string.h>

#include "domain/feedback.h"
#include "domain/judge_view.h"
#include "domain/schema.h"
#include "domain/view.h"
#include "util/ident.h"

static void
view_verdict(struct jw *w, const struct feedback_entry *e, size_t i)
{
	int	good = e->message == NULL;

	jw_obj(w);
	jw_kint(w, "index", (int64_t)i);
	jw_kstr(w, "evaluation_id", jv_text(e->body, "evaluation_id"));
	jw_kstr(w, "status", good ? "accepted" : "rejected");
	jw_kstr(w, "message", good ? "" : e->message);
	view_id(w, "feedback_id", "fb_", good ? e->feedback.id : NULL);
	jw_end(w);
}

void
view_feedback_call(struct jw *w, const struct feedback_call *call)
{
	const struct impact	*im = &call->impact;
	size_t			 i;

	jw_obj(w);
	jw_kstr(w, "batch_id", call->batch);
	view_id(w, "feedback_session_id", "fbs_", call->session_id);
	jw_kint(w, "submitted_count", (int64_t)call->stored);
	jw_kint(w, "failed_count", (int64_t)(call->n - call->stored));
	jw_kstr(w, "processing_status",
	    call->stored > 0 ? "submitted" : "failed");
	jw_karr(w, "validation_results");
	for (i = 0; i < call->n; i++)
		view_verdict(w, &call->entry[i], i);
	jw_end(w);
	if (call->impact_wanted) {
		jw_kobj(w, "impact_analysis");
		jw_kint(w, "significant_corrections", im->significant);
		jw_kround(w, "approval_rate", impact_approval_rate(im),
		    METRIC_DIGITS);
		jw_kround(w, "average_rating", impact_average_rating(im),
		    METRIC_DIGITS);
		jw_kbool(w, "retraining_recommended", call->recommended);
		jw_end(w);
	}
	view_time(w, "submitted_at", call->submitted_at);
	jw_end(w);
}

void
feedback_query_read(const struct jv *args, struct faults *f,
    struct feedback_query *q)
{
	const struct schema	*s = &schema_feedback_query;

	page_read(s, args, 1, f, &q->page);
	q->type = schema_word(s, args, "feedback_type");
	q->metadata = schema_bool(s, args, "include_metadata");
}

/* How many entries the filter lets through. */
static int64_t
count_of(const struct tally *t, const char *type)
{
	if (type == NULL)
		return tally_total(t);
	if (strcmp(type, "approval") == 0)
		return t->n[FEEDBACK_APPROVED] + t->n[FEEDBACK_REJECTED];
	return t->n[feedback_kind(type, 0)];
}

static void
write_summary(struct jw *w, const struct feedback_context *c)
{
	jw_kobj(w, "feedback_summary");
	jw_kround(w, "average_rating", c->average_rating, METRIC_DIGITS);
	jw_kint(w, "correction_count", c->count.n[FEEDBACK_CORRECTION]);
	jw_kint(w, "approval_count", c->count.n[FEEDBACK_APPROVED]);
	jw_kint(w, "rejection_count", c->count.n[FEEDBACK_REJECTED]);
	jw_kint(w, "comment_count", c->count.n[FEEDBACK_COMMENT]);
	jw_kint(w, "rating_count", c->count.n[FEEDBACK_RATING]);
	jw_end(w);
}

static void
write_context(struct jw *w, const struct feedback_context *c)
{
	jw_kobj(w, "evaluation_context");
	jw_kstr(w, "judge_id", c->judge_key);
	jw_kint(w, "judge_version", c->version);
	view_score_map(w, "original_scores", c->scores);
	view_time(w, "evaluation_date", c->evaluated_at);
	view_score_map(w, "raw_scores", c->raw);
	jw_end(w);
}

enum err
feedback_of_write(struct db *db, struct arena *a, const char *workspace_id,
    const char *evaluation, const struct feedback_query *q, struct jw *w)
{
	struct feedback_context	 c;
	struct feedback		*list;
	struct place		 last = { 0, "" };
	char			 id[UUID_LEN];
	enum err		 err;
	int			 n, more, i;

	if (!typeid_parse(evaluation, "eval_", id))
		return ERR_NOT_FOUND;
	if ((err = store_feedback_context(db, a, workspace_id, id, &c)) !=
	    ERR_OK || (err = store_feedback_of(db, a, workspace_id, id,
	    q->type, q->page.limit + 1, q->page.offset,
	    q->page.after ? q->page.last.at : 0, &list, &n)) != ERR_OK)
		return err;
	more = page_cut(&q->page, &n);
	jw_obj(w);
	jw_kstr(w, "evaluation_id", evaluation);
	jw_kint(w, "total_feedback_count", tally_total(&c.count));
	write_summary(w, &c);
	jw_karr(w, "feedback_entries");
	for (i = 0; i < n; i++) {
		list[i].judge_key = c.judge_key;
		jw_obj(w);
		view_feedback(w, &list[i], q->metadata);
		jw_end(w);
	}
	jw_end(w);
	write_context(w, &c);
	if (n > 0)
		last.at = list[n - 1].number;
	page_write(w, &q->page, count_of(&c.count, q->type), more, &last);
	jw_end(w);
	return ERR_OK;
}
