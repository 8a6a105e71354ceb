/* SPDX-License-Identifier: BSD-2-Clause */
/* Idempotency keys in PostgreSQL. */
#include "config.h"

#include <stdio.h>

#include "store/sqlval.h"
#include "store/store_idem.h"

enum err
store_idem_find(struct db *db, struct arena *a, const char *account,
    const char *path, const char *key, struct idem_row *out)
{
	const char *const	 p[] = { account, path, key };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_idem_find, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	snprintf(out->hash, sizeof(out->hash), "%s", rows_text(r, 0, 0));
	out->status = (int)rows_int(r, 0, 1);
	out->location = rows_text_opt(r, 0, 2);
	out->body = rows_text(r, 0, 3);
	return ERR_OK;
}

enum err
store_idem_lock(struct db *db, struct arena *a, const char *account,
    const char *path, const char *key, int *mine)
{
	const char *const	 p[] = { arena_printf(a, "%s %s %s", account,
	    path, key) };
	struct rows		*r;
	enum err		 err;

	if ((err = db_run(db, STMT_idem_lock, p, &r)) != ERR_OK)
		return err;
	*mine = rows_bool(r, 0, 0);
	rows_free(r);
	return ERR_OK;
}

enum err
store_idem_insert(struct db *db, struct arena *a, const char *account,
    const char *path, const char *key, const struct idem_row *row)
{
	const char *const	 p[] = { account, path, key, row->hash,
	    sql_int(a, row->status), row->location, row->body };

	return db_run(db, STMT_idem_insert, p, NULL);
}
