/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Body and query schemas as tables (schema.tbl.h) and the one walker that
 * checks a JSON tree against them.  The walker reports every fault: fields
 * in the order of the table, then unknown keys in the order of the body.
 */
#ifndef DOMAIN_SCHEMA_H
#define DOMAIN_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include "domain/fault.h"
#include "util/jv.h"
#include "util/jw.h"

enum field_type {
	F_STR,		/* min..max: characters */
	F_INT,		/* min..max; integral JSON numbers */
	F_NUM,		/* min..max; F_GT: min is exclusive */
	F_BOOL,
	F_TIME,		/* RFC 3339 with offset */
	F_WORD,		/* one of words[] */
	F_OBJ,		/* sub */
	F_LIST,		/* min..max items, each `item` */
	F_MAP,		/* any object; max members, each `item` or anything */
	F_VALUE,	/* an item that fails by itself; sub: what it should be */
	F_STRMAP,	/* object of strings: max pairs, metadata bounds */
	F_SCORES	/* object of numbers 0..100: min..max entries */
};

/* flags */
#define F_REQUIRED	0x01
#define F_GT		0x02	/* min is exclusive */
#define F_UNIQUE	0x04	/* list items differ */
#define F_LATER		0x08	/* the type's default is the rule's business */
#define F_UNBOUNDED	0x20	/* a number without bounds */

/* What webhooks tell of, and how far one is: in queries and replies. */
#define DELIVERY_EVENTS WORDS("training.job.queued", \
    "training.job.preparing", "training.job.training", \
    "training.job.validating", "training.job.completed", \
    "training.job.failed", "training.job.cancelled", \
    "retraining.run.completed", "retraining.run.failed", \
    "retraining.run.cancelled", "judge.version.deployed")
#define DELIVERY_STATUSES WORDS("pending", "delivering", "delivered", \
    "failed", "stopped")

struct schema;

struct field {
	const char		*name;
	enum field_type		 type;
	unsigned int		 flags;
	double			 min, max;
	const char		*dflt;	/* JSON text; NULL: none */
	const char *const	*words;	/* F_WORD, NULL-terminated */
	const struct schema	*sub;	/* F_OBJ; F_LIST of objects */
	const struct field	*item;	/* F_LIST of anything else; F_MAP */
	/*
	 * Variants (training types) that take the field, as a bit mask;
	 * 0: all.
	 */
	unsigned int		 applies;
	unsigned int		 needed;	/* those that must have it */
	/*
	 * F_STR, F_TIME: NULL when the text is well formed, else what it must
	 * be; and the type of that fault, NULL for value_error.
	 */
	const char		*(*format)(const char *);
	const char		*refusal;
	const char		*doc;
};

struct schema {
	const char		*name;		/* as in the API description */
	const struct field	*fields;
	size_t			 nfields;
	const char		*doc;
};

#define SCHEMA(name, title, about) extern const struct schema schema_##name;
#define FIELD(...)
#define SCHEMA_END(name)
#include "domain/schema.tbl.h"
#undef SCHEMA
#undef FIELD
#undef SCHEMA_END

struct schema_check {
	struct faults	*faults;
	unsigned int	 variant;	/* one bit, 0 when there are none */
	const char	*variant_text;	/* training_type "validation" */
	/*
	 * NULL: unknown keys are faults.  Else they are skipped and named
	 * here, one text each (site setting unknown_fields = ignore).
	 */
	struct buf	*ignored;
};

/* Checks an object (or NULL for an absent one) at `loc`. */
void schema_check(const struct schema_check *, const struct schema *,
    const struct jv *, const struct loc *);
/* 1 when items of it are left to be checked one by one (F_VALUE). */
int schema_defers(const struct schema *);
/* One value against one field, as an array's item is checked. */
void schema_check_value(const struct schema_check *, const struct field *,
    const struct jv *, const struct loc *);
/*
 * Writes an object that passed: known fields in the table's order, nulls
 * dropped, defaults filled in.
 */
void schema_write(const struct schema *, const struct jv *, struct jw *);
/* The members only, into an object that is open already. */
void schema_write_members(const struct schema *, const struct jv *,
    struct jw *, unsigned int variant);
/*
 * A value that passed, or the table's default for an absent one.
 * schema_word is for F_WORD and F_STR and NULL without either.
 */
int64_t schema_int(const struct schema *, const struct jv *obj,
    const char *name);
double schema_num(const struct schema *, const struct jv *obj,
    const char *name);
int schema_bool(const struct schema *, const struct jv *obj,
    const char *name);
const char *schema_word(const struct schema *, const struct jv *obj,
    const char *name);
/* ; did you mean "x"?  or "" */
const char *schema_hint(struct arena *, const struct schema *,
    const char *unknown);

/*
 * A query string against a schema: values are text, so numbers and words are
 * read from it.  Repeated names (but F_LIST), unknown names and empty values
 * are faults, loc ["query", name], in the order of a body's.  The result is
 * an object tree like a body's, for the getters of jv.h.  NULL with faults,
 * and for a query without any member.
 */
struct jv *schema_query(const struct schema_check *, const struct schema *,
    const char *query, struct arena *);

#endif
