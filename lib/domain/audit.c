/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit trail: queries and pages. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/audit.h"
#include "domain/page.h"
#include "domain/view.h"

/*
 * A cursor holds a time and a UUID.  Rows of the trail have numbers instead,
 * which fit into a UUID's last 64 bits.
 */
static void
place_of(const struct audit_row *row, struct place *out)
{
	unsigned long long	n = (unsigned long long)row->seq;

	out->at = row->at;
	snprintf(out->id, sizeof(out->id), "00000000-0000-0000-%04llx-%012llx",
	    n >> 48, n & 0xffffffffffffULL);
}

/* 1, or 0 when the cursor is of another list. */
static int
place_seq(const struct place *p, int64_t *seq)
{
	unsigned long long	high, low;

	if (strncmp(p->id, "00000000-0000-0000-", 19) != 0)
		return 0;
	high = strtoull(p->id + 19, NULL, 16);
	low = strtoull(p->id + 24, NULL, 16);
	if (high > 0x7fff)
		return 0;
	*seq = (int64_t)(high << 48 | low);
	return 1;
}

void
audit_query_read(const struct jv *args, struct faults *f,
    struct audit_filter *filter)
{
	const char	*cursor = jv_text(args, "cursor");
	struct place	 last;
	int64_t		 seq;

	memset(filter, 0, sizeof(*filter));
	filter->actor = jv_text(args, "actor");
	filter->action = jv_text(args, "action");
	filter->target = jv_text(args, "target");
	filter->request_id = jv_text(args, "request_id");
	filter->from = jv_time(args, "created_after", 0);
	filter->limit = schema_int(&schema_audit_query, args,
	    "page_size") + 1;
	/* numbers begin at 1: this is before all rows of that time */
	filter->last_at = jv_time(args, "created_before", AUDIT_AT_END);
	filter->last_seq = 0;
	if (cursor == NULL)
		return;
	if (!cursor_read(cursor, &last) || !place_seq(&last, &seq)) {
		fault_add(f, LOC(&loc_query, "cursor"), "value_error",
		    "must be the next_cursor of a page");
		return;
	}
	/* one bound, so that the index is entered at the right place */
	if (last.at < filter->last_at) {
		filter->last_at = last.at;
		filter->last_seq = seq;
	}
}

void
audit_write(struct jw *w, const struct audit_filter *filter,
    const struct audit_row *row, int n)
{
	struct place	last;
	int		more = n == filter->limit, i;

	if (more)
		n--;
	jw_obj(w);
	jw_karr(w, "items");
	for (i = 0; i < n; i++) {
		jw_obj(w);
		jw_kint(w, "seq", row[i].seq);
		view_time(w, "created_at", row[i].at);
		jw_kstr(w, "actor", row[i].actor);
		jw_kstr(w, "action", row[i].action);
		jw_kstr(w, "target", row[i].target);
		jw_kstr(w, "request_id", row[i].request_id);
		jw_end(w);
	}
	jw_end(w);
	jw_kint(w, "page_size", filter->limit - 1);
	if (more)
		place_of(&row[n - 1], &last);
	jw_kstr(w, "next_cursor", more ? cursor_write(w->buf.arena, &last) :
	    NULL);
	jw_end(w);
}
