/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks engines.  A near one answers before ask() returns.  A far one is asked
 * in a thread: each has its own few, so that one that hangs holds up nothing
 * but itself, and the answer comes from the loop.  All but the engine's own
 * functions is for the loop's thread.
 */
#ifndef DISPATCH_ASK_H
#define DISPATCH_ASK_H

#include <sys/queue.h>

#include "dispatch/engines/engine.h"
#include "dispatch/loop.h"

enum ask_what {
	ASK_NOTHING,
	ASK_PROBE,	/* result 0: usable; run is NULL */
	ASK_START,	/* result, error */
	ASK_POLL,	/* state */
	ASK_STOP,	/* result */
	ASK_KILL,	/* result */
	ASK_RECOVER,	/* state */
	ASK_DISCARD	/* recover, and kill what runs: state */
};

/*
 * One question.  The run belongs to the engine until done() is called, and
 * so does the rest of this.
 */
struct ask {
	TAILQ_ENTRY(ask) entry;
	enum ask_what	 what;
	struct engine_run *run;
	const struct engine_job *job;	/* ASK_START; from ask_job() */
	void		(*done)(struct ask *);
	void		*arg;
	/* the answer */
	int		 result, error;
	enum engine_state state;
	char		 why[ENGINE_WHY_LEN];	/* ASK_PROBE */
};

struct asker;

/* calls: most questions at once to a far engine. */
struct asker *asker_new(const struct engine *, const struct conf *,
    struct loop *, size_t calls);
/*
 * Of what was not answered yet only ASK_DISCARD is: with ENGINE_UNKNOWN.
 * engines_leave() has been called.
 */
void asker_free(struct asker *);
void ask(struct asker *, struct ask *);
/* A job that lives until ask_job_free(). */
struct engine_job *ask_job(const struct engine_job *);
void ask_job_free(struct engine_job *);

/* engine.c: before the first thread, and when the process ends. */
void engines_prepare(void);
void engines_leave(void);

#endif
