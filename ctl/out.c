/* SPDX-License-Identifier: BSD-2-Clause */
/* Two forms of the same rows. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctl/out.h"
#include "store/sqlarr.h"
#include "util/ts.h"
#include "util/utf8.h"

static void
json_cell(struct ctl *c, struct jw *w, const struct rows *rows, int row,
    int col, enum col_type type)
{
	char time[TS_LEN], **items;
	int i, n;

	if (rows_null(rows, row, col)) {
		jw_null(w);
		return;
	}
	switch (type) {
	case COL_TEXT:
		jw_str(w, rows_text(rows, row, col));
		break;
	case COL_INT:
		jw_int(w, rows_int(rows, row, col));
		break;
	case COL_NUM:
		jw_num(w, rows_num(rows, row, col));
		break;
	case COL_BOOL:
		jw_bool(w, rows_bool(rows, row, col));
		break;
	case COL_TIME:
		ts_format(rows_ts(rows, row, col), time);
		jw_str(w, time);
		break;
	case COL_LIST:
		n = sqlarr_parse(c->arena, rows_text(rows, row, col), &items);
		jw_arr(w);
		for (i = 0; i < n; i++)
			jw_str(w, items[i]);
		jw_end(w);
		break;
	case COL_JSON:
		jw_raw(w, rows_text(rows, row, col));
		break;
	}
}

static void
json_row(struct ctl *c, struct jw *w, const struct rows *rows, int row,
    const struct col *cols, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		jw_key(w, cols[i].name);
		json_cell(c, w, rows, row, i, cols[i].type);
	}
}

void
out_json(struct jw *w)
{
	size_t len;
	const char *text = jw_text(w, &len);

	(void)fwrite(text, 1, len, stdout);
	(void)fputc('\n', stdout);
}

static const char *
text_cell(struct ctl *c, const struct rows *rows, int row, int col,
    enum col_type type)
{
	char time[TS_LEN], **items;
	struct buf b;
	int i, n;

	if (rows_null(rows, row, col))
		return "-";
	switch (type) {
	case COL_BOOL:
		return rows_bool(rows, row, col) ? "yes" : "no";
	case COL_TIME:
		ts_format(rows_ts(rows, row, col), time);
		/* Seconds are enough for people: 2026-01-05T08:00:00Z */
		return arena_printf(c->arena, "%.19sZ", time);
	case COL_LIST:
		n = sqlarr_parse(c->arena, rows_text(rows, row, col), &items);
		buf_init(&b, c->arena);
		for (i = 0; i < n; i++)
			buf_printf(&b, "%s%s", i == 0 ? "" : ",", items[i]);
		return n > 0 ? b.data : "-";
	default:
		return rows_text(rows, row, col);
	}
}

/* Columns that a text takes, one for each character. */
static size_t
text_width(const char *s)
{
	size_t left = strlen(s), n, width = 0;

	for (; left > 0; s += n, left -= n, width++)
		if ((n = utf8_next(s, left, NULL)) == 0)
			n = 1;
	return width;
}

static void
text_pad(const char *s, size_t width)
{
	size_t n;

	(void)fputs(s, stdout);
	for (n = text_width(s); n < width; n++)
		(void)fputc(' ', stdout);
}

static void
table_print(struct ctl *c, const struct rows *rows, const struct col *cols,
    int n)
{
	size_t *width = arena_zalloc(c->arena, (size_t)n * sizeof(*width));
	const char **cells, **cell;
	int count = rows_count(rows), last = 0, row, i;

	for (i = 0; i < n; i++)
		if (!cols[i].wide)
			last = i;
	cells = arena_alloc(c->arena,
	    ((size_t)count + 1) * (size_t)n * sizeof(*cells));
	for (cell = cells, row = -1; row < count; row++)
		for (i = 0; i < n; i++, cell++) {
			*cell = row == -1 ? cols[i].name :
			    text_cell(c, rows, row, i, cols[i].type);
			if (text_width(*cell) > width[i])
				width[i] = text_width(*cell);
		}
	for (cell = cells, row = -1; row < count; row++) {
		for (i = 0; i < n; i++, cell++)
			if (!cols[i].wide)
				text_pad(*cell, i == last ? 0 : width[i] + 2);
		(void)fputc('\n', stdout);
	}
}

void
out_list(struct ctl *c, const struct rows *rows, const struct col *cols, int n)
{
	struct jw w;
	int row;

	if (!c->json) {
		table_print(c, rows, cols, n);
		return;
	}
	jw_init(&w, c->arena);
	jw_arr(&w);
	for (row = 0; row < rows_count(rows); row++) {
		jw_obj(&w);
		json_row(c, &w, rows, row, cols, n);
		jw_end(&w);
	}
	jw_end(&w);
	out_json(&w);
}

void
out_one(struct ctl *c, const struct rows *rows, const struct col *cols, int n)
{
	size_t width = 0;
	struct jw w;
	int i;

	if (c->json) {
		jw_init(&w, c->arena);
		jw_obj(&w);
		json_row(c, &w, rows, 0, cols, n);
		jw_end(&w);
		out_json(&w);
		return;
	}
	for (i = 0; i < n; i++)
		if (strlen(cols[i].name) > width)
			width = strlen(cols[i].name);
	for (i = 0; i < n; i++) {
		text_pad(cols[i].name, width + 2);
		(void)puts(text_cell(c, rows, 0, i, cols[i].type));
	}
}

void
out_made(struct ctl *c, const struct rows *rows, const struct col *cols, int n,
    int created, const char *fmt, ...)
{
	struct jw w;
	va_list ap;

	if (c->json) {
		jw_init(&w, c->arena);
		jw_obj(&w);
		json_row(c, &w, rows, 0, cols, n);
		jw_kbool(&w, "created", created);
		jw_end(&w);
		out_json(&w);
		return;
	}
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf(" %s\n", created ? "created" : "exists already");
}

void
out_done(struct ctl *c, const char *fmt, ...)
{
	const char *text;
	struct jw w;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vprintf(c->arena, fmt, ap);
	va_end(ap);
	if (!c->json) {
		(void)puts(text);
		return;
	}
	jw_init(&w, c->arena);
	jw_obj(&w);
	jw_kstr(&w, "message", text);
	jw_end(&w);
	out_json(&w);
}
