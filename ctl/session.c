/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings, the connection, and the end of a command that went wrong. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "store/schema.h"

/* Where "trainyard setup" leaves the roles' passwords, when they have some. */
#define OWNER_PGPASS	"/etc/trainyard/pgpass.owner"

int
ctl_error(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("trainyard: error: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	return CTL_FAILED;
}

void
ctl_hint(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("trainyard: hint: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
}

void
ctl_conf(struct ctl *c)
{
	const char *path = c->conf_path;
	int faults;

	if (c->conf_read)
		return;
	if (access(OWNER_PGPASS, R_OK) == 0 &&
	    setenv("PGPASSFILE", OWNER_PGPASS, 0) == -1)
		exit(ctl_error("setenv: %s", strerror(errno)));
	/* A host without the file runs on the defaults. */
	if (!c->conf_given && access(path, F_OK) == -1 && errno == ENOENT)
		path = NULL;
	faults = conf_load(&c->conf, path, stderr);
	if (faults == 0) {
		c->conf_read = 1;
		return;
	}
	if (faults > 0)
		(void)ctl_error("%s has %d fault%s", path, faults,
		    faults == 1 ? "" : "s");
	exit(CTL_FAILED);
}

void
ctl_connect(struct ctl *c)
{
	char why[DB_WHY_LEN];

	ctl_conf(c);
	if (db_connect(c->conf.database_owner, "trainyard", 0, &c->db, why) ==
	    ERR_OK)
		return;
	(void)ctl_error("could not connect to the database: %s", why);
	ctl_hint("is PostgreSQL running, and is \"database_owner\" in %s "
	    "right?", c->conf_path);
	exit(CTL_FAILED);
}

void
ctl_fail(struct ctl *c, enum err e)
{
	const struct db_fault *f = db_fault(c->db);

	/* libpq's own message has its prefix and its line end. */
	(void)fprintf(stderr, "trainyard: error: %s%s", db_message(c->db),
	    strchr(db_message(c->db), '\n') == NULL ? "\n" : "");
	if (f->lost)
		ctl_hint("the connection was lost; whether the change was "
		    "made is not known: look, then run the command again");
	else if (strcmp(f->sqlstate, "42501") == 0)
		ctl_hint("connect as the role that owns the schema: see "
		    "\"database_owner\" in %s", c->conf_path);
	else if (strcmp(f->sqlstate, "42704") == 0)
		ctl_hint("are the roles there? run \"psql -f %s/sql/roles.sql\""
		    " as a superuser of PostgreSQL", TRAINYARD_DATADIR);
	else if (e == ERR_UNAVAILABLE)
		ctl_hint("try again");
	exit(CTL_FAILED);
}

void
ctl_begin(struct ctl *c)
{
	enum err e;

	ctl_connect(c);
	/* It names the remedy itself. */
	if ((e = schema_ready(c->db)) == ERR_PRECONDITION)
		exit(CTL_FAILED);
	if (e != ERR_OK || (e = db_begin(c->db)) != ERR_OK)
		ctl_fail(c, e);
}

void
ctl_commit(struct ctl *c)
{
	enum err e;

	if ((e = db_commit(c->db)) != ERR_OK)
		ctl_fail(c, e);
}

struct rows *
ctl_run(struct ctl *c, enum stmt stmt, const char *const *params)
{
	struct rows *rows;
	enum err e;

	if ((e = db_run(c->db, stmt, params, &rows)) != ERR_OK)
		ctl_fail(c, e);
	return rows_keep(rows, c->arena);
}

void
ctl_audit(struct ctl *c, const char *workspace_id,
    const char *organization_id, const char *action, const char *fmt, ...)
{
	const char *params[5] = { workspace_id, organization_id, c->actor,
	    action, NULL };
	va_list ap;

	va_start(ap, fmt);
	params[4] = arena_vprintf(c->arena, fmt, ap);
	va_end(ap);
	(void)ctl_run(c, STMT_cmd_audit_add, params);
}
