/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens and webhook secrets: 256 unpredictable bits each.  Any thread. */
#ifndef DOMAIN_SECRET_H
#define DOMAIN_SECRET_H

#include "util/hash.h"
#include "util/ident.h"

#define SECRET_LEN	64	/* the longest, with its prefix and a NUL */
#define SECRET_KEY	"ty_key_"	/* a person's or program's token */
#define SECRET_JOB	"ty_job_"	/* an attempt's token */

/* The prefix and 43 characters of base64url. */
void secret_token(const char *prefix, char out[SECRET_LEN]);
/*
 * The token of an attempt: it names workspace, job and attempt, so that it is
 * looked up by them, and ends in as much randomness as any other.
 */
#define SECRET_JOB_LEN	128
void secret_job(const char *workspace_id, const char *job_id, int attempt,
    char out[SECRET_JOB_LEN]);
/* What such a token names; 0 when it is no token of an attempt. */
int secret_job_read(const char *token, char workspace_id[UUID_LEN],
    char job_id[UUID_LEN], int *attempt);
/* What is stored of a token: its digest in hex ... */
void secret_digest(const char *token, char out[SHA256_HEX_LEN]);
/* ... and its last four characters, to tell tokens apart. */
const char *secret_hint(const char *token);
/* "whsec_" and 44 characters of base64 (Standard Webhooks). */
void secret_webhook(char out[SECRET_LEN]);

#endif
