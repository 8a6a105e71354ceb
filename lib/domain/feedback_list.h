/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of feedback. */
#ifndef DOMAIN_FEEDBACK_LIST_H
#define DOMAIN_FEEDBACK_LIST_H

#include "domain/fault.h"
#include "domain/page.h"
#include "store/store_feedback.h"
#include "util/err.h"
#include "util/jv.h"
#include "util/jw.h"

struct feedbacks_query {
	const char		*judge_key;	/* NULL: any */
	int			 processed;	/* -1: either */
	int			 nothing;	/* none can match */
	char			 evaluation_id[UUID_LEN], batch_id[UUID_LEN];
	struct feedback_mark	 mark;
	struct feedback_filter	 filter;
	struct page		 page;
};

/* Of a checked query; faults for what does not go together. */
void feedbacks_query_read(const struct jv *args, struct faults *,
    struct feedbacks_query *);
/*
 * processed is a comparison with the judge's mark: numbers, and for the
 * index the times that they lie in.
 */
void feedbacks_query_mark(struct feedbacks_query *);
/* The whole reply. */
enum err feedback_list_write(struct db *, struct arena *,
    const char *workspace_id, struct feedbacks_query *, struct jw *)
    MUSTCHECK;

#endif
