/* SPDX-License-Identifier: BSD-2-Clause */
/* Jobs of both faces, for those who run the site. */
#include "config.h"

#include <string.h>

#include "ctl/args.h"
#include "ctl/out.h"
#include "domain/job.h"
#include "domain/state.h"
#include "util/ident.h"

#define JOB_LINES	50
#define JOB_MOST	10000

static const struct col list_cols[] = {
	{ "id", COL_TEXT },
	{ "organization", COL_TEXT },
	{ "workspace", COL_TEXT },
	{ "kind", COL_TEXT },
	{ "status", COL_TEXT },
	{ "attempt", COL_INT },
	{ "name", COL_TEXT },
	{ "created_at", COL_TIME },
	{ "started_at", COL_TIME },
	{ "completed_at", COL_TIME },
	{ "error_type", COL_TEXT },
};

static const struct col show_cols[] = {
	{ "id", COL_TEXT },
	{ "organization", COL_TEXT },
	{ "workspace", COL_TEXT },
	{ "face", COL_TEXT },
	{ "kind", COL_TEXT },
	{ "status", COL_TEXT },
	{ "priority", COL_INT },
	{ "attempt", COL_INT },
	{ "lost_leases", COL_INT },
	{ "engine", COL_TEXT },
	{ "worker", COL_TEXT },
	{ "handle", COL_TEXT },
	{ "attempt_status", COL_TEXT },
	{ "lease_until", COL_TIME },
	{ "name", COL_TEXT },
	{ "judge", COL_TEXT },
	{ "model", COL_TEXT },
	{ "algorithm", COL_TEXT },
	{ "training_type", COL_TEXT },
	{ "progress", COL_INT },
	{ "timeout_seconds", COL_INT },
	{ "created_at", COL_TIME },
	{ "queued_at", COL_TIME },
	{ "started_at", COL_TIME },
	{ "completed_at", COL_TIME },
	{ "cancel_requested_at", COL_TIME },
	{ "error_type", COL_TEXT },
	{ "error", COL_TEXT },
	{ "config", COL_JSON },
};

#define COUNT(a)	((int)(sizeof(a) / sizeof((a)[0])))

static int
job_list(struct ctl *c, struct args *a)
{
	const char *place, *org = NULL, *ws = NULL, *status = NULL;
	const char *limit = NULL;
	const struct opt opts[] = {
		{ "status", OPT_TEXT, &status },
		{ "limit", OPT_TEXT, &limit },
		{ NULL, OPT_FLAG, NULL }
	};
	enum job_state state;

	if (!args_read(c, a, opts, &place, 0, 1) ||
	    !args_number(a, "--limit", limit, 1, JOB_MOST))
		return CTL_USAGE;
	if (status != NULL && state_parse(status, &state) == -1)
		return args_fault(a, "\"%s\" is no status of a job", status);
	if (place != NULL && strchr(place, '/') == NULL)
		org = place;
	else if (place != NULL && !args_path(c, a, place, &org, &ws))
		return CTL_USAGE;
	if (limit == NULL)
		limit = ctl_int(c, JOB_LINES);
	ctl_begin(c);
	out_list(c, ctl_run(c, STMT_cmd_job_list, (const char *[]){ org, ws,
	    status, limit }), list_cols, COUNT(list_cols));
	return CTL_OK;
}

int
job_id_parse(const struct args *a, const char *text, char id[UUID_LEN])
{
	if (uuid_parse(text, id) || typeid_parse(text, "train_job_", id))
		return 1;
	(void)args_fault(a, "\"%s\" is no job's id", text);
	return 0;
}

/* The one argument. */
static int
job_id_read(struct ctl *c, struct args *a, const char **text,
    char id[UUID_LEN])
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };

	return args_read(c, a, opts, text, 1, 1) &&
	    job_id_parse(a, *text, id);
}

static int
job_show(struct ctl *c, struct args *a)
{
	const char *text, *params[1];
	char id[UUID_LEN];
	struct rows *rows;

	if (!job_id_read(c, a, &text, id))
		return CTL_USAGE;
	params[0] = id;
	ctl_begin(c);
	rows = ctl_run(c, STMT_cmd_job_show, params);
	if (rows_count(rows) == 0)
		return ctl_error("job %s does not exist", text);
	out_one(c, rows, show_cols, COUNT(show_cols));
	return CTL_OK;
}

typedef enum err job_verb(struct db *, struct arena *, const struct actor *,
    const struct job_hold *, const char **detail);

/*
 * Does to a job what the API's callers do, by the same rules; whoever holds
 * it is waited for.  The audit row is the statement's.
 */
static int
job_act(struct ctl *c, struct args *a, job_verb *verb)
{
	const char *text, *detail = NULL;
	char id[UUID_LEN];
	struct actor who = { NULL, NULL, c->actor, NULL };
	struct job_hold hold;
	struct rows *rows;
	enum job_face face;
	enum err e;

	if (!job_id_read(c, a, &text, id))
		return CTL_USAGE;
	ctl_begin(c);
	rows = ctl_run(c, STMT_cmd_job_find, (const char *[]){ id });
	if (rows_count(rows) == 0)
		return ctl_error("job %s does not exist", text);
	who.workspace_id = rows_text(rows, 0, 0);
	who.organization_id = rows_text(rows, 0, 1);
	face = strcmp(rows_text(rows, 0, 2), state_face(FACE_JUDGE)) == 0 ?
	    FACE_JUDGE : FACE_HOSTED;
	e = job_hold(c->db, who.workspace_id, face, id, &hold);
	if (e == ERR_OK)
		e = verb(c->db, c->arena, &who, &hold, &detail);
	if (e != ERR_OK && detail != NULL)
		return ctl_error("%s", detail);
	if (e == ERR_JOB_ACTIVE)
		return ctl_error("another job trains the judge of job %s",
		    text);
	/* As it is now. */
	if (e == ERR_OK)
		e = job_hold(c->db, who.workspace_id, face, id, &hold);
	if (e != ERR_OK)
		ctl_fail(c, e);
	ctl_commit(c);
	out_done(c, "job %s is %s%s", text, hold.now.status,
	    hold.now.cancel_requested && state_phase(hold.state) ==
	    PHASE_ACTIVE ? " and was asked to stop" : "");
	return CTL_OK;
}

static int
job_cancel_verb(struct ctl *c, struct args *a)
{
	return job_act(c, a, job_cancel);
}

static int
job_retry_verb(struct ctl *c, struct args *a)
{
	return job_act(c, a, job_retry);
}

const struct verb job_verbs[] = {
	{ "list", job_list, "[ORG | ORG/WORKSPACE] [--status WORD] "
	    "[--limit N]" },
	{ "show", job_show, "ID" },
	{ "logs", job_logs, "ID [-f] [--attempt N]" },
	{ "cancel", job_cancel_verb, "ID" },
	{ "retry", job_retry_verb, "ID" },
	{ NULL, NULL, NULL }
};
