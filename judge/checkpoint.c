/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checkpoint file, little-endian: magic, version, the digest of what the
 * training is made from, the counters, the curves, then weights, multipliers
 * and the best weights, and SHA-256 of all before.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/checkpoint.h"
#include "judge/file.h"
#include "judge/fit.h"
#include "judge/le.h"
#include "util/arena.h"
#include "util/hash.h"

static const char checkpoint_magic[8] = "TYCHECK\n";
#define CHECKPOINT_VERSION	2
#define CHECKPOINT_MAX		((size_t)8 << 30)
/* Magic, version, digest, counters and curves, and the final digest. */
#define HEAD_BYTES(f)	(8 + 4 + 32 + 7 * 8 + 16 * (size_t)(f)->epoch + 32)
/* Multipliers, what the grams said, calm and rest. */
#define ROW_BYTES(f)	(8 * (f)->d->nl + 8 * (size_t)(f)->h->nc + 2)

static void
add_version(struct sha256 *s, const struct job *job)
{
	const struct criteria *cr = &job->base.criteria;
	int c;

	for (c = 0; c < cr->n; c++) {
		sha256_add(s, cr->id[c], strlen(cr->id[c]) + 1);
		sha256_add(s, cr->head[c], strlen(cr->head[c]) + 1);
		sha256_add(s, &cr->weight[c], sizeof(cr->weight[c]));
	}
	sha256_add(s, job->target, sizeof(job->target));
}

/* Judge, data, configuration and base model in 32 bytes. */
static void
identity(const struct fit *f, uint8_t out[SHA256_LEN])
{
	const struct job *job = f->job;
	struct sha256 *s = sha256_new();
	struct arena *a = arena_new(512);
	struct buf b;

	buf_init(&b, a);
	le_put(&b, (uint64_t)job->type, 4);
	le_put(&b, (uint64_t)job->is_text, 4);
	le_put_f64(&b, job->split);
	le_put_f64(&b, job->learning_rate);
	le_put(&b, (uint64_t)job->max_epochs, 4);
	le_put(&b, (uint64_t)job->early_stopping, 4);
	le_put(&b, job->seed, 4);
	le_put(&b, (uint64_t)job->optimize, 4);
	le_put(&b, f->h->nb, 8);
	le_put(&b, f->ntrain, 8);
	sha256_add(s, b.data, b.len);
	arena_free(a);
	sha256_add(s, job->judge_id, strlen(job->judge_id) + 1);
	sha256_add(s, f->d->digest, sizeof(f->d->digest));
	add_version(s, job);
	if (f->base != NULL) {
		sha256_add(s, f->base->dense, (size_t)f->base->nc *
		    f->base->nd * sizeof(*f->base->dense));
		sha256_add(s, f->base->gram, f->base->nb *
		    (size_t)f->base->nc * sizeof(*f->base->gram));
	}
	sha256_end(s, out);
}

static void
put_f64s(struct buf *b, const double *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		le_put_f64(b, x[i]);
}

static void
put_grams(struct buf *b, const struct fit *f, const head_vec *table)
{
	size_t i, n = fit_gram_bytes(f) / sizeof(float);
	const float *x = (const float *)table;

	for (i = 0; i < n; i++)
		le_put_f32(b, x[i]);
}

int
checkpoint_save(const struct fit *f, const char *path)
{
	size_t cells = (size_t)f->h->nc * f->h->nd;
	size_t alphas = f->ntrain * f->d->nl;
	struct arena *a = arena_new(1 << 12);
	uint8_t digest[SHA256_LEN];
	struct buf b;
	int rv, saved;

	buf_init(&b, a);
	buf_reserve(&b, HEAD_BYTES(f) + 24 * cells + ROW_BYTES(f) *
	    f->ntrain + 2 * fit_gram_bytes(f));
	buf_add(&b, checkpoint_magic, sizeof(checkpoint_magic));
	le_put(&b, CHECKPOINT_VERSION, 4);
	identity(f, digest);
	buf_add(&b, digest, sizeof(digest));
	le_put(&b, (uint64_t)f->epoch, 8);
	le_put(&b, (uint64_t)f->done, 8);
	le_put(&b, !isnan(f->best_error), 8);
	le_put(&b, (uint64_t)f->best_epoch, 8);
	le_put_f64(&b, f->best_error);
	le_put(&b, (uint64_t)f->mark_epoch, 8);
	le_put_f64(&b, f->mark_error);
	put_f64s(&b, f->train_mae, (size_t)f->epoch);
	put_f64s(&b, f->eval_mae, (size_t)f->epoch);
	put_f64s(&b, f->h->dense, cells);
	put_f64s(&b, f->h->pull, cells);
	put_f64s(&b, f->alpha, alphas);
	put_f64s(&b, f->said, f->ntrain * (size_t)f->h->nc);
	buf_add(&b, f->calm, f->ntrain);
	buf_add(&b, f->rest, f->ntrain);
	put_grams(&b, f, f->h->gram);
	if (!isnan(f->best_error)) {
		put_f64s(&b, f->best_dense, cells);
		put_grams(&b, f, f->best_gram);
	}
	sha256(b.data, b.len, digest);
	buf_add(&b, digest, sizeof(digest));
	rv = file_publish(path, b.data, b.len);
	saved = errno;
	arena_free(a);
	errno = saved;
	return rv;
}

