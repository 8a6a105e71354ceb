/* SPDX-License-Identifier: BSD-2-Clause */
/* From weights that have settled to a model that can be deployed. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/fit.h"
#include "judge/ridge.h"
#include "judge/spread.h"

#define LEVER_MOST	0.9	/* of a label on its own prediction */
#define LEVER_ROWS	20000	/* among more, one pulls nothing */

/* What one head says of the labelled rows of the training part. */
struct sample {
	double	*fit;		/* not clamped */
	double	*base;
	double	*label;
	size_t	 n;
};

static double
clamp(double x)
{
	return x < 0 ? 0 : x > 100 ? 100 : x;
}

static struct sample
sample_new(const struct fit *f)
{
	struct sample s = { NULL, NULL, NULL, 0 };

	s.fit = xcalloc(f->ntrain + f->ninner, sizeof(double));
	s.base = xcalloc(f->ntrain + f->ninner, sizeof(double));
	s.label = xcalloc(f->ntrain + f->ninner, sizeof(double));
	return s;
}

static void
sample_free(struct sample *s)
{
	free(s->fit);
	free(s->base);
	free(s->label);
}

/*
 * Fills the sample of label c (the overall score: c = criteria) from all rows
 * that are not held out; `said` holds base + head of each, per criterion.
 */
static void
sample_take(const struct fit *f, int c, const double *said,
    const struct score_map *map, struct sample *s)
{
	const struct data *d = f->d;
	size_t nc = (size_t)d->nc, k, i;
	int h;

	s->n = 0;
	for (k = 0; k < f->ntrain + f->ninner; k++, said += nc) {
		i = fit_row_at(f, k);
		if (d->weight[i * d->nl + (size_t)c] == 0)
			continue;
		s->label[s->n] = data_said(d, i)[c];
		if (c < d->nc) {
			s->fit[s->n] = score_map_apply(&map[c], said[c]);
			s->base[s->n] = d->base[i * nc + (size_t)c];
		} else
			for (s->fit[s->n] = s->base[s->n] = 0, h = 0;
			    h < d->nc; h++) {
				s->fit[s->n] += f->h->share[h] *
				    clamp(score_map_apply(&map[h], said[h]));
				s->base[s->n] += f->h->share[h] *
				    clamp(d->base[i * nc + (size_t)h] +
				    f->bias[h]);
			}
		s->n++;
	}
}

double *
fit_say_all(const struct fit *f)
{
	const struct data *d = f->d;
	size_t nc = (size_t)d->nc, k, i, c, n = f->ntrain + f->ninner;
	double *said = xcalloc(n * nc, sizeof(*said));
	struct row r;

	for (k = 0; k < n; k++) {
		i = fit_row_at(f, k);
		r = fit_row(f, i);
		heads_dot(f->h, &r, said + k * nc);
		for (c = 0; c < nc; c++)
			said[k * nc + c] += d->base[i * nc + c];
	}
	return said;
}

static void
grams_scale(struct heads *h, int c, double scale)
{
	size_t i;
	float *w;

	if (scale == 1)
		return;
	for (i = 0; i < h->nb; i++) {
		w = heads_cell(h->gram, h, i, c);
		*w = (float)((double)*w * scale);
	}
}

/*
 * What head c would say of row k had it not learned from it, as far as dense
 * features go: exact where the fit has settled.
 */
static double
honest(const struct fit *f, size_t k, int c, double said, double *room)
{
	const struct data *d = f->d;
	size_t i = fit_row_at(f, k);
	double y = d->y[i * d->nl + (size_t)c], lever;

	if ((k >= f->ntrain && !f->rerun) || f->ntrain > LEVER_ROWS)
		return said;
	lever = d->weight[i * d->nl + (size_t)c] * heads_leverage(f->h,
	    d->dense + i * d->nd, c, room);
	return y - (y - said) / (1 - fmin(lever, LEVER_MOST));
}

/* Whether so many labels of head c are watched that they can be relied on. */
static int
watched_enough(const struct fit *f, int c)
{
	const struct data *d = f->d;
	size_t k, n = 0;

	for (k = 0; k < f->ninner; k++)
		n += d->weight[f->inner[k] * d->nl + (size_t)c] > 0;
	return n >= FORM_LEAST;
}

