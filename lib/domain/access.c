/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens, scopes and memberships. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/access.h"
#include "domain/secret.h"
#include "domain/state.h"
#include "store/store_access.h"
#include "store/store_attempt.h"
#include "util/cache.h"
#include "util/hash.h"
#include "util/log.h"
#include "util/ts.h"

#define TOKENS	4096
#define TENANTS	4096

struct access {
	struct pool	*pool;
	struct cache	*tokens;	/* SHA-256 -> struct principal */
	struct cache	*tenants;	/* account, org, ws -> struct tenant */
};

const char *
scope_word(enum scope s)
{
	switch (s) {
#define SCOPE(sym, word) case SCOPE_##sym: return word;
	SCOPE_TABLE
#undef SCOPE
	default:
		return "";
	}
}

struct access *
access_new(struct pool *pool, int64_t cache_seconds)
{
	struct access	*a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		fatal("access");
	a->pool = pool;
	a->tokens = cache_new(sizeof(struct principal), TOKENS,
	    cache_seconds * 1000000);
	a->tenants = cache_new(sizeof(struct tenant), TENANTS,
	    cache_seconds * 1000000);
	return a;
}

void
access_free(struct access *a)
{
	if (a == NULL)
		return;
	cache_free(a->tokens);
	cache_free(a->tenants);
	free(a);
}

void
access_forget(struct access *a)
{
	cache_flush(a->tokens);
	cache_flush(a->tenants);
}

void
access_trust(struct access *a, int on)
{
	cache_enable(a->tokens, on);
	cache_enable(a->tenants, on);
}

/* {training:read,artifacts:read}: words without quotes or commas in them */
static uint32_t
scopes_parse(char *literal)
{
	char		*word, *save;
	uint32_t	 bits = 0;
	int		 i;

	for (word = strtok_r(literal, "{},", &save); word != NULL;
	    word = strtok_r(NULL, "{},", &save))
		for (i = 1; i < SCOPE__MAX; i++)
			if (strcmp(word, scope_word((enum scope)i)) == 0)
				bits |= 1u << i;
	return bits;
}

/* ERR_NOT_FOUND: there is no such token. */
static enum err
token_find(struct access *a, const char *token,
    const uint8_t digest[SHA256_LEN], struct principal *out)
{
	struct db	*db;
	char		 scopes[512];
	enum err	 err;
	int		 job;

	memset(out, 0, sizeof(*out));
	job = secret_job_read(token, out->workspace_id, out->job_id,
	    &out->attempt);
	if ((err = pool_take(a->pool, &db)) != ERR_OK)
		return err;
	if (job) {
		out->rate_limit = -1;
		err = store_access_job_token(db, digest, out);
	} else if ((err = store_access_token(db, digest, out, scopes,
	    sizeof(scopes))) == ERR_OK)
		out->scopes = scopes_parse(scopes);
	pool_give(a->pool, db);
	return err;
}

enum err
access_token(struct access *a, const char *token, struct principal *out)
{
	uint8_t		 digest[SHA256_LEN];
	uint64_t	 ticket;
	enum err	 err;

	/*
	 * Only the digest is looked up and compared, so what a caller can
	 * learn from timing is about a digest, not about the token.
	 */
	sha256(token, strlen(token), digest);
	if (!cache_get(a->tokens, digest, sizeof(digest), out, &ticket)) {
		err = token_find(a, token, digest, out);
		if (err == ERR_NOT_FOUND)
			return ERR_AUTH;
		if (err != ERR_OK)
			return err;
		cache_put(a->tokens, digest, sizeof(digest), out, ticket);
	}
	if (out->expires != 0 && out->expires <= ts_now())
		return ERR_AUTH;
	return ERR_OK;
}

enum err
access_job_alive(struct access *a, const struct principal *who)
{
	struct db	*db;
	enum err	 err;
	int		 alive = 0;

	if ((err = pool_take(a->pool, &db)) != ERR_OK)
		return err;
	err = store_access_job_alive(db, who, &alive);
	pool_give(a->pool, db);
	return err == ERR_OK && !alive ? ERR_AUTH : err;
}

enum err
access_job_superseded(struct access *a, struct arena *arena,
    const struct principal *who, int *out)
{
	struct attempt_verdict	 v;
	struct attempt_ref	 ref;
	struct db		*db;
	enum err		 err;

	*out = 0;
	attempt_ref_set(&ref, who->workspace_id, who->job_id, who->attempt);
	if ((err = pool_take(a->pool, &db)) != ERR_OK)
		return err;
	err = store_attempt_verdict(db, arena, &ref, &v);
	pool_give(a->pool, db);
	if (err == ERR_OK)
		*out = !state_word_finished(v.job_status);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

int
access_allows(const struct principal *p, enum scope s)
{
	return s == SCOPE_NONE || (p->scopes & 1u << s) != 0;
}

/* By keys; NULL: by what the token is bound to. */
static enum err
tenant_find(struct access *a, const struct principal *p, const char *org,
    const char *ws, struct tenant *out)
{
	struct db	*db;
	char		 key[256];
	uint64_t	 ticket;
	enum err	 err;
	int		 n;

	n = snprintf(key, sizeof(key), "%s %s %s", p->token_id,
	    org == NULL ? "" : org, ws == NULL ? "" : ws);
	if (n < 0 || (size_t)n >= sizeof(key))
		return ERR_NOT_FOUND;
	if (cache_get(a->tenants, key, (size_t)n, out, &ticket))
		return ERR_OK;
	if ((err = pool_take(a->pool, &db)) != ERR_OK)
		return err;
	err = store_access_tenant(db, p, org, ws, out);
	pool_give(a->pool, db);
	if (err == ERR_OK)
		cache_put(a->tenants, key, (size_t)n, out, ticket);
	return err;
}

enum err
access_tenant(struct access *a, const struct principal *p, const char *org,
    const char *ws, struct tenant *out)
{
	if (!ident_slug(org) || !ident_slug(ws))
		return ERR_NOT_FOUND;
	return tenant_find(a, p, org, ws, out);
}

enum err
access_organization(struct access *a, const struct principal *p,
    const char *org, struct tenant *out)
{
	struct db	*db;
	enum err	 err;

	if (!ident_slug(org))
		return ERR_NOT_FOUND;
	/* asked for a few times a session: not worth remembering */
	if ((err = pool_take(a->pool, &db)) != ERR_OK)
		return err;
	err = store_access_organization(db, p, org, out);
	pool_give(a->pool, db);
	return err;
}

enum err
access_own_tenant(struct access *a, const struct principal *p,
    struct tenant *out)
{
	enum err	err;

	if (p->organization_id[0] == '\0')
		return ERR_PERMISSION;
	err = tenant_find(a, p, NULL, NULL, out);
	/* the account has lost its membership since the token was made */
	return err == ERR_NOT_FOUND ? ERR_PERMISSION : err;
}
