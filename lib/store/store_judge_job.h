/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judge jobs in PostgreSQL: what creating one must know of its judge and of
 * the judge's feedback, the create itself, and the job as it is read.  What
 * is read is in the arena given.  Nothing here counts feedback: every read
 * costs the same with ten entries and with ten million.
 */
#ifndef STORE_JUDGE_JOB_H
#define STORE_JUDGE_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "store/batcher.h"
#include "store/db.h"
#include "store/store_job.h"
#include "store/store_page.h"

/* Entries of feedback by what they say. */
struct feedback_totals {
	int64_t	corrections, ratings, approved, rejected, comments;
};

/* A judge as a new job sees it, and the server's time. */
struct judge_basis {
	const char	*judge_id;	/* uuid */
	const char	*key;		/* jdg_... */
	const char	*name;		/* the active version's */
	int		 archived;
	int64_t		 active_version;
	int64_t		 trained_through;	/* the active version's */
	const char *const *criteria;	/* ids, in the judge's order */
	size_t		 ncriteria;
	int64_t		 last_number;	/* 0: no feedback yet */
	struct feedback_totals totals;
	int64_t		 earliest, latest;	/* TS_NONE without feedback */
	const char	*slot_job_id;	/* uuid; NULL: the slot is free */
	int64_t		 now;
	int		 is_told;	/* its organization has a URL */
};

/* ERR_NOT_FOUND: no such judge in the workspace. */
enum err store_judge_basis(struct db *, struct arena *,
    const char *workspace_id, const char *judge_key, struct judge_basis *)
    MUSTCHECK;

/* The number of the first entry since `cutoff`; 0: there is none. */
enum err store_feedback_since(struct db *, struct arena *,
    const char *workspace_id, const char *judge_id, int64_t cutoff,
    int64_t *number) MUSTCHECK;

/*
 * The lower end of a range of entries: the totals of all before it, and when
 * the first one in it was submitted (TS_NONE when there is no such entry).
 */
struct feedback_end {
	struct feedback_totals	 before;
	int64_t			 earliest;
};

enum err store_feedback_end(struct db *, struct arena *,
    const char *workspace_id, const char *judge_id, int64_t first,
    struct feedback_end *) MUSTCHECK;

/* A range of entries within one touch set, which has at least one there. */
struct feedback_share {
	int64_t			 touch_set;
	struct feedback_totals	 before, through;
	int64_t			 earliest, latest;
};

/* The touch sets that meet `criteria` (an array literal), by their id. */
enum err store_feedback_shares(struct db *, struct arena *,
    const char *workspace_id, const char *judge_id, int64_t first,
    int64_t last, const char *criteria, struct feedback_share **,
    size_t *n) MUSTCHECK;

enum judge_create {
	JUDGE_CREATE_MADE,
	/* the idempotency key was taken by another request */
	JUDGE_CREATE_KEY,
	/*
	 * The judge is not as the basis says: archived, another version
	 * active, or its slot taken.  Nothing was written.
	 */
	JUDGE_CREATE_STALE
};

/*
 * Creates a judge job (status created or queued) by group commit, when its
 * judge is not archived and base_version is still the active one.  ERR_OK
 * and *outcome; *created_at when it was made.
 */
enum err store_judge_job_create(struct batcher *, struct arena *,
    const struct job *, const struct job_request *, enum judge_create *,
    int64_t *created_at) MUSTCHECK;

/*
 * The columns of job_get_judge, for statements that give them too; ids are
 * the caller's.
 */
#define JUDGE_JOB_COLUMNS	41
void judge_job_at(const struct rows *, int row, struct job *);

/* One judge job with its summary.  ERR_NOT_FOUND. */
enum err store_judge_job_get(struct db *, struct arena *,
    const char *workspace_id, const char *id, struct job *) MUSTCHECK;

/*
 * Those jobs, in that order, without validation results; *n: as many as still
 * exist.
 */
enum err store_judge_job_read(struct db *, struct arena *,
    const char *workspace_id, const struct page_row *, int *n,
    struct job **out) MUSTCHECK;

/* A job's judge, as starting the job must know it. */
struct judge_slot {
	const char	*judge_key;
	int		 archived;
	const char	*other_id;	/* uuid of the job that has the slot
					   this one needs; NULL: it is free */
};

/*
 * Inside a transaction: until its end the judge is not archived.
 * ERR_NOT_FOUND: no such judge job.
 */
enum err store_judge_job_slot(struct db *, struct arena *,
    const char *workspace_id, const char *id, struct judge_slot *) MUSTCHECK;

/* What a completed job took, and how much work it was. */
struct judge_work {
	double	seconds;		/* of its last attempt */
	int64_t	usable, epochs, criteria;
};

/* The newest completed judge jobs of the whole site, `most` of them. */
enum err store_judge_work(struct db *, struct arena *, int64_t most,
    struct judge_work **, size_t *n) MUSTCHECK;

#endif
