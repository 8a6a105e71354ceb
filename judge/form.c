/* SPDX-License-Identifier: BSD-2-Clause */
/* Cross-validation of forms, and the choice. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/form.h"
#include "judge/metric.h"
#include "judge/ridge.h"
#include "judge/spread.h"
#include "util/arena.h"

/* Steps need many labels, and must gain clearly. */
#define STEPS_LABELS	200
#define STEPS_GAIN	2.0	/* standard errors */
#define KAPPA_GAIN	0.03
/* What agreement is worth: so much of the error, so much of itself. */
#define ERROR_GIVEN	0.01
#define KAPPA_GIVEN	0.02
/* Labels of single people lie far apart because people differ. */
#define WIDEN_MOST	1.5
/* A constant or a line on top must bring so much of the error. */
#define LINE_GAIN	0.005
#define LINE_LABELS	100

static const struct {
	enum form	form;
	double		power;
} tries[FORM_TRIES] = {
	{ FORM_NONE, 0 }, { FORM_WIDEN, 0.05 }, { FORM_WIDEN, 0.1 },
	{ FORM_WIDEN, 0.15 }, { FORM_WIDEN, 0.2 }, { FORM_WIDEN, 0.3 },
	{ FORM_WIDEN, 0.4 }, { FORM_WIDEN, 0.5 }, { FORM_WIDEN, 0.6 },
	{ FORM_WIDEN, 0.8 }, { FORM_MATCH, 1 }, { FORM_BIAS, 0 },
	{ FORM_LINEAR, 0 }, { FORM_STEPS, 0 }, { FORM_LOGISTIC, 0 }
};
#define USUAL	8		/* the one that is never far off */
#define WIDEST	10		/* tries 0..10 are ever wider */

const char *
form_word(enum form f)
{
	static const char *const words[] = {
		"none", "widen", "match", "bias", "linear", "steps",
		"logistic"
	};

	return words[f];
}

static double
clamp(double x)
{
	return x < 0 ? 0 : x > 100 ? 100 : x;
}

static struct calib_line
line_fit(int t, const double *z, const double *y, const double *w, size_t n)
{
	switch (tries[t].form) {
	case FORM_WIDEN:
	case FORM_MATCH:
		return calib_match(z, y, w, n, tries[t].power * (double)n /
		    ((double)n + SPREAD_HALF), tries[t].form == FORM_WIDEN ?
		    WIDEN_MOST : CALIB_WIDEST);
	case FORM_BIAS:
		return calib_bias(z, y, w, n);
	case FORM_LINEAR:
		return calib_linear(z, y, w, n);
	default:
		return (struct calib_line){ 0, 1 };
	}
}

static void
map_fit(int t, const double *z, const double *y, const double *w, size_t n,
    struct score_map *m)
{
	if (tries[t].form == FORM_STEPS)
		calib_isotonic(z, y, w, n, m);
	else
		calib_platt(z, y, w, n, m);
}

/*
 * A head that has learned from all rows but one has its mean from all folds:
 * from the others alone it would be low where the fold is high.
 */
static double
mean_of_all(const struct form_head *h, double slope)
{
	double sum = 0, all = 0;
	size_t i;

	for (i = 0; i < h->n; i++) {
		sum += h->w[i] * (h->y[i] - slope * h->z[i]);
		all += h->w[i];
	}
	return sum / all;
}

/* What try t, fitted without the fold, says of its points. */
static void
fold_say(const struct form_head *h, int t, int fold, double *room,
    double *out)
{
	double *z = room, *y = z + h->n, *w = y + h->n;
	struct calib_line l = { 0, 1 };
	struct score_map m;
	size_t i, n = 0;

	for (i = 0; i < h->n; i++)
		if (h->fold[i] != fold) {
			z[n] = h->z[i];
			y[n] = h->y[i];
			w[n++] = h->w[i];
		}
	memset(&m, 0, sizeof(m));
	if (n > 0 && t < FORM_STRAIGHT)
		l = line_fit(t, z, y, w, n);
	else if (n > 0)
		map_fit(t, z, y, w, n, &m);
	if (h->left_out && t > 0 && t <= WIDEST)
		l.a = mean_of_all(h, l.b);
	for (i = 0; i < h->n; i++)
		if (h->fold[i] == fold)
			out[i] = clamp(score_map_apply(&m, l.a + l.b *
			    h->z[i]));
}

