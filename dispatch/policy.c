/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks at the retraining policies that are due. */
#include "config.h"

#include "dispatch/dispatch.h"
#include "domain/policy_fire.h"
#include "util/ident.h"
#include "util/log.h"

#define LOOK_EVERY	(POLICY_AGAIN * SECOND)
#define LOOK_SOON	(SECOND / 10)
#define LOOK_MOST	20	/* policies in one turn */

static void
fired(const struct policy_fired *f)
{
	char run[TYPEID_LEN], job[TYPEID_LEN];

	typeid_encode(f->run_id, run);
	typeid_encode(f->job_id, job);
	log_info("a retraining policy fired judge=%s run=run_%s "
	    "job=train_job_%s feedback=%lld", f->judge_key, run, job,
	    (long long)f->usable);
}

/* 0: the database is not to be asked any more for now. */
static int
look(struct dispatcher *d, const struct policy_place *at)
{
	struct policy_fired f;
	enum err e;

	e = policy_look(d->db, d->arena, d->pace, at, &f);
	if (e == ERR_OK) {
		if (f.run_id != NULL)
			fired(&f);
		return 1;
	}
	if (link_transient(d, e))
		return 0;
	/* Another job took the slot; or a fault, which waits its turn. */
	if (e != ERR_CONFLICT && e != ERR_JOB_ACTIVE)
		log_errx("a retraining policy could not fire judge=%s "
		    "error=%s", at->judge_id, err_type(e));
	e = store_policy_defer(d->db, d->arena, at, POLICY_AGAIN);
	if (e == ERR_OK)
		return 1;
	(void)link_transient(d, e);
	return 0;
}

void
policy_tick(struct dispatcher *d, int64_t now)
{
	struct policy_place *due;
	size_t i, n;
	enum err e;

	d->want_policy = 0;
	d->next_policy = now + LOOK_EVERY;
	e = store_policy_due(d->db, d->arena, LOOK_MOST, &due, &n);
	if (e != ERR_OK) {
		(void)link_transient(d, e);
		return;
	}
	for (i = 0; i < n; i++)
		if (!look(d, &due[i]))
			return;
	if (n == LOOK_MOST)
		d->next_policy = now + LOOK_SOON;
}
