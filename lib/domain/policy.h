/* SPDX-License-Identifier: BSD-2-Clause */
/* Retraining policies: what is kept of them, and what holds without one. */
#ifndef DOMAIN_POLICY_H
#define DOMAIN_POLICY_H

#include "store/store_policy.h"
#include "util/err.h"
#include "util/jv.h"
#include "util/jw.h"

/* A checked body, with the defaults of its table. */
void policy_read(const struct jv *body, struct policy *);
/* By the judge's id on the wire.  ERR_NOT_FOUND: no such judge. */
enum err policy_get(struct db *, struct arena *, const char *workspace_id,
    const char *key, struct policy *) MUSTCHECK;
/* The same, and replaces it. */
enum err policy_put(struct db *, struct arena *, const struct actor *,
    const char *key, struct policy *) MUSTCHECK;
/* The whole reply. */
void view_policy(struct jw *, const char *key, const struct policy *);

#endif
