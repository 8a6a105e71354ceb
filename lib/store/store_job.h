/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Jobs of both faces: one row each.  What is read is in the arena given;
 * NULL stands for SQL's NULL.
 */
#ifndef STORE_JOB_H
#define STORE_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "store/batcher.h"
#include "store/db.h"
#include "util/ts.h"

/*
 * The time that the database will give this row.  Views write the byte 0x01
 * for it, which JSON never contains; view_fill_time() (domain/view.h) puts the
 * time there.
 */
#define TS_PENDING	(INT64_MIN + 1)

/* The frozen selection of a judge job. */
struct feedback_summary {
	int64_t		 first_number, high_water_mark;
	const char	*touch_sets;	/* array literal; NULL: all */
	int64_t		 corrections, ratings, approved, rejected, comments;
	int64_t		 earliest, latest;	/* TS_NONE when empty */
};

struct job {
	const char	*workspace_id, *id, *organization_id;
	const char	*kind;		/* tinker_sft, tinker_rl, ray_grpo, judge */
	const char	*status;	/* a word of state.tbl.h */
	int		 priority;	/* -1, 0, 1 */
	int64_t		 attempt;
	int64_t		 timeout_seconds;
	int64_t		 revision;
	int64_t		 created_at, queued_at, started_at, completed_at;
	int64_t		 cancel_requested_at, updated_at;
	const char	*created_by;
	const char	*created_by_email, *created_by_username;
	const char	*created_by_full_name;
	const char	*error, *error_type;
	const char	*config;	/* JSON text */
	const char	*metrics;	/* JSON text, series included for GET */
	const char	*artifacts;	/* JSON text */

	/* hosted face */
	const char	*name, *model, *algorithm, *project_key, *run_ref;
	const char	*tags;		/* JSON array text */
	const char	*tags_literal;	/* the same for SQL; creating only */
	const char	*capability_id, *capability_name;
	const char	*capability_version;
	const char	*capability_sha256;	/* hex */

	/* judge face */
	const char	*judge_id;	/* uuid */
	const char	*judge_key, *judge_name;
	const char	*training_type;
	const char	*options;	/* JSON text, in effect */
	const char	*webhook_url, *webhook_secret;
	const char	*execution_id, *retraining_run_id;
	const char	*run_trigger;	/* creating only */
	int64_t		 base_version;
	int		 progress;
	int64_t		 version_number;	/* 0: none */
	const char	*version_id;
	const char	*deployment, *validation;	/* JSON text */
	int64_t		 estimated_minutes;
	struct feedback_summary summary;
};

/* Columns of both create statements that have to do with their request. */
struct job_request {
	const char	*request_id;
	const char	*idem_path, *idem_key, *idem_hash;	/* NULL: none */
	const char	*location;
	const char	*body;		/* the 201 with 0x01 for its time */
};

/* Columns of such a request; two with the same key never share a group. */
void store_request_item(struct batch_item *, struct arena *,
    const struct job_request *, const char *account_id,
    const char *const *col, size_t ncols);

/*
 * Creates a hosted job by group commit.  refs: JSON array of {role,
 * position, workspace_id, id}; warnings: JSON array of texts, "[]" for none.
 * ERR_OK and *created_at; ERR_CONFLICT: the idempotency key was taken
 * meanwhile.  May wait for the group's commit.
 */
enum err store_job_create_hosted(struct batcher *, struct arena *,
    const struct job *, const char *refs, const char *warnings,
    const struct job_request *, int64_t *created_at) MUSTCHECK;

/*
 * Of a hosted job that is at the revision `known`, metrics with their series
 * and artifacts are {}: its reader has them, or needs none.
 */
#define KNOWN_NONE	(-1)	/* all comes */
#define KNOWN_ANY	(-2)	/* at whatever revision */

/* One hosted job.  ERR_NOT_FOUND. */
enum err store_job_get_hosted(struct db *, struct arena *,
    const char *workspace_id, const char *id, int64_t known, struct job *)
    MUSTCHECK;
/* The same, looked up together with those of other requests. */
enum err store_job_get_grouped(struct batcher *reader, struct arena *,
    const char *workspace_id, const char *id, int64_t known, struct job *)
    MUSTCHECK;

/* A row of job_get_hosted or job_read_hosted, from its second column on. */
void store_job_hosted_at(const struct rows *, int row,
    const char *workspace_id, const char *id, struct job *);

/* Queued jobs of a workspace, counted up to `most`. */
enum err store_job_count_queued(struct db *, const char *workspace_id,
    int64_t most, int64_t *count) MUSTCHECK;

#endif
