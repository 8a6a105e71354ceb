/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes that no row names, removed a few at a time between other work: a
 * store of ten million files is walked over in a quarter of an hour, and
 * nobody waits for it longer than a few milliseconds.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "dispatch/dispatch.h"
#include "domain/blob_gc.h"
#include "util/log.h"

#define SWEEP_EVERY	(3600 * SECOND)
#define SWEEP_NEXT	(SECOND / 50)
#define SWEEP_MOST	200	/* files in one step */

struct sweep {
	struct blob_gc	 gc;
	struct blob_walk *walk;
};

static void
sweep_told(const struct blob_gc *gc)
{
	if (gc->files > 0 || gc->uploads > 0)
		log_info("removed what no artifact names files=%" PRId64
		    " bytes=%" PRId64 " uploads=%" PRId64, gc->files,
		    gc->bytes, gc->uploads);
}

void
sweep_end(struct dispatcher *d)
{
	if (d->sweep == NULL)
		return;
	sweep_told(&d->sweep->gc);
	blob_walk_free(d->sweep->walk);
	free(d->sweep);
	d->sweep = NULL;
}

static void
sweep_begin(struct dispatcher *d)
{
	if ((d->sweep = calloc(1, sizeof(*d->sweep))) == NULL)
		fatal("sweep");
	d->sweep->gc.data_dir = d->conf->data_dir;
	d->sweep->gc.grace = d->conf->artifact_grace_seconds;
	d->sweep->walk = blob_walk_new();
	blob_gc_uploads(&d->sweep->gc);
}

void
sweep_tick(struct dispatcher *d, int64_t now)
{
	enum err e;
	int done;

	if (d->sweep == NULL)
		sweep_begin(d);
	d->next_blobs = now + SWEEP_NEXT;
	e = blob_gc_step(&d->sweep->gc, d->sweep->walk, d->db, d->arena,
	    SWEEP_MOST, &done);
	if (e != ERR_OK)
		(void)link_transient(d, e);
	if (e == ERR_OK && !done)
		return;
	sweep_end(d);
	d->next_blobs = now + SWEEP_EVERY;
}
