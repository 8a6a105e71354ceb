/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What jobs name: artifacts and projects, looked up in the job's workspace,
 * then on the organisation's shelf (its default workspace).  Versions are
 * immutable, so what was found once by its exact version is remembered.
 */
#ifndef DOMAIN_REFS_H
#define DOMAIN_REFS_H

#include "domain/fault.h"
#include "store/pool.h"
#include "store/store_access.h"
#include "store/store_artifact.h"
#include "util/err.h"

struct refs;

struct refs *refs_new(struct pool *);
void refs_free(struct refs *);

/*
 * Any thread.  name may carry the organisation's prefix; version NULL: the
 * newest.  kinds: NULL-terminated, best first.  What is not there is a fault
 * `artifact_not_found` at loc, and out->id stays "".  document (may be NULL)
 * gets the JSON that was read from a task or world manifest, NULL for none.
 */
enum err refs_find(struct refs *, const struct tenant *,
    const char *const *kinds, const char *name, const char *version,
    struct faults *, const struct loc *, struct artifact_ref *out,
    const char **document) MUSTCHECK;
/* A project by key; a fault `value_error` at body.project_ref. */
enum err refs_project(struct refs *, const struct tenant *, const char *key,
    struct faults *) MUSTCHECK;

#endif
