/* SPDX-License-Identifier: BSD-2-Clause */
/* Artifacts of all workspaces, and bytes that no longer belong to one. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/out.h"
#include "domain/blob_gc.h"
#include "store/store_artifact.h"

#define ARTIFACT_LINES	50
#define ARTIFACT_MOST	10000
#define GC_FILES	1000	/* in one step */

static const struct col cols[] = {
	{ "id", COL_TEXT, 1 },
	{ "organization", COL_TEXT },
	{ "workspace", COL_TEXT },
	{ "kind", COL_TEXT },
	{ "name", COL_TEXT },
	{ "version", COL_TEXT },
	{ "media_type", COL_TEXT, 1 },
	{ "size", COL_INT },
	{ "sha256", COL_TEXT, 1 },
	{ "uri", COL_TEXT, 1 },
	{ "rows", COL_INT },
	{ "faults", COL_INT },
	{ "created_at", COL_TIME },
};
#define NCOLS	((int)(sizeof(cols) / sizeof(cols[0])))

static int
artifact_list(struct ctl *c, struct args *a)
{
	const char *place, *org = NULL, *ws = NULL, *kind = NULL;
	const char *limit = NULL;
	const struct opt opts[] = {
		{ "kind", OPT_TEXT, &kind },
		{ "limit", OPT_TEXT, &limit },
		{ NULL, OPT_FLAG, NULL }
	};
	size_t i;

	if (!args_read(c, a, opts, &place, 0, 1) ||
	    !args_number(a, "--limit", limit, 1, ARTIFACT_MOST))
		return CTL_USAGE;
	for (i = 0; kind != NULL && i < ARTIFACT_KINDS; i++)
		if (strcmp(artifact_kinds[i], kind) == 0)
			break;
	if (kind != NULL && i == ARTIFACT_KINDS)
		return args_fault(a, "\"%s\" is no kind of artifact", kind);
	if (place != NULL && strchr(place, '/') == NULL)
		org = place;
	else if (place != NULL && !args_path(c, a, place, &org, &ws))
		return CTL_USAGE;
	if (limit == NULL)
		limit = ctl_int(c, ARTIFACT_LINES);
	ctl_begin(c);
	out_list(c, ctl_run(c, STMT_cmd_artifact_list, (const char *[]){ org,
	    ws, kind, limit }), cols, NCOLS);
	return CTL_OK;
}

static void
gc_print(struct ctl *c, const struct blob_gc *gc)
{
	struct jw w;

	if (!c->json) {
		(void)printf("%s %" PRId64 " files (%" PRId64 " bytes) that "
		    "no artifact names, %" PRId64 " leftovers of uploads\n",
		    gc->dry_run ? "would remove" : "removed", gc->files,
		    gc->bytes, gc->uploads);
		return;
	}
	jw_init(&w, c->arena);
	jw_obj(&w);
	jw_kbool(&w, "dry_run", gc->dry_run);
	jw_kint(&w, "files", gc->files);
	jw_kint(&w, "bytes", gc->bytes);
	jw_kint(&w, "uploads", gc->uploads);
	jw_end(&w);
	out_json(&w);
}

static void
gc_run(struct ctl *c, struct blob_gc *gc)
{
	struct blob_walk *walk = blob_walk_new();
	struct arena *a = arena_new(256 * 1024);
	enum err e = ERR_OK;
	int done = 0;

	blob_gc_uploads(gc);
	while (e == ERR_OK && !done) {
		e = blob_gc_step(gc, walk, c->db, a, GC_FILES, &done);
		arena_reset(a);
	}
	blob_walk_free(walk);
	arena_free(a);
	if (e != ERR_OK)
		ctl_fail(c, e);
}

static int
artifact_gc(struct ctl *c, struct args *a)
{
	struct blob_gc gc = { .dry_run = 0 };
	const char *grace = NULL;
	const struct opt opts[] = {
		{ "dry-run", OPT_FLAG, &gc.dry_run },
		{ "grace", OPT_TEXT, &grace },
		{ NULL, OPT_FLAG, NULL }
	};
	enum err e;

	if (!args_read(c, a, opts, NULL, 0, 0) || (grace != NULL &&
	    !args_duration(a, "--grace", grace, &gc.grace)))
		return CTL_USAGE;
	/* each file is a transaction of its own, and so is the audit */
	ctl_begin(c);
	ctl_commit(c);
	if (grace == NULL)
		gc.grace = c->conf.artifact_grace_seconds;
	gc.data_dir = c->conf.data_dir;
	gc_run(c, &gc);
	if (!gc.dry_run && (gc.files > 0 || gc.uploads > 0)) {
		if ((e = db_begin(c->db)) != ERR_OK)
			ctl_fail(c, e);
		ctl_audit(c, NULL, NULL, "artifact.gc", "%" PRId64
		    " files, %" PRId64 " uploads", gc.files, gc.uploads);
		ctl_commit(c);
	}
	gc_print(c, &gc);
	return CTL_OK;
}

const struct verb artifact_verbs[] = {
	{ "gc", artifact_gc, "[--dry-run] [--grace DURATION]" },
	{ "list", artifact_list, "[ORG | ORG/WORKSPACE] [--kind KIND] "
	    "[--limit N]" },
	{ NULL, NULL, NULL }
};
