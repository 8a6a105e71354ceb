/* SPDX-License-Identifier: BSD-2-Clause */
/* API tokens: shown once when they are made, stored as a digest. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/out.h"
#include "domain/access.h"
#include "domain/secret.h"
#include "store/sqlarr.h"
#include "util/ident.h"
#include "util/ts.h"

#define MAX_RATE	10000000

static const struct col cols[] = {
	{ "id", COL_TEXT },
	{ "name", COL_TEXT },
	{ "hint", COL_TEXT },
	{ "user", COL_TEXT },
	{ "organization", COL_TEXT },
	{ "workspace", COL_TEXT },
	{ "scopes", COL_LIST, 1 },
	{ "rate_limit", COL_INT, 1 },
	{ "state", COL_TEXT },
	{ "created_at", COL_TIME },
	{ "expires_at", COL_TIME },
	{ "revoked_at", COL_TIME, 1 },
};
#define NCOLS	((int)(sizeof(cols) / sizeof(cols[0])))
#define ORG_ID	NCOLS		/* behind what is shown */
#define WS_ID	(NCOLS + 1)

/* What a token is made from. */
struct order {
	const char	*email, *org, *workspace, *name, *rate;
	const char	*scopes;	/* array literal */
	const char	*seconds, *until;
};

static struct rows *
token_get(struct ctl *c, const char *id)
{
	return ctl_run(c, STMT_cmd_token_list,
	    (const char *[]){ NULL, NULL, id, "true" });
}

/*
 * The token goes to standard output and nowhere else, so that
 * "trainyard token create ... >file" holds it alone.
 */
static void
token_tell(struct ctl *c, const char *token, const char *id)
{
	struct rows *rows = token_get(c, id);
	struct jw w;

	if (!c->json) {
		(void)puts(token);
		(void)fprintf(stderr, "trainyard: token %s of %s; it will not "
		    "be shown again\n", id, rows_text(rows, 0, 3));
		return;
	}
	jw_init(&w, c->arena);
	jw_obj(&w);
	jw_kstr(&w, "id", id);
	jw_kstr(&w, "token", token);
	jw_kstr(&w, "name", rows_text(rows, 0, 1));
	jw_kstr(&w, "user", rows_text(rows, 0, 3));
	jw_kstr(&w, "organization", rows_text_opt(rows, 0, 4));
	jw_kstr(&w, "workspace", rows_text_opt(rows, 0, 5));
	jw_kbool(&w, "created", 1);
	jw_end(&w);
	out_json(&w);
}

/* Every scope, unless some were asked for. */
static int
scopes_read(struct ctl *c, const struct args *a, const struct opt_list *asked,
    const char **literal)
{
	struct buf b;
	size_t i;
	int s;

	buf_init(&b, c->arena);
	sqlarr_begin(&b);
	if (asked->n == 0)
		for (s = SCOPE_NONE + 1; s < SCOPE__MAX; s++)
			sqlarr_add(&b, scope_word((enum scope)s));
	for (i = 0; i < asked->n; i++) {
		for (s = SCOPE_NONE + 1; s < SCOPE__MAX; s++)
			if (strcmp(asked->item[i],
			    scope_word((enum scope)s)) == 0)
				break;
		if (s == SCOPE__MAX) {
			(void)args_fault(a, "\"%s\" is no scope; they are "
			    "training:read, :write and :worker, artifacts:, "
			    "judges: and feedback:read and :write",
			    asked->item[i]);
			return 0;
		}
		sqlarr_add(&b, asked->item[i]);
	}
	sqlarr_end(&b);
	*literal = b.data;
	return 1;
}

/* A duration from now, or a point in time as RFC 3339 has it. */
static int
expiry_read(struct ctl *c, const struct args *a, const char *text,
    struct order *o)
{
	int64_t v;

	if (text == NULL)
		return 1;
	if (strchr(text, 'T') != NULL || strchr(text, ':') != NULL) {
		if (ts_parse(text, strlen(text), &v) == -1 || v <= ts_now()) {
			(void)args_fault(a, "--expires: \"%s\" is no time to "
			    "come, as in 2030-01-31T00:00:00Z", text);
			return 0;
		}
		o->until = ctl_int(c, v);
		return 1;
	}
	if (!args_duration(a, "--expires", text, &v))
		return 0;
	o->seconds = ctl_int(c, v);
	return 1;
}

