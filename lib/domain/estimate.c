/* SPDX-License-Identifier: BSD-2-Clause */
/* estimated_duration, and the pace that it is made from. */
#include "config.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "domain/estimate.h"
#include "util/log.h"
#include "util/ts.h"

#define START_SECONDS	2.0	/* that a job takes whatever its size */
#define PACE_AGE	60000000LL	/* microseconds */
#define PACE_JOBS	100	/* newest ones that count */
/*
 * The first guess counts like this much work at its pace (two seconds of it),
 * so that one tiny job does not decide what a large one will take.
 */
#define PACE_PRIOR	100000.0
/* A year, far inside the column's type. */
#define MINUTES_MAX	525600

struct pace {
	pthread_mutex_t	mutex;		/* guards both */
	int64_t		read_at;	/* ts_mono(); 0: never */
	double		seconds;
};

struct pace *
pace_new(void)
{
	struct pace	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		fatal("pace");
	pthread_mutex_init(&p->mutex, NULL);
	p->seconds = PACE_FIRST;
	return p;
}

void
pace_free(struct pace *p)
{
	if (p == NULL)
		return;
	pthread_mutex_destroy(&p->mutex);
	free(p);
}

double
pace_mean(const struct judge_work *w, size_t n)
{
	double	seconds = PACE_FIRST * PACE_PRIOR, work = PACE_PRIOR;
	size_t	i;

	for (i = 0; i < n; i++) {
		work += (double)w[i].usable * (double)w[i].epochs *
		    (double)w[i].criteria;
		if (w[i].seconds > START_SECONDS)
			seconds += w[i].seconds - START_SECONDS;
	}
	return seconds / work;
}

double
pace_seconds(struct pace *p, struct db *db, struct arena *a)
{
	struct judge_work	*work;
	int64_t			 now = ts_mono();
	double			 seconds;
	size_t			 n;
	int			 due;

	pthread_mutex_lock(&p->mutex);
	seconds = p->seconds;
	/* whoever comes first asks; the others go on with what is known */
	due = p->read_at == 0 || now - p->read_at >= PACE_AGE;
	if (due)
		p->read_at = now;
	pthread_mutex_unlock(&p->mutex);
	if (!due || store_judge_work(db, a, PACE_JOBS, &work, &n) != ERR_OK)
		return seconds;
	seconds = pace_mean(work, n);
	pthread_mutex_lock(&p->mutex);
	p->seconds = seconds;
	pthread_mutex_unlock(&p->mutex);
	return seconds;
}

int64_t
estimate_minutes(double pace, int64_t usable, int64_t epochs,
    int64_t criteria)
{
	double	minutes;

	minutes = ceil((START_SECONDS + (double)usable * (double)epochs *
	    (double)criteria * pace) / 60);
	if (minutes > MINUTES_MAX)
		return MINUTES_MAX;
	return minutes < 1 ? 1 : (int64_t)minutes;
}
