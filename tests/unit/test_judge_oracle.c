/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LIBLINEAR on the same features, the same labels and the same penalty finds
 * what our heads find.  Its support vector regression with squared loss and
 * no margin is ridge regression; features are divided by the root of their
 * prior precision, so that its single penalty is ours.
 */
#include "config.h"

#include "judge_case.h"

#include <linear.h>

#define EVALUATIONS	400

struct oracle {
	struct judge_case	 k;
	struct data		*d;
	struct fit		*f;
	uint32_t		*position;	/* + 1; of each bucket */
};

static void
say_nothing(const char *text)
{
	(void)text;
}

/*
 * Where one gram of row i stands among the oracle's features, 0: nowhere; and
 * how often it occurs.
 */
static uint32_t
place(const struct oracle *o, size_t i, uint32_t gram, uint32_t *count)
{
	if (o->d->ex[i].part == PART_HELD) {
		*count = GRAM_COUNT(gram);
		return o->position[GRAM_BUCKET(gram)];
	}
	*count = PLACED_MORE(gram) + 1;
	return PLACED_AT(gram) / ((uint32_t)o->f->h->nv * PLACED_UNITS) + 1;
}

static int
node_cmp(const void *pa, const void *pb)
{
	const struct feature_node *a = pa, *b = pb;

	return a->index - b->index;
}

/*
 * Row i for head c: dense features, then grams by position, in ascending
 * order as LIBLINEAR wants them, ended by -1.
 */
static struct feature_node *
row_nodes(const struct oracle *o, size_t i, int c)
{
	const struct example *e = &o->d->ex[i];
	const struct heads *h = o->f->h;
	struct feature_node *out;
	size_t j, n = 0, grams = (size_t)e->nchar + e->nword;
	uint32_t at, count;
	float scale;

	out = calloc(h->nd + grams + 1, sizeof(*out));
	assert_non_null(out);
	for (j = 0; j < h->nd; j++) {
		out[n].index = (int)j + 1;
		out[n++].value = o->d->dense[i * h->nd + j] /
		    sqrt(h->prior[(size_t)c * h->nd + j]);
	}
	for (j = 0; j < grams; j++) {
		at = place(o, i, o->d->gram[e->gram_at + j], &count);
		if (at == 0)
			continue;
		scale = j < e->nchar ? e->char_scale : e->word_scale;
		out[n].index = (int)(h->nd + at);
		out[n++].value = (double)scale * sqrt(count) *
		    sqrt(h->uniform_inv[c]);
	}
	qsort(out + h->nd, n - h->nd, sizeof(*out), node_cmp);
	out[n].index = -1;
	return out;
}

/* What is left of the label where our heads start. */
static double
target(const struct oracle *o, size_t i, int c)
{
	const struct heads *h = o->f->h;
	double y = o->d->y[i * o->d->nl + (size_t)c] -
	    o->d->base[i * (size_t)o->d->nc + (size_t)c];
	size_t j;

	for (j = 0; j < h->nd; j++)
		y -= h->start[(size_t)c * h->nd + j] *
		    o->d->dense[i * h->nd + j];
	return y;
}

static double *
oracle_train(const struct oracle *o, int c)
{
	struct problem p;
	struct parameter param;
	struct model *m;
	double *w;
	size_t t, n = o->f->h->nd + o->f->h->nb;

	memset(&p, 0, sizeof(p));
	memset(&param, 0, sizeof(param));
	p.l = (int)o->f->ntrain;
	p.n = (int)n;
	p.bias = -1;
	p.y = calloc(o->f->ntrain, sizeof(*p.y));
	p.x = calloc(o->f->ntrain, sizeof(*p.x));
	for (t = 0; t < o->f->ntrain; t++) {
		p.y[t] = target(o, o->f->train[t], c);
		p.x[t] = row_nodes(o, o->f->train[t], c);
	}
	param.solver_type = L2R_L2LOSS_SVR;
	param.eps = 1e-8;
	/* C sum r^2 with C = 1/2: our objective for labels of weight one. */
	param.C = 0.5;
	set_print_string_function(say_nothing);
	assert_null(check_parameter(&p, &param));
	m = train(&p, &param);
	w = calloc(n, sizeof(*w));
	for (t = 0; t < n; t++)
		w[t] = get_decfun_coef(m, (int)t + 1, 0);
	free_and_destroy_model(&m);
	for (t = 0; t < o->f->ntrain; t++)
		free(p.x[t]);
	free(p.x);
	free(p.y);
	return w;
}

