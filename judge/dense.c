/* SPDX-License-Identifier: BSD-2-Clause */
/* Newton's method for the dense weights. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "judge/head.h"
#include "judge/model_int.h"

/* Rows have many zeros; only the lower triangle is kept. */
static void
outer_add(double *m, const double *x, size_t n, double weight)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		if (x[i] == 0)
			continue;
		for (j = 0; j <= i; j++)
			m[i * n + j] += weight * x[i] * x[j];
	}
}

/*
 * All heads answer to an overall label at once.  Counting its curvature with
 * the share instead of its square bounds what they do together:
 * (sum s d)^2 <= sum s * sum s d^2.
 */
void
heads_curve_add(struct heads *h, const struct row *r, const uint8_t *count)
{
	size_t cells = h->nd * h->nd;
	double weight, together = 0;
	int c;

	if (h->curve == NULL)
		h->curve = xcalloc((size_t)h->nc, cells * sizeof(*h->curve));
	for (c = 0; c < h->nc; c++)
		if (h->learns[c])
			together += h->share[c];
	for (c = 0; c < h->nc; c++) {
		weight = count[c] + h->share[c] * together * count[h->nc];
		if (h->learns[c] && weight > 0)
			outer_add(h->curve + (size_t)c * cells, r->dense,
			    h->nd, weight);
	}
}

void
cholesky(double *m, size_t n)
{
	size_t i, j, k;
	double sum;

	for (i = 0; i < n; i++)
		for (j = 0; j <= i; j++) {
			sum = m[i * n + j];
			for (k = 0; k < j; k++)
				sum -= m[i * n + k] * m[j * n + k];
			m[i * n + j] = i == j ? sqrt(sum) :
			    sum / m[j * n + j];
		}
}

void
cholesky_solve(const double *l, size_t n, double *x)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < i; k++)
			x[i] -= l[i * n + k] * x[k];
		x[i] /= l[i * n + i];
	}
	for (i = n; i-- > 0;) {
		for (k = i + 1; k < n; k++)
			x[i] -= l[k * n + i] * x[k];
		x[i] /= l[i * n + i];
	}
}

double
heads_leverage(const struct heads *h, const double *x, int c, double *room)
{
	const double *l = h->curve + (size_t)c * h->nd * h->nd;
	double sum = 0;
	size_t i, k;

	for (i = 0; i < h->nd; i++) {
		room[i] = x[i];
		for (k = 0; k < i; k++)
			room[i] -= l[i * h->nd + k] * room[k];
		room[i] /= l[i * h->nd + i];
		sum += room[i] * room[i];
	}
	return sum;
}

void
heads_curve_finish(struct heads *h)
{
	size_t j, at;
	int c;

	for (c = 0; c < h->nc; c++) {
		if (!h->learns[c])
			continue;
		at = (size_t)c * h->nd;
		for (j = 0; j < h->nd; j++)
			h->curve[at * h->nd + j * h->nd + j] +=
			    h->prior[at + j];
		cholesky(h->curve + at * h->nd, h->nd);
	}
}

void
heads_settle(struct heads *h, double rate)
{
	double *w, *g;
	size_t j, at;
	int c;

	for (c = 0; c < h->nc; c++) {
		at = (size_t)c * h->nd;
		w = h->dense + at;
		g = h->pull + at;
		for (j = 0; j < h->nd; j++)
			g[j] -= h->prior[at + j] * (w[j] - h->start[at + j]);
		if (h->learns[c]) {
			cholesky_solve(h->curve + at * h->nd, h->nd, g);
			for (j = 0; j < h->nd; j++)
				w[j] += rate * (h->prior[at + j] <
				    HEAD_LOCKED ? g[j] : h->start[at + j] -
				    w[j]);
		}
		memset(g, 0, h->nd * sizeof(*g));
	}
}
