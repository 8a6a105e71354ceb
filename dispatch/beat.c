/* SPDX-License-Identifier: BSD-2-Clause */
/* Heartbeats: one statement for all runs. */
#include "config.h"

#include "dispatch/dispatch.h"
#include "dispatch/meter.h"
#include "util/log.h"
#include "util/ts.h"

/* Three chances before a lease is over. */
#define BEATS_PER_LEASE	3

void
beat_all(struct dispatcher *d)
{
	int64_t now = ts_mono();
	struct run **of, *r;
	struct beat *beats;
	size_t i, n = 0;
	enum err e;

	d->want_beat = 0;
	d->next_beat = now + d->conf->lease_seconds * SECOND /
	    BEATS_PER_LEASE;
	beats = arena_zalloc(d->arena, (d->nruns + 1) * sizeof(*beats));
	of = arena_zalloc(d->arena, (d->nruns + 1) * sizeof(struct run *));
	TAILQ_FOREACH(r, &d->runs, entry) {
		if (r->settled)
			continue;
		beats[n].ref = r->ref;
		of[n++] = r;
	}
	e = store_attempt_beat(d->db, d->arena, beats, n,
	    d->conf->lease_seconds);
	if (e != ERR_OK) {
		/* Soon again: a lease does not wait. */
		if (!link_transient(d, e))
			log_errx("leases could not be renewed");
		d->next_beat = now + SECOND / 2;
		return;
	}
	for (i = 0; i < n && d->db != NULL; i++) {
		if (!beats[i].alive)
			(void)run_resync(d, of[i], "heartbeat");
		else if (beats[i].stop && !of[i]->cancel) {
			of[i]->cancel = 1;
			of[i]->next = 0;
		}
	}
	if (d->db != NULL)
		seen_tell(d);
}
