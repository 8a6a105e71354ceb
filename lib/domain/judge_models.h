/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judge versions as scoring needs them: criteria with names and weights, and
 * the trained model.  A version never changes, so what was loaded once is
 * shared by all threads until the bound on memory lets the one unused for
 * longest go.
 */
#ifndef DOMAIN_JUDGE_MODELS_H
#define DOMAIN_JUDGE_MODELS_H

#include "judge/model.h"
#include "store/db.h"
#include "store/store_version.h"
#include "util/err.h"

struct judge_models;

/* Read-only, and valid while it is held. */
struct judge_snapshot {
	int		 n;			/* criteria */
	const char	*id[CRITERIA_MAX], *name[CRITERIA_MAX];
	/* under which id the model's head is found; "": it has none */
	const char	*head[CRITERIA_MAX];
	double		 weight[CRITERIA_MAX];
};

/*
 * `bytes` bounds what is kept while nobody holds it; a version that is in
 * use is there whatever its size.
 */
struct judge_models *judge_models_new(const char *data_dir, size_t bytes);
/* Nothing may be held any more.  NULL is allowed. */
void judge_models_free(struct judge_models *);
/*
 * Any thread.  The version with this id (uuid), number `number` of the judge,
 * from memory or through the connection.  Holding it ends with
 * judge_models_drop.
 */
enum err judge_models_hold(struct judge_models *, struct db *,
    struct arena *, const char *workspace_id, const char *judge_id,
    int64_t number, const char *version_id,
    const struct judge_snapshot **out) MUSTCHECK;
/*
 * Any thread.  The model of a version that is held, loaded from its blob when
 * nobody has yet; NULL for sha256 "": the version has none.  ERR_INTERNAL
 * (logged) when the file is not there or is not sound.
 */
enum err judge_models_model(struct judge_models *,
    const struct judge_snapshot *, const char *sha256,
    const struct judge_model **out) MUSTCHECK;
void judge_models_drop(struct judge_models *, const struct judge_snapshot *);
/* Bytes kept, for tests and metrics. */
size_t judge_models_size(struct judge_models *);

#endif
