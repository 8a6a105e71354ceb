/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a runner is told about its job, as rows: the dispatcher writes the
 * documents from them.  Everything is in the arena given; NULL is SQL's NULL.
 */
#ifndef STORE_DOCUMENT_H
#define STORE_DOCUMENT_H

#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

struct document_version {
	int		 number;
	int64_t		 seen_through;
	double		 seen_split;
	const char	*model_sha256;	/* hex, NULL: no model */
};

struct document_judge {
	const char	*judge_id, *judge_key;
	const char	*training_type, *content_type;
	const char	*config;	/* JSON */
	struct document_version base, active;
	/* the frozen selection */
	int64_t		 first_number, high_water_mark;
	const char	*touch_sets;	/* array literal, NULL: all */
};

/* ERR_NOT_FOUND. */
enum err store_document_judge(struct db *, struct arena *,
    const char *workspace_id, const char *job_id, struct document_judge *)
    MUSTCHECK;

struct document_criterion {
	const char	*id, *name;
	double		 weight;
	int		 fresh;		/* no model has a head for it */
};

enum err store_document_criteria(struct db *, struct arena *,
    const char *workspace_id, const char *judge_id, int version,
    struct document_criterion **, size_t *n) MUSTCHECK;

struct document_entry {
	const char	*evaluation_id, *group_key, *content;
	double		 u;
	const char	*raw, *shown;	/* JSON */
	int64_t		 first_entry;	/* lowest number of all its entries */
	const char	*feedback;	/* JSON array */
};

/*
 * The evaluations whose first selected entry has a number in (after,
 * through].
 */
enum err store_document_entries(struct db *, struct arena *,
    const char *workspace_id, const struct document_judge *, int64_t after,
    int64_t through, struct document_entry **, size_t *n) MUSTCHECK;

struct document_repeat {
	char		 evaluation_id[37];
	int64_t		 group;		/* a hash of the group key */
	double		 u;
};

/* Newest first; `before` NULL: from the newest. */
enum err store_document_repeats(struct db *, struct arena *,
    const char *workspace_id, const char *judge_id, const char *before,
    size_t most, struct document_repeat **, size_t *n) MUSTCHECK;
/* The contents of those evaluations, in the order given. */
enum err store_document_contents(struct db *, struct arena *,
    const char *workspace_id, const char *const *evaluations, size_t count,
    struct document_entry **, size_t *n) MUSTCHECK;

struct document_hosted {
	const char	*organization_id, *created_by, *name, *kind, *algorithm;
	const char	*model, *project_key, *run_ref;
	const char	*tags, *config;	/* JSON */
	const char	*capability_id, *capability_name, *capability_version;
	const char	*capability_sha256;	/* hex */
};

/* ERR_NOT_FOUND. */
enum err store_document_hosted(struct db *, struct arena *,
    const char *workspace_id, const char *job_id, struct document_hosted *)
    MUSTCHECK;

struct document_artifact {
	const char	*role, *id, *name, *version, *media_type;
	int64_t		 size;		/* -1: unknown */
	const char	*sha256;	/* hex, NULL: unknown */
	const char	*uri;		/* kept elsewhere */
	const char	*document;	/* JSON, NULL: opaque */
	const char	*dataset;	/* JSON, NULL: not looked at */
};

enum err store_document_artifacts(struct db *, struct arena *,
    const char *workspace_id, const char *job_id,
    struct document_artifact **, size_t *n) MUSTCHECK;

#endif
