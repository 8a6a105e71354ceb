/* SPDX-License-Identifier: BSD-2-Clause */
/* How organisations, workspaces, projects and users look on the wire. */
#ifndef DOMAIN_PLACE_VIEW_H
#define DOMAIN_PLACE_VIEW_H

#include "store/store_access.h"
#include "store/store_place.h"
#include "util/jw.h"

/* Each writes an object. */
void view_organization(struct jw *, const struct organization *);
void view_workspace(struct jw *, const struct workspace *);
void view_project(struct jw *, const struct project *);
/* The token's own user. */
void view_user(struct jw *, const struct principal *);

#endif
