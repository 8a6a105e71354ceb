/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a command of somebody else's and listens to what it says.  Any thread.
 * It gets no shell, nothing on its standard input, and of the environment only
 * what such commands need: no secret of this process.
 */
#ifndef DISPATCH_TOOL_H
#define DISPATCH_TOOL_H

#include <stddef.h>
#include <stdint.h>

#define TOOL_WHY	512

struct tool {
	int	 status;	/* wait status */
	char	*out;		/* what it printed, NUL-terminated */
	size_t	 len;
	char	 why[TOOL_WHY];	/* its words on standard error, one line */
};

/*
 * 0 when it ended by itself; whatever is returned, tool_free() follows.  -1: it
 * could not be run, took too long, printed too much, or this process ends;
 * `why` tells which.
 */
int tool_run(struct tool *, const char *const argv[], int64_t timeout_ms);
/* 1: it ended by itself with status 0. */
int tool_good(const struct tool *);
void tool_free(struct tool *);

#endif
