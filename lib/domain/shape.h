/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What replies look like, as tables (shape.tbl.h).  The views write them;
 * the API description is made from the tables, and the HTTP tests hold every
 * reply that they see against it.  Read-only, any thread.
 */
#ifndef DOMAIN_SHAPE_H
#define DOMAIN_SHAPE_H

#include <stddef.h>

#include "domain/schema.h"
#include "domain/state.h"

enum member_type {
	M_STR,
	M_INT,
	M_NUM,
	M_BOOL,
	M_TIME,		/* RFC 3339, UTC, six fraction digits */
	M_UUID,
	M_ID,		/* prefix and 26 characters */
	M_WORD,		/* one of words[] */
	M_STATUS,	/* a job's status on `face` */
	M_OBJ,		/* shape; or body: what a request had */
	M_LIST,		/* of shape, body or item */
	M_MAP,		/* object; each value shape or item, else anything */
	M_ANY
};

/* flags; without any a member is always there and never null */
#define M_NULL		0x1	/* may be null */
#define M_ABSENT	0x2	/* may be left out */

struct shape;

struct member {
	const char			*name;
	enum member_type		 type;
	unsigned int			 flags;
	const char			*prefix;	/* M_ID: "jdg_" */
	const char *const		*words;		/* NULL-terminated */
	enum job_face			 face;
	const struct shape		*shape;
	/* what a body of the API description holds; several: one of them */
	const struct schema *const	*body;		/* NULL-terminated */
	const struct member		*item;
	const char			*doc;
};

struct shape {
	const char		*name;		/* as in the API description */
	const struct member	*members;
	size_t			 nmembers;
	const char		*doc;
};

#define SHAPE(name, title, about) extern const struct shape shape_##name;
#define MEMBER(...)
#define SHAPE_END(name)
#include "domain/shape.tbl.h"
#undef SHAPE
#undef MEMBER
#undef SHAPE_END

#endif
