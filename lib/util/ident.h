/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Identifiers: UUIDv7 (RFC 9562) as 36 lower-case characters inside and on
 * the hosted face, as prefix + 26 base32 characters on the judge face.
 */
#ifndef UTIL_IDENT_H
#define UTIL_IDENT_H

#include <stddef.h>

#define UUID_LEN	37	/* with the NUL */
#define TYPEID_LEN	27	/* 26 characters and a NUL, no prefix */

/* Time of this host and 74 random bits, rising within a process's thread. */
void uuid_new(char out[UUID_LEN]);
/* 1 and the lower-case form when `s` is a UUID in 8-4-4-4-12 form. */
int uuid_parse(const char *s, char out[UUID_LEN]);
/*
 * `uuid` must be one that uuid_new() or uuid_parse() made (else fatal).
 * 128 bits, most significant first, alphabet 0-9a-hjkmnp-tv-z.
 */
void typeid_encode(const char uuid[UUID_LEN], char out[TYPEID_LEN]);
/* Drops `prefix` ("train_job_"); 1 and *uuid, or 0 when it is not one. */
int typeid_parse(const char *s, const char *prefix, char uuid[UUID_LEN]);

/* [a-z0-9][a-z0-9-]{0,62} : organisations, workspaces, projects. */
int ident_slug(const char *);
/* [a-z0-9][a-z0-9._-]{0,127} : artifact names. */
int ident_artifact_name(const char *);
/* [A-Za-z0-9][A-Za-z0-9.+_-]{0,63}, not "latest". */
int ident_artifact_version(const char *);
/* ^crit_[a-z0-9_]{1,60}$ */
int ident_criterion(const char *);
/* ^jdg_[A-Za-z0-9]{1,64}$ */
int ident_judge(const char *);
/*
 * The slug of a criterion's name (judge contract, ids): "crit_" + up to 60.
 * `position` (1-based) stands in when nothing is left.  out: 66 bytes.
 */
void ident_criterion_slug(const char *name, int position, char out[66]);

/*
 * Damerau-Levenshtein distance in bytes (an adjacent swap counts 1, no byte
 * is edited twice); above `limit` (>= 0), limit + 1.  Also limit + 1 when
 * more than IDENT_DISTANCE_MAX bytes are left of one of them without their
 * common beginning and end.
 */
#define IDENT_DISTANCE_MAX	64
int ident_distance(const char *, const char *, int limit);

#endif
