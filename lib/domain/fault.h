/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is wrong with a request, all of it: the errors[] of the envelope.
 * Everything lives in the arena given to faults_init.
 */
#ifndef DOMAIN_FAULT_H
#define DOMAIN_FAULT_H

#include <stddef.h>

#include "util/arena.h"
#include "util/jw.h"

#define FAULTS_SHOWN	20	/* most errors in one envelope */

/* A place in a body, on the stack of whoever walks it. */
struct loc {
	const struct loc *up;		/* NULL: this is "body", "query", ... */
	const char	*key;		/* NULL: an index */
	size_t		 index;
};

struct fault {
	const char	*loc;		/* JSON array text */
	const char	*path;		/* config.stop[1], for people */
	const char	*msg;
	const char	*type;
};

struct faults {
	struct arena	*arena;
	struct fault	 fault[FAULTS_SHOWN];
	size_t		 count;		/* all, those not shown too */
};

void faults_init(struct faults *, struct arena *);
void fault_add(struct faults *, const struct loc *, const char *type,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* As fault_add, with the place as JSON array text without the brackets. */
void fault_add_at(struct faults *, const char *loc_items, const char *path,
    const char *type, const char *msg);
/* "<path>: <msg> (and N more)", at most 500 characters; "" without faults. */
const char *faults_detail(const struct faults *);
/* The errors array. */
void faults_write(const struct faults *, struct jw *);

/* Loc literals: LOC_BODY, and LOC(parent, "key"), LOC_AT(parent, i). */
extern const struct loc loc_body, loc_query, loc_path, loc_header;
#define LOC(up, key)	(&(const struct loc){ (up), (key), 0 })
#define LOC_AT(up, i)	(&(const struct loc){ (up), NULL, (i) })

#endif
