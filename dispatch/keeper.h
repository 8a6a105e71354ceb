/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keeper: the small process between dispatcher and runner.  It outlives
 * the dispatcher, so that a runner is never without somebody who knows how
 * it ended.  It lives in the run's work folder:
 *
 *	keeper.lock	flocked as long as it lives
 *	keeper		its pid and start time, the runner's process group
 *	exit		the runner's wait status; written once, as a whole
 *
 * SIGTERM to the keeper goes on to the runner's process group; SIGQUIT kills
 * the group.
 */
#ifndef DISPATCH_KEEPER_H
#define DISPATCH_KEEPER_H

#include <sys/types.h>

#define KEEPER_LOCK	"keeper.lock"
#define KEEPER_FILE	"keeper"
#define KEEPER_EXIT	"exit"
#define KEEPER_FD	3	/* the lock, handed over by the dispatcher */

struct keeper_info {
	pid_t			 pid;
	pid_t			 group;		/* the runner's */
	unsigned long long	 started;	/* clock ticks after boot */
	char			 boot[40];	/* which boot */
};

/*
 * The keeper's main: `command` is the runner's argument vector, the current
 * folder the work folder.  Returns the keeper's exit status.
 */
int keeper_main(char *command[]);
/* Reads the keeper file in `dir`; -1 when there is none (yet). */
int keeper_read(const char *dir, struct keeper_info *);
/* 1 when that keeper is a living process of this host and boot. */
int keeper_alive(const struct keeper_info *);
/* 0 and the wait status from the exit file, or -1. */
int keeper_exit_status(const char *dir, int *status);

#endif
