/* SPDX-License-Identifier: BSD-2-Clause */
/* The migrations of a folder: NNNN_ss_pre_name.sql, NNNN_ss_post_name.sql. */
#ifndef CTL_MIGRATION_H
#define CTL_MIGRATION_H

#include "util/arena.h"
#include "util/hash.h"

struct migration {
	const char	*name;			/* without ".sql" */
	const char	*phase;			/* "pre" or "post" */
	const char	*text;
	char		 sha256[SHA256_HEX_LEN];
	const char	*applied_by;		/* NULL: pending */
	long long	 applied_at;		/* microseconds since 1970 */
};

/*
 * Reads all of a folder in the order of the names; the list and its texts
 * are in the arena.  Their number, or -1 after a message.
 */
long migration_load(struct arena *, const char *dir, struct migration **);
/* By name; NULL when there is none. */
struct migration *migration_find(struct migration *, long n,
    const char *name);

#endif
