/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a judge job: the model's bytes become a blob, then one
 * transaction makes the version, deploys it if it is due, and ends the job.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/dispatch.h"
#include "dispatch/meter.h"
#include "domain/blob.h"
#include "domain/deploy.h"
#include "store/store_artifact.h"
#include "store/store_judge_result.h"
#include "util/jv.h"
#include "util/jw.h"
#include "util/log.h"
#include "util/ts.h"

#define RETRY_AFTER	(SECOND / 2)
#define COPY_BYTES	65536

enum { FILE_MODEL, FILE_REPORT, FILE_PAGE, FILES };

struct result {
	struct arena	*arena;
	const struct jv	*validation;	/* validation_results */
	int		 validating;	/* nothing is made */
	const char	*data_dir;
	const struct jv	*document;	/* the job's, NULL: lost */
	char		 version_id[UUID_LEN];
	struct file {
		char		 sha256[SHA256_HEX_LEN];
		struct blob_in	*in;	/* NULL: none on its way */
		int		 pinned;
	} file[3];			/* FILE_... */
	char		 summary[160];
};

/* Number of a member of a member, NAN when it is null or absent. */
static double
metric(const struct jv *v, const char *block, const char *column)
{
	double x;

	return jv_num(jv_member(jv_member(v, block), column), &x) ? x : NAN;
}

/*
 * Is the active version still the one that the trainer compared with?  A
 * version that only has another name has the same model.
 */
static int
compared(const struct result *t, const struct result_facts *f)
{
	const char *then = jv_text(t->document, "active_model");
	char now[PATH_MAX];

	if (t->document == NULL)
		return (0);
	if (then == NULL || f->active_model_sha256 == NULL)
		return (then == NULL && f->active_model_sha256 == NULL);
	return (blob_path(t->data_dir, f->active_model_sha256, now,
	    sizeof(now)) == 0 && strcmp(then, now) == 0);
}

static void
decide(void *arg, const struct result_facts *f, struct result_verdict *v)
{
	struct result *t = arg;
	const struct lineage base = { f->trained_through, f->seen_through,
	    f->seen_split };
	struct deploy_case c = {
		.requested = f->auto_deploy,
		.require_improvement = f->require_improvement,
		.criteria_changed = f->criteria_changed,
		.compared = compared(t, f),
		.mae_trained = metric(t->validation, "pooled_mae", "trained"),
		.mae_active = metric(t->validation, "pooled_mae", "active"),
		.rank_trained = metric(t->validation,
		    "pooled_pairwise_accuracy", "trained"),
		.rank_active = metric(t->validation,
		    "pooled_pairwise_accuracy", "active"),
	};
	enum deploy_reason reason;
	struct lineage next;
	struct jw w;

	if (t->validating)
		return;
	if (!jv_int(jv_member(t->validation, "holdout_count"), &c.holdout))
		c.holdout = 0;
	reason = deploy_decide(&c);
	next = lineage_next(f->training_type, &base, f->high_water_mark,
	    f->split);
	lineage_summary(t->summary, sizeof(t->summary), f->training_type,
	    f->usable, c.mae_active, c.mae_trained);
	jw_init(&w, t->arena);
	jw_obj(&w);
	jw_kbool(&w, "requested", f->auto_deploy);
	jw_kbool(&w, "deployed", deploy_reason_active(reason));
	jw_kstr(&w, "reason", deploy_reason_word(reason));
	jw_end(&w);
	v->version = f->last_version + 1;
	v->deploy = deploy_reason_active(reason);
	v->version_id = t->version_id;
	v->model_sha256 = t->file[FILE_MODEL].sha256;
	v->trained_through = next.trained_through;
	v->seen_through = next.seen_through;
	v->seen_split = next.seen_split;
	v->mark = lineage_moves_mark(f->training_type) ?
	    f->high_water_mark : -1;
	v->summary = t->summary;
	v->deployment = jw_text(&w, NULL);
	v->reason = deploy_reason_word(reason);
}

static const struct jv *
document_read(struct arena *a, const struct run *r)
{
	char path[PATH_MAX], *text = NULL;
	struct jv *v = NULL;
	ssize_t n = -1;
	off_t size;
	int fd;

	run_path(r, "job.json", path);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (NULL);
	if ((size = lseek(fd, 0, SEEK_END)) > 0) {
		text = arena_alloc(a, (size_t)size);
		n = pread(fd, text, (size_t)size, 0);
	}
	(void)close(fd);
	if (n <= 0 || jv_parse_checked(a, text, (size_t)n, &v) == -1)
		return (NULL);
	return (v);
}

