/* SPDX-License-Identifier: BSD-2-Clause */
/* Features of scores and texts; nothing here depends on the machine. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "judge/feature.h"
#include "judge/rng.h"
#include "judge/uni.h"
#include "util/arena.h"
#include "util/utf8.h"

#define CHAR_GRAM_MIN	3
#define CHAR_GRAM_MAX	5
/* Keep n-grams of different kinds from meaning the same. */
#define SALT_CHAR	0x63686172ULL
#define SALT_WORD	0x776f7264ULL
#define SALT_PAIR	0x70616972ULL
#define RADIX_BITS	9
#define RADIX		(1u << RADIX_BITS)

size_t
feature_ndense(int nc)
{
	return 1 + 2 * (size_t)nc + FEATURE_STATS;
}

size_t
feature_raw_at(int c)
{
	return 1 + (size_t)c;
}

size_t
feature_missing_at(int nc, int c)
{
	return 1 + (size_t)nc + (size_t)c;
}

size_t
feature_stat_at(int nc, int i)
{
	return 1 + 2 * (size_t)nc + (size_t)i;
}

void
feature_dense(const double *raw, int nc, const struct feature_text *text,
    double *out)
{
	int c, i;

	out[0] = 1;
	for (c = 0; c < nc; c++) {
		int missing = isnan(raw[c]);

		out[feature_raw_at(c)] = missing ? 0 : (raw[c] - 50) / 50;
		out[feature_missing_at(nc, c)] = missing;
	}
	for (i = 0; i < FEATURE_STATS; i++)
		out[feature_stat_at(nc, i)] = text != NULL ? text->stat[i] : 0;
}

int
feature_base(const double *raw, int nc, double *base)
{
	double sum = 0, mean;
	int c, n = 0;

	for (c = 0; c < nc; c++)
		if (!isnan(raw[c])) {
			sum += raw[c];
			n++;
		}
	if (n == 0)
		return -1;
	mean = sum / n;
	for (c = 0; c < nc; c++)
		base[c] = isnan(raw[c]) ? mean : raw[c];
	return 0;
}

/* Orders 18-bit numbers in two passes; a and tmp hold n each. */
static void
ids_sort(uint32_t *a, uint32_t *tmp, size_t n)
{
	size_t count[RADIX], i, at, c;
	uint32_t *swap;
	int pass, shift;

	for (pass = 0; pass < 2; pass++) {
		shift = pass * RADIX_BITS;
		memset(count, 0, sizeof(count));
		for (i = 0; i < n; i++)
			count[a[i] >> shift & (RADIX - 1)]++;
		for (i = 0, at = 0; i < RADIX; i++) {
			c = count[i];
			count[i] = at;
			at += c;
		}
		for (i = 0; i < n; i++)
			tmp[count[a[i] >> shift & (RADIX - 1)]++] = a[i];
		swap = a;
		a = tmp;
		tmp = swap;
	}
}

/*
 * Turns n bucket numbers into sorted grams in place; returns how many there
 * are and the scale that gives their values the length sqrt(1/2).
 */
static uint32_t
ids_pack(uint32_t *id, uint32_t *tmp, size_t n, float *scale)
{
	size_t i, j, out = 0, sum = 0, c;

	ids_sort(id, tmp, n);
	for (i = 0; i < n; i = j) {
		for (j = i + 1; j < n && id[j] == id[i]; j++)
			;
		c = j - i < GRAM_COUNT_MAX ? j - i : GRAM_COUNT_MAX;
		id[out++] = GRAM(id[i], (uint32_t)c);
		sum += c;
	}
	*scale = sum > 0 ? sqrtf(0.5f / (float)sum) : 0;
	return (uint32_t)out;
}

static uint32_t
bucket(uint64_t h, uint64_t salt)
{
	return (uint32_t)(rng_mix(h ^ rng_mix(salt)) >> (64 - FEATURE_BITS));
}