static void
form_head_free(struct form_head *h)
{
	free(h->z);
	free(h->y);
	free(h->w);
	free(h->fold);
	free(h->row);
}

/* The labelled rows of head c; none when it does not learn. */
static struct form_head
form_head_take(const struct fit *f, int c, const double *said)
{
	const struct data *d = f->d;
	size_t n = f->ntrain + f->ninner, nc = (size_t)d->nc, k, i;
	double *room = xcalloc(d->nd, sizeof(*room));
	struct form_head h = { 0 };
	/* How much a text agrees with itself is not known: see others. */
	int watched = f->h->nb > 0 && watched_enough(f, c);

	h.z = xcalloc(n, sizeof(*h.z));
	h.y = xcalloc(n, sizeof(*h.y));
	h.w = xcalloc(n, sizeof(*h.w));
	h.fold = xcalloc(n, 1);
	h.row = xcalloc(n, sizeof(*h.row));
	h.fitted = f->h->nb > 0 && !watched;
	h.left_out = f->h->nb == 0;
	for (k = watched ? f->ntrain : 0; k < n && f->h->learns[c] &&
	    f->h->curve != NULL; k++) {
		i = fit_row_at(f, k);
		if (d->weight[i * d->nl + (size_t)c] == 0)
			continue;
		h.z[h.n] = honest(f, k, c, said[k * nc + (size_t)c], room);
		h.y[h.n] = d->y[i * d->nl + (size_t)c];
		h.w[h.n] = d->weight[i * d->nl + (size_t)c];
		h.fold[h.n] = fold_of(d->ex[i].u);
		h.row[h.n++] = k;
	}
	free(room);
	return h;
}

/* Head c becomes line(head); what was known of lines before is mixed in. */
static void
head_line(struct fit *f, int c, const struct form_head *h,
    struct calib_line line, struct spread *spread)
{
	double *w = f->h->dense + (size_t)c * f->h->nd, pivot = 0, all = 0;
	const struct data *d = f->d;
	double missing = 0;
	size_t k, i, n = 0;

	for (k = 0; k < h->n; k++) {
		i = fit_row_at(f, h->row[k]);
		pivot += h->w[k] * h->z[k];
		all += h->w[k];
		if (d->dense[i * d->nd + feature_missing_at(d->nc, c)] > 0) {
			missing += d->base[i * (size_t)d->nc + (size_t)c] -
			    50;
			n++;
		}
	}
	spread_line(spread, line, pivot / all, h->n, n > 0 ? missing /
	    (double)n : 0);
	grams_scale(f->h, c, spread_apply(spread, f->h->nc, c, w));
}

static void
heads_form(struct fit *f, struct head_state *state, struct score_map *map)
{
	struct form_head heads[JUDGE_MAX_CRITERIA];
	struct forms *forms = &f->forms;
	double *said = fit_say_all(f);
	int c, curved;

	for (c = 0; c < f->h->nc; c++)
		heads[c] = form_head_take(f, c, said);
	forms_choose(heads, f->h->nc, f->job->optimize, forms);
	for (c = 0; c < f->h->nc; c++) {
		curved = forms->of[c] >= FORM_STRAIGHT;
		if (curved) {
			map[c] = forms->map[c];
			spread_init(&state[c].spread);
		} else if (forms->of[c] > 0 || (forms->of[c] == 0 &&
		    state[c].spread.evidence > 0)) {
			memset(&map[c], 0, sizeof(map[c]));
			head_line(f, c, &heads[c], forms->line[c],
			    &state[c].spread);
		} else if (forms->of[c] == 0)
			memset(&map[c], 0, sizeof(map[c]));
		else if (f->h->learns[c])
			/* Too little to choose by: the form stays as it was. */
			grams_scale(f->h, c, spread_apply(&state[c].spread,
			    f->h->nc, c, f->h->dense + (size_t)c *
			    f->h->nd));
		form_head_free(&heads[c]);
	}
	free(said);
}

/*
 * Whether going the share t of the way from the control to the fit is no
 * worse than staying, in mean and in squared error.
 */
