/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How resources look on the wire.  One place, because webhooks carry the
 * same bodies as GET.
 */
#ifndef DOMAIN_VIEW_H
#define DOMAIN_VIEW_H

#include <stdint.h>

#include "store/store_job.h"
#include "util/jw.h"

struct jv;

/* "key": time, null for TS_NONE, a blank for TS_PENDING. */
void view_time(struct jw *, const char *key, int64_t us);
/*
 * Puts the time into a reply that was written with TS_PENDING.  The result
 * is in the arena.
 */
const char *view_fill_time(struct arena *, const char *text, size_t *len,
    int64_t us);
/* "key": prefix + base32 of the uuid; null for NULL. */
void view_id(struct jw *, const char *key, const char *prefix,
    const char *uuid);
/* "key": the value as it came, the text `absent` for NULL. */
void view_json(struct jw *, const char *key, const struct jv *,
    const char *absent);
/* "key": "sha256:" and the digest; null for NULL. */
void view_digest(struct jw *, const char *key, const char *sha256);

/* TrainingJob of the hosted face; an object. */
void view_hosted_job(struct jw *, const struct job *);

#endif
