/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes what a run is about into its work folder, in bounded steps, so that
 * leases are renewed while millions of entries go by.  A judge job:
 *
 *	evaluations.jsonl	what it learns from: the frozen selection
 *	consistency.jsonl	held-out content that was scored repeatedly
 *	job.json		the rest; written last
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dispatch/dispatch.h"
#include "dispatch/document.h"
#include "domain/blob.h"
#include "util/log.h"
#include "util/ts.h"

/* Entries looked through in one step; the size follows what they weigh. */
#define WINDOW_FIRST	64
#define WINDOW_MOST	512
#define WINDOW_LIGHT	((size_t)1 << 20)
#define WINDOW_HEAVY	((size_t)8 << 20)
#define RETRY_AFTER	(SECOND / 2)

struct document *
document_new(void)
{
	struct document *doc;

	if ((doc = calloc(1, sizeof(*doc))) == NULL)
		fatalx("out of memory");
	doc->arena = arena_new(4096);
	doc->window = WINDOW_FIRST;
	return doc;
}

void
document_free(struct document *doc)
{
	if (doc == NULL)
		return;
	if (doc->file != NULL)
		(void)fclose(doc->file);
	repeats_free(doc->repeats);
	arena_free(doc->arena);
	free(doc);
}

enum err
document_fault(struct document *doc)
{
	doc->fault = errno;
	return ERR_INTERNAL;
}

static int
file_open(struct run *r, const char *name, FILE **f)
{
	char path[PATH_MAX];

	run_path(r, name, path);
	return (*f = fopen(path, "we")) == NULL ? -1 : 0;
}

static int
file_close(struct document *doc)
{
	FILE *f = doc->file;

	doc->file = NULL;
	return fclose(f) == EOF ? -1 : 0;
}

int
document_line(FILE *f, struct jw *w)
{
	const char *text;
	size_t len;

	text = jw_text(w, &len);
	return fwrite(text, 1, len, f) != len || putc('\n', f) == EOF ? -1 :
	    0;
}

void
document_id(struct jw *w, const char *key, const char *prefix,
    const char *uuid)
{
	char id[TYPEID_LEN];

	typeid_encode(uuid, id);
	jw_key(w, key);
	jw_strf(w, "%s%s", prefix, id);
}

int
document_write(struct run *r, struct jw *w)
{
	char tmp[PATH_MAX], path[PATH_MAX];
	FILE *f;
	int ok;

	if (file_open(r, "job.json.tmp", &f) == -1)
		return -1;
	ok = document_line(f, w) == 0;
	if (fclose(f) == EOF || !ok)
		return -1;
	run_path(r, "job.json.tmp", tmp);
	run_path(r, "job.json", path);
	return rename(tmp, path);
}

/* What is said in the document, and what the selection is. */
static enum err
judge_begin(struct dispatcher *d, struct run *r, struct document *doc)
{
	enum err e;

	e = store_document_judge(d->db, doc->arena, r->ref.workspace_id,
	    r->ref.job_id, &doc->judge);
	if (e != ERR_OK)
		return e;
	doc->after = doc->judge.first_number - 1;
	if (file_open(r, "evaluations.jsonl", &doc->file) == -1)
		return document_fault(doc);
	doc->step = STEP_ENTRIES;
	return ERR_OK;
}

static int
entry_write(FILE *f, struct arena *a, const struct document_entry *entry)
{
	struct jw w;

	jw_init(&w, a);
	jw_obj(&w);
	document_id(&w, "evaluation_id", "eval_", entry->evaluation_id);
	jw_kstr(&w, "group_key", entry->group_key);
	jw_knum(&w, "u", entry->u);
	jw_kstr(&w, "content", entry->content);
	jw_kraw(&w, "raw", entry->raw);
	jw_kraw(&w, "shown", entry->shown);
	jw_kint(&w, "first_number", entry->first_entry);
	jw_kraw(&w, "feedback", entry->feedback);
	jw_end(&w);
	return document_line(f, &w);
}

/* One window of feedback numbers. */
static enum err
judge_entries(struct dispatcher *d, struct run *r, struct document *doc)
{
	int64_t mark = doc->judge.high_water_mark;
	struct document_entry *entry;
	int64_t through;
	size_t i, n, weight = 0;
	enum err e;

	through = mark - doc->after > doc->window ? doc->after + doc->window :
	    mark;
	if (doc->after < mark) {
		e = store_document_entries(d->db, d->arena,
		    r->ref.workspace_id, &doc->judge, doc->after, through,
		    &entry, &n);
		if (e != ERR_OK)
			return e;
		for (i = 0; i < n; i++) {
			weight += strlen(entry[i].feedback) +
			    (entry[i].content == NULL ? 0 :
			    strlen(entry[i].content));
			if (entry_write(doc->file, d->arena, &entry[i]) == -1)
				return document_fault(doc);
		}
		doc->after = through;
		if (weight < WINDOW_LIGHT && doc->window < WINDOW_MOST)
			doc->window *= 2;
		else if (weight > WINDOW_HEAVY && doc->window > 1)
			doc->window /= 2;
		return ERR_OK;
	}
	if (file_close(doc) == -1)
		return document_fault(doc);
	/* Nothing is held out: there is nothing to look for. */
	doc->split = judge_split(doc);
	if (doc->split <= 0) {
		doc->step = STEP_DOCUMENT;
		return ERR_OK;
	}
	doc->repeats = repeats_new();
	doc->step = STEP_REPEATS;
	return ERR_OK;
}

