/* SPDX-License-Identifier: BSD-2-Clause */
/* The job object of the judge face: reply of GET, and body of webhooks. */
#ifndef DOMAIN_JUDGE_JOB_VIEW_H
#define DOMAIN_JUDGE_JOB_VIEW_H

#include "store/store_job.h"
#include "util/jw.h"

/*
 * The members, into an object that is open already.  Lists leave
 * validation_results out.  What comes from json columns is written in the
 * contract's order, whichever order it is stored in.
 */
void view_judge_job_members(struct jw *, const struct job *, int in_list);
/* The whole object. */
void view_judge_job(struct jw *, const struct job *);
/* feedback_data_summary: an object. */
void view_feedback_summary(struct jw *, const struct feedback_summary *);
/* JSON text of a json or jsonb column, members in the contract's order. */
void view_judge_json(struct jw *, const char *text);

#endif
