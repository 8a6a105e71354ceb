/* SPDX-License-Identifier: BSD-2-Clause */
/* Creating hosted jobs: variant, rules, references, the row. */
#include "config.h"

#include <string.h>

#include "domain/cannot.h"
#include "domain/hosted.h"
#include "domain/recipe.h"
#include "store/sqlarr.h"
#include "util/ident.h"

static const struct hosted_kind kind_table[] = {
	{ "tinker_sft", "tinker", "sft", &schema_create_tinker_sft,
	    &schema_tinker_sft, offsetof(struct conf, runner_tinker_sft) },
	{ "tinker_rl", "tinker", "rl", &schema_create_tinker_rl,
	    &schema_tinker_rl, offsetof(struct conf, runner_tinker_rl) },
	{ "ray_grpo", "ray", "rl", &schema_create_ray_grpo,
	    &schema_ray_grpo, offsetof(struct conf, runner_ray_grpo) },
};

static const char *const kinds_capability[] = { "capability", NULL };
static const char *const kinds_dataset[] = { "dataset", NULL };
static const char *const kinds_trajectory[] = { "trajectory_dataset",
    "dataset", NULL };
static const char *const kinds_task[] = { "task", NULL };
static const char *const kinds_world[] = { "other", NULL };

const struct hosted_kind *
hosted_kind(const char *kind)
{
	size_t	i;

	for (i = 0; i < sizeof(kind_table) / sizeof(kind_table[0]); i++)
		if (strcmp(kind_table[i].kind, kind) == 0)
			return &kind_table[i];
	return NULL;
}

int
hosted_kinds(const char *backend, const char *trainer,
    const char *out[HOSTED_KINDS])
{
	const struct hosted_kind	*k;
	int				 n = 0;
	size_t				 i;

	for (i = 0; i < sizeof(kind_table) / sizeof(kind_table[0]); i++) {
		k = &kind_table[i];
		if ((backend == NULL || strcmp(k->backend, backend) == 0) &&
		    (trainer == NULL || strcmp(k->trainer, trainer) == 0))
			out[n++] = k->kind;
	}
	return n;
}

const struct hosted_kind *
hosted_variant(const struct jv *body, struct faults *f)
{
	static const char *const	backends[] = { "tinker", "ray", NULL };
	static const char *const	trainers[] = { "sft", "rl", NULL };
	static const struct field	backend_field = { .type = F_WORD,
	    .words = backends };
	static const struct field	trainer_field = { .type = F_WORD,
	    .words = trainers };
	struct schema_check		 check = { .faults = f };
	const struct jv			*config = jv_member(body, "config");
	const struct jv			*backend = jv_member(body, "backend");
	const struct jv			*trainer;
	struct jv			*ignored;
	const char			*b, *t, *algorithm;
	size_t				 before = f->count, i;

	trainer = jv_member(body, "trainer_type");
	if (backend != NULL)
		schema_check_value(&check, &backend_field, backend,
		    LOC(&loc_body, "backend"));
	if (trainer != NULL)
		schema_check_value(&check, &trainer_field, trainer,
		    LOC(&loc_body, "trainer_type"));
	if (f->count > before)
		return NULL;
	algorithm = jv_text(config, "algorithm");
	b = backend != NULL ? jv_str(backend, NULL) :
	    algorithm != NULL && strcmp(algorithm, "grpo") == 0 ?
	    "ray" : "tinker";
	t = trainer != NULL ? jv_str(trainer, NULL) :
	    strcmp(b, "ray") == 0 ||
	    jv_get(config, "algorithm", &ignored) ? "rl" : "sft";
	for (i = 0; i < sizeof(kind_table) / sizeof(kind_table[0]); i++)
		if (strcmp(kind_table[i].backend, b) == 0 &&
		    strcmp(kind_table[i].trainer, t) == 0)
			return &kind_table[i];
	fault_add(f, LOC(&loc_body, "trainer_type"), "literal_error",
	    "must be \"rl\"");
	return NULL;
}

static void
rules_sft(const struct jv *c, struct faults *f, const struct loc *loc)
{
	if (jv_member(c, "dataset_ref") == NULL &&
	    jv_len(jv_member(c, "trajectory_dataset_refs")) == 0)
		fault_add(f, loc, "value_error", "Tinker SFT jobs require "
		    "dataset_ref or at least one trajectory_dataset_ref");
}

