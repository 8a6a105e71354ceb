/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens and what their accounts may see. */
#ifndef STORE_ACCESS_H
#define STORE_ACCESS_H

#include <stdint.h>

#include "store/db.h"

struct principal;
struct tenant;

/* By SHA-256.  ERR_NOT_FOUND: unknown, revoked or expired. */
enum err store_access_token(struct db *, const uint8_t digest[32],
    struct principal *) MUSTCHECK;
/*
 * By key or id each; workspace NULL: the default one.  ERR_NOT_FOUND: not
 * there, not active, or not for this principal.
 */
enum err store_access_tenant(struct db *, const struct principal *,
    const char *organization, const char *workspace, struct tenant *)
    MUSTCHECK;

#endif
