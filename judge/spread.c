/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines into heads and out again. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "judge/spread.h"

#define SPREAD_LEAST	0.05	/* a line that is flatter cannot be undone */

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

void
spread_line(struct spread *s, struct calib_line line, double pivot, size_t n,
    double missing_base)
{
	double k = log(fmax(line.b, SPREAD_LEAST)), now = (double)n;

	if (s->evidence > 0)
		k = (log(spread_factor(s)) * s->evidence + k * now) /
		    (s->evidence + now);
	s->evidence += now;
	/* spread_factor() believes a share of it. */
	s->log_k = k * (s->evidence + SPREAD_HALF) / s->evidence;
	s->pivot = pivot;
	s->centre = line.a + line.b * pivot;
	s->missing_base = missing_base;
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
