/* SPDX-License-Identifier: BSD-2-Clause */
/* What training has tried and chosen, on the report's page. */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "judge/report_page.h"
#include "judge/report_svg.h"
#include "util/arena.h"
#include "util/buf.h"

#define TRIES_MOST	(FORM_TRIES > CHOOSE_MAX ? FORM_TRIES : CHOOSE_MAX)

/* A row of the table, a mark of the drawing. */
struct try {
	struct svg_point	at;
	double			spearman;
};

void
report_number(struct buf *b, double x, int digits)
{
	if (isnan(x))
		buf_adds(b, "\u2013");
	else
		buf_printf(b, "%.*f", digits, x);
}

static void
table(const struct try *t, int n, const char *what, struct buf *b)
{
	int i;

	buf_printf(b, "<details><summary>All that was tried</summary>"
	    "<div class=\"wide\"><table><tr><th>%s</th><th>error</th>"
	    "<th>kappa</th><th>rank</th></tr>\n", what);
	for (i = 0; i < n; i++) {
		buf_printf(b, "<tr%s><td>%s%s</td><td>", t[i].at.pick ?
		    " class=\"pick\"" : "", t[i].at.name, t[i].at.pick ?
		    " \u2190" : "");
		report_number(b, t[i].at.x, 2);
		buf_adds(b, "</td><td>");
		report_number(b, t[i].at.y, 3);
		buf_adds(b, "</td><td>");
		report_number(b, t[i].spearman, 3);
		buf_adds(b, "</td></tr>\n");
	}
	buf_adds(b, "</table></div></details>\n");
}

static void
tries(const struct try *t, int n, const char *what, struct buf *b)
{
	struct svg_point at[TRIES_MOST] = { { 0 } };
	int i;

	for (i = 0; i < n; i++)
		at[i] = t[i].at;
	svg_trade(at, (size_t)n, b);
	table(t, n, what, b);
}

static void
sources(const struct report *p, struct buf *b)
{
	const struct choice *c = &p->f->choice;
	struct try t[TRIES_MOST];
	int i;

	for (i = 0; i < c->n; i++) {
		t[i].at = (struct svg_point){ c->try[i].mae, c->try[i].kappa,
		    "own score", c->try[i].source == SOURCE_SCORES,
		    c->try[i].source != SOURCE_SCORES, i == c->joint };
		t[i].spearman = c->try[i].spearman;
		if (c->try[i].source == SOURCE_SCORES)
			t[i].at.name = arena_printf(p->arena, "all scores, "
			    "penalty %g", c->try[i].lambda);
		else if (c->try[i].source == SOURCE_PAIRS)
			t[i].at.name = "pairs in order";
	}
	if (c->n > 0)
		tries(t, c->n, "what each criterion weighs", b);
}

static void
forms(const struct report *p, struct buf *b)
{
	const struct forms *f = &p->f->forms;
	struct try t[TRIES_MOST];
	int i, widens;

	for (i = 0; i < FORM_TRIES; i++) {
		widens = f->try[i].form == FORM_WIDEN;
		t[i].at = (struct svg_point){ f->try[i].mae, f->try[i].kappa,
		    widens ? arena_printf(p->arena, "widen, %g of the way",
		    f->try[i].power) : form_word(f->try[i].form), widens ||
		    f->try[i].form == FORM_NONE || f->try[i].form ==
		    FORM_MATCH, f->try[i].form == FORM_MATCH, i == f->joint };
		t[i].spearman = f->try[i].spearman;
	}
	if (f->heads > 0 && !f->blind)
		tries(t, FORM_TRIES, "form of the correction", b);
}

void
report_tried(const struct report *p, struct buf *b)
{
	if (p->f == NULL)
		return;
	buf_adds(b, "<div class=\"grid2\"><section><h2>What was learned</h2>"
	    "<p class=\"note\">");
	html_text(b, report_why_source(p));
	if (p->f->text_dropped)
		buf_adds(b, " Words did not help and were left out.");
	buf_adds(b, "</p>");
	sources(p, b);
	buf_adds(b, "</section><section><h2>What became of it</h2>"
	    "<p class=\"note\">");
	html_text(b, report_why_form(p));
	buf_adds(b, "</p>");
	forms(p, b);
	buf_adds(b, "</section></div>\n");
}
