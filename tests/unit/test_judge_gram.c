/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loops over grams against plain sums, for every length and number of
 * heads around which they change.
 */
#include "config.h"

#include "unit.h"

#include <math.h>
#include <stdlib.h>

#include "judge/model_int.h"
#include "judge/rng.h"

/* The loops themselves: each kind of register is asked. */
#include "judge/gram.c"

#define POSITIONS	500
#define GRAMS		90

static const uint32_t lengths[] = {
	0, 1, 3, 4, 5, 35, 36, 37, 39, 40, 41, 80
};
#define LENGTHS		(sizeof(lengths) / sizeof(lengths[0]))

static float
any(struct rng *r)
{
	return (float)rng_next(r) / 1e19f - 0.9f;
}

static struct heads *
heads_any(int nc, struct rng *r)
{
	struct heads *h = heads_new(nc, 1, POSITIONS, 0);
	size_t i;
	int c;

	for (i = 0; i < POSITIONS; i++)
		for (c = 0; c < nc; c++)
			*heads_cell(h->gram, h, i, c) = any(r);
	return h;
}

/* `once` grams that occur once, then some more; none twice. */
static struct grams
grams_any(const struct heads *h, uint32_t once, uint32_t *g, struct rng *r)
{
	struct grams p = { g, once, once + 7, 0.25f };
	uint32_t i;

	for (i = 0; i < p.n; i++)
		g[i] = PLACED(i * 5 + rng_below(r, 5), h->nv, i < once ? 1 :
		    i == once ? 255 : 2 + (uint32_t)rng_below(r, 9));
	return p;
}

static size_t
at(const struct heads *h, uint32_t g)
{
	return PLACED_AT(g) / ((size_t)h->nv * PLACED_UNITS);
}

static double
times(uint32_t g)
{
	return (double)PLACED_MORE(g) + 1;
}

static void
check_dot(const struct heads *h, const struct grams *p, struct rng *r)
{
	head_vec out[HEAD_VECS];
	float *got = (float *)out, start[JUDGE_MAX_CRITERIA];
	double want;
	uint32_t i;
	int c;

	memset(out, 0, sizeof(out));
	for (c = 0; c < h->nc; c++)
		got[c] = start[c] = any(r);
	grams_dot(h, p, out);
	for (c = 0; c < h->nc; c++) {
		for (want = 0, i = 0; i < p->n; i++)
			want += (double)*heads_cell(h->gram, h, at(h,
			    p->gram[i]), c) * sqrt(times(p->gram[i]));
		assert_true(fabs(got[c] - (start[c] + 0.25 * want)) < 1e-4);
	}
}

/* What `power` of its count a gram adds, and nothing elsewhere. */
static void
check_added(const struct heads *h, head_vec *now, const float *was,
    const struct grams *p, const float *step, double power)
{
	double want;
	uint32_t k;
	size_t i;
	int c;

	for (i = 0; i < POSITIONS; i++) {
		for (k = 0; k < p->n && at(h, p->gram[k]) != i; k++)
			;
		for (c = 0; c < h->nc; c++) {
			want = (double)was[i * (size_t)h->nc + (size_t)c] +
			    (k == p->n ? 0 : step[c] *
			    pow(times(p->gram[k]), power));
			assert_true(fabs((double)*heads_cell(now,
			    h, i, c) - want) < 1e-4 * (1 + fabs(want)));
		}
	}
}

static void
check_add(struct heads *h, const struct grams *p, struct rng *r)
{
	float *was = calloc(POSITIONS * (size_t)h->nc, sizeof(*was));
	head_vec coef[HEAD_VECS], *table = heads_table(h);
	float step[JUDGE_MAX_CRITERIA];
	size_t i;
	int c;

	assert_non_null(was);
	memset(coef, 0, sizeof(coef));
	for (c = 0; c < h->nc; c++)
		step[c] = ((float *)coef)[c] = any(r);
	grams_count(h, table, p, coef);
	check_added(h, table, was, p, step, 1);
	for (i = 0; i < POSITIONS * (size_t)h->nc; i++)
		was[i] = *heads_cell(h->gram, h, i / (size_t)h->nc,
		    (int)(i % (size_t)h->nc));
	for (c = 0; c < h->nc; c++)
		step[c] *= p->scale;
	grams_add(h, p, coef);
	check_added(h, h->gram, was, p, step, 0.5);
	free(table);
	free(was);
}

static void
each_gram_counts_for_each_head(void **state)
{
	static const int counts[] = { 1, 4, 5, 8, 9, 12, 13, 50 };
	uint32_t g[GRAMS];
	struct heads *h;
	struct grams p;
	struct rng r;
	size_t i, k;

	(void)state;
	rng_init(&r, 1, 2);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		h = heads_any(counts[i], &r);
		for (k = 0; k < LENGTHS; k++) {
			p = grams_any(h, lengths[k], g, &r);
			check_dot(h, &p, &r);
			check_add(h, &p, &r);
		}
		heads_free(h);
	}
}

static void
registers_of_any_width_give_the_same(void **state)
{
	struct heads *h[2];
	head_vec out[2][2], step[2];
	uint32_t g[GRAMS];
	struct grams p;
	struct rng r;
	size_t k;
	int c;

	(void)state;
	if (!HAVE_WIDE)
		skip();
	for (k = 0; k < LENGTHS; k++) {
		rng_init(&r, 3, k);
		h[0] = heads_any(8, &r);
		rng_init(&r, 3, k);
		h[1] = heads_any(8, &r);
		p = grams_any(h[0], lengths[k], g, &r);
		memset(out, 0, sizeof(out));
		for (c = 0; c < 8; c++)
			((float *)step)[c] = any(&r);
		add_two((char *)h[0]->gram, &p, h[0]->root, step);
		add_wide((char *)h[1]->gram, &p, h[1]->root, step);
		assert_memory_equal(h[0]->gram, h[1]->gram,
		    POSITIONS * 2 * sizeof(head_vec));
		dot_two((char *)h[0]->gram, &p, h[0]->root, out[0]);
		dot_wide((char *)h[1]->gram, &p, h[1]->root, out[1]);
		assert_memory_equal(out[0], out[1], sizeof(out[0]));
		heads_free(h[0]);
		heads_free(h[1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_gram_counts_for_each_head),
		cmocka_unit_test(registers_of_any_width_give_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
