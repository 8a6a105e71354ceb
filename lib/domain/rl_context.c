/* SPDX-License-Identifier: BSD-2-Clause */
/* TrainingRLContext. */
#include "config.h"

#include <string.h>

#include "domain/hosted.h"
#include "domain/recipe.h"
#include "domain/rl_context.h"
#include "domain/view.h"
#include "util/jv.h"

enum err
rl_context_read(struct db *db, struct arena *a, const char *workspace_id,
    const char *job_id, struct rl_context *c)
{
	const struct hosted_kind	*kind;
	enum err			 err;

	memset(c, 0, sizeof(*c));
	err = store_document_hosted(db, a, workspace_id, job_id, &c->job);
	if (err != ERR_OK)
		return err;
	/* of the judge face */
	if ((kind = hosted_kind(c->job.kind)) == NULL)
		return ERR_NOT_FOUND;
	if (strcmp(kind->trainer, "rl") != 0)
		return ERR_CONFLICT;
	return store_document_artifacts(db, a, workspace_id, job_id,
	    &c->artifact, &c->artifacts);
}

const struct document_artifact *
rl_context_artifact(const struct rl_context *c, const char *role)
{
	size_t	i;

	for (i = 0; i < c->artifacts; i++)
		if (strcmp(c->artifact[i].role, role) == 0)
			return &c->artifact[i];
	return NULL;
}

static const struct jv *
json_of(struct arena *a, const char *text)
{
	struct jv	*v;

	return text != NULL && jv_parse_checked(a, text, strlen(text), &v) ==
	    0 ? v : NULL;
}

/* A member as it is, when it is there. */
static void
hand_on(struct jw *w, const struct jv *from, const char *key)
{
	const struct jv	*v = jv_member(from, key);

	if (v != NULL)
		view_json(w, key, v, NULL);
}

/* The solution is nobody's business. */
static void
task_write(struct jw *w, const struct rl_context *c)
{
	const struct document_artifact	*a = rl_context_artifact(c, "task");
	const struct jv			*v;

	if (a == NULL)
		return;
	v = json_of(w->buf.arena, a->document);
	jw_kobj(w, "task");
	jw_kstr(w, "id", a->id);
	jw_key(w, "reference");
	jw_strf(w, "%s@%s", a->name, a->version);
	jw_kstr(w, "name", a->name);
	jw_kstr(w, "version", a->version);
	jw_kstr(w, "sandbox_provider", c->sandbox_provider);
	jw_key(w, "s3_key");
	/* one that is kept elsewhere and whose bytes nobody knows */
	if (a->sha256 == NULL)
		jw_str(w, a->uri);
	else
		jw_strf(w, "sha256/%s", a->sha256);
	hand_on(w, v, "instruction");
	hand_on(w, v, "ports");
	hand_on(w, v, "verification");
	jw_end(w);
}

static void
world_write(struct jw *w, const struct rl_context *c)
{
	const struct document_artifact	*a = rl_context_artifact(c, "world");
	const struct jv			*v;
	const char			*id, *name;

	if (a == NULL || (v = json_of(w->buf.arena, a->document)) == NULL)
		return;
	id = jv_text(v, "id");
	name = jv_text(v, "name");
	jw_kobj(w, "world");
	jw_kstr(w, "id", id == NULL ? a->id : id);
	hand_on(w, v, "server_url");
	jw_kstr(w, "name", name == NULL ? a->name : name);
	hand_on(w, v, "manifest_backend_id");
	if (jv_type(jv_member(v, "artifact_refs")) == JV_OBJECT)
		hand_on(w, v, "artifact_refs");
	else
		jw_kraw(w, "artifact_refs", "{}");
	if (jv_type(jv_member(v, "stats")) == JV_OBJECT)
		hand_on(w, v, "stats");
	else
		jw_kraw(w, "stats", "{}");
	jw_end(w);
}

void
rl_context_write(struct jw *w, const struct rl_context *c)
{
	const struct jv	*config = json_of(w->buf.arena, c->job.config);

	jw_obj(w);
	if (c->entry_prompt != NULL)
		jw_kstr(w, "capability_entry_prompt", c->entry_prompt);
	task_write(w, c);
	world_write(w, c);
	jw_key(w, "reward_recipe");
	recipe_write(w, jv_member(config, "reward_recipe"),
	    rl_context_artifact(c, "prompt_dataset") != NULL,
	    rl_context_artifact(c, "trajectory_dataset") != NULL);
	jw_end(w);
}
