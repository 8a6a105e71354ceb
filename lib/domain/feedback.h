/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Feedback: entries checked, numbered in commit order, counted and stored;
 * and what is known of one evaluation.
 */
#ifndef DOMAIN_FEEDBACK_H
#define DOMAIN_FEEDBACK_H

#include "domain/fault.h"
#include "domain/page.h"
#include "domain/tally.h"
#include "store/store_evaluation.h"
#include "store/store_feedback.h"
#include "store/store_judge.h"
#include "util/err.h"
#include "util/jv.h"
#include "util/jw.h"

/*
 * Rules between the fields of an entry that passed its schema; fills in what
 * the entry says when there are no faults.
 */
void feedback_rules(struct arena *, const struct jv *entry,
    const struct loc *root, struct faults *, struct feedback *);
/*
 * Rules against the evaluation: shown is criterion id to score.  *moved: the
 * largest change of a correction, in points.
 */
void feedback_match(const struct jv *entry, const struct feedback *,
    const struct jv *shown, const char *judge_key, const struct loc *root,
    struct faults *, double *moved);

struct feedback_entry {
	const struct jv			*body;
	const struct feedback_target	*target;
	const char			*message;	/* NULL: accepted */
	int				 archived;	/* refused for that */
	double				 moved;
	struct feedback			 feedback;
};

/* One call, of one entry or of many. */
struct feedback_call {
	/* from the request */
	const struct actor	*who;
	const char		*batch;		/* of the path; NULL: none */
	char			 batch_id[UUID_LEN];
	const char		*submitted_by;	/* for entries without one */
	int			 single;	/* the body is the entry */
	int			 atomic;	/* one bad entry rejects all */
	int			 impact_wanted;
	/* single, atomic: where bad entries are told */
	struct faults		*faults;

	struct feedback_entry	*entry;
	size_t			 n;
	size_t			 stored;
	char			 session_id[UUID_LEN];
	int64_t			 submitted_at;
	struct impact		 impact;
	int			 recommended;
	const char		*detail;	/* of an error; NULL: its own */
};

/* POST /feedback; the body has passed its schema. */
void feedback_one(struct arena *, const struct jv *body,
    struct feedback_call *);
/* The same for many; batch NULL: any evaluations. */
void feedback_many(struct arena *, const struct jv *body, const char *batch,
    struct feedback_call *);
/* Shape and rules, without the database.  ERR_VALIDATION with faults. */
enum err feedback_check(struct arena *, struct feedback_call *) MUSTCHECK;
/*
 * The rest, in a transaction that must be open: looks up what the entries
 * are about, and stores those that are good.  An error (with call->detail)
 * refuses the call, else `stored` tells how many.
 */
enum err feedback_submit(struct db *, struct arena *, struct feedback_call *)
    MUSTCHECK;
/* The whole reply to many. */
void view_feedback_call(struct jw *, const struct feedback_call *);

struct feedback_query {
	const char	*type;		/* NULL: any */
	int		 metadata;
	struct page	 page;
};

void feedback_query_read(const struct jv *args, struct faults *,
    struct feedback_query *);
/*
 * The whole reply of the feedback on an evaluation, by its id on the wire.
 * ERR_NOT_FOUND.
 */
enum err feedback_of_write(struct db *, struct arena *,
    const char *workspace_id, const char *evaluation,
    const struct feedback_query *, struct jw *) MUSTCHECK;

#endif
