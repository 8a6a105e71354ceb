/* SPDX-License-Identifier: BSD-2-Clause */
/* Prior precisions, and the one for texts from the data themselves. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/fit.h"
#include "judge/prior.h"
#include "judge/rng.h"

#define PRIOR_CONSTANT	0.5
#define PRIOR_DENSE	2.0
#define PRIOR_HEADS	6	/* criteria from which on scores share */
#define TEXT_SHARE	(1 / PRIOR_TEXT)	/* of the variance, believed */
#define TEXT_SHARE_MIN	(1.0 / 60)
#define TEXT_SHARE_MAX	0.5
#define TEXT_MIN	10	/* fewer labelled texts tell nothing */
#define DENSE_EPOCHS	10
#define PROBES		4

double
prior_dense(int nc, size_t j)
{
	if (j == 0)
		return PRIOR_CONSTANT;
	return nc > PRIOR_HEADS ? PRIOR_DENSE * nc / PRIOR_HEADS :
	    PRIOR_DENSE;
}

double
prior_seen(double prior, double seen)
{
	return prior * sqrt(1 + seen);
}

/* Residuals of a fit that sees no text: z[slot][nc], 0 without a label. */
static void
dense_residuals(struct fit *f, double *z)
{
	struct heads *h = f->h;
	size_t t, unused = 0;
	double error = 0;
	struct row_labels l;
	struct row r;
	int e, c;

	for (e = 0; e < DENSE_EPOCHS; e++) {
		for (t = 0; t < f->ntrain; t++) {
			r = fit_row(f, f->train[t]);
			r.has_text = 0;
			l = fit_labels(f, f->train[t], t);
			heads_step(h, &r, &l, 1, &error, &unused);
		}
		heads_settle(h, 1);
	}
	for (t = 0; t < f->ntrain; t++, z += h->nc) {
		r = fit_row(f, f->train[t]);
		r.has_text = 0;
		l = fit_labels(f, f->train[t], t);
		heads_dot(h, &r, z);
		for (c = 0; c < h->nc; c++)
			z[c] = l.count[c] > 0 &&
			    f->d->ex[f->train[t]].has_text ?
			    l.y[c] - l.base[c] - z[c] : 0;
	}
	memcpy(h->dense, f->first, (size_t)h->nc * h->nd *
	    sizeof(*h->dense));
}

static struct heads *
table(const struct fit *f)
{
	struct heads *k = heads_new(f->h->nc, f->h->nd, f->h->nb, 0);
	int c;

	for (c = 0; c < k->nc; c++)
		k->uniform_inv[c] = 1;
	return k;
}

/* Squared lengths of the table's columns. */
static void
lengths(struct heads *k, double *out)
{
	size_t i;
	double x;
	int c;

	memset(out, 0, (size_t)k->nc * sizeof(*out));
	for (i = 0; i < k->nb; i++)
		for (c = 0; c < k->nc; c++) {
			x = (double)*heads_cell(k->gram, k, i, c);
			out[c] += x * x;
		}
}

/* k's table becomes sum over rows of v[slot][c] x; v is [ntrain][nc]. */
static void
spread_out(const struct fit *f, struct heads *k, const double *v)
{
	struct row r;
	size_t t;

	memset(k->gram, 0, fit_gram_bytes(f));
	for (t = 0; t < f->ntrain; t++) {
		r = fit_row(f, f->train[t]);
		if (r.has_text)
			heads_add(k, &r, v + t * (size_t)k->nc);
	}
}

static void
centre(const struct fit *f, double *v, size_t texts)
{
	size_t nc = (size_t)f->h->nc, t, c;
	double mean;

	for (c = 0; c < nc; c++) {
		for (mean = 0, t = 0; t < f->ntrain; t++)
			mean += v[t * nc + c];
		mean /= (double)texts;
		for (t = 0; t < f->ntrain; t++)
			if (f->d->ex[f->train[t]].has_text)
				v[t * nc + c] -= mean;
	}
}

/* own[slot]: the squared length of a text's vector less the mean vector. */
static void
own_lengths(const struct fit *f, struct heads *k, size_t texts, double *own)
{
	size_t nc = (size_t)k->nc, t;
	double *v = xcalloc(f->ntrain * nc, sizeof(*v));
	double len[JUDGE_MAX_CRITERIA], dot[JUDGE_MAX_CRITERIA];
	double self[JUDGE_MAX_CRITERIA];
	struct row r;

	for (t = 0; t < f->ntrain; t++)
		v[t * nc] = 1 / (double)texts;
	spread_out(f, k, v);
	lengths(k, len);
	for (t = 0; t < f->ntrain; t++) {
		r = fit_row(f, f->train[t]);
		own[t] = 0;
		if (!r.has_text)
			continue;
		heads_dot(k, &r, dot);
		heads_norm(k, &r, self);
		own[t] = self[0] - 2 * dot[0] + len[0];
	}
	free(v);
}

