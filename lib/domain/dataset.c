/* SPDX-License-Identifier: BSD-2-Clause */
/* Cuts a dataset into rows as it comes. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/dataset.h"
#include "util/gunzip.h"
#include "util/log.h"

#define ROW_FIRST	(64 * 1024)

struct dataset {
	struct dataset_summary	 s;
	char			 head[2];	/* until it is known what comes */
	size_t			 nhead;
	int			 begun;
	struct gunzip		*gunzip;
	int			 stopped;	/* nothing more is looked at */
	int64_t			 text;		/* bytes so far */
	int64_t			 line;		/* of the next byte */

	/* a row that has not all come */
	char			*row;
	size_t			 len, cap;
	int			 too_long;
	int64_t			 row_line;

	/* DATASET_ARRAY: the next byte is */
	int			 depth;		/* inside of so many brackets */
	int			 string, escape;
	int			 comma;		/* behind one */
	int			 closed;	/* behind the whole array */
};

struct dataset *
dataset_new(void)
{
	struct dataset	*d;

	if ((d = calloc(1, sizeof(*d))) == NULL ||
	    (d->row = malloc(ROW_FIRST)) == NULL)
		fatal("dataset");
	d->cap = ROW_FIRST;
	d->line = 1;
	return d;
}

void
dataset_free(struct dataset *d)
{
	if (d == NULL)
		return;
	gunzip_free(d->gunzip);
	free(d->row);
	free(d);
}

static void
fault(struct dataset *d, int64_t line, const char *why)
{
	struct dataset_fault	*f;

	if (d->s.faults < DATASET_FAULTS) {
		f = &d->s.fault[d->s.faults];
		f->line = line;
		snprintf(f->why, sizeof(f->why), "%s", why);
	}
	if (++d->s.faults == DATASET_FAULTS_MAX)
		d->stopped = d->s.partial = 1;
}

/* What comes from here on cannot be told apart into rows. */
static void
give_up(struct dataset *d, const char *why)
{
	fault(d, d->line, why);
	d->stopped = d->s.partial = 1;
}

static void
split_count(struct dataset_summary *s, const char *name)
{
	int	i;

	for (i = 0; i < s->nsplits; i++)
		if (strcmp(s->split[i].name, name) == 0)
			break;
	if (i == DATASET_SPLITS)
		return;
	if (i == s->nsplits)
		snprintf(s->split[s->nsplits++].name, DATASET_SPLIT_LEN, "%s",
		    name);
	s->split[i].rows++;
}

static void
row_check(struct dataset *d, const char *text, size_t len, int64_t line)
{
	char			split[DATASET_SPLIT_LEN];
	char			why[DATASET_WHY_LEN];
	enum dataset_shape	shape;
	int			is_json;

	d->s.rows++;
	shape = dataset_row(text, len, split, why, &is_json);
	if (shape == SHAPE__MAX)
		fault(d, line, why);
	else
		d->s.shapes[shape]++;
	if (split[0] != '\0')
		split_count(&d->s, split);
	if (!is_json && d->s.format == DATASET_ARRAY)
		d->stopped = d->s.partial = 1;
}

static void
row_add(struct dataset *d, const char *p, size_t n)
{
	size_t	cap = d->cap;

	if (n == 0)
		return;
	if (d->len == 0 && !d->too_long)
		d->row_line = d->line;
	if (d->too_long || n > DATASET_ROW_MAX - d->len) {
		d->too_long = 1;
		return;
	}
	while (cap < d->len + n)
		cap *= 2;
	if (cap > d->cap && (d->row = realloc(d->row, cap)) == NULL)
		fatal("dataset");
	d->cap = cap;
	memcpy(d->row + d->len, p, n);
	d->len += n;
}

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A whole line, without its end. */
static void
line_check(struct dataset *d, const char *p, size_t n, int64_t line)
{
	while (n > 0 && is_space(*p)) {
		p++;
		n--;
	}
	while (n > 0 && is_space(p[n - 1]))
		n--;
	if (n > 0)
		row_check(d, p, n, line);
}

/* The row that was gathered. */
static void
row_end(struct dataset *d)
{
	if (d->too_long) {
		d->s.rows++;
		d->s.partial = 1;
	} else if (d->len > 0)
		line_check(d, d->row, d->len, d->row_line);
	d->len = 0;
	d->too_long = 0;
}

static void
lines_add(struct dataset *d, const char *p, size_t n)
{
	const char	*end;
	size_t		 len;

	while (n > 0 && !d->stopped) {
		if ((end = memchr(p, '\n', n)) == NULL) {
			row_add(d, p, n);
			return;
		}
		len = (size_t)(end - p);
		if (d->len == 0 && !d->too_long && len <= DATASET_ROW_MAX)
			line_check(d, p, len, d->line);
		else {
			row_add(d, p, len);
			row_end(d);
		}
		d->line++;
		p = end + 1;
		n -= len + 1;
	}
}

/* A comma or the end of the array, outside of its items. */
static void
item_end(struct dataset *d, char c)
{
	int	empty = d->len == 0 && !d->too_long;

	if (empty && (c == ',' || d->comma)) {
		give_up(d, "invalid JSON: a value is expected");
		return;
	}
	row_end(d);
	d->comma = c == ',';
	d->closed = c == ']';
}

