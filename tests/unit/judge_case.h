/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small trainings for tests of the learner: evaluations are written to a file
 * and read back as the program would, so that nothing is faked on the way.
 */
#ifndef TESTS_JUDGE_CASE_H
#define TESTS_JUDGE_CASE_H

#include "unit.h"

#include <math.h>

#include "judge/bias.h"
#include "judge/data.h"
#include "judge/fit.h"
#include "judge/group.h"
#include "judge/rng.h"
#include "util/arena.h"
#include "util/jw.h"

struct judge_case {
	struct job	 job;
	struct arena	*arena;
	struct rng	 rng;
	FILE		*file;
	char		 path[64];
	int		 n;
};

static inline void
case_init(struct judge_case *k, enum train_type type, int nc, int is_text)
{
	static const char *const ids[] = {
		"crit_a", "crit_b", "crit_c", "crit_d", "crit_e", "crit_f"
	};
	static const char *const names[] = {
		"incremental", "full_retrain", "fine_tune", "validation"
	};
	int c, fd;

	memset(k, 0, sizeof(*k));
	k->job.judge_id = "jdg_case";
	k->job.type = type;
	k->job.type_name = names[type];
	k->job.is_text = is_text;
	k->job.base.number = 1;
	k->job.base.seen_split = 1;
	k->job.base.criteria.n = nc;
	for (c = 0; c < nc; c++) {
		k->job.base.criteria.id[c] = ids[c];
		k->job.base.criteria.head[c] = ids[c];
		k->job.base.criteria.weight[c] = 1 + c;
		k->job.target[c] = 1;
	}
	k->job.active = k->job.base;
	k->job.learning_rate = 0.001;
	k->job.max_epochs = 50;
	k->arena = arena_new(1 << 12);
	rng_init(&k->rng, 1, 2);
	memcpy(k->path, "judge-case.XXXXXX", 18);
	fd = mkstemp(k->path);
	assert_true(fd != -1);
	assert_non_null(k->file = fdopen(fd, "w"));
	k->job.data = k->path;
}

static inline void
case_fini(struct judge_case *k)
{
	if (k->file != NULL)
		(void)fclose(k->file);
	(void)unlink(k->path);
	arena_free(k->arena);
}

/* Uniform in [0, 1), and about normal with sd 1. */
static inline double
case_uniform(struct judge_case *k)
{
	return (double)(rng_next(&k->rng) >> 11) * 0x1p-53;
}

static inline double
case_normal(struct judge_case *k)
{
	double sum = 0;
	int i;

	for (i = 0; i < 12; i++)
		sum += case_uniform(k);
	return sum - 6;
}

static inline double
case_score(double x)
{
	return x < 0 ? 0 : x > 100 ? 100 : x;
}

static inline void
case_scores(struct judge_case *k, struct jw *w, const char *key,
    const double *x)
{
	int c;

	jw_kobj(w, key);
	for (c = 0; c < k->job.base.criteria.n; c++)
		if (!isnan(x[c]))
			jw_knum(w, k->job.base.criteria.id[c], x[c]);
	jw_end(w);
}

/*
 * One evaluation; NAN: not given.  y[nc] is the overall rating on 0..100.
 * content NULL: grouped by a key of its own.
 */
static inline void
case_add(struct judge_case *k, const char *content, const double *raw,
    const double *y)
{
	char ref[32];
	const char *key, *text;
	struct jw w;
	size_t len;

	snprintf(ref, sizeof(ref), "item-%d", k->n++);
	key = judge_group_key(k->arena, content, content != NULL ?
	    strlen(content) : 0, ref, NULL, NULL);
	jw_init(&w, k->arena);
	jw_obj(&w);
	jw_kstr(&w, "group_key", key);
	jw_knum(&w, "u", judge_group_u(k->job.judge_id, key));
	jw_kstr(&w, "content", content);
	case_scores(k, &w, "raw", raw);
	jw_karr(&w, "feedback");
	jw_obj(&w);
	jw_kint(&w, "number", 2 * k->n);
	jw_kstr(&w, "type", "correction");
	case_scores(k, &w, "corrected_scores", y);
	jw_end(&w);
	if (!isnan(y[k->job.base.criteria.n])) {
		jw_obj(&w);
		jw_kint(&w, "number", 2 * k->n + 1);
		jw_kstr(&w, "type", "rating");
		jw_knum(&w, "rating", y[k->job.base.criteria.n] / 25 + 1);
		jw_end(&w);
	}
	jw_end(&w);
	jw_end(&w);
	text = jw_text(&w, &len);
	assert_int_equal(len, fwrite(text, 1, len, k->file));
	assert_int_equal('\n', putc('\n', k->file));
	arena_reset(k->arena);
}

