/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows on standard output: a table or lines for people, JSON for programs. */
#ifndef CTL_OUT_H
#define CTL_OUT_H

#include "ctl/ctl.h"
#include "util/jw.h"

enum col_type {
	COL_TEXT, COL_INT, COL_NUM, COL_BOOL,
	COL_TIME,		/* microseconds since 1970 */
	COL_LIST,		/* text[] */
	COL_JSON
};

struct col {
	const char	*name;
	enum col_type	 type;
	int		 wide;	/* not in a table */
};

/* The first n columns of all rows: a table, or an array of objects. */
void out_list(struct ctl *, const struct rows *, const struct col *, int n);
/* One row: "name: value" lines, or an object. */
void out_one(struct ctl *, const struct rows *, const struct col *, int n);
/*
 * What a verb made or found: a sentence, or the row's object with one more
 * member, "created".
 */
void out_made(struct ctl *, const struct rows *, const struct col *, int n,
    int created, const char *, ...) __attribute__((format(printf, 6, 7)));
/* What a verb did that leaves nothing to show: a sentence, or an object. */
void out_done(struct ctl *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
/* A finished text and a line end. */
void out_json(struct jw *);

#endif
