/* SPDX-License-Identifier: BSD-2-Clause */
/* What both faces do alike with the job of the path. */
#ifndef FCGI_JOB_ACT_H
#define FCGI_JOB_ACT_H

#include "domain/job.h"
#include "fcgi/http.h"

/* How a face names its jobs, and shows them. */
struct job_side {
	enum job_face	 face;
	/* 1 and the uuid, 0: no id of this face */
	int		(*id)(const char *wire, char uuid[UUID_LEN]);
	enum err	(*show)(struct db *, struct arena *,
			    const char *workspace_id, const char *id,
			    struct jw *);
};

extern const struct job_side job_side_hosted, job_side_judge;

/* The strong ETag of a job. */
const char *job_etag(struct arena *, const char *id, int64_t revision);
/* The revision that a poll's If-None-Match says it has, or KNOWN_NONE. */
int64_t job_revision_known(struct req *, const char *id);
/* The id in the path.  ERR_NOT_FOUND and the reply when it is none. */
enum err job_id_of(struct req *, struct reply *, const struct job_side *,
    char id[UUID_LEN]) MUSTCHECK;
/* What is written under a job; ends the request. */
enum err job_answer(struct req *, struct reply *, enum err, struct jw *);

/* cancel or retry */
typedef enum err job_verb(struct db *, struct arena *, const struct actor *,
    const struct job_hold *, const char **detail);

/*
 * One transaction: key, job, precondition, verb, the job as it is then.  Ends
 * the request.  done: the verb's past tense, for the log.
 */
enum err job_act(struct req *, struct reply *, const struct job_side *,
    job_verb *, const char *done);
/* The same once the job is known, by its uuid. */
enum err job_act_id(struct req *, struct reply *, const struct job_side *,
    const char *id, job_verb *, const char *done);
/*
 * The same for what queues a job: what a retry adds to the queue counts as
 * much as what a create adds.
 */
enum err job_act_queueing(struct req *, struct reply *,
    const struct job_side *, job_verb *, const char *done);
struct judge_job_order;
/* Creates a judge job, or a run; dry: only as it would be. */
enum err judge_job_make(struct req *, struct reply *,
    const struct judge_job_order *, int dry);
/* The reply to a queue that is full. */
enum err job_over_quota(struct req *, struct reply *, int64_t quota);

/* The list of attempts; the lines and metrics of h_log.c. */
enum err job_attempts(struct req *, struct reply *, const struct job_side *);
enum err job_logs(struct req *, struct reply *, const struct job_side *);
enum err job_metrics(struct req *, struct reply *, const struct job_side *);

/*
 * Whoever waits holds a request thread, so only one thread in so many may.
 * Nobody is told of news: a NOTIFY with each report would make commits wait
 * for one another, for readers that are mostly not there.
 */
struct job_wait {
	struct app	*app;
	int64_t		 end;		/* monotonic */
	int		 held;
};

void job_wait_begin(struct job_wait *, struct app *, int64_t seconds);
/* 1 when it is time to look again; 0: answer with what there is. */
int job_wait_again(struct job_wait *);
void job_wait_end(struct job_wait *);

#endif