/*
 * n evaluations whose people disagree with the judge in a way that can be
 * learned: they give 0.5 raw + 10 - 6 c, noise of sd 5, and 20 less where
 * the text says "sorry".
 */
static inline void
case_fill(struct judge_case *k, int n)
{
	static const char *const words[] = {
		"we", "can", "help", "you", "with", "the", "router", "today",
		"please", "wait", "until", "lights", "turn", "green", "call",
		"again", "number", "below", "thanks", "team"
	};
	double raw[JUDGE_MAX_CRITERIA], y[JUDGE_MAX_CRITERIA + 1], q;
	int i, j, c, nc = k->job.base.criteria.n, bad;
	char text[512];
	size_t len;

	for (i = 0; i < n; i++) {
		bad = case_uniform(k) < 0.5;
		len = 0;
		for (j = 0; j < 25; j++)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s ", bad && j == 7 ? "sorry" :
			    words[rng_below(&k->rng, UNIT_COUNT(words))]);
		q = 60 + 15 * case_normal(k);
		for (c = 0; c < nc; c++) {
			raw[c] = case_score(q + 10 * case_normal(k));
			y[c] = case_score(0.5 * raw[c] + 10 - 6 * c -
			    (bad && k->job.is_text ? 20 : 0) +
			    5 * case_normal(k));
		}
		y[nc] = NAN;
		case_add(k, k->job.is_text ? text : NULL, raw, y);
	}
}

/* Reads what was added; more may be added and read again. */
static inline struct data *
case_data(struct judge_case *k)
{
	static const volatile sig_atomic_t go_on;
	struct data *d = data_new(k->job.base.criteria.n);
	char why[256];

	assert_int_equal(0, fflush(k->file));
	if (data_read(d, &k->job, NULL, &go_on, why, sizeof(why)) != 0)
		fail_msg("%s", why);
	return d;
}

/* Trains to the end; the data are freed by the caller. */
static inline struct judge_model *
case_train(struct judge_case *k, struct data *d,
    const struct judge_model *base)
{
	struct fit *f = fit_new(&k->job, d, base);
	struct judge_model *m;

	assert_non_null(f);
	while (!f->done)
		fit_epoch(f);
	m = fit_model(f);
	fit_free(f);
	return m;
}

static inline struct judge_model *
case_model(struct judge_case *k, const struct judge_model *base)
{
	struct data *d = case_data(k);
	struct judge_model *m = case_train(k, d, base);

	data_free(d);
	return m;
}

/*
 * Mean absolute error of criterion c over the given part, by the model or,
 * with m NULL, by the control that adds a constant.
 */
static inline double
error_of(struct judge_case *k, const struct judge_model *m, int c,
    enum part part, int but)
{
	struct data *d = case_data(k);
	double constant[JUDGE_MAX_CRITERIA + 1], head[JUDGE_MAX_CRITERIA];
	double sum = 0, p;
	struct feature_text t;
	size_t i, n = 0;

	bias_fit(d, k->job.base.criteria.weight, constant);
	for (i = 0; i < d->n; i++) {
		if ((d->ex[i].part == part) == but ||
		    d->weight[i * d->nl + (size_t)c] == 0)
			continue;
		t = data_text(d, i);
		p = constant[c];
		if (m != NULL) {
			model_heads(m, d->dense + i * d->nd,
			    d->ex[i].has_text ? &t : NULL, head);
			p = head[c];
		}
		p = case_score(d->base[i * (size_t)d->nc + (size_t)c] + p);
		sum += fabs(p - d->y[i * d->nl + (size_t)c]);
		n++;
	}
	data_free(d);
	assert_true(n > 0);
	return sum / (double)n;
}

static inline double
held_error(struct judge_case *k, const struct judge_model *m, int c)
{
	return error_of(k, m, c, PART_HELD, 0);
}

static inline double
training_error(struct judge_case *k, const struct judge_model *m, int c)
{
	return error_of(k, m, c, PART_HELD, 1);
}

static inline size_t
cells(const struct judge_model *m)
{
	return (size_t)m->nc * m->nd;
}

static inline int
models_equal(const struct judge_model *a, const struct judge_model *b)
{
	return a->nb == b->nb && memcmp(a->dense, b->dense, cells(a) *
	    sizeof(double)) == 0 && memcmp(a->gram, b->gram, a->nb *
	    (size_t)a->nc * sizeof(float)) == 0 && memcmp(a->state, b->state,
	    (size_t)a->nc * sizeof(*a->state)) == 0;
}

#endif