/* The place, when the account may see what the token is to be bound to. */
static struct rows *
place_find(struct ctl *c, const struct order *o)
{
	struct rows *rows;

	rows = ctl_run(c, STMT_cmd_token_place,
	    (const char *[]){ o->email, o->org, o->workspace });
	if (rows_count(rows) == 0) {
		(void)ctl_error("user \"%s\" does not exist", o->email);
		ctl_hint("first: trainyard user create %s", o->email);
		return NULL;
	}
	if (o->org == NULL)
		return rows;
	if (rows_null(rows, 0, 1)) {
		(void)ctl_error("organisation \"%s\" does not exist", o->org);
		return NULL;
	}
	if (!rows_bool(rows, 0, 3)) {
		(void)ctl_error("\"%s\" is no member of organisation \"%s\"",
		    o->email, o->org);
		ctl_hint("first: trainyard member add %s %s", o->org,
		    o->email);
		return NULL;
	}
	if (o->workspace == NULL)
		return rows;
	if (rows_null(rows, 0, 2)) {
		(void)ctl_error("workspace \"%s/%s\" does not exist", o->org,
		    o->workspace);
		return NULL;
	}
	if (!rows_bool(rows, 0, 4)) {
		(void)ctl_error("\"%s\" does not see workspace \"%s/%s\"",
		    o->email, o->org, o->workspace);
		ctl_hint("first: trainyard workspace access add %s/%s %s",
		    o->org, o->workspace, o->email);
		return NULL;
	}
	return rows;
}

/* Nothing that could be taken for a token goes to standard output. */
static int
token_exists(struct ctl *c, const char *id)
{
	struct rows *rows = token_get(c, id);

	if (c->json)
		out_made(c, rows, cols, NCOLS, 0, "token %s", id);
	else
		(void)fprintf(stderr, "trainyard: token %s of %s exists "
		    "already\n", id, rows_text(rows, 0, 3));
	return CTL_OK;
}

static int
token_make(struct ctl *c, const struct order *o, int quiet)
{
	char id[UUID_LEN], token[SECRET_LEN], digest[SHA256_HEX_LEN];
	struct rows *place, *named;
	const char *account;

	ctl_begin(c);
	if ((place = place_find(c, o)) == NULL)
		return CTL_FAILED;
	account = rows_text(place, 0, 0);
	if (quiet) {
		named = ctl_run(c, STMT_cmd_token_named,
		    (const char *[]){ account, o->name });
		if (rows_count(named) == 1)
			return token_exists(c, rows_text(named, 0, 0));
	}
	uuid_new(id);
	secret_token(SECRET_KEY, token);
	secret_digest(token, digest);
	(void)ctl_run(c, STMT_cmd_token_add, (const char *[]){ id, digest,
	    secret_hint(token), o->name, account, rows_text_opt(place, 0, 1),
	    rows_text_opt(place, 0, 2), o->scopes, o->rate, o->seconds,
	    o->until });
	ctl_audit(c, rows_text_opt(place, 0, 2), rows_text_opt(place, 0, 1),
	    "token.create", "%s of %s", id, o->email);
	ctl_commit(c);
	token_tell(c, token, id);
	return CTL_OK;
}

static int
token_create(struct ctl *c, struct args *a)
{
	struct order o = { .name = "default" };
	struct opt_list scopes = { .n = 0 };
	const char *expires = NULL;
	int quiet = 0;
	const struct opt opts[] = {
		{ "user", OPT_TEXT, &o.email },
		{ "org", OPT_TEXT, &o.org },
		{ "workspace", OPT_TEXT, &o.workspace },
		{ "scope", OPT_LIST, &scopes },
		{ "name", OPT_TEXT, &o.name },
		{ "expires", OPT_TEXT, &expires },
		{ "rate-limit", OPT_TEXT, &o.rate },
		{ "if-missing", OPT_FLAG, &quiet },
		{ NULL, OPT_FLAG, NULL }
	};

	if (!args_read(c, a, opts, NULL, 0, 0) ||
	    !args_name(a, "name", o.name) ||
	    !args_number(a, "--rate-limit", o.rate, 0, MAX_RATE) ||
	    !scopes_read(c, a, &scopes, &o.scopes) ||
	    !expiry_read(c, a, expires, &o))
		return CTL_USAGE;
	if (o.email == NULL)
		return args_fault(a, "--user is needed");
	if (o.workspace != NULL && o.org == NULL)
		return args_fault(a, "--workspace needs --org");
	return token_make(c, &o, quiet);
}

