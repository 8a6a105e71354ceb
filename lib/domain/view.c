/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces that all views share. */
#include "config.h"

#include <string.h>

#include "domain/view.h"
#include "util/ident.h"
#include "util/jv.h"
#include "util/ts.h"

#define BLANK	'\x01'

void
view_time(struct jw *w, const char *key, int64_t us)
{
	char	text[TS_LEN];

	jw_key(w, key);
	if (us == TS_NONE)
		jw_null(w);
	else if (us == TS_PENDING)
		jw_raw(w, "\"\x01\"");
	else {
		ts_format(us, text);
		jw_str(w, text);
	}
}

const char *
view_fill_time(struct arena *a, const char *text, size_t *len, int64_t us)
{
	struct buf	 out;
	const char	*p, *end = text + *len, *blank;
	char		 time[TS_LEN];

	ts_format(us, time);
	buf_init(&out, a);
	buf_reserve(&out, *len + 256);
	for (p = text; (blank = memchr(p, BLANK, (size_t)(end - p))) != NULL;
	    p = blank + 1) {
		buf_add(&out, p, (size_t)(blank - p));
		buf_adds(&out, time);
	}
	buf_add(&out, p, (size_t)(end - p));
	*len = out.len;
	return out.data;
}

void
view_id(struct jw *w, const char *key, const char *prefix, const char *uuid)
{
	char	text[TYPEID_LEN];

	if (uuid == NULL) {
		jw_knull(w, key);
		return;
	}
	typeid_encode(uuid, text);
	jw_key(w, key);
	jw_strf(w, "%s%s", prefix, text);
}

void
view_json(struct jw *w, const char *key, const struct jv *v,
    const char *absent)
{
	jw_kraw(w, key, v == NULL ? absent : jv_json(w->buf.arena, v));
}

void
view_digest(struct jw *w, const char *key, const char *sha256)
{
	jw_key(w, key);
	if (sha256 == NULL)
		jw_null(w);
	else
		jw_strf(w, "sha256:%s", sha256);
}
