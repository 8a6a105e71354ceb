/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attempts: leases and everything that is written on behalf of a runner.
 * Every write names its attempt, and the statement itself checks that this
 * is the current one of a job that is under way.  A write that finds it
 * superseded changes nothing.
 */
#ifndef STORE_ATTEMPT_H
#define STORE_ATTEMPT_H

#include <stddef.h>
#include <stdint.h>

#include "store/batcher.h"
#include "store/db.h"
#include "store/store_job.h"
#include "util/ident.h"

/* The number is the epoch. */
struct attempt_ref {
	char	workspace_id[UUID_LEN];
	char	job_id[UUID_LEN];
	int	number;
};

void attempt_ref_set(struct attempt_ref *, const char *workspace_id,
    const char *job_id, int number);

/* ------------------------------------------------------------- the queue */

/* One range of the queue, read behind its watermark. */
struct claim_range {
	const char	*kind;
	int		 priority;	/* -1, 0, 1 */
	int64_t		 mark;		/* jobs with a higher queue_seq */
};

/* A job just leased, or found again at a start. */
struct claimed {
	struct attempt_ref ref;
	int		 judge;		/* its face */
	const char	*kind, *status;
	const char	*training_type;	/* NULL: hosted */
	int		 priority;
	int64_t		 queue_seq;
	int64_t		 timeout_seconds;
	int		 max_epochs;	/* 0: the kind knows none */
	/* only from store_attempt_mine */
	const char	*engine;
	int		 current, stop;
	int64_t		 left_us;	/* of its time */
	int64_t		 events_offset, stderr_offset;
};

/*
 * Leases up to `most` queued jobs; *out is in the arena, in the order of the
 * queue.
 */
enum err store_claim(struct db *, struct arena *, const struct claim_range *,
    size_t ranges, size_t most, const char *worker, const char *engine,
    int64_t lease_seconds, struct claimed **out, size_t *n) MUSTCHECK;
/* The unfinished attempts of a worker, oldest first. */
enum err store_attempt_mine(struct db *, struct arena *, const char *worker,
    struct claimed **out, size_t *n) MUSTCHECK;
/* The checkpoint to go on from; *out NULL: from the beginning. */
enum err store_attempt_resume(struct db *, struct arena *,
    const struct attempt_ref *, const char **out) MUSTCHECK;

/* ---------------------------------------------------------------- leases */

struct beat {
	struct attempt_ref ref;
	int		 alive;		/* current: its lease is renewed */
	int		 stop;		/* a cancel was asked for */
};

/* Fills in alive and stop. */
enum err store_attempt_beat(struct db *, struct arena *, struct beat *,
    size_t n, int64_t lease_seconds) MUSTCHECK;
/* Attempts whose lease is over, longest first. */
enum err store_attempt_expired(struct db *, struct arena *, size_t most,
    struct attempt_ref **out, size_t *n) MUSTCHECK;
/* What a lost attempt's job became. */
struct loss {
	char		 job_id[UUID_LEN];
	int		 number;
	const char	*status;	/* NULL: the job was not its own */
};
/*
 * Takes attempts from their workers: see the statement.  `count` 0: handed
 * back, which is no strike.  `expired` 1: only where the lease is over.
 */
enum err store_attempt_lose(struct db *, struct arena *,
    const struct attempt_ref *, size_t n, const char *reason, int count,
    int expired, struct loss **out, size_t *nout) MUSTCHECK;
/* Keeps of refs[] those that are under way, whoever has them. */
enum err store_attempt_current(struct db *, struct arena *,
    struct attempt_ref *, size_t *n) MUSTCHECK;

/* --------------------------------------------------------------- reports */

/*
 * Array literals are made by sqlarr; NULL stands for an empty one.  ref.number
 * 0: whichever attempt is current.
 */