static void
rules_rl(const struct jv *c, struct faults *f, const struct loc *loc)
{
	const struct jv	*off = jv_member(c, "max_steps_off_policy");
	const char	*mode = jv_text(c, "execution_mode");
	int64_t		 n = 0;

	if (mode == NULL)
		mode = "sync";
	if (jv_member(c, "world_runtime_id") != NULL &&
	    jv_member(c, "world_manifest_id") == NULL)
		fault_add(f, loc, "value_error", "world_manifest_id is "
		    "required when world_runtime_id is provided");
	if (jv_member(c, "world_agent_name") != NULL &&
	    jv_member(c, "world_runtime_id") == NULL)
		fault_add(f, loc, "value_error", "world_runtime_id is "
		    "required when world_agent_name is provided");
	if (jv_member(c, "prompt_dataset_ref") == NULL &&
	    jv_member(c, "world_manifest_id") == NULL &&
	    jv_len(jv_member(c, "trajectory_dataset_refs")) == 0)
		fault_add(f, loc, "value_error", "Tinker RL jobs require "
		    "prompt_dataset_ref, world_manifest_id, or at least one "
		    "trajectory_dataset_ref");
	if (strcmp(mode, "sync") != 0 && off == NULL)
		fault_add(f, loc, "value_error", "max_steps_off_policy is "
		    "required for async execution modes");
	if (strcmp(mode, "one_step_off_async") == 0 && off != NULL &&
	    (!jv_int(off, &n) || n != 1))
		fault_add(f, loc, "value_error", "max_steps_off_policy must "
		    "be 1 for one_step_off_async execution mode");
	if ((jv_member(c, "eval_interval") != NULL ||
	    jv_member(c, "eval_max_rollouts") != NULL) &&
	    jv_member(c, "eval_dataset_ref") == NULL)
		fault_add(f, loc, "value_error", "eval_interval / "
		    "eval_max_rollouts require eval_dataset_ref");
}

void
hosted_rules(const struct hosted_kind *kind, const struct jv *body,
    struct faults *f)
{
	const struct jv	*c = jv_member(body, "config");
	const struct loc	*loc = LOC(&loc_body, "config");

	if (kind->config == &schema_tinker_sft)
		rules_sft(c, f, loc);
	else if (kind->config == &schema_tinker_rl)
		rules_rl(c, f, loc);
}

/* The references of one job as they are found. */
struct resolving {
	const struct hosted_env	*env;
	struct faults		*faults;
	struct jw		 refs;	/* JSON array for the store */
	enum recipe_task	 task_state;
	struct jv		*task;	/* its document, NULL for none */
};

static void
ref_note(struct resolving *r, const char *role, size_t position,
    const struct artifact_ref *ref)
{
	if (ref->id[0] == '\0')
		return;
	jw_obj(&r->refs);
	jw_kstr(&r->refs, "role", role);
	jw_kint(&r->refs, "position", (int64_t)position);
	jw_kstr(&r->refs, "workspace_id", ref->workspace_id);
	jw_kstr(&r->refs, "id", ref->id);
	jw_end(&r->refs);
}

/* {name, version} at loc; nothing when it is absent. */
static enum err
resolve_ref(struct resolving *r, const struct jv *ref, const struct loc *loc,
    const char *const *kinds, const char *role, size_t position,
    struct artifact_ref *found)
{
	struct artifact_ref	 own;
	enum err		 err;

	if (ref == NULL)
		return ERR_OK;
	if (found == NULL)
		found = &own;
	err = refs_find(r->env->refs, r->env->tenant, kinds,
	    jv_text(ref, "name"), jv_text(ref, "version"), r->faults, loc,
	    found, NULL);
	if (err == ERR_OK)
		ref_note(r, role, position, found);
	return err;
}

/* name or name@version; the newest is pinned now. */
static enum err
resolve_task(struct resolving *r, const char *task, const struct loc *loc)
{
	struct artifact_ref	 found;
	struct arena		*a = r->env->arena;
	const char		*at, *json, *name = task, *version = NULL;
	enum err		 err;

	r->task_state = RECIPE_TASK_MISSING;
	if ((at = strchr(task, '@')) != NULL) {
		name = arena_strndup(a, task, (size_t)(at - task));
		version = at + 1;
	}
	err = refs_find(r->env->refs, r->env->tenant, kinds_task, name,
	    version, r->faults, loc, &found, &json);
	if (err != ERR_OK || found.id[0] == '\0')
		return err;
	ref_note(r, "task", 0, &found);
	r->task_state = RECIPE_TASK_FOUND;
	if (json != NULL &&
	    jv_parse_checked(a, json, strlen(json), &r->task) == -1)
		r->task = NULL;
	return ERR_OK;
}

