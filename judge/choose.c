/* SPDX-License-Identifier: BSD-2-Clause */
/* Cross-validation of sources, and the choice. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/choose.h"
#include "judge/fit.h"
#include "judge/metric.h"
#include "judge/pairs.h"
#include "judge/prior.h"
#include "judge/ridge.h"
#include "util/arena.h"

/* Heads with fewer labels keep their line unless much speaks for more. */
#define ENOUGH		80
#define ENOUGH_EACH	15	/* for each score that is weighed */
#define GAIN_ENOUGH	0.25	/* standard errors that more must gain ... */
#define GAIN_FEW	3.0	/* ... and with few labels */
/* Chance in a rank correlation: so much over the root of the labels. */
#define RANK_CHANCE	0.3
#define RANK_FEW	1.5
/* Rows looked at; beyond, every second, third ... is as good. */
#define CHOOSE_ROWS	20000
#define PRIOR_CONSTANT	0.5

static const double lambdas[CHOOSE_LAMBDAS] = {
	512, 128, 64, 32, 16, 8, 4, 1
};

struct chooser {
	struct fit		*f;
	struct choice		*c;
	size_t			 rows;
	size_t			 stride;
	uint8_t			*fold;		/* [rows] */
	double			*said[CHOOSE_MAX]; /* see said_at */
	struct ridge_sums	*sums[JUDGE_MAX_CRITERIA]; /* [FOLDS + 1] */
	struct ridge_sums	*left[JUDGE_MAX_CRITERIA];
	uint8_t			 tried[JUDGE_MAX_CRITERIA];
	uint8_t			 joint[JUDGE_MAX_CRITERIA];
	/* Ranks of the labels of each fold, once they were asked for. */
	const double		*rank[JUDGE_MAX_CRITERIA][RIDGE_FOLDS];
	double			*work;
	struct arena		*arena;		/* for one metric */
	struct arena		*kept;
};

const char *
source_word(enum source s)
{
	static const char *const words[] = { "own", "scores", "pairs" };

	return words[s];
}

static double
clamp(double x)
{
	return x < 0 ? 0 : x > 100 ? 100 : x;
}

static int
used(const struct chooser *k, size_t row, int c)
{
	const struct data *d = k->f->d;

	return row % k->stride == 0 && d->weight[fit_row_at(k->f, row) *
	    d->nl + (size_t)c] > 0;
}

/* Only rows that are looked at have a place. */
static size_t
said_at(const struct chooser *k, size_t row, int c)
{
	return row / k->stride * (size_t)k->f->d->nc + (size_t)c;
}

/* Sums of one criterion over each fold and over all of them. */
static void
sums_take(struct chooser *k, int c)
{
	const struct data *d = k->f->d;
	struct ridge_sums *s;
	size_t row, i;
	double w;
	int f;

	s = k->sums[c] = xcalloc(RIDGE_FOLDS + 1, sizeof(*s));
	for (f = 0; f <= RIDGE_FOLDS; f++)
		ridge_init(&s[f], d->nd);
	k->left[c] = xcalloc(1, sizeof(*s));
	ridge_init(k->left[c], d->nd);
	for (row = 0; row < k->rows; row++) {
		if (!used(k, row, c))
			continue;
		i = fit_row_at(k->f, row);
		w = d->weight[i * d->nl + (size_t)c];
		ridge_add(&s[k->fold[row]], d->dense + i * d->nd, d->nd,
		    d->base[i * (size_t)d->nc + (size_t)c], d->y[i * d->nl +
		    (size_t)c], w);
	}
	for (f = 0; f < RIDGE_FOLDS; f++)
		ridge_sum(&s[RIDGE_FOLDS], &s[f], d->nd);
}

static void
sums_free(struct chooser *k, int c)
{
	int f;

	for (f = 0; k->sums[c] != NULL && f <= RIDGE_FOLDS; f++)
		ridge_free(&k->sums[c][f]);
	if (k->left[c] != NULL)
		ridge_free(k->left[c]);
	free(k->sums[c]);
	free(k->left[c]);
}

