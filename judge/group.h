/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which evaluations show the same content, and on which side of a split a
 * group of them falls.  The responder stores what these return, the trainer
 * checks it; both must agree for ever, or held-out content leaks.
 */
#ifndef JUDGE_GROUP_H
#define JUDGE_GROUP_H

#include <stddef.h>

struct arena;

/*
 * The group key, a NUL-terminated string in the arena.  With content: the
 * SHA-256 of the normalised text as 64 lower-case hex digits.  Without: the
 * first of content_ref, external_id and evaluation_id that is not NULL, as it
 * is.  Normalised: ASCII letters in lower case; each run of white space
 * (Unicode's White_Space) and ASCII punctuation, mixed or not, is one blank;
 * none at either end.  Any thread.
 */
const char *judge_group_key(struct arena *, const char *content,
    size_t content_len, const char *content_ref, const char *external_id,
    const char *evaluation_id);

/*
 * u in [0, 1): the top 53 bits of SHA-256(judge id, one zero byte, the key's
 * bytes without its NUL) as a fraction.  Below the validation split: held
 * out.  Any thread.
 */
double judge_group_u(const char *judge_id, const char *group_key);

#endif
