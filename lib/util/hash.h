/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SHA-256, HMAC, base64, hex: the only user of libcrypto.  Any thread; an
 * unfinished digest belongs to one.  Failures of libcrypto are fatal.
 */
#ifndef UTIL_HASH_H
#define UTIL_HASH_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_LEN	32
#define SHA256_HEX_LEN	65	/* with the NUL */

struct sha256;		/* an unfinished digest */

void sha256(const void *, size_t, uint8_t out[SHA256_LEN]);
struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *, const void *, size_t);
/* Finishes and frees. */
void sha256_end(struct sha256 *, uint8_t out[SHA256_LEN]);
void sha256_free(struct sha256 *);

void hmac_sha256(const void *key, size_t keylen, const void *, size_t,
    uint8_t out[SHA256_LEN]);
/* 1 when equal, in time that does not depend on where they differ. */
int hash_equal(const void *, const void *, size_t);
/* Unpredictable bytes. */
void hash_random(void *, size_t);

/* out: 2 * n + 1 bytes. */
void hex_encode(const void *, size_t n, char *out);
/* 0..15; -1 when it is none. */
int hex_digit(char);
/* 0 when s is exactly 2 * n hex digits of either case, else -1. */
int hex_decode(const char *s, void *out, size_t n);
/* out: 4 * ((n + 2) / 3) + 1 bytes; returns the length. */
size_t base64_encode(const void *, size_t n, char *out);
/* Strict, with padding.  Length, or -1.  out: 3 * len / 4 + 3 bytes. */
long base64_decode(const char *s, size_t len, void *out);

#endif
