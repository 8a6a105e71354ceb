/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a training begins: positions, start weights, priors. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "judge/fit.h"
#include "judge/order.h"
#include "judge/prior.h"
#include "judge/spread.h"

/*
 * Buckets to positions of nv vectors; grams that occur once go first.
 * Returns how many those are.
 */
static uint32_t
grams_place(uint32_t *g, uint32_t n, const uint32_t *at, int nv)
{
	uint32_t i, moved, once = 0;

	for (i = 0; i < n; i++) {
		moved = PLACED(at[GRAM_BUCKET(g[i])], nv, GRAM_COUNT(g[i]));
		if (PLACED_MORE(moved) == 0) {
			g[i] = g[once];
			g[once++] = moved;
		} else
			g[i] = moved;
	}
	return once;
}

/*
 * Gives every bucket that the rows or the base model use a position in the
 * table, frequent ones first: a few thousand n-grams make most of any text,
 * and so they share the cache.  Rewrites the rows' grams to positions.
 */
size_t
fit_positions(struct fit *f)
{
	struct data *d = f->d;
	struct order *used = xcalloc(2 * FEATURE_BUCKETS, sizeof(*used));
	uint32_t *at = xcalloc(FEATURE_BUCKETS, sizeof(*at)), *g;
	int nv = HEAD_VECS_OF(d->nc);
	struct example *e;
	size_t i, k, nb;

	for (k = 0; f->base != NULL && k < FEATURE_BUCKETS; k++)
		at[k] = model_find(f->base, (uint32_t)k) >= 0;
	for (i = 0; i < d->n; i++) {
		if (d->ex[i].part == PART_HELD || !d->ex[i].has_text)
			continue;
		g = d->gram + d->ex[i].gram_at;
		for (k = 0; k < (size_t)d->ex[i].nchar + d->ex[i].nword; k++)
			at[GRAM_BUCKET(g[k])]++;
	}
	for (k = 0, nb = 0; k < FEATURE_BUCKETS; k++)
		if (at[k] > 0)
			used[nb++] = (struct order){ UINT32_MAX - at[k], k };
	order_sort(used, used + nb, nb);
	for (k = 0; k < nb; k++)
		at[used[k].at] = (uint32_t)k;
	f->bucket = xcalloc(nb, sizeof(*f->bucket));
	for (k = 0; k < nb; k++)
		f->bucket[k] = (uint32_t)used[k].at;
	for (i = 0; i < d->n; i++) {
		e = &d->ex[i];
		if (e->part == PART_HELD || !e->has_text)
			continue;
		g = d->gram + e->gram_at;
		e->char_once = grams_place(g, e->nchar, at, nv);
		e->word_once = grams_place(g + e->nchar, e->nword, at, nv);
	}
	free(at);
	free(used);
	return nb;
}

long
fit_feature_in_base(const struct fit *f, size_t j)
{
	size_t nc = (size_t)f->d->nc;
	int k;

	if (j == 0)
		return 0;
	if (j > 2 * nc)
		return (long)feature_stat_at(f->base->nc,
		    (int)(j - 1 - 2 * nc));
	if ((k = f->from[(j - 1) % nc]) < 0)
		return -1;
	return (long)(j <= nc ? feature_raw_at(k) :
	    feature_missing_at(f->base->nc, k));
}

/*
 * Start weights of one head and the evidence behind them.  A frozen head
 * stays as it is shown; one that learns is narrowed.
 */
static void
head_warm(struct fit *f, int c)
{
	const struct judge_model *b = f->base;
	struct heads *h = f->h;
	double *w = h->dense + (size_t)c * h->nd, seen, scale = 1;
	size_t j, i;
	long at;
	int k = f->from[c];

	for (j = 0; j < h->nd; j++) {
		at = k < 0 ? -1 : fit_feature_in_base(f, j);
		seen = w[j] = 0;
		if (at >= 0) {
			w[j] = b->dense[(size_t)k * b->nd + (size_t)at];
			seen = b->dense_seen[(size_t)k * b->nd + (size_t)at];
		}
		h->prior[(size_t)c * h->nd + j] =
		    prior_seen(prior_dense(h->nc, j), seen);
	}
	if (k < 0)
		return;
	if (h->learns[c])
		scale = spread_undo(&b->state[k].spread, h->nc, c, w);
	for (i = 0; i < h->nb; i++) {
		at = model_find(b, f->bucket[i]);
		*heads_cell(h->gram, h, i, c) = at < 0 ? 0 : (float)(scale *
		    (double)b->gram[(size_t)at * (size_t)b->nc + (size_t)k]);
	}
}

void
fit_restart(struct fit *f)
{
	int c;

	memset(f->h->learns, 0, sizeof(f->h->learns));
	for (c = 0; c < f->h->nc; c++)
		head_warm(f, c);
}

static void
head_text_prior(struct fit *f, int c)
{
	const struct judge_model *b = f->base;
	struct heads *h = f->h;
	double seen;
	size_t i;
	long at;

	h->uniform_inv[c] = 1 / f->text_prior[c];
	if (h->gram_inv == NULL)
		return;
	for (i = 0; i < h->nb; i++) {
		at = f->from[c] < 0 ? -1 : model_find(b, f->bucket[i]);
		seen = at < 0 ? 0 : (double)b->gram_seen[(size_t)at *
		    (size_t)b->nc + (size_t)f->from[c]];
		*heads_cell(h->gram_inv, h, i, c) =
		    (float)(1 / prior_seen(f->text_prior[c], seen));
	}
}

void
fit_start(struct fit *f)
{
	const struct criteria *cr = &f->job->base.criteria;
	struct heads *h = f->h;
	double total = 0, prior[JUDGE_MAX_CRITERIA];
	uint8_t measured[JUDGE_MAX_CRITERIA];
	int c, measure = 0;
	struct row r;
	size_t t;

	for (c = 0; c < h->nc; c++)
		total += cr->weight[c];
	for (c = 0; c < h->nc; c++) {
		h->share[c] = cr->weight[c] / total;
		head_warm(f, c);
		if (f->job->type == TRAIN_FULL && h->learns[c])
			h->dense[(size_t)c * h->nd] = f->bias[c];
		if (f->from[c] >= 0)
			f->text_prior[c] =
			    f->base->state[f->from[c]].text_prior;
		f->text_known[c] = f->text_prior[c] > 0;
		measure |= h->learns[c] && !f->text_known[c];
	}
	f->first = xcalloc((size_t)h->nc * h->nd, sizeof(double));
	memcpy(f->first, h->dense, (size_t)h->nc * h->nd * sizeof(double));
	memcpy(h->start, h->dense, (size_t)h->nc * h->nd * sizeof(double));
	/* Where there is nothing to go on from, the data say how far to go. */
	if (f->base == NULL)
		choose(f, &f->choice);
	for (t = 0; t < f->ntrain; t++) {
		r = fit_row(f, f->train[t]);
		heads_curve_add(h, &r, f->d->weight + f->train[t] * f->d->nl);
	}
	heads_curve_finish(h);
	/* A head that has learned from texts before keeps its belief. */
	if (measure && h->nb > 0) {
		prior_text(f, prior, measured);
		for (c = 0; c < h->nc; c++)
			if (!f->text_known[c]) {
				f->text_prior[c] = prior[c];
				f->text_known[c] = measured[c];
			}
	}
	for (c = 0; c < h->nc; c++) {
		if (f->text_prior[c] == 0)
			f->text_prior[c] = PRIOR_TEXT;
		if (h->nb > 0)
			head_text_prior(f, c);
	}
}