/*
 * Sum of squares of the similarities between different texts, by random
 * signs: as many probes at a time as there are heads.
 */
static double
similarity(const struct fit *f, struct heads *k, size_t texts,
    const double *own)
{
	size_t nc = (size_t)k->nc, t, c, probes = 0;
	double *v = xcalloc(f->ntrain * nc, sizeof(*v)), sum = 0;
	struct rng rng;
	struct row r;

	rng_init(&rng, f->job->seed, 0x70726f6265ULL);
	for (; probes < PROBES; probes += nc) {
		for (t = 0; t < f->ntrain; t++)
			for (c = 0; c < nc; c++)
				v[t * nc + c] =
				    !f->d->ex[f->train[t]].has_text ? 0 :
				    rng_next(&rng) >> 63 ? 1 : -1;
		centre(f, v, texts);
		spread_out(f, k, v);
		for (t = 0; t < f->ntrain; t++) {
			r = fit_row(f, f->train[t]);
			if (r.has_text)
				heads_dot(k, &r, v + t * nc);
		}
		centre(f, v, texts);
		for (t = 0; t < f->ntrain * nc; t++)
			sum += v[t] * v[t];
	}
	sum /= (double)probes;
	for (t = 0; t < f->ntrain; t++)
		sum -= own[t] * own[t];
	free(v);
	return fmax(sum, 1e-3 * (double)texts);
}

/*
 * The share of the residuals' variance that texts explain is believed to be
 * TEXT_SHARE, give or take as much; the measured slope is weighed in by its
 * own error.
 */
static double
precision(double cross, double similar, double variance, double own,
    double weight)
{
	double share, error, believed = TEXT_SHARE * TEXT_SHARE;

	if (variance < 1e-6)
		return weight * PRIOR_TEXT;
	share = cross / similar / variance;
	error = 2 / similar;
	share = (share / error + TEXT_SHARE / believed) /
	    (1 / error + 1 / believed);
	share = fmin(fmax(share, TEXT_SHARE_MIN), TEXT_SHARE_MAX);
	return weight * fmax(1 - share * own, 0.3) / share;
}

/* Means of residuals are the constant's business, not the texts'. */
static void
column_centre(const struct fit *f, double *z, size_t c)
{
	size_t nc = (size_t)f->h->nc, t, n = 0;
	double mean = 0;

	for (t = 0; t < f->ntrain; t++)
		if (z[t * nc + c] != 0) {
			mean += z[t * nc + c];
			n++;
		}
	for (t = 0; t < f->ntrain; t++)
		if (z[t * nc + c] != 0)
			z[t * nc + c] -= mean / (double)n;
}

/*
 * Head c's precision; len: squared length of the sum of z x.  In it, each
 * pair of different texts counts with the product of their residuals.
 */
static double
column_precision(const struct fit *f, const double *z, size_t c, double len,
    double similar, size_t texts, const double *own, uint8_t *measured)
{
	size_t nc = (size_t)f->h->nc, t, n = 0;
	double sq = 0, diag = 0, own_sum = 0, weight = 0, x, part;

	for (t = 0; t < f->ntrain; t++) {
		if ((x = z[t * nc + c]) == 0)
			continue;
		sq += x * x;
		diag += x * x * own[t];
		own_sum += own[t];
		weight += f->d->weight[f->train[t] * f->d->nl + c];
		n++;
	}
	*measured = n >= TEXT_MIN;
	if (n < TEXT_MIN)
		return PRIOR_TEXT;
	part = (double)n / (double)texts;
	return precision(len - diag, similar * part * part, sq / (double)n,
	    own_sum / (double)n, weight / (double)n);
}

void
prior_text(struct fit *f, double *out, uint8_t *measured)
{
	size_t nc = (size_t)f->h->nc, texts = 0, t, c;
	double *z = xcalloc(f->ntrain * nc, sizeof(*z));
	double *own = xcalloc(f->ntrain, sizeof(*own));
	double len[JUDGE_MAX_CRITERIA], similar;
	struct heads *k = table(f);

	for (t = 0; t < f->ntrain; t++)
		texts += f->d->ex[f->train[t]].has_text;
	for (c = 0; c < nc; c++) {
		out[c] = PRIOR_TEXT;
		measured[c] = 0;
	}
	if (texts >= TEXT_MIN) {
		dense_residuals(f, z);
		for (c = 0; c < nc; c++)
			column_centre(f, z, c);
		own_lengths(f, k, texts, own);
		similar = similarity(f, k, texts, own);
		spread_out(f, k, z);
		lengths(k, len);
		for (c = 0; c < nc; c++)
			out[c] = column_precision(f, z, c, len[c], similar,
			    texts, own, &measured[c]);
	}
	heads_free(k);
	free(own);
	free(z);
}
