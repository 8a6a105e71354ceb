/* SPDX-License-Identifier: BSD-2-Clause */
/* What a job's attempts said: log lines and metrics, read in pages. */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

/* Bytes after which a page ends, so that no reply grows without bound. */
#define LOG_PAGE_BYTES	((int64_t)4 << 20)

struct log_query {
	int64_t	after;		/* lines with a greater seq */
	int64_t	limit;
	int	level;		/* this one and above */
	int64_t	attempt;	/* 0: all */
	const char *since, *til; /* of job_standing; NULL: not known */
};

struct log_line {
	int64_t		 seq, at;
	int		 level;
	const char	*message;
	const char	*data;		/* JSON; NULL: none */
	int64_t		 attempt;
};

struct metric_row {
	int64_t		 seq, at;
	const char	*event_type;
	int64_t		 step;		/* -1: none */
	const char	*metrics;	/* JSON as it was sent */
};

/* How a job of that face stands.  ERR_NOT_FOUND. */
struct job_standing {
	const char	*status;
	int64_t		 attempt;
	const char	*since, *til;	/* what is told of it is of that time,
					   as statements want it */
};
enum err store_job_standing(struct db *, struct arena *,
    const char *workspace_id, const char *job_id, const char *face,
    struct job_standing *) MUSTCHECK;

/*
 * The next lines, oldest first, at most `limit`: fewer too where the page
 * would be large, but one at least where there is one.  In the arena.
 */
enum err store_log_page(struct db *, struct arena *,
    const char *workspace_id, const char *job_id, const struct log_query *,
    struct log_line **out, size_t *n) MUSTCHECK;
/* The same for an attempt's metrics. */
enum err store_metric_page(struct db *, struct arena *,
    const char *workspace_id, const char *job_id, const struct log_query *,
    struct metric_row **out, size_t *n) MUSTCHECK;

#endif
