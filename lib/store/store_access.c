/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens and memberships in PostgreSQL. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "store/store_access.h"
#include "util/hash.h"

static void
copy(char *out, size_t size, const struct rows *r, int col)
{
	snprintf(out, size, "%s", rows_text(r, 0, col));
}

/* The first six columns of what finds a token. */
static void
holder_at(const struct rows *r, struct principal *out)
{
	copy(out->token_id, sizeof(out->token_id), r, 0);
	copy(out->account_id, sizeof(out->account_id), r, 1);
	copy(out->email, sizeof(out->email), r, 2);
	copy(out->username, sizeof(out->username), r, 3);
	copy(out->full_name, sizeof(out->full_name), r, 4);
	copy(out->organization_id, sizeof(out->organization_id), r, 5);
}

enum err
store_access_token(struct db *db, const uint8_t digest[32],
    struct principal *out, char *scopes, size_t size)
{
	char			 hex[SHA256_HEX_LEN];
	const char *const	 p[] = { hex };
	struct rows		*r;
	enum err		 err;

	hex_encode(digest, 32, hex);
	if ((err = db_find(db, STMT_token_by_digest, p, &r)) != ERR_OK)
		return err;
	memset(out, 0, sizeof(*out));
	holder_at(r, out);
	copy(out->workspace_id, sizeof(out->workspace_id), r, 6);
	snprintf(scopes, size, "%s", rows_text(r, 0, 7));
	out->rate_limit = rows_null(r, 0, 8) ? -1 : rows_int(r, 0, 8);
	out->expires = rows_null(r, 0, 9) ? 0 : rows_ts(r, 0, 9);
	rows_free(r);
	return ERR_OK;
}

enum err
store_access_job_token(struct db *db, const uint8_t digest[32],
    struct principal *out)
{
	char			 hex[SHA256_HEX_LEN], number[16];
	const char *const	 p[] = { out->workspace_id, out->job_id,
	    number, hex };
	struct rows		*r;
	enum err		 err;

	hex_encode(digest, 32, hex);
	snprintf(number, sizeof(number), "%d", out->attempt);
	if ((err = db_find(db, STMT_job_token_find, p, &r)) != ERR_OK)
		return err;
	/* counted and logged under its job's id */
	holder_at(r, out);
	copy(out->project, sizeof(out->project), r, 6);
	rows_free(r);
	return ERR_OK;
}

static enum err
attempt_look(struct db *db, enum stmt stmt, const struct principal *who,
    int *alive)
{
	char			 number[16];
	const char *const	 p[] = { who->workspace_id, who->job_id,
	    number };
	struct rows		*r;
	enum err		 err;

	snprintf(number, sizeof(number), "%d", who->attempt);
	if ((err = db_run(db, stmt, p, &r)) != ERR_OK)
		return err;
	*alive = rows_count(r) > 0;
	rows_free(r);
	return ERR_OK;
}

enum err
store_access_job_alive(struct db *db, const struct principal *who, int *alive)
{
	return attempt_look(db, STMT_job_token_alive, who, alive);
}

enum err
store_access_job_hold(struct db *db, const struct principal *who)
{
	enum err	err;
	int		alive;

	err = attempt_look(db, STMT_job_token_hold, who, &alive);
	return err == ERR_OK && !alive ? ERR_AUTH : err;
}

enum err
store_access_tenant(struct db *db, const struct principal *who,
    const char *organization, const char *workspace, struct tenant *out)
{
	const char *const	 p[] = { who->account_id, organization,
	    workspace, who->organization_id[0] == '\0' ? NULL :
	    who->organization_id, who->workspace_id[0] == '\0' ? NULL :
	    who->workspace_id };
	struct rows		*r;
	enum err		 err;

	err = who->job_id[0] == '\0' ? db_find(db, STMT_tenant_for, p, &r) :
	    db_find(db, STMT_tenant_for_job, p + 1, &r);
	if (err != ERR_OK)
		return err;
	memset(out, 0, sizeof(*out));
	copy(out->organization_id, sizeof(out->organization_id), r, 0);
	copy(out->organization_key, sizeof(out->organization_key), r, 1);
	copy(out->workspace_id, sizeof(out->workspace_id), r, 2);
	copy(out->workspace_key, sizeof(out->workspace_key), r, 3);
	copy(out->shelf_id, sizeof(out->shelf_id), r, 4);
	copy(out->project, sizeof(out->project), r, 5);
	out->queue_quota = rows_null(r, 0, 6) ? -1 : rows_int(r, 0, 6);
	out->max_runtime = rows_null(r, 0, 7) ? PLATFORM_MAX_RUNTIME :
	    rows_int(r, 0, 7);
	out->webhook = rows_bool(r, 0, 8);
	rows_free(r);
	return ERR_OK;
}

enum err
store_access_organization(struct db *db, const struct principal *who,
    const char *organization, struct tenant *out)
{
	const char *const	 p[] = { who->account_id, organization,
	    who->organization_id[0] == '\0' ? NULL : who->organization_id };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_organization_for, p, &r)) != ERR_OK)
		return err;
	memset(out, 0, sizeof(*out));
	copy(out->organization_id, sizeof(out->organization_id), r, 0);
	copy(out->organization_key, sizeof(out->organization_key), r, 1);
	out->owner = rows_bool(r, 0, 2);
	rows_free(r);
	return ERR_OK;
}
