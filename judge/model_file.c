/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model file, little-endian:
 *
 *	magic[8] version:u32
 *	bits:u8 is_text:u8 nc:u16 nb:u32
 *	judge_id:str training_type:str base_version:u32 seed:u32 epochs:u32
 *	labels:u64 high_water_mark:i64
 *	per criterion	id:str, five f64 of struct spread, text_prior:f64,
 *			labels:f64, kind:u8 n:u16 and n times x:f64 y:f64 of
 *			struct score_map (not in version 1)
 *	dense weights	nc * nd f64
 *	used buckets	nb distances, seven bits a byte, low ones first
 *	gram weights	nb * nc f32
 *	dense evidence	nc * nd f64
 *	gram evidence	nb * nc u16, the upper half of an f32
 *	SHA-256 of all before
 *
 * str is a u16 length and the bytes.  Nothing in it tells when or where it
 * was made: the same training gives the same bytes.
 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/file.h"
#include "judge/le.h"
#include "judge/model_int.h"
#include "util/arena.h"
#include "util/hash.h"

static const char model_magic[8] = "TYJUDGE\n";
#define MODEL_VERSION	2
/* The oldest that is read: it has no maps. */
#define MODEL_OLDEST	1
/* Beyond any score; keeps sums finite whatever a file says. */
#define WEIGHT_MAX	1e9
/* The largest file there can be is about 85 MB. */
#define MODEL_FILE_MAX	((size_t)128 << 20)

/* The upper half of an f32, rounded: evidence needs no more. */
static uint16_t
half_put(float f)
{
	uint32_t u;

	memcpy(&u, &f, sizeof(u));
	return (uint16_t)((u + 0x8000) >> 16);
}

static float
half_get(uint16_t h)
{
	uint32_t u = (uint32_t)h << 16;
	float f;

	memcpy(&f, &u, sizeof(f));
	return f;
}

static void
put_buckets(struct buf *b, const struct judge_model *m)
{
	uint32_t i, d, last = 0;

	for (i = 0; m->nb > 0 && i < FEATURE_BUCKETS; i++) {
		if (model_find(m, i) < 0)
			continue;
		for (d = i - last; d >= 0x80; d >>= 7)
			buf_addc(b, (char)(uint8_t)(d | 0x80));
		buf_addc(b, (char)(uint8_t)d);
		last = i;
	}
}

static void
put_map(struct buf *b, const struct score_map *m)
{
	uint16_t i;

	le_put(b, m->kind, 1);
	le_put(b, m->n, 2);
	for (i = 0; i < m->n; i++) {
		le_put_f64(b, m->x[i]);
		le_put_f64(b, m->y[i]);
	}
}

static void
put_states(struct buf *b, const struct judge_model *m)
{
	static const struct score_map straight;
	const struct head_state *s;
	int c;

	for (c = 0; c < m->nc; c++) {
		s = &m->state[c];
		le_put_str(b, m->id[c]);
		le_put_f64(b, s->spread.log_k);
		le_put_f64(b, s->spread.evidence);
		le_put_f64(b, s->spread.pivot);
		le_put_f64(b, s->spread.centre);
		le_put_f64(b, s->spread.missing_base);
		le_put_f64(b, s->text_prior);
		le_put_f64(b, s->labels);
		put_map(b, m->map == NULL ? &straight : &m->map[c]);
	}
}

void
model_write(const struct judge_model *m, struct buf *b)
{
	const struct model_origin *o = &m->origin;
	size_t nc = (size_t)m->nc, i, from = b->len;
	uint8_t digest[SHA256_LEN];

	buf_reserve(b, 4096 + nc * m->nd * 16 + m->nb * (5 + nc * 6));
	buf_add(b, model_magic, sizeof(model_magic));
	le_put(b, MODEL_VERSION, 4);
	le_put(b, FEATURE_BITS, 1);
	le_put(b, m->is_text != 0, 1);
	le_put(b, nc, 2);
	le_put(b, m->nb, 4);
	le_put_str(b, o->judge_id);
	le_put_str(b, o->training_type);
	le_put(b, o->base_version, 4);
	le_put(b, o->seed, 4);
	le_put(b, o->epochs, 4);
	le_put(b, o->labels, 8);
	le_put(b, (uint64_t)o->high_water_mark, 8);
	put_states(b, m);
	for (i = 0; i < nc * m->nd; i++)
		le_put_f64(b, m->dense[i]);
	put_buckets(b, m);
	for (i = 0; i < m->nb * nc; i++)
		le_put_f32(b, m->gram[i]);
	for (i = 0; i < nc * m->nd; i++)
		le_put_f64(b, m->dense_seen[i]);
	for (i = 0; i < m->nb * nc; i++)
		le_put(b, half_put(m->gram_seen[i]), 2);
	sha256(b->data + from, b->len - from, digest);
	buf_add(b, digest, sizeof(digest));
}

