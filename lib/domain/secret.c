/* SPDX-License-Identifier: BSD-2-Clause */
/* Random bytes in the two alphabets of base64. */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
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

/* ty_job_<workspace><job>_<attempt>_<43 characters> */
void
secret_job(const char *workspace_id, const char *job_id, int attempt,
    char out[SECRET_JOB_LEN])
{
	char ws[TYPEID_LEN], job[TYPEID_LEN], random[SECRET_LEN];

	typeid_encode(workspace_id, ws);
	typeid_encode(job_id, job);
	secret_token("", random);
	(void)snprintf(out, SECRET_JOB_LEN, SECRET_JOB "%s%s_%d_%s", ws, job,
	    attempt, random);
	explicit_bzero(random, sizeof(random));
}

int
secret_job_read(const char *token, char workspace_id[UUID_LEN],
    char job_id[UUID_LEN], int *attempt)
{
	const size_t at = sizeof(SECRET_JOB) - 1, n = TYPEID_LEN - 1;
	char part[2][TYPEID_LEN];
	long number;
	char *end;
	size_t i;

	if (strncmp(token, SECRET_JOB, at) != 0 || strlen(token) < at + 2 * n)
		return 0;
	for (i = 0; i < 2; i++) {
		memcpy(part[i], token + at + i * n, n);
		part[i][n] = '\0';
	}
	token += at + 2 * n;
	if (token[0] != '_' || token[1] < '1' || token[1] > '9')
		return 0;
	number = strtol(token + 1, &end, 10);
	if (number > INT_MAX || *end != '_')
		return 0;
	*attempt = (int)number;
	return typeid_parse(part[0], "", workspace_id) &&
	    typeid_parse(part[1], "", job_id);
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
