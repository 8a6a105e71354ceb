/* SPDX-License-Identifier: BSD-2-Clause */
/* Resolves what a job names. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/refs.h"
#include "util/cache.h"
#include "util/log.h"

#define REMEMBERED	8192
/* entries never become wrong; the age only frees what nobody asks for */
#define AGE		(3600 * 1000000LL)

struct refs {
	struct pool	*pool;
	struct cache	*cache;		/* exact versions -> artifact_ref */
};

struct refs *
refs_new(struct pool *pool)
{
	struct refs	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		fatal("refs");
	r->pool = pool;
	r->cache = cache_new(sizeof(struct artifact_ref), REMEMBERED, AGE);
	return r;
}

void
refs_free(struct refs *r)
{
	if (r == NULL)
		return;
	cache_free(r->cache);
	free(r);
}

static void
not_found(struct faults *faults, const struct loc *loc,
    const struct tenant *t, const char *kind, const char *name,
    const char *version)
{
	/* the kind other is only ever asked for as a world */
	if (strcmp(kind, "other") == 0)
		kind = "world manifest";
	fault_add(faults, loc, "artifact_not_found",
	    "no %s \"%s%s%s\" in workspace %s", kind, name,
	    version == NULL ? "" : "@", version == NULL ? "" : version,
	    t->workspace_key);
}

enum err
refs_find(struct refs *refs, const struct tenant *t,
    const char *const *kinds, const char *name, const char *version,
    struct faults *faults, const struct loc *loc, struct artifact_ref *out,
    const char **document)
{
	struct db	*db;
	const char	*bare = name, *slash;
	char		 key[256];
	uint64_t	 ticket = 0;
	enum err	 err;
	int		 n = -1;

	memset(out, 0, sizeof(*out));
	if (document != NULL)
		*document = NULL;
	if ((slash = strchr(name, '/')) != NULL) {
		/* only the job's own organisation can be named */
		if (strlen(t->organization_key) != (size_t)(slash - name) ||
		    strncmp(name, t->organization_key,
		    (size_t)(slash - name)) != 0) {
			not_found(faults, loc, t, kinds[0], name, version);
			return ERR_OK;
		}
		bare = slash + 1;
	}
	if (version != NULL && document == NULL)
		n = snprintf(key, sizeof(key), "%s %s %s %s", t->workspace_id,
		    kinds[0], bare, version);
	if (n > 0 && (size_t)n < sizeof(key) &&
	    cache_get(refs->cache, key, (size_t)n, out, &ticket))
		return ERR_OK;
	if ((err = pool_take(refs->pool, &db)) != ERR_OK)
		return err;
	err = store_artifact_resolve(db, faults->arena, t->workspace_id,
	    t->shelf_id, kinds, bare, version, out, document);
	pool_give(refs->pool, db);
	if (err == ERR_NOT_FOUND) {
		not_found(faults, loc, t, kinds[0], name, version);
		return ERR_OK;
	}
	/*
	 * A later publication in the workspace itself, or of a better kind,
	 * would be found before this one: remember only what nothing can
	 * overtake.
	 */
	if (err == ERR_OK && n > 0 && (size_t)n < sizeof(key) &&
	    kinds[1] == NULL &&
	    strcmp(out->workspace_id, t->workspace_id) == 0)
		cache_put(refs->cache, key, (size_t)n, out, ticket);
	return err;
}

enum err
refs_project(struct refs *refs, const struct tenant *t, const char *key,
    struct faults *faults)
{
	struct db	*db;
	enum err	 err;
	int		 exists = 0;

	if (strcmp(key, t->project) == 0)
		return ERR_OK;
	if ((err = pool_take(refs->pool, &db)) != ERR_OK)
		return err;
	err = store_project_exists(db, t->workspace_id, key, &exists);
	pool_give(refs->pool, db);
	if (err == ERR_OK && !exists)
		fault_add(faults, LOC(&loc_body, "project_ref"),
		    "value_error", "unknown project \"%s\"", key);
	return err;
}
