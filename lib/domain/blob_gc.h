/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Removes bytes that no row names: what a process that died between the file
 * and the row left behind, and unfinished uploads.
 *
 * No bytes are lost while others publish the same ones, on this host or on
 * another, because both sides hold an advisory lock of the database that
 * belongs to the digest:
 *
 *   whoever names bytes   takes it shared, puts the file in its place, and
 *                         has the row committed before the lock goes;
 *   whoever removes them  takes it alone, or leaves the file if it cannot;
 *                         then asks once more for rows, and only then
 *                         removes the file, still holding the lock.
 *
 * So when the lock is held alone, each publisher has either committed, and
 * the row is seen, or not yet put its file there: it comes later, with a file
 * of its own.  A row never counts on a file that somebody else put there.
 * What is younger than the grace time is left alone all the same: it keeps
 * the work small, and covers programs of a release without the lock.
 *
 * An upload on its way holds a lock of its file system; where that has none,
 * the grace time alone keeps it.
 */
#ifndef DOMAIN_BLOB_GC_H
#define DOMAIN_BLOB_GC_H

#include <stdint.h>

#include "store/db.h"
#include "util/arena.h"

struct blob_walk;		/* over all files, a few at a time */

/* How to look, and what was found. */
struct blob_gc {
	const char	*data_dir;
	int64_t		 grace;		/* seconds */
	int		 dry_run;	/* count only */
	int64_t		 files, bytes;	/* that no row names */
	int64_t		 uploads;	/* leftovers */
};

struct blob_walk *blob_walk_new(void);
/* NULL is allowed. */
void blob_walk_free(struct blob_walk *);
/*
 * One bounded step: looks at about `most` more files and removes those that
 * are to go.  *done when there are no more.  On an error the walk is where
 * it was, or a little further.
 */
enum err blob_gc_step(struct blob_gc *, struct blob_walk *, struct db *,
    struct arena *, size_t most, int *done) MUSTCHECK;
/* Leftovers of uploads that were cut off. */
void blob_gc_uploads(struct blob_gc *);

#endif
