/* SPDX-License-Identifier: BSD-2-Clause */
/* Typed reading of a finished result; results are in text form. */
#include "config.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "store/db.h"
#include "store/row.h"
#include "store/sqlarr.h"
#include "util/arena.h"
#include "util/hash.h"
#include "util/log.h"
#include "util/ts.h"

struct rows {
	PGresult	*res;
	atomic_int	 holders;
};

struct rows *
rows_new(PGresult *res)
{
	struct rows *r;

	if ((r = malloc(sizeof(*r))) == NULL)
		fatalx("out of memory bytes=%zu", sizeof(*r));
	r->res = res;
	atomic_init(&r->holders, 1);
	return r;
}

void
rows_share(struct rows *r, int n)
{
	atomic_fetch_add(&r->holders, n);
}

void
rows_free(struct rows *r)
{
	if (r == NULL || atomic_fetch_sub(&r->holders, 1) > 1)
		return;
	PQclear(r->res);
	free(r);
}

static void
rows_defer(void *r)
{
	rows_free(r);
}

struct rows *
rows_keep(struct rows *r, struct arena *a)
{
	arena_defer(a, rows_defer, r);
	return r;
}

int
rows_count(const struct rows *r)
{
	return PQntuples(r->res);
}

long
rows_affected(const struct rows *r)
{
	return strtol(PQcmdTuples(r->res), NULL, 10);
}

/* libpq only prints a notice for a wrong index and goes on. */
static void
cell_check(const struct rows *r, int row, int col)
{
	if (row < 0 || row >= PQntuples(r->res) || col < 0 ||
	    col >= PQnfields(r->res))
		fatalx("no such cell row=%d column=%d rows=%d columns=%d",
		    row, col, PQntuples(r->res), PQnfields(r->res));
}

int
rows_null(const struct rows *r, int row, int col)
{
	cell_check(r, row, col);
	return PQgetisnull(r->res, row, col);
}

const char *
rows_text(const struct rows *r, int row, int col)
{
	cell_check(r, row, col);
	return PQgetvalue(r->res, row, col);
}

const char *
rows_text_opt(const struct rows *r, int row, int col)
{
	return rows_null(r, row, col) ? NULL : rows_text(r, row, col);
}

size_t
rows_len(const struct rows *r, int row, int col)
{
	cell_check(r, row, col);
	return (size_t)PQgetlength(r->res, row, col);
}

int64_t
rows_int(const struct rows *r, int row, int col)
{
	const char *s = rows_text(r, row, col);
	char *end;
	long long v;

	if (*s == '\0' && rows_null(r, row, col))
		return 0;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno != 0 || end == s || *end != '\0')
		fatalx("column %s is no whole number", PQfname(r->res, col));
	return v;
}

double
rows_num(const struct rows *r, int row, int col)
{
	const char *s = rows_text(r, row, col);
	char *end;
	double v;

	if (*s == '\0' && rows_null(r, row, col))
		return 0;
	v = strtod(s, &end);
	if (end == s || *end != '\0')
		fatalx("column %s is no number", PQfname(r->res, col));
	return v;
}

int
rows_bool(const struct rows *r, int row, int col)
{
	return rows_text(r, row, col)[0] == 't';
}

int64_t
rows_ts(const struct rows *r, int row, int col)
{
	return rows_int(r, row, col);
}

int64_t
rows_ts_opt(const struct rows *r, int row, int col)
{
	return rows_null(r, row, col) ? TS_NONE : rows_ts(r, row, col);
}

int
rows_bytes(const struct rows *r, int row, int col, void *out, size_t n)
{
	const char *s = rows_text(r, row, col);

	if (strncmp(s, "\\x", 2) != 0)
		return -1;
	return hex_decode(s + 2, out, n) == 0 ? 0 : -1;
}

const char *
rows_array(const struct rows *r, int col, struct arena *a)
{
	struct buf	list;
	int		i;

	buf_init(&list, a);
	sqlarr_begin(&list);
	for (i = 0; i < rows_count(r); i++)
		sqlarr_add(&list, rows_text(r, i, col));
	sqlarr_end(&list);
	return list.data;
}
