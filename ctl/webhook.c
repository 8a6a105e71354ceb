/* SPDX-License-Identifier: BSD-2-Clause */
/* Notifications of the whole site: webhooks and mail, and sending one again. */
#include "config.h"

#include "ctl/args.h"
#include "ctl/out.h"
#include "domain/delivery.h"

#define LINES		50
#define LINES_MOST	10000

static const struct col cols[] = {
	{ "id", COL_TEXT },
	{ "organization", COL_TEXT },
	{ "workspace", COL_TEXT, 1 },
	{ "channel", COL_TEXT },
	{ "event", COL_TEXT },
	{ "job_id", COL_TEXT, 1 },
	{ "receiver", COL_TEXT },
	{ "status", COL_TEXT },
	{ "attempts", COL_INT },
	{ "next_attempt_at", COL_TIME },
	{ "created_at", COL_TIME },
	{ "response_status", COL_INT },
	{ "error", COL_TEXT },
};
#define NCOLS	((int)(sizeof(cols) / sizeof(cols[0])))

static int
webhook_list(struct ctl *c, struct args *a)
{
	const char *org = NULL, *status = NULL, *limit = NULL;
	const char *statuses;
	const struct opt opts[] = {
		{ "org", OPT_TEXT, &org },
		{ "status", OPT_TEXT, &status },
		{ "limit", OPT_TEXT, &limit },
		{ NULL, OPT_FLAG, NULL }
	};

	if (!args_read(c, a, opts, NULL, 0, 0) ||
	    !args_number(a, "--limit", limit, 1, LINES_MOST))
		return CTL_USAGE;
	if ((statuses = delivery_words(c->arena, "status", status)) == NULL)
		return args_fault(a, "\"%s\" is no status of a delivery",
		    status);
	if (limit == NULL)
		limit = ctl_int(c, LINES);
	ctl_begin(c);
	out_list(c, ctl_run(c, STMT_cmd_webhook_list,
	    (const char *[]){ org, statuses,
	    delivery_words(c->arena, "event", NULL), limit }), cols, NCOLS);
	return CTL_OK;
}

static int
webhook_redeliver(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	const char *given, *id;
	char uuid[UUID_LEN];
	struct rows *rows;

	if (!args_read(c, a, opts, &given, 1, 1))
		return CTL_USAGE;
	if (!typeid_parse(given, "whd_", uuid) && !uuid_parse(given, uuid))
		return args_fault(a, "\"%s\" is no id of a delivery", given);
	id = uuid;
	ctl_begin(c);
	rows = ctl_run(c, STMT_cmd_webhook_again, &id);
	if (rows_count(rows) == 0)
		return ctl_error("delivery %s is on its way, or does not "
		    "exist", given);
	ctl_audit(c, rows_text(rows, 0, 0), rows_text(rows, 0, 1),
	    "webhook.redeliver", "%s", uuid);
	ctl_commit(c);
	out_done(c, "delivery %s is sent again", given);
	return CTL_OK;
}

const struct verb webhook_verbs[] = {
	{ "list", webhook_list, "[--org KEY] [--status STATUS] [--limit N]" },
	{ "redeliver", webhook_redeliver, "ID" },
	{ NULL, NULL, NULL }
};
