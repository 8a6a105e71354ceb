/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Artifact bytes on disk, by their SHA-256: data_dir/blobs/ab/cdef...
 * A blob appears whole or not at all, and is durable before anyone hears of
 * it: written to data_dir/incoming, fsynced, renamed, folders fsynced.  Its
 * modification time belongs to the bytes, not to the day of the upload (that
 * is the change time, ctime).
 */
#ifndef DOMAIN_BLOB_H
#define DOMAIN_BLOB_H

#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/err.h"
#include "util/hash.h"

struct blob_in;		/* one on its way in */

/* Makes the folders below data_dir.  -1 and errno. */
int blob_init(const char *data_dir);
/* ERR_INTERNAL (logged) when the disk refuses. */
enum err blob_begin(const char *data_dir, struct blob_in **) MUSTCHECK;
enum err blob_add(struct blob_in *, const void *, size_t) MUSTCHECK;
/*
 * No more comes: its digest and size, and the bytes are durable, but not yet
 * kept.  expected (may be NULL): hex digest that the bytes must have, else
 * ERR_VALIDATION.  On an error *in is freed and nothing is left behind.
 */
enum err blob_seal(struct blob_in **in, const char *expected,
    char sha256[SHA256_HEX_LEN], int64_t *size) MUSTCHECK;
/* Where the bytes of a sealed one are. */
const char *blob_in_path(const struct blob_in *);
/*
 * Puts a sealed one durably under its digest; frees *in.  Nothing is left
 * behind on an error.  The same bytes twice are kept once.  Whoever is going
 * to name them in a row holds their lock by now: see blob_gc.h.
 */
enum err blob_keep(struct blob_in **in) MUSTCHECK;
/* Both in one. */
enum err blob_commit(struct blob_in **in, const char *expected,
    char sha256[SHA256_HEX_LEN], int64_t *size) MUSTCHECK;
/* Forgets it.  NULL inside is allowed. */
void blob_abort(struct blob_in **);
/* Path of a blob; out needs PATH_MAX bytes.  -1: too long. */
int blob_path(const char *data_dir, const char *sha256, char *out,
    size_t size);
/*
 * The whole of a blob into the arena, with a NUL behind it.  ERR_INTERNAL
 * (logged) when it is not there or larger than `most`.
 */
enum err blob_read(const char *data_dir, const char *sha256, struct arena *,
    size_t most, const char **data, size_t *len) MUSTCHECK;
/* "ab/cdef...": below blobs/, for X-Accel-Redirect.  out: 66 bytes. */
void blob_name(const char *sha256, char out[66]);

#endif
