/* SPDX-License-Identifier: BSD-2-Clause */
/* UUIDv7, its base32 form, and the small grammars of names. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "util/hash.h"
#include "util/ident.h"
#include "util/log.h"
#include "util/ts.h"

#define UUID_BYTES	16
#define RAND_B_BITS	62
#define RAND_B_MASK	((UINT64_C(1) << RAND_B_BITS) - 1)
#define RAND_A_MASK	0xfffU

static const char base32[] = "0123456789abcdefghjkmnpqrstvwxyz";

static int
is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static int
is_alnum(char c)
{
	return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

static void
uuid_text(const uint8_t b[UUID_BYTES], char out[UUID_LEN])
{
	char hex[2 * UUID_BYTES + 1];

	hex_encode(b, UUID_BYTES, hex);
	(void)snprintf(out, UUID_LEN, "%.8s-%.4s-%.4s-%.4s-%.12s", hex,
	    hex + 8, hex + 12, hex + 16, hex + 20);
}

static void
uuid_bytes(const char uuid[UUID_LEN], uint8_t b[UUID_BYTES])
{
	char hex[2 * UUID_BYTES + 1];
	size_t n = 0;

	for (; *uuid != '\0' && n < sizeof(hex) - 1; uuid++)
		if (*uuid != '-')
			hex[n++] = *uuid;
	hex[n] = '\0';
	if (hex_decode(hex, b, UUID_BYTES) == -1)
		fatalx("not a UUID");
}

/*
 * RFC 9562, 6.2, method 2: within a millisecond (or when the clock steps
 * back) the random part of the last id grows by a random amount, so that ids
 * rise and still cannot be guessed from their neighbours.
 */
void
uuid_new(char out[UUID_LEN])
{
	static _Thread_local struct {
		uint64_t ms;
		uint64_t b;
		uint32_t a;
	} last;
	uint64_t ms = (uint64_t)(ts_now() / 1000), rnd[2];
	uint8_t u[UUID_BYTES];
	int i;

	hash_random(rnd, sizeof(rnd));
	if (ms > last.ms) {
		last.ms = ms;
		last.a = (uint32_t)rnd[1] & RAND_A_MASK;
		last.b = rnd[0] & RAND_B_MASK;
	} else {
		last.b += (rnd[0] & 0xffffffff) + 1;
		if (last.b > RAND_B_MASK) {
			last.b &= RAND_B_MASK;
			if (++last.a > RAND_A_MASK) {
				last.a = 0;
				last.ms++;
			}
		}
	}
	for (i = 0; i < 6; i++)
		u[i] = (uint8_t)(last.ms >> (40 - 8 * i));
	u[6] = (uint8_t)(0x70 | last.a >> 8);
	u[7] = (uint8_t)last.a;
	for (i = 0; i < 8; i++)
		u[8 + i] = (uint8_t)(last.b >> (56 - 8 * i));
	u[8] = (uint8_t)(0x80 | u[8]);
	uuid_text(u, out);
}

int
uuid_parse(const char *s, char out[UUID_LEN])
{
	char low[UUID_LEN];
	size_t i;

	for (i = 0; i < UUID_LEN - 1; i++) {
		char c = s[i];

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (c != '-')
				return 0;
		} else if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		else if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return 0;
		low[i] = c;
	}
	if (s[i] != '\0')
		return 0;
	low[i] = '\0';
	memcpy(out, low, UUID_LEN);
	return 1;
}

void
typeid_encode(const char uuid[UUID_LEN], char out[TYPEID_LEN])
{
	uint8_t b[UUID_BYTES];
	unsigned int acc = 0;
	int bits = 2;			/* two zero bits stand in front */
	size_t i, n = 0;

	uuid_bytes(uuid, b);
	for (i = 0; i < UUID_BYTES; i++) {
		acc = (acc << 8 | b[i]) & 0xfff;
		bits += 8;
		while (bits >= 5) {
			bits -= 5;
			out[n++] = base32[acc >> bits & 31];
		}
	}
	out[n] = '\0';
}