static uint64_t
hash_step(uint64_t h, uint32_t cp)
{
	h = (h ^ cp) * 0xff51afd7ed558ccdULL;
	return h ^ (h >> 32);
}

/*
 * Code points with ASCII letters in lower case and each run of white space
 * as one blank, with a blank at both ends so that n-grams see where words
 * begin and end.  Returns their number; *chars counts the text's own.
 */
static size_t
text_decode(const char *s, size_t len, uint32_t *cp, size_t *chars)
{
	size_t i, n, out = 0;
	uint32_t c;

	*chars = 0;
	cp[out++] = ' ';
	for (i = 0; i < len; i += n) {
		if ((n = utf8_next(s + i, len - i, &c)) == 0) {
			n = 1;
			c = 0xfffd;
		}
		(*chars)++;
		if (uni_space(c)) {
			if (cp[out - 1] != ' ')
				cp[out++] = ' ';
		} else
			cp[out++] = c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
	}
	if (cp[out - 1] != ' ')
		cp[out++] = ' ';
	return out;
}

static size_t
char_grams(const uint32_t *cp, size_t n, uint32_t *id)
{
	size_t i, k, out = 0;
	uint64_t h;

	for (i = 0; i < n; i++) {
		h = SALT_CHAR;
		for (k = 1; k <= CHAR_GRAM_MAX && i + k <= n; k++) {
			h = hash_step(h, cp[i + k - 1]);
			if (k >= CHAR_GRAM_MIN)
				id[out++] = bucket(h, SALT_CHAR + k);
		}
	}
	return out;
}

/* *words, *letters: how many words, and code points in them. */
static size_t
word_grams(const uint32_t *cp, size_t n, uint32_t *id, size_t *words,
    size_t *letters)
{
	size_t i, out = 0;
	uint64_t h, last = 0;

	*words = *letters = 0;
	for (i = 0; i < n;) {
		if (cp[i] < 0x80 && !(cp[i] >= 'a' && cp[i] <= 'z') &&
		    !(cp[i] >= '0' && cp[i] <= '9')) {
			i++;
			continue;
		}
		h = SALT_WORD;
		for (; i < n && (cp[i] >= 0x80 ||
		    (cp[i] >= 'a' && cp[i] <= 'z') ||
		    (cp[i] >= '0' && cp[i] <= '9')); i++) {
			h = hash_step(h, cp[i]);
			(*letters)++;
		}
		id[out++] = bucket(h, SALT_WORD);
		if ((*words)++ > 0)
			id[out++] = bucket(last * 3 + h, SALT_PAIR);
		last = h;
	}
	return out;
}

static double
squeeze(double x, double mid, double width)
{
	x = (x - mid) / width;
	return x < -3 ? -3 : x > 3 ? 3 : x;
}

void
feature_text(struct arena *a, const char *text, size_t len,
    struct feature_text *out)
{
	uint32_t *cp, *id, *tmp;
	size_t n, nchar, nword, chars, words, letters, kinds;

	cp = arena_alloc(a, (len + 2) * sizeof(*cp));
	n = text_decode(text, len, cp, &chars);
	kinds = CHAR_GRAM_MAX - CHAR_GRAM_MIN + 1;
	/* A word has a letter and a gap: at most n word grams of both kinds. */
	id = arena_alloc(a, (kinds + 1) * n * sizeof(*id));
	tmp = arena_alloc(a, kinds * n * sizeof(*tmp));
	nchar = char_grams(cp, n, id);
	out->gram = id;
	out->nchar = ids_pack(id, tmp, nchar, &out->char_scale);
	id += out->nchar;
	nword = word_grams(cp, n, id, &words, &letters);
	out->nword = ids_pack(id, tmp, nword, &out->word_scale);
	out->stat[0] = squeeze(log1p((double)chars), 6, 2);
	out->stat[1] = squeeze(log1p((double)words), 4.5, 2);
	out->stat[2] = words == 0 ? 0 :
	    squeeze((double)letters / (double)words, 5, 4);
}
