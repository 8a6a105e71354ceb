/* SPDX-License-Identifier: BSD-2-Clause */
/* Content normalisation, the group key and the split position. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "judge/group.h"
#include "judge/uni.h"
#include "util/arena.h"
#include "util/hash.h"
#include "util/utf8.h"

/* Joins small pieces before they go into the digest. */
struct sink {
	struct sha256	*sha;
	size_t		 len;
	char		 buf[4096];
};

static void
sink_add(struct sink *k, const char *s, size_t n)
{
	if (k->len + n > sizeof(k->buf)) {
		sha256_add(k->sha, k->buf, k->len);
		k->len = 0;
	}
	memcpy(k->buf + k->len, s, n);
	k->len += n;
}

static void
text_digest(const char *s, size_t len, uint8_t out[SHA256_LEN])
{
	struct sink k;
	size_t i, n;
	uint32_t cp;
	int started = 0, gap = 0;
	char c;

	k.sha = sha256_new();
	k.len = 0;
	for (i = 0; i < len; i += n) {
		/* A byte that is not UTF-8 stands for itself. */
		if ((n = utf8_next(s + i, len - i, &cp)) == 0) {
			n = 1;
			cp = 0xfffd;
		}
		if (uni_space(cp) || uni_ascii_punct(cp)) {
			gap = 1;
			continue;
		}
		/* Blanks are owed until a letter follows: none at the end. */
		if (gap && started)
			sink_add(&k, " ", 1);
		gap = 0;
		started = 1;
		if (cp >= 'A' && cp <= 'Z') {
			c = (char)(cp - 'A' + 'a');
			sink_add(&k, &c, 1);
		} else
			sink_add(&k, s + i, n);
	}
	sha256_add(k.sha, k.buf, k.len);
	sha256_end(k.sha, out);
}

const char *
judge_group_key(struct arena *a, const char *content, size_t content_len,
    const char *content_ref, const char *external_id,
    const char *evaluation_id)
{
	uint8_t digest[SHA256_LEN];
	char *hex;

	if (content == NULL)
		return arena_strdup(a, content_ref != NULL ? content_ref :
		    external_id != NULL ? external_id : evaluation_id);
	text_digest(content, content_len, digest);
	hex = arena_alloc(a, SHA256_HEX_LEN);
	hex_encode(digest, sizeof(digest), hex);
	return hex;
}

double
judge_group_u(const char *judge_id, const char *group_key)
{
	struct sha256 *sha;
	uint8_t digest[SHA256_LEN];
	uint64_t top = 0;
	int i;

	sha = sha256_new();
	sha256_add(sha, judge_id, strlen(judge_id) + 1);
	sha256_add(sha, group_key, strlen(group_key));
	sha256_end(sha, digest);
	for (i = 0; i < 8; i++)
		top = top << 8 | digest[i];
	return (double)(top >> 11) * 0x1p-53;
}
