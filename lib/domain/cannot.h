/* SPDX-License-Identifier: BSD-2-Clause */
/* What a site's own runner cannot do is refused before it is queued. */
#ifndef DOMAIN_CANNOT_H
#define DOMAIN_CANNOT_H

#include "domain/fault.h"
#include "util/jv.h"

/*
 * A fault for each member of config that trainyard-runner cannot do.  None
 * when command, the setting that runs such jobs, names another program: what
 * that one can do is its own affair.
 */
void cannot_check(struct faults *, const struct jv *config,
    const struct loc *, const char *command);

#endif
