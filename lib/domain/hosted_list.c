/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists on the hosted face. */
#include "config.h"

#include <string.h>

#include "domain/hosted.h"
#include "domain/hosted_list.h"
#include "domain/job.h"
#include "domain/schema.h"
#include "domain/view.h"
#include "util/log.h"
#include "util/ts.h"

#define ATTEMPTS_MOST	1000	/* the newest; nobody retries more often */

/* The states that a word of this face stands for. */
static void
status_read(const char *word, struct job_filter *filter)
{
	enum job_state	s;

	if (word == NULL)
		return;
	filter->by_status = 1;
	for (s = 0; s < JOB__MAX; s++) {
		if (strcmp(state_face_word(s, FACE_HOSTED), word) != 0)
			continue;
		if (state_phase(s) == PHASE_FINISHED)
			filter->done = state_word(s);
		else
			filter->open[filter->nopen++] = state_word(s);
	}
}

static void
kinds_read(const char *backend, const char *trainer,
    struct job_filter *filter)
{
	const char	*kinds[HOSTED_KINDS];
	int		 n;

	n = hosted_kinds(backend, trainer, kinds);
	filter->nkinds = n == HOSTED_KINDS ? -1 : n;
	if (n < HOSTED_KINDS)
		memcpy(filter->kind, kinds, sizeof(filter->kind));
}

static void
tags_read(const struct jv *list, struct arena *a, struct job_filter *filter)
{
	int	i;

	filter->ntags = (int)jv_len(list);
	filter->tag = arena_zalloc(a, ((size_t)filter->ntags + 1) *
	    sizeof(*filter->tag));
	for (i = 0; i < filter->ntags; i++)
		filter->tag[i] = jv_str(jv_at(list, (size_t)i), NULL);
}

static enum job_order
order_of(const char *sort)
{
	static const struct {
		const char	*word;
		enum job_order	 order;
	} orders[] = {
		{ "-created_at", JOB_NEWEST },
		{ "created_at", JOB_OLDEST },
		{ "-updated_at", JOB_LAST_CHANGED },
		{ "updated_at", JOB_FIRST_CHANGED },
	};
	size_t	i;

	for (i = 0; sort != NULL && i < sizeof(orders) / sizeof(orders[0]);
	    i++)
		if (strcmp(sort, orders[i].word) == 0)
			return orders[i].order;
	return JOB_NEWEST;
}

void
hosted_filter_read(const struct jv *args, struct arena *a, struct faults *f,
    struct job_filter *filter, struct page *page)
{
	page_read_numbered(&schema_jobs_query, args, f, page);
	memset(filter, 0, sizeof(*filter));
	status_read(jv_text(args, "status"), filter);
	kinds_read(jv_text(args, "backend"), jv_text(args, "trainer_type"),
	    filter);
	tags_read(jv_member(args, "tag"), a, filter);
	filter->project_key = jv_text(args, "project_ref");
	filter->name = jv_text(args, "name");
	filter->model = jv_text(args, "model");
	filter->since = jv_time(args, "created_after", TS_NONE);
	filter->until = jv_time(args, "created_before", TS_NONE);
	filter->order = order_of(jv_text(args, "sort"));
	/* one more, to see whether there is a next page */
	filter->limit = page->limit + 1;
	filter->offset = page->offset;
	filter->after_at = page->last.at;
	filter->after_id = page->after ? page->last.id : NULL;
}

/* All matches. */
static enum err
count(struct db *db, struct arena *a, const char *workspace_id,
    const struct job_filter *filter, const struct page *page, int n,
    int64_t *counted)
{
	if (page_tells(page, n, counted))
		return ERR_OK;
	return store_job_count(db, a, workspace_id, filter, PAGE_REACH + 1,
	    counted);
}

