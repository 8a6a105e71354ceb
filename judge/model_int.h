/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of a model, for the learner only. */
#ifndef JUDGE_MODEL_INT_H
#define JUDGE_MODEL_INT_H

#include <stddef.h>
#include <stdint.h>

#include "judge/feature.h"
#include "judge/model.h"

struct buf;

#define MODEL_ID_LEN	128	/* of a criterion or judge, with the NUL */
#define MODEL_WORDS	(FEATURE_BUCKETS / 64)

/*
 * How a head's least-squares fit was widened (spread.h):
 *	calibrated = centre + exp(log_k * share) * (fit - pivot)
 * with share = evidence / (evidence + SPREAD_HALF).
 */
struct spread {
	double	 log_k;
	double	 evidence;	/* labels behind it; 0: not widened */
	double	 pivot;
	double	 centre;
	double	 missing_base;	/* mean of base - 50 where raw is missing */
};

/* Knots of a map; half as many steps. */
#define MODEL_KNOTS	64

/*
 * What becomes of base + head before it is clamped.  Straight: nothing more.
 * Steps: n points with ascending x and y, straight lines between them, flat
 * beyond.  Logistic: 100 / (1 + exp(-(x[0] + y[0] s))), n is 1.
 */
enum map_kind { MAP_STRAIGHT, MAP_STEPS, MAP_LOGISTIC };

struct score_map {
	uint8_t		 kind;
	uint16_t	 n;
	double		 x[MODEL_KNOTS];
	double		 y[MODEL_KNOTS];
};

/* What a warm start goes on from, per criterion; not needed for scoring. */
struct head_state {
	struct spread	 spread;
	double		 text_prior;	/* prior precision of grams; 0: none */
	double		 labels;	/* sum of label weights fitted so far */
};

struct model_origin {
	char		 judge_id[MODEL_ID_LEN];
	char		 training_type[16];
	uint32_t	 base_version;
	uint32_t	 seed;
	uint32_t	 epochs;	/* whose weights were kept */
	uint64_t	 labels;
	int64_t		 high_water_mark;
};

/*
 * Gram weights are kept for used buckets only, in ascending order: `used` has
 * a bit per bucket and `before` the number of bits set before each word, so
 * that a bucket is found in two memory accesses.  Both are NULL without grams.
 */
struct judge_model {
	int		 nc;
	int		 is_text;
	size_t		 nd;		/* feature_ndense(nc) */
	char		(*id)[MODEL_ID_LEN];
	double		*dense;		/* [nc][nd] */
	size_t		 nb;
	uint64_t	*used;		/* [MODEL_WORDS] */
	uint32_t	*before;	/* [MODEL_WORDS] */
	float		*gram;		/* [nb][nc] */
	struct score_map *map;		/* [nc], or NULL: all straight */
	/* Filled by model_load_full and model_new only. */
	struct model_origin origin;
	struct head_state *state;	/* [nc] */
	double		*dense_seen;	/* [nc][nd]: sum of weight * x^2 */
	float		*gram_seen;	/* [nb][nc]: of weight * count */
};

/*
 * An empty model with room for nb buckets whose bits the caller sets; then
 * model_index() counts them.  Weights and states are zero.
 */
struct judge_model *model_new(int nc, int is_text, size_t nb);
void model_index(struct judge_model *);
/* Position of a bucket, or -1. */
long model_find(const struct judge_model *, uint32_t bucket);
/* Index of a criterion id, or -1. */
int model_criterion(const struct judge_model *, const char *id);

/* As judge_model_load, with the state for a warm start. */
struct judge_model *model_load_full(const char *path, char *errbuf,
    size_t errlen);
struct judge_model *model_parse_full(const void *data, size_t len,
    char *errbuf, size_t errlen);
/* Appends the bytes of a model file.  The same model gives the same bytes. */
void model_write(const struct judge_model *, struct buf *);
/*
 * Writes temporary file, fsync, rename, fsync of the folder.  0, or -1
 * with errno set; nothing is left behind.
 */
int model_save(const struct judge_model *, const char *path);

/* What the map makes of base + head; not clamped. */
double score_map_apply(const struct score_map *, double said);
void model_map_set(struct judge_model *, int c, const struct score_map *);
/* The same for criterion c of a model, clamped: the score. */
double model_score(const struct judge_model *, int c, double said);

/* The heads alone; text NULL: no text features. */
void model_heads(const struct judge_model *, const double *dense,
    const struct feature_text *text, double *out);

/* For what must not fail: ends the process when memory is gone. */
void *xcalloc(size_t n, size_t size);

#endif