static void
cross_validate(const struct form_head *h, int t, double *out)
{
	double *room = xcalloc(3 * h->n, sizeof(*room));
	int fold;

	for (fold = 0; fold < RIDGE_FOLDS; fold++)
		fold_say(h, t, fold, room, out);
	free(room);
}

static struct metric
measure(struct arena *a, const struct metric_labels *l, const double *said)
{
	struct metric m;

	metric_compute(a, l, said, &m);
	arena_reset(a);
	if (isnan(m.kappa))
		m.kappa = 0;
	if (isnan(m.spearman))
		m.spearman = 0;
	return m;
}

/* What each try says of one head's labels, and how good that is. */
struct tried {
	double		*said[FORM_TRIES];	/* NULL: it takes no part */
	struct metric	 metric[FORM_TRIES];
};

static void
tried_new(const struct form_head *h, struct arena *a, struct arena *kept,
    struct tried *out)
{
	struct metric_labels l = metric_labels(kept, h->y, h->n);
	int t;

	for (t = 0; t < FORM_TRIES; t++) {
		out->said[t] = xcalloc(h->n, sizeof(double));
		cross_validate(h, t, out->said[t]);
		out->metric[t] = measure(a, &l, out->said[t]);
	}
	arena_reset(kept);
}

static void
tried_free(struct tried *t)
{
	int i;

	for (i = 0; i < FORM_TRIES; i++)
		free(t->said[i]);
}

static double
error_of(const struct form_try *t, enum optimize o)
{
	return o == OPTIMIZE_RMSE ? t->rmse : t->mae;
}

/* The form with the least error; a simpler one when it is as good. */
static int
least_error(const struct forms *f, enum optimize o)
{
	int t, at = 0, last = f->labels >= LINE_LABELS ? FORM_STRAIGHT :
	    WIDEST + 1;

	for (t = 1; t < last; t++)
		if (error_of(&f->try[t], o) < error_of(&f->try[at], o) *
		    (t > WIDEST ? 1 - LINE_GAIN : 1))
			at = t;
	return at;
}

/*
 * Shrunken scores agree worse than their error suggests: the widest form
 * that costs but little more.  The root of the mean square is what shrinking
 * is best at, and is not given away.
 */
static int
by_error(const struct forms *f, enum optimize o)
{
	int t, at = f->least;

	if (o == OPTIMIZE_RMSE || at > WIDEST)
		return at;
	for (t = WIDEST; t > at && error_of(&f->try[t], o) >
	    error_of(&f->try[at], o) * (1 + ERROR_GIVEN); t--)
		;
	return t;
}

static int
by_kappa(const struct forms *f)
{
	double best = -INFINITY;
	int t;

	for (t = 0; t <= WIDEST; t++)
		best = fmax(best, f->try[t].kappa);
	for (t = 0; f->try[t].kappa < best - KAPPA_GIVEN; t++)
		;
	return t;
}

/* Standard errors that `b` errs less than `a`. */
static double
gain(const struct form_head *h, const double *a, const double *b, int squared)
{
	double sum = 0, sq = 0, d, ea, eb, n = (double)h->n;
	size_t i;

	for (i = 0; i < h->n; i++) {
		ea = fabs(a[i] - h->y[i]);
		eb = fabs(b[i] - h->y[i]);
		d = squared ? ea * ea - eb * eb : ea - eb;
		sum += d;
		sq += d * d;
	}
	sq = sqrt(fmax(sq / n - sum / n * (sum / n), 0) / n);
	return sq > 0 ? sum / n / sq : 0;
}

