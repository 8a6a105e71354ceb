/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A page of a list: where it begins, and the rows on it.  What is read is in
 * the arena given.
 */
#ifndef STORE_PAGE_H
#define STORE_PAGE_H

#include <stdint.h>

#include "store/db.h"

/* A row of a page, and the time by which it stands there. */
struct page_row {
	const char	*id;
	int64_t		 at;
};

/*
 * Where a page in the order of creation begins, as time and id that are just
 * before it (`down`: newest first).  The bound of the times on that side is
 * in it, and *bound is NULL: with both, PostgreSQL might begin at the wrong
 * one and read what lies between.  after_id NULL: from the beginning.
 */
void store_page_begin(struct arena *, int down, const char **bound,
    int64_t after_at, const char *after_id, const char **at,
    const char **id);
/* Begins a transaction in which plans are made for the values at hand. */
enum err store_by_values(struct db *) MUSTCHECK;
/*
 * Runs the statement of a page, the first two columns of which are id and
 * time, in the transaction that it begins and the caller ends.  The rows are
 * the arena's.
 */
enum err store_page_run(struct db *, struct arena *, enum stmt,
    const char *const *params, struct rows **, struct page_row **out,
    int *n) MUSTCHECK;
/* Their ids as an array literal. */
const char *store_page_ids(struct arena *, const struct page_row *, int n);

#endif
