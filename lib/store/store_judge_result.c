/* SPDX-License-Identifier: BSD-2-Clause */
/* Ends a judge job with what it made. */
#include "config.h"

#include "store/sqlval.h"
#include "store/store_judge_result.h"

/* ERR_CONFLICT when the attempt is not the current one. */
static enum err
result_hold(struct db *db, struct arena *a, const struct attempt_ref *ref,
    struct result_facts *f)
{
	const char *const key[] = { ref->workspace_id, ref->job_id,
	    sql_int(a, ref->number) };
	struct rows *r;
	enum err e;

	if ((e = db_run(db, STMT_result_lock, key, &r)) != ERR_OK)
		return e;
	e = rows_count(r) == 1 ? ERR_OK : ERR_CONFLICT;
	rows_free(r);
	if (e != ERR_OK)
		return e;
	/* Only a new statement sees what the locks waited for. */
	if ((e = db_run(db, STMT_result_facts, key, &r)) != ERR_OK)
		return e;
	rows_keep(r, a);
	if (rows_count(r) == 0)
		return ERR_CONFLICT;
	f->judge_id = rows_text(r, 0, 0);
	f->training_type = rows_text(r, 0, 1);
	f->created_by = rows_text(r, 0, 2);
	f->base_version = (int)rows_int(r, 0, 3);
	f->auto_deploy = rows_bool(r, 0, 4);
	f->backup = rows_bool(r, 0, 5);
	f->require_improvement = rows_bool(r, 0, 6);
	f->split = rows_num(r, 0, 7);
	f->active_version = (int)rows_int(r, 0, 8);
	f->last_version = (int)rows_int(r, 0, 9);
	f->trained_through = rows_int(r, 0, 10);
	f->seen_through = rows_int(r, 0, 11);
	f->seen_split = rows_num(r, 0, 12);
	f->high_water_mark = rows_int(r, 0, 13);
	f->usable = rows_int(r, 0, 14);
	f->criteria_changed = rows_bool(r, 0, 15);
	f->active_model_sha256 = rows_text_opt(r, 0, 16);
	return ERR_OK;
}

static enum err
result_version(struct db *db, struct arena *a, const struct result_event *ev,
    const struct result_facts *f, const struct result_verdict *v)
{
	const char *ws = ev->ref.workspace_id, *job = ev->ref.job_id;
	const char *number = sql_int(a, v->version);
	const char *base = sql_int(a, f->base_version);
	const char *const retire[] = { ws, f->judge_id,
	    f->backup ? "deployed" : "archived" };
	const char *const version[] = { ws, f->judge_id, number,
	    v->version_id, v->deploy ? "active" : "draft", v->model_sha256,
	    base, job, sql_int(a, v->trained_through),
	    sql_int(a, v->seen_through), sql_real(a, v->seen_split),
	    sql_int(a, f->usable), ev->validation, v->summary,
	    f->created_by };
	const char *const criteria[] = { ws, f->judge_id, base, number,
	    job };
	const char *const deployment[] = { ws, f->judge_id, number,
	    f->created_by, v->reason, job };
	const char *const judge[] = { ws, f->judge_id, number,
	    v->deploy ? "true" : "false",
	    v->mark < 0 ? NULL : sql_int(a, v->mark), job };
	enum err e;

	/* At most one version is active at any moment, this one included. */
	if (v->deploy &&
	    (e = db_run(db, STMT_result_retire, retire, NULL)) != ERR_OK)
		return e;
	if ((e = db_run(db, STMT_result_version, version, NULL)) != ERR_OK)
		return e;
	if ((e = db_run(db, STMT_result_criteria, criteria, NULL)) != ERR_OK)
		return e;
	if (v->deploy && (e = db_run(db, STMT_result_deployment, deployment,
	    NULL)) != ERR_OK)
		return e;
	return db_run(db, STMT_result_judge, judge, NULL);
}

static enum err
result_job(struct db *db, struct arena *a, const struct result_event *ev,
    const struct result_verdict *v)
{
	const char *const p[] = { ev->ref.workspace_id, ev->ref.job_id,
	    sql_int(a, ev->ref.number), ev->validation,
	    v->version == 0 ? NULL : sql_int(a, v->version),
	    v->version == 0 ? NULL : v->version_id, v->deployment,
	    sql_int(a, ev->events_to), ev->message, ev->sent,
	    v->deploy ? "true" : "false" };
	struct rows *r;
	enum err e;

	if ((e = db_run(db, STMT_result_job, p, &r)) != ERR_OK)
		return e;
	e = rows_count(r) == 1 ? ERR_OK : ERR_CONFLICT;
	rows_free(r);
	return e;
}

enum err
store_judge_result(struct db *db, struct arena *a,
    const struct result_event *ev,
    void (*decide)(void *, const struct result_facts *,
    struct result_verdict *), void *arg)
{
	struct result_verdict v = { .mark = -1 };
	struct result_facts f;
	enum err e;

	if ((e = db_begin(db)) != ERR_OK)
		return e;
	if ((e = result_hold(db, a, &ev->ref, &f)) == ERR_OK) {
		decide(arg, &f, &v);
		if (v.version != 0)
			e = result_version(db, a, ev, &f, &v);
		if (e == ERR_OK)
			e = result_job(db, a, ev, &v);
		if (e == ERR_OK && ev->report != NULL)
			e = store_report_add(db, ev->ref.workspace_id,
			    ev->ref.job_id, ev->report);
	}
	/* Another version took the number: that is for a second try. */
	if (e == ERR_CONFLICT && db_fault(db)->sqlstate[0] != '\0')
		e = ERR_UNAVAILABLE;
	if (e == ERR_OK)
		e = db_commit(db);
	if (e != ERR_OK)
		db_rollback(db);
	return e;
}
