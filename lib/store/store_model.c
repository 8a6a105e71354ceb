/* SPDX-License-Identifier: BSD-2-Clause */
/* The catalog in PostgreSQL. */
#include "config.h"

#include "store/store_model.h"

enum err
store_model_list(struct db *db, struct arena *a, struct model_row **out,
    size_t *n)
{
	struct model_row	*m;
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, STMT_model_list, NULL, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = (size_t)rows_count(r);
	*out = arena_zalloc(a, (*n + 1) * sizeof(**out));
	for (i = 0; i < (int)*n; i++) {
		m = &(*out)[i];
		m->id = rows_text(r, i, 0);
		m->display_name = rows_text(r, i, 1);
		m->family = rows_text(r, i, 2);
		m->type = rows_text(r, i, 3);
		m->size_b = rows_num(r, i, 4);
		m->context_length = rows_int(r, i, 5);
		m->extended_tokens = rows_null(r, i, 6) ? 0 :
		    rows_int(r, i, 6);
		m->algorithms = rows_text(r, i, 7);
		m->pricing = rows_text_opt(r, i, 8);
	}
	return ERR_OK;
}
