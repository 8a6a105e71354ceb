/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules of judges: what may be created, and lists of them. */
#ifndef DOMAIN_JUDGE_H
#define DOMAIN_JUDGE_H

#include "domain/access.h"
#include "domain/fault.h"
#include "domain/page.h"
#include "store/store_judge.h"
#include "util/err.h"
#include "util/jv.h"
#include "util/jw.h"

/* Who acts, for the store. */
struct actor actor_of(const struct tenant *, const struct principal *,
    const char *request_id);

/*
 * The judge that a checked body asks for, ids made where none are given.
 * Faults for names or ids that appear twice.
 */
void judge_from_body(struct arena *, const struct jv *body, struct faults *,
    struct judge *);
/*
 * The criteria of a checked list, ids only where they are given.  Faults for
 * names or ids that appear twice.
 */
struct criterion *criteria_read(struct arena *, const struct jv *list,
    struct faults *, int *n);
/*
 * Ids for criteria: the given ones (NULL: none given) as they are, the
 * others made from the names, `_2`, `_3` added where one is taken, be it by
 * one of those before.
 */
void criteria_identify(struct arena *, struct criterion *, int n,
    const struct criterion *before, int nbefore);
/*
 * Stores it with version 1.  ERR_CONFLICT: the id is taken.  To be called in
 * a transaction.
 */
enum err judge_create(struct db *, struct arena *, const struct actor *,
    struct judge *) MUSTCHECK;

/* The filters of a checked query; faults where they do not go together. */
void judge_filter_read(const struct jv *args, struct faults *,
    struct judge_filter *, struct page *);
/* The whole reply of the list. */
enum err judge_list_write(struct db *, struct arena *,
    const char *workspace_id, struct judge_filter *, const struct page *,
    struct jw *) MUSTCHECK;

struct version_query {
	int		 metrics;	/* with performance_metrics */
	const char	*status;	/* NULL: any */
	struct page	 page;
};

void version_query_read(const struct jv *args, struct faults *,
    struct version_query *);
/* The whole reply of a judge's versions.  ERR_NOT_FOUND: no such judge. */
enum err version_list_write(struct db *, struct arena *,
    const char *workspace_id, const char *key, const struct version_query *,
    struct jw *) MUSTCHECK;

/*
 * unknown criterion "crit_x" of judge jdg_...; did you mean "crit_y"?
 * as a fault at `loc`.
 */
void criterion_unknown(struct faults *, const struct loc *, const char *given,
    const char *judge_key, const char *const *ids, int n);

#endif
