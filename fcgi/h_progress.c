/* SPDX-License-Identifier: BSD-2-Clause */
/* What workers report. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "domain/post.h"
#include "domain/view.h"
#include "fcgi/app.h"
#include "fcgi/gate.h"
#include "fcgi/idem.h"
#include "fcgi/route.h"
#include "util/log.h"

/* Prefer: return=minimal (RFC 7240), among others perhaps */
static int
prefers_minimal(struct req *req)
{
	const char	*p = req->header(req, "HTTP_PREFER");
	size_t		 n;

	for (; p != NULL && *p != '\0'; p += n + (p[n] == ',')) {
		p += strspn(p, " \t");
		n = strcspn(p, ",");
		if ((strncasecmp(p, "return=minimal", 14) == 0 &&
		    strchr(" \t,;", p[14]) != NULL) ||
		    strncasecmp(p, "return=\"minimal\"", 16) == 0)
			return 1;
	}
	return 0;
}

static enum err
job_reply(struct req *req, struct reply *reply, const struct post *t,
    const struct job *job)
{
	struct jw	w;

	jw_init(&w, req->arena);
	view_hosted_job(&w, job);
	reply_json(reply, 200, &w);
	if (t->minimal)
		reply_header(req, reply, "Preference-Applied",
		    "return=minimal");
	return ERR_OK;
}

/* The job as it is in this transaction. */
static enum err
job_read(struct req *req, struct reply *reply, struct db *db,
    const struct post *t)
{
	struct job	job;
	enum err	err;

	err = store_job_get_hosted(db, req->arena, req->tenant.workspace_id,
	    t->ref.job_id, t->minimal ? KNOWN_ANY : KNOWN_NONE, &job);
	return err == ERR_OK ? job_reply(req, reply, t, &job) : err;
}

/* ERR_OK: it is the last one again, which was recorded the first time. */
static enum err
refused(struct req *req, struct reply *reply, struct db *db,
    const struct post *t)
{
	const char	*event = progress_word(t->event->type);
	enum err	 err;

	err = post_verdict(db, req->arena, t);
	switch (err) {
	case ERR_OK:
		return err;
	case ERR_NOT_FOUND:
		return reply_error(req, reply, err, "no such job");
	case ERR_JOB_FINISHED:
		log_info("event after the end refused job=%s event=%s",
		    t->ref.job_id, event);
		return reply_error(req, reply, err, NULL);
	case ERR_CONFLICT:
		break;
	default:
		return err;
	}
	if (t->ref.number == 0)
		return reply_error(req, reply, err,
		    "the job has no attempt under way");
	gate_stale(req, t->ref.job_id, t->ref.number,
	    arena_printf(req->arena, "event=%s", event));
	return reply_error(req, reply, err,
	    "attempt %d of the job is not under way any more",
	    t->ref.number);
}

static enum err
audit(struct req *req, struct db *db, const struct post *t)
{
	const char	*actor = req->who.account_id;

	if (!progress_terminal(t->event->type))
		return ERR_OK;
	if (req->who.job_id[0] != '\0')
		actor = arena_printf(req->arena, "attempt:%d",
		    req->who.attempt);
	return store_attempt_noted(db, &t->ref, req->tenant.organization_id,
	    actor, t->event->type == PROGRESS_TRAINING_END ? "job.complete" :
	    "job.fail", req->id);
}

/*
 * In a transaction of its own: an end, which is two statements, and what
 * leaves its reply under an idempotency key.
 */
static enum err
record_alone(struct req *req, struct reply *reply, struct db *db,
    struct post *t)
{
	enum err	err;

	if ((err = db_begin(db)) != ERR_OK ||
	    (err = idem_claim(req, reply, db)) != ERR_OK)
		return err;
	if ((err = post_alone(db, req->arena, t)) == ERR_OK)
		err = audit(req, db, t);
	else if (err == ERR_CONFLICT)
		err = refused(req, reply, db, t);
	if (err == ERR_OK)
		err = job_read(req, reply, db, t);
	return err == ERR_OK ? idem_commit(req, reply, db) : err;
}

/* In one commit with events of other jobs. */
static enum err
record_grouped(struct req *req, struct reply *reply, struct post *t)
{
	struct job	 job;
	struct db	*db;
	enum err	 err;

	err = post_grouped(req->app->writer, req->arena, t);
	if (err == ERR_CONFLICT) {
		if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
			return err;
		if ((err = refused(req, reply, db, t)) == ERR_OK)
			err = job_read(req, reply, db, t);
		pool_give(req->app->pool, db);
		return err;
	}
	if (err == ERR_OK && t->job != NULL)
		return job_reply(req, reply, t, t->job);
	if (err == ERR_OK)
		err = store_job_get_grouped(req->app->reader, req->arena,
		    req->tenant.workspace_id, t->ref.job_id,
		    t->minimal ? KNOWN_ANY : KNOWN_NONE, &job);
	return err == ERR_OK ? job_reply(req, reply, t, &job) : err;
}

static enum err
record(struct req *req, struct reply *reply, struct post *t)
{
	struct db	*db;
	enum err	 err;

	if (req->idem.key == NULL && !progress_terminal(t->event->type))
		return record_grouped(req, reply, t);
	if ((err = pool_take(req->app->pool, &db)) != ERR_OK)
		return err;
	err = record_alone(req, reply, db, t);
	pool_give(req->app->pool, db);
	return err;
}

enum err
h_training_progress(struct req *req, struct reply *reply)
{
	struct progress	 event;
	struct post	 t = { .event = &event,
	    .lease_seconds = req->app->conf->lease_seconds,
	    .minimal = prefers_minimal(req) };
	struct db	*db;
	const char	*bad;
	char		 id[UUID_LEN];
	enum err	 err;

	/* what the schema does not say */
	if ((bad = progress_read(req->arena, req->json, 0, &event)) != NULL) {
		fault_add(&req->faults, &loc_body, "value_error", "%s", bad);
		return reply_error(req, reply, ERR_VALIDATION, NULL);
	}
	if (!uuid_parse(route_param(req, "job_id"), id))
		return reply_error(req, reply, ERR_NOT_FOUND, "no such job");
	attempt_ref_set(&t.ref, req->tenant.workspace_id, id,
	    req->who.attempt);
	err = record(req, reply, &t);
	if (err == ERR_OK && post_trim_due(&t) &&
	    pool_take(req->app->pool, &db) == ERR_OK) {
		post_trim(db, req->arena, &t);
		pool_give(req->app->pool, db);
	}
	return err;
}
