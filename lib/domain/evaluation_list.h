/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of evaluations. */
#ifndef DOMAIN_EVALUATION_LIST_H
#define DOMAIN_EVALUATION_LIST_H

#include "domain/fault.h"
#include "domain/judge_models.h"
#include "domain/page.h"
#include "store/store_evaluation.h"
#include "util/err.h"
#include "util/jv.h"
#include "util/jw.h"

struct evaluations_query {
	const char			*judge_key;	/* NULL: any */
	int				 nothing;	/* none can match */
	char				 batch_id[UUID_LEN];
	struct evaluation_filter	 filter;
	struct page			 page;
};

/* Of a checked query; faults for what does not go together. */
void evaluations_query_read(const struct jv *args, struct faults *,
    struct evaluations_query *);
/* The whole reply. */
enum err evaluation_list_write(struct judge_models *, struct db *,
    struct arena *, const char *workspace_id, struct evaluations_query *,
    struct jw *) MUSTCHECK;

#endif
