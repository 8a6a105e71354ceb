/* SPDX-License-Identifier: BSD-2-Clause */
/* Workspaces of an organisation, and who may see them. */
#include "config.h"

#include "ctl/args.h"
#include "ctl/org.h"
#include "ctl/out.h"
#include "util/ident.h"

#define MAX_QUOTA	100000000
#define MAX_BYTES	9007199254740991

static const struct col cols[] = {
	{ "organization", COL_TEXT },
	{ "key", COL_TEXT },
	{ "id", COL_TEXT, 1 },
	{ "name", COL_TEXT },
	{ "is_default", COL_BOOL },
	{ "queue_quota", COL_INT },
	{ "queued", COL_INT },
	{ "artifact_quota", COL_INT },
	{ "artifact_bytes", COL_INT },
	{ "created_at", COL_TIME },
};
#define NCOLS	((int)(sizeof(cols) / sizeof(cols[0])))
#define ORG_ID	NCOLS		/* behind what is shown */

static struct rows *
workspace_get(struct ctl *c, const char *org, const char *key)
{
	return ctl_run(c, STMT_cmd_workspace_list,
	    (const char *[]){ org, key });
}

static int
workspace_missing(const char *org, const char *key)
{
	(void)ctl_error("workspace \"%s/%s\" does not exist", org, key);
	ctl_hint("\"trainyard workspace list\" shows those that do");
	return CTL_FAILED;
}

static void
workspace_furnish(struct ctl *c, const char *org_id, const char *id,
    const char *org, const char *key)
{
	char project[UUID_LEN];

	uuid_new(project);
	(void)ctl_run(c, STMT_cmd_project_add, (const char *[]){ project, org,
	    key, "default", "Default", "true" });
	ctl_audit(c, id, org_id, "workspace.create", "%s/%s", org, key);
	ctl_audit(c, id, org_id, "project.create", "%s/%s/default", org, key);
}

static int
workspace_create(struct ctl *c, struct args *a)
{
	const char *path, *org, *key, *name = NULL, *quota = NULL;
	const char *bytes = NULL;
	int dflt = 0, quiet = 0, created;
	const struct opt opts[] = {
		{ "name", OPT_TEXT, &name },
		{ "queue-quota", OPT_TEXT, &quota },
		{ "artifact-quota", OPT_TEXT, &bytes },
		{ "default", OPT_FLAG, &dflt },
		{ "if-missing", OPT_FLAG, &quiet },
		{ NULL, OPT_FLAG, NULL }
	};
	struct rows *rows;
	char id[UUID_LEN];

	if (!args_read(c, a, opts, &path, 1, 1) ||
	    !args_path(c, a, path, &org, &key) ||
	    !args_name(a, "name", name) ||
	    !args_number(a, "--queue-quota", quota, 0, MAX_QUOTA) ||
	    !args_number(a, "--artifact-quota", bytes, 0, MAX_BYTES))
		return CTL_USAGE;
	ctl_begin(c);
	if (rows_count(ctl_run(c, STMT_cmd_org_list, &org)) == 0)
		return org_missing(org);
	created = rows_count(workspace_get(c, org, key)) == 0;
	if (created) {
		if (dflt)
			(void)ctl_run(c, STMT_cmd_workspace_undefault,
			    (const char *[]){ org, key });
		uuid_new(id);
		created = rows_count(ctl_run(c, STMT_cmd_workspace_add,
		    (const char *[]){ id, org, key, name == NULL ? key : name,
		    dflt ? "true" : "false", quota, bytes })) == 1;
	}
	if (!created && !quiet)
		return ctl_error("workspace \"%s\" exists already", path);
	rows = workspace_get(c, org, key);
	if (created)
		workspace_furnish(c, rows_text(rows, 0, ORG_ID),
		    rows_text(rows, 0, 2), org, key);
	ctl_commit(c);
	out_made(c, rows, cols, NCOLS, created, "workspace %s", path);
	return CTL_OK;
}

static int
workspace_list(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	const char *org;

	if (!args_read(c, a, opts, &org, 0, 1))
		return CTL_USAGE;
	ctl_begin(c);
	out_list(c, workspace_get(c, org, NULL), cols, NCOLS);
	return CTL_OK;
}

/* An empty value clears. */
static const char *
given(const char *s)
{
	return s != NULL && s[0] == '\0' ? NULL : s;
}

