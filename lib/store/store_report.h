/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the report of a judge job is kept. */
#ifndef STORE_REPORT_H
#define STORE_REPORT_H

#include "store/db.h"

/* Both are files (blobs) by their SHA-256 in hex. */
struct job_report {
	const char	*json;		/* NULL: the job has no report */
	const char	*html;
};

/* ERR_NOT_FOUND: no such judge job. */
enum err store_report_get(struct db *, struct arena *,
    const char *workspace_id, const char *job_id, struct job_report *)
    MUSTCHECK;
/* In a transaction that holds the job; a report is there once. */
enum err store_report_add(struct db *, const char *workspace_id,
    const char *job_id, const struct job_report *) MUSTCHECK;

#endif
