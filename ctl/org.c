/* SPDX-License-Identifier: BSD-2-Clause */
/* Organisations: create, list, show, change, and their webhook secrets. */
#include "config.h"

#include "ctl/args.h"
#include "ctl/org.h"
#include "ctl/out.h"
#include "domain/secret.h"
#include "domain/webhook_url.h"

/* Longest run that makes sense: ten years. */
#define MAX_SECONDS	315360000

static const struct col cols[] = {
	{ "key", COL_TEXT },
	{ "id", COL_TEXT, 1 },
	{ "name", COL_TEXT },
	{ "description", COL_TEXT, 1 },
	{ "is_active", COL_BOOL },
	{ "max_members", COL_INT, 1 },
	{ "member_count", COL_INT },
	{ "workspace_count", COL_INT },
	{ "max_runtime_seconds", COL_INT },
	{ "default_runtime_seconds", COL_INT, 1 },
	{ "webhook_url", COL_TEXT },
	{ "created_at", COL_TIME },
	{ "updated_at", COL_TIME, 1 },
};
#define NCOLS	((int)(sizeof(cols) / sizeof(cols[0])))

static struct rows *
org_get(struct ctl *c, const char *key)
{
	return ctl_run(c, STMT_cmd_org_list, &key);
}

int
org_missing(const char *key)
{
	(void)ctl_error("organisation \"%s\" does not exist", key);
	ctl_hint("\"trainyard org list\" shows those that do");
	return CTL_FAILED;
}

static int
url_ok(struct ctl *c, const struct args *a, const char *url)
{
	if (url == NULL || url[0] == '\0')
		return 1;
	ctl_conf(c);
	webhook_allow(c->conf.webhook_allow);
	if (webhook_url_ok(url))
		return 1;
	(void)args_fault(a, "\"%s\" is no webhook URL: https, with a public "
	    "host, port 443 or 1024 to 65535, no user and no fragment", url);
	return 0;
}

/* Limits as given; an empty text clears one, where that is allowed. */
static int
limits_ok(const struct args *a, const char *longest, const char *dflt,
    int may_clear)
{
	if (may_clear && longest != NULL && longest[0] == '\0')
		longest = NULL;
	if (may_clear && dflt != NULL && dflt[0] == '\0')
		dflt = NULL;
	return args_number(a, "--max-runtime", longest, 1, MAX_SECONDS) &&
	    args_number(a, "--default-runtime", dflt, 1, MAX_SECONDS);
}

/* The first workspace and project, so that a caller needs to name none. */
static void
org_furnish(struct ctl *c, const char *org_id, const char *key)
{
	char ws[UUID_LEN], project[UUID_LEN];
	const char *wp[] = { ws, key, "main", "Main", "true", NULL, NULL };
	const char *pp[] = { project, key, "main", "default", "Default",
	    "true" };

	uuid_new(ws);
	uuid_new(project);
	(void)ctl_run(c, STMT_cmd_workspace_add, wp);
	(void)ctl_run(c, STMT_cmd_project_add, pp);
	ctl_audit(c, ws, org_id, "workspace.create", "%s/main", key);
	ctl_audit(c, ws, org_id, "project.create", "%s/main/default", key);
}

static int
org_create(struct ctl *c, struct args *a)
{
	const char *key, *name = NULL, *description = NULL, *longest = NULL;
	const char *dflt = NULL, *url = NULL;
	int bare = 0, quiet = 0, created;
	const struct opt opts[] = {
		{ "name", OPT_TEXT, &name },
		{ "description", OPT_TEXT, &description },
		{ "max-runtime", OPT_TEXT, &longest },
		{ "default-runtime", OPT_TEXT, &dflt },
		{ "webhook-url", OPT_TEXT, &url },
		{ "no-workspace", OPT_FLAG, &bare },
		{ "if-missing", OPT_FLAG, &quiet },
		{ NULL, OPT_FLAG, NULL }
	};
	char id[UUID_LEN], secret[SECRET_LEN];

	if (!args_read(c, a, opts, &key, 1, 1) ||
	    !args_slug(a, "organisation's key", key) ||
	    !args_name(a, "name", name) ||
	    !args_name(a, "description", description) ||
	    !limits_ok(a, longest, dflt, 0) || !url_ok(c, a, url))
		return CTL_USAGE;
	if (url != NULL && url[0] == '\0')
		url = NULL;
	ctl_begin(c);
	uuid_new(id);
	secret_webhook(secret);
	created = rows_count(ctl_run(c, STMT_cmd_org_add,
	    (const char *[]){ id, key, name == NULL ? key : name, description,
	    longest, dflt, url, secret })) == 1;
	if (!created && !quiet)
		return ctl_error("organisation \"%s\" exists already", key);
	if (created) {
		ctl_audit(c, NULL, id, "organization.create", "%s", key);
		if (!bare)
			org_furnish(c, id, key);
	}
	ctl_commit(c);
	out_made(c, org_get(c, key), cols, NCOLS, created,
	    "organisation %s", key);
	return CTL_OK;
}