static int
no_worse(const struct sample *s, double shift, double t)
{
	double mine = 0, theirs = 0, mine_sq = 0, theirs_sq = 0, a, b;
	size_t i;

	for (i = 0; i < s->n; i++) {
		b = s->base[i] + shift;
		a = clamp(b + t * (s->fit[i] - b)) - s->label[i];
		b = clamp(b) - s->label[i];
		mine += fabs(a);
		theirs += fabs(b);
		mine_sq += a * a;
		theirs_sq += b * b;
	}
	return mine <= theirs && mine_sq <= theirs_sq;
}

static double
share_kept(const struct sample *s, double shift)
{
	double t;

	for (t = 1; t > 0.1; t /= 2)
		if (no_worse(s, shift, t))
			return t;
	return 0;
}

/* head = bias + t (head - bias): a narrowed head is like one without form. */
static void
head_pull_back(struct fit *f, int c, double t, struct spread *spread,
    struct score_map *map)
{
	double *w = f->h->dense + (size_t)c * f->h->nd;
	size_t j;

	if (t == 1)
		return;
	for (j = 0; j < f->h->nd; j++)
		w[j] *= t;
	w[0] += (1 - t) * f->bias[c];
	grams_scale(f->h, c, t);
	spread_init(spread);
	memset(map, 0, sizeof(*map));
}

/* A full training never fits its own training part worse than `bias`. */
static void
heads_guard(struct fit *f, struct head_state *state, struct score_map *map)
{
	double *said = fit_say_all(f), t;
	struct sample s = sample_new(f);
	int c, labelled = 0;

	for (c = 0; c < f->h->nc; c++) {
		sample_take(f, c, said, map, &s);
		if (s.n == 0 || !f->h->learns[c])
			continue;
		labelled = 1;
		head_pull_back(f, c, share_kept(&s, f->bias[c]),
		    &state[c].spread, &map[c]);
	}
	/* Ratings alone judge the heads together, by their overall score. */
	sample_take(f, f->h->nc, said, map, &s);
	if (!labelled && s.n > 0)
		for (t = share_kept(&s, 0), c = 0; c < f->h->nc; c++)
			head_pull_back(f, c, t, &state[c].spread,
			    &map[c]);
	sample_free(&s);
	free(said);
}

/* Adds what the training rows have told to what was known before. */
static void
evidence(const struct fit *f, struct judge_model *m)
{
	const struct data *d = f->d;
	double share, told[JUDGE_MAX_CRITERIA];
	head_vec *table = heads_table(f->h);
	const uint8_t *w;
	size_t t, i, j;
	struct row r;
	long at;
	int c;

	for (t = 0; t < f->ntrain; t++) {
		r = fit_row(f, f->train[t]);
		w = d->weight + f->train[t] * d->nl;
		for (c = 0; c < d->nc; c++) {
			share = f->h->share[c];
			told[c] = !f->h->learns[c] ? 0 :
			    w[c] + share * share * w[d->nc];
			m->state[c].labels += f->h->learns[c] ? w[c] : 0;
			for (j = 0; j < d->nd; j++)
				m->dense_seen[(size_t)c * d->nd + j] +=
				    told[c] * r.dense[j] * r.dense[j];
		}
		if (r.has_text)
			heads_add_counts(f->h, table, &r, told);
	}
	for (i = 0; i < f->h->nb; i++)
		if ((at = model_find(m, f->bucket[i])) >= 0)
			for (c = 0; c < d->nc; c++)
				m->gram_seen[(size_t)at * (size_t)d->nc +
				    (size_t)c] += *heads_cell(table, f->h, i,
				    c);
	free(table);
}

/* A bucket is kept when a head gives it a weight. */
static struct judge_model *
model_shell(const struct fit *f)
{
	const struct heads *h = f->h;
	uint8_t *keep = xcalloc(h->nb, 1);
	struct judge_model *m;
	size_t i, nb = 0;
	int c;

	for (i = 0; i < h->nb; i++) {
		for (c = 0; c < h->nc; c++)
			keep[i] |= *heads_cell(h->gram, h, i, c) != 0;
		nb += keep[i];
	}
	m = model_new(h->nc, f->job->is_text, nb);
	for (i = 0; i < h->nb; i++)
		if (keep[i])
			m->used[f->bucket[i] >> 6] |=
			    1ULL << (f->bucket[i] & 63);
	model_index(m);
	free(keep);
	m->state = xcalloc((size_t)h->nc, sizeof(*m->state));
	m->dense_seen = xcalloc((size_t)h->nc * h->nd, sizeof(double));
	m->gram_seen = xcalloc(nb * (size_t)h->nc, sizeof(float));
	return m;
}