static void
get_f64s(struct le_in *in, double *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		x[i] = le_get_f64(in);
}

static void
get_grams(struct le_in *in, const struct fit *f, head_vec *table)
{
	size_t i, n = fit_gram_bytes(f) / sizeof(float);
	float *x = (float *)table;

	for (i = 0; i < n; i++)
		x[i] = le_get_f32(in);
}

/*
 * The checksum holds and the digest names this very training, so that the
 * rest was written by checkpoint_save for arrays of these sizes; only the
 * length and the epoch are looked at again.
 */
static const char *
load(struct fit *f, const uint8_t *data, size_t len)
{
	size_t cells = (size_t)f->h->nc * f->h->nd;
	size_t alphas = f->ntrain * f->d->nl, want;
	struct le_in in = { data, len, 0 };
	uint8_t digest[SHA256_LEN];
	uint64_t epoch, done, watched;
	const uint8_t *id;

	if (len < 8 + 4 + 2 * SHA256_LEN ||
	    memcmp(data, checkpoint_magic, sizeof(checkpoint_magic)) != 0)
		return "not a checkpoint";
	sha256(data, len - SHA256_LEN, digest);
	if (memcmp(digest, data + len - SHA256_LEN, SHA256_LEN) != 0)
		return "the checksum does not match";
	in.left -= SHA256_LEN;
	le_bytes(&in, sizeof(checkpoint_magic));
	if (le_get(&in, 4) != CHECKPOINT_VERSION)
		return "the format is not supported";
	identity(f, digest);
	id = le_bytes(&in, SHA256_LEN);
	if (memcmp(digest, id, SHA256_LEN) != 0)
		return "it belongs to another training";
	epoch = le_get(&in, 8);
	done = le_get(&in, 8);
	watched = le_get(&in, 8);
	want = 4 * 8 + 16 * (size_t)epoch + 16 * cells + ROW_BYTES(f) *
	    f->ntrain + fit_gram_bytes(f) + (watched != 0 ? 8 * cells +
	    fit_gram_bytes(f) : 0);
	if (epoch > (uint64_t)f->job->max_epochs ||
	    (watched != 0) != !isnan(f->best_error) || in.left != want)
		return "the length does not match";
	f->epoch = (int)epoch;
	f->done = done != 0;
	f->best_epoch = (int)le_get(&in, 8);
	f->best_error = le_get_f64(&in);
	f->mark_epoch = (int)le_get(&in, 8);
	f->mark_error = le_get_f64(&in);
	get_f64s(&in, f->train_mae, (size_t)epoch);
	get_f64s(&in, f->eval_mae, (size_t)epoch);
	get_f64s(&in, f->h->dense, cells);
	get_f64s(&in, f->h->pull, cells);
	get_f64s(&in, f->alpha, alphas);
	get_f64s(&in, f->said, f->ntrain * (size_t)f->h->nc);
	memcpy(f->calm, le_bytes(&in, f->ntrain), f->ntrain);
	memcpy(f->rest, le_bytes(&in, f->ntrain), f->ntrain);
	get_grams(&in, f, f->h->gram);
	if (watched != 0) {
		get_f64s(&in, f->best_dense, cells);
		get_grams(&in, f, f->best_gram);
	}
	return NULL;
}

int
checkpoint_load(struct fit *f, const char *path, char *errbuf, size_t errlen)
{
	const char *fault;
	size_t len;
	void *data;

	if ((data = file_read(path, CHECKPOINT_MAX, &len)) == NULL) {
		snprintf(errbuf, errlen, "could not read the file: %s",
		    strerrordesc_np(errno));
		return -1;
	}
	if ((fault = load(f, data, len)) != NULL)
		snprintf(errbuf, errlen, "%s", fault);
	free(data);
	return fault == NULL ? 0 : -1;
}