static int
token_list(struct ctl *c, struct args *a)
{
	const char *email = NULL, *org = NULL;
	int all = 0;
	const struct opt opts[] = {
		{ "user", OPT_TEXT, &email },
		{ "org", OPT_TEXT, &org },
		{ "all", OPT_FLAG, &all },
		{ NULL, OPT_FLAG, NULL }
	};

	if (!args_read(c, a, opts, NULL, 0, 0))
		return CTL_USAGE;
	ctl_begin(c);
	out_list(c, ctl_run(c, STMT_cmd_token_list, (const char *[]){ email,
	    org, NULL, all ? "true" : "false" }), cols, NCOLS);
	return CTL_OK;
}

static int
id_read(const struct args *a, const char *text, char id[UUID_LEN])
{
	if (uuid_parse(text, id))
		return 1;
	(void)args_fault(a, "\"%s\" is no token's id; \"trainyard token list\""
	    " shows them", text);
	return 0;
}

/* Tells why nothing was changed. */
static int
token_over(struct ctl *c, const char *id)
{
	struct rows *rows = token_get(c, id);

	if (rows_count(rows) == 0)
		return ctl_error("token %s does not exist", id);
	return ctl_error("token %s is %s", id, rows_text(rows, 0, 8));
}

static int
token_revoke(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	const char *text, *params[1];
	char id[UUID_LEN];
	struct rows *rows;

	if (!args_read(c, a, opts, &text, 1, 1) || !id_read(a, text, id))
		return CTL_USAGE;
	params[0] = id;
	ctl_begin(c);
	rows = ctl_run(c, STMT_cmd_token_revoke, params);
	if (rows_count(rows) == 0)
		return token_over(c, id);
	ctl_audit(c, rows_text_opt(rows, 0, 1), rows_text_opt(rows, 0, 0),
	    "token.revoke", "%s", id);
	ctl_commit(c);
	out_done(c, "token %s revoked", id);
	return CTL_OK;
}

static int
token_rotate(struct ctl *c, struct args *a)
{
	const char *text, *keep = NULL;
	const struct opt opts[] = {
		{ "keep", OPT_TEXT, &keep },
		{ NULL, OPT_FLAG, NULL }
	};
	char old[UUID_LEN], id[UUID_LEN], token[SECRET_LEN];
	char digest[SHA256_HEX_LEN];
	int64_t seconds = 0;
	struct rows *rows;

	if (!args_read(c, a, opts, &text, 1, 1) || !id_read(a, text, old) ||
	    (keep != NULL && !args_duration(a, "--keep", keep, &seconds)))
		return CTL_USAGE;
	ctl_begin(c);
	uuid_new(id);
	secret_token(SECRET_KEY, token);
	secret_digest(token, digest);
	if (rows_count(ctl_run(c, STMT_cmd_token_copy, (const char *[]){ id,
	    digest, secret_hint(token), old })) == 0)
		return token_over(c, old);
	if (keep != NULL)
		rows = ctl_run(c, STMT_cmd_token_expire,
		    (const char *[]){ old, ctl_int(c, seconds) });
	else
		rows = ctl_run(c, STMT_cmd_token_revoke,
		    (const char *[]){ old });
	ctl_audit(c, rows_text_opt(rows, 0, 1), rows_text_opt(rows, 0, 0),
	    "token.rotate", "%s to %s", old, id);
	ctl_commit(c);
	token_tell(c, token, id);
	return CTL_OK;
}

const struct verb token_verbs[] = {
	{ "create", token_create, "--user EMAIL [--org KEY] "
	    "[--workspace KEY] [--scope SCOPE ...] [--name NAME] "
	    "[--expires 90d] [--rate-limit N] [-q]" },
	{ "list", token_list, "[--user EMAIL] [--org KEY] [--all]" },
	{ "revoke", token_revoke, "ID" },
	{ "rotate", token_rotate, "ID [--keep 1d]" },
	{ NULL, NULL, NULL }
};
