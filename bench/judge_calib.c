/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fits a calibration and applies it, for comparison with other programs.
 *
 *	judge_calib steps|logistic N <points
 *
 * points: N lines "z y weight", then one z a line; prints what each becomes.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/calib.h"

int
main(int argc, char *argv[])
{
	struct score_map m;
	double *z, *y, *w, x;
	size_t n, i;

	if (argc != 3 || (n = strtoul(argv[2], NULL, 10)) == 0)
		return 64;
	z = xcalloc(n, sizeof(*z));
	y = xcalloc(n, sizeof(*y));
	w = xcalloc(n, sizeof(*w));
	for (i = 0; i < n; i++)
		if (scanf("%lf %lf %lf", &z[i], &y[i], &w[i]) != 3)
			return 65;
	if (strcmp(argv[1], "steps") == 0)
		calib_isotonic(z, y, w, n, &m);
	else
		calib_platt(z, y, w, n, &m);
	while (scanf("%lf", &x) == 1)
		printf("%.10g\n", score_map_apply(&m, x));
	free(w);
	free(y);
	free(z);
	return 0;
}
