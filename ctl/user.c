/* SPDX-License-Identifier: BSD-2-Clause */
/* People and programs that tokens are made for. */
#include "config.h"

#include <string.h>

#include "ctl/args.h"
#include "ctl/out.h"
#include "util/ident.h"

static const struct col cols[] = {
	{ "email", COL_TEXT },
	{ "id", COL_TEXT, 1 },
	{ "username", COL_TEXT },
	{ "full_name", COL_TEXT },
	{ "organizations", COL_LIST },
	{ "created_at", COL_TIME },
};
#define NCOLS	((int)(sizeof(cols) / sizeof(cols[0])))

static int
user_create(struct ctl *c, struct args *a)
{
	const char *email, *username = NULL, *full_name = NULL;
	int quiet = 0, created;
	const struct opt opts[] = {
		{ "username", OPT_TEXT, &username },
		{ "full-name", OPT_TEXT, &full_name },
		{ "if-missing", OPT_FLAG, &quiet },
		{ NULL, OPT_FLAG, NULL }
	};
	const char *params[4];
	char id[UUID_LEN];
	struct rows *rows;
	enum err e;

	if (!args_read(c, a, opts, &email, 1, 1) || !args_email(a, email) ||
	    !args_name(a, "username", username) ||
	    !args_name(a, "full name", full_name))
		return CTL_USAGE;
	if (username == NULL)
		username = arena_strndup(c->arena, email,
		    strcspn(email, "@"));
	ctl_begin(c);
	uuid_new(id);
	params[0] = id;
	params[1] = email;
	params[2] = username;
	params[3] = full_name;
	e = db_run(c->db, STMT_cmd_user_add, params, &rows);
	if (e == ERR_CONFLICT) {
		(void)ctl_error("another user is called \"%s\"", username);
		ctl_hint("choose a name with --username");
		return CTL_FAILED;
	} else if (e != ERR_OK)
		ctl_fail(c, e);
	created = rows_count(rows) == 1;
	rows_free(rows);
	if (!created && !quiet)
		return ctl_error("user \"%s\" exists already", email);
	if (created)
		ctl_audit(c, NULL, NULL, "user.create", "%s", email);
	ctl_commit(c);
	out_made(c, ctl_run(c, STMT_cmd_user_list, &email), cols, NCOLS,
	    created, "user %s", email);
	return CTL_OK;
}

static int
user_list(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	const char *all = NULL;

	if (!args_read(c, a, opts, NULL, 0, 0))
		return CTL_USAGE;
	ctl_begin(c);
	out_list(c, ctl_run(c, STMT_cmd_user_list, &all), cols, NCOLS);
	return CTL_OK;
}

const struct verb user_verbs[] = {
	{ "create", user_create, "EMAIL [--username NAME] "
	    "[--full-name NAME] [-q]" },
	{ "list", user_list, "" },
	{ NULL, NULL, NULL }
};
