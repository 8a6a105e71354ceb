/* SPDX-License-Identifier: BSD-2-Clause */
/* prune: removes old rows, as dispatchers do all the time. */
#include "config.h"

#include <stdio.h>

#include "ctl/args.h"
#include "ctl/out.h"
#include "store/schema.h"
#include "store/store_house.h"

#define PRUNE_MOST	1000	/* rows in one statement */
#define OUTBOX_DAYS	30

struct kind {
	const char	*what;
	enum err	(*remove)(struct ctl *, long *);
	long		 gone;
};

static enum err
logs_remove(struct ctl *c, long *gone)
{
	return store_house_logs(c->db, c->arena, c->conf.log_retention_days,
	    PRUNE_MOST, gone);
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

/* In small transactions, so that nobody waits for it. */
static int
prune_run(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	struct kind kinds[] = {
		{ "log_lines", logs_remove, 0 },
		{ "idempotency_keys", keys_remove, 0 },
		{ "deliveries", deliveries_remove, 0 },
	};
	struct jw w;
	size_t i;
	long gone;
	enum err e;

	if (!args_read(c, a, opts, NULL, 0, 0))
		return CTL_USAGE;
	ctl_connect(c);
	/* It names the remedy itself. */
	if ((e = schema_ready(c->db)) == ERR_PRECONDITION)
		return CTL_FAILED;
	for (i = 0; e == ERR_OK && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		do {
			if ((e = kinds[i].remove(c, &gone)) != ERR_OK)
				break;
			kinds[i].gone += gone;
		} while (gone == PRUNE_MOST);
	if (e != ERR_OK)
		ctl_fail(c, e);
	jw_init(&w, c->arena);
	jw_obj(&w);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		jw_kint(&w, kinds[i].what, kinds[i].gone);
		if (!c->json)
			(void)printf("%s removed: %ld\n", kinds[i].what,
			    kinds[i].gone);
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
