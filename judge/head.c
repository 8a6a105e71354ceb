/* SPDX-License-Identifier: BSD-2-Clause */
/* The inner loops of learning. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/gram.h"
#include "judge/head.h"
#include "judge/model_int.h"
#include "util/log.h"

#define CALM		0.02	/* points from its place: a row may rest, ... */
#define CALM_MAX	3	/* ... at last for 2^3 - 1 epochs */

head_vec *
heads_table(const struct heads *h)
{
	size_t bytes = h->nb * (size_t)h->nv * sizeof(head_vec);
	head_vec *t;

	bytes = (bytes + 64) & ~(size_t)63;

	/* Cache lines hold whole positions as often as possible. */
	if ((t = aligned_alloc(64, bytes)) == NULL)
		fatalx("out of memory bytes=%zu", bytes);
	memset(t, 0, bytes);
	return t;
}

struct heads *
heads_new(int nc, size_t nd, size_t nb, int own_priors)
{
	struct heads *h = xcalloc(1, sizeof(*h));
	int i;

	h->nc = nc;
	h->nv = HEAD_VECS_OF(nc);
	h->nd = nd;
	h->nb = nb;
	h->dense = xcalloc((size_t)nc * nd, sizeof(*h->dense));
	h->start = xcalloc((size_t)nc * nd, sizeof(*h->start));
	h->prior = xcalloc((size_t)nc * nd, sizeof(*h->prior));
	h->pull = xcalloc((size_t)nc * nd, sizeof(*h->pull));
	h->gram = heads_table(h);
	if (own_priors)
		h->gram_inv = heads_table(h);
	for (i = 0; i < 256; i++) {
		h->count[i] = (float)i + 1;
		h->root[i] = sqrtf(h->count[i]);
	}
	return h;
}

void
heads_free(struct heads *h)
{
	if (h == NULL)
		return;
	free(h->dense);
	free(h->start);
	free(h->prior);
	free(h->pull);
	free(h->curve);
	free(h->gram);
	free(h->gram_inv);
	free(h);
}

float *
heads_cell(head_vec *table, const struct heads *h, size_t at, int c)
{
	return (float *)(table + at * (size_t)h->nv) + c;
}

static void
dense_dot(const struct heads *h, const struct row *r, double *out)
{
	const double *w = h->dense;
	double sum;
	size_t j;
	int c;

	for (c = 0; c < h->nc; c++, w += h->nd) {
		for (sum = 0, j = 0; j < h->nd; j++)
			sum += w[j] * r->dense[j];
		out[c] = sum;
	}
}

static void
text_dot(const struct heads *h, const struct row *r, double *out)
{
	head_vec acc[HEAD_VECS];
	int c;

	memset(acc, 0, sizeof(acc));
	grams_dot(h, &r->part[0], acc);
	grams_dot(h, &r->part[1], acc);
	for (c = 0; c < h->nc; c++)
		out[c] = (double)acc[c / HEAD_LANES][c % HEAD_LANES];
}

void
heads_dot(const struct heads *h, const struct row *r, double *out)
{
	double text[JUDGE_MAX_CRITERIA];
	int c;

	dense_dot(h, r, out);
	if (!r->has_text)
		return;
	text_dot(h, r, text);
	for (c = 0; c < h->nc; c++)
		out[c] += text[c];
}

void
heads_norm(const struct heads *h, const struct row *r, double *out)
{
	memset(out, 0, (size_t)h->nc * sizeof(*out));
	if (!r->has_text)
		return;
	grams_norm(h, &r->part[0], out);
	grams_norm(h, &r->part[1], out);
}

void
heads_add(struct heads *h, const struct row *r, const double *coef)
{
	head_vec cv[HEAD_VECS];
	int c;

	memset(cv, 0, sizeof(cv));
	for (c = 0; c < h->nc; c++)
		cv[c / HEAD_LANES][c % HEAD_LANES] = (float)(h->gram_inv !=
		    NULL ? coef[c] : coef[c] * h->uniform_inv[c]);
	grams_add(h, &r->part[0], cv);
	grams_add(h, &r->part[1], cv);
}

void
heads_add_counts(const struct heads *h, head_vec *table, const struct row *r,
    const double *coef)
{
	head_vec cv[HEAD_VECS];
	int c;

	memset(cv, 0, sizeof(cv));
	for (c = 0; c < h->nc; c++)
		cv[c / HEAD_LANES][c % HEAD_LANES] = (float)coef[c];
	grams_count(h, table, &r->part[0], cv);
	grams_count(h, table, &r->part[1], cv);
}

