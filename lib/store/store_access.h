/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens and what their accounts may see. */
#ifndef STORE_ACCESS_H
#define STORE_ACCESS_H

#include <stdint.h>

#include "store/db.h"
#include "util/ident.h"

/* Who calls: a token and its account. */
struct principal {
	char		 token_id[UUID_LEN];
	char		 account_id[UUID_LEN];
	char		 email[256];
	char		 username[201];
	char		 full_name[201];
	char		 organization_id[UUID_LEN];	/* "" for none */
	char		 workspace_id[UUID_LEN];	/* "" for none */
	uint32_t	 scopes;	/* domain/access.h: bit a scope */
	int64_t		 rate_limit;	/* a minute; -1: the site's */
	int64_t		 expires;	/* microseconds, 0: never */
	/* only of a job's token, which speaks for one attempt */
	char		 job_id[UUID_LEN];	/* "" for any other token */
	int		 attempt;		/* 0: whichever is current */
	char		 project[64];		/* the job's */
};

/* What an organisation without limits of its own has, in seconds. */
#define PLATFORM_MAX_RUNTIME		86400
#define PLATFORM_DEFAULT_RUNTIME	3600

/*
 * Where: an organisation and one of its workspaces, or the organisation
 * alone; then only its own fields are filled in.
 */
struct tenant {
	char		 organization_id[UUID_LEN];
	char		 organization_key[64];
	char		 workspace_id[UUID_LEN];
	char		 workspace_key[64];
	char		 shelf_id[UUID_LEN];	/* the default workspace */
	char		 project[64];		/* default project's key */
	int64_t		 queue_quota;		/* -1: the site's */
	int64_t		 max_runtime;		/* seconds */
	int		 webhook;		/* the organisation has a URL */
	int		 owner;			/* organisation alone: may all */
};

/*
 * By SHA-256; out->scopes is left to the caller, who gets the words as an
 * array literal in `scopes`.  ERR_NOT_FOUND: unknown, revoked or expired.
 */
enum err store_access_token(struct db *, const uint8_t digest[32],
    struct principal *out, char *scopes, size_t size) MUSTCHECK;
/*
 * The token of an attempt, under way or not: out->job_id, out->attempt and
 * out->workspace_id say which.  ERR_NOT_FOUND: another token's digest.
 */
enum err store_access_job_token(struct db *, const uint8_t digest[32],
    struct principal *out) MUSTCHECK;
/* Is the attempt of a job's token still the one under way? */
enum err store_access_job_alive(struct db *, const struct principal *,
    int *alive) MUSTCHECK;
/*
 * In a transaction: the attempt stays under way until the commit.  ERR_AUTH:
 * it is not any more.
 */
enum err store_access_job_hold(struct db *, const struct principal *)
    MUSTCHECK;
/*
 * By keys; NULL: what the token is bound to, else the default workspace.  A
 * job's token sees its own and the default one, whatever became of its
 * account's memberships.
 * ERR_NOT_FOUND: not there, not active, or not for this principal.
 */
enum err store_access_tenant(struct db *, const struct principal *,
    const char *organization, const char *workspace, struct tenant *)
    MUSTCHECK;
/* The organisation alone, by its key.  ERR_NOT_FOUND as above. */
enum err store_access_organization(struct db *, const struct principal *,
    const char *organization, struct tenant *) MUSTCHECK;

#endif
