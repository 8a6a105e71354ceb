/* SPDX-License-Identifier: BSD-2-Clause */
/* Artifacts: rows only, the bytes are files. */
#ifndef STORE_ARTIFACT_H
#define STORE_ARTIFACT_H

#include <stdint.h>

#include "store/db.h"
#include "util/hash.h"
#include "util/ident.h"

/* What a reference was resolved to. */
struct artifact_ref {
	char	workspace_id[UUID_LEN];
	char	id[UUID_LEN];		/* "": not found */
	char	sha256[SHA256_HEX_LEN];	/* "": kept elsewhere */
	char	version[65];
};

struct artifact {
	const char	*id, *kind, *name, *version, *media_type;
	int64_t		 size;		/* -1: not known */
	const char	*sha256;	/* hex; NULL: not known */
	const char	*uri;		/* NULL: the bytes are here */
	const char	*document;	/* JSON text or NULL; publishing only */
	const char	*dataset;	/* JSON text or NULL: not looked at */
	int64_t		 created_at;
	const char	*created_by;
};

/* ERR_NOT_FOUND. */
enum err store_artifact_resolve(struct db *, struct arena *,
    const char *workspace, const char *shelf, const char *const *kinds,
    const char *name, const char *version, struct artifact_ref *,
    const char **document) MUSTCHECK;
/* version "latest": the newest.  ERR_NOT_FOUND. */
enum err store_artifact_get(struct db *, struct arena *,
    const char *workspace, const char *kind, const char *name,
    const char *version, struct artifact *) MUSTCHECK;
/* ERR_CONFLICT: the version exists.  Fills created_at. */
enum err store_artifact_insert(struct db *, struct arena *,
    const char *workspace, const char *organization, const char *request_id,
    struct artifact *) MUSTCHECK;

struct artifact_room {
	int64_t	quota;		/* -1: the site's */
	int64_t	bytes;		/* kept by the workspace */
	int	exists;		/* the version is there */
};

/*
 * After an insert of the same transaction bytes counts it, and nobody else
 * publishes in the workspace until the end of the transaction.
 */
enum err store_artifact_room(struct db *, const char *workspace,
    const struct artifact *, struct artifact_room *) MUSTCHECK;

#define ARTIFACT_KINDS	7
/* All kinds, in the order of the contract; ends with NULL. */
extern const char *const artifact_kinds[ARTIFACT_KINDS + 1];

struct artifact_filter {
	const char	*kind, *name, *version, *part;	/* NULL: any */
	const char	*below;		/* id; NULL: from the newest */
	int64_t		 limit, offset;
};

/*
 * *n artifacts of a workspace, newest first, at most filter->limit, and how
 * many match, counted up to `most`.
 */
enum err store_artifact_list(struct db *, struct arena *,
    const char *workspace, const struct artifact_filter *, int64_t most,
    struct artifact **out, int *n, int64_t *count) MUSTCHECK;

/*
 * Until the end of the transaction nobody removes the bytes with this digest
 * (hex): a row that names them may be written.
 */
enum err store_blob_lock(struct db *, const char *sha256) MUSTCHECK;
/* The same until store_blob_unpin, or the end of the connection. */
enum err store_blob_pin(struct db *, const char *sha256) MUSTCHECK;
enum err store_blob_unpin(struct db *, const char *sha256) MUSTCHECK;
/*
 * Until the end of the transaction nobody names these bytes; *got 0: somebody
 * is about to.
 */
enum err store_blob_claim(struct db *, const char *sha256, int *got)
    MUSTCHECK;
/* Keeps of sha256[] (hex) those that no row names. */
enum err store_blob_unnamed(struct db *, struct arena *, const char **sha256,
    size_t *n) MUSTCHECK;
/* *exists 1 when the workspace has the project. */
enum err store_project_exists(struct db *, const char *workspace,
    const char *key, int *exists) MUSTCHECK;

#endif