/* A world is an artifact of kind other whose document names a server. */
static enum err
resolve_world(struct resolving *r, const char *name, const struct loc *loc)
{
	struct artifact_ref	 found;
	struct jv		*document = NULL;
	const char		*json;
	size_t			 before = r->faults->count;
	enum err		 err;

	err = refs_find(r->env->refs, r->env->tenant, kinds_world, name,
	    NULL, r->faults, loc, &found, &json);
	if (err != ERR_OK || r->faults->count > before)
		return err;
	if (json == NULL || jv_parse_checked(r->env->arena, json,
	    strlen(json), &document) == -1 ||
	    jv_text(document, "server_url") == NULL) {
		fault_add(r->faults, loc, "artifact_not_found",
		    "no world manifest \"%s\" in workspace %s", name,
		    r->env->tenant->workspace_key);
		return ERR_OK;
	}
	ref_note(r, "world", 0, &found);
	return ERR_OK;
}

static const char *
algorithm_of(const struct hosted_kind *kind, const struct jv *config)
{
	const char	*algorithm = jv_text(config, "algorithm");

	if (kind->config == &schema_tinker_sft)
		return NULL;
	return algorithm != NULL ? algorithm : "grpo";
}

static enum err
resolve_trajectories(struct resolving *r, const struct jv *list,
    const struct loc *loc)
{
	size_t		i;
	enum err	err;

	for (i = 0; i < jv_len(list); i++)
		if ((err = resolve_ref(r, jv_at(list, i), LOC_AT(loc, i),
		    kinds_trajectory, "trajectory_dataset", i, NULL)) !=
		    ERR_OK)
			return err;
	return ERR_OK;
}

/* One member of config, when it is one that names something. */
static enum err
resolve_member(struct resolving *r, const char *key, const struct jv *v,
    const struct loc *loc)
{
	static const struct {
		const char	*key, *role;
	} single[] = {
		{ "dataset_ref", "dataset" },
		{ "prompt_dataset_ref", "prompt_dataset" },
		{ "eval_dataset_ref", "eval_dataset" },
	};
	size_t	i;

	if (strcmp(key, "task_ref") == 0)
		return resolve_task(r, jv_str(v, NULL), loc);
	if (strcmp(key, "world_manifest_id") == 0)
		return resolve_world(r, jv_str(v, NULL), loc);
	if (strcmp(key, "trajectory_dataset_refs") == 0)
		return resolve_trajectories(r, v, loc);
	for (i = 0; i < sizeof(single) / sizeof(single[0]); i++)
		if (strcmp(key, single[i].key) == 0)
			return resolve_ref(r, v, loc, kinds_dataset,
			    single[i].role, 0, NULL);
	/* every schema has it behind task_ref */
	if (strcmp(key, "reward_recipe") == 0)
		recipe_check(r->faults, v, loc, r->task_state, r->task);
	if (strcmp(key, "world_reward") == 0)
		world_reward_check(r->faults, v, loc);
	return ERR_OK;
}

/* Everything that config names, in the order of its fields. */
static enum err
resolve_config(struct resolving *r, const struct schema *schema,
    const struct jv *config)
{
	const struct loc	*loc = LOC(&loc_body, "config");
	const char		*key;
	const struct jv		*v;
	size_t			 i;
	enum err		 err;

	for (i = 0; i < schema->nfields; i++) {
		key = schema->fields[i].name;
		if ((v = jv_member(config, key)) != NULL &&
		    (err = resolve_member(r, key, v, LOC(loc, key))) !=
		    ERR_OK)
			return err;
	}
	return ERR_OK;
}

/* What is set to run jobs of this kind. */
static const char *
command_of(const struct hosted_env *env, const struct hosted_kind *kind)
{
	return *(char *const *)((const char *)env->conf + kind->command);
}

