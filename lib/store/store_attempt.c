/* SPDX-License-Identifier: BSD-2-Clause */
/* Leases, reports and ends: every write that an attempt's number guards. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_attempt.h"

void
attempt_ref_set(struct attempt_ref *ref, const char *workspace_id,
    const char *job_id, int number)
{
	(void)snprintf(ref->workspace_id, sizeof(ref->workspace_id), "%s",
	    workspace_id);
	(void)snprintf(ref->job_id, sizeof(ref->job_id), "%s", job_id);
	ref->number = number;
}

/* Of what is read from no file: none. */
static const char *
offset_text(struct arena *a, int64_t v)
{
	return v < 0 ? NULL : sql_int(a, v);
}

static const char *
text_bool(int v)
{
	return v ? "true" : "false";
}

static const char *
text_or(const char *text, const char *otherwise)
{
	return text == NULL ? otherwise : text;
}

/* The key columns of many attempts, as three array parameters. */
static void
refs_params(struct arena *a, const struct attempt_ref *refs, size_t step,
    size_t n, const char *p[3])
{
	struct buf col[3];
	const struct attempt_ref *r;
	size_t i;

	sqlarr_begin_cols(col, 3, a);
	for (i = 0; i < n; i++) {
		r = (const struct attempt_ref *)
		    (const void *)((const char *)refs + i * step);
		sqlarr_add(&col[0], r->workspace_id);
		sqlarr_add(&col[1], r->job_id);
		sqlarr_add(&col[2], sql_int(a, r->number));
	}
	sqlarr_end_cols(col, 3, p);
}

/*
 * The row that answers for an attempt, or -1.  Answers mostly come in the
 * order of the question, so the search begins behind the last one found.
 */
static int
row_find(const struct rows *r, int job, int number,
    const struct attempt_ref *ref, int *hint)
{
	int i, k, n = rows_count(r);

	for (i = 0; i < n; i++) {
		k = (*hint + i) % n;
		if (rows_int(r, k, number) == ref->number &&
		    strcmp(rows_text(r, k, job), ref->job_id) == 0) {
			*hint = k + 1;
			return k;
		}
	}
	return -1;
}

enum err
store_attempt_beat(struct db *db, struct arena *a, struct beat *beats,
    size_t n, int64_t lease_seconds)
{
	const char *p[4];
	struct rows *r;
	enum err e;
	int hint = 0, k;
	size_t i;

	if (n == 0)
		return ERR_OK;
	refs_params(a, &beats[0].ref, sizeof(beats[0]), n, p);
	p[3] = sql_int(a, lease_seconds);
	if ((e = db_run(db, STMT_attempt_beat, p, &r)) != ERR_OK)
		return e;
	for (i = 0; i < n; i++) {
		k = row_find(r, 0, 1, &beats[i].ref, &hint);
		beats[i].alive = k != -1;
		beats[i].stop = k != -1 && rows_bool(r, k, 2);
	}
	rows_free(r);
	return ERR_OK;
}

enum err
store_attempt_expired(struct db *db, struct arena *a, size_t most,
    struct attempt_ref **out, size_t *n)
{
	const char *const p[] = { sql_int(a, (int64_t)most) };
	struct rows *r;
	enum err e;
	int i;

	*n = 0;
	if ((e = db_run(db, STMT_attempt_expired, p, &r)) != ERR_OK)
		return e;
	*n = (size_t)rows_count(r);
	*out = arena_alloc(a, (*n + 1) * sizeof(**out));
	for (i = 0; i < rows_count(r); i++)
		attempt_ref_set(&(*out)[i], rows_text(r, i, 0),
		    rows_text(r, i, 1), (int)rows_int(r, i, 2));
	rows_free(r);
	return ERR_OK;
}

