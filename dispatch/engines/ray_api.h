/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One call to the Jobs API of the Ray cluster that the settings name.  Any
 * thread; returns early when the process ends.  The token never leaves here.
 */
#ifndef DISPATCH_RAY_API_H
#define DISPATCH_RAY_API_H

#include <stddef.h>

#include "util/arena.h"
#include "util/conf.h"
#include "util/jv.h"

#define RAY_ANSWER	((size_t)1 << 20)	/* of all but logs */

struct ray_reply {
	int		 status;	/* HTTP */
	const struct jv	*json;		/* NULL: no JSON object */
	const char	*text;		/* as it came */
	int		 cut;		/* longer than was to be kept */
};

/*
 * path begins behind "/api/"; body NULL: none; keep: bytes of the answer.
 * 0 and the reply in the arena, or -1 and *why when there was none.
 */
int ray_call(struct arena *, const struct conf *, const char *method,
    const char *path, const char *body, size_t keep, struct ray_reply *,
    const char **why);
/*
 * What an answer that is no good says, for people: its last line, where a
 * Python traceback has what matters.
 */
const char *ray_says(struct arena *, const struct ray_reply *);

#endif
