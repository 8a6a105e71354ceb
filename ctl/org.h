/* SPDX-License-Identifier: BSD-2-Clause */
/* What other nouns say of an organisation. */
#ifndef CTL_ORG_H
#define CTL_ORG_H

/* Tells that there is no such organisation; returns CTL_FAILED. */
int org_missing(const char *key);

#endif
