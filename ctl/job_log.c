/* SPDX-License-Identifier: BSD-2-Clause */
/* job logs: what a job's attempts said, and what they say. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ctl/args.h"
#include "ctl/out.h"
#include "domain/job_log.h"
#include "domain/state.h"
#include "util/utf8.h"

#define PAGE		1000
#define FOLLOW_MS	500	/* between two looks */

struct reader {
	struct ctl	*c;
	struct arena	*page;		/* emptied with each page */
	struct log_query query;
	const char	*workspace_id, *id, *face;
	int		 follow;
	struct jw	 list;		/* JSON without follow */
};

/* What a runner printed must not steer the terminal. */
static void
text_print(const char *s, size_t left)
{
	uint32_t cp;
	size_t n;

	for (; left > 0; s += n, left -= n) {
		if ((n = utf8_next(s, left, &cp)) == 0) {
			/* no text: as one of the bytes that steer */
			n = 1;
			cp = 0x80;
		}
		if (*s != '\n' && (cp < 0x20 || (cp >= 0x7f && cp < 0xa0)))
			(void)printf("\\x%02x", n == 1 ?
			    (unsigned char)*s : (unsigned int)cp);
		else
			(void)fwrite(s, 1, n, stdout);
	}
}

static void
line_print(struct reader *r, const struct log_line *line)
{
	struct jw w;
	struct buf b;

	if (!r->c->json) {
		buf_init(&b, r->page);
		log_line_print(&b, line);
		text_print(b.data, b.len);
	} else if (r->follow) {
		jw_init(&w, r->page);
		log_line_write(&w, line);
		out_json(&w);
	} else
		log_line_write(&r->list, line);
}

/* Every line that is there by now. */
static void
lines_print(struct reader *r)
{
	struct log_line *line;
	size_t i, n;
	enum err e;

	do {
		arena_reset(r->page);
		e = store_log_page(r->c->db, r->page, r->workspace_id, r->id,
		    &r->query, &line, &n);
		if (e != ERR_OK)
			ctl_fail(r->c, e);
		for (i = 0; i < n; i++)
			line_print(r, &line[i]);
		if (n > 0)
			r->query.after = line[n - 1].seq;
	} while (n > 0);
	(void)fflush(stdout);
}

static int
finished(struct reader *r)
{
	struct job_standing now;
	enum err e;

	e = store_job_standing(r->c->db, r->page, r->workspace_id, r->id,
	    r->face, &now);
	if (e != ERR_OK)
		ctl_fail(r->c, e);
	return state_word_finished(now.status);
}

static void
follow(struct reader *r)
{
	struct timespec pause = { 0, FOLLOW_MS * 1000000L };
	int over;

	/* Asked before the lines are read: then none is missed. */
	while (!ferror(stdout)) {
		over = finished(r);
		lines_print(r);
		if (over)
			return;
		(void)nanosleep(&pause, NULL);
	}
}

int
job_logs(struct ctl *c, struct args *a)
{
	struct reader r = { .c = c, .query = { .limit = PAGE } };
	const char *text, *attempt = NULL;
	const struct opt opts[] = {
		{ "follow", OPT_FLAG, &r.follow },
		{ "attempt", OPT_TEXT, &attempt },
		{ NULL, OPT_FLAG, NULL }
	};
	char id[UUID_LEN];
	struct rows *rows;

	if (!args_read(c, a, opts, &text, 1, 1) ||
	    !job_id_parse(a, text, id) ||
	    !args_number(a, "--attempt", attempt, 1, INT32_MAX))
		return CTL_USAGE;
	r.id = id;
	ctl_begin(c);
	rows = ctl_run(c, STMT_cmd_job_find, &r.id);
	/* A page is a statement of its own: nothing is held between two. */
	ctl_commit(c);
	if (rows_count(rows) == 0)
		return ctl_error("job %s does not exist", text);
	r.workspace_id = rows_text(rows, 0, 0);
	r.face = rows_text(rows, 0, 2);
	if (attempt != NULL)
		r.query.attempt = strtol(attempt, NULL, 10);
	r.page = arena_new(256 * 1024);
	jw_init(&r.list, c->arena);
	jw_arr(&r.list);
	if (r.follow)
		follow(&r);
	else
		lines_print(&r);
	jw_end(&r.list);
	if (c->json && !r.follow)
		out_json(&r.list);
	arena_free(r.page);
	return CTL_OK;
}
