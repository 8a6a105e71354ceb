/* SPDX-License-Identifier: BSD-2-Clause */
/* The catalog of base models. */
#ifndef DOMAIN_MODELS_H
#define DOMAIN_MODELS_H

#include "domain/fault.h"
#include "store/pool.h"
#include "util/err.h"
#include "util/jv.h"

struct models;

struct models *models_new(struct pool *, int64_t cache_seconds);
void models_free(struct models *);
void models_forget(struct models *);
void models_trust(struct models *, int);

/*
 * Any thread.  Faults for a model that is not in the catalog (with up to
 * three suggestions) or does not support the algorithm ("sft", "ppo", ...;
 * "grpo" needs either of the RL algorithms).
 */
enum err models_check(struct models *, const char *model,
    const char *algorithm, struct faults *) MUSTCHECK;
/* The catalog's reply for a checked query. */
enum err models_write(struct models *, struct arena *, const struct jv *args,
    struct jw *) MUSTCHECK;

#endif