enum err
hosted_list_write(struct db *db, struct arena *a, const char *workspace_id,
    const struct job_filter *filter, const struct page *page, struct jw *w)
{
	struct page_row	*at;
	struct job		*jobs;
	struct place		 last = { 0, "" };
	int64_t			 counted;
	enum err		 err;
	int			 n, more, i;

	if ((err = store_job_page(db, a, workspace_id, filter, &at, &n)) !=
	    ERR_OK || (err = count(db, a, workspace_id, filter, page, n,
	    &counted)) != ERR_OK)
		return err;
	more = page_cut(page, &n);
	if (n > 0) {
		last.at = at[n - 1].at;
		memcpy(last.id, at[n - 1].id, UUID_LEN);
	}
	if ((err = store_job_read(db, a, workspace_id, at, &n, &jobs)) !=
	    ERR_OK || (err = db_commit(db)) != ERR_OK)
		return err;
	jw_obj(w);
	jw_karr(w, "items");
	for (i = 0; i < n; i++)
		view_hosted_job(w, &jobs[i]);
	jw_end(w);
	page_write_numbered(w, page, counted, more, &last);
	jw_end(w);
	return ERR_OK;
}

/* An attempt that is handed out but has not begun still waits, as its job. */
static const char *
attempt_word(const char *status)
{
	return strcmp(status, "claimed") == 0 ? "queued" : status;
}

enum err
job_attempts_write(struct db *db, struct arena *a, const char *workspace_id,
    enum job_face face, const char *id, struct jw *w)
{
	struct job_attempt	*t;
	int64_t			 total;
	enum err		 err;
	int			 n, i;

	if ((err = store_job_attempts(db, a, workspace_id, id,
	    state_face(face), ATTEMPTS_MOST, &t, &n, &total)) != ERR_OK)
		return err;
	jw_obj(w);
	jw_karr(w, "items");
	for (i = 0; i < n; i++) {
		jw_obj(w);
		jw_kint(w, "attempt", t[i].number);
		if (face == FACE_JUDGE)
			view_id(w, "execution_id", "exec_",
			    t[i].execution_id);
		jw_kstr(w, "status", attempt_word(t[i].status));
		jw_kstr(w, "engine", t[i].engine);
		view_time(w, "queued_at", t[i].queued_at);
		view_time(w, "started_at", t[i].started_at);
		view_time(w, "completed_at", t[i].completed_at);
		jw_kstr(w, "error", t[i].error);
		jw_kraw(w, "metrics", t[i].metrics);
		jw_kraw(w, "artifacts", t[i].artifacts);
		jw_end(w);
	}
	jw_end(w);
	jw_kint(w, "total", total);
	jw_end(w);
	return ERR_OK;
}

enum err
hosted_artifacts_write(struct db *db, struct arena *a,
    const char *workspace_id, const char *id, struct jw *w)
{
	const char	*artifacts;
	enum err	 err;

	if ((err = store_job_artifacts(db, a, workspace_id, id,
	    &artifacts)) != ERR_OK)
		return err;
	jw_obj(w);
	jw_kraw(w, "artifacts", artifacts);
	jw_end(w);
	return ERR_OK;
}

/* "key": the state's word on this face, null for none. */
static void
state_write(struct jw *w, const char *key, const char *word,
    enum job_face face)
{
	enum job_state	state;

	if (word != NULL && state_parse(word, &state) == -1)
		fatalx("an event with status %s cannot be shown", word);
	jw_kstr(w, key, word == NULL ? NULL : state_face_word(state, face));
}

enum err
job_events_write(struct db *db, struct arena *a, const char *workspace_id,
    enum job_face face, const char *id, const struct jv *args, struct jw *w,
    int *items)
{
	const struct schema	*s = &schema_job_events_query;
	struct job_event	*e;
	int64_t			 after = schema_int(s, args, "after");
	enum err		 err;
	int			 n, i;

	if ((err = store_job_events(db, a, workspace_id, id,
	    state_face(face), after, schema_int(s, args, "limit"), &e,
	    &n)) != ERR_OK)
		return err;
	*items = n;
	jw_obj(w);
	jw_karr(w, "items");
	for (i = 0; i < n; i++) {
		jw_obj(w);
		jw_kint(w, "seq", e[i].seq);
		jw_kstr(w, "event", e[i].event);
		state_write(w, "from", e[i].from, face);
		state_write(w, "to", e[i].to, face);
		jw_kint(w, "attempt", e[i].attempt);
		jw_kstr(w, "message", e[i].message);
		jw_kraw(w, "data", e[i].data == NULL ? "{}" : e[i].data);
		view_time(w, "timestamp", e[i].at);
		jw_end(w);
	}
	jw_end(w);
	jw_kint(w, "next_after", n > 0 ? e[n - 1].seq : after);
	jw_end(w);
	return ERR_OK;
}
