/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathering what a report shows. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/report.h"
#include "util/arena.h"

struct point {
	double	said;
	double	people;
};

static int
point_cmp(const void *pa, const void *pb)
{
	const struct point *a = pa, *b = pb;

	if (a->said != b->said)
		return a->said < b->said ? -1 : 1;
	return a->people < b->people ? -1 : a->people > b->people;
}

/*
 * Groups of about equal size, in the order of what was said; what was said
 * alike stays together.
 */
static void
curve_make(struct point *p, size_t n, size_t most, struct report_curve *out)
{
	size_t bins = n / REPORT_BIN_LEAST, i, from = 0, to;
	struct report_bin *b;

	bins = bins > most ? most : bins < 1 ? 1 : bins;
	qsort(p, n, sizeof(*p), point_cmp);
	out->n = 0;
	for (i = 1; n > 0 && i <= bins; i++, from = to) {
		to = n * i / bins;
		while (to < n && to > 0 && p[to].said == p[to - 1].said)
			to++;
		if (to <= from)
			continue;
		b = &out->bin[out->n++];
		*b = (struct report_bin){ 0, 0, to - from };
		for (; from < to; from++) {
			b->said += p[from].said / (double)b->n;
			b->people += p[from].people / (double)b->n;
		}
	}
}

/* Labels on the held-out part: criteria, and overall ratings as such. */
static int
labelled(const struct report *p, size_t i, int c)
{
	return p->d->ex[i].part == PART_HELD && p->d->weight[i * p->d->nl +
	    (size_t)c] > 0;
}

static void
curves_make(struct report *p, enum column col)
{
	const struct data *d = p->d;
	struct point *all = xcalloc(d->n, d->nl * sizeof(*all));
	size_t i, n = 0, from;
	int c;

	for (c = 0; c <= d->nc; c++) {
		for (from = n, i = 0; i < d->n; i++)
			if (labelled(p, i, c))
				all[n++] = (struct point){ p->r->pred[col][i *
				    d->nl + (size_t)c], d->y[i * d->nl +
				    (size_t)c] };
		if (c < d->nc)
			curve_make(all + from, n - from, REPORT_BINS_EACH,
			    &p->each[c][col]);
	}
	curve_make(all, n, REPORT_BINS, &p->pooled[col]);
	free(all);
}

static void
errors_count(struct report *p, enum column col)
{
	const struct data *d = p->d;
	size_t i, at;
	double e;
	int c;

	for (i = 0; i < d->n; i++)
		for (c = 0; c <= d->nc; c++) {
			if (!labelled(p, i, c))
				continue;
			at = i * d->nl + (size_t)c;
			e = p->r->pred[col][at] - d->y[at] + 100;
			at = (size_t)fmax(e / REPORT_ERROR_WIDTH, 0);
			p->error[col][at < REPORT_ERRORS ? at :
			    REPORT_ERRORS - 1]++;
		}
}

/* The farthest first; of equal ones the first. */
static void
worst_add(struct report *p, const struct report_worst *w)
{
	double far = fabs(w->said - w->people);
	int at = p->nworst;

	while (at > 0 && far > fabs(p->worst[at - 1].said -
	    p->worst[at - 1].people))
		at--;
	if (at == REPORT_WORST)
		return;
	if (p->nworst < REPORT_WORST)
		p->nworst++;
	memmove(&p->worst[at + 1], &p->worst[at], (size_t)(p->nworst - 1 -
	    at) * sizeof(*w));
	p->worst[at] = *w;
}

static void
worst_find(struct report *p)
{
	const struct data *d = p->d;
	struct report_worst w;
	size_t at;

	for (w.row = 0; w.row < d->n; w.row++)
		for (w.c = 0; w.c <= d->nc; w.c++) {
			if (!labelled(p, w.row, w.c))
				continue;
			at = w.row * d->nl + (size_t)w.c;
			w.people = d->y[at];
			w.said = p->r->pred[p->r->first][at];
			w.raw = p->r->pred[COL_RAW][at];
			worst_add(p, &w);
		}
}

static double
mean_of(const struct report *p, enum column col, size_t offset)
{
	double sum = 0, x;
	int i, n = 0;

	for (i = 0; i < p->nheads; i++) {
		memcpy(&x, (const char *)&p->r->block[p->head[i]].metric[col] +
		    offset, sizeof(x));
		if (isnan(x))
			continue;
		sum += x;
		n++;
	}
	return n > 0 ? sum / n : NAN;
}

static void
parts_count(struct report *p)
{
	const struct data *d = p->d;
	size_t i, j;

	for (i = 0; i < d->n; i++) {
		p->rows[d->ex[i].part]++;
		for (j = 0; j < d->nl; j++)
			p->labels[d->ex[i].part] += d->weight[i * d->nl + j] >
			    0;
	}
}

