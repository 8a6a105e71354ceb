/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What becomes of a judge after it was created: changes, which make versions,
 * the archive, deploys and rollbacks.  Each of these runs in a transaction
 * that must be open, under the judge's lock, so that of calls at the same
 * time each sees what the one before has left.
 */
#ifndef DOMAIN_JUDGE_CHANGE_H
#define DOMAIN_JUDGE_CHANGE_H

#include "domain/fault.h"
#include "store/store_judge.h"
#include "store/store_version.h"
#include "util/err.h"
#include "util/jv.h"

struct judge_change {
	const char	*name, *description;	/* NULL: as it is */
	struct criterion *criterion;		/* NULL: as they are */
	int		 ncriteria;
	int		 restore;		/* is_active: true */
};

/* A checked body; faults for what does not go together. */
void judge_change_read(struct arena *, const struct jv *body,
    struct faults *, struct judge_change *);

/*
 * Makes `c` the criteria that follow those of `old`: each takes id and head
 * of the old one with its id or, when it gives none, with its name; the
 * others are new.
 */
void criteria_follow(struct arena *, struct criterion *c, int n,
    const struct criterion *old, int nold);
/*
 * changes_summary: "name and criteria changed (1 added, 2 removed)"; NULL
 * when nothing differs.
 */
const char *judge_difference(struct arena *, const struct judge *old,
    const struct judge *new);

/*
 * *out is the judge as it is then, *said what was done or, with an error,
 * why not: ERR_NOT_FOUND, ERR_INVALID_STATE, ERR_JOB_ACTIVE.
 */
enum err judge_change(struct db *, struct arena *, const struct actor *,
    const char *key, const struct judge_change *, struct judge *out,
    const char **said) MUSTCHECK;
enum err judge_archive(struct db *, struct arena *, const struct actor *,
    const char *key, struct judge *out, const char **said) MUSTCHECK;

/* The version that a path names.  ERR_NOT_FOUND, with *said. */
enum err version_get(struct db *, struct arena *, const char *workspace_id,
    const char *key, const char *number, struct judge_version *out,
    const char **said) MUSTCHECK;
struct version_order {
	const char	*key, *number;	/* of the path */
	const char	*reason;	/* NULL: none */
	int		 rollback;	/* only to one that was active before */
};

/* ERR_NOT_FOUND, ERR_INVALID_STATE, with *said. */
enum err version_deploy(struct db *, struct arena *, const struct actor *,
    const struct version_order *, struct judge_version *out,
    const char **said) MUSTCHECK;

#endif
