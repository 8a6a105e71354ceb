/* SPDX-License-Identifier: BSD-2-Clause */
/* The trail of what was changed, by whom. */
#include "config.h"

#include "ctl/args.h"
#include "ctl/out.h"

#define AUDIT_LINES	100
#define AUDIT_MOST	100000

static const struct col cols[] = {
	{ "seq", COL_INT },
	{ "at", COL_TIME },
	{ "actor", COL_TEXT },
	{ "action", COL_TEXT },
	{ "target", COL_TEXT },
	{ "organization", COL_TEXT },
	{ "workspace", COL_TEXT },
	{ "request_id", COL_TEXT, 1 },
};
#define NCOLS	((int)(sizeof(cols) / sizeof(cols[0])))

static int
audit_list(struct ctl *c, struct args *a)
{
	const char *org = NULL, *limit = NULL;
	const struct opt opts[] = {
		{ "org", OPT_TEXT, &org },
		{ "limit", OPT_TEXT, &limit },
		{ NULL, OPT_FLAG, NULL }
	};

	if (!args_read(c, a, opts, NULL, 0, 0) ||
	    !args_number(a, "--limit", limit, 1, AUDIT_MOST))
		return CTL_USAGE;
	if (limit == NULL)
		limit = ctl_int(c, AUDIT_LINES);
	ctl_begin(c);
	out_list(c, ctl_run(c, STMT_cmd_audit_list,
	    (const char *[]){ org, limit }), cols, NCOLS);
	return CTL_OK;
}

const struct verb audit_verbs[] = {
	{ "list", audit_list, "[--org KEY] [--limit N]" },
	{ NULL, NULL, NULL }
};
