/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages of a list: limit and offset, or limit and a cursor; on the hosted
 * face a page's number and size.  A cursor is
 * opaque to callers; inside it is the place in the list's order of the last
 * item they have, so that a page costs the same wherever it begins.
 */
#ifndef DOMAIN_PAGE_H
#define DOMAIN_PAGE_H

#include <stdint.h>

#include "domain/fault.h"
#include "domain/schema.h"
#include "util/ident.h"
#include "util/jv.h"
#include "util/jw.h"

#define PAGE_REACH	10000	/* furthest that offsets and counts go */

/*
 * Where an item stands: a number (or microseconds since 1970) by which the
 * list is ordered, and its id, which breaks ties; "" in lists without ties.
 */
struct place {
	int64_t	at;
	char	id[UUID_LEN];
};

struct page {
	int64_t		limit, offset;
	int		after;		/* it begins behind `last` */
	struct place	last;
};

/*
 * limit, offset and cursor of a query that passed `schema`.  Faults for what
 * does not go together; seekable 0: in this order the list takes no cursor.
 */
void page_read(const struct schema *, const struct jv *args, int seekable,
    struct faults *, struct page *);
/*
 * The newer end of a page of a list by time, newest first: items before *at,
 * or then and with an id below *id; none of them at or behind `before`.
 */
void page_from_newest(const struct page *, int64_t before, int64_t *at,
    const char **id);
/*
 * Lists are read with one item more than the limit.  1 when it was there,
 * and *n is without it: there is a next page.
 */
int page_cut(const struct page *, int *n);
/* 1 and *counted when what was read, `n` items, shows how many match. */
int page_tells(const struct page *, int n, int64_t *counted);
/* 1970, and 9999-12-31: no list goes beyond, and PostgreSQL takes them. */
#define PAGE_FIRST	INT64_C(0)
#define PAGE_LAST	INT64_C(253402300799999999)
/*
 * "pagination": counted is the number of matches, at least PAGE_REACH + 1
 * when there are more than PAGE_REACH; more: there are items behind this
 * page; last: where its last item stands, NULL when there is no cursor.
 */
void page_write(struct jw *, const struct page *, int64_t counted, int more,
    const struct place *last);
/*
 * The same for lists whose query has page and page_size: page * page_size
 * may not go beyond PAGE_REACH.
 */
void page_read_numbered(const struct schema *, const struct jv *args,
    struct faults *, struct page *);
/* total, page, page_size, next_cursor, total_is_exact: open members. */
void page_write_numbered(struct jw *, const struct page *, int64_t counted,
    int more, const struct place *last);
/* The text of a cursor, in the arena; and back: 1, or 0 for no cursor. */
const char *cursor_write(struct arena *, const struct place *);
int cursor_read(const char *, struct place *);

#endif
