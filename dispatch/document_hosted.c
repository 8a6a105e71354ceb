/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The document of a hosted job: what it names stands in it resolved, with
 * the paths of the bytes on this host.
 */
#include "config.h"

#include <string.h>

#include "dispatch/document.h"
#include "domain/blob.h"
#include "domain/bundle.h"
#include "domain/recipe.h"
#include "domain/view.h"
#include "util/jv.h"

#define SCHEMA_VERSION	"2026-03-18"

/* What the pieces are written from. */
struct hosted {
	struct dispatcher	*d;
	struct document_hosted	 job;
	struct document_artifact *art;
	size_t			 narts;
	const struct jv		*config;
	struct jw		 w;
};

static const struct document_artifact *
artifact_find(const struct hosted *h, const char *role)
{
	size_t i;

	for (i = 0; i < h->narts; i++)
		if (strcmp(h->art[i].role, role) == 0)
			return &h->art[i];
	return NULL;
}

/* "key": where the bytes are; null when they are kept elsewhere. */
static void
write_path(struct hosted *h, const char *key,
    const struct document_artifact *a)
{
	char path[PATH_MAX];

	if (a == NULL || a->uri != NULL || a->sha256 == NULL ||
	    blob_path(h->d->conf->data_dir, a->sha256, path,
	    sizeof(path)) == -1)
		jw_knull(&h->w, key);
	else
		jw_kstr(&h->w, key, path);
}

static void
write_entry_prompt(struct hosted *h)
{
	const struct document_artifact *a = artifact_find(h, "capability");
	const char *prompt = NULL;
	char path[PATH_MAX];

	if (a != NULL && a->uri == NULL && a->sha256 != NULL &&
	    blob_path(h->d->conf->data_dir, a->sha256, path,
	    sizeof(path)) == 0)
		prompt = bundle_entry_prompt(h->d->arena, path);
	jw_kstr(&h->w, "entry_prompt", prompt);
}

static void
write_capability(struct hosted *h)
{
	const struct document_hosted *j = &h->job;
	struct jw *w = &h->w;

	jw_kobj(w, "capability");
	jw_kstr(w, "id", j->capability_id);
	jw_kstr(w, "name", j->capability_name);
	jw_kstr(w, "version", j->capability_version);
	view_digest(w, "runtime_digest", j->capability_sha256);
	/* Bundles are opaque here: the runner opens the file. */
	jw_knull(w, "manifest");
	jw_karr(w, "file_manifest");
	jw_end(w);
	write_path(h, "artifact_s3_prefix", artifact_find(h, "capability"));
	write_entry_prompt(h);
	jw_end(w);
}

static const char *
format_of(const struct document_artifact *a)
{
	return strncmp(a->media_type, "application/json", 16) == 0 &&
	    (a->media_type[16] == '\0' || a->media_type[16] == ';') ?
	    "json" : "jsonl";
}

/* A column that our own programs wrote. */
static const struct jv *
summary_of(struct hosted *h, const struct document_artifact *a)
{
	struct jv *v;

	if (a->dataset == NULL || jv_parse_checked(h->d->arena, a->dataset,
	    strlen(a->dataset), &v) == -1)
		return NULL;
	return v;
}

/* What the rows are, as far as it was found out when they were published. */
static void
write_rows(struct hosted *h, const struct document_artifact *a,
    const struct jv *summary)
{
	const char *format = jv_text(summary, "format");
	const char *checked = jv_text(summary, "checked");
	struct jw *w = &h->w;
	struct jv_iter it;
	int64_t rows;

	jw_kstr(w, "format", format == NULL ? format_of(a) : format);
	if (checked != NULL && strcmp(checked, "complete") == 0 &&
	    jv_int(jv_member(summary, "row_count"), &rows))
		jw_kint(w, "row_count", rows);
	else
		jw_knull(w, "row_count");
	jw_karr(w, "splits");
	jv_iter_init(&it, jv_member(summary, "splits"));
	while (jv_iter_next(&it))
		jw_str(w, it.key);
	jw_end(w);
}

