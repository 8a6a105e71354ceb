/* SPDX-License-Identifier: BSD-2-Clause */
/* libcrypto behind plain functions; a failure inside it is fatal. */
#include "config.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "util/hash.h"
#include "util/log.h"

struct sha256 {
	EVP_MD_CTX	*ctx;
};

static const EVP_MD *digest;
static pthread_once_t digest_once = PTHREAD_ONCE_INIT;

/*
 * EVP_sha256() is looked up by name at each use, under a lock that request
 * threads then queue for; what is fetched once is not.
 */
static void
digest_fetch(void)
{
	if ((digest = EVP_MD_fetch(NULL, "SHA256", NULL)) == NULL)
		fatalx("libcrypto: EVP_MD_fetch failed");
}

static const EVP_MD *
digest_sha256(void)
{
	(void)pthread_once(&digest_once, digest_fetch);
	return digest;
}

struct sha256 *
sha256_new(void)
{
	struct sha256 *h;

	if ((h = malloc(sizeof(*h))) == NULL)
		fatalx("out of memory bytes=%zu", sizeof(*h));
	if ((h->ctx = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestInit_ex(h->ctx, digest_sha256(), NULL) != 1)
		fatalx("libcrypto: EVP_DigestInit_ex failed");
	return h;
}

void
sha256_add(struct sha256 *h, const void *data, size_t len)
{
	if (EVP_DigestUpdate(h->ctx, data, len) != 1)
		fatalx("libcrypto: EVP_DigestUpdate failed");
}

void
sha256_end(struct sha256 *h, uint8_t out[SHA256_LEN])
{
	if (EVP_DigestFinal_ex(h->ctx, out, NULL) != 1)
		fatalx("libcrypto: EVP_DigestFinal_ex failed");
	sha256_free(h);
}

void
sha256_free(struct sha256 *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void
sha256(const void *data, size_t len, uint8_t out[SHA256_LEN])
{
	if (EVP_Digest(data, len, out, NULL, digest_sha256(), NULL) != 1)
		fatalx("libcrypto: EVP_Digest failed");
}

void
hmac_sha256(const void *key, size_t keylen, const void *data, size_t len,
    uint8_t out[SHA256_LEN])
{
	unsigned int n = 0;

	/* HMAC() takes a NULL key for "the last one". */
	if (keylen > INT_MAX || HMAC(digest_sha256(), keylen == 0 ? "" : key,
	    (int)keylen, data, len, out, &n) == NULL || n != SHA256_LEN)
		fatalx("libcrypto: HMAC failed");
}

int
hash_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void
hash_random(void *out, size_t len)
{
	arc4random_buf(out, len);	/* the kernel's, without a lock */
}

void
hex_encode(const void *data, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
hex_decode(const char *s, void *out, size_t n)
{
	uint8_t *p = out;
	int hi, lo;
	size_t i;

	for (i = 0; i < n; i++) {
		if ((hi = hex_digit(s[2 * i])) == -1 ||
		    (lo = hex_digit(s[2 * i + 1])) == -1)
			return -1;
		p[i] = (uint8_t)(hi << 4 | lo);
	}
	return s[2 * n] == '\0' ? 0 : -1;
}

static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
base64_encode(const void *data, size_t n, char *out)
{
	const uint8_t *p = data;
	char *o = out;
	uint32_t v;
	size_t take;

	for (; n > 0; p += take, n -= take) {
		take = n < 3 ? n : 3;
		v = (uint32_t)p[0] << 16;
		if (take > 1)
			v |= (uint32_t)p[1] << 8;
		if (take > 2)
			v |= p[2];
		*o++ = base64[v >> 18];
		*o++ = base64[v >> 12 & 63];
		*o++ = take > 1 ? base64[v >> 6 & 63] : '=';
		*o++ = take > 2 ? base64[v & 63] : '=';
	}
	*o = '\0';
	return (size_t)(o - out);
}

long
base64_decode(const char *s, size_t len, void *out)
{
	uint8_t *o = out;
	const char *digit;
	uint32_t v;
	size_t i, j, n, pad;

	if (len % 4 != 0)
		return -1;
	for (i = 0; i < len; i += 4) {
		/* Padding may stand at the very end only. */
		pad = 0;
		if (i + 4 == len && s[i + 3] == '=')
			pad = s[i + 2] == '=' ? 2 : 1;
		n = 4 - pad;
		for (v = 0, j = 0; j < n; j++) {
			if (s[i + j] == '\0' ||
			    (digit = strchr(base64, s[i + j])) == NULL)
				return -1;
			v = v << 6 | (uint32_t)(digit - base64);
		}
		v <<= 6 * pad;
		/* One text for one value: bits under the padding are zero. */
		if (pad > 0 && (v & (pad == 1 ? 0xffU : 0xffffU)) != 0)
			return -1;
		*o++ = (uint8_t)(v >> 16);
		if (n > 2)
			*o++ = (uint8_t)(v >> 8);
		if (n > 3)
			*o++ = (uint8_t)v;
	}
	return (long)(o - (uint8_t *)out);
}
