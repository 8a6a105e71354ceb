/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judges and their versions.  What is read is in the arena given; NULL
 * stands for SQL's NULL, TS_NONE for a time that is not set.
 */
#ifndef STORE_JUDGE_H
#define STORE_JUDGE_H

#include <stdint.h>

#include "store/db.h"
#include "store/store_job.h"
#include "util/ident.h"

#define CRITERIA_MAX	50	/* of one judge */

struct criterion {
	const char	*id, *name;
	const char	*description;	/* NULL: none */
	double		 weight;
};

struct judge {
	const char	*id;		/* uuid */
	const char	*key;		/* jdg_..., the id on the wire */
	const char	*name, *description, *content_type;
	int64_t		 version;	/* the active one */
	const char	*status;	/* ready, learning, training */
	struct criterion *criterion;
	int		 ncriteria;
	int64_t		 created_at, updated_at, archived_at;
	const char	*created_by;
	/* the job that holds the judge's slot; NULL: free */
	const char	*active_job;
	int		 active_progress;
	/* feedback: all, usable, and usable up to the mark */
	int64_t		 entries, usable, usable_marked;
};

/* What most calls need of a judge: no names, no criteria. */
struct judge_brief {
	char		 id[UUID_LEN];
	char		 content_type[8];
	int64_t		 active_version, last_version;
	int		 archived;
	char		 version_id[UUID_LEN];	/* the active one's */
	char		 model_sha256[65];	/* hex; "": none */
	int64_t		 now;			/* the server's time */
};

/* Who does it, for columns and for the audit trail. */
struct actor {
	const char	*workspace_id, *organization_id, *account_id;
	const char	*request_id;
};

/*
 * A judge with its first version; created_at and updated_at are filled in.
 * ERR_CONFLICT: the key is taken.
 */
enum err store_judge_create(struct db *, struct arena *,
    const struct actor *, const char *version_id, const char *summary,
    struct judge *) MUSTCHECK;
/* ERR_NOT_FOUND. */
enum err store_judge_find(struct db *, const char *workspace_id,
    const char *key, struct judge_brief *) MUSTCHECK;
/* By key.  ERR_NOT_FOUND. */
enum err store_judge_get(struct db *, struct arena *,
    const char *workspace_id, const char *key, struct judge *) MUSTCHECK;

enum judge_order { JUDGE_NEWEST, JUDGE_OLDEST, JUDGE_NAME, JUDGE_NAME_DOWN };

struct judge_filter {
	int		 archived;
	const char	*content_type, *status, *name;	/* NULL: any */
	enum judge_order order;
	int64_t		 limit, offset;
	/* by time only; 0: from the beginning */
	int		 after;
	int64_t		 after_at;
	const char	*after_id;
};

/* *n judges, at most filter->limit. */
enum err store_judge_list(struct db *, struct arena *,
    const char *workspace_id, const struct judge_filter *,
    struct judge **out, int *n) MUSTCHECK;
/* How many match the filter, counted up to `most`. */
enum err store_judge_count(struct db *, const char *workspace_id,
    const struct judge_filter *, int64_t most, int64_t *count) MUSTCHECK;

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

#endif
