/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trainyardd: what its parts share.  One thread and one loop; two
 * connections, of which one only listens.
 *
 * A run is one attempt in this dispatcher's hands:
 *
 *	RUN_PREPARING	its document is being written, or the engine is asked to
 *			start or to find it
 *	RUN_LIVE	the engine has it
 *	RUN_ENDED	the engine is done; what it printed is being recorded
 *
 * A run is settled when its end is recorded or it was found superseded:
 * nothing is written for it any more, and it goes when its processes have.
 */
#ifndef DISPATCH_H
#define DISPATCH_H

#include <sys/queue.h>

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "dispatch/ask.h"
#include "dispatch/engines/engine.h"
#include "dispatch/loop.h"
#include "dispatch/tail.h"
#include "dispatch/text.h"
#include "dispatch/workdir.h"
#include "dispatch/worker.h"
#include "domain/progress.h"
#include "domain/state.h"
#include "store/db.h"
#include "store/store_attempt.h"
#include "store/store_house.h"
#include "util/arena.h"
#include "util/conf.h"

#define SECOND	INT64_C(1000000)	/* of ts_mono() */
#define NEVER	INT64_MAX
#define EXIT_AGAIN 75		/* of a runner: stopped, run it again */

struct environment;		/* a runner's (environment.c) */
struct document;		/* a job's document on its way (document.c) */

enum run_phase { RUN_PREPARING, RUN_LIVE, RUN_ENDED };

struct run {
	TAILQ_ENTRY(run) entry;
	struct dispatcher *owner;
	struct attempt_ref ref;
	enum job_face	 face;
	const struct kind *kind;
	char		 training_type[16];	/* "" on the hosted face */
	enum run_phase	 phase;
	enum job_state	 state;		/* of the job, as recorded */
	int		 max_epochs;	/* judge: for the percentage */
	int64_t		 timeout_seconds;
	int64_t		 deadline;	/* ts_mono */

	char		 dir[WORKDIR_MAX];	/* work folder */
	struct document	*document;	/* while preparing */
	struct serving	*serving;	/* the engine that has it */
	struct engine_run engine;
	enum engine_state engine_state;
	struct ask	 ask;		/* one question at a time */
	int		 asked;		/* it is under way */
	int		 answered;	/* and was not looked at yet */
	enum ask_what	 wish;		/* ASK_STOP, ASK_KILL, ASK_NOTHING */
	int64_t		 talk_at;	/* no question before */
	struct engine_job *job;		/* until it has begun, and no longer */
	int		 recovering;	/* to be found */
	int		 begun;		/* a start was tried */
	int		 refused;	/* it cannot be started: errno */
	int64_t		 polled;	/* the engine was asked last */
	struct watch	*watch;		/* on engine.fd */
	struct tail	 out, err;
	int		 wd[2];		/* inotify's, on both; -1: none */
	int64_t		 points;	/* of series, since they were trimmed */

	int		 dirty;		/* there may be something to read */
	int64_t		 next;		/* not before: reading, retrying */
	int64_t		 looked;	/* last time without being told */

	/* a far engine that does not know, or may be wrong (talk.c) */
	int64_t		 doubted;	/* since then, 0: not */
	int64_t		 heard;		/* see store_attempt_heard */

	struct finish	*end;		/* not written yet; NULL: goes on */
	int		 end_stop;	/* is to be stopped then */

	int		 cancel;	/* asked for */
	int		 settled;
	int		 tidy;		/* the folder goes with the run */
	int64_t		 stopping;	/* asked to end then, 0: not */
	int64_t		 kill_at;	/* NEVER: not to be killed */
};

/* A kind of job and what trains it here. */
struct kind {
	const char	*name;		/* trainyard.job.kind */
	char		**command;	/* NULL: not served here */
	struct serving	*serving;	/* by which engine */
	/* by priority -1, 0, 1: see claim.c */
	struct {
		int64_t	 newest;	/* queue_seq claimed last */
		int64_t	 recent;	/* a while ago */
		int64_t	 settled;	/* before that: where claims begin */
	} mark[3];
};

