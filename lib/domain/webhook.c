/* SPDX-License-Identifier: BSD-2-Clause */
/* Signatures, schedule and bodies of webhooks. */
#include "config.h"

#include <string.h>

#include "domain/judge_job_view.h"
#include "domain/judge_view.h"
#include "domain/retraining.h"
#include "domain/view.h"
#include "domain/webhook.h"
#include "util/hash.h"

#define PREFIX		"whsec_"
#define KEY_MOST	256	/* characters of a secret */
#define JITTER		0.2

/* Seconds before each try; the second one is not spread. */
static const int64_t schedule[WEBHOOK_TRIES] = {
	0, 5, 300, 1800, 7200, 18000, 36000, 50400
};

int64_t
webhook_delay(int tries, double luck, int64_t retry_after)
{
	int64_t	ms;

	if (tries >= WEBHOOK_TRIES)
		return -1;
	ms = schedule[tries] * 1000;
	if (tries > 1)
		ms += (int64_t)((double)ms * JITTER * luck);
	if (retry_after > WEBHOOK_RETRY_MOST)
		retry_after = WEBHOOK_RETRY_MOST;
	return retry_after * 1000 > ms ? retry_after * 1000 : ms;
}

const char *
webhook_sign_body(struct arena *a, const char *secret, const char *body,
    size_t len)
{
	uint8_t	mac[SHA256_LEN];
	char	hex[SHA256_HEX_LEN];

	hmac_sha256(secret, strlen(secret), body, len, mac);
	hex_encode(mac, sizeof(mac), hex);
	return arena_printf(a, "sha256=%s", hex);
}

/* The key's bytes: what "whsec_" stands before, else the text itself. */
static const void *
key_of(const char *secret, uint8_t decoded[3 * KEY_MOST / 4 + 3],
    size_t *len)
{
	size_t	n = strlen(secret);
	long	got;

	if (strncmp(secret, PREFIX, sizeof(PREFIX) - 1) == 0 &&
	    n <= KEY_MOST && (got = base64_decode(secret + sizeof(PREFIX) - 1,
	    n - (sizeof(PREFIX) - 1), decoded)) > 0) {
		*len = (size_t)got;
		return decoded;
	}
	*len = n;
	return secret;
}

static void
sign_one(struct buf *out, const char *secret, const struct buf *message)
{
	uint8_t		 decoded[3 * KEY_MOST / 4 + 3], mac[SHA256_LEN];
	char		 text[4 * ((SHA256_LEN + 2) / 3) + 1];
	const void	*key;
	size_t		 len;

	key = key_of(secret, decoded, &len);
	hmac_sha256(key, len, message->data, message->len, mac);
	(void)base64_encode(mac, sizeof(mac), text);
	buf_printf(out, "%sv1,%s", out->len == 0 ? "" : " ", text);
}

const char *
webhook_sign(struct arena *a, const char *secret, const char *previous,
    const char *id, int64_t unix_time, const char *body, size_t len)
{
	struct buf	message, out;

	buf_init(&message, a);
	buf_init(&out, a);
	buf_printf(&message, "%s.%lld.", id, (long long)unix_time);
	buf_add(&message, body, len);
	sign_one(&out, secret, &message);
	if (previous != NULL)
		sign_one(&out, previous, &message);
	return out.data;
}

void
webhook_job_body(struct jw *w, const char *event, int64_t at,
    const struct job *j)
{
	jw_obj(w);
	jw_kstr(w, "event", event);
	view_time(w, "timestamp", at);
	view_judge_job_members(w, j, 0);
	jw_end(w);
}

void
webhook_run_body(struct jw *w, const char *event, int64_t at,
    const struct job *j, const struct execution *x, const struct run *run)
{
	jw_obj(w);
	jw_kstr(w, "event", event);
	view_time(w, "timestamp", at);
	view_run_members(w, j, x, run);
	jw_end(w);
}

void
webhook_version_body(struct jw *w, const char *event, int64_t at,
    const char *judge_key, const struct judge_version *v)
{
	jw_obj(w);
	jw_kstr(w, "event", event);
	view_time(w, "timestamp", at);
	jw_kstr(w, "judge_id", judge_key);
	view_version_full(w, v);
	jw_end(w);
}
