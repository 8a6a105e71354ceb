/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs the jobs.  An engine knows nothing of queues and rows: it gets a
 * work folder, a command and an environment, and tells whether the run is
 * still going on.  A run is found again by its work folder, which is named
 * by our own attempt, never by what the engine calls it.
 */
#ifndef DISPATCH_ENGINE_H
#define DISPATCH_ENGINE_H

#include <stddef.h>

enum engine_state {
	ENGINE_UNSTARTED,	/* nothing was ever started here */
	ENGINE_RUNNING,
	ENGINE_ENDED,		/* status tells how */
	ENGINE_GONE		/* lost without a word */
};

struct engine_run {
	const char	*dir;		/* work folder; the owner's memory */
	int		 fd;		/* readable: ask poll(); -1: none */
	int		 status;	/* wait status after ENGINE_ENDED */
	char		 handle[96];	/* the engine's own name for the run */
	void		*own;		/* the engine's */
};

struct engine {
	const char	*name;
	/* 0 when the command could be run here, else -1. */
	int		(*probe)(const char *const command[]);
	/* Most runs at the same time, given the site's slots. */
	size_t		(*capacity)(size_t slots);
	/*
	 * 0 and the run under way, or -1 and errno.  The runner's stdout is
	 * appended to <dir>/events.jsonl, its stderr to <dir>/stderr.log.
	 */
	int		(*start)(struct engine_run *, char *const command[],
	    char *const env[]);
	/* Never ENGINE_UNSTARTED. */
	enum engine_state (*poll)(struct engine_run *);
	/* Asks the run to end; hard: ends it. */
	void		(*stop)(struct engine_run *, int hard);
	/* Takes up a run that another process started; dir is set. */
	enum engine_state (*recover)(struct engine_run *);
	/* Gives back what the run holds here; it is not stopped. */
	void		(*release)(struct engine_run *);
};

#define RUN_EVENTS	"events.jsonl"
#define RUN_STDERR	"stderr.log"

extern const struct engine engine_local;

#endif
