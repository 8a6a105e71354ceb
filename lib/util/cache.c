/* SPDX-License-Identifier: BSD-2-Clause */
/* A bounded map that forgets. */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "util/cache.h"
#include "util/log.h"
#include "util/ts.h"

#define WAYS	4
#define KEY_MAX	255

struct slot {
	uint64_t	 generation;	/* 0: empty */
	int64_t		 until;
	uint8_t		 keylen;
	char		 key[KEY_MAX];
};

/* The mutex guards everything below it. */
struct cache {
	pthread_mutex_t	 mutex;
	size_t		 size, sets;
	int64_t		 ttl;
	uint64_t	 generation;
	int		 enabled;
	unsigned int	 next_victim;
	struct slot	*slot;
	char		*value;
};

struct cache *
cache_new(size_t size, size_t slots, int64_t ttl)
{
	struct cache	*c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		fatal("cache");
	c->size = size;
	c->sets = (slots + WAYS - 1) / WAYS;
	c->ttl = ttl;
	c->generation = 1;
	c->enabled = 1;
	c->slot = calloc(c->sets * WAYS, sizeof(*c->slot));
	c->value = calloc(c->sets * WAYS, size);
	if (c->slot == NULL || c->value == NULL)
		fatal("cache");
	pthread_mutex_init(&c->mutex, NULL);
	return c;
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	pthread_mutex_destroy(&c->mutex);
	free(c->slot);
	free(c->value);
	free(c);
}

/* FNV-1a: keys are not chosen by an attacker who could gain by collisions. */
static size_t
set_of(const struct cache *c, const void *key, size_t len)
{
	const unsigned char	*p = key;
	uint64_t		 h = 0xcbf29ce484222325u;

	while (len-- > 0)
		h = (h ^ *p++) * 0x100000001b3u;
	return (size_t)(h % c->sets) * WAYS;
}

static size_t
find(const struct cache *c, size_t set, const void *key, size_t len)
{
	size_t	i;

	for (i = set; i < set + WAYS; i++)
		if (c->slot[i].generation == c->generation &&
		    c->slot[i].keylen == len &&
		    memcmp(c->slot[i].key, key, len) == 0)
			return i;
	return SIZE_MAX;
}

int
cache_get(struct cache *c, const void *key, size_t keylen, void *out,
    uint64_t *ticket)
{
	size_t	set, i;
	int	hit = 0;

	set = set_of(c, key, keylen);
	pthread_mutex_lock(&c->mutex);
	*ticket = c->generation;
	if (c->enabled && keylen <= KEY_MAX &&
	    (i = find(c, set, key, keylen)) != SIZE_MAX &&
	    c->slot[i].until > ts_mono()) {
		memcpy(out, c->value + i * c->size, c->size);
		hit = 1;
	}
	pthread_mutex_unlock(&c->mutex);
	return hit;
}

void
cache_put(struct cache *c, const void *key, size_t keylen, const void *value,
    uint64_t ticket)
{
	size_t	set, i, k;
	int64_t	now = ts_mono();

	if (keylen > KEY_MAX)
		return;
	set = set_of(c, key, keylen);
	pthread_mutex_lock(&c->mutex);
	if (c->enabled && ticket == c->generation) {
		if ((i = find(c, set, key, keylen)) == SIZE_MAX) {
			i = set + c->next_victim++ % WAYS;
			for (k = set; k < set + WAYS; k++)
				if (c->slot[k].generation != c->generation ||
				    c->slot[k].until <= now)
					i = k;
		}
		c->slot[i].generation = c->generation;
		c->slot[i].until = now + c->ttl;
		c->slot[i].keylen = (uint8_t)keylen;
		memcpy(c->slot[i].key, key, keylen);
		memcpy(c->value + i * c->size, value, c->size);
	}
	pthread_mutex_unlock(&c->mutex);
}

void
cache_flush(struct cache *c)
{
	pthread_mutex_lock(&c->mutex);
	c->generation++;
	pthread_mutex_unlock(&c->mutex);
}

void
cache_enable(struct cache *c, int on)
{
	pthread_mutex_lock(&c->mutex);
	if (c->enabled != on)
		c->generation++;
	c->enabled = on;
	pthread_mutex_unlock(&c->mutex);
}
