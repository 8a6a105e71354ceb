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

static const char *const column_names[] = {
	"trained", "active", "raw", "bias"
};

/* One head's labels and predictions side by side while they are compared. */
struct sheet {
	size_t		 n;
	size_t		*row;
	double		*label;
	double		*pred[COL__MAX];
	double		*plain;		/* raw, not clamped: for bias */
};

struct measuring {
	struct results	*r;
	struct arena	*arena;
	double		*plain;		/* [n][nl] */
	double		 constant[JUDGE_MAX_CRITERIA + 1];
};

const char *
column_word(enum column c)
{
	return column_names[c];
}

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
 * to sheet_bias, which knows which labels there are.
 */
static void
predict(struct measuring *m, const struct judge_model *trained)
{
	struct results *r = m->r;
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
		raw = m->plain + i * d->nl;
		memcpy(raw, base, (size_t)d->nc * sizeof(*raw));
		raw[d->nc] = judge_overall(weight, base, d->nc);
		if (trained == NULL)
			continue;
		text = data_text(d, i);
		t = r->pred[COL_TRAINED] + i * d->nl;
		model_heads(trained, d->dense + i * d->nd,
		    e->has_text ? &text : NULL, t);
		for (c = 0; c < d->nc; c++)
			t[c] = model_score(trained, c, base[c] + t[c]);
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
sheet_bias(const struct measuring *m, struct sheet *b, int c)
{
	double sum = 0, shift = m->constant[c];
	size_t i;

	for (i = 0; i < b->n; i++)
		sum += b->label[i] - b->plain[i];
	for (i = 0; i < b->n; i++) {
		if (m->r->first == COL_ACTIVE)
			shift = b->n == 1 ? 0 : (sum - (b->label[i] -
			    b->plain[i])) / (double)(b->n - 1);
		b->pred[COL_BIAS][i] = clamp(b->plain[i] + shift);
		m->r->pred[COL_BIAS][b->row[i] * m->r->d->nl + (size_t)c] =
		    b->pred[COL_BIAS][i];
	}
}

static void
sheet_fill(struct measuring *m, int c, int rated, struct sheet *b)
{
	const struct results *r = m->r;
	const struct data *d = r->d;
	size_t i, at;
	double y;
	int col;

	memset(b, 0, sizeof(*b));
	b->row = arena_alloc(m->arena, (r->held + 1) * sizeof(*b->row));
	b->label = arena_alloc(m->arena, (r->held + 1) * sizeof(double));
	b->plain = arena_alloc(m->arena, (r->held + 1) * sizeof(double));
	for (col = 0; col < COL__MAX; col++)
		b->pred[col] = arena_alloc(m->arena, (r->held + 1) *
		    sizeof(double));
	for (i = 0; i < d->n; i++) {
		if (d->ex[i].part != PART_HELD ||
		    !label_of(r, i, c, rated, &y))
			continue;
		at = i * d->nl + (size_t)c;
		b->row[b->n] = i;
		b->label[b->n] = y;
		b->plain[b->n] = m->plain[at];
		for (col = (int)r->first; col < COL_BIAS; col++)
			b->pred[col][b->n] = r->pred[col][at];
		b->n++;
	}
	sheet_bias(m, b, c);
}

static void
block_measure(struct measuring *m, int c, int rated, struct block *out)
{
	struct metric_labels labels;
	struct sheet b;
	int col;

	sheet_fill(m, c, rated, &b);
	labels = metric_labels(m->arena, b.label, b.n);
	metric_pairs_draw(m->arena, &labels, (uint64_t)m->r->job->seed << 8 |
	    (uint64_t)c);
	memset(out, 0, sizeof(*out));
	out->n = b.n;
	out->pairs = labels.npairs;
	for (col = (int)m->r->first; col < COL__MAX; col++)
		metric_compute(m->arena, &labels, b.pred[col],
		    &out->metric[col]);
	arena_reset(m->arena);
}

static void
pool_add(const struct results *r, struct pool *p, const struct block *b)
{
	int col;

	p->labels += b->n;
	p->pairs += b->pairs;
	for (col = (int)r->first; col < COL__MAX; col++) {
		if (b->n > 0)
			p->error[col] += b->metric[col].mae * (double)b->n;
		if (b->pairs > 0)
			p->good[col] += b->metric[col].pairwise *
			    (double)b->pairs;
	}
}

static double
share(double sum, size_t n)
{
	return n > 0 ? sum / (double)n : NAN;
}

static void
write_block(struct jw *w, const struct results *r, const char *key,
    const struct block *b)
{
	int col;

	jw_kobj(w, key);
	jw_kint(w, "count", (int64_t)b->n);
	for (col = (int)r->first; col < COL__MAX; col++) {
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

double
results_mae(const struct results *r, enum column c)
{
	return share(r->pool.error[c], r->pool.labels);
}

double
results_pairwise(const struct results *r, enum column c)
{
	return share(r->pool.good[c], r->pool.pairs);
}

static void
write_pool(struct jw *w, const struct results *r)
{
	int col;

	jw_kint(w, "holdout_count", (int64_t)r->held);
	jw_kint(w, "label_count", (int64_t)r->pool.labels);
	jw_kround(w, "accuracy_score", 1 - results_mae(r, r->first) / 100, 4);
	jw_kround(w, "consistency_score", r->consistency.score, 4);
	jw_kint(w, "consistency_groups", (int64_t)r->consistency.groups);
	jw_kobj(w, "pooled_mae");
	for (col = (int)r->first; col < COL__MAX; col++)
		jw_kround(w, column_names[col], results_mae(r,
		    (enum column)col), 4);
	jw_end(w);
	jw_kobj(w, "pooled_pairwise_accuracy");
	for (col = (int)r->first; col < COL__MAX; col++)
		jw_kround(w, column_names[col], results_pairwise(r,
		    (enum column)col), 4);
	jw_end(w);
}

size_t
results_seen(const struct results *r)
{
	const struct data *d = r->d;
	size_t i, n = 0;

	if (r->first == COL_ACTIVE)
		return d->left_out;
	for (i = 0; i < d->n; i++)
		n += d->ex[i].part == PART_HELD && d->ex[i].seen_active;
	return n;
}

struct results *
results_new(const struct job *job, const struct data *d,
    const struct judge_model *trained, const struct consistency *k)
{
	struct results *r = xcalloc(1, sizeof(*r));
	struct measuring m = { .r = r };
	int c;

	r->job = job;
	r->d = d;
	r->consistency = *k;
	r->held = results_holdout(d);
	r->first = trained != NULL ? COL_TRAINED : COL_ACTIVE;
	r->pred[COL_TRAINED] = xcalloc(d->n, d->nl * sizeof(double));
	r->pred[COL_BIAS] = xcalloc(d->n, d->nl * sizeof(double));
	r->pred[COL_RAW] = xcalloc(d->n, d->nl * sizeof(double));
	r->pred[COL_ACTIVE] = d->active;
	m.arena = arena_new((size_t)1 << 20);
	m.plain = r->pred[COL_RAW];
	bias_fit(d, job->base.criteria.weight, m.constant);
	predict(&m, trained);
	/* Labels made from the criteria's must not count twice. */
	block_measure(&m, d->nc, 1, &r->rated);
	for (c = 0; c <= d->nc; c++) {
		block_measure(&m, c, 0, &r->block[c]);
		if (c < d->nc)
			pool_add(r, &r->pool, &r->block[c]);
	}
	pool_add(r, &r->pool, &r->rated);
	arena_free(m.arena);
	return r;
}

void
results_free(struct results *r)
{
	if (r == NULL)
		return;
	free(r->pred[COL_TRAINED]);
	free(r->pred[COL_BIAS]);
	free(r->pred[COL_RAW]);
	free(r);
}

void
results_write(struct jw *w, const struct results *r)
{
	const struct criteria *cr = &r->job->base.criteria;
	int c;

	jw_obj(w);
	write_pool(w, r);
	write_block(w, r, "overall", &r->block[cr->n]);
	jw_kobj(w, "criteria");
	for (c = 0; c < cr->n; c++)
		if (r->job->type != TRAIN_VALIDATION || r->job->target[c])
			write_block(w, r, cr->id[c], &r->block[c]);
	jw_end(w);
	jw_kint(w, "seen_count", (int64_t)results_seen(r));
	jw_end(w);
}
