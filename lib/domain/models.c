/* SPDX-License-Identifier: BSD-2-Clause */
/* Base models: the catalog, and what jobs may name of it. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/models.h"
#include "store/store_model.h"
#include "util/cache.h"
#include "util/ident.h"
#include "util/log.h"

#define MODELS		1024
#define SUGGESTIONS	3

/* What is remembered of a model that jobs have named. */
struct known {
	char	algorithms[128];	/* JSON array text */
};

struct models {
	struct pool	*pool;
	struct cache	*cache;		/* model as given -> struct known */
};

struct models *
models_new(struct pool *pool, int64_t cache_seconds)
{
	struct models	*m;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		fatal("models");
	m->pool = pool;
	m->cache = cache_new(sizeof(struct known), MODELS,
	    cache_seconds * 1000000);
	return m;
}

void
models_free(struct models *m)
{
	if (m == NULL)
		return;
	cache_free(m->cache);
	free(m);
}

void
models_forget(struct models *m)
{
	cache_flush(m->cache);
}

void
models_trust(struct models *m, int on)
{
	cache_enable(m->cache, on);
}

/* id, or id:peft:tokens where the entry has just that extension */
static int
model_is(const struct model_row *row, const char *name)
{
	char	extended[64];
	size_t	n = strlen(row->id);

	if (strncmp(row->id, name, n) != 0)
		return 0;
	if (name[n] == '\0')
		return 1;
	if (row->extended_tokens == 0)
		return 0;
	snprintf(extended, sizeof(extended), ":peft:%lld",
	    (long long)row->extended_tokens);
	return strcmp(name + n, extended) == 0;
}

struct match {
	const char	*id;
	int		 rank;
};

static int
match_order(const void *a, const void *b)
{
	const struct match	*x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* ; did you mean A, B or C?  Substrings first, then by edit distance. */
static const char *
suggest(struct arena *a, const struct model_row *row, size_t n,
    const char *name)
{
	struct match	*m = arena_alloc(a, (n + 1) * sizeof(*m));
	struct buf	 b;
	size_t		 i, k = 0;
	int		 d, e, most = (int)strlen(name) / 2 + 1;

	for (i = 0; i < n; i++) {
		if (strcasestr(row[i].id, name) != NULL ||
		    strcasestr(row[i].display_name, name) != NULL ||
		    strcasestr(name, row[i].id) != NULL)
			d = -1;
		else {
			d = ident_distance(name, row[i].id, most);
			e = ident_distance(name, row[i].display_name, most);
			if (e < d)
				d = e;
			if (d > most)
				continue;
		}
		m[k].id = row[i].id;
		m[k++].rank = d;
	}
	if (k == 0)
		return "";
	qsort(m, k, sizeof(*m), match_order);
	if (k > SUGGESTIONS)
		k = SUGGESTIONS;
	buf_init(&b, a);
	buf_adds(&b, "; did you mean ");
	for (i = 0; i < k; i++)
		buf_printf(&b, "%s%s", i == 0 ? "" : i + 1 == k ? " or " :
		    ", ", m[i].id);
	buf_addc(&b, '?');
	return b.data;
}

static int
supports(const char *algorithms, const char *algorithm)
{
	char	quoted[64];

	/* the client's enum has no grpo, so no entry can list it */
	if (strcmp(algorithm, "grpo") == 0)
		return supports(algorithms, "importance_sampling") ||
		    supports(algorithms, "ppo");
	snprintf(quoted, sizeof(quoted), "\"%s\"", algorithm);
	return strstr(algorithms, quoted) != NULL;
}

enum err
models_check(struct models *m, const char *model, const char *algorithm,
    struct faults *faults)
{
	struct model_row	*row;
	struct known		 known;
	struct db		*db;
	uint64_t		 ticket;
	size_t			 n, i, len = strlen(model);
	enum err		 err;

	if (!cache_get(m->cache, model, len, &known, &ticket)) {
		if ((err = pool_take(m->pool, &db)) != ERR_OK)
			return err;
		err = store_model_list(db, faults->arena, &row, &n);
		pool_give(m->pool, db);
		if (err != ERR_OK)
			return err;
		for (i = 0; i < n && !model_is(&row[i], model); i++)
			continue;
		if (i == n) {
			fault_add(faults, LOC(&loc_body, "model"),
			    "unknown_model", "unknown model \"%s\"%s", model,
			    suggest(faults->arena, row, n, model));
			return ERR_OK;
		}
		snprintf(known.algorithms, sizeof(known.algorithms), "%s",
		    row[i].algorithms);
		cache_put(m->cache, model, len, &known, ticket);
	}
	if (!supports(known.algorithms, algorithm))
		fault_add(faults, LOC(&loc_body, "model"), "value_error",
		    "model %s does not support %s", model, algorithm);
	return ERR_OK;
}

/* Every word of the query occurs in id or display name. */
static int
words_occur(struct arena *a, const char *query, const struct model_row *row)
{
	char	*copy = arena_strdup(a, query), *word, *save;

	for (word = strtok_r(copy, " \t", &save); word != NULL;
	    word = strtok_r(NULL, " \t", &save))
		if (strcasestr(row->id, word) == NULL &&
		    strcasestr(row->display_name, word) == NULL)
			return 0;
	return 1;
}

static void
model_write(struct jw *w, const struct model_row *row)
{
	jw_obj(w);
	jw_kstr(w, "tinker_id", row->id);
	jw_kstr(w, "display_name", row->display_name);
	jw_kstr(w, "family", row->family);
	jw_kstr(w, "type", row->type);
	jw_knum(w, "size_b", row->size_b);
	jw_kint(w, "context_length", row->context_length);
	jw_kbool(w, "extended_context", row->extended_tokens != 0);
	jw_kraw(w, "supported_algorithms", row->algorithms);
	jw_kraw(w, "pricing", row->pricing);
	jw_end(w);
}

enum err
models_write(struct models *m, struct arena *a, const struct jv *args,
    struct jw *w)
{
	struct model_row	*row;
	struct db		*db;
	const char		*query, *family, *algorithm;
	double			 least = -1, most = -1;
	int64_t			 limit = 20, total = 0;
	size_t			 n, i;
	enum err		 err;

	if ((err = pool_take(m->pool, &db)) != ERR_OK)
		return err;
	err = store_model_list(db, a, &row, &n);
	pool_give(m->pool, db);
	if (err != ERR_OK)
		return err;
	query = jv_text(args, "query");
	family = jv_text(args, "family");
	algorithm = jv_text(args, "algorithm");
	jv_num(jv_member(args, "min_size_b"), &least);
	jv_num(jv_member(args, "max_size_b"), &most);
	jv_int(jv_member(args, "limit"), &limit);

	jw_obj(w);
	jw_karr(w, "models");
	for (i = 0; i < n; i++) {
		if ((query != NULL && !words_occur(a, query, &row[i])) ||
		    (family != NULL && strcmp(family, row[i].family) != 0) ||
		    (algorithm != NULL &&
		    !supports(row[i].algorithms, algorithm)) ||
		    (least >= 0 && row[i].size_b < least) ||
		    (most >= 0 && row[i].size_b > most))
			continue;
		if (total++ < limit)
			model_write(w, &row[i]);
	}
	jw_end(w);
	jw_kint(w, "total", total);
	jw_kint(w, "limit", limit);
	jw_end(w);
	return ERR_OK;
}
