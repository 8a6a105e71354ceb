/* SPDX-License-Identifier: BSD-2-Clause */
/* Predictions of all columns on what was held out, and how good they are. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/bias.h"
#include "judge/metric.h"
#include "judge/model_int.h"
#include "judge/results.h"
#include "util/arena.h"
#include "util/jw.h"

enum column { COL_TRAINED, COL_ACTIVE, COL_RAW, COL_BIAS, COL__MAX };

static const char *const column_names[] = {
	"trained", "active", "raw", "bias"
};

/* One head's labels and what each column says of the same evaluations. */
struct block {
	size_t		 n;
	double		*label;
	double		*pred[COL__MAX];
	double		*plain;		/* raw, not clamped: for bias */
	struct metric	 metric[COL__MAX];
	struct metric_pairs pairs;
};

/* What the pooled numbers are made of. */
struct pool {
	double	error[COL__MAX];
	size_t	labels;
	double	good[COL__MAX];
	size_t	pairs;
};

struct results {
	struct jw		*w;
	const struct job	*job;
	const struct data	*d;
	struct arena		*arena;
	size_t			 held;
	int			 first;		/* column */
	double			*pred[COL__MAX]; /* [n][nl] */
	double			*plain;		/* [n][nl] */
	double			 constant[JUDGE_MAX_CRITERIA + 1];
};

static double
clamp(double x)
{
	return x < 0 ? 0 : x > 100 ? 100 : x;
}

size_t
results_holdout(const struct data *d)
{
	size_t i, n = 0;

	for (i = 0; i < d->n; i++)
		n += d->ex[i].part == PART_HELD;
	return n;
}

/*
 * Fills the columns for every held-out evaluation.  The bias column is left
 * to block_bias, which knows which labels there are.
 */
static void
predict(struct results *r, const struct judge_model *trained)
{
	const struct data *d = r->d;
	const double *weight = r->job->base.criteria.weight, *base;
	struct feature_text text;
	const struct example *e;
	double *t, *raw;
	size_t i;
	int c;

	for (i = 0; i < d->n; i++) {
		e = &d->ex[i];
		if (e->part != PART_HELD)
			continue;
		base = d->base + i * (size_t)d->nc;
		raw = r->plain + i * d->nl;
		memcpy(raw, base, (size_t)d->nc * sizeof(*raw));
		raw[d->nc] = judge_overall(weight, base, d->nc);
		if (trained == NULL)
			continue;
		text = data_text(d, i);
		t = r->pred[COL_TRAINED] + i * d->nl;
		model_heads(trained, d->dense + i * d->nd,
		    e->has_text ? &text : NULL, t);
		for (c = 0; c < d->nc; c++)
			t[c] = clamp(base[c] + t[c]);
		t[d->nc] = judge_overall(weight, t, d->nc);
	}
}

/* `rated`: of the overall score, only what people rated as such. */
static int
label_of(const struct results *r, size_t i, int c, int rated, double *y)
{
	const struct data *d = r->d;

	if (c == d->nc && !rated)
		return overall_label(d, i, r->job->base.criteria.weight, y);
	*y = d->y[i * d->nl + (size_t)c];
	return d->weight[i * d->nl + (size_t)c] > 0;
}

/* In a validation, each label is predicted from the others. */
static void
block_bias(const struct results *r, struct block *b, int c)
{
	double sum = 0, shift = r->constant[c];
	size_t i;

	for (i = 0; i < b->n; i++)
		sum += b->label[i] - b->plain[i];
	for (i = 0; i < b->n; i++) {
		if (r->first == COL_ACTIVE)
			shift = b->n == 1 ? 0 : (sum - (b->label[i] -
			    b->plain[i])) / (double)(b->n - 1);
		b->pred[COL_BIAS][i] = clamp(b->plain[i] + shift);
	}
}

static void
block_fill(struct results *r, int c, int rated, struct block *b)
{
	const struct data *d = r->d;
	size_t i;
	double y;
	int col;

	memset(b, 0, sizeof(*b));
	b->label = arena_alloc(r->arena, (r->held + 1) * sizeof(double));
	b->plain = arena_alloc(r->arena, (r->held + 1) * sizeof(double));
	for (col = 0; col < COL__MAX; col++)
		b->pred[col] = arena_alloc(r->arena, (r->held + 1) *
		    sizeof(double));
	for (i = 0; i < d->n; i++) {
		if (d->ex[i].part != PART_HELD ||
		    !label_of(r, i, c, rated, &y))
			continue;
		b->label[b->n] = y;
		b->plain[b->n] = r->plain[i * d->nl + (size_t)c];
		b->pred[COL_RAW][b->n] = b->plain[b->n];
		b->pred[COL_ACTIVE][b->n] = d->active[i * d->nl + (size_t)c];
		if (r->first == COL_TRAINED)
			b->pred[COL_TRAINED][b->n] =
			    r->pred[COL_TRAINED][i * d->nl + (size_t)c];
		b->n++;
	}
	block_bias(r, b, c);
	b->pairs = metric_pairs_draw(r->arena, b->label, b->n,
	    (uint64_t)r->job->seed << 8 | (uint64_t)c);
	for (col = r->first; col < COL__MAX; col++)
		metric_compute(r->arena, b->label, b->pred[col], b->n,
		    &b->pairs, &b->metric[col]);
	/* Counts and metrics stay, the arrays behind them go. */
	b->label = b->plain = NULL;
	memset(b->pred, 0, sizeof(b->pred));
	b->pairs.pair = NULL;
	arena_reset(r->arena);
}

