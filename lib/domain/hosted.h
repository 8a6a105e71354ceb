/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosted training jobs: what may be asked for, and making it. */
#ifndef DOMAIN_HOSTED_H
#define DOMAIN_HOSTED_H

#include "domain/access.h"
#include "domain/fault.h"
#include "domain/limits.h"
#include "domain/models.h"
#include "domain/refs.h"
#include "domain/schema.h"
#include "store/batcher.h"
#include "store/store_job.h"
#include "util/conf.h"
#include "util/err.h"

/* The three variants of a hosted job; the words of trainyard.job.kind. */
struct hosted_kind {
	const char		*kind, *backend, *trainer;
	const struct schema	*body;	/* the wrapper with its config */
	const struct schema	*config;
	size_t			 command;	/* its runner in struct conf */
};

#define HOSTED_KINDS	3

/* By the word in the database; NULL for a judge job's. */
const struct hosted_kind *hosted_kind(const char *kind);
/* The kinds of a backend and a trainer, NULL for any; how many. */
int hosted_kinds(const char *backend, const char *trainer,
    const char *out[HOSTED_KINDS]);
/*
 * Which variant a body asks for.  NULL and a fault when it names none that
 * exists.
 */
const struct hosted_kind *hosted_variant(const struct jv *body,
    struct faults *);
/* Rules between fields; each broken one is a fault, in the contract's order. */
void hosted_rules(const struct hosted_kind *, const struct jv *body,
    struct faults *);

/* What creating needs of the rest of the program. */
struct hosted_env {
	struct arena		*arena;
	const struct conf	*conf;
	struct models		*models;
	struct refs		*refs;
	struct limits		*limits;
	struct batcher		*writer;
	const struct principal	*who;
	const struct tenant	*tenant;
};

struct hosted_draft {
	struct job	 job;
	const char	*refs;		/* JSON for the store */
	const char	*warnings;	/* JSON array of texts */
	int64_t		 quota;
};

/*
 * Resolves what the body names and builds the job.  ERR_VALIDATION with
 * faults, ERR_RATE when the workspace's queue is full (draft->quota).
 * ignored: names of dropped fields, "" for none.  After ERR_OK the job has a
 * place in the queue until limits_settle().
 */
enum err hosted_draft(const struct hosted_env *, const struct hosted_kind *,
    const struct jv *body, const char *ignored, struct faults *,
    struct hosted_draft *) MUSTCHECK;

#endif