struct report {
	struct attempt_ref ref;
	const char	*face;			/* hosted, judge */
	int64_t		 events_from, events_to;	/* -1: from no file */
	int64_t		 stderr_from, stderr_to;
	const char	*log_levels, *log_messages, *log_data;
	const char	*metric_types, *metric_steps, *metric_sent;
	const char	*series_anew;		/* names to begin anew */
	const char	*series, *points;	/* to append */
	const char	*scalars;		/* JSON object, NULL: none */
	const char	*dropped;		/* names no longer scalar */
	const char	*artifacts;		/* JSON object, NULL: none */
	const char	*checkpoint;		/* NULL: no newer one */
	const char	*status;		/* the job's; NULL: unchanged */
	int		 progress;		/* -1: unchanged */
	int		 started;		/* there were events */
	int		 job_changes;
	int		 shown;			/* the job comes back */
};

struct reported {
	int		 number;	/* of the attempt */
	int		 stop;		/* a cancel was asked for */
	/*
	 * The job as it became, with neither metrics nor artifacts: of a
	 * hosted one that changed and was to come back; NULL otherwise.
	 */
	const struct job *job;
};

/*
 * ERR_CONFLICT: the attempt is superseded, or these offsets were recorded
 * before (see store_attempt_state).
 */
enum err store_attempt_report(struct db *, struct arena *,
    const struct report *, int64_t lease_seconds, struct reported *)
    MUSTCHECK;
/* The same in one commit with reports of other jobs.  May wait for it. */
enum err store_attempt_report_grouped(struct batcher *, struct arena *,
    const struct report *, int64_t lease_seconds, struct reported *)
    MUSTCHECK;

struct finish {
	struct attempt_ref ref;
	const char	*status;	/* completed, failed, cancelled */
	const char	*final_event;	/* NULL: none */
	const char	*error, *error_type;
	int64_t		 events_to, stderr_to;	/* -1: as before */
	int		 level;		/* of the last line */
	const char	*message;	/* NULL: no line */
	const char	*data;		/* JSON, NULL: none */
	const char	*metric_sent;	/* JSON as sent, NULL: none */
	/* the answer: the job's status now, NULL when superseded */
	const char	*became;
};

/* Many at once: one statement, one commit.  Fills in `became`. */
enum err store_attempt_finish(struct db *, struct arena *, struct finish *,
    size_t n) MUSTCHECK;

struct attempt_state {
	const char	*status;	/* the attempt's */
	const char	*job_status;
	int64_t		 events_offset, stderr_offset;
	int		 current;
	int		 cancelled;	/* before it had begun */
};

struct attempt_verdict {
	const char	*job_status;
	const char	*final_event;	/* of the attempt; NULL: none */
};

/* Of a hosted job, for an event that was refused.  ERR_NOT_FOUND. */
enum err store_attempt_verdict(struct db *, struct arena *,
    const struct attempt_ref *, struct attempt_verdict *) MUSTCHECK;
/* An audit row for what a request did to an attempt's job. */
enum err store_attempt_noted(struct db *, const struct attempt_ref *,
    const char *organization_id, const char *actor, const char *action,
    const char *request_id) MUSTCHECK;
/* ERR_NOT_FOUND. */
enum err store_attempt_state(struct db *, struct arena *,
    const struct attempt_ref *, struct attempt_state *) MUSTCHECK;
/*
 * Gives an attempt a token, by its digest; *org and *ws are the keys of its
 * place.  ERR_CONFLICT: the attempt is not under way.
 */
enum err store_attempt_token(struct db *, struct arena *,
    const struct attempt_ref *, const char *sha256, const char **org,
    const char **ws) MUSTCHECK;
enum err store_attempt_handle(struct db *, struct arena *,
    const struct attempt_ref *, const char *handle) MUSTCHECK;
/* *seq grows while the attempt goes on to report. */
enum err store_attempt_heard(struct db *, struct arena *,
    const struct attempt_ref *, int64_t *seq) MUSTCHECK;
/* Keeps about the newest `keep` points of each series. */
enum err store_series_trim(struct db *, struct arena *,
    const struct attempt_ref *, int64_t keep) MUSTCHECK;

#endif
