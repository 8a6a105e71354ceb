/* SPDX-License-Identifier: BSD-2-Clause */
/* Organisations, workspaces and projects, as an account sees them. */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include <stdint.h>

#include "store/db.h"
#include "util/arena.h"

/* Texts live in the arena.  Times are microseconds. */
struct organization {
	const char	*id, *name, *key;
	const char	*description;		/* may be NULL */
	int64_t		 max_runtime;		/* seconds; -1: none */
	int64_t		 default_runtime;	/* seconds; -1: none */
	int64_t		 max_members, members;
	int64_t		 created_at, updated_at;
};

struct workspace {
	const char	*id, *name, *key, *organization_id, *organization;
	int		 is_default;
	int64_t		 created_at, updated_at;
};

struct project {
	const char	*id, *key, *name, *workspace_id;
	int		 is_default;
	int64_t		 created_at, updated_at;
};

/*
 * At most PLACES_MAX of each, in the order in which clients choose: the
 * default one, then by key.  NULL for the one that is asked for: all.
 */
#define PLACES_MAX	10000

enum err store_organizations(struct db *, struct arena *,
    const char *account_id, const char *organization_id,
    struct organization **, int *n) MUSTCHECK;
enum err store_workspaces(struct db *, struct arena *,
    const char *account_id, const char *organization_id,
    const char *workspace_id, struct workspace **, int *n) MUSTCHECK;
enum err store_projects(struct db *, struct arena *,
    const char *workspace_id, const char *key, struct project **, int *n)
    MUSTCHECK;

#endif
