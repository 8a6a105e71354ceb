/* SPDX-License-Identifier: BSD-2-Clause */
/* Judge versions in memory. */
#include "config.h"

#include <sys/queue.h>

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "domain/blob.h"
#include "domain/judge_models.h"
#include "util/log.h"

#define CHAINS	256	/* a power of two */

/* Of the criteria, and of the model. */
enum part {
	PART_NONE,		/* not asked for, or could not be loaded */
	PART_LOADING,		/* some thread is at it */
	PART_READY
};

struct entry {
	struct judge_snapshot	 snapshot;	/* first: see entry_of */
	char			 version_id[UUID_LEN];
	char			*text;		/* ids and names */
	struct judge_model	*model;
	enum part		 criteria, modelled;
	int			 holders;
	size_t			 size;
	LIST_ENTRY(entry)	 chain;
	TAILQ_ENTRY(entry)	 age;
};

struct judge_models {
	char		*data_dir;
	size_t		 most;		/* bytes */

	/* holds all below; never kept while something is loaded */
	pthread_mutex_t	 mutex;
	pthread_cond_t	 loaded;	/* some part is no longer LOADING */
	LIST_HEAD(, entry) chain[CHAINS];
	TAILQ_HEAD(ageq, entry) age;	/* used last first */
	size_t		 size;
};

static struct entry *
entry_of(const struct judge_snapshot *s)
{
	return (struct entry *)(uintptr_t)s;
}

struct judge_models *
judge_models_new(const char *data_dir, size_t bytes)
{
	struct judge_models	*m;
	size_t			 i;

	if ((m = calloc(1, sizeof(*m))) == NULL ||
	    (m->data_dir = strdup(data_dir)) == NULL)
		fatalx("out of memory");
	m->most = bytes;
	pthread_mutex_init(&m->mutex, NULL);
	pthread_cond_init(&m->loaded, NULL);
	for (i = 0; i < CHAINS; i++)
		LIST_INIT(&m->chain[i]);
	TAILQ_INIT(&m->age);
	return m;
}

/* With the mutex held, or with no other thread left. */
static void
entry_free(struct judge_models *m, struct entry *e)
{
	LIST_REMOVE(e, chain);
	TAILQ_REMOVE(&m->age, e, age);
	m->size -= e->size;
	judge_model_free(e->model);
	free(e->text);
	free(e);
}

void
judge_models_free(struct judge_models *m)
{
	struct entry	*e;

	if (m == NULL)
		return;
	while ((e = TAILQ_FIRST(&m->age)) != NULL)
		entry_free(m, e);
	pthread_mutex_destroy(&m->mutex);
	pthread_cond_destroy(&m->loaded);
	free(m->data_dir);
	free(m);
}

/* The last characters of a uuid are random. */
static size_t
chain_of(const char *uuid)
{
	return strtoul(uuid + UUID_LEN - 1 - 8, NULL, 16) & (CHAINS - 1);
}

/* With the mutex held: the entry, made when there is none, and held. */
static struct entry *
entry_get(struct judge_models *m, const char *version_id)
{
	struct entry	*e;
	size_t		 c = chain_of(version_id);

	LIST_FOREACH(e, &m->chain[c], chain)
		if (strcmp(e->version_id, version_id) == 0)
			break;
	if (e == NULL) {
		if ((e = calloc(1, sizeof(*e))) == NULL)
			fatalx("out of memory");
		memcpy(e->version_id, version_id, UUID_LEN);
		LIST_INSERT_HEAD(&m->chain[c], e, chain);
	} else
		TAILQ_REMOVE(&m->age, e, age);
	TAILQ_INSERT_HEAD(&m->age, e, age);
	e->holders++;
	return e;
}

/* With the mutex held: lets go what nobody uses, until the rest fits. */
static void
trim(struct judge_models *m)
{
	struct entry	*e, *newer;

	for (e = TAILQ_LAST(&m->age, ageq); e != NULL && m->size > m->most;
	    e = newer) {
		newer = TAILQ_PREV(e, ageq, age);
		if (e->holders == 0)
			entry_free(m, e);
	}
}

static void
grow(struct judge_models *m, struct entry *e, size_t bytes)
{
	e->size += bytes;
	m->size += bytes;
}

