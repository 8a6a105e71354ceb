/* SPDX-License-Identifier: BSD-2-Clause */
/* Raw scores plus a constant. */
#include "config.h"

#include <string.h>

#include "judge/bias.h"
#include "judge/data.h"

int
overall_label(const struct data *d, size_t i, const double *weight, double *y)
{
	const uint8_t *given = d->weight + i * d->nl;
	int c;

	if (given[d->nc] > 0) {
		*y = data_said(d, i)[d->nc];
		return 1;
	}
	for (c = 0; c < d->nc; c++)
		if (given[c] == 0)
			return 0;
	*y = judge_overall(weight, data_said(d, i), d->nc);
	return 1;
}

void
bias_fit(const struct data *d, const double *weight, double *constant)
{
	size_t n[JUDGE_MAX_CRITERIA + 1] = { 0 }, i;
	const double *base;
	double y;
	int c;

	memset(constant, 0, d->nl * sizeof(*constant));
	for (i = 0; i < d->n; i++) {
		if (d->ex[i].part == PART_HELD)
			continue;
		base = d->base + i * (size_t)d->nc;
		for (c = 0; c < d->nc; c++)
			if (d->weight[i * d->nl + (size_t)c] > 0) {
				constant[c] += data_said(d, i)[c] - base[c];
				n[c]++;
			}
		if (overall_label(d, i, weight, &y)) {
			constant[d->nc] += y - judge_overall(weight, base,
			    d->nc);
			n[d->nc]++;
		}
	}
	for (c = 0; c <= d->nc; c++)
		if (n[c] > 0)
			constant[c] /= (double)n[c];
}
