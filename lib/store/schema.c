/* SPDX-License-Identifier: BSD-2-Clause */
/* The newest "pre" migration of the source stands for all before it. */
#include "config.h"

#include "schema_needed.h"	/* generated: SCHEMA_NEEDED */
#include "store/schema.h"
#include "util/log.h"

enum err
schema_ready(struct db *db)
{
	const char *needed[] = { SCHEMA_NEEDED };
	struct rows *rows;
	enum err e;
	int there;

	if ((e = db_run(db, STMT_schema_known, NULL, &rows)) != ERR_OK)
		return e;
	there = rows_bool(rows, 0, 0);
	rows_free(rows);
	if (there) {
		e = db_run(db, STMT_schema_has, needed, &rows);
		if (e != ERR_OK)
			return e;
		there = rows_bool(rows, 0, 0);
		rows_free(rows);
	}
	if (there)
		return ERR_OK;
	log_errx("the database's schema is too old: run \"trainyard migrate\" "
	    "needed=%s", needed[0]);
	return ERR_PRECONDITION;
}
