/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The evaluations of one job in memory: features, base scores and labels,
 * never the content itself.
 */
#ifndef JUDGE_DATA_H
#define JUDGE_DATA_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "judge/feature.h"
#include "judge/job.h"
#include "util/hash.h"

/* Which side of the split an evaluation is on. */
enum part {
	PART_FIT,	/* learned from */
	PART_INNER,	/* watched by early stopping, not learned from */
	PART_HELD	/* measured, never learned from */
};

struct example {
	double		 u;
	size_t		 gram_at;	/* in data.gram */
	uint32_t	 nchar;
	uint32_t	 nword;
	uint32_t	 char_once;	/* set by fit_positions */
	uint32_t	 word_once;
	float		 char_scale;
	float		 word_scale;
	uint8_t		 part;
	uint8_t		 has_text;
	uint8_t		 seen_active;	/* fitted by the active version */
};

/* Only evaluations with a label; nl = criteria + 1, the last is overall. */
struct data {
	int		 nc;
	size_t		 nl;
	size_t		 nd;
	size_t		 n;
	size_t		 cap;
	struct example	*ex;
	double		*dense;		/* [n][nd] */
	double		*base;		/* [n][nc] */
	double		*y;		/* [n][nl] */
	uint8_t		*weight;	/* [n][nl]; 0: no label */
	double		*active;	/* [n][nl]: predictions; held only */
	uint32_t	*gram;		/* all texts */
	size_t		 gram_len;
	size_t		 gram_cap;
	size_t		 left_out;	/* V: seen by the base version */
	size_t		 labels;	/* all of them */
	uint8_t		 digest[SHA256_LEN];	/* of the file's bytes */
};

struct data *data_new(int nc);
void data_free(struct data *);
/*
 * Reads the job's evaluations.  `active`: the model whose predictions are
 * kept for held-out ones.  0; -1 with the reason in errbuf; 1 when *stop
 * became non-zero meanwhile.
 */
int data_read(struct data *, const struct job *, const struct judge_model
    *active, const volatile sig_atomic_t *stop, char *errbuf, size_t errlen);

/* The grams of evaluation i as they were read; none without text. */
struct feature_text data_text(const struct data *, size_t i);

#endif