static int
org_list(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	const char *all = NULL;

	if (!args_read(c, a, opts, NULL, 0, 0))
		return CTL_USAGE;
	ctl_begin(c);
	out_list(c, ctl_run(c, STMT_cmd_org_list, &all), cols, NCOLS);
	return CTL_OK;
}

static int
org_show(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	struct rows *rows;
	const char *key;

	if (!args_read(c, a, opts, &key, 1, 1))
		return CTL_USAGE;
	ctl_begin(c);
	if (rows_count(rows = org_get(c, key)) == 0)
		return org_missing(key);
	out_one(c, rows, cols, NCOLS);
	return CTL_OK;
}

static int
org_set(struct ctl *c, struct args *a)
{
	const char *key, *name = NULL, *description = NULL, *longest = NULL;
	const char *dflt = NULL, *url = NULL, *members = NULL;
	int enable = 0, disable = 0;
	const struct opt opts[] = {
		{ "name", OPT_TEXT, &name },
		{ "description", OPT_TEXT, &description },
		{ "enable", OPT_FLAG, &enable },
		{ "disable", OPT_FLAG, &disable },
		{ "max-members", OPT_TEXT, &members },
		{ "max-runtime", OPT_TEXT, &longest },
		{ "default-runtime", OPT_TEXT, &dflt },
		{ "webhook-url", OPT_TEXT, &url },
		{ NULL, OPT_FLAG, NULL }
	};
	struct rows *rows;

	if (!args_read(c, a, opts, &key, 1, 1) ||
	    !args_name(a, "name", name) ||
	    !args_name(a, "description", description != NULL &&
	    description[0] == '\0' ? NULL : description) ||
	    !args_number(a, "--max-members", members, 0, 1000000) ||
	    !limits_ok(a, longest, dflt, 1) || !url_ok(c, a, url))
		return CTL_USAGE;
	if (enable && disable)
		return args_fault(a, "--enable and --disable exclude each "
		    "other");
	ctl_begin(c);
	rows = ctl_run(c, STMT_cmd_org_set, (const char *[]){ key, name,
	    description, enable ? "true" : disable ? "false" : NULL, members,
	    longest, dflt, url });
	if (rows_count(rows) == 0)
		return org_missing(key);
	ctl_audit(c, NULL, rows_text(rows, 0, 0), "organization.set", "%s",
	    key);
	ctl_commit(c);
	if (c->json)
		out_one(c, org_get(c, key), cols, NCOLS);
	else
		out_done(c, "organisation %s changed", key);
	return CTL_OK;
}

static int
org_secret(struct ctl *c, struct args *a)
{
	static const struct col secrets[] = {
		{ "id", COL_TEXT, 1 },
		{ "webhook_secret", COL_TEXT },
		{ "webhook_secret_previous", COL_TEXT },
	};
	int rotate = 0, finish = 0;
	const struct opt opts[] = {
		{ "rotate", OPT_FLAG, &rotate },
		{ "finish", OPT_FLAG, &finish },
		{ NULL, OPT_FLAG, NULL }
	};
	char secret[SECRET_LEN];
	struct rows *rows;
	const char *key;

	if (!args_read(c, a, opts, &key, 1, 1))
		return CTL_USAGE;
	if (rotate && finish)
		return args_fault(a, "--rotate and --finish exclude each "
		    "other");
	ctl_begin(c);
	secret_webhook(secret);
	if (rotate)
		(void)ctl_run(c, STMT_cmd_org_secret_rotate,
		    (const char *[]){ key, secret });
	else if (finish)
		(void)ctl_run(c, STMT_cmd_org_secret_finish, &key);
	rows = ctl_run(c, STMT_cmd_org_secret, &key);
	if (rows_count(rows) == 0)
		return org_missing(key);
	ctl_audit(c, NULL, rows_text(rows, 0, 0), rotate ?
	    "organization.secret.rotate" : finish ?
	    "organization.secret.finish" : "organization.secret.read", "%s",
	    key);
	ctl_commit(c);
	out_one(c, rows, secrets, 3);
	return CTL_OK;
}

const struct verb org_verbs[] = {
	{ "create", org_create, "KEY [--name NAME] [--description TEXT] "
	    "[--max-runtime SECONDS] [--default-runtime SECONDS] "
	    "[--webhook-url URL] [--no-workspace] [-q]" },
	{ "list", org_list, "" },
	{ "show", org_show, "KEY" },
	{ "set", org_set, "KEY [--name NAME] [--description TEXT] "
	    "[--enable | --disable] [--max-members N] "
	    "[--max-runtime SECONDS] [--default-runtime SECONDS] "
	    "[--webhook-url URL]" },
	{ "secret", org_secret, "KEY [--rotate | --finish]" },
	{ NULL, NULL, NULL }
};