/* The slope of all tried criteria without one fold, or of all folds. */
static double
pooled_slope(struct chooser *k, int fold)
{
	const struct ridge_sums *s[JUDGE_MAX_CRITERIA];
	size_t n = 0;
	int c;

	for (c = 0; c < k->f->d->nc; c++) {
		if (!k->tried[c])
			continue;
		if (fold < RIDGE_FOLDS) {
			ridge_without(k->left[c], &k->sums[c][RIDGE_FOLDS],
			    &k->sums[c][fold], k->f->d->nd);
			s[n++] = k->left[c];
		} else
			s[n++] = &k->sums[c][RIDGE_FOLDS];
	}
	return ridge_slope_pooled(s, n);
}

static double
dot(const double *w, const double *x, size_t n)
{
	double sum = 0;
	size_t j;

	for (j = 0; j < n; j++)
		sum += w[j] * x[j];
	return sum;
}

/* Try t says line + w x of criterion c's rows in the fold. */
static void
fold_say(struct chooser *k, int c, int fold, size_t t, struct ridge_line l,
    const double *w)
{
	const struct data *d = k->f->d;
	size_t row, i, nc = (size_t)d->nc;

	for (row = 0; row < k->rows; row++) {
		if (k->fold[row] != fold || !used(k, row, c))
			continue;
		i = fit_row_at(k->f, row);
		k->said[t][said_at(k, row, c)] = l.a + l.slope *
		    d->base[i * nc + (size_t)c] + (w == NULL ? 0 :
		    dot(w, d->dense + i * d->nd, d->nd));
	}
}

static void
fold_try(struct chooser *k, int fold)
{
	double *w = xcalloc(k->f->d->nd, sizeof(*w)), slope;
	struct ridge_line l;
	size_t t;
	int c;

	slope = pooled_slope(k, fold);
	for (c = 0; c < k->f->d->nc; c++) {
		if (!k->tried[c] || k->left[c]->w <= 0)
			continue;
		l = ridge_own(k->left[c], slope);
		fold_say(k, c, fold, 0, l, NULL);
		for (t = 1; t <= CHOOSE_LAMBDAS; t++) {
			ridge_solve(k->left[c], k->f->d->nd, l,
			    PRIOR_CONSTANT, lambdas[t - 1], k->work, w);
			fold_say(k, c, fold, t, l, w);
		}
	}
	free(w);
}

/* The rows of criterion c outside (or, with RIDGE_FOLDS, of) all folds. */
static size_t
pair_rows(const struct chooser *k, int c, int fold, struct pair_row *out)
{
	const struct data *d = k->f->d;
	size_t row, i, n = 0;

	for (row = 0; row < k->rows; row++) {
		if (!used(k, row, c) || k->fold[row] % PAIRS_FOLDS == fold)
			continue;
		i = fit_row_at(k->f, row);
		out[n++] = (struct pair_row){ d->dense + i * d->nd,
		    d->y[i * d->nl + (size_t)c], d->weight[i * d->nl +
		    (size_t)c] };
	}
	return n;
}

static void
pairs_try(struct chooser *k, size_t t)
{
	struct pair_row *r = xcalloc(k->rows, sizeof(*r));
	double *w = xcalloc(k->f->d->nd, sizeof(*w));
	struct ridge_line l = { 0, 0 };
	int c, fold, g;
	size_t n;

	for (c = 0; c < k->f->d->nc; c++)
		for (fold = 0; k->tried[c] && fold < PAIRS_FOLDS; fold++) {
			n = pair_rows(k, c, fold, r);
			if (n == 0)
				continue;
			pairs_fit(r, n, k->f->d->nd, k->f->job->seed, w);
			for (g = fold; g < RIDGE_FOLDS; g += PAIRS_FOLDS)
				fold_say(k, c, g, t, l, w);
		}
	free(w);
	free(r);
}

/*
 * Labels and what try t says of them, for one criterion, in one fold or
 * (RIDGE_FOLDS) in all.
 */
