/* SPDX-License-Identifier: BSD-2-Clause */
/* Getting ready to learn, and the epochs. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/bias.h"
#include "judge/fit.h"
#include "judge/rng.h"

/* The share of the way that a step goes at this learning rate. */
#define RATE_UNIT	0.001
#define RATE_SHARE	0.5

struct row
fit_row(const struct fit *f, size_t i)
{
	const struct example *e = &f->d->ex[i];
	const uint32_t *g = e->has_text ? f->d->gram + e->gram_at : NULL;

	return (struct row){ f->d->dense + i * f->d->nd, e->has_text, {
	    { g, e->char_once, e->nchar, e->char_scale },
	    { e->has_text ? g + e->nchar : NULL, e->word_once, e->nword,
	    e->word_scale } } };
}

size_t
fit_row_at(const struct fit *f, size_t k)
{
	return k < f->ntrain ? f->train[k] : f->inner[k - f->ntrain];
}

struct row_labels
fit_labels(const struct fit *f, size_t i, size_t t)
{
	const struct data *d = f->d;
	size_t nc = (size_t)d->nc;

	return (struct row_labels){ d->base + i * nc, d->y + i * d->nl,
	    d->weight + i * d->nl, f->norm + t * nc, f->alpha + t * d->nl,
	    f->said + t * nc, f->calm + t, f->rest + t };
}

size_t
fit_gram_bytes(const struct fit *f)
{
	return f->h->nb * (size_t)f->h->nv * sizeof(head_vec);
}

static void
rows_split(struct fit *f)
{
	const struct data *d = f->d;
	size_t i;

	f->train = xcalloc(d->n, sizeof(*f->train));
	f->inner = xcalloc(d->n, sizeof(*f->inner));
	f->order = xcalloc(d->n, sizeof(*f->order));
	for (i = 0; i < d->n; i++)
		if (d->ex[i].part == PART_FIT)
			f->train[f->ntrain++] = i;
		else if (d->ex[i].part == PART_INNER)
			f->inner[f->ninner++] = i;
}

/*
 * A head learns when the job aims at it and the training rows say something
 * about it, be it only through the overall score.
 */
static int
heads_choose(const struct fit *f, uint8_t *learns)
{
	const struct data *d = f->d;
	const uint8_t *w;
	size_t t;
	int c, any = 0;

	memset(learns, 0, (size_t)d->nc);
	for (t = 0; t < f->ntrain; t++) {
		w = d->weight + f->train[t] * d->nl;
		for (c = 0; c < d->nc; c++)
			learns[c] |= w[c] > 0 || w[d->nc] > 0;
	}
	for (c = 0; c < d->nc; c++) {
		learns[c] &= f->job->target[c];
		any |= learns[c];
	}
	return any;
}

/* Whether the training part says something about criterion c itself. */
static int
labelled(const struct fit *f, int c)
{
	const struct data *d = f->d;
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->ex[i].part != PART_HELD &&
		    d->weight[i * d->nl + (size_t)c] > 0)
			return 1;
	return 0;
}

/* Mean absolute error of the watched rows, over labels of learning heads. */
static double
inner_error(const struct fit *f)
{
	double p[JUDGE_MAX_CRITERIA + 1], sum = 0;
	const struct data *d = f->d;
	const uint8_t *w;
	size_t k, i, n = 0;
	struct row r;
	int c;

	for (k = 0; k < f->ninner; k++) {
		i = f->inner[k];
		r = fit_row(f, i);
		heads_predict(f->h, &r, d->base + i * (size_t)d->nc, p);
		w = d->weight + i * d->nl;
		for (c = 0; c <= d->nc; c++)
			if (w[c] > 0 && (c == d->nc || f->h->learns[c])) {
				sum += fabs(d->y[i * d->nl + (size_t)c] -
				    p[c]);
				n++;
			}
	}
	return n > 0 ? sum / (double)n : NAN;
}

static void
best_keep(struct fit *f, double error)
{
	const struct heads *h = f->h;

	f->best_epoch = f->epoch;
	f->best_error = error;
	memcpy(f->best_dense, h->dense, (size_t)h->nc * h->nd *
	    sizeof(*h->dense));
	memcpy(f->best_gram, h->gram, fit_gram_bytes(f));
}

/*
 * Proportional up to the unit; a higher learning rate comes ever nearer to
 * going all the way, and never beyond.
 */
static double
rate_of(double learning_rate)
{
	double x = learning_rate / RATE_UNIT;

	return x <= 1 ? RATE_SHARE * x : 1 - (1 - RATE_SHARE) / x;
}

/*
 * One walk over the training rows in this epoch's order: dense weights are
 * pulled, multipliers step.  Returns the mean absolute error met.
 */
