/* SPDX-License-Identifier: BSD-2-Clause */
/* shape.tbl.h as data. */
#include "config.h"

#include "domain/shape.h"

#define WORDS(...)	((const char *const []){ __VA_ARGS__, NULL })
#define BODIES(...)	((const struct schema *const []){ __VA_ARGS__, NULL })
#define EACH(...) \
	(&(const struct member){ .name = "", .type = __VA_ARGS__ })

#define SHAPE(name, title, about) static const struct member members_##name[] = {
#define MEMBER(nm, ty, ...) { .name = nm, .type = ty, __VA_ARGS__ },
#define SHAPE_END(nm) };
#include "domain/shape.tbl.h"
#undef SHAPE
#undef MEMBER
#undef SHAPE_END

#define SHAPE(nm, title, about)						\
	const struct shape shape_##nm = { title, members_##nm,		\
	    sizeof(members_##nm) / sizeof(members_##nm[0]), about };
#define MEMBER(...)
#define SHAPE_END(name)
#include "domain/shape.tbl.h"
#undef SHAPE
#undef MEMBER
#undef SHAPE_END
