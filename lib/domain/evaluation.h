/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Evaluations: items with raw scores, calibrated by the active version of
 * their judge.
 */
#ifndef DOMAIN_EVALUATION_H
#define DOMAIN_EVALUATION_H

#include "domain/fault.h"
#include "domain/judge_models.h"
#include "domain/judge_view.h"
#include "store/store_evaluation.h"
#include "util/err.h"
#include "util/jv.h"

/* A judge whose active version answers a call. */
struct scorer {
	const char			*key;
	struct judge_brief		 judge;
	const struct judge_snapshot	*criteria;
	const struct judge_model	*model;
};

/*
 * Loads what scoring needs.  ERR_NOT_FOUND: no such judge.  ERR_INTERNAL: its
 * model could not be loaded.  An open scorer ends with scorer_close, which a
 * zeroed one survives too.
 */
enum err scorer_open(struct judge_models *, struct db *, struct arena *,
    const char *workspace_id, const char *judge_key, struct scorer *)
    MUSTCHECK;
void scorer_close(struct judge_models *, struct scorer *);

/* Rules between the fields of one item, at `root`. */
void evaluation_rules(const struct jv *item, const struct loc *root,
    struct faults *);
/* Rules against the judge. */
void evaluation_match(const struct scorer *, const struct jv *item,
    const struct loc *root, struct faults *);

/* One item with its scores; id and evaluated_at are to be pending. */
struct evaluation_item {
	const struct jv		*body;	/* the words are in it, too */
	const char		*message;	/* NULL: it was scored */
	struct evaluation	 evaluation;
	struct scores		 scores;
};

/* Scores an item that passed all rules. */
enum err evaluation_score(const struct scorer *, struct arena *,
    struct evaluation_item *) MUSTCHECK;

struct evaluation_call {
	struct scorer		 scorer;
	const char		*name;		/* of the batch; NULL: none */
	struct evaluation_item	*item;
	size_t			 n;
	size_t			 scored;
	char			 batch_id[UUID_LEN];
	int64_t			 created_at;
};

/*
 * Checks and scores the items of a batch, each by itself: the scorer must be
 * open.  Nothing is stored.
 */
enum err evaluation_batch_score(struct arena *, const struct jv *body,
    struct evaluation_call *) MUSTCHECK;
/* Stores what was scored, if anything.  To be called in a transaction. */
enum err evaluation_batch_store(struct db *, struct arena *,
    const struct actor *, struct evaluation_call *) MUSTCHECK;
/* The whole reply. */
void view_evaluation_batch(struct jw *, const struct evaluation_call *);

/* The members of one evaluation as it was stored, but its content. */
enum err evaluation_write_row(struct judge_models *, struct db *,
    struct arena *, const char *workspace_id, const struct evaluation *,
    struct jw *) MUSTCHECK;
/*
 * The whole object of one evaluation by its id on the wire, with its content
 * when that is asked for.  ERR_NOT_FOUND.
 */
enum err evaluation_write(struct judge_models *, struct db *, struct arena *,
    const char *workspace_id, const char *id, int content, struct jw *)
    MUSTCHECK;

#endif