static double
walk(struct fit *f, double rate)
{
	struct row_labels l;
	double error = 0;
	size_t k, t, n = 0;
	struct row r;

	for (k = 0; k < f->ntrain; k++) {
		t = f->order[k];
		r = fit_row(f, f->train[t]);
		l = fit_labels(f, f->train[t], t);
		/* Before the first step, new heads have nothing to say. */
		r.has_text &= rate > 0 || f->base != NULL;
		heads_step(f->h, &r, &l, rate, &error, &n);
	}
	return error / (double)n;
}

struct fit *
fit_new(const struct job *job, struct data *d, const struct judge_model *base)
{
	struct fit *f = xcalloc(1, sizeof(*f));
	uint8_t learns[JUDGE_MAX_CRITERIA];
	struct row r;
	size_t t, nb;
	int c;

	f->job = job;
	f->d = d;
	f->base = job->type == TRAIN_FULL ? NULL : base;
	f->rate = rate_of(job->learning_rate);
	for (c = 0; c < d->nc; c++)
		f->from[c] = f->base == NULL ? -1 :
		    model_criterion(f->base, job->base.criteria.head[c]);
	rows_split(f);
	if (!heads_choose(f, learns)) {
		fit_free(f);
		return NULL;
	}
	nb = fit_positions(f);
	f->h = heads_new(d->nc, d->nd, nb, f->base != NULL);
	memcpy(f->h->learns, learns, (size_t)d->nc);
	f->norm = xcalloc(f->ntrain, (size_t)d->nc * sizeof(*f->norm));
	f->alpha = xcalloc(f->ntrain, d->nl * sizeof(*f->alpha));
	f->said = xcalloc(f->ntrain, (size_t)d->nc * sizeof(*f->said));
	f->calm = xcalloc(f->ntrain, sizeof(*f->calm));
	f->rest = xcalloc(f->ntrain, sizeof(*f->rest));
	f->train_mae = xcalloc((size_t)job->max_epochs, sizeof(double));
	f->eval_mae = xcalloc((size_t)job->max_epochs, sizeof(double));
	bias_fit(d, job->base.criteria.weight, f->bias);
	/* Ratings alone move each head as they move the whole. */
	for (c = 0; c < d->nc; c++)
		if (!labelled(f, c))
			f->bias[c] = f->bias[d->nc];
	fit_start(f);
	for (t = 0; t < f->ntrain; t++) {
		r = fit_row(f, f->train[t]);
		heads_norm(f->h, &r, f->norm + t * (size_t)d->nc);
	}
	/* The first dense step needs to know where it pulls. */
	for (t = 0; t < f->ntrain; t++)
		f->order[t] = t;
	walk(f, 0);
	f->best_error = f->mark_error = inner_error(f);
	if (!isnan(f->best_error)) {
		f->best_dense = xcalloc((size_t)d->nc * d->nd, sizeof(double));
		f->best_gram = xcalloc(1, fit_gram_bytes(f));
		best_keep(f, f->best_error);
	}
	return f;
}

void
fit_free(struct fit *f)
{
	if (f == NULL)
		return;
	heads_free(f->h);
	choice_free(&f->choice);
	free(f->bucket);
	free(f->train);
	free(f->inner);
	free(f->order);
	free(f->norm);
	free(f->alpha);
	free(f->said);
	free(f->calm);
	free(f->rest);
	free(f->first);
	free(f->best_dense);
	free(f->best_gram);
	free(f->train_mae);
	free(f->eval_mae);
	free(f);
}

/* The same for the same seed and epoch, whatever happened before. */
static void
shuffle(struct fit *f)
{
	struct rng rng;
	size_t i, j, swap;

	rng_init(&rng, f->job->seed, (uint64_t)f->epoch);
	for (i = 0; i < f->ntrain; i++)
		f->order[i] = i;
	for (i = f->ntrain; i > 1; i--) {
		j = (size_t)rng_below(&rng, i);
		swap = f->order[i - 1];
		f->order[i - 1] = f->order[j];
		f->order[j] = swap;
	}
}

void
fit_epoch(struct fit *f)
{
	double error;

	shuffle(f);
	heads_settle(f->h, f->rate);
	f->train_mae[f->epoch] = walk(f, f->rate);
	f->epoch++;
	if (!isnan(f->best_error)) {
		error = inner_error(f);
		f->eval_mae[f->epoch - 1] = error;
		if (error < f->best_error)
			best_keep(f, error);
		if (error < f->mark_error - FIT_GAIN) {
			f->mark_error = error;
			f->mark_epoch = f->epoch;
		}
		if (f->epoch - f->mark_epoch >= FIT_PATIENCE)
			f->done = 1;
	}
	if (f->epoch >= f->job->max_epochs)
		f->done = 1;
}