enum kind_id {
#define KIND(name) KIND_ID_##name,
#include "domain/kind.tbl.h"
#undef KIND
	KINDS
};

/* An engine, as this dispatcher uses it. */
struct serving {
	struct dispatcher *owner;
	const struct engine *engine;
	struct asker	*asker;
	size_t		 slots, runs;
	int		 kinds;		/* how many it serves */
	int		 up;		/* it can be asked; a near one always */
	int		 probing;
	int64_t		 next_probe;
	struct ask	 probe;
	char		 why[ENGINE_WHY_LEN];	/* not up */
	int64_t		 told;		/* why, last */
	size_t		 discards;	/* under way */
};

enum stopping {
	STOP_NOT,
	STOP_LEAVE,		/* runs go on without us */
	STOP_HAND_BACK		/* runs are stopped and queued again */
};

struct dispatcher {
	const struct conf *conf;
	struct serving	 serving[ENGINES];
	struct loop	*loop;
	struct arena	*arena;		/* emptied with each step */
	char		 worker[WORKER_LEN];
	int64_t		 began;		/* ts_mono */
	struct kind	 kind[KINDS];
	TAILQ_HEAD(, run) runs;
	size_t		 nruns;
	struct arena	*ends;		/* emptied when they are written */
	size_t		 nends;
	enum stopping	 stopping;
	int64_t		 stop_by;	/* end of a hand-back */
	int		 inotify;	/* -1: the clock alone tells */
	struct watch	*inotify_watch;	/* NULL: for a moment not */
	int64_t		 inotify_at;

	/* link.c */
	struct db	*db, *listen;	/* NULL: away */
	struct watch	*listen_watch;
	int64_t		 reconnect_at, backoff;
	int		 schema_known;
	int		 recovered;	/* an earlier life's runs are found */

	/* claim.c, beat.c, house.c, retain.c, policy.c */
	int		 want_claim, want_beat;
	int64_t		 next_claim, next_scan, marks_moved;
	int64_t		 next_beat;
	int64_t		 next_ping;	/* of systemd's watchdog */
	int64_t		 next_expiry, next_retention, next_sweep;
	struct metric_walk metric_walk;
	int64_t		 next_blobs, next_statistics;
	int		 want_policy;
	int64_t		 next_policy;
	struct pace	*pace;
	struct sweep	*sweep;		/* NULL: between two */

	struct {
		uintmax_t claimed, recovered, finished, lost, stale;
	} count;
};

/* link.c */
/* Connects where needed; 1 when both connections stand. */
int link_up(struct dispatcher *);
void link_close(struct dispatcher *);
/*
 * What to make of a failed statement: 1 when trying again later may help
 * (a broken connection is closed), 0 when it would fail again.
 */
int link_transient(struct dispatcher *, enum err);

/* serving.c */
void serving_init(struct dispatcher *);
/* After the settings have changed. */
void serving_resize(struct dispatcher *);
void serving_end(struct dispatcher *);
/* NULL: an engine that this program does not know. */
struct serving *serving_find(struct dispatcher *, const char *engine);
/* Looks whether an engine that was away is back. */
void serving_turn(struct dispatcher *, int64_t now);
int64_t serving_due(const struct dispatcher *);
/* It could not be asked: no jobs for it until it can be. */
void serving_down(struct serving *, const char *why);
/* Kills what it may still run for an attempt that nobody waits for. */
void serving_discard(struct serving *, const struct attempt_ref *);

/* claim.c */
void claim_init(struct dispatcher *);
void claim_end(struct dispatcher *);
/* Takes as many jobs as there is room for. */
void claim_jobs(struct dispatcher *);
/* Takes up what an earlier life of this worker left. */
int claim_recover(struct dispatcher *);
/* When to look at the queue without being told. */
int64_t claim_due(const struct dispatcher *);

/* beat.c */
/* Renews the leases; finds out what is stale or to be stopped. */
void beat_all(struct dispatcher *);

/* run.c */
struct run *run_new(struct dispatcher *, const struct claimed *,
    struct serving *);
