/* SPDX-License-Identifier: BSD-2-Clause */
/* Scoring with a model, and its shape in memory. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/model.h"
#include "judge/model_int.h"
#include "util/arena.h"
#include "util/log.h"

void *
xcalloc(size_t n, size_t size)
{
	void *p;

	/* One byte at least: NULL then always means failure. */
	if ((p = calloc(n > 0 ? n : 1, size)) == NULL)
		fatalx("out of memory items=%zu size=%zu", n, size);
	return p;
}

struct judge_model *
model_new(int nc, int is_text, size_t nb)
{
	struct judge_model *m = xcalloc(1, sizeof(*m));

	m->nc = nc;
	m->is_text = is_text;
	m->nd = feature_ndense(nc);
	m->id = xcalloc((size_t)nc, sizeof(*m->id));
	m->dense = xcalloc((size_t)nc * m->nd, sizeof(*m->dense));
	m->nb = nb;
	if (nb > 0) {
		m->used = xcalloc(MODEL_WORDS, sizeof(*m->used));
		m->before = xcalloc(MODEL_WORDS, sizeof(*m->before));
		m->gram = xcalloc(nb * (size_t)nc, sizeof(*m->gram));
	}
	return m;
}

void
judge_model_free(struct judge_model *m)
{
	if (m == NULL)
		return;
	free(m->id);
	free(m->dense);
	free(m->used);
	free(m->before);
	free(m->gram);
	free(m->map);
	free(m->state);
	free(m->dense_seen);
	free(m->gram_seen);
	free(m);
}

size_t
judge_model_size(const struct judge_model *m)
{
	size_t nc = (size_t)m->nc, cells = nc * m->nd, n;

	n = sizeof(*m) + nc * sizeof(*m->id) + cells * sizeof(*m->dense);
	if (m->map != NULL)
		n += nc * sizeof(*m->map);
	if (m->nb > 0)
		n += MODEL_WORDS * (sizeof(*m->used) + sizeof(*m->before)) +
		    m->nb * nc * sizeof(*m->gram);
	if (m->state != NULL)
		n += nc * sizeof(*m->state) + cells * sizeof(*m->dense_seen) +
		    m->nb * nc * sizeof(*m->gram_seen);
	return n;
}

void
model_index(struct judge_model *m)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; m->nb > 0 && i < MODEL_WORDS; i++) {
		m->before[i] = n;
		n += (uint32_t)__builtin_popcountll(m->used[i]);
	}
}

long
model_find(const struct judge_model *m, uint32_t bucket)
{
	uint64_t word, bit = 1ULL << (bucket & 63);

	if (m->nb == 0 || ((word = m->used[bucket >> 6]) & bit) == 0)
		return -1;
	return (long)(m->before[bucket >> 6] +
	    (uint32_t)__builtin_popcountll(word & (bit - 1)));
}

int
model_criterion(const struct judge_model *m, const char *id)
{
	int c;

	for (c = 0; c < m->nc; c++)
		if (strcmp(m->id[c], id) == 0)
			return c;
	return -1;
}

static void
grams_score(const struct judge_model *m, const uint32_t *gram, size_t n,
    float scale, double *out)
{
	float acc[JUDGE_MAX_CRITERIA] = { 0 }, x;
	const float *w;
	size_t i;
	long at;
	int c;

	for (i = 0; i < n; i++) {
		if ((at = model_find(m, GRAM_BUCKET(gram[i]))) < 0)
			continue;
		w = m->gram + (size_t)at * (size_t)m->nc;
		x = sqrtf((float)GRAM_COUNT(gram[i]));
		for (c = 0; c < m->nc; c++)
			acc[c] += w[c] * x;
	}
	for (c = 0; c < m->nc; c++)
		out[c] += (double)(acc[c] * scale);
}

void
model_heads(const struct judge_model *m, const double *dense,
    const struct feature_text *text, double *out)
{
	const double *w = m->dense;
	double sum;
	size_t j;
	int c;

	for (c = 0; c < m->nc; c++, w += m->nd) {
		for (sum = 0, j = 0; j < m->nd; j++)
			sum += w[j] * dense[j];
		out[c] = sum;
	}
	if (text == NULL || m->nb == 0)
		return;
	grams_score(m, text->gram, text->nchar, text->char_scale, out);
	grams_score(m, text->gram + text->nchar, text->nword,
	    text->word_scale, out);
}

static double
clamp(double x)
{
	return x < 0 ? 0 : x > 100 ? 100 : x;
}

double
score_map_apply(const struct score_map *m, double s)
{
	size_t lo, hi, mid;

	if (m->kind == MAP_STRAIGHT || m->n == 0)
		return s;
	if (m->kind == MAP_LOGISTIC)
		return 100 / (1 + exp(-(m->x[0] + m->y[0] * s)));
	if (s <= m->x[0])
		return m->y[0];
	if (s >= m->x[m->n - 1])
		return m->y[m->n - 1];
	for (lo = 0, hi = m->n - 1u; hi - lo > 1;) {
		mid = (lo + hi) / 2;
		if (m->x[mid] <= s)
			lo = mid;
		else
			hi = mid;
	}
	return m->y[lo] + (m->y[hi] - m->y[lo]) * (s - m->x[lo]) /
	    (m->x[hi] - m->x[lo]);
}

void
model_map_set(struct judge_model *m, int c, const struct score_map *map)
{
	if (map->kind == MAP_STRAIGHT && m->map == NULL)
		return;
	if (m->map == NULL)
		m->map = xcalloc((size_t)m->nc, sizeof(*m->map));
	m->map[c] = *map;
}

double
model_score(const struct judge_model *m, int c, double said)
{
	return clamp(m->map == NULL ? said : score_map_apply(&m->map[c],
	    said));
}

int
judge_model_score(const struct judge_model *m, struct arena *a,
    const struct judge_input *in, double *out)
{
	double base[JUDGE_MAX_CRITERIA], raw[JUDGE_MAX_CRITERIA];
	double head[JUDGE_MAX_CRITERIA], *dense;
	int match[JUDGE_MAX_CRITERIA], c, i;
	struct feature_text text;
	int with_text;

	if (in->ncriteria > JUDGE_MAX_CRITERIA ||
	    feature_base(in->raw, in->ncriteria, base) == -1)
		return -1;
	if (m == NULL) {
		for (i = 0; i < in->ncriteria; i++)
			out[i] = clamp(base[i]);
		return 0;
	}
	for (c = 0; c < m->nc; c++)
		raw[c] = NAN;
	for (i = 0; i < in->ncriteria; i++) {
		match[i] = model_criterion(m, in->criterion_ids[i]);
		if (match[i] >= 0)
			raw[match[i]] = in->raw[i];
	}
	with_text = in->is_text && m->is_text && in->content != NULL;
	if (with_text)
		feature_text(a, in->content, in->content_len, &text);
	dense = arena_alloc(a, m->nd * sizeof(*dense));
	feature_dense(raw, m->nc, with_text ? &text : NULL, dense);
	model_heads(m, dense, with_text ? &text : NULL, head);
	for (i = 0; i < in->ncriteria; i++)
		out[i] = match[i] < 0 ? clamp(base[i]) : model_score(m,
		    match[i], base[i] + head[match[i]]);
	return 0;
}

double
judge_overall(const double *weights, const double *scores, int n)
{
	double sum = 0, total = 0;
	int i;

	for (i = 0; i < n; i++) {
		sum += weights[i] * scores[i];
		total += weights[i];
	}
	return total > 0 ? sum / total : 0;
}
