/* SPDX-License-Identifier: BSD-2-Clause */
/* Newton's method for the pairwise logistic loss. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/calib.h"
#include "judge/head.h"
#include "judge/pairs.h"
#include "judge/rng.h"

#define PAIRS_MOST	2000
#define PAIRS_LEAST	300
#define PAIRS_WORK	8e6	/* products in one step */
#define DRAWS_PER_PAIR	20
#define PENALTY		4.0
#define STEPS		6

struct pairs {
	const struct pair_row	*row;
	size_t			(*pair)[2];	/* the better one first */
	size_t			 n;
	size_t			 nd;
};

static void
pairs_draw(struct pairs *p, size_t rows, uint64_t seed)
{
	size_t most, i, j, draws;
	struct rng rng;

	most = (size_t)fmin(fmax(PAIRS_WORK / (double)(p->nd * p->nd),
	    PAIRS_LEAST), PAIRS_MOST);
	p->pair = xcalloc(most, sizeof(*p->pair));
	rng_init(&rng, seed, 0x7061697273ULL);
	for (draws = 0; draws < DRAWS_PER_PAIR * most && p->n < most;
	    draws++) {
		i = (size_t)rng_below(&rng, rows);
		j = (size_t)rng_below(&rng, rows);
		if (p->row[i].y == p->row[j].y)
			continue;
		p->pair[p->n][0] = p->row[i].y > p->row[j].y ? i : j;
		p->pair[p->n++][1] = p->row[i].y > p->row[j].y ? j : i;
	}
}

/* One Newton step on the mean loss; h is room for [nd][nd]. */
static void
pairs_step(const struct pairs *p, double *w, double *h, double *g, double *x)
{
	double z, q, curve;
	size_t k, i, j;

	for (i = 0; i < p->nd; i++) {
		g[i] = -PENALTY * w[i];
		for (j = 0; j <= i; j++)
			h[i * p->nd + j] = i == j ? PENALTY : 0;
	}
	for (k = 0; k < p->n; k++) {
		for (z = 0, i = 0; i < p->nd; i++) {
			x[i] = p->row[p->pair[k][0]].x[i] -
			    p->row[p->pair[k][1]].x[i];
			z += w[i] * x[i];
		}
		q = 1 / (1 + exp(z));
		curve = q * (1 - q);
		for (i = 0; i < p->nd; i++) {
			if (x[i] == 0)
				continue;
			g[i] += q * x[i];
			for (j = 0; j <= i; j++)
				h[i * p->nd + j] += curve * x[i] * x[j];
		}
	}
	cholesky(h, p->nd);
	cholesky_solve(h, p->nd, g);
	for (i = 0; i < p->nd; i++)
		w[i] += g[i];
}

/* Scaled to people's scores by a line that never falls. */
static void
pairs_scale(const struct pairs *p, size_t rows, double *w)
{
	double *z = xcalloc(3 * rows, sizeof(*z)), *y = z + rows;
	double *weight = y + rows;
	struct calib_line l;
	size_t i, j;

	for (i = 0; i < rows; i++) {
		for (j = 0; j < p->nd; j++)
			z[i] += w[j] * p->row[i].x[j];
		y[i] = p->row[i].y;
		weight[i] = p->row[i].weight;
	}
	l = calib_linear(z, y, weight, rows);
	for (j = 0; j < p->nd; j++)
		w[j] *= l.b;
	/* The first feature is the constant. */
	w[0] += l.a;
	free(z);
}

void
pairs_fit(const struct pair_row *row, size_t rows, size_t nd, uint64_t seed,
    double *w)
{
	struct pairs p = { row, NULL, 0, nd };
	double *h = xcalloc(nd * nd, sizeof(*h)), *g;
	int s;

	g = xcalloc(2 * nd, sizeof(*g));
	memset(w, 0, nd * sizeof(*w));
	pairs_draw(&p, rows, seed);
	for (s = 0; s < STEPS && p.n > 0; s++)
		pairs_step(&p, w, h, g, g + nd);
	pairs_scale(&p, rows, w);
	free(p.pair);
	free(g);
	free(h);
}
