/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a dataset's rows are, found out as its bytes pass by: JSON Lines or a
 * JSON array, plain or gzip.  Memory is bounded whatever comes (a row's
 * text, and what gunzip needs), and so is the work, about a second: behind
 * DATASET_TEXT_MAX bytes of text nothing is looked at any more, however few
 * packed bytes they came from.  One thread.
 */
#ifndef DOMAIN_DATASET_H
#define DOMAIN_DATASET_H

#include <stddef.h>
#include <stdint.h>

#include "util/jw.h"

#define DATASET_TEXT_MAX	(128 * 1024 * 1024)
#define DATASET_ROW_MAX		(1024 * 1024)	/* longer ones are counted */
#define DATASET_FAULTS		10		/* told of */
#define DATASET_FAULTS_MAX	10000		/* counted: then it is none */
#define DATASET_SPLITS		32		/* counted */
#define DATASET_SPLIT_LEN	401		/* 100 characters, a NUL */
#define DATASET_WHY_LEN		160

/* The forms that a row may have. */
enum dataset_shape {
	SHAPE_MESSAGES,
	SHAPE_STEPS,
	SHAPE_PROMPT_ANSWER,
	SHAPE_PROMPT,		/* no answer: for reinforcement learning */
	SHAPE__MAX		/* none of them */
};

enum dataset_format { DATASET_EMPTY, DATASET_LINES, DATASET_ARRAY };

struct dataset_fault {
	int64_t	line;
	char	why[DATASET_WHY_LEN];
};

struct dataset_split {
	char	name[DATASET_SPLIT_LEN];
	int64_t	rows;
};

struct dataset_summary {
	enum dataset_format	format;
	int			gzip;
	int			partial;	/* not all of it was checked */
	int64_t			rows, faults;
	int64_t			shapes[SHAPE__MAX];
	struct dataset_fault	fault[DATASET_FAULTS];
	struct dataset_split	split[DATASET_SPLITS];
	int			nsplits;
};

struct dataset;

struct dataset *dataset_new(void);
void dataset_add(struct dataset *, const void *, size_t);
/* No more comes.  Valid until dataset_free. */
const struct dataset_summary *dataset_end(struct dataset *);
/* NULL is allowed. */
void dataset_free(struct dataset *);
/* As an object. */
void dataset_write(const struct dataset_summary *, struct jw *);

/*
 * dataset_row.c: the form of one row, text without blanks around it.
 * SHAPE__MAX and why (DATASET_WHY_LEN bytes) when it has none; *is_json
 * tells whether that is only what it says.  split (DATASET_SPLIT_LEN bytes):
 * "" when the row names none.
 */
enum dataset_shape dataset_row(const char *text, size_t len, char *split,
    char *why, int *is_json);

#endif
