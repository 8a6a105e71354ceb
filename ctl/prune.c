/* SPDX-License-Identifier: BSD-2-Clause */
/* prune: removes old rows, as dispatchers do all the time. */
#include "config.h"

#include <stdio.h>

#include "ctl/args.h"
#include "ctl/out.h"
#include "store/schema.h"
#include "store/store_house.h"

#define PRUNE_MOST	1000	/* rows in one statement */
#define PRUNE_JOBS	1000	/* jobs in one step */

enum kind {
	PRUNE_LOGS,
	PRUNE_EVENTS,
	PRUNE_KEYS,
	PRUNE_DELIVERIES,
	PRUNE_METRICS,
	PRUNE_PARTITIONS,
	PRUNE_KINDS
};

static const char *const words[PRUNE_KINDS] = {
	[PRUNE_LOGS] = "log_lines",
	[PRUNE_EVENTS] = "events",
	[PRUNE_KEYS] = "idempotency_keys",
	[PRUNE_DELIVERIES] = "deliveries",
	[PRUNE_METRICS] = "metrics",
	[PRUNE_PARTITIONS] = "partitions",
};

static enum err
partitions_prune(struct ctl *c, const char *table, int64_t days, long *rows,
    long *parts)
{
	struct partition_work w;
	enum err e;

	do {
		if ((e = store_house_partitions(c->db, c->arena, table, days,
		    PRUNE_MOST, &w)) != ERR_OK)
			return e;
		*rows += w.removed;
		*parts += w.dropped;
		if (w.busy)
			ctl_hint("%s is in somebody's hands: its partitions "
			    "are looked at again the next time", table);
	} while (w.removed == PRUNE_MOST);
	return ERR_OK;
}

static enum err
keys_remove(struct ctl *c, long *gone)
{
	return store_house_keys(c->db, c->arena, PRUNE_MOST, gone);
}

static enum err
deliveries_remove(struct ctl *c, long *gone)
{
	return store_house_outbox(c->db, c->arena, OUTBOX_DAYS, PRUNE_MOST,
	    gone);
}

static enum err
batches_prune(struct ctl *c, enum err (*remove)(struct ctl *, long *),
    long *rows)
{
	long n;
	enum err e;

	do {
		if ((e = remove(c, &n)) != ERR_OK)
			return e;
		*rows += n;
	} while (n == PRUNE_MOST);
	return ERR_OK;
}

static enum err
metrics_prune(struct ctl *c, long *rows)
{
	struct metric_walk w;
	enum err e;
	long n;
	int more;

	if (c->conf.metric_retention_days == 0)
		return ERR_OK;
	metric_walk_begin(&w);
	do {
		if ((e = store_house_metrics(c->db, c->arena,
		    c->conf.metric_retention_days, PRUNE_JOBS, PRUNE_MOST, &w,
		    &n, &more)) != ERR_OK)
			return e;
		*rows += n;
	} while (more || !metric_walk_over(&w));
	return ERR_OK;
}

static enum err
all_prune(struct ctl *c, long gone[PRUNE_KINDS])
{
	enum err e;

	if ((e = partitions_prune(c, PARTED_LOGS, c->conf.log_retention_days,
	    &gone[PRUNE_LOGS], &gone[PRUNE_PARTITIONS])) != ERR_OK ||
	    (e = partitions_prune(c, PARTED_EVENTS,
	    c->conf.event_retention_days, &gone[PRUNE_EVENTS],
	    &gone[PRUNE_PARTITIONS])) != ERR_OK ||
	    (e = batches_prune(c, keys_remove, &gone[PRUNE_KEYS])) != ERR_OK ||
	    (e = batches_prune(c, deliveries_remove,
	    &gone[PRUNE_DELIVERIES])) != ERR_OK)
		return e;
	return metrics_prune(c, &gone[PRUNE_METRICS]);
}

/* In small transactions, so that nobody waits for it. */
static int
prune_run(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	long gone[PRUNE_KINDS] = { 0 };
	struct jw w;
	size_t i;
	enum err e;

	if (!args_read(c, a, opts, NULL, 0, 0))
		return CTL_USAGE;
	ctl_connect(c);
	/* It names the remedy itself. */
	if ((e = schema_ready(c->db)) == ERR_PRECONDITION)
		return CTL_FAILED;
	if (e == ERR_OK)
		e = all_prune(c, gone);
	if (e != ERR_OK)
		ctl_fail(c, e);
	jw_init(&w, c->arena);
	jw_obj(&w);
	for (i = 0; i < PRUNE_KINDS; i++) {
		jw_kint(&w, words[i], gone[i]);
		if (!c->json)
			(void)printf("%s removed: %ld\n", words[i], gone[i]);
	}
	jw_end(&w);
	if (c->json)
		out_json(&w);
	return CTL_OK;
}

const struct verb prune_verbs[] = {
	{ "", prune_run, "" },
	{ NULL, NULL, NULL }
};
