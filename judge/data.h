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

#define DATA_ID_LEN	48	/* of an evaluation, with the NUL */

struct example {
	char		 id[DATA_ID_LEN];	/* "" when it has none */
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

/* What one entry of feedback says about one label. */
struct data_entry {
	size_t		 row;
	int		 label;		/* criteria: the overall score */
	int		 rater;		/* -1: not said */
	double		 y;
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
	double		*told;		/* [n][nl]: y before raters_adjust, */
					/* or NULL: y is what was said */
	struct data_entry *entry;	/* in the order of rows */
	size_t		 nentries;
	size_t		 entry_cap;
	int		 raters;	/* people known by name */
	char		**rater;	/* [raters], while data are read */
	int		*rater_slot;	/* hash of names */
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

/* The labels of evaluation i as they were said. */
const double *data_said(const struct data *, size_t i);
/* The grams of evaluation i as they were read; none without text. */
struct feature_text data_text(const struct data *, size_t i);

#endif
