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
/* *exists 1 when the workspace has the project. */
enum err store_project_exists(struct db *, const char *workspace,
    const char *key, int *exists) MUSTCHECK;

#endif
