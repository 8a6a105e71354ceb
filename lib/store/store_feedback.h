/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Feedback, its numbers and its running totals.  What is read is in the
 * arena given; NULL stands for SQL's NULL.
 */
#ifndef STORE_FEEDBACK_H
#define STORE_FEEDBACK_H

#include <stdint.h>

#include "store/db.h"
#include "store/store_job.h"
#include "store/store_judge.h"

/* The five kinds that entries are counted by. */
enum feedback_kind {
	FEEDBACK_CORRECTION, FEEDBACK_RATING, FEEDBACK_APPROVED,
	FEEDBACK_REJECTED, FEEDBACK_COMMENT, FEEDBACK__MAX
};

struct tally {
	int64_t	n[FEEDBACK__MAX];
};

/* An evaluation as entries see it. */
struct feedback_target {
	const char	*id;		/* uuid */
	const char	*judge_id;	/* uuid */
	const char	*judge_key;
	int64_t		 version;
	const char	*batch_id;	/* uuid; NULL: none */
	const char	*scores;	/* JSON text: criterion id to score */
	int		 archived;	/* the judge is */
};

struct feedback {
	int64_t		 number;	/* in its judge: 1, 2, 3, ... */
	const char	*id;		/* uuid */
	const char	*evaluation_id;	/* uuid */
	const char	*judge_id;	/* uuid */
	const char	*judge_key;
	int64_t		 version;
	const char	*batch_id, *session_id;	/* uuids; NULL: none */
	const char	*type;		/* the word on the wire */
	const char	*corrected;	/* JSON text; NULL: none */
	double		 rating;	/* NAN: none */
	const char	*comment, *explanation;
	int		 approved;	/* -1: not said */
	const char *const *target;	/* criterion ids */
	int		 ntargets;
	const char	*submitted_by;
	int64_t		 submitted_at;
	int		 processed;
	const char	*covered_by;	/* job (uuid); NULL: none */

	/* for writing */
	int64_t		 touch_set;
	struct tally	 total, set_total;	/* this entry included */
};

/* Those of the ids (uuids, an array literal) that exist, by id. */
enum err store_feedback_targets(struct db *, struct arena *,
    const char *workspace_id, const char *ids, struct feedback_target **out,
    int *n) MUSTCHECK;

/* What taking a block of numbers tells. */
struct feedback_block {
	struct tally	 after;		/* the judge's, the block included */
	int64_t		 at;		/* time of every entry in it */
	int64_t		 usable_marked;	/* usable entries up to the mark */
	int64_t		 min_new;	/* the policy's; -1: there is none */
	int		 policy_on;
};

/* Locks the judge's counters until the end of the transaction. */
enum err store_feedback_take(struct db *, struct arena *,
    const char *workspace_id, const char *judge_id, const struct tally *add,
    struct feedback_block *) MUSTCHECK;

struct touch_set {
	char		 digest[65];	/* hex */
	const char	*criteria;	/* array literal, sorted */
	struct tally	 add;
	/* filled in */
	int64_t		 id;
	struct tally	 after;		/* `add` included */
};

/* Under the judge's lock; digests differ. */
enum err store_feedback_touch(struct db *, struct arena *,
    const char *workspace_id, const char *judge_id, struct touch_set *,
    int n) MUSTCHECK;
/* Under the locks of all their judges. */
enum err store_feedback_insert(struct db *, struct arena *,
    const struct actor *, const char *session_id,
    const struct feedback *const *, int n) MUSTCHECK;

struct feedback_context {
	const char	*judge_id;	/* uuid */
	const char	*judge_key;
	int64_t		 version;
	const char	*scores, *raw;	/* JSON texts */
	int64_t		 evaluated_at;
	struct tally	 count;
	double		 average_rating;	/* NAN: no ratings */
};

/* ERR_NOT_FOUND: no such evaluation. */
enum err store_feedback_context(struct db *, struct arena *,
    const char *workspace_id, const char *evaluation_id,
    struct feedback_context *) MUSTCHECK;
/*
 * Entries on one evaluation with numbers above `above`, oldest first; type
 * NULL: any.  judge_id and judge_key are left to the caller.
 */
enum err store_feedback_of(struct db *, struct arena *,
    const char *workspace_id, const char *evaluation_id, const char *type,
    int64_t limit, int64_t offset, int64_t above, struct feedback **out,
    int *n) MUSTCHECK;

/* NULL: any. */
struct feedback_filter {
	const char	*judge_id, *evaluation_id, *batch_id;	/* uuids */
	const char	*type, *criterion_id, *submitted_by;
	int64_t		 after, before;		/* before is exclusive */
	int64_t		 above, upto;		/* numbers */
	/* the page's end: before that too, or then and with a lesser id */
	int64_t		 last_at;
	const char	*last_id;
	int64_t		 limit, offset;
};

/* Newest first. */
enum err store_feedback_list(struct db *, struct arena *,
    const char *workspace_id, const struct feedback_filter *,
    struct feedback **out, int *n) MUSTCHECK;
/* How many match the filter, counted up to `most`. */
enum err store_feedback_count(struct db *, struct arena *,
    const char *workspace_id, const struct feedback_filter *, int64_t most,
    int64_t *count) MUSTCHECK;

struct feedback_mark {
	char	judge_id[UUID_LEN];
	int64_t	mark;		/* 0: nothing is processed */
	int64_t	at;		/* time of the entry with that number */
};

/* By the judge's id on the wire.  ERR_NOT_FOUND. */
enum err store_feedback_marked(struct db *, const char *workspace_id,
    const char *key, struct feedback_mark *) MUSTCHECK;

#endif