static void
write_dataset_value(struct hosted *h, const struct document_artifact *a)
{
	const struct jv *summary = summary_of(h, a);
	struct jw *w = &h->w;

	jw_obj(w);
	jw_kstr(w, "id", a->id);
	jw_key(w, "reference");
	jw_strf(w, "%s@%s", a->name, a->version);
	jw_kstr(w, "name", a->name);
	jw_kstr(w, "version", a->version);
	write_rows(h, a, summary);
	jw_kobj(w, "artifacts");
	write_path(h, "path", a);
	jw_kstr(w, "uri", a->uri);
	jw_kstr(w, "media_type", a->media_type);
	if (a->size < 0)
		jw_knull(w, "size");
	else
		jw_kint(w, "size", a->size);
	jw_kstr(w, "sha256", a->sha256);
	jw_end(w);
	jw_kraw(w, "summary", summary == NULL ? "{}" : a->dataset);
	jw_end(w);
}

static void
write_dataset(struct hosted *h, const char *key, const char *role)
{
	const struct document_artifact *a = artifact_find(h, role);

	jw_key(&h->w, key);
	if (a == NULL)
		jw_null(&h->w);
	else
		write_dataset_value(h, a);
}

static void
write_trajectories(struct hosted *h)
{
	size_t i;

	jw_karr(&h->w, "trajectory_datasets");
	for (i = 0; i < h->narts; i++)
		if (strcmp(h->art[i].role, "trajectory_dataset") == 0)
			write_dataset_value(h, &h->art[i]);
	jw_end(&h->w);
}

/* The members of an object, but for some, into one that is open. */
static void
write_members(struct hosted *h, const struct jv *obj,
    const char *const *but)
{
	struct jv_iter it;
	size_t i;

	jv_iter_init(&it, obj);
	while (jv_iter_next(&it)) {
		for (i = 0; but[i] != NULL; i++)
			if (strcmp(but[i], it.key) == 0)
				break;
		if (but[i] == NULL)
			jw_kraw(&h->w, it.key,
			    jv_json(h->d->arena, it.val));
	}
}

static const struct jv *
artifact_json(struct hosted *h, const struct document_artifact *a)
{
	struct jv *v;

	if (a == NULL || a->document == NULL ||
	    jv_parse_checked(h->d->arena, a->document, strlen(a->document),
	    &v) == -1)
		return NULL;
	return v;
}

/* As rl-context shows it; the solution is nobody's business. */
static void
write_task(struct hosted *h)
{
	static const char *const ours[] = { "id", "reference", "name",
	    "version", "sandbox_provider", "s3_key", "path", "solution",
	    NULL };
	const struct document_artifact *a = artifact_find(h, "task");
	struct jw *w = &h->w;

	if (a == NULL) {
		jw_knull(w, "task");
		return;
	}
	jw_kobj(w, "task");
	jw_kstr(w, "id", a->id);
	jw_key(w, "reference");
	jw_strf(w, "%s@%s", a->name, a->version);
	jw_kstr(w, "name", a->name);
	jw_kstr(w, "version", a->version);
	jw_kstr(w, "sandbox_provider", h->d->conf->sandbox_provider);
	jw_key(w, "s3_key");
	if (a->sha256 == NULL)
		jw_null(w);
	else
		jw_strf(w, "sha256/%s", a->sha256);
	write_path(h, "path", a);
	write_members(h, artifact_json(h, a), ours);
	jw_end(w);
}

static void
write_world(struct hosted *h)
{
	static const char *const ours[] = { "id", "name", "artifact_refs",
	    "stats", "auth_token", NULL };
	const struct document_artifact *a = artifact_find(h, "world");
	const struct jv *v = artifact_json(h, a);
	const char *id = jv_text(v, "id");
	const char *name = jv_text(v, "name");
	const struct jv *refs = jv_member(v, "artifact_refs");
	const struct jv *stats = jv_member(v, "stats");
	struct jw *w = &h->w;

	if (v == NULL) {
		jw_knull(w, "world");
		return;
	}
	jw_kobj(w, "world");
	jw_kstr(w, "id", id == NULL ? a->id : id);
	jw_kstr(w, "name", name == NULL ? a->name : name);
	write_members(h, v, ours);
	jw_kraw(w, "artifact_refs", refs == NULL ? "{}" :
	    jv_json(h->d->arena, refs));
	jw_kraw(w, "stats", stats == NULL ? "{}" :
	    jv_json(h->d->arena, stats));
	jw_knull(w, "auth_token");
	jw_end(w);
}