int
model_save(const struct judge_model *m, const char *path)
{
	struct arena *a = arena_new(1 << 12);
	struct buf b;
	int rv, saved;

	buf_init(&b, a);
	model_write(m, &b);
	rv = file_publish(path, b.data, b.len);
	saved = errno;
	arena_free(a);
	errno = saved;
	return rv;
}

/* A string field of 1..cap - 1 bytes without NUL. */
static void
get_str(struct le_in *in, char *out, size_t cap)
{
	size_t n = (size_t)le_get(in, 2);
	const uint8_t *p;

	out[0] = '\0';
	if (n == 0 || n >= cap)
		in->bad = 1;
	if ((p = le_bytes(in, n)) == NULL)
		return;
	if (memchr(p, '\0', n) != NULL)
		in->bad = 1;
	memcpy(out, p, n);
	out[n] = '\0';
}

static double
get_bounded(struct le_in *in, double lo, double hi)
{
	double d = le_get_f64(in);

	/* Written so that NaN is refused too. */
	if (!(d >= lo && d <= hi)) {
		in->bad = 1;
		return 0;
	}
	return d;
}

static void
get_state(struct le_in *in, struct head_state *s)
{
	s->spread.log_k = get_bounded(in, -10, 10);
	s->spread.evidence = get_bounded(in, 0, 1e15);
	s->spread.pivot = get_bounded(in, -WEIGHT_MAX, WEIGHT_MAX);
	s->spread.centre = get_bounded(in, -WEIGHT_MAX, WEIGHT_MAX);
	s->spread.missing_base = get_bounded(in, -50, 50);
	s->text_prior = get_bounded(in, 0, 1e9);
	s->labels = get_bounded(in, 0, 1e15);
}

/* A map that falls, or that a search would get lost in, is refused. */
static void
get_map(struct le_in *in, struct score_map *m)
{
	uint16_t i, n;

	memset(m, 0, sizeof(*m));
	m->kind = (uint8_t)le_get(in, 1);
	n = (uint16_t)le_get(in, 2);
	if (m->kind > MAP_LOGISTIC || n > MODEL_KNOTS ||
	    (m->kind == MAP_STRAIGHT && n != 0) ||
	    (m->kind == MAP_STEPS && n < 1) ||
	    (m->kind == MAP_LOGISTIC && n != 1)) {
		in->bad = 1;
		return;
	}
	for (i = 0; i < n && !in->bad; i++) {
		m->x[i] = get_bounded(in, -WEIGHT_MAX, WEIGHT_MAX);
		m->y[i] = get_bounded(in, m->kind == MAP_STEPS ? -WEIGHT_MAX :
		    0, WEIGHT_MAX);
		if (i > 0 && (m->x[i] <= m->x[i - 1] ||
		    m->y[i] < m->y[i - 1]))
			in->bad = 1;
	}
	m->n = n;
}

static void
get_buckets(struct le_in *in, struct judge_model *m)
{
	uint32_t at = 0, d, byte;
	size_t i;
	int shift;

	for (i = 0; i < m->nb && !in->bad; i++) {
		for (d = 0, shift = 0; ; shift += 7) {
			byte = (uint32_t)le_get(in, 1);
			if (shift > 14 || in->bad) {
				in->bad = 1;
				return;
			}
			d |= (byte & 0x7f) << shift;
			if ((byte & 0x80) == 0)
				break;
		}
		at += d;
		/* One way to write each number: no useless last byte. */
		if (at >= FEATURE_BUCKETS || (d == 0 && i > 0) ||
		    (byte == 0 && shift > 0)) {
			in->bad = 1;
			return;
		}
		m->used[at >> 6] |= 1ULL << (at & 63);
	}
	model_index(m);
}

static void
get_evidence(struct le_in *in, struct judge_model *m)
{
	size_t cells = (size_t)m->nc * m->nd, grams = m->nb * (size_t)m->nc, i;

	m->dense_seen = xcalloc(cells, sizeof(*m->dense_seen));
	m->gram_seen = xcalloc(grams, sizeof(*m->gram_seen));
	for (i = 0; i < cells && !in->bad; i++)
		m->dense_seen[i] = get_bounded(in, 0, 1e15);
	for (i = 0; i < grams && !in->bad; i++) {
		m->gram_seen[i] = half_get((uint16_t)le_get(in, 2));
		if (!(m->gram_seen[i] >= 0 && m->gram_seen[i] <= 1e15f))
			in->bad = 1;
	}
}