int
typeid_parse(const char *s, const char *prefix, char uuid[UUID_LEN])
{
	size_t i, n = 0, plen = strlen(prefix);
	uint8_t b[UUID_BYTES];
	unsigned int acc = 0;
	int bits = -2;
	const char *p;

	if (strncmp(s, prefix, plen) != 0)
		return 0;
	s += plen;
	/* 26 * 5 = 130 bits: more than 7 in front would not fit. */
	if (s[0] > '7')
		return 0;
	for (i = 0; i < TYPEID_LEN - 1; i++) {
		if (s[i] == '\0' || (p = strchr(base32, s[i])) == NULL)
			return 0;
		acc = (acc << 5 | (unsigned int)(p - base32)) & 0xfff;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			b[n++] = (uint8_t)(acc >> bits);
		}
	}
	if (s[i] != '\0')
		return 0;
	uuid_text(b, uuid);
	return 1;
}

int
ident_slug(const char *s)
{
	size_t n;

	if (!is_lower_alnum(s[0]))
		return 0;
	for (n = 1; is_lower_alnum(s[n]) || s[n] == '-'; n++)
		;
	return s[n] == '\0' && n <= 63;
}

int
ident_artifact_name(const char *s)
{
	size_t n;

	if (!is_lower_alnum(s[0]))
		return 0;
	for (n = 1; is_lower_alnum(s[n]) || s[n] == '.' || s[n] == '_' ||
	    s[n] == '-'; n++)
		;
	return s[n] == '\0' && n <= 128;
}

int
ident_artifact_version(const char *s)
{
	size_t n;

	if (!is_alnum(s[0]) || strcmp(s, "latest") == 0)
		return 0;
	for (n = 1; is_alnum(s[n]) || s[n] == '.' || s[n] == '+' ||
	    s[n] == '_' || s[n] == '-'; n++)
		;
	return s[n] == '\0' && n <= 64;
}

int
ident_criterion(const char *s)
{
	size_t n;

	if (strncmp(s, "crit_", 5) != 0)
		return 0;
	s += 5;
	for (n = 0; is_lower_alnum(s[n]) || s[n] == '_'; n++)
		;
	return s[n] == '\0' && n >= 1 && n <= 60;
}

int
ident_judge(const char *s)
{
	size_t n;

	if (strncmp(s, "jdg_", 4) != 0)
		return 0;
	s += 4;
	for (n = 0; is_alnum(s[n]); n++)
		;
	return s[n] == '\0' && n >= 1 && n <= 64;
}

void
ident_criterion_slug(const char *name, int position, char out[66])
{
	size_t n = 0;
	int gap = 0;

	for (; *name != '\0' && n < 60; name++) {
		char c = *name;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!is_lower_alnum(c)) {
			gap = n > 0;
			continue;
		}
		if (gap) {
			out[5 + n++] = '_';
			gap = 0;
			/* Cut between the gap and what follows it. */
			if (n == 60)
				break;
		}
		out[5 + n++] = c;
	}
	memcpy(out, "crit_", 5);
	out[5 + n] = '\0';
	if (n == 0)
		(void)snprintf(out, 66, "crit_%d", position);
}

int
ident_distance(const char *a, const char *b, int limit)
{
	int rows[3][IDENT_DISTANCE_MAX + 1];
	int *prev2 = rows[0], *prev = rows[1], *cur = rows[2], *swap;
	size_t la, lb, i, j;

	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	la = strlen(a);
	lb = strlen(b);
	while (la > 0 && lb > 0 && a[la - 1] == b[lb - 1]) {
		la--;
		lb--;
	}
	if (la > IDENT_DISTANCE_MAX || lb > IDENT_DISTANCE_MAX ||
	    (la > lb ? la - lb : lb - la) > (size_t)limit)
		return limit + 1;
	for (j = 0; j <= lb; j++)
		prev[j] = (int)j;
	for (i = 1; i <= la; i++) {
		cur[0] = (int)i;
		for (j = 1; j <= lb; j++) {
			int d = prev[j - 1] + (a[i - 1] != b[j - 1]);

			if (prev[j] + 1 < d)
				d = prev[j] + 1;
			if (cur[j - 1] + 1 < d)
				d = cur[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && prev2[j - 2] + 1 < d)
				d = prev2[j - 2] + 1;
			cur[j] = d;
		}
		swap = prev2;
		prev2 = prev;
		prev = cur;
		cur = swap;
	}
	return prev[lb] > limit ? limit + 1 : prev[lb];
}
