/* SPDX-License-Identifier: BSD-2-Clause */
/* Who belongs to an organisation, and as what. */
#include "config.h"

#include "ctl/args.h"
#include "ctl/org.h"
#include "ctl/out.h"

static const struct col cols[] = {
	{ "organization", COL_TEXT },
	{ "email", COL_TEXT },
	{ "username", COL_TEXT },
	{ "role", COL_TEXT },
	{ "workspaces", COL_LIST },
	{ "created_at", COL_TIME },
};
#define NCOLS	((int)(sizeof(cols) / sizeof(cols[0])))
#define ORG_ID	NCOLS		/* behind what is shown */

static struct rows *
member_get(struct ctl *c, const char *org, const char *email)
{
	return ctl_run(c, STMT_cmd_member_list,
	    (const char *[]){ org, email });
}

/* Why cmd_member_add added nobody, who is no member yet. */
static int
member_refused(struct ctl *c, const char *org, const char *email)
{
	if (rows_count(ctl_run(c, STMT_cmd_org_list, &org)) == 0)
		return org_missing(org);
	if (rows_count(ctl_run(c, STMT_cmd_user_list, &email)) == 0) {
		(void)ctl_error("user \"%s\" does not exist", email);
		ctl_hint("first: trainyard user create %s", email);
		return CTL_FAILED;
	}
	(void)ctl_error("organisation \"%s\" has as many members as it may",
	    org);
	ctl_hint("trainyard org set %s --max-members N", org);
	return CTL_FAILED;
}

/* The workspaces that were asked for, else the default one. */
static int
access_give(struct ctl *c, const char *org, const char *email,
    const struct opt_list *ws)
{
	const char *params[3] = { org, NULL, email };
	size_t i;

	if (ws->n == 0)
		(void)ctl_run(c, STMT_cmd_access_add, params);
	for (i = 0; i < ws->n; i++) {
		params[1] = ws->item[i];
		if (rows_count(ctl_run(c, STMT_cmd_access_add,
		    params)) == 0) {
			(void)ctl_error("workspace \"%s/%s\" does not exist",
			    org, ws->item[i]);
			return 0;
		}
	}
	return 1;
}

static int
member_add(struct ctl *c, struct args *a)
{
	int owner = 0, quiet = 0, created;
	struct opt_list ws = { .n = 0 };
	const struct opt opts[] = {
		{ "owner", OPT_FLAG, &owner },
		{ "workspace", OPT_LIST, &ws },
		{ "if-missing", OPT_FLAG, &quiet },
		{ NULL, OPT_FLAG, NULL }
	};
	const char *pos[2], *org, *email;
	struct rows *rows;

	if (!args_read(c, a, opts, pos, 2, 2))
		return CTL_USAGE;
	org = pos[0];
	email = pos[1];
	if (owner && ws.n > 0)
		return args_fault(a, "an owner sees every workspace: "
		    "--workspace has no use");
	ctl_begin(c);
	created = rows_count(ctl_run(c, STMT_cmd_member_add,
	    (const char *[]){ org, email, owner ? "owner" : "member" })) == 1;
	if (created && !owner && !access_give(c, org, email, &ws))
		return CTL_FAILED;
	rows = member_get(c, org, email);
	if (rows_count(rows) == 0)
		return member_refused(c, org, email);
	if (!created && !quiet)
		return ctl_error("\"%s\" is a member of organisation \"%s\" "
		    "already", email, org);
	if (created)
		ctl_audit(c, NULL, rows_text(rows, 0, ORG_ID), "member.add",
		    "%s %s", org, email);
	ctl_commit(c);
	out_made(c, rows, cols, NCOLS, created, "%s %s of %s", rows_text(rows,
	    0, 3), email, org);
	return CTL_OK;
}

static int
member_set(struct ctl *c, struct args *a)
{
	int owner = 0, plain = 0;
	const struct opt opts[] = {
		{ "owner", OPT_FLAG, &owner },
		{ "no-owner", OPT_FLAG, &plain },
		{ NULL, OPT_FLAG, NULL }
	};
	const char *pos[2], *role;
	struct rows *rows;

	if (!args_read(c, a, opts, pos, 2, 2))
		return CTL_USAGE;
	if (owner == plain)
		return args_fault(a, "--owner or --no-owner is needed");
	role = owner ? "owner" : "member";
	ctl_begin(c);
	if (rows_count(ctl_run(c, STMT_cmd_member_set,
	    (const char *[]){ pos[0], pos[1], role })) == 0)
		return ctl_error("\"%s\" is no member of organisation "
		    "\"%s\"", pos[1], pos[0]);
	rows = member_get(c, pos[0], pos[1]);
	ctl_audit(c, NULL, rows_text(rows, 0, ORG_ID), "member.set",
	    "%s %s %s", pos[0], pos[1], role);
	ctl_commit(c);
	if (c->json)
		out_one(c, rows, cols, NCOLS);
	else
		out_done(c, "%s is %s of %s", pos[1], role, pos[0]);
	return CTL_OK;
}

static int
member_remove(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	const char *pos[2];
	struct rows *rows;

	if (!args_read(c, a, opts, pos, 2, 2))
		return CTL_USAGE;
	ctl_begin(c);
	rows = member_get(c, pos[0], pos[1]);
	if (rows_count(ctl_run(c, STMT_cmd_member_remove, pos)) == 0)
		return ctl_error("\"%s\" is no member of organisation "
		    "\"%s\"", pos[1], pos[0]);
	ctl_audit(c, NULL, rows_text(rows, 0, ORG_ID), "member.remove",
	    "%s %s", pos[0], pos[1]);
	ctl_commit(c);
	out_done(c, "%s is no longer a member of %s", pos[1], pos[0]);
	return CTL_OK;
}

static int
member_list(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	const char *org;

	if (!args_read(c, a, opts, &org, 0, 1))
		return CTL_USAGE;
	ctl_begin(c);
	out_list(c, member_get(c, org, NULL), cols, NCOLS);
	return CTL_OK;
}

const struct verb member_verbs[] = {
	{ "add", member_add, "ORG USER [--owner | --workspace KEY ...] "
	    "[-q]" },
	{ "set", member_set, "ORG USER --owner | --no-owner" },
	{ "remove", member_remove, "ORG USER" },
	{ "list", member_list, "[ORG]" },
	{ NULL, NULL, NULL }
};
