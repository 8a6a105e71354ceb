/* SPDX-License-Identifier: BSD-2-Clause */
/* Collects what is wrong with a request. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "domain/fault.h"

const struct loc loc_body = { NULL, "body", 0 };
const struct loc loc_query = { NULL, "query", 0 };
const struct loc loc_path = { NULL, "path", 0 };
const struct loc loc_header = { NULL, "header", 0 };

void
faults_init(struct faults *f, struct arena *arena)
{
	memset(f, 0, sizeof(*f));
	f->arena = arena;
}

static void
loc_write(const struct loc *loc, struct jw *w, struct buf *path)
{
	if (loc->up != NULL)
		loc_write(loc->up, w, path);
	if (loc->key == NULL) {
		jw_int(w, (int64_t)loc->index);
		buf_printf(path, "[%zu]", loc->index);
		return;
	}
	jw_str(w, loc->key);
	/* people are not told "body", programs are */
	if (loc->up == NULL)
		return;
	if (path->len > 0)
		buf_addc(path, '.');
	buf_adds(path, loc->key);
}

void
fault_add(struct faults *f, const struct loc *loc, const char *type,
    const char *fmt, ...)
{
	struct fault	*x;
	struct jw	 w;
	struct buf	 path;
	va_list		 ap;

	if (f->count++ >= FAULTS_SHOWN)
		return;
	x = &f->fault[f->count - 1];
	jw_init(&w, f->arena);
	buf_init(&path, f->arena);
	jw_arr(&w);
	loc_write(loc, &w, &path);
	jw_end(&w);
	x->loc = jw_text(&w, NULL);
	x->path = path.data;
	x->type = type;
	va_start(ap, fmt);
	x->msg = arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
}

void
fault_add_at(struct faults *f, const char *loc_items, const char *path,
    const char *type, const char *msg)
{
	struct fault	*x;

	if (f->count++ >= FAULTS_SHOWN)
		return;
	x = &f->fault[f->count - 1];
	x->loc = arena_printf(f->arena, "[%s]", loc_items);
	x->path = path;
	x->type = type;
	x->msg = msg;
}

const char *
faults_detail(const struct faults *f)
{
	const struct fault	*x = &f->fault[0];
	const char		*more = "", *sep;
	char			*text;
	size_t			 room, len;

	if (f->count == 0)
		return "";
	if (f->count > 1)
		more = arena_printf(f->arena, " (and %zu more)", f->count - 1);
	sep = x->path[0] != '\0' ? ": " : "";
	text = arena_printf(f->arena, "%s%s%s", x->path, sep, x->msg);
	room = 500 - strlen(more);
	len = strlen(text);
	if (len > room) {
		/* cut between characters, not inside one */
		len = room - 3;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
		memcpy(text + len, "...", 4);
	}
	return arena_printf(f->arena, "%s%s", text, more);
}

void
faults_write(const struct faults *f, struct jw *w)
{
	size_t	i;

	jw_arr(w);
	for (i = 0; i < f->count && i < FAULTS_SHOWN; i++) {
		jw_obj(w);
		jw_kraw(w, "loc", f->fault[i].loc);
		jw_kstr(w, "msg", f->fault[i].msg);
		jw_kstr(w, "type", f->fault[i].type);
		jw_end(w);
	}
	jw_end(w);
}
