/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The completion of a judge job: one transaction that makes the version,
 * deploys it when the caller says so, moves the judge's mark and ends the
 * job.
 */
#ifndef STORE_JUDGE_RESULT_H
#define STORE_JUDGE_RESULT_H

#include <stdint.h>

#include "store/db.h"
#include "store/store_attempt.h"
#include "store/store_report.h"

/* Read under the locks of the transaction. */
struct result_facts {
	const char	*judge_id;
	const char	*training_type, *created_by;
	int		 base_version, active_version, last_version;
	int		 auto_deploy, backup, require_improvement;
	int		 criteria_changed;	/* active against the base */
	const char	*active_model_sha256;	/* hex, NULL: none */
	double		 split;			/* validation_split */
	int64_t		 trained_through, seen_through;	/* the base's */
	double		 seen_split;
	int64_t		 high_water_mark;
	int64_t		 usable;
};

/* What the caller makes of it. */
struct result_verdict {
	int		 version;	/* 0: none is made */
	int		 deploy;
	const char	*version_id;
	const char	*model_sha256;	/* hex */
	int64_t		 trained_through, seen_through;
	double		 seen_split;
	int64_t		 mark;		/* -1: the mark stays */
	const char	*summary;	/* changes_summary */
	const char	*deployment;	/* JSON, NULL: none */
	const char	*reason;	/* of the deployment */
};

/* The last event. */
struct result_event {
	struct attempt_ref ref;
	const char	*validation;	/* JSON */
	const char	*message;	/* NULL: no line */
	const char	*sent;		/* metrics as sent, JSON; NULL: none */
	int64_t		 events_to;
	const struct job_report *report;	/* NULL: none was made */
};

/*
 * `decide` is called once between the reads and the writes; what it leaves
 * in the verdict must live as long as the arena.  ERR_CONFLICT: the attempt
 * is superseded.  After ERR_UNAVAILABLE the outcome is unknown when
 * db_fault()->lost is set (store_attempt_state tells later).
 */
enum err store_judge_result(struct db *, struct arena *,
    const struct result_event *,
    void (*decide)(void *, const struct result_facts *,
    struct result_verdict *), void *arg) MUSTCHECK;

#endif