/* A file's bytes, durable but not yet kept: NULL, or what went wrong. */
static const char *
file_read(struct dispatcher *d, const char *what, const char *path,
    struct file *f)
{
	char *buf = arena_alloc(d->arena, COPY_BYTES);
	enum err e = ERR_OK;
	int64_t size;
	ssize_t n;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return arena_printf(d->arena, "the %s cannot be read: %s",
		    what, strerrordesc_np(errno));
	if (blob_init(d->conf->data_dir) == -1 ||
	    blob_begin(d->conf->data_dir, &f->in) != ERR_OK)
		e = ERR_INTERNAL;
	while (e == ERR_OK && (n = read(fd, buf, COPY_BYTES)) != 0) {
		if (n > 0)
			e = blob_add(f->in, buf, (size_t)n);
		else if (errno != EINTR)
			e = ERR_INTERNAL;
	}
	(void)close(fd);
	if (e == ERR_OK)
		e = blob_seal(&f->in, NULL, f->sha256, &size);
	else
		blob_abort(&f->in);
	return e == ERR_OK ? NULL : arena_printf(d->arena,
	    "the %s could not be stored", what);
}

/*
 * A report is for people: a job is done without one, and a runner need not
 * write one.
 */
static void
report_read(struct dispatcher *d, const struct run *r,
    const struct progress *p, struct result *t)
{
	static const char *const keys[] = {
		[FILE_REPORT] = "report", [FILE_PAGE] = "report_html"
	};
	const char *path, *why = NULL;
	int i;

	for (i = FILE_REPORT; why == NULL && i < FILES; i++) {
		path = jv_text(p->artifacts, keys[i]);
		if (path == NULL)
			break;
		why = file_read(d, keys[i], path, &t->file[i]);
	}
	if (why != NULL)
		log_warnx("%s job=%s", why, r->ref.job_id);
	/* Both or none. */
	for (i = FILE_REPORT; t->file[FILE_PAGE].in == NULL && i < FILES; i++)
		blob_abort(&t->file[i].in);
}

/* NULL, or why this is no result. */
static const char *
result_read(struct dispatcher *d, struct run *r, const struct progress *p,
    struct result *t)
{
	const char *path;

	t->validating = strcmp(r->training_type, "validation") == 0;
	t->validation = p->data == NULL ? NULL :
	    jv_member(p->data, "validation_results");
	if (jv_type(t->validation) != JV_OBJECT)
		return "the runner reported no validation_results";
	if (t->validating)
		return NULL;
	path = jv_text(p->artifacts, "model");
	if (path == NULL)
		return "the runner reported no model";
	t->document = document_read(d->arena, r);
	return file_read(d, "model", path, &t->file[FILE_MODEL]);
}

/* Pinned and in its place; what fails leaves the file to be forgotten. */
static enum err
file_keep(struct dispatcher *d, struct file *f)
{
	enum err e;

	if (f->in == NULL)
		return ERR_OK;
	if ((e = store_blob_pin(d->db, f->sha256)) != ERR_OK)
		return e;
	f->pinned = 1;
	return blob_keep(&f->in);
}

static void
file_unpin(struct dispatcher *d, struct file *f)
{
	blob_abort(&f->in);
	/* a connection that broke has let it go */
	if (f->pinned && store_blob_unpin(d->db, f->sha256) != ERR_OK &&
	    db_alive(d->db))
		log_warnx("the lock of a file is not free sha256=%s",
		    f->sha256);
	f->pinned = 0;
}

/* Files get their places and then the rows that name them: see blob_gc.h. */
static enum err
result_store(struct dispatcher *d, const struct result_event *ev,
    struct result *t)
{
	enum err e = ERR_OK;
	int i;

	for (i = 0; e == ERR_OK && i < FILES; i++)
		e = file_keep(d, &t->file[i]);
	if (e == ERR_OK)
		e = store_judge_result(d->db, d->arena, ev, decide, t);
	for (i = 0; i < FILES; i++)
		file_unpin(d, &t->file[i]);
	return e;
}

int
result_complete(struct dispatcher *d, struct run *r,
    const struct progress *p, int64_t events_to)
{
	struct result t = { .arena = d->arena,
	    .data_dir = d->conf->data_dir };
	struct result_event ev = {
		.ref = r->ref,
		.message = p->message,
		.sent = jv_json(d->arena, p->metrics),
		.events_to = events_to,
	};
	const struct job_report report = { t.file[FILE_REPORT].sha256,
	    t.file[FILE_PAGE].sha256 };
	const char *why;
	enum err e;

	if ((why = result_read(d, r, p, &t)) != NULL) {
		run_finish(d, r, "failed", "internal_error", why);
		return 0;
	}
	ev.validation = jv_json(d->arena, t.validation);
	report_read(d, r, p, &t);
	if (t.file[FILE_PAGE].in != NULL)
		ev.report = &report;
	uuid_new(t.version_id);
	e = result_store(d, &ev, &t);
	if (e == ERR_CONFLICT) {
		(void)run_resync(d, r, "result");
		return r->settled;
	}
	if (e != ERR_OK) {
		if (!link_transient(d, e))
			run_finish(d, r, "failed", "internal_error",
			    "the result could not be recorded");
		else
			r->next = ts_mono() + RETRY_AFTER;
		return 0;
	}
	d->count.finished++;
	meter_ended(r, "completed");
	log_info("completed job=%s attempt=%d", r->ref.job_id,
	    r->ref.number);
	run_settle(r);
	r->tidy = 1;
	return 1;
}