/* The path of a file in its work folder. */
void run_path(const struct run *, const char *name, char out[PATH_MAX]);
/* Follows a run that the engine has: its files, its end. */
void run_attach(struct dispatcher *, struct run *);
/* One step of its life; `now` is ts_mono(). */
void run_step(struct dispatcher *, struct run *, int64_t now);
/* When it wants its next step without being told. */
int64_t run_due(const struct run *);
/* Asks it to end; kills it after `grace` seconds. */
void run_stop(struct dispatcher *, struct run *, int64_t grace);
/* Nothing is written for it from now on. */
void run_settle(struct run *);
/* Superseded: nothing of it counts any more. */
void run_stale(struct dispatcher *, struct run *, const char *found);
/* Hands it back to the queue, as a loss (count 1) or not. */
int run_lose(struct dispatcher *, struct run *, const char *reason,
    int count);
/*
 * A write found nothing to change: is it still ours?  1 when it is, with
 * the run as the database has it; 0 when not, or nobody could tell.
 */
int run_resync(struct dispatcher *, struct run *, const char *found);
void run_free(struct dispatcher *, struct run *);

/* end.c */
/*
 * Its end is to be recorded; ref and stderr_to are filled in here.  What it
 * points to is copied, but for the words of status, final_event, error_type.
 * Until then the run is not stepped again.
 */
void run_end(struct dispatcher *, struct run *, const struct finish *);
/* The same for an end that no event told. */
void run_finish(struct dispatcher *, struct run *, const char *status,
    const char *error_type, const char *error);
/* Records what has ended since; each is settled then, or tried again. */
void ends_write(struct dispatcher *);

/* environment.c */
/* "NAME=value", in the arena; a name that is there already stays as it is. */
void environment_add(struct environment *, char *);
/*
 * The environment of a run that is about to start, in the arena.  NULL: it
 * has to wait, is not to be, or cannot be: then *why tells.
 */
char **environment_make(struct dispatcher *, struct run *,
    const char *resume, const char **why);

/* talk.c: what a run and its engine say to each other */
/* Its name for engines. */
void talk_name(const struct attempt_ref *, char name[ENGINE_NAME_LEN]);
/* The job is copied. */
void talk_start(struct dispatcher *, struct run *, const struct engine_job *);
/* The same job, which may have begun: the engine could not say. */
void talk_start_again(struct dispatcher *, struct run *);
void talk_recover(struct dispatcher *, struct run *);
/* Asks it to end, soon; hard: ends it. */
void talk_stop(struct dispatcher *, struct run *, int hard);
/* Takes in an answer, asks what is due. */
void talk_turn(struct dispatcher *, struct run *, int64_t now);
int64_t talk_due(const struct run *);

/* supply.c */
/* Adds to a runner's environment what its kind of job may use. */
void supply_fill(struct dispatcher *, const struct run *,
    struct environment *);

/* report.c */
/*
 * Records what the run printed, up to a limit; `last`: it prints no more.
 * 1: all there was, 0: there is more or it did not work.
 */
int report_output(struct dispatcher *, struct run *, int last);

/* document.c */
enum document_state { DOCUMENT_MORE, DOCUMENT_READY, DOCUMENT_FAILED };
/* One bounded step of writing the run's document. */
enum document_state document_step(struct dispatcher *, struct run *,
    const char **why);
void document_free(struct document *);

/* result.c */
/* Completes a judge job from its training_end; 1 when it is recorded. */
int result_complete(struct dispatcher *, struct run *,
    const struct progress *, int64_t events_to);

/* house.c */
void house_tick(struct dispatcher *, int64_t now);
int64_t house_due(const struct dispatcher *);
/* Is an attempt that is no run of ours still being run on this host? */
int house_alive(struct dispatcher *, const struct attempt_ref *);
void house_kill(struct dispatcher *, const struct attempt_ref *);

/* retain.c */
/* One round of making partitions and removing old rows. */
void retain_tick(struct dispatcher *, int64_t now);

/* policy.c */
/* Fires the retraining policies that are due; there is a database. */
void policy_tick(struct dispatcher *, int64_t now);

/* sweep.c */
/* One step of removing bytes that no row names; there is a database. */
void sweep_tick(struct dispatcher *, int64_t now);
void sweep_end(struct dispatcher *);

#endif
