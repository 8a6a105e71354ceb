/* SPDX-License-Identifier: BSD-2-Clause */
/* The trail of what was changed, by whom; read only. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include <stdint.h>

#include "store/db.h"
#include "util/arena.h"

struct audit_row {
	int64_t		 seq;
	int64_t		 at;		/* microseconds */
	const char	*actor;		/* account id, or command:<user> */
	const char	*action, *target;
	const char	*request_id;	/* NULL: not over HTTP */
};

struct audit_filter {
	const char	*actor, *action, *target, *request_id;	/* or NULL */
	int64_t		 from;		/* microseconds */
	int64_t		 last_at, last_seq;	/* rows behind this place */
	int64_t		 limit;
};

/* After the last row that there can be: where a list begins. */
#define AUDIT_AT_END	INT64_C(253402300799999999)

/*
 * Newest first: of a workspace, or of an organisation what belongs to none
 * of its workspaces.  Texts live in the arena.
 */
enum err store_audit_workspace(struct db *, struct arena *,
    const char *workspace_id, const struct audit_filter *,
    struct audit_row **, int *n) MUSTCHECK;
enum err store_audit_organization(struct db *, struct arena *,
    const char *organization_id, const struct audit_filter *,
    struct audit_row **, int *n) MUSTCHECK;

#endif
