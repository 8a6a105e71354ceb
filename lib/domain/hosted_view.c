/* SPDX-License-Identifier: BSD-2-Clause */
/* TrainingJob, as the published client reads it. */
#include "config.h"

#include <string.h>

#include "domain/hosted.h"
#include "domain/state.h"
#include "domain/view.h"
#include "util/jpick.h"
#include "util/log.h"

/* Members of config that are shown at the top of the job, too. */
static const struct {
	const char	*name, *absent;
} lifted[] = {
	{ "dataset_ref", "null" },
	{ "prompt_dataset_ref", "null" },
	{ "trajectory_dataset_refs", "[]" },
	{ "task_ref", "null" },
	{ "world_manifest_id", "null" },
	{ "world_runtime_id", "null" },
	{ "world_agent_name", "null" },
	{ "world_goal", "null" },
};
#define LIFTED	(sizeof(lifted) / sizeof(lifted[0]))

static void
lift(struct jw *w, const char *config)
{
	struct jpick	m[LIFTED];
	size_t		i;

	for (i = 0; i < LIFTED; i++)
		m[i].name = lifted[i].name;
	jpick(config, m, LIFTED);
	for (i = 0; i < LIFTED; i++) {
		jw_key(w, m[i].name);
		/* n begins null only, which stands for what is not there */
		if (m[i].text != NULL && m[i].text[0] != 'n')
			jw_rawn(w, m[i].text, m[i].len);
		else
			jw_raw(w, lifted[i].absent);
	}
}

static void
creator(struct jw *w, const struct job *j)
{
	jw_kstr(w, "created_by", j->created_by);
	jw_kstr(w, "created_by_email", j->created_by_email);
	if (j->created_by_email == NULL) {
		jw_knull(w, "created_by_user");
		return;
	}
	jw_kobj(w, "created_by_user");
	jw_kstr(w, "id", j->created_by);
	jw_kstr(w, "email", j->created_by_email);
	jw_kstr(w, "username", j->created_by_username);
	if (j->created_by_full_name != NULL &&
	    j->created_by_full_name[0] != '\0')
		jw_kstr(w, "full_name", j->created_by_full_name);
	jw_end(w);
}

void
view_hosted_job(struct jw *w, const struct job *j)
{
	const struct hosted_kind	*kind = hosted_kind(j->kind);
	enum job_state			 state;

	if (kind == NULL || state_parse(j->status, &state) == -1)
		fatalx("job %s cannot be shown", j->id);
	jw_obj(w);
	jw_kstr(w, "id", j->id);
	jw_kstr(w, "organization_id", j->organization_id);
	jw_kstr(w, "workspace_id", j->workspace_id);
	jw_kstr(w, "name", j->name);
	jw_kstr(w, "status", state_face_word(state, FACE_HOSTED));
	jw_kstr(w, "backend", kind->backend);
	jw_kstr(w, "trainer_type", kind->trainer);
	jw_kstr(w, "algorithm", j->algorithm);
	jw_kstr(w, "model", j->model);
	jw_kstr(w, "project_ref", j->project_key);
	jw_kstr(w, "run_ref", j->run_ref);
	lift(w, j->config);
	jw_kobj(w, "capability");
	jw_kstr(w, "artifact_id", j->capability_id);
	jw_kstr(w, "name", j->capability_name);
	jw_kstr(w, "version", j->capability_version);
	view_digest(w, "runtime_digest", j->capability_sha256);
	jw_end(w);
	jw_kraw(w, "config", j->config);
	jw_kraw(w, "metrics", j->metrics);
	jw_kraw(w, "artifacts", j->artifacts);
	jw_kraw(w, "tags", j->tags);
	jw_kstr(w, "error", j->error);
	view_time(w, "created_at", j->created_at);
	creator(w, j);
	view_time(w, "started_at", j->started_at);
	view_time(w, "completed_at", j->completed_at);
	view_time(w, "cancel_requested_at", j->cancel_requested_at);
	view_time(w, "updated_at", j->updated_at);
	jw_kint(w, "attempt", j->attempt);
	jw_end(w);
}