static void
get_body(struct le_in *in, struct judge_model *m, uint64_t version, int full)
{
	size_t nc = (size_t)m->nc, i;
	struct head_state skipped;
	struct score_map map;
	float f;
	int c;

	if (full)
		m->state = xcalloc(nc, sizeof(*m->state));
	for (c = 0; c < m->nc && !in->bad; c++) {
		get_str(in, m->id[c], sizeof(m->id[c]));
		if (model_criterion(m, m->id[c]) != c)
			in->bad = 1;
		get_state(in, full ? &m->state[c] : &skipped);
		if (version == MODEL_OLDEST || in->bad)
			continue;
		get_map(in, &map);
		model_map_set(m, c, &map);
	}
	for (i = 0; i < nc * m->nd && !in->bad; i++)
		m->dense[i] = get_bounded(in, -WEIGHT_MAX, WEIGHT_MAX);
	get_buckets(in, m);
	for (i = 0; i < m->nb * nc && !in->bad; i++) {
		f = le_get_f32(in);
		if (!(f >= (float)-WEIGHT_MAX && f <= (float)WEIGHT_MAX))
			in->bad = 1;
		m->gram[i] = f;
	}
	if (full)
		get_evidence(in, m);
	else
		le_bytes(in, nc * m->nd * 8 + m->nb * nc * 2);
}

static void
say(char *errbuf, size_t errlen, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
say(char *errbuf, size_t errlen, const char *fmt, ...)
{
	va_list ap;

	if (errlen == 0)
		return;
	va_start(ap, fmt);
	vsnprintf(errbuf, errlen, fmt, ap);
	va_end(ap);
}

static struct judge_model *
parse(const void *data, size_t len, int full, char *errbuf, size_t errlen)
{
	struct le_in in = { data, len, 0 };
	struct model_origin o;
	struct judge_model *m;
	uint8_t digest[SHA256_LEN];
	uint64_t version, bits, is_text, nc, nb;
	const uint8_t *magic;

	if (len < sizeof(model_magic) + 4 + SHA256_LEN ||
	    memcmp(data, model_magic, sizeof(model_magic)) != 0) {
		say(errbuf, errlen, "not a judge model");
		return NULL;
	}
	in.left -= SHA256_LEN;
	magic = le_bytes(&in, sizeof(model_magic));
	version = le_get(&in, 4);
	if (version < MODEL_OLDEST || version > MODEL_VERSION) {
		say(errbuf, errlen, "model format %u is not supported",
		    (unsigned)version);
		return NULL;
	}
	sha256(magic, len - SHA256_LEN, digest);
	if (memcmp(digest, magic + len - SHA256_LEN, SHA256_LEN) != 0) {
		say(errbuf, errlen, "the checksum does not match");
		return NULL;
	}
	bits = le_get(&in, 1);
	is_text = le_get(&in, 1);
	nc = le_get(&in, 2);
	nb = le_get(&in, 4);
	memset(&o, 0, sizeof(o));
	get_str(&in, o.judge_id, sizeof(o.judge_id));
	get_str(&in, o.training_type, sizeof(o.training_type));
	o.base_version = (uint32_t)le_get(&in, 4);
	o.seed = (uint32_t)le_get(&in, 4);
	o.epochs = (uint32_t)le_get(&in, 4);
	o.labels = le_get(&in, 8);
	o.high_water_mark = (int64_t)le_get(&in, 8);
	/* What is allocated next must be backed by bytes that are there. */
	if (in.bad || bits != FEATURE_BITS || is_text > 1 || nc < 1 ||
	    nc > JUDGE_MAX_CRITERIA || nb > FEATURE_BUCKETS ||
	    (nb > 0 && !is_text) || nb * (1 + nc * 6) > in.left) {
		say(errbuf, errlen, "the header is malformed");
		return NULL;
	}
	m = model_new((int)nc, (int)is_text, (size_t)nb);
	m->origin = o;
	get_body(&in, m, version, full);
	if (in.bad || in.left != 0) {
		judge_model_free(m);
		say(errbuf, errlen, "the body is malformed");
		return NULL;
	}
	return m;
}

struct judge_model *
judge_model_parse(const void *data, size_t len, char *errbuf, size_t errlen)
{
	return parse(data, len, 0, errbuf, errlen);
}

struct judge_model *
model_parse_full(const void *data, size_t len, char *errbuf, size_t errlen)
{
	return parse(data, len, 1, errbuf, errlen);
}

static struct judge_model *
load(const char *path, int full, char *errbuf, size_t errlen)
{
	struct judge_model *m;
	size_t len;
	void *data;

	if ((data = file_read(path, MODEL_FILE_MAX, &len)) == NULL) {
		say(errbuf, errlen, "could not read the file: %s",
		    strerrordesc_np(errno));
		return NULL;
	}
	m = parse(data, len, full, errbuf, errlen);
	free(data);
	return m;
}

struct judge_model *
judge_model_load(const char *path, char *errbuf, size_t errlen)
{
	return load(path, 0, errbuf, errlen);
}

struct judge_model *
model_load_full(const char *path, char *errbuf, size_t errlen)
{
	return load(path, 1, errbuf, errlen);
}
