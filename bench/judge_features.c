/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes what the learner sees of the job named on the command line, for
 * other learners: native numbers on standard output.  A header (evaluations,
 * criteria, dense features); then per evaluation held-out flag and number of
 * grams, dense features, base scores, labels, and grams as bucket and value.
 */
#include "config.h"

#include <err.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>

#include "judge/data.h"
#include "util/arena.h"

static void
put(const void *p, size_t size, size_t n)
{
	if (fwrite(p, size, n, stdout) != n)
		err(1, "standard output");
}

static void
put_row(const struct data *d, size_t i)
{
	const struct example *e = &d->ex[i];
	struct feature_text t = data_text(d, i);
	uint32_t head[2] = { e->part == PART_HELD, t.nchar + t.nword };
	uint32_t k, bucket;
	float x;

	put(head, sizeof(head), 1);
	put(d->dense + i * d->nd, sizeof(double), d->nd);
	put(d->base + i * (size_t)d->nc, sizeof(double), (size_t)d->nc);
	put(d->y + i * d->nl, sizeof(double), (size_t)d->nc);
	for (k = 0; k < head[1]; k++) {
		bucket = GRAM_BUCKET(t.gram[k]);
		x = sqrtf((float)GRAM_COUNT(t.gram[k])) *
		    (k < t.nchar ? t.char_scale : t.word_scale);
		put(&bucket, sizeof(bucket), 1);
		put(&x, sizeof(x), 1);
	}
}

int
main(int argc, char *argv[])
{
	static const volatile sig_atomic_t go_on;
	struct arena *a = arena_new(1 << 16);
	uint32_t head[3];
	struct data *d;
	struct job job;
	char why[256];
	size_t i;

	if (argc != 2)
		errx(64, "usage: judge_features job.json");
	if (job_read(a, argv[1], &job, why, sizeof(why)) == -1)
		errx(1, "%s", why);
	d = data_new(job.base.criteria.n);
	if (data_read(d, &job, NULL, &go_on, why, sizeof(why)) != 0)
		errx(1, "%s", why);
	head[0] = (uint32_t)d->n;
	head[1] = (uint32_t)d->nc;
	head[2] = (uint32_t)d->nd;
	put(head, sizeof(head), 1);
	for (i = 0; i < d->n; i++)
		put_row(d, i);
	data_free(d);
	arena_free(a);
	return fflush(stdout) == EOF;
}
