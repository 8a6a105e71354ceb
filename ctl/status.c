/* SPDX-License-Identifier: BSD-2-Clause */
/* status: the whole site on one screen. */
#include "config.h"

#include <stdio.h>

#include "ctl/args.h"
#include "ctl/out.h"
#include "ctl/probe.h"
#include "domain/job.h"
#include "schema_needed.h"	/* generated */
#include "store/sqlarr.h"
#include "store/store_load.h"

#define SILENT_LEASES	2	/* then a dispatcher is missed */

/* As cmd_dispatcher_list has them. */
enum { D_WORKER, D_VERSION, D_KINDS, D_ENGINES, D_SLOTS, D_RUNS, D_UP, D_SEEN,
	D_STOPPED };

struct status {
	struct ctl	*c;
	struct jw	 w;
	const char	*responder;	/* "ready" or what is wrong */
	int		 ready;
	struct rows	*site, *dispatchers;
	struct load_kind *kinds;
	struct load_outbox *boxes;
	size_t		 nkinds, nboxes;
};

/* "3d 4h", "12m 5s" */
static const char *
span(struct ctl *c, double seconds)
{
	static const struct {
		long long	 each;
		const char	*unit;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "m" }, { 1, "s" } };
	long long left = (long long)seconds;
	size_t i;

	for (i = 0; i < 3 && left < units[i].each; i++)
		;
	if (i == 3)
		return arena_printf(c->arena, "%llds", left);
	return arena_printf(c->arena, "%lld%s %lld%s", left / units[i].each,
	    units[i].unit, left % units[i].each / units[i + 1].each,
	    units[i + 1].unit);
}

static const char *
bytes(struct ctl *c, int64_t n)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double v = (double)n;
	size_t i;

	for (i = 0; i < 4 && v >= 1024; i++)
		v /= 1024;
	return arena_printf(c->arena, "%.1f %s", v, units[i]);
}

/* "judge:local tinker_sft:ray" */
static const char *
serves(struct ctl *c, const struct rows *rows, int row)
{
	char **kinds, **engines;
	struct buf b;
	int i, n, m;

	n = sqlarr_parse(c->arena, rows_text(rows, row, D_KINDS), &kinds);
	m = sqlarr_parse(c->arena, rows_text(rows, row, D_ENGINES), &engines);
	buf_init(&b, c->arena);
	for (i = 0; i < n && i < m; i++)
		buf_printf(&b, "%s%s:%s", i == 0 ? "" : " ", kinds[i],
		    engines[i]);
	return n > 0 ? b.data : "nothing";
}

static const char *
standing(const struct status *s, int row)
{
	if (!rows_null(s->dispatchers, row, D_STOPPED))
		return "stopped";
	return rows_num(s->dispatchers, row, D_SEEN) >
	    (double)(s->c->conf.lease_seconds * SILENT_LEASES) ? "silent" :
	    "up";
}

static void
look(struct status *s)
{
	struct ctl *c = s->c;
	const char *why;
	enum err e;
	int got;

	got = probe_get(c->conf.listen, "/readyz", &why);
	s->ready = got == 200;
	s->responder = got == 200 ? "ready" : got == -1 ? why :
	    arena_printf(c->arena, "not ready: %d", got);
	s->site = ctl_run(c, STMT_cmd_status, NULL);
	s->dispatchers = ctl_run(c, STMT_cmd_dispatcher_list, NULL);
	e = store_load_kinds(c->db, c->arena, job_kinds, &s->kinds,
	    &s->nkinds);
	if (e == ERR_OK)
		e = store_load_outbox(c->db, c->arena, &s->boxes, &s->nboxes);
	if (e != ERR_OK)
		ctl_fail(c, e);
}

