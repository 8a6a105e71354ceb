/* SPDX-License-Identifier: BSD-2-Clause */
/* Random bytes in the two alphabets of base64. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "domain/secret.h"
#include "util/hash.h"

#define SECRET_BYTES	32

static void
secret_make(const char *prefix, char out[SECRET_LEN])
{
	unsigned char raw[SECRET_BYTES];
	int n;

	hash_random(raw, sizeof(raw));
	n = snprintf(out, SECRET_LEN, "%s", prefix);
	(void)base64_encode(raw, sizeof(raw), out + n);
	explicit_bzero(raw, sizeof(raw));
}

void
secret_token(const char *prefix, char out[SECRET_LEN])
{
	char *p;

	secret_make(prefix, out);
	for (p = out + strlen(prefix); *p != '\0'; p++)
		if (*p == '+')
			*p = '-';
		else if (*p == '/')
			*p = '_';
		else if (*p == '=') {
			*p = '\0';
			break;
		}
}

void
secret_digest(const char *token, char out[SHA256_HEX_LEN])
{
	uint8_t digest[SHA256_LEN];

	sha256(token, strlen(token), digest);
	hex_encode(digest, sizeof(digest), out);
}

const char *
secret_hint(const char *token)
{
	size_t len = strlen(token);

	return len < 4 ? token : token + len - 4;
}

void
secret_webhook(char out[SECRET_LEN])
{
	secret_make("whsec_", out);
}
