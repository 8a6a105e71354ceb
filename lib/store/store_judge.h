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
	/* no head of the version's model was trained for it */
	int		 fresh;
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
/*
 * Holds a judge still until the end of the transaction: what is read of it
 * afterwards stays true.  ERR_NOT_FOUND.
 */
enum err store_judge_lock(struct db *, const char *workspace_id,
    const char *key) MUSTCHECK;
/* Under the lock: archives it, or brings it back. */
enum err store_judge_shelve(struct db *, const struct actor *,
    const char *judge_id, int archived) MUSTCHECK;
/* Under the lock: what it is to be now becomes its next, active version. */
enum err store_judge_change(struct db *, struct arena *,
    const struct actor *, const char *version_id, const char *summary,
    const struct judge *) MUSTCHECK;
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

/*
 * In the transaction that it begins and the caller ends: *n judges, at most
 * filter->limit.
 */
enum err store_judge_list(struct db *, struct arena *,
    const char *workspace_id, const struct judge_filter *,
    struct judge **out, int *n) MUSTCHECK;
/* In that transaction: how many match, counted up to `most`. */
enum err store_judge_count(struct db *, const char *workspace_id,
    const struct judge_filter *, int64_t most, int64_t *count) MUSTCHECK;

#endif