static void
pool_add(const struct results *r, struct pool *p, const struct block *b)
{
	int col;

	p->labels += b->n;
	p->pairs += b->pairs.n;
	for (col = r->first; col < COL__MAX; col++) {
		if (b->n > 0)
			p->error[col] += b->metric[col].mae * (double)b->n;
		if (b->pairs.n > 0)
			p->good[col] += b->metric[col].pairwise *
			    (double)b->pairs.n;
	}
}

static double
share(double sum, size_t n)
{
	return n > 0 ? sum / (double)n : NAN;
}

static void
write_block(const struct results *r, const char *key, const struct block *b)
{
	struct jw *w = r->w;
	int col;

	jw_kobj(w, key);
	jw_kint(w, "count", (int64_t)b->n);
	for (col = r->first; col < COL__MAX; col++) {
		jw_kobj(w, column_names[col]);
		jw_kround(w, "mae", b->metric[col].mae, 4);
		jw_kround(w, "rmse", b->metric[col].rmse, 4);
		jw_kround(w, "spearman", b->metric[col].spearman, 4);
		jw_kround(w, "quadratic_weighted_kappa",
		    b->metric[col].kappa, 4);
		jw_kround(w, "pairwise_accuracy", b->metric[col].pairwise, 4);
		jw_end(w);
	}
	jw_end(w);
}

static void
write_pool(const struct results *r, const struct pool *p,
    const struct consistency *k)
{
	struct jw *w = r->w;
	int col;

	jw_kint(w, "holdout_count", (int64_t)r->held);
	jw_kint(w, "label_count", (int64_t)p->labels);
	jw_kround(w, "accuracy_score", 1 - share(p->error[r->first],
	    p->labels) / 100, 4);
	jw_kround(w, "consistency_score", k->score, 4);
	jw_kint(w, "consistency_groups", (int64_t)k->groups);
	jw_kobj(w, "pooled_mae");
	for (col = r->first; col < COL__MAX; col++)
		jw_kround(w, column_names[col], share(p->error[col],
		    p->labels), 4);
	jw_end(w);
	jw_kobj(w, "pooled_pairwise_accuracy");
	for (col = r->first; col < COL__MAX; col++)
		jw_kround(w, column_names[col], share(p->good[col], p->pairs),
		    4);
	jw_end(w);
}

static size_t
seen_count(const struct results *r)
{
	const struct data *d = r->d;
	size_t i, n = 0;

	if (r->first == COL_ACTIVE)
		return d->left_out;
	for (i = 0; i < d->n; i++)
		n += d->ex[i].part == PART_HELD && d->ex[i].seen_active;
	return n;
}

void
results_write(struct jw *w, const struct job *job, const struct data *d,
    const struct judge_model *trained, const struct consistency *k)
{
	const struct criteria *cr = &job->base.criteria;
	struct block block[JUDGE_MAX_CRITERIA + 1], rated;
	struct pool pool;
	struct results r;
	int c;

	memset(&r, 0, sizeof(r));
	memset(&pool, 0, sizeof(pool));
	r.w = w;
	r.job = job;
	r.d = d;
	r.arena = arena_new((size_t)1 << 20);
	r.held = results_holdout(d);
	r.first = trained != NULL ? COL_TRAINED : COL_ACTIVE;
	r.pred[COL_TRAINED] = xcalloc(d->n, d->nl * sizeof(double));
	r.plain = xcalloc(d->n, d->nl * sizeof(double));
	bias_fit(d, cr->weight, r.constant);
	predict(&r, trained);
	for (c = 0; c <= d->nc; c++) {
		block_fill(&r, c, 0, &block[c]);
		if (c < d->nc)
			pool_add(&r, &pool, &block[c]);
	}
	/* Labels made from the criteria's must not count twice. */
	block_fill(&r, d->nc, 1, &rated);
	pool_add(&r, &pool, &rated);
	jw_obj(w);
	write_pool(&r, &pool, k);
	write_block(&r, "overall", &block[d->nc]);
	jw_kobj(w, "criteria");
	for (c = 0; c < d->nc; c++)
		if (job->type != TRAIN_VALIDATION || job->target[c])
			write_block(&r, cr->id[c], &block[c]);
	jw_end(w);
	jw_kint(w, "seen_count", (int64_t)seen_count(&r));
	jw_end(w);
	free(r.pred[COL_TRAINED]);
	free(r.plain);
	arena_free(r.arena);
}
