/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a head sees of one evaluation.  Dense: a constant, each criterion's
 * raw score as (s - 50) / 50 with a flag for missing ones, and for texts the
 * logarithms of characters and words and the mean word length, moved to
 * about [-1, 1].  Sparse: word 1- and 2-grams and character 3- to 5-grams
 * hashed into 2^18 buckets; an n-gram that occurs c times weighs sqrt(c), and
 * each of the two kinds is scaled to the length sqrt(1/2), so that a text's
 * vector has length 1 whatever its size.
 */
#ifndef JUDGE_FEATURE_H
#define JUDGE_FEATURE_H

#include <stddef.h>
#include <stdint.h>

struct arena;

#define FEATURE_BITS	18
#define FEATURE_BUCKETS	(1u << FEATURE_BITS)
#define FEATURE_STATS	3

/* A gram is bucket and count in one word; counts stop at 255. */
#define GRAM_COUNT_BITS	8
#define GRAM_COUNT_MAX	255u
#define GRAM(bucket, count)	((bucket) << GRAM_COUNT_BITS | (count))
#define GRAM_BUCKET(g)	((g) >> GRAM_COUNT_BITS)
#define GRAM_COUNT(g)	((g) & GRAM_COUNT_MAX)

struct feature_text {
	const uint32_t	*gram;		/* nchar of characters, then nword */
	uint32_t	 nchar;
	uint32_t	 nword;
	float		 char_scale;	/* a gram counts scale * sqrt(count) */
	float		 word_scale;
	double		 stat[FEATURE_STATS];
};

/* Dense features of nc criteria: 1 + 2 nc + 3. */
size_t feature_ndense(int nc);
/* Where the raw score and the missing flag of criterion c stand. */
size_t feature_raw_at(int c);
size_t feature_missing_at(int nc, int c);
size_t feature_stat_at(int nc, int i);

/*
 * Fills out[feature_ndense(nc)].  raw: NAN for a missing score.  text: NULL
 * when there is none, then its three features are 0, a middling text.
 */
void feature_dense(const double *raw, int nc, const struct feature_text *text,
    double *out);
/*
 * base[c]: the raw score, or for a missing one the mean of the given ones.
 * 0, or -1 when none is given.
 */
int feature_base(const double *raw, int nc, double *base);
/* Takes a text apart; grams lie in the arena.  Any thread. */
void feature_text(struct arena *, const char *text, size_t len,
    struct feature_text *);

#endif
