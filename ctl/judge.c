/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges of all workspaces, and their versions. */
#include "config.h"

#include <string.h>

#include "ctl/args.h"
#include "ctl/out.h"

#define JUDGE_LINES	50
#define JUDGE_MOST	10000

static const struct col cols[] = {
	{ "id", COL_TEXT },
	{ "organization", COL_TEXT },
	{ "workspace", COL_TEXT },
	{ "name", COL_TEXT },
	{ "content_type", COL_TEXT, 1 },
	{ "status", COL_TEXT },
	{ "active_version", COL_INT },
	{ "versions", COL_INT },
	{ "feedback", COL_INT },
	{ "created_at", COL_TIME },
	{ "archived_at", COL_TIME, 1 },
};

static const struct col version_cols[] = {
	{ "version", COL_INT },
	{ "status", COL_TEXT },
	{ "name", COL_TEXT, 1 },
	{ "base_version", COL_INT },
	{ "job_id", COL_TEXT },
	{ "feedback_count", COL_INT },
	{ "created_at", COL_TIME },
	{ "deployed_at", COL_TIME },
	{ "changes", COL_TEXT },
};

#define COUNT(a)	((int)(sizeof(a) / sizeof((a)[0])))

static int
judge_list(struct ctl *c, struct args *a)
{
	const char *place, *org = NULL, *ws = NULL, *limit = NULL;
	int all = 0;
	const struct opt opts[] = {
		{ "all", OPT_FLAG, &all },
		{ "limit", OPT_TEXT, &limit },
		{ NULL, OPT_FLAG, NULL }
	};

	if (!args_read(c, a, opts, &place, 0, 1) ||
	    !args_number(a, "--limit", limit, 1, JUDGE_MOST))
		return CTL_USAGE;
	if (place != NULL && strchr(place, '/') == NULL)
		org = place;
	else if (place != NULL && !args_path(c, a, place, &org, &ws))
		return CTL_USAGE;
	if (limit == NULL)
		limit = ctl_int(c, JUDGE_LINES);
	ctl_begin(c);
	out_list(c, ctl_run(c, STMT_cmd_judge_list, (const char *[]){ org, ws,
	    all ? "true" : "false", limit }), cols, COUNT(cols));
	return CTL_OK;
}

/* The one argument, which must be a judge. */
static struct rows *
judge_find(struct ctl *c, struct args *a, int *status)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	const char *id;
	struct rows *rows;

	*status = CTL_USAGE;
	if (!args_read(c, a, opts, &id, 1, 1))
		return NULL;
	ctl_begin(c);
	rows = ctl_run(c, STMT_cmd_judge_show, &id);
	if (rows_count(rows) > 0)
		return rows;
	*status = ctl_error("judge %s does not exist", id);
	ctl_hint("\"trainyard judge list --all\" shows those that do");
	return NULL;
}

static int
judge_show(struct ctl *c, struct args *a)
{
	struct rows *rows;
	int status;

	if ((rows = judge_find(c, a, &status)) == NULL)
		return status;
	out_one(c, rows, cols, COUNT(cols));
	return CTL_OK;
}

static int
judge_versions(struct ctl *c, struct args *a)
{
	struct rows *rows;
	int status;

	if ((rows = judge_find(c, a, &status)) == NULL)
		return status;
	out_list(c, ctl_run(c, STMT_cmd_judge_versions, (const char *[]){
	    rows_text(rows, 0, COUNT(cols)),
	    rows_text(rows, 0, COUNT(cols) + 1) }), version_cols,
	    COUNT(version_cols));
	return CTL_OK;
}

const struct verb judge_verbs[] = {
	{ "list", judge_list, "[ORG | ORG/WORKSPACE] [--all] [--limit N]" },
	{ "show", judge_show, "ID" },
	{ "versions", judge_versions, "ID" },
	{ NULL, NULL, NULL }
};
