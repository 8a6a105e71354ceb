/* SPDX-License-Identifier: BSD-2-Clause */
/* Sums, lines and weights of ridge regressions. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/head.h"
#include "judge/model_int.h"
#include "judge/ridge.h"

/* Variance of people's slopes about 1, the judge's, as we believe it. */
#define SLOPE_VARIANCE	0.007
/* The line always rises. */
#define SLOPE_LEAST	0.1

uint8_t
fold_of(double u)
{
	return (uint8_t)((uint64_t)(u * 0x1p40) % RIDGE_FOLDS);
}

void
ridge_init(struct ridge_sums *s, size_t nd)
{
	memset(s, 0, sizeof(*s));
	s->xx = xcalloc(nd * nd, sizeof(double));
	s->xy = xcalloc(nd, sizeof(double));
	s->xb = xcalloc(nd, sizeof(double));
}

void
ridge_free(struct ridge_sums *s)
{
	free(s->xx);
	free(s->xy);
	free(s->xb);
}

void
ridge_add(struct ridge_sums *s, const double *x, size_t nd, double base,
    double y, double weight)
{
	size_t i, j;
	double wx;

	s->w += weight;
	s->b += weight * base;
	s->y += weight * y;
	s->bb += weight * base * base;
	s->by += weight * base * y;
	s->yy += weight * y * y;
	s->n++;
	for (i = 0; i < nd; i++) {
		if (x[i] == 0)
			continue;
		wx = weight * x[i];
		s->xy[i] += wx * y;
		s->xb[i] += wx * base;
		for (j = 0; j <= i; j++)
			s->xx[i * nd + j] += wx * x[j];
	}
}

void
ridge_sum(struct ridge_sums *all, const struct ridge_sums *fold, size_t nd)
{
	size_t i;

	all->w += fold->w;
	all->b += fold->b;
	all->y += fold->y;
	all->bb += fold->bb;
	all->by += fold->by;
	all->yy += fold->yy;
	all->n += fold->n;
	for (i = 0; i < nd * nd; i++)
		all->xx[i] += fold->xx[i];
	for (i = 0; i < nd; i++) {
		all->xy[i] += fold->xy[i];
		all->xb[i] += fold->xb[i];
	}
}

void
ridge_without(struct ridge_sums *out, const struct ridge_sums *all,
    const struct ridge_sums *fold, size_t nd)
{
	size_t i;

	out->w = all->w - fold->w;
	out->b = all->b - fold->b;
	out->y = all->y - fold->y;
	out->bb = all->bb - fold->bb;
	out->by = all->by - fold->by;
	out->yy = all->yy - fold->yy;
	out->n = all->n - fold->n;
	for (i = 0; i < nd * nd; i++)
		out->xx[i] = all->xx[i] - fold->xx[i];
	for (i = 0; i < nd; i++) {
		out->xy[i] = all->xy[i] - fold->xy[i];
		out->xb[i] = all->xb[i] - fold->xb[i];
	}
}

/* Variance of the base, times the weights; and its covariance likewise. */
static double
sxx(const struct ridge_sums *s)
{
	return s->w > 0 ? fmax(s->bb - s->b * s->b / s->w, 0) : 0;
}

static double
sxy(const struct ridge_sums *s)
{
	return s->w > 0 ? s->by - s->b * s->y / s->w : 0;
}

/* One label's variance about the criterion's own least-squares line ... */
static double
noise(const struct ridge_sums *s)
{
	double left;

	if (s->n < 3)
		return 0;
	left = s->yy - s->y * s->y / s->w;
	if (sxx(s) > 1e-9)
		left -= sxy(s) * sxy(s) / sxx(s);
	return fmax(left, 0) / (s->n - 2);
}

/* ... and what the belief in the slope 1 weighs beside the labels. */
static double
belief(const struct ridge_sums *s)
{
	return s->n < 3 ? sxx(s) + 1 : noise(s) / SLOPE_VARIANCE;
}

double
ridge_slope_pooled(const struct ridge_sums *const *s, size_t n)
{
	double up = 1e-9, down = 1e-9;
	size_t i;

	for (i = 0; i < n; i++) {
		up += sxy(s[i]) + belief(s[i]);
		down += sxx(s[i]) + belief(s[i]);
	}
	return fmax(up / down, SLOPE_LEAST);
}

struct ridge_line
ridge_own(const struct ridge_sums *s, double pooled)
{
	struct ridge_line l = { 0, pooled };
	double k = belief(s);

	if (sxx(s) > 1e-9)
		l.slope = fmax((sxy(s) + k * pooled) / (sxx(s) + k),
		    SLOPE_LEAST);
	if (s->w > 0)
		l.a = (s->y - l.slope * s->b) / s->w;
	return l;
}

void
ridge_solve(const struct ridge_sums *s, size_t nd, struct ridge_line line,
    double constant, double lambda, double *work, double *out)
{
	size_t j;

	memcpy(work, s->xx, nd * nd * sizeof(*work));
	for (j = 0; j < nd; j++) {
		/* The first feature is the constant. */
		work[j * nd + j] += j == 0 ? constant : lambda;
		out[j] = s->xy[j] - line.a * s->xx[j * nd] - line.slope *
		    s->xb[j];
	}
	cholesky(work, nd);
	cholesky_solve(work, nd, out);
}
