/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A JSON tree to read, opaque over json-c.  A tree belongs to the arena it
 * was parsed into and never leaves that arena's thread.  NULL is JSON's null
 * as well as "not there"; jv_get tells them apart.  Getters test the type
 * and never convert: "12" is not a number, 1 is not true.
 */
#ifndef UTIL_JV_H
#define UTIL_JV_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct jv;

enum jv_type {
	JV_NULL, JV_BOOL, JV_INT, JV_FLOAT, JV_STRING, JV_ARRAY, JV_OBJECT
};

/*
 * Text that jlex_check() has passed, without U+0000 in a member name: json-c
 * would cut the name there.  Of equal names the last counts.  NULL only for
 * the text "null" or when json-c refuses it (a bug, which is logged).
 */
struct jv *jv_parse(struct arena *, const char *text, size_t len);
/*
 * jlex_check and jv_parse in one, for texts of our own (job files, columns),
 * nested up to JLEX_DEPTH_LIMIT.  0 and *out, or -1.
 */
int jv_parse_checked(struct arena *, const char *text, size_t len,
    struct jv **out);

/* JV_INT: written without fraction and exponent, and within int64. */
enum jv_type jv_type(const struct jv *);
/* 1 and *out (NULL for a null) when the key is there, else 0. */
int jv_get(const struct jv *obj, const char *key, struct jv **out);
/* The value, or NULL for null and absent. */
struct jv *jv_member(const struct jv *obj, const char *key);
/* Members of an object or items of an array, else 0. */
size_t jv_len(const struct jv *);
struct jv *jv_at(const struct jv *arr, size_t i);

/* Walks an object in the order of the text. */
struct jv_iter { void *pos; const char *key; struct jv *val; };
void jv_iter_init(struct jv_iter *, const struct jv *obj);
int jv_iter_next(struct jv_iter *);

/* NULL unless a string; the text may hold NULs, len (opt.) tells. */
const char *jv_str(const struct jv *, size_t *len);
/* The string under a key, or NULL. */
const char *jv_text(const struct jv *obj, const char *key);
/* The time (ts.h) under a key; dflt when there is none. */
int64_t jv_time(const struct jv *obj, const char *key, int64_t dflt);
/*
 * 1 when the value is a number with integral value in int64 (16, 16.0, 1e3),
 * taken from its digits: never rounded.
 */
int jv_int(const struct jv *, int64_t *);
/* 1 when it is an integral number beyond int64. */
int jv_int_bad(const struct jv *);
/* 1 when it is any finite number. */
int jv_num(const struct jv *, double *);
int jv_bool(const struct jv *, int *);

/* All members of all objects in the tree (compare with jlex members). */
size_t jv_count_members(const struct jv *);
/*
 * Appends compact JSON text; numbers keep the digits they came with, but for
 * -0, which becomes 0.
 */
void jv_write(const struct jv *, struct buf *);
/* That text, in the arena; NULL for NULL. */
const char *jv_json(struct arena *, const struct jv *);

#endif