enum err
store_attempt_lose(struct db *db, struct arena *a,
    const struct attempt_ref *refs, size_t n, const char *reason, int count,
    int expired, struct loss **out, size_t *nout)
{
	const char *p[6];
	struct loss *l;
	struct rows *r;
	enum err e;
	int i;

	*nout = 0;
	refs_params(a, refs, sizeof(*refs), n, p);
	p[3] = reason;
	p[4] = count ? "1" : "0";
	p[5] = expired ? "true" : "false";
	if ((e = db_run(db, STMT_attempt_lose, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	*nout = (size_t)rows_count(r);
	*out = l = arena_zalloc(a, (*nout + 1) * sizeof(*l));
	for (i = 0; i < rows_count(r); i++, l++) {
		(void)snprintf(l->job_id, sizeof(l->job_id), "%s",
		    rows_text(r, i, 0));
		l->number = (int)rows_int(r, i, 1);
		l->status = rows_text_opt(r, i, 2);
	}
	return ERR_OK;
}

enum err
store_attempt_current(struct db *db, struct arena *a,
    struct attempt_ref *refs, size_t *n)
{
	const char *p[3];
	struct rows *r;
	size_t i, kept = 0;
	int hint = 0;
	enum err e;

	if (*n == 0)
		return ERR_OK;
	refs_params(a, refs, sizeof(*refs), *n, p);
	if ((e = db_run(db, STMT_attempt_current, p, &r)) != ERR_OK)
		return e;
	for (i = 0; i < *n; i++)
		if (row_find(r, 0, 1, &refs[i], &hint) != -1)
			refs[kept++] = refs[i];
	rows_free(r);
	*n = kept;
	return ERR_OK;
}

/* The columns of attempt_finish after the key. */
#define FINISH_COLS	13

static void
finish_row(struct buf *col, struct arena *a, const struct finish *f)
{
	const char *const v[FINISH_COLS] = {
		f->ref.workspace_id, f->ref.job_id,
		sql_int(a, f->ref.number), f->status, f->final_event,
		f->error, f->error_type, offset_text(a, f->events_to),
		offset_text(a, f->stderr_to), sql_int(a, f->level), f->message,
		f->data, f->metric_sent,
	};
	size_t i;

	for (i = 0; i < FINISH_COLS; i++)
		sqlarr_add(&col[i], v[i]);
}

enum err
store_attempt_finish(struct db *db, struct arena *a, struct finish *ends,
    size_t n)
{
	const char *p[FINISH_COLS];
	struct buf col[FINISH_COLS];
	struct rows *r;
	enum err e;
	int hint = 0, k;
	size_t i;

	if (n == 0)
		return ERR_OK;
	sqlarr_begin_cols(col, FINISH_COLS, a);
	for (i = 0; i < n; i++)
		finish_row(col, a, &ends[i]);
	sqlarr_end_cols(col, FINISH_COLS, p);
	if ((e = db_run(db, STMT_attempt_finish, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	for (i = 0; i < n; i++) {
		k = row_find(r, 0, 1, &ends[i].ref, &hint);
		ends[i].became = k == -1 ? NULL : rows_text(r, k, 2);
	}
	return ERR_OK;
}

/* The columns of attempt_report. */
#define REPORT_COLS	27

static void
report_cols(struct arena *a, const struct report *w, int64_t lease_seconds,
    const char *col[REPORT_COLS])
{
	const char *const v[REPORT_COLS] = {
		w->ref.job_id, w->ref.workspace_id,
		w->ref.number == 0 ? NULL : sql_int(a, w->ref.number),
		w->face, sql_int(a, lease_seconds),
		offset_text(a, w->events_from), offset_text(a, w->events_to),
		offset_text(a, w->stderr_from), offset_text(a, w->stderr_to),
		text_or(w->log_levels, "{}"), text_or(w->log_messages, "{}"),
		text_or(w->log_data, "{}"),
		text_or(w->metric_types, "{}"),
		text_or(w->metric_steps, "{}"),
		text_or(w->metric_sent, "{}"),
		text_or(w->series_anew, "{}"),
		text_or(w->series, "{}"), text_or(w->points, "{}"),
		text_or(w->scalars, "{}"), text_or(w->dropped, "{}"),
		text_or(w->artifacts, "{}"), w->checkpoint, w->status,
		w->progress < 0 ? NULL : sql_int(a, w->progress),
		text_bool(w->started), text_bool(w->job_changes),
		text_bool(w->shown),
	};

	memcpy(col, v, sizeof(v));
}

/* Behind the columns of job_get_hosted. */
#define REPORT_NUMBER	29
#define REPORT_STOP	30

/* The rows stay as long as the arena. */
static void
report_answer(struct rows *r, int row, struct arena *a,
    const struct report *w, struct reported *out)
{
	struct job *job;

	rows_keep(r, a);
	out->number = (int)rows_int(r, row, REPORT_NUMBER);
	out->stop = rows_bool(r, row, REPORT_STOP);
	out->job = NULL;
	if (!w->shown || rows_null(r, row, 1))
		return;
	job = arena_alloc(a, sizeof(*job));
	store_job_hosted_at(r, row, arena_strdup(a, w->ref.workspace_id),
	    rows_text(r, row, 0), job);
	out->job = job;
}

enum err
store_attempt_report(struct db *db, struct arena *a, const struct report *w,
    int64_t lease_seconds, struct reported *out)
{
	const char *p[REPORT_COLS];
	struct rows *r;
	size_t i;
	enum err e;

	report_cols(a, w, lease_seconds, p);
	for (i = 0; i < REPORT_COLS; i++)
		p[i] = sqlarr_text(a, &p[i], 1);
	if ((e = db_run(db, STMT_attempt_report, p, &r)) != ERR_OK)
		return e;
	if (rows_count(r) == 1)
		report_answer(r, 0, a, w, out);
	else {
		rows_free(r);
		e = ERR_CONFLICT;
	}
	return e;
}

enum err
store_attempt_report_grouped(struct batcher *writer, struct arena *a,
    const struct report *w, int64_t lease_seconds, struct reported *out)
{
	struct batch_item item = { .stmt = STMT_attempt_report,
	    .ncols = REPORT_COLS, .key = w->ref.job_id };
	enum err e;

	report_cols(a, w, lease_seconds, item.col);
	if ((e = batcher_submit(writer, &item)) != ERR_OK)
		return e;
	if (!item.answered)
		return ERR_CONFLICT;
	report_answer(item.rows, item.row, a, w, out);
	return ERR_OK;
}

enum err
store_attempt_verdict(struct db *db, struct arena *a,
    const struct attempt_ref *ref, struct attempt_verdict *out)
{
	const char *const p[] = { ref->workspace_id, ref->job_id,
	    ref->number == 0 ? NULL : sql_int(a, ref->number) };
	struct rows *r;
	enum err e;

	if ((e = db_find(db, STMT_attempt_verdict, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	out->job_status = rows_text(r, 0, 0);
	out->final_event = rows_text_opt(r, 0, 1);
	return ERR_OK;
}

enum err
store_attempt_noted(struct db *db, const struct attempt_ref *ref,
    const char *organization_id, const char *actor, const char *action,
    const char *request_id)
{
	const char *const p[] = { ref->workspace_id, organization_id, actor,
	    ref->job_id, action, request_id };

	return db_run(db, STMT_attempt_noted, p, NULL);
}

enum err
store_attempt_state(struct db *db, struct arena *a,
    const struct attempt_ref *ref, struct attempt_state *out)
{
	const char *const p[] = { ref->workspace_id, ref->job_id,
	    sql_int(a, ref->number) };
	struct rows *r;
	enum err e;

	if ((e = db_find(db, STMT_attempt_state, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	out->status = rows_text(r, 0, 0);
	out->events_offset = rows_int(r, 0, 1);
	out->stderr_offset = rows_int(r, 0, 2);
	out->job_status = rows_text(r, 0, 3);
	out->cancelled = rows_bool(r, 0, 4);
	out->current = rows_bool(r, 0, 5);
	return ERR_OK;
}

enum err
store_attempt_token(struct db *db, struct arena *a,
    const struct attempt_ref *ref, const char *sha256, const char **org,
    const char **ws)
{
	const char *const p[] = { ref->workspace_id, ref->job_id,
	    sql_int(a, ref->number), sha256 };
	struct rows *r;
	enum err e;

	if ((e = db_run(db, STMT_attempt_token, p, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	if (rows_count(r) == 0)
		return ERR_CONFLICT;
	*org = rows_text(r, 0, 0);
	*ws = rows_text(r, 0, 1);
	return ERR_OK;
}

enum err
store_attempt_handle(struct db *db, struct arena *a,
    const struct attempt_ref *ref, const char *handle)
{
	const char *const p[] = { ref->workspace_id, ref->job_id,
	    sql_int(a, ref->number), handle };
	struct rows *r;
	enum err e;

	if ((e = db_run(db, STMT_attempt_handle, p, &r)) != ERR_OK)
		return e;
	e = rows_affected(r) == 1 ? ERR_OK : ERR_CONFLICT;
	rows_free(r);
	return e;
}

enum err
store_attempt_heard(struct db *db, struct arena *a,
    const struct attempt_ref *ref, int64_t *seq)
{
	const char *const p[] = { ref->workspace_id, ref->job_id,
	    sql_int(a, ref->number) };
	struct rows *r;
	enum err e;

	if ((e = db_run(db, STMT_attempt_heard, p, &r)) != ERR_OK)
		return e;
	*seq = rows_int(r, 0, 0);
	rows_free(r);
	return ERR_OK;
}

enum err
store_series_trim(struct db *db, struct arena *a,
    const struct attempt_ref *ref, int64_t keep)
{
	const char *const p[] = { ref->workspace_id, ref->job_id,
	    sql_int(a, ref->number), sql_int(a, keep) };

	return db_run(db, STMT_series_trim, p, NULL);
}