/* One byte outside of strings: 1 when it belongs to an item. */
static int
array_byte(struct dataset *d, char c)
{
	if (c == '\n')
		d->line++;
	if (d->closed) {
		if (!is_space(c))
			give_up(d, "invalid JSON: text behind the array");
		return 0;
	}
	if (d->depth == 0 && (c == ',' || c == ']')) {
		item_end(d, c);
		return 0;
	}
	if (c == '"')
		d->string = 1;
	else if (c == '{' || c == '[')
		d->depth++;
	else if ((c == '}' || c == ']') && d->depth > 0)
		d->depth--;
	/* blanks before an item; those behind it do no harm */
	return !(is_space(c) && d->len == 0 && !d->too_long);
}

static void
array_add(struct dataset *d, const char *p, size_t n)
{
	const char	*from = p, *end = p + n;

	for (; p < end && !d->stopped; p++) {
		if (d->string) {
			if (d->escape)
				d->escape = 0;
			else if (*p == '\\')
				d->escape = 1;
			else if (*p == '"')
				d->string = 0;
			else if (*p == '\n') {
				/* no string, but a line */
				row_add(d, from, (size_t)(p - from));
				from = p;
				d->line++;
			}
			continue;
		}
		switch (*p) {
		case ',':
		case ']':
			if (d->depth > 0)
				break;
			row_add(d, from, (size_t)(p - from));
			from = p;
			break;
		case ' ':
		case '\t':
		case '\r':
		case '\n':
			/* so that the item's line is that of its first byte */
			row_add(d, from, (size_t)(p - from));
			from = p;
			break;
		default:
			break;
		}
		if (!array_byte(d, *p))
			from = p + 1;
	}
	if (!d->stopped)
		row_add(d, from, (size_t)(end - from));
}

/* Text, unpacked; other than 0: no more of it. */
static int
text_add(void *arg, const char *p, size_t n)
{
	struct dataset	*d = arg;
	int		 over = d->text + (int64_t)n > DATASET_TEXT_MAX;

	if (over)
		n = (size_t)(DATASET_TEXT_MAX - d->text);
	d->text += (int64_t)n;
	for (; n > 0 && d->s.format == DATASET_EMPTY; p++, n--) {
		if (*p == '\n')
			d->line++;
		if (is_space(*p))
			continue;
		d->s.format = *p == '[' ? DATASET_ARRAY : DATASET_LINES;
		if (d->s.format == DATASET_LINES)
			break;
	}
	if (d->s.format == DATASET_LINES)
		lines_add(d, p, n);
	else if (d->s.format == DATASET_ARRAY)
		array_add(d, p, n);
	if (over)
		d->stopped = d->s.partial = 1;
	return d->stopped;
}

static void
bytes_add(struct dataset *d, const void *data, size_t n)
{
	if (d->gunzip == NULL)
		(void)text_add(d, data, n);
	else if (gunzip_add(d->gunzip, data, n, text_add, d) == GUNZIP_BAD)
		give_up(d, "damaged gzip data");
}

static void
begin(struct dataset *d)
{
	d->begun = 1;
	if (d->nhead == 2 && memcmp(d->head, "\x1f\x8b", 2) == 0) {
		d->s.gzip = 1;
		d->gunzip = gunzip_new();
	}
	bytes_add(d, d->head, d->nhead);
}

void
dataset_add(struct dataset *d, const void *data, size_t n)
{
	const char	*p = data;

	while (!d->begun && n > 0) {
		d->head[d->nhead++] = *p++;
		n--;
		if (d->nhead == 2)
			begin(d);
	}
	if (n == 0)
		return;
	if (d->stopped)
		d->s.partial = 1;
	else
		bytes_add(d, p, n);
}

const struct dataset_summary *
dataset_end(struct dataset *d)
{
	if (!d->begun)
		begin(d);
	if (d->stopped)
		return &d->s;
	if (d->gunzip != NULL && !gunzip_whole(d->gunzip))
		give_up(d, "gzip data that ends too soon");
	else if (d->s.format == DATASET_LINES)
		row_end(d);
	else if (d->s.format == DATASET_ARRAY && !d->closed)
		give_up(d, "invalid JSON: the array is not closed");
	return &d->s;
}

void
dataset_write(const struct dataset_summary *s, struct jw *w)
{
	static const char *const	names[SHAPE__MAX] = { "messages",
	    "steps", "prompt_answer", "prompt" };
	int				i;

	jw_obj(w);
	jw_kstr(w, "format", s->format == DATASET_EMPTY ? NULL :
	    s->format == DATASET_ARRAY ? "json" : "jsonl");
	jw_kstr(w, "compression", s->gzip ? "gzip" : NULL);
	jw_kstr(w, "checked", s->partial ? "partial" : "complete");
	jw_kint(w, "row_count", s->rows);
	jw_kint(w, "fault_count", s->faults);
	jw_karr(w, "faults");
	for (i = 0; i < DATASET_FAULTS && i < s->faults; i++) {
		jw_obj(w);
		jw_kint(w, "line", s->fault[i].line);
		jw_kstr(w, "message", s->fault[i].why);
		jw_end(w);
	}
	jw_end(w);
	jw_kobj(w, "splits");
	for (i = 0; i < s->nsplits; i++)
		jw_kint(w, s->split[i].name, s->split[i].rows);
	jw_end(w);
	jw_kobj(w, "shapes");
	for (i = 0; i < SHAPE__MAX; i++)
		jw_kint(w, names[i], s->shapes[i]);
	jw_end(w);
	jw_end(w);
}
