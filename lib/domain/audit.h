/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit trail, as its readers ask for it. */
#ifndef DOMAIN_AUDIT_H
#define DOMAIN_AUDIT_H

#include "domain/fault.h"
#include "store/store_audit.h"
#include "util/jv.h"
#include "util/jw.h"

/*
 * What a query that passed schema_audit_query asks for; a fault for a cursor
 * that is none.  filter->limit is one more than a page has, to see whether
 * there is another one.
 */
void audit_query_read(const struct jv *args, struct faults *,
    struct audit_filter *);
/* The page of n rows that were found with it; an object. */
void audit_write(struct jw *, const struct audit_filter *,
    const struct audit_row *, int n);

#endif
