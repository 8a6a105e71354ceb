/* SPDX-License-Identifier: BSD-2-Clause */
/* What the dispatcher asks for: the job file of a judge training. */
#ifndef JUDGE_JOB_H
#define JUDGE_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "judge/model.h"

struct arena;

enum train_type {
	TRAIN_INCREMENTAL, TRAIN_FULL, TRAIN_FINE_TUNE, TRAIN_VALIDATION
};

/* What the form of the correction is chosen by. */
enum optimize { OPTIMIZE_MAE, OPTIMIZE_RMSE, OPTIMIZE_QWK, OPTIMIZE_SPEARMAN };

/* The criteria of one judge version, in its order. */
struct criteria {
	int		 n;
	const char	*id[JUDGE_MAX_CRITERIA];
	/* under which id a model has its head; "": it has none */
	const char	*head[JUDGE_MAX_CRITERIA];
	double		 weight[JUDGE_MAX_CRITERIA];
	const char	*name[JUDGE_MAX_CRITERIA];	/* the id without one */
};

/* A version that predictions are compared with. */
struct version {
	const char	*model;		/* path; NULL: version 1, raw scores */
	int64_t		 number;
	int64_t		 seen_through;
	double		 seen_split;
	struct criteria	 criteria;
};

struct job {
	const char	*job_id;
	const char	*judge_id;
	enum train_type	 type;
	const char	*type_name;
	int		 is_text;
	struct version	 base;
	struct version	 active;
	double		 split;		/* validation: 0 */
	double		 learning_rate;
	int		 max_epochs;
	int		 early_stopping;
	uint32_t	 seed;
	enum optimize	 optimize;
	int		 targets_given;
	uint8_t		 target[JUDGE_MAX_CRITERIA];	/* of base.criteria */
	int64_t		 high_water_mark;
	const char	*data;		/* path of evaluations.jsonl */
	const char	*consistency;	/* path, or NULL */
};

const char *optimize_word(enum optimize);
/* Index of an id, or -1. */
int criteria_find(const struct criteria *, const char *id);

/*
 * Reads and checks a job file; strings lie in the arena.  0, or -1 with the
 * reason in errbuf.
 */
int job_read(struct arena *, const char *path, struct job *, char *errbuf,
    size_t errlen);

#endif
