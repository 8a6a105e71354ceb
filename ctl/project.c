/* SPDX-License-Identifier: BSD-2-Clause */
/* Projects of a workspace. */
#include "config.h"

#include "ctl/args.h"
#include "ctl/out.h"
#include "util/ident.h"

static const struct col cols[] = {
	{ "organization", COL_TEXT },
	{ "workspace", COL_TEXT },
	{ "key", COL_TEXT },
	{ "id", COL_TEXT, 1 },
	{ "name", COL_TEXT },
	{ "is_default", COL_BOOL },
	{ "created_at", COL_TIME },
};
#define NCOLS	((int)(sizeof(cols) / sizeof(cols[0])))

static struct rows *
project_get(struct ctl *c, const char *org, const char *ws, const char *key)
{
	return ctl_run(c, STMT_cmd_project_list,
	    (const char *[]){ org, ws, key });
}

static int
project_create(struct ctl *c, struct args *a)
{
	const char *pos[2], *org, *ws, *key, *name = NULL;
	int dflt = 0, quiet = 0, created;
	const struct opt opts[] = {
		{ "name", OPT_TEXT, &name },
		{ "default", OPT_FLAG, &dflt },
		{ "if-missing", OPT_FLAG, &quiet },
		{ NULL, OPT_FLAG, NULL }
	};
	struct rows *place, *rows;
	char id[UUID_LEN];

	if (!args_read(c, a, opts, pos, 2, 2) ||
	    !args_path(c, a, pos[0], &org, &ws) ||
	    !args_slug(a, "project's key", pos[1]) ||
	    !args_name(a, "name", name))
		return CTL_USAGE;
	key = pos[1];
	ctl_begin(c);
	place = ctl_run(c, STMT_cmd_workspace_list,
	    (const char *[]){ org, ws });
	if (rows_count(place) == 0)
		return ctl_error("workspace \"%s\" does not exist", pos[0]);
	created = rows_count(project_get(c, org, ws, key)) == 0;
	if (created) {
		if (dflt)
			(void)ctl_run(c, STMT_cmd_project_undefault,
			    (const char *[]){ org, ws, key });
		uuid_new(id);
		created = rows_count(ctl_run(c, STMT_cmd_project_add,
		    (const char *[]){ id, org, ws, key, name == NULL ? key :
		    name, dflt ? "true" : "false" })) == 1;
	}
	if (!created && !quiet)
		return ctl_error("project \"%s\" exists already in workspace "
		    "\"%s\"", key, pos[0]);
	rows = project_get(c, org, ws, key);
	if (created)
		ctl_audit(c, rows_text(rows, 0, NCOLS + 1),
		    rows_text(rows, 0, NCOLS), "project.create", "%s/%s",
		    pos[0], key);
	ctl_commit(c);
	out_made(c, rows, cols, NCOLS, created, "project %s/%s", pos[0], key);
	return CTL_OK;
}

static int
project_list(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	const char *path, *org = NULL, *ws = NULL;

	if (!args_read(c, a, opts, &path, 0, 1) ||
	    (path != NULL && !args_path(c, a, path, &org, &ws)))
		return CTL_USAGE;
	ctl_begin(c);
	out_list(c, project_get(c, org, ws, NULL), cols, NCOLS);
	return CTL_OK;
}

const struct verb project_verbs[] = {
	{ "create", project_create, "ORG/WORKSPACE KEY [--name NAME] "
	    "[--default] [-q]" },
	{ "list", project_list, "[ORG/WORKSPACE]" },
	{ NULL, NULL, NULL }
};
