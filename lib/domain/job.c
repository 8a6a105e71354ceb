/* SPDX-License-Identifier: BSD-2-Clause */
/* What callers do to a job once it exists. */
#include "config.h"

#include <string.h>

#include "domain/job.h"
#include "store/store_judge_job.h"
#include "util/ident.h"
#include "util/log.h"

const char *const job_kinds[] = {
#define KIND(name) #name,
#include "domain/kind.tbl.h"
#undef KIND
	NULL
};

enum err
job_hold(struct db *db, const char *workspace_id, enum job_face face,
    const char *id, struct job_hold *hold)
{
	enum err	err;

	memset(hold, 0, sizeof(*hold));
	hold->face = face;
	err = store_job_lock(db, workspace_id, id, state_face(face),
	    &hold->now);
	if (err == ERR_OK && state_parse(hold->now.status, &hold->state) == -1)
		fatalx("job %s has no known status", id);
	return err;
}

static const char *
refusal(struct arena *a, const struct job_hold *hold, const char *what)
{
	return arena_printf(a, "job is %s and cannot be %s",
	    state_face_word(hold->state, hold->face), what);
}

enum err
job_cancel(struct db *db, struct arena *a, const struct actor *who,
    const struct job_hold *hold, const char **detail)
{
	int	at_once = state_phase(hold->state) == PHASE_WAITING ||
		    hold->state == JOB_CLAIMED;

	*detail = NULL;
	if (hold->state == JOB_CANCELLED ||
	    (!at_once && state_phase(hold->state) == PHASE_ACTIVE &&
	    hold->now.cancel_requested))
		return ERR_OK;
	if (state_phase(hold->state) == PHASE_FINISHED) {
		*detail = refusal(a, hold, "cancelled");
		return ERR_JOB_FINISHED;
	}
	return store_job_cancel(db, who, hold->now.id, at_once);
}

enum err
job_startable(struct db *db, struct arena *a, const char *workspace_id,
    const char *id, const char **detail)
{
	struct judge_slot	slot;
	char			wire[TYPEID_LEN];
	enum err		err;

	*detail = NULL;
	err = store_judge_job_slot(db, a, workspace_id, id, &slot);
	if (err != ERR_OK)
		return err;
	if (slot.archived) {
		*detail = arena_printf(a, "judge %s is archived",
		    slot.judge_key);
		return ERR_INVALID_STATE;
	}
	if (slot.other_id == NULL)
		return ERR_OK;
	typeid_encode(slot.other_id, wire);
	*detail = arena_printf(a, "judge %s already has an active job: "
	    "train_job_%s", slot.judge_key, wire);
	return ERR_JOB_ACTIVE;
}

enum err
job_retry(struct db *db, struct arena *a, const struct actor *who,
    const struct job_hold *hold, const char **detail)
{
	char		execution_id[UUID_LEN];
	int		judge = hold->face == FACE_JUDGE;
	enum err	err;

	*detail = NULL;
	if (hold->state != JOB_FAILED && hold->state != JOB_CANCELLED) {
		*detail = refusal(a, hold, "retried");
		return !judge ? ERR_CONFLICT :
		    hold->state == JOB_COMPLETED ? ERR_JOB_FINISHED :
		    ERR_INVALID_STATE;
	}
	if (judge && (err = job_startable(db, a, who->workspace_id,
	    hold->now.id, detail)) != ERR_OK)
		return err;
	if (judge)
		uuid_new(execution_id);
	err = store_job_retry(db, who, hold->now.id,
	    judge ? execution_id : NULL);
	return err == ERR_CONFLICT ? ERR_JOB_ACTIVE : err;
}
