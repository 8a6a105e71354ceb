/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who calls, and where they may act.  Tokens and memberships are believed
 * from memory for a while (token_cache_seconds); access_forget() drops what
 * is remembered, at each NOTIFY and while nobody listens for one.
 */
#ifndef DOMAIN_ACCESS_H
#define DOMAIN_ACCESS_H

#include <stdint.h>

#include "store/pool.h"
#include "store/store_access.h"
#include "util/err.h"

/* SCOPE(symbol, word) */
#define SCOPE_TABLE \
	SCOPE(TRAINING_READ, "training:read") \
	SCOPE(TRAINING_WRITE, "training:write") \
	SCOPE(TRAINING_WORKER, "training:worker") \
	SCOPE(ARTIFACTS_READ, "artifacts:read") \
	SCOPE(ARTIFACTS_WRITE, "artifacts:write") \
	SCOPE(JUDGES_READ, "judges:read") \
	SCOPE(JUDGES_WRITE, "judges:write") \
	SCOPE(FEEDBACK_READ, "feedback:read") \
	SCOPE(FEEDBACK_WRITE, "feedback:write")

enum scope {
	SCOPE_NONE = 0,
#define SCOPE(sym, word) SCOPE_##sym,
	SCOPE_TABLE
#undef SCOPE
	SCOPE__MAX
};

/* The word on the wire; "" for SCOPE_NONE. */
const char *scope_word(enum scope);

struct access;

struct access *access_new(struct pool *, int64_t cache_seconds);
void access_free(struct access *);
/* Any thread: nothing that was remembered is used again. */
void access_forget(struct access *);
/* 0: remember nothing (no connection listens for changes); 1: remember. */
void access_trust(struct access *, int);

/*
 * All: any thread.
 * ERR_AUTH: no such token, expired, revoked.  ERR_UNAVAILABLE.  A job's token
 * is known as such (principal.job_id) also when its attempt is over: see
 * access_job_alive().
 */
enum err access_token(struct access *, const char *token,
    struct principal *) MUSTCHECK;
/*
 * ERR_AUTH: the attempt of a job's token is not under way any more.  Not
 * remembered: a token must not outlive its lease.
 */
enum err access_job_alive(struct access *, const struct principal *)
    MUSTCHECK;
/*
 * For one that is not: 1 and *out when its job goes on without it, in another
 * attempt by now or soon; 0 when the job has ended or is gone.
 */
enum err access_job_superseded(struct access *, struct arena *,
    const struct principal *, int *out) MUSTCHECK;
int access_allows(const struct principal *, enum scope);
/*
 * An organisation and workspace by their keys.  ERR_NOT_FOUND also for what
 * the principal may not see.
 */
enum err access_tenant(struct access *, const struct principal *,
    const char *organization, const char *workspace, struct tenant *)
    MUSTCHECK;
/* An organisation alone, by its key; ERR_NOT_FOUND as above. */
enum err access_organization(struct access *, const struct principal *,
    const char *organization, struct tenant *) MUSTCHECK;
/*
 * The tenant that a token stands for by itself: its workspace, or its
 * organisation's default one.  ERR_PERMISSION: made for no organisation.
 */
enum err access_own_tenant(struct access *, const struct principal *,
    struct tenant *) MUSTCHECK;

#endif