static const char *
warnings_of(const struct hosted_env *env, const struct jv *config,
    const char *ignored)
{
	const char	*name;
	struct jw	 w;

	jw_init(&w, env->arena);
	jw_arr(&w);
	if (ignored[0] != '\0')
		jw_strf(&w, "ignored unknown fields: %s", ignored);
	name = jv_text(jv_member(config, "world_reward"), "name");
	if (name != NULL && !world_preset_known(name))
		jw_strf(&w, "unknown world_reward \"%s\" runs as heuristic_v1",
		    name);
	jw_end(&w);
	return jw_text(&w, NULL);
}

static const char *
config_text(const struct hosted_env *env, const struct hosted_kind *kind,
    const struct jv *config)
{
	struct jw	w;

	jw_init(&w, env->arena);
	schema_write(kind->config, config, &w);
	return jw_text(&w, NULL);
}

/* Both forms of the tags: JSON for the reply, an array for SQL. */
static void
tags_fill(const struct hosted_env *env, const struct jv *tags, struct job *j)
{
	struct buf	literal;
	size_t		i;

	buf_init(&literal, env->arena);
	sqlarr_begin(&literal);
	for (i = 0; i < jv_len(tags); i++)
		sqlarr_add(&literal, jv_str(jv_at(tags, i), NULL));
	sqlarr_end(&literal);
	j->tags = tags == NULL ? "[]" : jv_json(env->arena, tags);
	j->tags_literal = literal.data;
}

enum err
hosted_draft(const struct hosted_env *env, const struct hosted_kind *kind,
    const struct jv *body, const char *ignored, struct faults *f,
    struct hosted_draft *d)
{
	struct resolving	 r = { .env = env, .faults = f };
	struct artifact_ref	*capability;
	const struct jv		*config = jv_member(body, "config");
	const struct jv		*cap = jv_member(body, "capability_ref");
	const char		*project = jv_text(body, "project_ref");
	struct job		*j = &d->job;
	char			*id;
	enum err		 err;

	memset(d, 0, sizeof(*d));
	capability = arena_zalloc(env->arena, sizeof(*capability));
	jw_init(&r.refs, env->arena);
	jw_arr(&r.refs);
	j->algorithm = algorithm_of(kind, config);
	if ((err = models_check(env->models, jv_text(body, "model"),
	    j->algorithm == NULL ? "sft" : j->algorithm, f)) != ERR_OK)
		return err;
	if (project != NULL &&
	    (err = refs_project(env->refs, env->tenant, project, f)) != ERR_OK)
		return err;
	if ((err = resolve_ref(&r, cap, LOC(&loc_body, "capability_ref"),
	    kinds_capability, "capability", 0, capability)) != ERR_OK)
		return err;
	if ((err = resolve_config(&r, kind->config, config)) != ERR_OK)
		return err;
	cannot_check(f, config, LOC(&loc_body, "config"),
	    command_of(env, kind));
	if (f->count > 0)
		return ERR_VALIDATION;
	if ((err = limits_reserve(env->limits, env->tenant, &d->quota)) !=
	    ERR_OK)
		return err;

	jw_end(&r.refs);
	d->refs = jw_text(&r.refs, NULL);
	d->warnings = warnings_of(env, config, ignored);
	id = arena_alloc(env->arena, UUID_LEN);
	uuid_new(id);
	j->id = id;
	j->workspace_id = env->tenant->workspace_id;
	j->organization_id = env->tenant->organization_id;
	j->kind = kind->kind;
	j->status = "queued";
	j->attempt = 1;
	j->revision = 1;
	j->timeout_seconds = env->tenant->max_runtime;
	j->created_by = env->who->account_id;
	j->created_by_email = env->who->email;
	j->created_by_username = env->who->username;
	j->created_by_full_name = env->who->full_name;
	j->name = jv_text(body, "name");
	j->model = jv_text(body, "model");
	j->project_key = project != NULL ? project :
	    env->tenant->project[0] != '\0' ? env->tenant->project : NULL;
	j->run_ref = jv_text(body, "run_ref");
	tags_fill(env, jv_member(body, "tags"), j);
	j->capability_id = capability->id;
	j->capability_name = jv_text(cap, "name");
	j->capability_version = jv_text(cap, "version");
	j->capability_sha256 = capability->sha256[0] == '\0' ? NULL :
	    capability->sha256;
	j->config = config_text(env, kind, config);
	j->metrics = "{}";
	j->artifacts = "{}";
	j->created_at = j->updated_at = j->queued_at = TS_PENDING;
	j->started_at = j->completed_at = j->cancel_requested_at = TS_NONE;
	return ERR_OK;
}
