/* SPDX-License-Identifier: BSD-2-Clause */
/* After the epochs: all rows are learned from, texts prove themselves. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/fit.h"

#define SETTLED		1e-7	/* points */
#define TEXT_LOSS	0.5	/* standard errors: texts do harm */
#define SETTLE_EPOCHS	10

static double
clamp(double x)
{
	return x < 0 ? 0 : x > 100 ? 100 : x;
}

/*
 * Without texts, cross-validation has found how strongly the weights are held
 * back, and the watched rows have nothing left to warn of: they are learned
 * from too, over all epochs.
 */
static void
watched_too(struct fit *f)
{
	struct heads *h = f->h;
	struct row_labels l;
	double error = 0, moved = INFINITY, *was;
	size_t k, i, n = 0, cells = (size_t)h->nc * h->nd;
	struct row r;
	int e;

	if (f->choice.n == 0 || h->nb > 0 || f->ninner == 0)
		return;
	f->rerun = 1;
	memcpy(h->dense, f->first, (size_t)h->nc * h->nd * sizeof(double));
	free(h->curve);
	h->curve = NULL;
	for (k = 0; k < f->ntrain + f->ninner; k++) {
		i = fit_row_at(f, k);
		r = fit_row(f, i);
		heads_curve_add(h, &r, f->d->weight + i * f->d->nl);
	}
	heads_curve_finish(h);
	memset(h->pull, 0, (size_t)h->nc * h->nd * sizeof(double));
	was = xcalloc(cells, sizeof(*was));
	for (e = 0; e < f->job->max_epochs && moved > SETTLED; e++) {
		for (k = 0; k < f->ntrain + f->ninner; k++) {
			i = fit_row_at(f, k);
			r = fit_row(f, i);
			l = fit_labels(f, i, 0);
			heads_step(h, &r, &l, 1, &error, &n);
		}
		memcpy(was, h->dense, cells * sizeof(*was));
		heads_settle(h, f->rate);
		for (moved = 0, i = 0; i < cells; i++)
			moved = fmax(moved, fabs(h->dense[i] - was[i]));
	}
	free(was);
}

/*
 * Squared error of the learning heads on the watched rows, with and without
 * texts: standard errors that texts gain.
 */
static double
text_gain(const struct fit *f)
{
	double *said = fit_say_all(f), sum = 0, sq = 0, n = 0, diff, y, with;
	const struct data *d = f->d;
	size_t nc = (size_t)d->nc, k, i;
	double without;
	int c, any;

	for (k = f->ntrain; k < f->ntrain + f->ninner; k++) {
		i = fit_row_at(f, k);
		diff = 0;
		any = 0;
		for (c = 0; c < d->nc; c++) {
			without = f->choice.oof[k * nc + (size_t)c];
			if (!f->h->learns[c] || isnan(without) ||
			    d->weight[i * d->nl + (size_t)c] == 0)
				continue;
			y = d->y[i * d->nl + (size_t)c];
			with = clamp(said[k * nc + (size_t)c]) - y;
			without = clamp(without) - y;
			diff += without * without - with * with;
			any = 1;
		}
		sum += diff;
		sq += diff * diff;
		n += any;
	}
	free(said);
	if (n < FORM_LEAST)
		return 0;
	sq = sqrt(fmax(sq / n - sum / n * (sum / n), 0) / n);
	return sq > 0 ? sum / n / sq : 0;
}

/*
 * What the grams have learned goes when the scores alone predict better; the
 * dense weights settle anew without them.
 */
static void
text_prove(struct fit *f)
{
	struct row_labels l;
	double error = 0;
	struct row r;
	size_t t, n = 0;
	int e;

	if (f->choice.oof == NULL || f->h->nb == 0 || text_gain(f) >
	    -TEXT_LOSS)
		return;
	f->text_dropped = 1;
	memset(f->h->gram, 0, fit_gram_bytes(f));
	for (e = 0; e < SETTLE_EPOCHS; e++) {
		for (t = 0; t < f->ntrain; t++) {
			r = fit_row(f, f->train[t]);
			r.has_text = 0;
			l = fit_labels(f, f->train[t], t);
			heads_step(f->h, &r, &l, 1, &error, &n);
		}
		heads_settle(f->h, 1);
	}
}

void
fit_settle(struct fit *f)
{
	watched_too(f);
	text_prove(f);
}
