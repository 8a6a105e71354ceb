/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * training_config and execution_options of a judge job as values: defaults
 * by training type, what a caller says on top of them, the rules between
 * them, and the JSON in effect.  Any thread.
 */
#ifndef DOMAIN_JUDGE_CONFIG_H
#define DOMAIN_JUDGE_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "domain/fault.h"
#include "util/jv.h"
#include "util/jw.h"

/* In the order of the bits V_... of schema.tbl.h. */
enum training_type {
	TRAIN_INCREMENTAL,
	TRAIN_FULL,
	TRAIN_FINE,
	TRAIN_VALIDATION,
	TRAIN__MAX
};

/* The word on the wire and in the database. */
const char *training_type_word(enum training_type);
/* 0 and *out, or -1 for a word that is no training type. */
int training_type_parse(const char *word, enum training_type *out);

struct training_config {
	int64_t			 cutoff;	/* TS_NONE: no cutoff */
	int64_t			 minimum;
	double			 split, rate;
	int64_t			 epochs;
	int			 early_stopping;
	const char *const	*target;	/* criterion ids */
	size_t			 ntargets;	/* 0: no target criteria */
	int64_t			 seed;
	const char		*optimize;	/* a word of the schema's */
};

struct execution_options {
	int		 priority;	/* -1, 0, 1 */
	int		 auto_deploy, backup, require_improvement;
	const char	*email, *webhook_url, *webhook_secret;	/* or NULL */
	int64_t		 timeout_seconds;
	int		 auto_start;
};

void training_config_init(struct training_config *, enum training_type);
/*
 * Takes over the members that `obj` has (NULL: none): a body's, which has
 * passed the schema, or what training_config_write() wrote.  Texts stay in
 * the tree, the list of targets goes into the arena.
 */
void training_config_read(struct training_config *, const struct jv *obj,
    struct arena *);
/* An object; fields that do not apply to the type are left out. */
void training_config_write(const struct training_config *,
    enum training_type, struct jw *);

void execution_options_init(struct execution_options *);
void execution_options_read(struct execution_options *,
    const struct jv *obj);
/* The same as above; of the secret only whether there is one. */
void execution_options_write(const struct execution_options *,
    enum training_type, struct jw *);

/* Where a request keeps the fields of a job, for the faults. */
struct job_locs {
	const struct loc	*config, *options, *notify;
};
/* Those of POST /training/jobs. */
extern const struct job_locs job_locs_body;

/* Rules between fields; each broken one is a fault. */
void judge_config_rules(enum training_type, const struct training_config *,
    const struct execution_options *, const struct job_locs *,
    struct faults *);

#endif