static size_t
column(const struct chooser *k, int c, size_t t, int fold, double *y,
    double *p)
{
	const struct data *d = k->f->d;
	size_t row, n = 0;

	for (row = 0; row < k->rows; row++) {
		if (!used(k, row, c) ||
		    (fold < RIDGE_FOLDS && k->fold[row] != fold) ||
		    isnan(k->said[t][said_at(k, row, c)]))
			continue;
		y[n] = d->y[fit_row_at(k->f, row) * d->nl + (size_t)c];
		p[n++] = clamp(k->said[t][said_at(k, row, c)]);
	}
	return n;
}

/*
 * Rank correlation within folds.  Across them each fold's own constant would
 * count, which is too low where the labels left out are high.  A try says
 * something of all labels of a fold or of none: their ranks are the same.
 */
static double
rank(struct chooser *k, int c, size_t t, double *y, double *p)
{
	struct metric_labels l = { .y = y };
	double sum = 0, all = 0, r;
	int fold;

	for (fold = 0; fold < RIDGE_FOLDS; fold++) {
		l.n = column(k, c, t, fold, y, p);
		if (l.n > 0 && k->rank[c][fold] == NULL)
			k->rank[c][fold] = metric_labels(k->kept, y,
			    l.n).rank;
		l.rank = k->rank[c][fold];
		r = metric_spearman(k->arena, &l, p);
		arena_reset(k->arena);
		if (isnan(r))
			continue;
		sum += r * (double)l.n;
		all += (double)l.n;
	}
	return all > 0 ? sum / all : 0;
}

/* Means over the given criteria. */
static void
measure(struct chooser *k, const uint8_t *which, size_t t,
    struct source_try *out)
{
	double *y = xcalloc(k->rows, sizeof(*y));
	double *p = xcalloc(k->rows, sizeof(*p)), heads = 0;
	struct metric_labels l = { .y = y };
	struct metric m;
	int c;

	out->mae = out->rmse = out->spearman = out->kappa = 0;
	for (c = 0; c < k->f->d->nc; c++) {
		if (!which[c] || (l.n = column(k, c, t, RIDGE_FOLDS, y,
		    p)) == 0)
			continue;
		metric_compute(k->arena, &l, p, &m);
		arena_reset(k->arena);
		out->mae += m.mae;
		out->rmse += m.rmse;
		out->kappa += isnan(m.kappa) ? 0 : m.kappa;
		out->spearman += rank(k, c, t, y, p);
		heads++;
	}
	if (heads > 0) {
		out->mae /= heads;
		out->rmse /= heads;
		out->spearman /= heads;
		out->kappa /= heads;
	}
	free(p);
	free(y);
}

/*
 * How many standard errors try b has less squared error than try a, by row:
 * labels of one row err together.
 */
static double
gain(const struct chooser *k, const uint8_t *which, size_t a, size_t b)
{
	const struct data *d = k->f->d;
	double sum = 0, sq = 0, diff, y, ea, eb, n = 0;
	size_t row, at;
	int c, any;

	for (row = 0; row < k->rows; row++) {
		diff = 0;
		any = 0;
		for (c = 0; c < d->nc; c++) {
			at = said_at(k, row, c);
			if (!which[c] || !used(k, row, c) ||
			    isnan(k->said[a][at]) || isnan(k->said[b][at]))
				continue;
			y = d->y[fit_row_at(k->f, row) * d->nl + (size_t)c];
			ea = clamp(k->said[a][at]) - y;
			eb = clamp(k->said[b][at]) - y;
			diff += ea * ea - eb * eb;
			any = 1;
		}
		sum += diff;
		sq += diff * diff;
		n += any;
	}
	if (n < 2)
		return 0;
	sq = sqrt(fmax(sq / n - sum / n * (sum / n), 0) / n);
	return sq > 0 ? sum / n / sq : 0;
}

/* Mean weight of labels over the given criteria: what ranks rest on. */
static double
labels(const struct chooser *k, const uint8_t *which)
{
	double sum = 0, n = 0;
	int c;

	for (c = 0; c < k->f->d->nc; c++)
		if (which[c]) {
			sum += k->sums[c][RIDGE_FOLDS].w;
			n++;
		}
	return n > 0 ? sum / n : 0;
}