/* What the base model had seen of head c goes on with it. */
static void
inherit_evidence(const struct fit *f, int c, struct judge_model *m)
{
	const struct judge_model *b = f->base;
	size_t nc = (size_t)m->nc, bc = (size_t)b->nc, j, i;
	size_t k = (size_t)f->from[c];
	long to, at;

	m->state[c] = b->state[k];
	for (j = 0; j < m->nd; j++)
		if ((at = fit_feature_in_base(f, j)) >= 0)
			m->dense_seen[(size_t)c * m->nd + j] =
			    b->dense_seen[k * b->nd + (size_t)at];
	for (i = 0; i < f->h->nb; i++) {
		to = model_find(m, f->bucket[i]);
		at = model_find(b, f->bucket[i]);
		if (to >= 0 && at >= 0)
			m->gram_seen[(size_t)to * nc + (size_t)c] =
			    b->gram_seen[(size_t)at * bc + k];
	}
}

static void
origin_set(const struct fit *f, int epochs, struct judge_model *m)
{
	const struct job *job = f->job;
	struct model_origin *o = &m->origin;
	size_t t, j;
	int c;

	for (c = 0; c < m->nc; c++)
		memcpy(m->id[c], job->base.criteria.id[c],
		    strlen(job->base.criteria.id[c]) + 1);
	memcpy(o->judge_id, job->judge_id, strlen(job->judge_id) + 1);
	memcpy(o->training_type, job->type_name, strlen(job->type_name) + 1);
	o->base_version = (uint32_t)job->base.number;
	o->seed = job->seed;
	o->epochs = (uint32_t)epochs;
	o->high_water_mark = job->high_water_mark;
	for (t = 0; t < f->ntrain; t++)
		for (j = 0; j < f->d->nl; j++)
			o->labels += f->d->weight[f->train[t] * f->d->nl + j] >
			    0;
}

struct judge_model *
fit_model(struct fit *f)
{
	struct heads *h = f->h;
	struct head_state state[JUDGE_MAX_CRITERIA];
	struct score_map map[JUDGE_MAX_CRITERIA];
	struct judge_model *m;
	int kept = f->epoch, c;
	size_t i;
	long at;

	if (!isnan(f->best_error)) {
		kept = f->best_epoch;
		memcpy(h->dense, f->best_dense, (size_t)h->nc * h->nd *
		    sizeof(*h->dense));
		memcpy(h->gram, f->best_gram, fit_gram_bytes(f));
	}
	/* Nothing learned: heads that were there before come back unchanged. */
	if (kept == 0 && f->base != NULL)
		fit_restart(f);
	memset(state, 0, sizeof(state));
	memset(map, 0, sizeof(map));
	for (c = 0; c < h->nc; c++)
		if (f->from[c] >= 0) {
			state[c].spread = f->base->state[f->from[c]].spread;
			if (f->base->map != NULL)
				map[c] = f->base->map[f->from[c]];
		}
	fit_settle(f);
	if (kept > 0 || f->base == NULL)
		heads_form(f, state, map);
	if (f->job->type == TRAIN_FULL)
		heads_guard(f, state, map);
	m = model_shell(f);
	origin_set(f, kept, m);
	memcpy(m->dense, h->dense, (size_t)h->nc * h->nd * sizeof(double));
	for (c = 0; c < h->nc; c++)
		model_map_set(m, c, &map[c]);
	for (i = 0; i < h->nb; i++)
		if ((at = model_find(m, f->bucket[i])) >= 0)
			for (c = 0; c < h->nc; c++)
				m->gram[(size_t)at * (size_t)h->nc +
				    (size_t)c] = *heads_cell(h->gram, h, i, c);
	for (c = 0; c < h->nc; c++) {
		if (f->from[c] >= 0)
			inherit_evidence(f, c, m);
		m->state[c].spread = state[c].spread;
		if (h->learns[c] && f->text_known[c])
			m->state[c].text_prior = f->text_prior[c];
	}
	if (kept > 0)
		evidence(f, m);
	return m;
}
