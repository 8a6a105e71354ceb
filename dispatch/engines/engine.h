/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs the jobs.  An engine knows nothing of queues and rows: it gets a
 * work folder, a command and an environment, and tells whether the run is
 * still going on.  A run is found again by its work folder or its name, which
 * are made of our own attempt, never by what the engine calls it.
 *
 * A near engine runs jobs on this host: its functions return at once and are
 * called from the loop.  A far one asks somebody else: its functions may
 * take as long as `engine_timeout_seconds` says, so they are called in threads
 * of its own (see ask.h), never two at once for one run.  They use no arena,
 * no database and nothing else of the dispatcher; while engine_leaving() is 1
 * they return as soon as they can.
 *
 * What a run says lies in its work folder: its stdout is appended to
 * RUN_EVENTS, its stderr to RUN_STDERR.  A near engine's runs do that
 * themselves, and so do those of a far engine whose hosts share the folder.
 * Where they do not, start() adds TRAINYARD_REPORT=api to the environment, the
 * runner sends its events to the API, nobody writes RUN_EVENTS, and poll()
 * appends what there is of the run's stderr to RUN_STDERR.  After
 * ENGINE_ENDED and ENGINE_GONE neither file grows any more.
 *
 * The environment holds secrets: none may be seen in arguments, logs or what
 * other users of a cluster can read.
 */
#ifndef DISPATCH_ENGINE_H
#define DISPATCH_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "util/conf.h"

enum engine_state {
	ENGINE_UNSTARTED,	/* nothing was ever started here */
	ENGINE_RUNNING,		/* or waits for its turn over there */
	ENGINE_ENDED,		/* status tells how */
	ENGINE_GONE,		/* lost without a word */
	ENGINE_UNKNOWN,		/* far: cannot tell now, ask again */
	ENGINE_DOUBT		/* far: it is said to be over, `why` by whom;
				   gone unless it goes on to report */
};

#define ENGINE_NAME_LEN	64
#define ENGINE_WHY_LEN	512

struct engine_run {
	const char	*dir;		/* work folder; the owner's memory */
	char		 name[ENGINE_NAME_LEN];	/* like no other run's */
	int		 fd;		/* readable: ask poll(); -1: none */
	int		 status;	/* wait status after ENGINE_ENDED */
	char		 handle[96];	/* the engine's own name for the run */
	/* about the last failure, or how it ended; "": nothing to say */
	char		 why[ENGINE_WHY_LEN];
	void		*own;		/* the engine's */
};

/* What to start. */
struct engine_job {
	char		**command;	/* NULL-terminated */
	char		**env;		/* NULL-terminated, "NAME=value" */
	/* what the runner may use; 0: as much as it likes */
	int64_t		 seconds;	/* by the clock */
	int64_t		 grace;		/* seconds more, to leave */
	int64_t		 memory_mb;
	int64_t		 cpus;
};

struct engine {
	const char	*name;
	int		 far;
	int		 apart;	/* shares no files: hosted jobs only */
	/* Once, before anything else; the settings stay.  NULL: nothing. */
	void		(*open)(const struct conf *);
	/*
	 * 0 and the run under way, or -1 and errno.  A far engine first looks
	 * for a run of this name, which an earlier call may have left, and
	 * takes that.  EAGAIN: it may or may not have begun, ask again.
	 * Anything else: it has not and will not, `why` tells people.
	 */
	int		(*start)(struct engine_run *,
	    const struct engine_job *);
	/* Never ENGINE_UNSTARTED. */
	enum engine_state (*poll)(struct engine_run *);
	/*
	 * Asks the run to end; hard: ends it.  -1: could not ask.  Also for a
	 * run that is over, or that nobody knows: that is no failure.
	 */
	int		(*stop)(struct engine_run *, int hard);
	/* Takes up a run that another process started; dir and name are set. */
	enum engine_state (*recover)(struct engine_run *);
	/* Gives back what the run holds here; it is not stopped.  Near. */
	void		(*release)(struct engine_run *);
};

#define RUN_EVENTS	"events.jsonl"
#define RUN_STDERR	"stderr.log"

/* engine.tbl.h lists them; the first one is the local one. */
enum engine_id {
#define ENGINE(name, slots) ENGINE_ID_##name,
#include "dispatch/engines/engine.tbl.h"
#undef ENGINE
	ENGINES
};

#define ENGINE(name, slots) extern const struct engine engine_##name;
#include "dispatch/engines/engine.tbl.h"
#undef ENGINE

/* NULL: there is none of that name. */
const struct engine *engine_find(const char *name);
const struct engine *engine_get(enum engine_id);
/* The site's setting of how many runs it may have at once. */
size_t engine_slots(enum engine_id, const struct conf *);
/* 1: this process ends, no call may wait any more.  Any thread. */
int engine_leaving(void);
/* A descriptor that is readable from then on. */
int engine_leaving_fd(void);

#endif