static int
workspace_set(struct ctl *c, struct args *a)
{
	const char *path, *org, *key, *name = NULL, *quota = NULL;
	const char *bytes = NULL;
	int dflt = 0;
	const struct opt opts[] = {
		{ "name", OPT_TEXT, &name },
		{ "queue-quota", OPT_TEXT, &quota },
		{ "artifact-quota", OPT_TEXT, &bytes },
		{ "default", OPT_FLAG, &dflt },
		{ NULL, OPT_FLAG, NULL }
	};
	struct rows *rows;

	if (!args_read(c, a, opts, &path, 1, 1) ||
	    !args_path(c, a, path, &org, &key) ||
	    !args_name(a, "name", name) ||
	    !args_number(a, "--queue-quota", given(quota), 0, MAX_QUOTA) ||
	    !args_number(a, "--artifact-quota", given(bytes), 0, MAX_BYTES))
		return CTL_USAGE;
	ctl_begin(c);
	if (rows_count(workspace_get(c, org, key)) == 0)
		return workspace_missing(org, key);
	if (dflt)
		(void)ctl_run(c, STMT_cmd_workspace_undefault,
		    (const char *[]){ org, key });
	(void)ctl_run(c, STMT_cmd_workspace_set, (const char *[]){ org, key,
	    name, dflt ? "true" : NULL, quota, bytes });
	rows = workspace_get(c, org, key);
	ctl_audit(c, rows_text(rows, 0, 2), rows_text(rows, 0, ORG_ID),
	    "workspace.set", "%s", path);
	ctl_commit(c);
	if (c->json)
		out_one(c, rows, cols, NCOLS);
	else
		out_done(c, "workspace %s changed", path);
	return CTL_OK;
}

static int
access_add(struct ctl *c, struct args *a)
{
	int quiet = 0, added;
	const struct opt opts[] = {
		{ "if-missing", OPT_FLAG, &quiet },
		{ NULL, OPT_FLAG, NULL }
	};
	const char *pos[2], *org, *key;
	struct rows *ws;

	if (!args_read(c, a, opts, pos, 2, 2) ||
	    !args_path(c, a, pos[0], &org, &key))
		return CTL_USAGE;
	ctl_begin(c);
	if (rows_count(ws = workspace_get(c, org, key)) == 0)
		return workspace_missing(org, key);
	if (rows_count(ctl_run(c, STMT_cmd_member_list,
	    (const char *[]){ org, pos[1] })) == 0) {
		(void)ctl_error("\"%s\" is no member of organisation \"%s\"",
		    pos[1], org);
		ctl_hint("first: trainyard member add %s %s", org, pos[1]);
		return CTL_FAILED;
	}
	added = rows_count(ctl_run(c, STMT_cmd_access_add,
	    (const char *[]){ org, key, pos[1] })) == 1;
	if (!added && !quiet)
		return ctl_error("\"%s\" sees workspace \"%s\" already",
		    pos[1], pos[0]);
	if (added)
		ctl_audit(c, rows_text(ws, 0, 2), rows_text(ws, 0, ORG_ID),
		    "workspace.access.add", "%s %s", pos[0], pos[1]);
	ctl_commit(c);
	out_done(c, "%s sees workspace %s", pos[1], pos[0]);
	return CTL_OK;
}

static int
access_remove(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	const char *pos[2], *org, *key;
	struct rows *ws;

	if (!args_read(c, a, opts, pos, 2, 2) ||
	    !args_path(c, a, pos[0], &org, &key))
		return CTL_USAGE;
	ctl_begin(c);
	if (rows_count(ws = workspace_get(c, org, key)) == 0)
		return workspace_missing(org, key);
	if (rows_count(ctl_run(c, STMT_cmd_access_remove,
	    (const char *[]){ org, key, pos[1] })) == 0)
		return ctl_error("\"%s\" has no access of its own to "
		    "workspace \"%s\"", pos[1], pos[0]);
	ctl_audit(c, rows_text(ws, 0, 2), rows_text(ws, 0, ORG_ID),
	    "workspace.access.remove", "%s %s", pos[0], pos[1]);
	ctl_commit(c);
	out_done(c, "%s no longer sees workspace %s", pos[1], pos[0]);
	return CTL_OK;
}

const struct verb workspace_verbs[] = {
	{ "create", workspace_create, "ORG/KEY [--name NAME] [--default] "
	    "[--queue-quota N] [--artifact-quota BYTES] [-q]" },
	{ "list", workspace_list, "[ORG]" },
	{ "set", workspace_set, "ORG/KEY [--name NAME] [--default] "
	    "[--queue-quota N] [--artifact-quota BYTES]" },
	{ "access add", access_add, "ORG/KEY USER [-q]" },
	{ "access remove", access_remove, "ORG/KEY USER" },
	{ NULL, NULL, NULL }
};