/* Copies into memory of the entry's own. */
static size_t
criteria_copy(struct entry *e, const struct criterion *c, int n)
{
	size_t	len = 0;
	char	*p;
	int	i;

	for (i = 0; i < n; i++)
		len += strlen(c[i].id) + strlen(c[i].name) + 2;
	if ((e->text = p = malloc(len + 1)) == NULL)
		fatalx("out of memory");
	for (i = 0; i < n; i++) {
		e->snapshot.id[i] = p;
		p = stpcpy(p, c[i].id) + 1;
		e->snapshot.head[i] = c[i].fresh ? "" : e->snapshot.id[i];
		e->snapshot.name[i] = p;
		p = stpcpy(p, c[i].name) + 1;
		e->snapshot.weight[i] = c[i].weight;
	}
	e->snapshot.n = n;
	return sizeof(*e) + len;
}

/* With the mutex held: waits for another thread that loads this part. */
static void
part_wait(struct judge_models *m, const enum part *part)
{
	while (*part == PART_LOADING)
		pthread_cond_wait(&m->loaded, &m->mutex);
}

enum err
judge_models_hold(struct judge_models *m, struct db *db, struct arena *a,
    const char *workspace_id, const char *judge_id, int64_t number,
    const char *version_id, const struct judge_snapshot **out)
{
	struct criterion	*c = NULL;
	struct entry		*e;
	enum err		 err = ERR_OK;
	int			 n = 0;

	pthread_mutex_lock(&m->mutex);
	e = entry_get(m, version_id);
	part_wait(m, &e->criteria);
	if (e->criteria == PART_NONE) {
		e->criteria = PART_LOADING;
		pthread_mutex_unlock(&m->mutex);
		err = store_version_criteria(db, a, workspace_id, judge_id,
		    number, &c, &n);
		if (err == ERR_OK && (n < 1 || n > CRITERIA_MAX)) {
			log_errx("a judge version has %d criteria "
			    "version=%s", n, version_id);
			err = ERR_INTERNAL;
		}
		pthread_mutex_lock(&m->mutex);
		if (err == ERR_OK)
			grow(m, e, criteria_copy(e, c, n));
		e->criteria = err == ERR_OK ? PART_READY : PART_NONE;
		pthread_cond_broadcast(&m->loaded);
	}
	if (err == ERR_OK) {
		trim(m);
		*out = &e->snapshot;
	} else if (--e->holders == 0)
		entry_free(m, e);
	pthread_mutex_unlock(&m->mutex);
	return err;
}

static struct judge_model *
model_load(const struct judge_models *m, const struct entry *e,
    const char *sha256)
{
	struct judge_model	*model = NULL;
	char			 path[PATH_MAX], why[256] = "path too long";

	if (blob_path(m->data_dir, sha256, path, sizeof(path)) == 0)
		model = judge_model_load(path, why, sizeof(why));
	if (model == NULL)
		log_errx("could not load the model of a judge version "
		    "version=%s sha256=%s: %s", e->version_id, sha256, why);
	return model;
}

enum err
judge_models_model(struct judge_models *m, const struct judge_snapshot *s,
    const char *sha256, const struct judge_model **out)
{
	struct judge_model	*model;
	struct entry		*e = entry_of(s);

	*out = NULL;
	if (sha256[0] == '\0')
		return ERR_OK;
	pthread_mutex_lock(&m->mutex);
	part_wait(m, &e->modelled);
	if (e->modelled == PART_NONE) {
		e->modelled = PART_LOADING;
		pthread_mutex_unlock(&m->mutex);
		model = model_load(m, e, sha256);
		pthread_mutex_lock(&m->mutex);
		if (model != NULL)
			grow(m, e, judge_model_size(model));
		e->model = model;
		e->modelled = model != NULL ? PART_READY : PART_NONE;
		pthread_cond_broadcast(&m->loaded);
		trim(m);
	}
	*out = e->model;
	pthread_mutex_unlock(&m->mutex);
	return *out != NULL ? ERR_OK : ERR_INTERNAL;
}

void
judge_models_drop(struct judge_models *m, const struct judge_snapshot *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&m->mutex);
	entry_of(s)->holders--;
	trim(m);
	pthread_mutex_unlock(&m->mutex);
}

size_t
judge_models_size(struct judge_models *m)
{
	size_t	size;

	pthread_mutex_lock(&m->mutex);
	size = m->size;
	pthread_mutex_unlock(&m->mutex);
	return size;
}