/* The best try for the given criteria. */
static int
pick(struct chooser *k, const uint8_t *which, const struct source_try *m,
    double least)
{
	double chance = (least == GAIN_FEW ? RANK_FEW : RANK_CHANCE) /
	    sqrt(fmax(labels(k, which), 1));
	int by_rank = k->f->job->optimize == OPTIMIZE_SPEARMAN, t, best = 0;

	for (t = 1; t <= CHOOSE_LAMBDAS; t++) {
		if (m[t].spearman < m[0].spearman + chance)
			continue;
		if (by_rank && best > 0 ? m[t].spearman > m[best].spearman :
		    gain(k, which, (size_t)best, (size_t)t) >
		    (best > 0 ? GAIN_ENOUGH : least))
			best = t;
	}
	if (by_rank && m[t].spearman > m[best].spearman + chance)
		best = t;
	return best;
}

static void
pick_all(struct chooser *k)
{
	struct choice *ch = k->c;
	struct source_try own[CHOOSE_MAX];
	uint8_t one[JUDGE_MAX_CRITERIA];
	double enough = fmax(ENOUGH, ENOUGH_EACH * k->f->d->nc);
	int c, t;

	for (c = 0; c < k->f->d->nc; c++)
		k->joint[c] = k->tried[c] &&
		    k->sums[c][RIDGE_FOLDS].w >= enough;
	for (c = 0; c < k->f->d->nc; c++)
		ch->njoint += k->joint[c];
	/* With none of its own, all are shown. */
	for (t = 0; t < ch->n; t++)
		measure(k, ch->njoint > 0 ? k->joint : k->tried, (size_t)t,
		    &ch->try[t]);
	ch->joint = ch->njoint > 0 ? pick(k, k->joint, ch->try, GAIN_ENOUGH) :
	    pick(k, k->tried, ch->try, GAIN_FEW);
	for (c = 0; c < k->f->d->nc; c++) {
		ch->of[c] = -1;
		if (!k->tried[c])
			continue;
		ch->of[c] = (int8_t)ch->joint;
		if (k->joint[c] || ch->njoint == 0)
			continue;
		memset(one, 0, sizeof(one));
		one[c] = 1;
		for (t = 0; t < ch->n; t++) {
			own[t] = ch->try[t];
			measure(k, one, (size_t)t, &own[t]);
		}
		ch->of[c] = (int8_t)pick(k, one, own, GAIN_FEW);
	}
}

/* Draws head c to a line on the base, which is itself a feature. */
static void
draw_line(struct fit *f, int c, struct ridge_line l)
{
	const struct data *d = f->d;
	double *w = f->h->start + (size_t)c * f->h->nd, missing = 0;
	size_t row, i, n = 0;

	for (row = 0; row < f->ntrain + f->ninner; row++) {
		i = fit_row_at(f, row);
		if (d->dense[i * d->nd + feature_missing_at(d->nc, c)] > 0 &&
		    d->weight[i * d->nl + (size_t)c] > 0) {
			missing += d->base[i * (size_t)d->nc + (size_t)c] -
			    50;
			n++;
		}
	}
	memset(w, 0, f->h->nd * sizeof(*w));
	w[0] = l.a + (l.slope - 1) * 50;
	w[feature_raw_at(c)] = (l.slope - 1) * 50;
	w[feature_missing_at(d->nc, c)] = n > 0 ? (l.slope - 1) * missing /
	    (double)n : 0;
}

/* To a direction: it is all that the head says, base is taken off again. */
static void
draw_pairs(struct chooser *k, int c, double *w)
{
	struct pair_row *r = xcalloc(k->rows, sizeof(*r));
	size_t n = pair_rows(k, c, RIDGE_FOLDS, r), j;

	pairs_fit(r, n, k->f->d->nd, k->f->job->seed, k->work);
	draw_line(k->f, c, (struct ridge_line){ 0, 0 });
	for (j = 0; j < k->f->d->nd; j++)
		w[j] += k->work[j];
	free(r);
}