static void
text_print(struct status *s)
{
	struct rows *d = s->dispatchers;
	struct ctl *c = s->c;
	int i, n = rows_count(d);
	size_t k;

	(void)printf("responder    %s  %s\n", s->responder, c->conf.listen);
	(void)printf("database     PostgreSQL %s, %s, schema %s\n",
	    rows_text(s->site, 0, 0), bytes(c, rows_int(s->site, 0, 1)),
	    rows_text(s->site, 0, 2));
	for (i = 0; i < n; i++)
		(void)printf("%-11s  %s  %s, seen %s ago, %lld of %lld jobs, "
		    "%s\n", i == 0 ? "dispatchers" : "",
		    rows_text(d, i, D_WORKER), standing(s, i),
		    span(c, rows_num(d, i, D_SEEN)),
		    (long long)rows_int(d, i, D_RUNS),
		    (long long)rows_int(d, i, D_SLOTS), serves(c, d, i));
	if (n == 0)
		(void)puts("dispatchers  none was ever here");
	(void)printf("\n%-12s  %8s  %8s  %s\n", "kind", "queued", "running",
	    "oldest");
	for (k = 0; k < s->nkinds; k++)
		(void)printf("%-12s  %8lld  %8lld  %s\n", s->kinds[k].kind,
		    (long long)s->kinds[k].queued,
		    (long long)s->kinds[k].running,
		    s->kinds[k].queued == 0 ? "-" :
		    span(c, s->kinds[k].oldest));
	(void)printf("\n%-12s  %8s  %8s\n", "channel", "waiting", "overdue");
	for (k = 0; k < s->nboxes; k++)
		(void)printf("%-12s  %8lld  %8s\n", s->boxes[k].channel,
		    (long long)s->boxes[k].waiting,
		    s->boxes[k].overdue == 0 ? "-" :
		    span(c, s->boxes[k].overdue));
}

static void
dispatchers_write(struct status *s)
{
	struct rows *d = s->dispatchers;
	char **kinds, **engines;
	struct jw *w = &s->w;
	int i, k, n, m;

	jw_karr(w, "dispatchers");
	for (i = 0; i < rows_count(d); i++) {
		jw_obj(w);
		jw_kstr(w, "worker", rows_text(d, i, D_WORKER));
		jw_kstr(w, "state", standing(s, i));
		jw_kstr(w, "version", rows_text(d, i, D_VERSION));
		jw_kint(w, "slots", rows_int(d, i, D_SLOTS));
		jw_kint(w, "runs", rows_int(d, i, D_RUNS));
		jw_knum(w, "up_seconds", rows_num(d, i, D_UP));
		jw_knum(w, "seen_seconds", rows_num(d, i, D_SEEN));
		n = sqlarr_parse(s->c->arena, rows_text(d, i, D_KINDS),
		    &kinds);
		m = sqlarr_parse(s->c->arena, rows_text(d, i, D_ENGINES),
		    &engines);
		jw_kobj(w, "engines");
		for (k = 0; k < n && k < m; k++)
			jw_kstr(w, kinds[k], engines[k]);
		jw_end(w);
		jw_end(w);
	}
	jw_end(w);
}

static void
json_print(struct status *s)
{
	struct jw *w = &s->w;
	size_t k;

	jw_init(w, s->c->arena);
	jw_obj(w);
	jw_kobj(w, "responder");
	jw_kbool(w, "ready", s->ready);
	jw_kstr(w, "detail", s->responder);
	jw_kstr(w, "socket", s->c->conf.listen);
	jw_end(w);
	jw_kobj(w, "database");
	jw_kstr(w, "version", rows_text(s->site, 0, 0));
	jw_kint(w, "bytes", rows_int(s->site, 0, 1));
	jw_kstr(w, "schema", rows_text(s->site, 0, 2));
	jw_kstr(w, "schema_needed", SCHEMA_NEEDED);
	jw_end(w);
	dispatchers_write(s);
	jw_karr(w, "queues");
	for (k = 0; k < s->nkinds; k++) {
		jw_obj(w);
		jw_kstr(w, "kind", s->kinds[k].kind);
		jw_kint(w, "queued", s->kinds[k].queued);
		jw_kint(w, "running", s->kinds[k].running);
		jw_knum(w, "oldest_seconds", s->kinds[k].oldest);
		jw_end(w);
	}
	jw_end(w);
	jw_karr(w, "outbox");
	for (k = 0; k < s->nboxes; k++) {
		jw_obj(w);
		jw_kstr(w, "channel", s->boxes[k].channel);
		jw_kint(w, "waiting", s->boxes[k].waiting);
		jw_knum(w, "overdue_seconds", s->boxes[k].overdue);
		jw_end(w);
	}
	jw_end(w);
	jw_end(w);
	out_json(w);
}

static int
status_run(struct ctl *c, struct args *a)
{
	static const struct opt opts[] = { { NULL, OPT_FLAG, NULL } };
	struct status s = { .c = c };

	if (!args_read(c, a, opts, NULL, 0, 0))
		return CTL_USAGE;
	ctl_begin(c);
	look(&s);
	if (c->json)
		json_print(&s);
	else
		text_print(&s);
	return CTL_OK;
}

const struct verb status_verbs[] = {
	{ "", status_run, "" },
	{ NULL, NULL, NULL }
};
