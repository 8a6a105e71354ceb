/* SPDX-License-Identifier: BSD-2-Clause */
/* Widening a fit, and narrowing it again. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/spread.h"

#define SPREAD_POWER	0.6
#define SPREAD_MAX	0.9162907318741551	/* log 2.5 */

void
spread_init(struct spread *s)
{
	memset(s, 0, sizeof(*s));
}

double
spread_factor(const struct spread *s)
{
	return s->evidence > 0 ? exp(s->log_k * s->evidence /
	    (s->evidence + SPREAD_HALF)) : 1;
}

static int
double_cmp(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return a < b ? -1 : a > b;
}

static double
mean_sd(const double *x, size_t n, double *sd)
{
	double mean = 0, sq = 0;
	size_t i;

	for (i = 0; i < n; i++)
		mean += x[i];
	mean /= (double)n;
	for (i = 0; i < n; i++)
		sq += (x[i] - mean) * (x[i] - mean);
	*sd = sqrt(sq / (double)n);
	return mean;
}

static double
median_residual(const struct spread *s, const double *fit,
    const double *label, size_t n)
{
	double *r = xcalloc(n, sizeof(*r)), k = spread_factor(s), m;
	size_t i;

	for (i = 0; i < n; i++)
		r[i] = label[i] - (s->pivot + k * (fit[i] - s->pivot));
	qsort(r, n, sizeof(*r), double_cmp);
	m = n % 2 == 1 ? r[n / 2] : (r[n / 2 - 1] + r[n / 2]) / 2;
	free(r);
	return m;
}

void
spread_fit(struct spread *s, const double *fit, const double *label, size_t n,
    double missing_base)
{
	double sd_fit, sd_label, log_k = 0;

	if (n < SPREAD_MIN)
		return;
	s->pivot = mean_sd(fit, n, &sd_fit);
	mean_sd(label, n, &sd_label);
	/* A fit that says the same of everything has nothing to widen. */
	if (sd_fit > 1e-3 && sd_label > sd_fit)
		log_k = fmin(SPREAD_POWER * log(sd_label / sd_fit),
		    SPREAD_MAX);
	s->log_k = (s->log_k * s->evidence + log_k * (double)n) /
	    (s->evidence + (double)n);
	s->evidence += (double)n;
	s->missing_base = missing_base;
	s->centre = s->pivot + median_residual(s, fit, label, n) *
	    (double)n / ((double)n + SPREAD_HALF);
}

/*
 * calibrated = centre + k (base + head - pivot), and base is 50 + 50 times
 * the raw feature, or what it is on average where raw is missing.
 */
double
spread_apply(const struct spread *s, int nc, int c, double *dense)
{
	double k = spread_factor(s);
	size_t j;

	if (s->evidence == 0)
		return 1;
	for (j = 0; j < feature_ndense(nc); j++)
		dense[j] *= k;
	dense[0] += (k - 1) * 50 + s->centre - k * s->pivot;
	dense[feature_raw_at(c)] += (k - 1) * 50;
	dense[feature_missing_at(nc, c)] += (k - 1) * s->missing_base;
	return k;
}

double
spread_undo(const struct spread *s, int nc, int c, double *dense)
{
	double k = spread_factor(s);
	size_t j;

	if (s->evidence == 0)
		return 1;
	dense[0] -= (k - 1) * 50 + s->centre - k * s->pivot;
	dense[feature_raw_at(c)] -= (k - 1) * 50;
	dense[feature_missing_at(nc, c)] -= (k - 1) * s->missing_base;
	for (j = 0; j < feature_ndense(nc); j++)
		dense[j] /= k;
	return 1 / k;
}
