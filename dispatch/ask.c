/* SPDX-License-Identifier: BSD-2-Clause */
/* A queue of questions and the threads that ask them. */
#include "config.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/ask.h"
#include "dispatch/engines/check.h"
#include "util/log.h"

TAILQ_HEAD(asks, ask);

struct asker {
	const struct engine *engine;
	const struct conf *conf;
	struct loop	*loop;
	struct watch	*watch;
	int		 fd;		/* readable: there are answers */
	pthread_mutex_t	 lock;		/* of all that follows */
	pthread_cond_t	 news;
	struct asks	 waiting, answered;
	int		 ending;
	size_t		 most, threads, idle;
	pthread_t	*thread;
};

/* The check that failed, if any. */
static void
probe_seen(void *arg, const char *name, enum check_verdict v,
    const char *why)
{
	if (v == CHECK_FAIL)
		(void)snprintf(arg, ENGINE_WHY_LEN, "%s: %s", name, why);
}

static void
discard(const struct engine *e, struct ask *q)
{
	q->state = e->recover(q->run);
	if (q->state == ENGINE_RUNNING && e->stop(q->run, 1) == -1)
		q->state = ENGINE_UNKNOWN;
}

static void
question_put(struct asker *k, struct ask *q)
{
	const struct engine *e = k->engine;

	switch (q->what) {
	case ASK_NOTHING:
		break;
	case ASK_PROBE:
		q->why[0] = '\0';
		q->result = check_engine(e, k->conf, probe_seen, q->why);
		break;
	case ASK_START:
		q->run->why[0] = '\0';
		q->result = e->start(q->run, q->job);
		q->error = q->result == -1 ? errno : 0;
		break;
	case ASK_POLL:
		q->state = e->poll(q->run);
		break;
	case ASK_STOP:
	case ASK_KILL:
		q->result = e->stop(q->run, q->what == ASK_KILL);
		break;
	case ASK_RECOVER:
		q->state = e->recover(q->run);
		break;
	case ASK_DISCARD:
		discard(e, q);
		break;
	}
}

static void *
asker_main(void *arg)
{
	const uint64_t one = 1;
	struct asker *k = arg;
	struct ask *q;

	(void)pthread_mutex_lock(&k->lock);
	for (;;) {
		while (!k->ending && TAILQ_EMPTY(&k->waiting)) {
			k->idle++;
			(void)pthread_cond_wait(&k->news, &k->lock);
			k->idle--;
		}
		if (k->ending)
			break;
		q = TAILQ_FIRST(&k->waiting);
		TAILQ_REMOVE(&k->waiting, q, entry);
		(void)pthread_mutex_unlock(&k->lock);
		question_put(k, q);
		(void)pthread_mutex_lock(&k->lock);
		TAILQ_INSERT_TAIL(&k->answered, q, entry);
		(void)!write(k->fd, &one, sizeof(one));
	}
	(void)pthread_mutex_unlock(&k->lock);
	return NULL;
}

static void
answers_take(void *arg)
{
	struct asker *k = arg;
	struct asks taken = TAILQ_HEAD_INITIALIZER(taken);
	struct ask *q;
	uint64_t n;

	(void)!read(k->fd, &n, sizeof(n));
	(void)pthread_mutex_lock(&k->lock);
	TAILQ_CONCAT(&taken, &k->answered, entry);
	(void)pthread_mutex_unlock(&k->lock);
	while ((q = TAILQ_FIRST(&taken)) != NULL) {
		TAILQ_REMOVE(&taken, q, entry);
		q->done(q);
	}
}

struct asker *
asker_new(const struct engine *e, const struct conf *conf, struct loop *l,
    size_t calls)
{
	struct asker *k;

	if ((k = calloc(1, sizeof(*k))) == NULL ||
	    (k->thread = calloc(calls, sizeof(*k->thread))) == NULL)
		fatalx("out of memory");
	k->engine = e;
	k->conf = conf;
	k->loop = l;
	k->most = calls;
	k->fd = -1;
	TAILQ_INIT(&k->waiting);
	TAILQ_INIT(&k->answered);
	if (!e->far)
		return k;
	if (pthread_mutex_init(&k->lock, NULL) != 0 ||
	    pthread_cond_init(&k->news, NULL) != 0)
		fatalx("cannot make a lock");
	if ((k->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1)
		fatal("eventfd");
	k->watch = loop_watch(l, k->fd, answers_take, k);
	return k;
}

/* Threads are made when there is something to ask: most sites need none. */
void
ask(struct asker *k, struct ask *q)
{
	int more;

	if (!k->engine->far) {
		question_put(k, q);
		q->done(q);
		return;
	}
	(void)pthread_mutex_lock(&k->lock);
	more = k->idle == 0 && k->threads < k->most;
	TAILQ_INSERT_TAIL(&k->waiting, q, entry);
	(void)pthread_cond_signal(&k->news);
	(void)pthread_mutex_unlock(&k->lock);
	if (!more)
		return;
	if (pthread_create(&k->thread[k->threads], NULL, asker_main, k) == 0)
		k->threads++;
	else if (k->threads == 0)
		fatalx("cannot make a thread");
}

/* Nobody else holds what is to be discarded. */
static void
unanswered_drop(struct asks *asks, int asked)
{
	struct ask *q;

	while ((q = TAILQ_FIRST(asks)) != NULL) {
		TAILQ_REMOVE(asks, q, entry);
		if (q->what != ASK_DISCARD)
			continue;
		if (!asked)
			q->state = ENGINE_UNKNOWN;
		q->done(q);
	}
}

void
asker_free(struct asker *k)
{
	size_t i;

	if (k == NULL)
		return;
	if (k->engine->far) {
		(void)pthread_mutex_lock(&k->lock);
		k->ending = 1;
		(void)pthread_cond_broadcast(&k->news);
		(void)pthread_mutex_unlock(&k->lock);
		for (i = 0; i < k->threads; i++)
			(void)pthread_join(k->thread[i], NULL);
		unanswered_drop(&k->waiting, 0);
		unanswered_drop(&k->answered, 1);
		loop_unwatch(k->loop, k->watch);
		(void)close(k->fd);
		(void)pthread_cond_destroy(&k->news);
		(void)pthread_mutex_destroy(&k->lock);
	}
	free(k->thread);
	free(k);
}

static char **
words_copy(char *const *from)
{
	size_t i, n = 0;
	char **to;

	while (from[n] != NULL)
		n++;
	if ((to = calloc(n + 1, sizeof(*to))) == NULL)
		fatalx("out of memory");
	for (i = 0; i < n; i++)
		if ((to[i] = strdup(from[i])) == NULL)
			fatalx("out of memory");
	return to;
}

/* An environment holds secrets. */
static void
words_free(char **words)
{
	size_t i;

	for (i = 0; words[i] != NULL; i++) {
		explicit_bzero(words[i], strlen(words[i]));
		free(words[i]);
	}
	free(words);
}

struct engine_job *
ask_job(const struct engine_job *from)
{
	struct engine_job *job;

	if ((job = malloc(sizeof(*job))) == NULL)
		fatalx("out of memory");
	*job = *from;
	job->command = words_copy(from->command);
	job->env = words_copy(from->env);
	return job;
}

void
ask_job_free(struct engine_job *job)
{
	if (job == NULL)
		return;
	words_free(job->command);
	words_free(job->env);
	free(job);
}
