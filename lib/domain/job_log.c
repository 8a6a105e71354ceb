/* SPDX-License-Identifier: BSD-2-Clause */
/* Log lines and metrics on the wire. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "domain/job_log.h"
#include "domain/progress.h"
#include "domain/schema.h"
#include "domain/view.h"
#include "util/ts.h"

#define LOG_LIMIT	1000	/* once anything was chosen */
#define LOG_PIECE	5000	/* lines read at once where all are wanted */

/* Words of trainyard.job_log.level. */
static const char *const levels[] = {
	[LEVEL_DEBUG] = "debug",
	[LEVEL_INFO] = "info",
	[LEVEL_WARNING] = "warning",
	[LEVEL_ERROR] = "error",
};

static int64_t
int_of(const struct jv *args, const char *name, int64_t absent)
{
	int64_t	v;

	return jv_int(jv_member(args, name), &v) ? v : absent;
}

void
log_request_read(const struct jv *args, struct log_request *r)
{
	static const char *const	choices[] = { "after", "limit",
	    "level", "attempt", "wait" };
	const char			*level, *format;
	size_t				 i;

	memset(r, 0, sizeof(*r));
	r->all = 1;
	for (i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		if (jv_member(args, choices[i]) != NULL)
			r->all = 0;
	r->query.after = int_of(args, "after", 0);
	r->query.limit = int_of(args, "limit", r->all ? LOG_PIECE :
	    LOG_LIMIT);
	r->query.attempt = int_of(args, "attempt", 0);
	r->wait = (int)int_of(args, "wait", 0);
	level = jv_text(args, "level");
	for (i = 0; level != NULL && i < LEVEL_ERROR + 1; i++)
		if (strcmp(levels[i], level) == 0)
			r->query.level = (int)i;
	format = schema_word(&schema_logs_query, args, "format");
	r->text = strcmp(format, "text") == 0;
}

void
metric_request_read(const struct jv *args, struct log_query *q)
{
	memset(q, 0, sizeof(*q));
	q->after = schema_int(&schema_metrics_query, args, "after");
	q->limit = schema_int(&schema_metrics_query, args, "limit");
	q->attempt = int_of(args, "attempt", 0);
}

void
log_line_write(struct jw *w, const struct log_line *l)
{
	jw_obj(w);
	jw_kint(w, "seq", l->seq);
	view_time(w, "timestamp", l->at);
	jw_kstr(w, "level", levels[l->level]);
	jw_kstr(w, "message", l->message);
	jw_kraw(w, "data", l->data == NULL ? "{}" : l->data);
	jw_kint(w, "attempt", l->attempt);
	jw_end(w);
}

void
metric_row_write(struct jw *w, const struct metric_row *m)
{
	jw_obj(w);
	jw_kint(w, "seq", m->seq);
	view_time(w, "timestamp", m->at);
	jw_kstr(w, "event_type", m->event_type);
	if (m->step < 0)
		jw_knull(w, "step");
	else
		jw_kint(w, "step", m->step);
	jw_kraw(w, "metrics", m->metrics);
	jw_end(w);
}

void
log_line_print(struct buf *b, const struct log_line *l)
{
	const char	*p = l->message;
	char		 time[TS_LEN];
	size_t		 n;

	ts_format(l->at, time);
	buf_printf(b, "%s %-7s #%" PRId64 " ", time, levels[l->level],
	    l->attempt);
	for (;;) {
		n = strcspn(p, "\r\n");
		buf_add(b, p, n);
		p += n;
		p += strspn(p, "\r\n");
		if (*p == '\0')
			break;
		buf_adds(b, "\n    ");
	}
	if (l->data != NULL)
		buf_printf(b, " %s", l->data);
	buf_addc(b, '\n');
}
