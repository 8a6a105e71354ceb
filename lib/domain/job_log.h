/* SPDX-License-Identifier: BSD-2-Clause */
/* Which log lines and metrics of a job are asked for, and how they look. */
#ifndef DOMAIN_JOB_LOG_H
#define DOMAIN_JOB_LOG_H

#include "store/store_log.h"
#include "util/buf.h"
#include "util/jv.h"
#include "util/jw.h"

struct log_request {
	struct log_query query;
	int		 all;	/* nothing was chosen: every line there is */
	int		 wait;	/* seconds */
	int		 text;	/* as lines for people */
};

/* From a query that passed its schema. */
void log_request_read(const struct jv *args, struct log_request *);
void metric_request_read(const struct jv *args, struct log_query *);
/* One item of the list. */
void log_line_write(struct jw *, const struct log_line *);
void metric_row_write(struct jw *, const struct metric_row *);
/*
 * The same for people: time, level, attempt, message and data.  Further lines
 * of a message are set off, so that each line that begins with a time is one.
 */
void log_line_print(struct buf *, const struct log_line *);

#endif