/* A curve for one head, when it is clearly better than the joint form. */
static void
curves_try(const struct form_head *h, enum optimize o,
    const struct tried *tried, struct forms *f, int c)
{
	int t, better, binary = calib_binary(h->y, h->n);
	/* Against the best line, whatever was given away for agreement. */
	int line = o == OPTIMIZE_QWK ? f->of[c] : f->least;
	const struct metric *now, *then, *joint = &tried->metric[f->joint];
	double g;

	for (t = FORM_STRAIGHT; t < FORM_TRIES; t++) {
		if (tries[t].form == FORM_LOGISTIC ? !binary :
		    h->n < STEPS_LABELS || binary)
			continue;
		now = &tried->metric[line];
		then = &tried->metric[t];
		g = gain(h, tried->said[line], tried->said[t],
		    o == OPTIMIZE_RMSE);
		better = o == OPTIMIZE_QWK ? then->kappa > now->kappa +
		    KAPPA_GAIN && g > -STEPS_GAIN : g > (tries[t].form ==
		    FORM_LOGISTIC ? 0 : STEPS_GAIN);
		/* Steps join what was apart, and shrink. */
		if (o == OPTIMIZE_SPEARMAN)
			better &= then->spearman >= now->spearman;
		else if (o != OPTIMIZE_RMSE)
			better &= then->kappa >= joint->kappa;
		if (better)
			f->of[c] = (int8_t)t;
	}
	if (f->of[c] >= FORM_STRAIGHT)
		map_fit(f->of[c], h->z, h->y, h->w, h->n, &f->map[c]);
}

void
forms_choose(const struct form_head *heads, int nc, enum optimize o,
    struct forms *f)
{
	struct tried *tried = xcalloc((size_t)nc, sizeof(*tried));
	struct arena *a = arena_new((size_t)1 << 16);
	struct arena *kept = arena_new((size_t)1 << 16);
	const struct metric *m;
	int c, t;

	memset(f, 0, sizeof(*f));
	memset(f->of, -1, sizeof(f->of));
	for (c = 0; c < nc; c++) {
		f->line[c].b = 1;
		if (heads[c].n < FORM_LEAST)
			continue;
		f->blind |= heads[c].fitted;
		if (f->heads++ == 0 || heads[c].n < f->labels)
			f->labels = heads[c].n;
		tried_new(&heads[c], a, kept, &tried[c]);
		for (t = 0; t < FORM_TRIES; t++) {
			m = &tried[c].metric[t];
			f->try[t].mae += m->mae;
			f->try[t].rmse += m->rmse;
			f->try[t].kappa += m->kappa;
			f->try[t].spearman += m->spearman;
		}
	}
	for (t = 0; t < FORM_TRIES; t++) {
		f->try[t].form = tries[t].form;
		f->try[t].power = tries[t].power;
		if (f->heads > 0) {
			f->try[t].mae /= f->heads;
			f->try[t].rmse /= f->heads;
			f->try[t].kappa /= f->heads;
			f->try[t].spearman /= f->heads;
		}
	}
	f->least = least_error(f, o);
	if (f->blind)
		f->joint = o == OPTIMIZE_RMSE ? 0 : USUAL;
	else
		f->joint = o == OPTIMIZE_QWK ? by_kappa(f) : by_error(f, o);
	for (c = 0; c < nc; c++) {
		if (heads[c].n < FORM_LEAST)
			continue;
		f->of[c] = (int8_t)f->joint;
		f->line[c] = line_fit(f->joint, heads[c].z, heads[c].y,
		    heads[c].w, heads[c].n);
		if (!f->blind)
			curves_try(&heads[c], o, &tried[c], f, c);
		tried_free(&tried[c]);
	}
	arena_free(kept);
	arena_free(a);
	free(tried);
}