static void
draw(struct chooser *k)
{
	double slope = pooled_slope(k, RIDGE_FOLDS), prior;
	struct heads *h = k->f->h;
	struct ridge_line l;
	enum source source;
	size_t j;
	int c, t;

	for (c = 0; c < h->nc; c++) {
		if (!k->tried[c])
			continue;
		t = k->c->of[c];
		source = k->c->try[t].source;
		l = ridge_own(&k->sums[c][RIDGE_FOLDS], slope);
		k->c->slope[c] = l.slope;
		if (source == SOURCE_PAIRS)
			draw_pairs(k, c, h->start + (size_t)c * h->nd);
		else
			draw_line(k->f, c, l);
		prior = source == SOURCE_SCORES ? k->c->try[t].lambda :
		    HEAD_LOCKED;
		for (j = 1; j < h->nd; j++)
			h->prior[(size_t)c * h->nd + j] = prior;
	}
}

static void
oof_keep(struct chooser *k)
{
	size_t nc = (size_t)k->f->d->nc, row;
	int c;

	k->c->oof = xcalloc(k->rows, nc * sizeof(double));
	for (row = 0; row < k->rows; row++)
		for (c = 0; c < k->f->d->nc; c++)
			k->c->oof[row * nc + (size_t)c] = k->tried[c] &&
			    row % k->stride == 0 ? k->said[k->c->of[c]][
			    said_at(k, row, c)] : NAN;
}

static void
tries_list(struct choice *c, int pairs)
{
	int t;

	c->try[c->n++].source = SOURCE_OWN;
	for (t = 0; t < CHOOSE_LAMBDAS; t++) {
		c->try[c->n].source = SOURCE_SCORES;
		c->try[c->n++].lambda = lambdas[t];
	}
	if (pairs)
		c->try[c->n++].source = SOURCE_PAIRS;
}

void
choose(struct fit *f, struct choice *out)
{
	struct chooser k = { .f = f, .c = out };
	const struct data *d = f->d;
	size_t row, i, cells;
	int c, fold, t, any = 0;

	memset(out, 0, sizeof(*out));
	memset(out->of, -1, sizeof(out->of));
	k.rows = f->ntrain + f->ninner;
	k.stride = k.rows / CHOOSE_ROWS + 1;
	for (c = 0; c < d->nc; c++) {
		for (row = 0; f->h->learns[c] && row < k.rows; row++)
			k.tried[c] |= used(&k, row, c);
		any |= k.tried[c];
	}
	if (!any)
		return;
	tries_list(out, f->job->optimize == OPTIMIZE_SPEARMAN);
	k.fold = xcalloc(k.rows, 1);
	for (row = 0; row < k.rows; row++) {
		i = fit_row_at(f, row);
		k.fold[row] = fold_of(d->ex[i].u);
	}
	cells = (k.rows / k.stride + 1) * (size_t)d->nc;
	for (t = 0; t < out->n; t++) {
		k.said[t] = xcalloc(cells, sizeof(double));
		for (i = 0; i < cells; i++)
			k.said[t][i] = NAN;
	}
	k.work = xcalloc(d->nd * d->nd, sizeof(double));
	k.arena = arena_new((size_t)1 << 16);
	k.kept = arena_new((size_t)1 << 16);
	for (c = 0; c < d->nc; c++)
		if (k.tried[c])
			sums_take(&k, c);
	for (fold = 0; fold < RIDGE_FOLDS; fold++)
		fold_try(&k, fold);
	if (out->try[out->n - 1].source == SOURCE_PAIRS)
		pairs_try(&k, (size_t)out->n - 1);
	pick_all(&k);
	draw(&k);
	/* Texts will have to prove themselves against it. */
	if (f->h->nb > 0)
		oof_keep(&k);
	for (c = 0; c < d->nc; c++)
		sums_free(&k, c);
	for (t = 0; t < out->n; t++)
		free(k.said[t]);
	arena_free(k.kept);
	arena_free(k.arena);
	free(k.work);
	free(k.fold);
}

void
choice_free(struct choice *c)
{
	free(c->oof);
	c->oof = NULL;
}
