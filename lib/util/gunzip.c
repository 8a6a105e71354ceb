/* SPDX-License-Identifier: BSD-2-Clause */
/* Streaming inflate. */
#include "config.h"

#include <stdlib.h>

/* input is not written to */
#define ZLIB_CONST
#include <zlib.h>

#include "util/gunzip.h"
#include "util/log.h"

#define PIECE		(64 * 1024)
#define GZIP_ONLY	(15 + 16)	/* window bits, and no other format */

struct gunzip {
	z_stream	z;
	int		between;	/* members, or before the first */
	int		members;
	char		out[PIECE];
};

struct gunzip *
gunzip_new(void)
{
	struct gunzip	*g;

	if ((g = calloc(1, sizeof(*g))) == NULL ||
	    inflateInit2(&g->z, GZIP_ONLY) != Z_OK)
		fatal("gunzip");
	g->between = 1;
	return g;
}

void
gunzip_free(struct gunzip *g)
{
	if (g == NULL)
		return;
	(void)inflateEnd(&g->z);
	free(g);
}

/* One call of inflate. */
static int
step(struct gunzip *g, gunzip_sink *sink, void *arg)
{
	size_t	n;
	int	r, stop = 0;

	g->z.next_out = (Bytef *)g->out;
	g->z.avail_out = PIECE;
	r = inflate(&g->z, Z_NO_FLUSH);
	n = PIECE - g->z.avail_out;
	if (n > 0)
		stop = sink(arg, g->out, n);
	if (stop != 0)
		return stop;
	if (r == Z_STREAM_END) {
		g->between = 1;
		g->members++;
		return inflateReset(&g->z) == Z_OK ? 0 : GUNZIP_BAD;
	}
	/* no progress is none possible without more input */
	return r == Z_OK || r == Z_BUF_ERROR ? 0 : GUNZIP_BAD;
}

int
gunzip_add(struct gunzip *g, const void *data, size_t len, gunzip_sink *sink,
    void *arg)
{
	int	r;

	g->z.next_in = data;
	g->z.avail_in = (uInt)len;
	do {
		if (g->between && g->members > 0)
			while (g->z.avail_in > 0 && *g->z.next_in == 0) {
				g->z.next_in++;
				g->z.avail_in--;
			}
		if (g->between && g->z.avail_in == 0)
			return 0;
		g->between = 0;
		if ((r = step(g, sink, arg)) != 0)
			return r;
		/* output that did not fit comes with the next call */
	} while (g->z.avail_in > 0 || g->z.avail_out == 0);
	return 0;
}

int
gunzip_whole(const struct gunzip *g)
{
	return g->between && g->members > 0;
}
