/* SPDX-License-Identifier: BSD-2-Clause */
/* Offsets of people, and labels without them. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/calib.h"
#include "judge/data.h"
#include "judge/rater.h"

/* The line knows the offsets better each time. */
#define ROUNDS	2

void
rater_offsets(const double *r, const int *who, size_t m, int n,
    double *offset)
{
	double *count = xcalloc((size_t)n, sizeof(*count)), all = 0, sq = 0;
	double between = 0, within, people = 0, mean = 0, tau;
	size_t i;
	int k;

	memset(offset, 0, (size_t)n * sizeof(*offset));
	for (i = 0; i < m; i++) {
		count[who[i]]++;
		offset[who[i]] += r[i];
		mean += r[i] / (double)m;
		sq += r[i] * r[i];
	}
	for (k = 0; k < n; k++) {
		if (count[k] == 0)
			continue;
		offset[k] = offset[k] / count[k] - mean;
		between += count[k] * offset[k] * offset[k];
		all += count[k] * count[k];
		people++;
	}
	/* Sums of squares: all of it, and what is left within people. */
	sq -= (double)m * mean * mean;
	within = (double)m > people ? fmax(sq - between, 0) / ((double)m -
	    people) : 0;
	tau = people > 1 && all < (double)m * (double)m ? (between - (people -
	    1) * within) / ((double)m - all / (double)m) : 0;
	for (mean = 0, k = 0; k < n; k++) {
		offset[k] = tau > 0 && count[k] > 0 ? offset[k] * count[k] /
		    (count[k] + within / tau) : 0;
		mean += count[k] * offset[k] / (double)(m > 0 ? m : 1);
	}
	for (k = 0; k < n; k++)
		offset[k] -= count[k] > 0 ? mean : 0;
	free(count);
}

/* What the judge says of row i about label c. */
static double
base_of(const struct data *d, size_t i, int c)
{
	const double *base = d->base + i * (size_t)d->nc;
	double sum = 0;
	int h;

	if (c < d->nc)
		return base[c];
	for (h = 0; h < d->nc; h++)
		sum += base[h];
	return sum / d->nc;
}

/* Entries about label c that are learned from; how many. */
static size_t
entries_of(const struct data *d, int c, const struct data_entry **out)
{
	size_t i, n = 0;

	for (i = 0; i < d->nentries; i++)
		if (d->entry[i].label == c &&
		    d->ex[d->entry[i].row].part != PART_HELD)
			out[n++] = &d->entry[i];
	return n;
}

/* Labels become the means of what is left of the entries. */
static void
labels_without(struct data *d, const struct data_entry *const *e, size_t m,
    int c, const double *offset)
{
	size_t i, at, n = 0;
	double sum = 0;

	/* The entries of a row stand together. */
	for (i = 0; i < m; i++) {
		sum += e[i]->y - (e[i]->rater < 0 ? 0 : offset[e[i]->rater]);
		n++;
		if (i + 1 < m && e[i + 1]->row == e[i]->row)
			continue;
		at = e[i]->row * d->nl + (size_t)c;
		d->y[at] = sum / (double)n;
		sum = 0;
		n = 0;
	}
}

static void
column_adjust(struct data *d, int c, const struct data_entry **e)
{
	size_t m = entries_of(d, c, e), i, n;
	double *z = xcalloc(4 * (m + 1), sizeof(*z)), *y = z + m;
	double *one = y + m, *r = one + m, *offset;
	int *who = xcalloc(m + 1, sizeof(*who)), round;
	struct calib_line line;

	offset = xcalloc((size_t)d->raters, sizeof(*offset));
	for (round = 0; m > 0 && round < ROUNDS; round++) {
		for (i = 0; i < m; i++) {
			z[i] = base_of(d, e[i]->row, c);
			y[i] = d->y[e[i]->row * d->nl + (size_t)c];
			one[i] = 1;
		}
		line = calib_linear(z, y, one, m);
		for (i = 0, n = 0; i < m; i++)
			if (e[i]->rater >= 0) {
				who[n] = e[i]->rater;
				r[n++] = e[i]->y - line.a - line.b * z[i];
			}
		rater_offsets(r, who, n, d->raters, offset);
		labels_without(d, e, m, c, offset);
	}
	free(offset);
	free(who);
	free(z);
}

void
raters_adjust(struct data *d)
{
	const struct data_entry **e;
	int c;

	if (d->raters < 2)
		return;
	d->told = xcalloc(d->n, d->nl * sizeof(double));
	memcpy(d->told, d->y, d->n * d->nl * sizeof(double));
	e = xcalloc(d->nentries, sizeof(*e));
	for (c = 0; c <= d->nc; c++)
		column_adjust(d, c, e);
	free(e);
}
