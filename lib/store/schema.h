/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether the database has the schema that this program was built for. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/db.h"

/*
 * For a program's start.  ERR_OK when every migration that must precede this
 * program has been applied; newer ones do not matter.  ERR_PRECONDITION, and
 * a line in the log that names the remedy, when one is missing; else
 * db_run()'s errors.
 */
enum err schema_ready(struct db *) MUSTCHECK;

#endif
