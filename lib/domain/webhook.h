/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a notification is signed, when it is tried again, and what it says:
 * pure, any thread.  Signatures are those of Standard Webhooks and, for older
 * receivers, one over the body alone.
 */
#ifndef DOMAIN_WEBHOOK_H
#define DOMAIN_WEBHOOK_H

#include <stddef.h>
#include <stdint.h>

#include "store/store_execution.h"
#include "store/store_job.h"
#include "store/store_run.h"
#include "store/store_version.h"
#include "util/arena.h"
#include "util/jw.h"

#define WEBHOOK_TRIES		8	/* then it has failed */
#define WEBHOOK_RETRY_MOST	86400	/* seconds of a Retry-After that count */

/*
 * Milliseconds from the end of try number `tries` (1, 2, ...) to the next
 * one, -1 when that was the last.  luck: in [0, 1), up to a fifth is added;
 * retry_after: seconds that the receiver asked for, 0 for none.
 */
int64_t webhook_delay(int tries, double luck, int64_t retry_after);

/* X-Webhook-Signature: "sha256=" and hex, keyed with the secret's text. */
const char *webhook_sign_body(struct arena *, const char *secret,
    const char *body, size_t len);
/*
 * webhook-signature: "v1," and base64 over id, time and body, keyed with what
 * "whsec_" stands before; a second one when there is a previous secret, which
 * may be NULL.
 */
const char *webhook_sign(struct arena *, const char *secret,
    const char *previous, const char *id, int64_t unix_time,
    const char *body, size_t len);

/* The body for a job: the job with what happened, and when, before it. */
void webhook_job_body(struct jw *, const char *event, int64_t at,
    const struct job *);
/* For a run that is over. */
void webhook_run_body(struct jw *, const char *event, int64_t at,
    const struct job *, const struct execution *, const struct run *);
/* And for a version that became active, with its judge. */
void webhook_version_body(struct jw *, const char *event, int64_t at,
    const char *judge_key, const struct judge_version *);

#endif
