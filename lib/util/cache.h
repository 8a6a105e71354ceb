/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bounded, thread-safe map from byte strings to plain structs, for what is
 * cheap to fetch again: entries age out, collide away, and are all forgotten
 * at once by cache_flush().
 */
#ifndef UTIL_CACHE_H
#define UTIL_CACHE_H

#include <stddef.h>
#include <stdint.h>

struct cache;

/*
 * Room for about `slots` values of `size` bytes under keys of at most 255
 * bytes; ttl in microseconds.
 */
struct cache *cache_new(size_t size, size_t slots, int64_t ttl);
void cache_free(struct cache *);
/*
 * Any thread.  1 and *out when it is there; else 0 and a ticket for
 * cache_put, so that a value read before a flush is not stored after it.
 */
int cache_get(struct cache *, const void *key, size_t keylen, void *out,
    uint64_t *ticket);
void cache_put(struct cache *, const void *key, size_t keylen,
    const void *value, uint64_t ticket);
void cache_flush(struct cache *);
/* While disabled nothing is found and nothing is kept. */
void cache_enable(struct cache *, int);

#endif