static enum err
judge_contents(struct dispatcher *d, struct run *r, struct document *doc)
{
	enum err e;
	int more = 0;

	if (doc->file == NULL) {
		if (repeats_count(doc->repeats) == 0) {
			doc->step = STEP_DOCUMENT;
			return ERR_OK;
		}
		if (file_open(r, "consistency.jsonl", &doc->file) == -1)
			return document_fault(doc);
	}
	e = repeats_write(d, r, doc, &more);
	if (e != ERR_OK || more)
		return e;
	if (file_close(doc) == -1)
		return document_fault(doc);
	doc->consistent = 1;
	doc->step = STEP_DOCUMENT;
	return ERR_OK;
}

static enum err
judge_criteria(struct dispatcher *d, struct run *r, struct document *doc,
    int version, int names, struct jw *w)
{
	struct document_criterion *c;
	enum err e;
	size_t i, n;

	e = store_document_criteria(d->db, d->arena, r->ref.workspace_id,
	    doc->judge.judge_id, version, &c, &n);
	if (e != ERR_OK)
		return e;
	jw_karr(w, "criteria");
	for (i = 0; i < n; i++) {
		jw_obj(w);
		jw_kstr(w, "id", c[i].id);
		if (names)
			jw_kstr(w, "name", c[i].name);
		jw_knum(w, "weight", c[i].weight);
		jw_kbool(w, "fresh", c[i].fresh);
		jw_end(w);
	}
	jw_end(w);
	return ERR_OK;
}

static void
judge_model(struct dispatcher *d, struct jw *w, const char *key,
    const struct document_version *v)
{
	char path[PATH_MAX];

	if (v->model_sha256 == NULL || blob_path(d->conf->data_dir,
	    v->model_sha256, path, sizeof(path)) == -1)
		jw_knull(w, key);
	else
		jw_kstr(w, key, path);
}

static void
judge_version(struct jw *w, const struct document_version *v)
{
	jw_kint(w, "version_number", v->number);
	jw_kint(w, "seen_through", v->seen_through);
	jw_knum(w, "seen_split", v->seen_split);
}

static enum err
judge_document(struct dispatcher *d, struct run *r, struct document *doc)
{
	const struct document_judge *j = &doc->judge;
	struct jw w;
	enum err e;

	jw_init(&w, d->arena);
	jw_obj(&w);
	jw_kstr(&w, "schema_version", "1");
	document_id(&w, "job_id", "train_job_", r->ref.job_id);
	jw_kstr(&w, "judge_id", j->judge_key);
	jw_kstr(&w, "training_type", j->training_type);
	jw_kstr(&w, "content_type", j->content_type);
	jw_kraw(&w, "training_config", j->config);
	if ((e = judge_criteria(d, r, doc, j->base.number, 1, &w)) != ERR_OK)
		return e;
	judge_model(d, &w, "base_model", &j->base);
	jw_kobj(&w, "base");
	judge_version(&w, &j->base);
	jw_end(&w);
	judge_model(d, &w, "active_model", &j->active);
	jw_kobj(&w, "active");
	judge_version(&w, &j->active);
	e = judge_criteria(d, r, doc, j->active.number, 0, &w);
	if (e != ERR_OK)
		return e;
	jw_end(&w);
	jw_kint(&w, "high_water_mark", j->high_water_mark);
	jw_key(&w, "data");
	jw_strf(&w, "%s/evaluations.jsonl", r->dir);
	jw_key(&w, "consistency");
	if (doc->consistent)
		jw_strf(&w, "%s/consistency.jsonl", r->dir);
	else
		jw_null(&w);
	jw_end(&w);
	if (document_write(r, &w) == -1)
		return document_fault(doc);
	doc->step = STEP_DONE;
	return ERR_OK;
}

static enum err
judge_step(struct dispatcher *d, struct run *r, struct document *doc)
{
	switch (doc->step) {
	case STEP_BEGIN:
		return judge_begin(d, r, doc);
	case STEP_ENTRIES:
		return judge_entries(d, r, doc);
	case STEP_REPEATS:
		return repeats_find(d, r, doc);
	case STEP_CONTENTS:
		return judge_contents(d, r, doc);
	case STEP_DOCUMENT:
		return judge_document(d, r, doc);
	case STEP_DONE:
		break;
	}
	return ERR_OK;
}

enum document_state
document_step(struct dispatcher *d, struct run *r, const char **why)
{
	struct document *doc = r->document;
	enum err e;

	if (doc == NULL)
		doc = r->document = document_new();
	if (doc->step == STEP_BEGIN &&
	    workdir_make(d->conf->data_dir, &r->ref) == -1)
		e = document_fault(doc);
	else if (r->face == FACE_JUDGE)
		e = judge_step(d, r, doc);
	else
		e = document_hosted(d, r);
	if (e == ERR_OK)
		return doc->step == STEP_DONE ? DOCUMENT_READY :
		    DOCUMENT_MORE;
	if (doc->fault == 0 && e != ERR_NOT_FOUND && link_transient(d, e)) {
		r->next = ts_mono() + RETRY_AFTER;
		return DOCUMENT_MORE;
	}
	*why = doc->fault == 0 ? "the job's document could not be read" :
	    arena_printf(d->arena, "the job's document could not be written: "
	    "%s", strerrordesc_np(doc->fault));
	log_warnx("%s job=%s", *why, r->ref.job_id);
	return DOCUMENT_FAILED;
}