/* The recipe in effect. */
static void
write_recipe(struct hosted *h)
{
	jw_key(&h->w, "reward_recipe");
	recipe_write(&h->w, jv_member(h->config, "reward_recipe"),
	    artifact_find(h, "prompt_dataset") != NULL,
	    artifact_find(h, "trajectory_dataset") != NULL);
}

/* Its components, given among the parameters, stand on top. */
static void
write_world_reward(struct hosted *h)
{
	static const char *const none[] = { NULL };
	const struct jv *v = jv_member(h->config, "world_reward");
	const struct jv *list = jv_member(jv_member(v, "params"),
	    "components");

	if (v == NULL) {
		jw_knull(&h->w, "world_reward");
		return;
	}
	jw_kobj(&h->w, "world_reward");
	write_members(h, v, none);
	if (list != NULL)
		jw_kraw(&h->w, "components",
		    jv_json(h->d->arena, list));
	jw_end(&h->w);
}

static void
write_config(struct hosted *h, const char *key)
{
	jw_kraw(&h->w, key,
	    jv_json(h->d->arena, jv_member(h->config, key)));
}

static void
write_document(struct hosted *h, const struct run *r)
{
	const struct document_hosted *j = &h->job;
	int rl = strcmp(j->kind, "tinker_sft") != 0;
	struct jw *w = &h->w;

	jw_kstr(w, "schema_version", SCHEMA_VERSION);
	jw_kstr(w, "job_id", r->ref.job_id);
	jw_kstr(w, "organization_id", j->organization_id);
	jw_kstr(w, "workspace_id", r->ref.workspace_id);
	jw_kstr(w, "created_by", j->created_by);
	jw_kstr(w, "name", j->name);
	jw_kstr(w, "backend",
	    strcmp(j->kind, "ray_grpo") == 0 ? "ray" : "tinker");
	jw_kstr(w, "trainer_type", rl ? "rl" : "sft");
	jw_kstr(w, "algorithm", j->algorithm);
	jw_kstr(w, "model", j->model);
	jw_kstr(w, "project_ref", j->project_key);
	jw_kstr(w, "run_ref", j->run_ref);
	jw_kraw(w, "tags", j->tags);
	jw_kraw(w, "config", j->config);
	write_capability(h);
	write_dataset(h, "dataset", "dataset");
	write_trajectories(h);
	write_dataset(h, "eval_dataset", "eval_dataset");
	if (!rl)
		return;
	write_task(h);
	write_world(h);
	write_dataset(h, "prompt_dataset", "prompt_dataset");
	write_recipe(h);
	write_world_reward(h);
	write_config(h, "eval_interval");
	write_config(h, "eval_max_rollouts");
}

enum err
document_hosted(struct dispatcher *d, struct run *r)
{
	struct hosted h = { .d = d };
	struct jv *config;
	enum err e;

	e = store_document_hosted(d->db, d->arena, r->ref.workspace_id,
	    r->ref.job_id, &h.job);
	if (e == ERR_OK)
		e = store_document_artifacts(d->db, d->arena,
		    r->ref.workspace_id, r->ref.job_id, &h.art, &h.narts);
	if (e != ERR_OK)
		return e;
	if (jv_parse_checked(d->arena, h.job.config, strlen(h.job.config),
	    &config) == 0)
		h.config = config;
	jw_init(&h.w, d->arena);
	jw_obj(&h.w);
	write_document(&h, r);
	jw_end(&h.w);
	if (document_write(r, &h.w) == -1)
		return document_fault(r->document);
	r->document->step = STEP_DONE;
	return ERR_OK;
}
