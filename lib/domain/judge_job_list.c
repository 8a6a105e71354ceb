/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of judge jobs. */
#include "config.h"

#include <string.h>

#include "domain/judge_job_list.h"
#include "domain/judge_job_view.h"
#include "domain/schema.h"
#include "store/store_judge_job.h"
#include "util/ts.h"

static enum judge_job_sort
order_of(const char *by, int up)
{
	if (by != NULL && strcmp(by, "completed_at") == 0)
		return up ? JUDGE_JOB_FIRST_DONE : JUDGE_JOB_LAST_DONE;
	if (by != NULL && strcmp(by, "progress_percentage") == 0)
		return up ? JUDGE_JOB_LEAST_DONE : JUDGE_JOB_MOST_DONE;
	return up ? JUDGE_JOB_OLDEST : JUDGE_JOB_NEWEST;
}

void
judge_job_filter_read(const struct jv *args, struct faults *f,
    struct judge_job_filter *filter, struct page *page)
{
	const struct schema	*s = &schema_judge_jobs_query;
	const char		*by = jv_text(args, "sort_by");
	const char		*order = jv_text(args, "sort_order");

	page_read(s, args, by == NULL || strcmp(by, "created_at") == 0, f,
	    page);
	memset(filter, 0, sizeof(*filter));
	filter->judge_key = jv_text(args, "judge_id");
	filter->status = jv_text(args, "status");
	filter->type = jv_text(args, "training_type");
	filter->since = jv_time(args, "created_after", TS_NONE);
	filter->until = jv_time(args, "created_before", TS_NONE);
	filter->order = order_of(by, order != NULL &&
	    strcmp(order, "asc") == 0);
	/* one more, to see whether there is a next page */
	filter->limit = page->limit + 1;
	filter->offset = page->offset;
	filter->after_at = page->last.at;
	filter->after_id = page->after ? page->last.id : NULL;
}

/* All matches. */
static enum err
count(struct db *db, struct arena *a, const char *workspace_id,
    const struct judge_job_filter *filter, const struct page *page, int n,
    int64_t *counted)
{
	if (page_tells(page, n, counted))
		return ERR_OK;
	return store_judge_job_count(db, a, workspace_id, filter,
	    PAGE_REACH + 1, counted);
}

enum err
judge_job_list_write(struct db *db, struct arena *a,
    const char *workspace_id, const struct judge_job_filter *filter,
    const struct page *page, struct jw *w)
{
	struct page_row	*at;
	struct job		*jobs;
	struct place		 last = { 0, "" };
	int64_t			 counted;
	enum err		 err;
	int			 n, more, i, by_time;

	if ((err = store_judge_job_page(db, a, workspace_id, filter, &at,
	    &n)) != ERR_OK || (err = count(db, a, workspace_id, filter, page,
	    n, &counted)) != ERR_OK)
		return err;
	more = page_cut(page, &n);
	by_time = filter->order == JUDGE_JOB_NEWEST ||
	    filter->order == JUDGE_JOB_OLDEST;
	if (n > 0) {
		last.at = at[n - 1].at;
		memcpy(last.id, at[n - 1].id, UUID_LEN);
	}
	if ((err = store_judge_job_read(db, a, workspace_id, at, &n,
	    &jobs)) != ERR_OK || (err = db_commit(db)) != ERR_OK)
		return err;
	jw_obj(w);
	jw_karr(w, "jobs");
	for (i = 0; i < n; i++) {
		jw_obj(w);
		view_judge_job_members(w, &jobs[i], 1);
		jw_end(w);
	}
	jw_end(w);
	page_write(w, page, counted, more, by_time ? &last : NULL);
	jw_end(w);
	return ERR_OK;
}
