/* SPDX-License-Identifier: BSD-2-Clause */
/* What the worker of a reinforcement learning job asks for at its start. */
#ifndef DOMAIN_RL_CONTEXT_H
#define DOMAIN_RL_CONTEXT_H

#include "store/store_document.h"
#include "util/jw.h"

struct rl_context {
	struct document_hosted	 job;
	struct document_artifact *artifact;	/* what it names */
	size_t			 artifacts;
	const char		*entry_prompt;	/* NULL: none */
	const char		*sandbox_provider;
};

/* ERR_NOT_FOUND; ERR_CONFLICT: the job is none of reinforcement learning. */
enum err rl_context_read(struct db *, struct arena *,
    const char *workspace_id, const char *job_id, struct rl_context *)
    MUSTCHECK;
/* The object: exactly the members that the published worker knows. */
void rl_context_write(struct jw *, const struct rl_context *);
/* What the job names under a role; NULL when it names nothing. */
const struct document_artifact *rl_context_artifact(const struct rl_context *,
    const char *role);

#endif
