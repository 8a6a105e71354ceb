/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosted jobs in PostgreSQL. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "store/sqlarr.h"
#include "store/sqlval.h"
#include "store/store_job.h"

void
store_request_item(struct batch_item *item, struct arena *a,
    const struct job_request *rq, const char *account_id,
    const char *const *col, size_t ncols)
{
	item->ncols = (int)ncols;
	memcpy(item->col, col, ncols * sizeof(*col));
	if (rq->idem_key != NULL)
		item->key = arena_printf(a, "%s %s %s", account_id,
		    rq->idem_path, rq->idem_key);
}

enum err
store_job_create_hosted(struct batcher *w, struct arena *a,
    const struct job *j, const char *refs, const char *warnings,
    const struct job_request *rq, int64_t *created_at)
{
	struct batch_item	 item = { .stmt = STMT_job_create_hosted };
	const char *const	 col[] = { j->id, j->workspace_id,
	    j->organization_id, j->kind, sql_int(a, j->timeout_seconds),
	    j->created_by, j->config, j->name, j->model, j->algorithm,
	    j->project_key, j->run_ref, j->tags_literal,
	    j->capability_id, j->capability_name, j->capability_version,
	    j->capability_sha256, refs, warnings, rq->request_id,
	    rq->idem_path, rq->idem_key, rq->idem_hash,
	    rq->idem_key == NULL ? NULL : rq->location,
	    rq->idem_key == NULL ? NULL : rq->body };
	enum err		 err;

	store_request_item(&item, a, rq, j->created_by, col,
	    sizeof(col) / sizeof(col[0]));
	if ((err = batcher_submit(w, &item)) != ERR_OK)
		return err;
	if (item.answered)
		*created_at = rows_ts(item.rows, item.row, 1);
	else
		err = ERR_CONFLICT;
	batcher_done(&item);
	return err;
}

void
store_job_hosted_at(const struct rows *r, int row, const char *workspace_id,
    const char *id, struct job *j)
{
	memset(j, 0, sizeof(*j));
	j->workspace_id = workspace_id;
	j->id = id;
	j->organization_id = rows_text(r, row, 1);
	j->name = rows_text_opt(r, row, 2);
	j->status = rows_text(r, row, 3);
	j->kind = rows_text(r, row, 4);
	j->algorithm = rows_text_opt(r, row, 5);
	j->model = rows_text(r, row, 6);
	j->project_key = rows_text_opt(r, row, 7);
	j->run_ref = rows_text_opt(r, row, 8);
	j->tags = rows_text(r, row, 9);
	j->config = rows_text(r, row, 10);
	j->capability_id = rows_text(r, row, 11);
	j->capability_name = rows_text(r, row, 12);
	j->capability_version = rows_text(r, row, 13);
	j->capability_sha256 = rows_text_opt(r, row, 14);
	j->metrics = rows_text(r, row, 15);
	j->artifacts = rows_text(r, row, 16);
	j->error = rows_text_opt(r, row, 17);
	j->attempt = rows_int(r, row, 18);
	j->revision = rows_int(r, row, 19);
	j->created_at = rows_ts(r, row, 20);
	j->started_at = rows_ts_opt(r, row, 21);
	j->completed_at = rows_ts_opt(r, row, 22);
	j->cancel_requested_at = rows_ts_opt(r, row, 23);
	j->updated_at = rows_ts(r, row, 24);
	j->queued_at = TS_NONE;
	j->created_by = rows_text(r, row, 25);
	j->created_by_email = rows_text_opt(r, row, 26);
	j->created_by_username = rows_text_opt(r, row, 27);
	j->created_by_full_name = rows_text_opt(r, row, 28);
}

static const char *
known_text(struct arena *a, int64_t known)
{
	return known == KNOWN_ANY ? NULL : sql_int(a, known);
}

enum err
store_job_get_hosted(struct db *db, struct arena *a,
    const char *workspace_id, const char *id, int64_t known, struct job *j)
{
	const char		*revision = known_text(a, known);
	const char *const	 p[] = { "{1}",
	    sqlarr_text(a, &workspace_id, 1), sqlarr_text(a, &id, 1),
	    sqlarr_text(a, &revision, 1) };
	struct rows		*r;
	enum err		 err;

	if ((err = db_find(db, STMT_job_get_hosted, p, &r)) != ERR_OK)
		return err;
	store_job_hosted_at(rows_keep(r, a), 0, workspace_id, id, j);
	return ERR_OK;
}

enum err
store_job_get_grouped(struct batcher *reader, struct arena *a,
    const char *workspace_id, const char *id, int64_t known, struct job *j)
{
	struct batch_item	 item = { .stmt = STMT_job_get_hosted };
	/* no other item that waits is at this address */
	const char *const	 col[] = { arena_printf(a, "%p", (void *)&item),
	    workspace_id, id, known_text(a, known) };
	enum err		 err;

	item.ncols = sizeof(col) / sizeof(col[0]);
	memcpy(item.col, col, sizeof(col));
	if ((err = batcher_submit(reader, &item)) != ERR_OK)
		return err;
	if (!item.answered)
		return ERR_NOT_FOUND;
	store_job_hosted_at(rows_keep(item.rows, a), item.row, workspace_id,
	    id, j);
	return ERR_OK;
}

enum err
store_job_count_queued(struct db *db, const char *workspace_id,
    int64_t most, int64_t *count)
{
	char			 bound[24];
	const char *const	 p[] = { workspace_id, bound };

	snprintf(bound, sizeof(bound), "%lld", (long long)most);
	return db_int(db, STMT_job_count_queued, p, count);
}
