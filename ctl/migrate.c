/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * migrate: brings the schema up to date.  Each migration runs in one
 * transaction with the line that says so, under a lock that lets one command
 * at a time change the schema.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/migration.h"
#include "ctl/out.h"
#include "util/ts.h"

/* Any number that no other program takes. */
#define MIGRATE_LOCK	"7239450125587306310"
/*
 * A migration that waits for a table makes all who come later wait as well:
 * better to give up and be run again.
 */
#define MIGRATE_LOCK_MS	"10000"
#define OLDEST_SERVER	150000

struct order {
	const char	*dir, *phase;
	int		 status, dry;
};

static void
server_check(struct ctl *c)
{
	int64_t v;

	v = rows_int(ctl_run(c, STMT_cmd_server_version, NULL), 0, 0);
	if (v >= OLDEST_SERVER)
		return;
	(void)ctl_error("PostgreSQL %lld is too old: 15 or newer is needed",
	    (long long)v / 10000);
	exit(CTL_FAILED);
}

/*
 * Marks what the database has.  0 when it has something else than the folder:
 * then nothing may be done to it.
 */
static int
applied_mark(struct ctl *c, struct migration *list, long n)
{
	struct migration *m;
	struct rows *rows;
	int good = 1, i;

	if (!rows_bool(ctl_run(c, STMT_schema_known, NULL), 0, 0))
		return 1;
	rows = ctl_run(c, STMT_cmd_migration_list, NULL);
	for (i = 0; i < rows_count(rows); i++) {
		m = migration_find(list, n, rows_text(rows, i, 0));
		if (m == NULL) {
			(void)ctl_error("the database is newer than this "
			    "program: it has migration %s",
			    rows_text(rows, i, 0));
			good = 0;
			continue;
		}
		if (strcmp(m->sha256, rows_text(rows, i, 2)) != 0) {
			(void)ctl_error("migration %s is not the one that was "
			    "applied: its checksum differs", m->name);
			good = 0;
		}
		m->applied_at = rows_ts(rows, i, 3);
		m->applied_by = rows_text(rows, i, 4);
	}
	if (!good)
		ctl_hint("install the release that the database was migrated "
		    "with, or a newer one");
	return good;
}

static void
status_print(struct ctl *c, const struct migration *list, long n)
{
	char time[TS_LEN];
	struct jw w;
	long i;

	jw_init(&w, c->arena);
	jw_arr(&w);
	for (i = 0; i < n; i++) {
		if (list[i].applied_by != NULL)
			ts_format(list[i].applied_at, time);
		if (!c->json) {
			(void)printf("%-40s  %-4s  %s%s%s\n", list[i].name,
			    list[i].phase, list[i].applied_by == NULL ?
			    "pending" : time, list[i].applied_by == NULL ?
			    "" : "  ", list[i].applied_by == NULL ? "" :
			    list[i].applied_by);
			continue;
		}
		jw_obj(&w);
		jw_kstr(&w, "name", list[i].name);
		jw_kstr(&w, "phase", list[i].phase);
		jw_kstr(&w, "sha256", list[i].sha256);
		jw_kstr(&w, "applied_at", list[i].applied_by == NULL ? NULL :
		    time);
		jw_kstr(&w, "applied_by", list[i].applied_by);
		jw_end(&w);
	}
	jw_end(&w);
	if (c->json)
		out_json(&w);
}

static void
migration_apply(struct ctl *c, const struct migration *m)
{
	const char *timeout = MIGRATE_LOCK_MS;
	enum err e;

	if ((e = db_begin(c->db)) != ERR_OK)
		ctl_fail(c, e);
	(void)ctl_run(c, STMT_cmd_migration_settings, &timeout);
	if ((e = db_script(c->db, m->text)) != ERR_OK) {
		(void)ctl_error("migration %s failed and was rolled back",
		    m->name);
		ctl_fail(c, e);
	}
	if (!db_in_transaction(c->db)) {
		(void)ctl_error("migration %s ends its own transaction",
		    m->name);
		exit(CTL_FAILED);
	}
	(void)ctl_run(c, STMT_cmd_migration_add,
	    (const char *[]){ m->name, m->phase, m->sha256 });
	ctl_audit(c, NULL, NULL, "schema.migrate", "%s", m->name);
	ctl_commit(c);
}

/* Applies, or only names, what is pending in the phase. */
static void
pending_run(struct ctl *c, const struct order *o, struct migration *list,
    long n)
{
	struct jw w;
	int done = 0;
	long i;

	jw_init(&w, c->arena);
	jw_obj(&w);
	jw_karr(&w, o->dry ? "pending" : "applied");
	for (i = 0; i < n; i++) {
		if (list[i].applied_by != NULL || (o->phase != NULL &&
		    strcmp(o->phase, list[i].phase) != 0))
			continue;
		if (!o->dry)
			migration_apply(c, &list[i]);
		done++;
		jw_str(&w, list[i].name);
		if (!c->json) {
			(void)printf("%s %s\n", o->dry ? "pending" :
			    "applied", list[i].name);
			/* The next one may take long, or fail. */
			(void)fflush(stdout);
		}
	}
	jw_end(&w);
	jw_end(&w);
	if (c->json)
		out_json(&w);
	else if (done == 0)
		(void)puts("nothing to do");
}

static int
migrate_run(struct ctl *c, struct args *a)
{
	struct order o = { .dir = NULL };
	const struct opt opts[] = {
		{ "dir", OPT_TEXT, &o.dir },
		{ "phase", OPT_TEXT, &o.phase },
		{ "status", OPT_FLAG, &o.status },
		{ "dry-run", OPT_FLAG, &o.dry },
		{ NULL, OPT_FLAG, NULL }
	};
	const char *lock = MIGRATE_LOCK;
	struct migration *list;
	long n;

	if (!args_read(c, a, opts, NULL, 0, 0))
		return CTL_USAGE;
	if (o.phase != NULL && strcmp(o.phase, "pre") != 0 &&
	    strcmp(o.phase, "post") != 0)
		return args_fault(a, "--phase must be pre or post");
	if (o.status && o.dry)
		return args_fault(a, "--status and --dry-run exclude each "
		    "other");
	if (o.dir == NULL)
		o.dir = getenv("TRAINYARD_SQL_DIR");
	if (o.dir == NULL)
		o.dir = TRAINYARD_DATADIR "/sql/migrations";
	if ((n = migration_load(c->arena, o.dir, &list)) == -1)
		return CTL_FAILED;
	ctl_connect(c);
	server_check(c);
	if (!o.status && !o.dry)
		(void)ctl_run(c, STMT_cmd_lock, &lock);
	if (!applied_mark(c, list, n))
		return CTL_FAILED;
	if (o.status)
		status_print(c, list, n);
	else
		pending_run(c, &o, list, n);
	return CTL_OK;
}

const struct verb migrate_verbs[] = {
	{ "", migrate_run, "[--status | --dry-run] [--phase pre|post] "
	    "[--dir DIR]" },
	{ NULL, NULL, NULL }
};
