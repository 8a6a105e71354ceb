/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of lists in PostgreSQL. */
#include "config.h"

#include <string.h>

#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_page.h"

/* Before and behind every id. */
#define ID_FIRST	"00000000-0000-0000-0000-000000000000"
#define ID_LAST		"ffffffff-ffff-ffff-ffff-ffffffffffff"

void
store_page_begin(struct arena *a, int down, const char **bound,
    int64_t after_at, const char *after_id, const char **at, const char **id)
{
	/* as texts, times are in the same order */
	const char	*own = *bound, *from = sql_ts(a, after_at);

	*bound = NULL;
	if (after_id != NULL && (own == NULL || (down ?
	    strcmp(from, own) < 0 : strcmp(from, own) >= 0))) {
		*at = from;
		*id = after_id;
	} else if (own != NULL) {
		/* no job has this id */
		*at = own;
		*id = ID_FIRST;
	} else {
		*at = down ? "infinity" : "-infinity";
		*id = down ? ID_LAST : ID_FIRST;
	}
}

enum err
store_by_values(struct db *db)
{
	enum err	err;

	if ((err = db_begin(db)) != ERR_OK)
		return err;
	return db_run(db, STMT_plan_by_values, NULL, NULL);
}

enum err
store_page_run(struct db *db, struct arena *a, enum stmt stmt,
    const char *const *p, struct rows **r, struct page_row **out, int *n)
{
	enum err	 err;
	int		 i;

	if ((err = store_by_values(db)) != ERR_OK ||
	    (err = db_run(db, stmt, p, r)) != ERR_OK)
		return err;
	rows_keep(*r, a);
	*n = rows_count(*r);
	*out = arena_zalloc(a, ((size_t)*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		(*out)[i].id = rows_text(*r, i, 0);
		(*out)[i].at = rows_ts(*r, i, 1);
	}
	return ERR_OK;
}

const char *
store_page_ids(struct arena *a, const struct page_row *at, int n)
{
	struct buf	ids;
	int		i;

	buf_init(&ids, a);
	sqlarr_begin(&ids);
	for (i = 0; i < n; i++)
		sqlarr_add(&ids, at[i].id);
	sqlarr_end(&ids);
	return ids.data;
}
