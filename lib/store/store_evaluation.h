/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Evaluations: what a judge said of one item, raw and as it was shown.  What
 * is read is in the arena given; NULL stands for SQL's NULL.
 */
#ifndef STORE_EVALUATION_H
#define STORE_EVALUATION_H

#include <stdint.h>

#include "store/batcher.h"
#include "store/db.h"
#include "store/store_job.h"
#include "store/store_judge.h"

struct evaluation {
	const char	*id;		/* uuid */
	const char	*judge_id;	/* uuid */
	const char	*judge_key;
	int64_t		 version;
	const char	*version_id;	/* uuid */
	const char	*batch_id;	/* uuid; NULL: none */
	const char	*content;	/* NULL: none, or not asked for */
	const char	*content_ref, *external_id;
	const char	*metadata;	/* JSON text; NULL: none */
	/*
	 * JSON text: summary, strengths, weaknesses, suggestions and
	 * criteria_feedback, those that were given; NULL: none
	 */
	const char	*words;
	const char	*raw;		/* JSON text: criterion id to score */
	const char	*scores;	/* the same, as shown: all criteria */
	double		 raw_overall, overall;
	const char	*group_key;
	double		 group_u;
	int64_t		 evaluated_at;
	double		 seconds;
};

/*
 * Stores one by group commit and fills in evaluated_at.  ERR_CONFLICT: the
 * idempotency key was taken meanwhile.  May wait for the group's commit.
 */
enum err store_evaluation_create(struct batcher *, struct arena *,
    const struct actor *, const struct job_request *, struct evaluation *)
    MUSTCHECK;

struct evaluation_batch {
	const char	*id;		/* uuid */
	const char	*judge_id;	/* uuid */
	int64_t		 version;
	const char	*name;		/* NULL: none */
	int64_t		 total;		/* items, those not stored too */
};

/* Stores n > 0 at once; *at: their time and the batch's. */
enum err store_evaluation_batch(struct db *, struct arena *,
    const struct actor *, const struct evaluation_batch *,
    const struct evaluation *, int n, int64_t *at) MUSTCHECK;
/* ERR_NOT_FOUND. */
enum err store_evaluation_get(struct db *, struct arena *,
    const char *workspace_id, const char *id, int content,
    struct evaluation *) MUSTCHECK;
/* NULL: any. */
struct evaluation_filter {
	const char	*judge_id, *batch_id;	/* uuids */
	const char	*external_id, *content_ref;
	int64_t		 since, before;		/* before is exclusive */
	/* the page's end: before that too, or then and with a lesser id */
	int64_t		 last_at;
	const char	*last_id;
	int64_t		 limit, offset;
};

/* Newest first, without content. */
enum err store_evaluation_list(struct db *, struct arena *,
    const char *workspace_id, const struct evaluation_filter *,
    struct evaluation **out, int *n) MUSTCHECK;
/* How many match the filter, counted up to `most`. */
enum err store_evaluation_count(struct db *, struct arena *,
    const char *workspace_id, const struct evaluation_filter *,
    int64_t most, int64_t *count) MUSTCHECK;
/* The judge of a batch.  ERR_NOT_FOUND. */
enum err store_batch_find(struct db *, struct arena *,
    const char *workspace_id, const char *id, const char **judge_key,
    int *archived) MUSTCHECK;
/* The server's time. */
enum err store_clock(struct db *, int64_t *us) MUSTCHECK;

#endif
