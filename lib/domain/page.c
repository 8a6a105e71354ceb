/* SPDX-License-Identifier: BSD-2-Clause */
/* Paging: bounds, cursors, the pagination object. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "domain/page.h"
#include "util/hash.h"

/* "<at>.<id>" in base64, filled up with dots so that it needs no '='. */
#define CURSOR_MAX	80

const char *
cursor_write(struct arena *a, const struct place *last)
{
	const char	*text;
	char		*out;
	size_t		 len;

	text = arena_printf(a, "%lld.%s", (long long)last->at, last->id);
	len = strlen(text);
	text = arena_printf(a, "%s%s", text, len % 3 == 0 ? "" :
	    len % 3 == 1 ? ".." : ".");
	len = strlen(text);
	out = arena_alloc(a, len / 3 * 4 + 1);
	base64_encode(text, len, out);
	return out;
}

int
cursor_read(const char *cursor, struct place *out)
{
	char		 text[3 * CURSOR_MAX / 4 + 3], *p, *end;
	size_t		 len = strlen(cursor);
	long		 n;
	long long	 at;

	if (len > CURSOR_MAX || (n = base64_decode(cursor, len, text)) < 1)
		return 0;
	text[n] = '\0';
	if (strlen(text) != (size_t)n || text[0] < '0' || text[0] > '9')
		return 0;
	/* what is too large becomes LLONG_MAX, and is refused with the rest */
	at = strtoll(text, &p, 10);
	if (at > PAGE_LAST || *p++ != '.')
		return 0;
	for (end = text + n; end > p && end[-1] == '.'; end--)
		end[-1] = '\0';
	out->at = at;
	out->id[0] = '\0';
	return *p == '\0' || uuid_parse(p, out->id);
}

void
page_read(const struct schema *s, const struct jv *args, int seekable,
    struct faults *f, struct page *page)
{
	const char	*cursor = jv_text(args, "cursor");

	memset(page, 0, sizeof(*page));
	page->limit = schema_int(s, args, "limit");
	page->offset = schema_int(s, args, "offset");
	if (page->offset + page->limit > PAGE_REACH)
		fault_add(f, LOC(&loc_query, "offset"), "value_error",
		    "use cursor");
	if (cursor == NULL)
		return;
	page->after = 1;
	if (!seekable)
		fault_add(f, LOC(&loc_query, "cursor"), "value_error",
		    "needs sort_by created_at");
	else if (page->offset > 0)
		fault_add(f, LOC(&loc_query, "cursor"), "value_error",
		    "does not go with offset");
	else if (!cursor_read(cursor, &page->last))
		fault_add(f, LOC(&loc_query, "cursor"), "value_error",
		    "must be the next_cursor of a page");
}

void
page_from_newest(const struct page *page, int64_t before, int64_t *at,
    const char **id)
{
	*at = before;
	*id = "00000000-0000-0000-0000-000000000000";
	if (page->after && page->last.at < before) {
		*at = page->last.at;
		if (page->last.id[0] != '\0')
			*id = page->last.id;
	}
}

int
page_cut(const struct page *page, int *n)
{
	if (*n <= page->limit)
		return 0;
	*n = (int)page->limit;
	return 1;
}

int
page_tells(const struct page *page, int n, int64_t *counted)
{
	*counted = page->offset + n;
	return !page->after && n <= page->limit &&
	    (n > 0 || page->offset == 0);
}

void
page_write(struct jw *w, const struct page *page, int64_t counted, int more,
    const struct place *last)
{
	jw_kobj(w, "pagination");
	jw_kint(w, "total_count", counted > PAGE_REACH ? PAGE_REACH : counted);
	jw_kbool(w, "total_is_exact", counted <= PAGE_REACH);
	jw_kint(w, "limit", page->limit);
	jw_kint(w, "offset", page->offset);
	jw_kbool(w, "has_next", more);
	jw_kbool(w, "has_previous", page->after || page->offset > 0);
	jw_kstr(w, "next_cursor", more && last != NULL ?
	    cursor_write(w->buf.arena, last) : NULL);
	jw_end(w);
}

void
page_read_numbered(const struct schema *s, const struct jv *args,
    struct faults *f, struct page *page)
{
	const char	*cursor = jv_text(args, "cursor");
	int64_t		 number = schema_int(s, args, "page");

	memset(page, 0, sizeof(*page));
	page->limit = schema_int(s, args, "page_size");
	page->offset = (number - 1) * page->limit;
	if (page->offset + page->limit > PAGE_REACH)
		fault_add(f, LOC(&loc_query, "page"), "value_error",
		    "page * page_size must be at most %d; use cursor",
		    PAGE_REACH);
	if (cursor == NULL)
		return;
	page->after = 1;
	if (number > 1)
		fault_add(f, LOC(&loc_query, "cursor"), "value_error",
		    "does not go with page");
	else if (!cursor_read(cursor, &page->last))
		fault_add(f, LOC(&loc_query, "cursor"), "value_error",
		    "must be the next_cursor of a page");
}

void
page_write_numbered(struct jw *w, const struct page *page, int64_t counted,
    int more, const struct place *last)
{
	jw_kint(w, "total", counted > PAGE_REACH ? PAGE_REACH : counted);
	jw_kint(w, "page", page->offset / page->limit + 1);
	jw_kint(w, "page_size", page->limit);
	jw_kstr(w, "next_cursor", more && last != NULL ?
	    cursor_write(w->buf.arena, last) : NULL);
	jw_kbool(w, "total_is_exact", counted <= PAGE_REACH);
}
