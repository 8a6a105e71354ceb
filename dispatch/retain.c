/* SPDX-License-Identifier: BSD-2-Clause */
/* Old rows: partitions that are made and dropped, and what goes in batches. */
#include "config.h"

#include "dispatch/dispatch.h"
#include "store/store_house.h"
#include "util/log.h"

#define DELETE_MOST	1000	/* rows in one statement */
#define WALK_JOBS	1000	/* jobs in one step of the walk */
#define RETAIN_EVERY	(60 * SECOND)
#define RETAIN_SOON	(SECOND / 10)

/* What one round has done. */
struct round {
	long	logs, events, keys, told, metrics;
	int	again;		/* there is more */
};

static void
count(struct round *r, long *to, long gone)
{
	*to = gone;
	if (gone == DELETE_MOST)
		r->again = 1;
}

static enum err
partitions(struct dispatcher *d, struct round *r, const char *table,
    int64_t days, long *removed)
{
	struct partition_work w;
	enum err e;

	if ((e = store_house_partitions(d->db, d->arena, table, days,
	    DELETE_MOST, &w)) != ERR_OK)
		return e;
	count(r, removed, w.removed);
	if (w.made > 0 || w.dropped > 0)
		log_info("partitions of %s made=%ld dropped=%ld", table,
		    w.made, w.dropped);
	if (w.busy)
		log_warnx("the partitions of %s are in somebody's hands: "
		    "again in a minute", table);
	return ERR_OK;
}

static enum err
metrics(struct dispatcher *d, struct round *r)
{
	enum err e;
	int more;

	if (d->conf->metric_retention_days == 0)
		return ERR_OK;
	if ((e = store_house_metrics(d->db, d->arena,
	    d->conf->metric_retention_days, WALK_JOBS, DELETE_MOST,
	    &d->metric_walk, &r->metrics, &more)) != ERR_OK)
		return e;
	/* where some are old the next ones are, too */
	if (more || r->metrics > 0)
		r->again = 1;
	return ERR_OK;
}

static enum err
work(struct dispatcher *d, struct round *r)
{
	long n;
	enum err e;

	if ((e = partitions(d, r, PARTED_LOGS, d->conf->log_retention_days,
	    &r->logs)) != ERR_OK ||
	    (e = partitions(d, r, PARTED_EVENTS,
	    d->conf->event_retention_days, &r->events)) != ERR_OK ||
	    (e = metrics(d, r)) != ERR_OK ||
	    (e = store_house_keys(d->db, d->arena, DELETE_MOST,
	    &n)) != ERR_OK)
		return e;
	count(r, &r->keys, n);
	if ((e = store_house_outbox(d->db, d->arena, OUTBOX_DAYS,
	    DELETE_MOST, &n)) != ERR_OK)
		return e;
	count(r, &r->told, n);
	return store_house_dispatchers(d->db, &n);
}

void
retain_tick(struct dispatcher *d, int64_t now)
{
	struct round r = { .again = 0 };
	enum err e;

	d->next_retention = now + RETAIN_EVERY;
	if ((e = work(d, &r)) != ERR_OK) {
		(void)link_transient(d, e);
		return;
	}
	if (r.logs + r.events + r.keys + r.told + r.metrics > 0)
		log_info("removed old rows log_lines=%ld events=%ld "
		    "idempotency_keys=%ld deliveries=%ld metrics=%ld",
		    r.logs, r.events, r.keys, r.told, r.metrics);
	if (r.again)
		d->next_retention = now + RETAIN_SOON;
}