static double
oracle_says(const struct oracle *o, const double *w, size_t i, int c)
{
	struct feature_node *x = row_nodes(o, i, c), *node;
	double sum = 0;

	for (node = x; node->index != -1; node++)
		sum += w[node->index - 1] * node->value;
	free(x);
	return sum;
}

/* Our weights through the oracle's own features. */
static double
ours_says(const struct oracle *o, size_t i, int c)
{
	struct heads *h = o->f->h;
	struct feature_node *x = row_nodes(o, i, c), *node;
	double sum = 0, w;
	size_t j;

	for (node = x; node->index != -1; node++) {
		j = (size_t)node->index - 1;
		w = j < h->nd ? (h->dense[(size_t)c * h->nd + j] -
		    h->start[(size_t)c * h->nd + j]) *
		    sqrt(h->prior[(size_t)c * h->nd + j]) :
		    (double)*heads_cell(h->gram, h, j - h->nd, c) /
		    sqrt(h->uniform_inv[c]);
		sum += w * node->value;
	}
	free(x);
	return sum;
}

static void
oracle_init(struct oracle *o, int is_text)
{
	size_t i;

	memset(o, 0, sizeof(*o));
	case_init(&o->k, TRAIN_FULL, 2, is_text);
	o->k.job.split = 0.3;
	case_fill(&o->k, EVALUATIONS);
	o->d = case_data(&o->k);
	o->f = fit_new(&o->k.job, o->d, NULL);
	assert_non_null(o->f);
	while (!o->f->done)
		fit_epoch(o->f);
	o->position = calloc(FEATURE_BUCKETS, sizeof(*o->position));
	for (i = 0; i < o->f->h->nb; i++)
		o->position[o->f->bucket[i]] = (uint32_t)i + 1;
}

static void
oracle_fini(struct oracle *o)
{
	free(o->position);
	fit_free(o->f);
	data_free(o->d);
	case_fini(&o->k);
}

/* Held-out loss within one percent, single predictions within `most`. */
static void
compare(int is_text, double most)
{
	double theirs, ours, loss[2] = { 0, 0 }, apart = 0, *w;
	struct oracle o;
	size_t i;
	int c;

	oracle_init(&o, is_text);
	for (c = 0; c < 2; c++) {
		w = oracle_train(&o, c);
		for (i = 0; i < o.d->n; i++) {
			if (o.d->ex[i].part != PART_HELD)
				continue;
			theirs = oracle_says(&o, w, i, c);
			ours = ours_says(&o, i, c);
			loss[0] += pow(theirs - target(&o, i, c), 2);
			loss[1] += pow(ours - target(&o, i, c), 2);
			apart = fmax(apart, fabs(theirs - ours));
		}
		free(w);
	}
	assert_true(fabs(loss[1] / loss[0] - 1) < 0.01);
	assert_true(apart < most);
	oracle_fini(&o);
}

static void
scores_alone_give_the_oracle_s_fit(void **state)
{
	(void)state;
	compare(0, 1e-6);
}

static void
texts_give_the_oracle_s_fit(void **state)
{
	(void)state;
	compare(1, 0.5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores_alone_give_the_oracle_s_fit),
		cmocka_unit_test(texts_give_the_oracle_s_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
