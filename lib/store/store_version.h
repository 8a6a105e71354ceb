/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Versions of judges.  What is read is in the arena given; NULL stands for
 * SQL's NULL, TS_NONE for a time that is not set.
 */
#ifndef STORE_VERSION_H
#define STORE_VERSION_H

#include <stdint.h>

#include "store/db.h"
#include "store/store_judge.h"

/* A time that a version became active. */
struct deployment {
	int64_t		 at;
	const char	*by;		/* account; NULL: the server */
	const char	*reason;	/* NULL: none was given */
	const char	*job_id;	/* NULL: not by a job */
};

struct judge_version {
	int64_t		 number;
	const char	*id;		/* uuid */
	const char	*status;
	int64_t		 created_at, deployed_at, archived_at;
	const char	*changes_summary;
	const char	*job_id;	/* NULL: not from a job */
	int64_t		 feedback_count;
	const char	*validation;	/* JSON text, NULL: none */
	const char	*created_by;
	int64_t		 base_version;	/* 0: none */
	int64_t		 evaluations;
	double		 seconds;	/* spent on them */
	char		**criteria;	/* ids in order */
	int		 ncriteria;

	/* store_version_get only */
	const char	*name, *description;
	struct criterion *criterion;
	struct deployment *deployment;	/* oldest first */
	int		 ndeployments;
};

/*
 * Versions of a judge with numbers below `below`, newest first; status NULL:
 * any.
 */
enum err store_version_list(struct db *, struct arena *,
    const char *workspace_id, const char *judge_id, const char *status,
    int64_t limit, int64_t offset, int64_t below,
    struct judge_version **out, int *n) MUSTCHECK;
enum err store_version_count(struct db *, const char *workspace_id,
    const char *judge_id, const char *status, int64_t most, int64_t *count)
    MUSTCHECK;
/* The criteria of one version, without descriptions. */
enum err store_version_criteria(struct db *, struct arena *,
    const char *workspace_id, const char *judge_id, int64_t version,
    struct criterion **out, int *n) MUSTCHECK;
/*
 * One version with its criteria and the last VERSION_DEPLOYMENTS times that
 * it became active.  ERR_NOT_FOUND.
 */
#define VERSION_DEPLOYMENTS	100
enum err store_version_get(struct db *, struct arena *,
    const char *workspace_id, const char *judge_id, int64_t number,
    struct judge_version *) MUSTCHECK;
/*
 * A version as it was when an outbox row about it was written, *at.
 * ERR_NOT_FOUND.
 */
enum err store_version_told(struct db *, struct arena *,
    const char *workspace_id, const char *outbox_id, struct judge_version *,
    const char **judge_key, int64_t *at) MUSTCHECK;
/*
 * Under the judge's lock: this version becomes the active one.  kind: deploy
 * or rollback; reason NULL: none.
 */
enum err store_version_deploy(struct db *, struct arena *,
    const struct actor *, const char *judge_id, int64_t number,
    const char *kind, const char *reason) MUSTCHECK;

#endif