struct report *
report_new(struct arena *a, const struct results *r, const struct fit *f,
    const struct judge_model *trained)
{
	struct report *p = arena_alloc(a, sizeof(*p));
	struct metric *m;
	int c, col;

	memset(p, 0, sizeof(*p));
	p->arena = a;
	p->r = r;
	p->job = r->job;
	p->d = r->d;
	p->f = f;
	p->best_epoch = trained != NULL ? (int)trained->origin.epochs : 0;
	for (c = 0; c < p->d->nc; c++)
		if (r->block[c].n > 0)
			p->head[p->nheads++] = c;
	for (col = (int)r->first; col < COL__MAX; col++) {
		m = &p->mean[col];
		m->mae = mean_of(p, (enum column)col,
		    offsetof(struct metric, mae));
		m->rmse = mean_of(p, (enum column)col,
		    offsetof(struct metric, rmse));
		m->spearman = mean_of(p, (enum column)col,
		    offsetof(struct metric, spearman));
		m->kappa = mean_of(p, (enum column)col,
		    offsetof(struct metric, kappa));
		m->pairwise = mean_of(p, (enum column)col,
		    offsetof(struct metric, pairwise));
		curves_make(p, (enum column)col);
		errors_count(p, (enum column)col);
	}
	worst_find(p);
	parts_count(p);
	return p;
}

int
report_shown(const struct report *p, enum column c)
{
	/* Before anything was deployed the active version is the raw judge. */
	if (c == COL_ACTIVE && p->r->first == COL_TRAINED &&
	    p->job->active.model == NULL)
		return 0;
	return c >= p->r->first;
}

const char *
report_column(enum column c)
{
	static const char *const words[] = {
		"trained", "active version", "raw", "raw + constant"
	};

	return words[c];
}

const char *
report_name(const struct report *p, int c)
{
	return c < p->d->nc ? p->job->base.criteria.name[c] : "overall";
}

const char *
report_why_source(const struct report *p)
{
	const struct choice *c = p->f == NULL ? NULL : &p->f->choice;
	const struct source_try *own, *now;

	if (c == NULL)
		return "Nothing was trained: the version is only measured.";
	if (p->f->base != NULL)
		return "Training went on from the base version's weights.";
	if (c->n == 0)
		return "There are only overall ratings: each head follows "
		    "them by its share.";
	own = &c->try[0];
	now = &c->try[c->joint];
	if (now->source == SOURCE_OWN)
		return "Each criterion keeps a rising line on its own raw "
		    "score: weighing the other scores did not predict better "
		    "in cross-validation, or ranked worse, or there are too "
		    "few labels to tell.";
	return arena_printf(p->arena, "%s In cross-validation that took the "
	    "mean error from %.2f to %.2f points and the rank correlation "
	    "from %.3f to %.3f, against a line on the own raw score alone.",
	    now->source == SOURCE_PAIRS ? "The heads were fitted to put pairs "
	    "of evaluations in people's order." : "Each criterion weighs all "
	    "scores of an evaluation.", own->mae, now->mae, own->spearman,
	    now->spearman);
}

static const char *
form_sentence(enum form f)
{
	switch (f) {
	case FORM_NONE:
		return "What the heads say is kept as it is";
	case FORM_WIDEN:
		return "Scores are drawn apart again, a part of the way to "
		    "how far apart people's are";
	case FORM_MATCH:
		return "Scores get the mean and the spread of people's";
	case FORM_BIAS:
		return "A constant is added";
	case FORM_LINEAR:
		return "A least-squares line is laid on top";
	case FORM_STEPS:
		return "Scores follow the steps of an isotonic regression";
	case FORM_LOGISTIC:
		return "Scores follow a logistic curve";
	}
	return "";
}

const char *
report_why_form(const struct report *p)
{
	static const char *const goals[] = {
		"the mean error; a thousandth of it is given for agreement in "
		"grades", "the root mean square error", "agreement in grades "
		"(kappa), and of what is as good the least error",
		"the mean error, as no such form changes the order of scores"
	};
	const struct forms *f = p->f == NULL ? NULL : &p->f->forms;
	const struct form_try *now;

	if (f == NULL)
		return NULL;
	if (f->heads == 0)
		return "There are too few labels to choose a form: what the "
		    "heads say is kept as it is.";
	now = &f->try[f->joint];
	if (f->blind)
		return arena_printf(p->arena, "%s. Texts were learned from "
		    "and too few evaluations watched, so that it was not "
		    "chosen but is the usual one.", form_sentence(now->form));
	return arena_printf(p->arena, "%s. It was chosen by %s, in "
	    "cross-validation: mean error %.2f points, kappa %.3f.",
	    form_sentence(now->form), goals[p->job->optimize], now->mae,
	    now->kappa);
}