static double
clamp(double x)
{
	return x < 0 ? 0 : x > 100 ? 100 : x;
}

/* How far the multiplier a of a label with weight c and residual r moves. */
static double
ascent(double rate, double c, double r, double norm, double a)
{
	return rate * (c * r - a) / (1 + c * norm);
}

/*
 * Multipliers of one row; d holds its predictions, not clamped.  Returns how
 * far, in points, the farthest prediction was from where its label wants it.
 */
static double
grams_step(struct heads *h, const struct row *r, struct row_labels *l,
    double rate, double *d)
{
	double coef[JUDGE_MAX_CRITERIA], overall = 0, norm = 0, step, way = 0;
	int c;

	for (c = 0; c < h->nc; c++) {
		coef[c] = 0;
		if (h->learns[c] && l->count[c] > 0) {
			coef[c] = ascent(rate, l->count[c], l->y[c] - d[c],
			    l->norm[c], l->alpha[c]);
			l->alpha[c] += coef[c];
			d[c] += coef[c] * l->norm[c];
			way = fmax(way, fabs(coef[c] * l->norm[c]));
		}
		overall += h->share[c] * d[c];
		if (h->learns[c])
			norm += h->share[c] * h->share[c] * l->norm[c];
	}
	if (l->count[h->nc] > 0) {
		/* Its features are the row's, times each head's share. */
		step = ascent(rate, l->count[h->nc], l->y[h->nc] - overall,
		    norm, l->alpha[h->nc]);
		l->alpha[h->nc] += step;
		way = fmax(way, fabs(step * norm));
		for (c = 0; c < h->nc; c++)
			if (h->learns[c])
				coef[c] += step * h->share[c];
	}
	heads_add(h, r, coef);
	return way / rate;
}

/* The pull of one row's labels on the dense weights; d as above. */
static void
dense_pull(struct heads *h, const struct row *r, const struct row_labels *l,
    const double *d)
{
	double all = 0, pull, *g = h->pull;
	size_t j;
	int c;

	for (c = 0; c < h->nc; c++)
		all += h->share[c] * d[c];
	all = l->count[h->nc] * (l->y[h->nc] - all);
	for (c = 0; c < h->nc; c++, g += h->nd) {
		pull = l->count[c] * (l->y[c] - d[c]) + h->share[c] * all;
		for (j = 0; h->learns[c] && j < h->nd; j++)
			g[j] += pull * r->dense[j];
	}
}

static void
count_errors(const struct heads *h, const struct row_labels *l,
    const double *d, double *error, size_t *n)
{
	double overall = 0, p;
	int c;

	for (c = 0; c < h->nc; c++) {
		p = clamp(d[c]);
		overall += h->share[c] * p;
		if (h->learns[c] && l->count[c] > 0) {
			*error += fabs(l->y[c] - p);
			(*n)++;
		}
	}
	if (l->count[h->nc] > 0) {
		*error += fabs(l->y[h->nc] - overall);
		(*n)++;
	}
}

void
heads_step(struct heads *h, const struct row *r, struct row_labels *l,
    double rate, double *error, size_t *n)
{
	double d[JUDGE_MAX_CRITERIA];
	int c, resting = 0;

	if (r->has_text) {
		resting = *l->rest > 0;
		if (!resting)
			text_dot(h, r, l->said);
	}
	dense_dot(h, r, d);
	for (c = 0; c < h->nc; c++)
		d[c] += l->base[c] + (r->has_text ? l->said[c] : 0);
	count_errors(h, l, d, error, n);
	dense_pull(h, r, l, d);
	if (resting)
		--*l->rest;
	else if (r->has_text && rate > 0) {
		if (grams_step(h, r, l, rate, d) > CALM)
			*l->calm = 0;
		else if (*l->calm < CALM_MAX)
			++*l->calm;
		*l->rest = (uint8_t)((1 << *l->calm) - 1);
	}
}

void
heads_predict(const struct heads *h, const struct row *r, const double *base,
    double *out)
{
	int c;

	heads_dot(h, r, out);
	out[h->nc] = 0;
	for (c = 0; c < h->nc; c++) {
		out[c] = clamp(base[c] + out[c]);
		out[h->nc] += h->share[c] * out[c];
	}
}
