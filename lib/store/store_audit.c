/* SPDX-License-Identifier: BSD-2-Clause */
/* The audit trail in PostgreSQL. */
#include "config.h"

#include "store/sqlval.h"
#include "store/store_audit.h"

static enum err
page(struct db *db, struct arena *a, enum stmt stmt, const char *id,
    const struct audit_filter *f, struct audit_row **out, int *n)
{
	const char *const	 p[] = { id, f->actor, f->action, f->target,
	    f->request_id, sql_int(a, f->from), sql_int(a, f->last_at),
	    sql_int(a, f->last_seq), sql_int(a, f->limit) };
	struct audit_row	*row;
	struct rows		*r;
	enum err		 err;
	int			 i;

	if ((err = db_run(db, stmt, p, &r)) != ERR_OK)
		return err;
	rows_keep(r, a);
	*n = rows_count(r);
	*out = arena_zalloc(a, (size_t)(*n + 1) * sizeof(**out));
	for (i = 0; i < *n; i++) {
		row = &(*out)[i];
		row->seq = rows_int(r, i, 0);
		row->at = rows_ts(r, i, 1);
		row->actor = rows_text(r, i, 2);
		row->action = rows_text(r, i, 3);
		row->target = rows_text(r, i, 4);
		row->request_id = rows_text_opt(r, i, 5);
	}
	return ERR_OK;
}

/* By what leaves the fewest rows to look at. */
enum err
store_audit_workspace(struct db *db, struct arena *a,
    const char *workspace_id, const struct audit_filter *f,
    struct audit_row **out, int *n)
{
	enum stmt	stmt = f->request_id != NULL ? STMT_audit_by_request :
			    f->target != NULL ? STMT_audit_by_target :
			    f->actor != NULL && f->action != NULL ?
			    STMT_audit_by_both :
			    f->actor != NULL ? STMT_audit_by_actor :
			    f->action != NULL ? STMT_audit_by_action :
			    STMT_audit_newest;

	return page(db, a, stmt, workspace_id, f, out, n);
}

enum err
store_audit_organization(struct db *db, struct arena *a,
    const char *organization_id, const struct audit_filter *f,
    struct audit_row **out, int *n)
{
	return page(db, a, STMT_audit_of_organization, organization_id, f,
	    out, n);
}
