/* SPDX-License-Identifier: BSD-2-Clause */
/* Housekeeping: leases that are over, old folders; who else has a turn. */
#include "config.h"

#include <string.h>

#include "dispatch/dispatch.h"
#include "store/store_house.h"
#include "util/log.h"
#include "util/metric.h"

#define EXPIRE_MOST	100	/* leases in one statement */
#define SWEEP_EVERY	(600 * SECOND)
#define SWEEP_MOST	2000	/* folders in one sweep */
#define GROWN_EVERY	(5 * SECOND)	/* tables that have doubled */
#define GROWN_NEXT	(1 * SECOND)	/* behind one that was analyzed */
#define GROWN_LATER	(60 * SECOND)	/* behind one that took too long */

static void
house_expire(struct dispatcher *d, int64_t now)
{
	struct attempt_ref *refs;
	struct loss *l;
	size_t i, n, lost;
	enum err e;

	d->next_expiry = now + d->conf->lease_seconds * SECOND / 3;
	e = store_attempt_expired(d->db, d->arena, EXPIRE_MOST, &refs, &n);
	if (e == ERR_OK && n > 0)
		e = store_attempt_lose(d->db, d->arena, refs, n,
		    "its worker was silent for longer than its lease", 1, 1,
		    &l, &lost);
	if (e != ERR_OK) {
		(void)link_transient(d, e);
		return;
	}
	for (i = 0; n > 0 && i < lost; i++) {
		d->count.lost++;
		metric_add(METRIC_LOST, 0, 1);
		log_warnx("lease over, the job is %s now job=%s attempt=%d",
		    l[i].status == NULL ? "another's" : l[i].status,
		    l[i].job_id, l[i].number);
	}
	if (n == EXPIRE_MOST)
		d->next_expiry = now;
}

static void
house_statistics(struct dispatcher *d, int64_t now)
{
	const char *table;
	enum err e;

	d->next_statistics = now + GROWN_EVERY;
	e = store_house_statistics(d->db, d->arena, &table);
	if (e != ERR_OK) {
		(void)link_transient(d, e);
		d->next_statistics = now + GROWN_LATER;
	} else if (table != NULL) {
		log_debug("analyzed table=%s", table);
		d->next_statistics = now + GROWN_NEXT;
	}
}

struct folders {
	struct attempt_ref *list;
	size_t		 n;
};

static int
folder_add(void *arg, const struct attempt_ref *ref)
{
	struct folders *f = arg;

	f->list[f->n++] = *ref;
	return f->n == SWEEP_MOST;
}

static int
same(const struct attempt_ref *a, const struct attempt_ref *b)
{
	return a->number == b->number && strcmp(a->job_id, b->job_id) == 0;
}

static int
is_mine(const struct dispatcher *d, const struct attempt_ref *ref)
{
	const struct run *r;

	TAILQ_FOREACH(r, &d->runs, entry)
		if (same(&r->ref, ref))
			return 1;
	return 0;
}

/* This host's view of a folder that no run of ours has. */
static int
folder_look(struct dispatcher *d, const struct attempt_ref *ref, int kill)
{
	const struct engine *e = engine_get(ENGINE_ID_local);
	char dir[WORKDIR_MAX];
	struct engine_run r = { .dir = dir, .fd = -1 };
	int alive;

	if (workdir_path(d->conf->data_dir, ref, dir) == -1)
		return 0;
	alive = e->recover(&r) == ENGINE_RUNNING;
	if (alive && kill)
		(void)e->stop(&r, 1);
	e->release(&r);
	return alive;
}

/* The far engine that may still run it, or NULL. */
static struct serving *
folder_far(struct dispatcher *d, const struct attempt_ref *ref)
{
	char dir[WORKDIR_MAX], engine[ENGINE_NAME_LEN];

	if (workdir_path(d->conf->data_dir, ref, dir) == -1 ||
	    !workdir_engine_get(dir, engine, sizeof(engine)))
		return NULL;
	return serving_find(d, engine);
}

int
house_alive(struct dispatcher *d, const struct attempt_ref *ref)
{
	return !is_mine(d, ref) &&
	    (folder_far(d, ref) != NULL || folder_look(d, ref, 0));
}

void
house_kill(struct dispatcher *d, const struct attempt_ref *ref)
{
	struct serving *far = folder_far(d, ref);

	log_warnx("a run that nobody waits for is killed job=%s attempt=%d",
	    ref->job_id, ref->number);
	if (far == NULL)
		(void)folder_look(d, ref, 1);
	else
		serving_discard(far, ref);
}

/* The runs of a dispatcher that never came back work for nobody. */
static enum err
sweep_strays(struct dispatcher *d, const struct folders *f)
{
	struct attempt_ref *alive, *current;
	size_t i, k, n = 0, ncurrent;
	enum err e;

	alive = arena_alloc(d->arena, (f->n + 1) * sizeof(*alive));
	current = arena_alloc(d->arena, (f->n + 1) * sizeof(*current));
	for (i = 0; i < f->n; i++)
		if (house_alive(d, &f->list[i]))
			alive[n++] = f->list[i];
	memcpy(current, alive, n * sizeof(*alive));
	ncurrent = n;
	if ((e = store_attempt_current(d->db, d->arena, current,
	    &ncurrent)) != ERR_OK)
		return e;
	for (i = 0; i < n; i++) {
		for (k = 0; k < ncurrent; k++)
			if (same(&alive[i], &current[k]))
				break;
		if (k == ncurrent)
			house_kill(d, &alive[i]);
	}
	return ERR_OK;
}

static void
house_sweep(struct dispatcher *d, int64_t now)
{
	struct folders f = { .n = 0 };
	size_t i;
	enum err e;

	d->next_sweep = now + SWEEP_EVERY;
	f.list = arena_alloc(d->arena, SWEEP_MOST * sizeof(*f.list));
	if (workdir_each(d->conf->data_dir, folder_add, &f) == -1)
		log_warn("cannot read the work folders");
	if ((e = sweep_strays(d, &f)) == ERR_OK)
		e = store_house_jobs(d->db, d->arena, f.list, &f.n,
		    d->conf->log_retention_days);
	if (e != ERR_OK) {
		(void)link_transient(d, e);
		return;
	}
	for (i = 0; i < f.n; i++)
		if (!is_mine(d, &f.list[i]) &&
		    !house_alive(d, &f.list[i])) {
			workdir_remove(d->conf->data_dir, &f.list[i]);
			log_info("old work folder removed job=%s attempt=%d",
			    f.list[i].job_id, f.list[i].number);
		}
}

void
house_tick(struct dispatcher *d, int64_t now)
{
	if (d->db != NULL && now >= d->next_expiry)
		house_expire(d, now);
	if (d->db != NULL && now >= d->next_retention)
		retain_tick(d, now);
	if (d->db != NULL && now >= d->next_sweep)
		house_sweep(d, now);
	if (d->db != NULL && now >= d->next_blobs)
		sweep_tick(d, now);
	if (d->db != NULL && now >= d->next_statistics)
		house_statistics(d, now);
	if (d->db != NULL && (d->want_policy || now >= d->next_policy))
		policy_tick(d, now);
}

int64_t
house_due(const struct dispatcher *d)
{
	int64_t due = d->next_expiry;

	if (d->want_policy)
		return 0;
	if (d->next_policy < due)
		due = d->next_policy;
	if (d->next_retention < due)
		due = d->next_retention;
	if (d->next_sweep < due)
		due = d->next_sweep;
	if (d->next_blobs < due)
		due = d->next_blobs;
	if (d->next_statistics < due)
		due = d->next_statistics;
	return due;
}
