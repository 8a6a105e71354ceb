/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules of the artifact registry. */
#ifndef DOMAIN_ARTIFACT_H
#define DOMAIN_ARTIFACT_H

#include "domain/fault.h"
#include "store/store_artifact.h"
#include "util/jv.h"
#include "util/jw.h"

/* Faults at ["path", ...] for what no artifact can be called. */
void artifact_check_path(const char *kind, const char *name,
    const char *version, int latest_is_fine, struct faults *);
/* The type to keep: lower-case type/subtype, or application/octet-stream. */
const char *artifact_media_type(struct arena *, const char *header);
/* From a checked reference body; faults for a bad uri or digest. */
void artifact_from_reference(const struct jv *, struct artifact *,
    struct faults *);
/*
 * The JSON that the server reads inside (tasks, world manifests) from a blob
 * that was just committed; NULL when the artifact has none.
 */
const char *artifact_document(struct arena *, const char *data_dir,
    const struct artifact *);
/* 1 when publishing again would change nothing. */
int artifact_same(const struct artifact *, const struct artifact *);
void view_artifact(struct jw *, const struct artifact *);

#endif
