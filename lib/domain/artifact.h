/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules of the artifact registry. */
#ifndef DOMAIN_ARTIFACT_H
#define DOMAIN_ARTIFACT_H

#include "domain/access.h"
#include "domain/blob.h"
#include "domain/dataset.h"
#include "domain/fault.h"
#include "domain/page.h"
#include "store/pool.h"
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
 * The JSON that the server reads inside (tasks, world manifests) from a file
 * with the artifact's bytes; NULL when the artifact has none.
 */
const char *artifact_document(struct arena *, const char *path,
    const struct artifact *);

/* 1 when the bytes of this kind are rows, to be looked at. */
int artifact_has_rows(const char *kind);
/* What they are, as JSON: the reader has seen all of them. */
const char *artifact_dataset(struct arena *, struct dataset *);

/* Who publishes, and under which limit. */
struct publisher {
	struct pool		*pool;
	const struct tenant	*tenant;
	const char		*request_id;
	int64_t			 site_quota;	/* bytes; 0: none */
	const struct principal	*attempt;	/* a job's token, else NULL */
};

/* What a workspace has, for the message. */
struct artifact_quota {
	int64_t	most, bytes;
};

/*
 * Before any byte is read: may `size` more bytes come?  ERR_RATE when the
 * workspace has no room for them; a version that is there needs none, and
 * *exists tells of it.
 */
enum err artifact_admit(const struct publisher *, const struct artifact *,
    int64_t size, struct artifact_quota *, int *exists) MUSTCHECK;

enum published { PUBLISHED_NEW, PUBLISHED_SAME, PUBLISHED_OTHER };

/*
 * The row and, unless *in is NULL (a reference), its sealed bytes: both or
 * neither.  *in is freed.  When the version is there, x becomes what is
 * there.  ERR_RATE: the workspace has no room by now.  ERR_AUTH: the attempt
 * that publishes is not under way any more.
 */
enum err artifact_publish(const struct publisher *, struct arena *,
    struct artifact *x, struct blob_in **in, enum published *,
    struct artifact_quota *) MUSTCHECK;

void view_artifact(struct jw *, const struct artifact *);

/* The filters of a checked query; faults where they do not go together. */
void artifact_filter_read(const struct jv *args, struct faults *,
    struct artifact_filter *, struct page *);
/* The whole reply of the list. */
enum err artifact_list_write(struct db *, struct arena *,
    const char *workspace_id, const struct artifact_filter *,
    const struct page *, struct jw *) MUSTCHECK;

#endif
