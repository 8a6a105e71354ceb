/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as one HTML page: no script, nothing fetched, every text
 * escaped; light or dark as the reader's system is.
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "judge/report.h"
#include "judge/report_svg.h"
#include "util/buf.h"

static const char head[] =
"<!DOCTYPE html>\n"
"<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
"<meta name=\"color-scheme\" content=\"light dark\">\n"
"<style>\n"
":root{--page:#f4f5f7;--card:#fff;--ink:#182230;--soft:#5d6b7e;"
"--line:#e4e7ec;--trained:#0e7a6f;--wash:#e3f4f1;--active:#5b5bd6;"
"--raw:#98a2b3;--bias:#d9820b;--good:#0e7a6f;--bad:#c4320a}\n"
"@media(prefers-color-scheme:dark){:root{--page:#0e1217;--card:#161c24;"
"--ink:#e7ecf3;--soft:#98a5b6;--line:#29323e;--trained:#3ed6c2;"
"--wash:#12322f;--active:#a3a6ff;--raw:#7c899b;--bias:#f5b13d;"
"--good:#3ed6c2;--bad:#ff8f6b}}\n"
"*{box-sizing:border-box}\n"
"body{margin:0;background:var(--page);color:var(--ink);"
"font:15px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"DejaVu Sans\","
"sans-serif}\n"
"main{max-width:1040px;margin:0 auto;padding:32px 20px 56px}\n"
"h1{font-size:26px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}\n"
"h2{font-size:16px;margin:0 0 4px}\n"
"p{margin:0 0 12px;max-width:70ch}\n"
".soft,.note{color:var(--soft)}.note{font-size:13.5px}\n"
".id{font-family:ui-monospace,\"DejaVu Sans Mono\",monospace;font-size:12.5px;"
"overflow-wrap:anywhere}\n"
".grid2{display:grid;grid-template-columns:1fr 1fr;gap:16px}\n"
".grid3{display:grid;grid-template-columns:repeat(3,1fr);gap:16px}\n"
".small{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,"
"1fr));gap:12px}\n"
"section,.tile{background:var(--card);border:1px solid var(--line);"
"border-radius:12px;padding:20px;margin:0 0 16px;min-width:0}\n"
".grid2>section,.grid3>.tile{margin:0}.grid2,.grid3{margin-bottom:16px}\n"
".tile b{display:block;font-size:34px;line-height:1.15;font-weight:650;"
"letter-spacing:-.02em;color:var(--trained)}\n"
".tile b small{font-size:15px;font-weight:500;color:var(--soft);"
"letter-spacing:0}\n"
".meter{display:grid;grid-template-columns:auto 1fr auto;gap:3px 10px;"
"align-items:center;font-size:12.5px;color:var(--soft);margin-top:10px}\n"
".meter i{height:8px;border-radius:4px;display:block;background:var(--raw);"
"min-width:2px}\n"
".meter span:last-child{text-align:right}\n"
"svg{display:block;width:100%;height:auto;margin:0 auto;overflow:visible;"
"font-family:inherit}\n"
".grid{stroke:var(--line);stroke-width:1}"
".ideal{stroke:var(--soft);stroke-dasharray:4 4;opacity:.7}"
".mark{stroke:var(--soft);stroke-dasharray:3 3}"
".span{stroke:var(--line);stroke-width:5;stroke-linecap:round}"
".tick,.cap,.name{font-size:11px;fill:var(--soft)}"
".name{font-size:12px;fill:var(--ink)}.mid{text-anchor:middle}"
".end{text-anchor:end}\n"
".line{fill:none;stroke-width:2;stroke-linejoin:round}\n"
"svg .trained{stroke:var(--trained)}svg .active{stroke:var(--active)}"
"svg .raw{stroke:var(--raw)}svg .bias{stroke:var(--bias)}\n"
"svg .dot,svg .bar{stroke:var(--card);stroke-width:1}"
"svg .bar{stroke:none;opacity:.85}\n"
"svg .dot.trained,svg .bar.trained,i.trained{fill:var(--trained);"
"background:var(--trained)}"
"svg .dot.active,svg .bar.active,i.active{fill:var(--active);"
"background:var(--active)}"
"svg .dot.raw,svg .bar.raw,i.raw{fill:var(--raw);background:var(--raw)}"
"svg .dot.bias,i.bias{fill:var(--bias);background:var(--bias)}\n"
".key{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:12.5px;"
"color:var(--soft);margin:0 0 10px}"
".key i{display:inline-block;width:10px;height:10px;border-radius:5px;"
"margin-right:6px}\n"
".wide{overflow-x:auto;margin:0 -20px;padding:0 20px}\n"
"table{border-collapse:collapse;width:100%;font-size:13.5px;"
"font-variant-numeric:tabular-nums}\n"
"th,td{text-align:right;padding:6px 8px;border-bottom:1px solid var(--line);"
"white-space:nowrap}"
"th{font-weight:600;color:var(--soft);font-size:12.5px}"
"tr:last-child td{border-bottom:0}"
"th:first-child,td:first-child,.l{text-align:left}"
"td.wrap{white-space:normal;overflow-wrap:anywhere;min-width:9em}"
"td.b{font-weight:650;color:var(--trained)}"
"tr.pick td{background:var(--wash)}"
"tr.pick td:first-child{border-radius:6px 0 0 6px;font-weight:650}"
"tr.pick td:last-child{border-radius:0 6px 6px 0}\n"
".split{display:flex;height:14px;border-radius:7px;overflow:hidden;"
"margin:6px 0 10px;gap:2px}.split i{display:block;min-width:3px}\n"
"dl{display:grid;grid-template-columns:1fr auto;gap:4px 16px;margin:0;"
"font-size:13.5px}dt{color:var(--soft)}dd{margin:0;text-align:right;"
"font-variant-numeric:tabular-nums}\n"
"@media(max-width:760px){main{padding:20px 12px 40px}"
".grid2,.grid3{grid-template-columns:minmax(0,1fr)}section,.tile{padding:16px}"
".wide{margin:0 -16px;padding:0 16px}h1{font-size:22px}}\n"
"@media print{body{background:#fff}section,.tile{break-inside:avoid}}\n"
"</style>\n";

static int
shown(const struct report *p, enum column c)
{
	if (c == COL_ACTIVE && p->r->first == COL_TRAINED &&
	    p->job->active.model == NULL)
		return 0;
	return c >= p->r->first;
}

/* The order that people read: where it began to where it is. */
static const enum column order[] = {
	COL_RAW, COL_BIAS, COL_ACTIVE, COL_TRAINED
};
#define ORDER	(sizeof(order) / sizeof(order[0]))

static void
number(struct buf *b, double x, int digits)
{
	if (isnan(x))
		buf_adds(b, "\u2013");
	else
		buf_printf(b, "%.*f", digits, x);
}

static void
key(const struct report *p, struct buf *b)
{
	size_t i;

	buf_adds(b, "<div class=\"key\">");
	for (i = 0; i < ORDER; i++)
		if (shown(p, order[i]))
			buf_printf(b, "<span><i class=\"%s\"></i>%s</span>",
			    column_word(order[i]), report_column(order[i]));
	buf_adds(b, "</div>\n");
}

/* A number of each column as a bar; of[i]: by column. */
static void
tile(const struct report *p, const char *title, const char *unit,
    const double *of, double full, int digits, const char *note,
    struct buf *b)
{
	double share;
	size_t i;

	buf_printf(b, "<div class=\"tile\"><h2>%s</h2><b>", title);
	number(b, of[p->r->first], digits);
	buf_printf(b, " <small>%s</small></b><div class=\"meter\">", unit);
	for (i = 0; i < ORDER; i++) {
		if (!shown(p, order[i]))
			continue;
		share = isnan(of[order[i]]) ? 0 : fmin(fmax(of[order[i]] /
		    full, 0), 1);
		buf_printf(b, "<span>%s</span><i class=\"%s\" "
		    "style=\"width:%.1f%%\"></i><span>",
		    report_column(order[i]), column_word(order[i]),
		    100 * share);
		number(b, of[order[i]], digits);
		buf_adds(b, "</span>");
	}
	buf_printf(b, "</div><p class=\"note\" style=\"margin:10px 0 0\">%s"
	    "</p></div>\n", note);
}

static void
tiles(const struct report *p, struct buf *b)
{
	double mae[COL__MAX], kappa[COL__MAX], rho[COL__MAX], most = 1e-9;
	int c;

	for (c = 0; c < COL__MAX; c++) {
		mae[c] = p->mean[c].mae;
		kappa[c] = p->mean[c].kappa;
		rho[c] = p->mean[c].spearman;
		if (c >= (int)p->r->first && mae[c] > most)
			most = mae[c];
	}
	buf_adds(b, "<div class=\"grid3\">");
	tile(p, "Mean error", "points", mae, most, 2,
	    "How far scores are from what people say, 0 to 100. Less is "
	    "better.", b);
	tile(p, "Agreement", "kappa", kappa, 1, 3,
	    "Same grade of five as people give; 1 is always, 0 is chance.",
	    b);
	tile(p, "Order", "rank correlation", rho, 1, 3,
	    "Whether what people like better scores higher; 1 is always.",
	    b);
	buf_adds(b, "</div>\n");
}

static void
title(const struct report *p, struct buf *b)
{
	buf_adds(b, "<title>Training report ");
	html_text(b, p->job->job_id);
	buf_adds(b, "</title></head><body><main>\n<h1>");
	buf_adds(b, p->f == NULL ? "How well the judge agrees with people" :
	    "What the judge has learned from people");
	buf_adds(b, "</h1><p class=\"soft\">");
	html_text(b, p->job->type_name);
	buf_printf(b, " on base version %lld, measured on %zu evaluations "
	    "that training has not seen.<br><span class=\"id\">judge ",
	    (long long)p->job->base.number, p->r->held);
	html_text(b, p->job->judge_id);
	buf_adds(b, " \u00b7 ");
	html_text(b, p->job->job_id);
	buf_adds(b, "</span></p>\n");
}

static void
try_row(struct buf *b, int pick, const char *name, double mae, double kappa,
    double rho)
{
	buf_printf(b, "<tr%s><td>%s%s</td><td>", pick ? " class=\"pick\"" :
	    "", name, pick ? " \u2190" : "");
	number(b, mae, 2);
	buf_adds(b, "</td><td>");
	number(b, kappa, 3);
	buf_adds(b, "</td><td>");
	number(b, rho, 3);
	buf_adds(b, "</td></tr>\n");
}

static void
tries_head(struct buf *b, const char *what)
{
	buf_printf(b, "<div class=\"wide\"><table><tr><th>%s</th><th>error"
	    "</th><th>kappa</th><th>rank</th></tr>\n", what);
}

static void
sources(const struct report *p, struct buf *b)
{
	const struct choice *c = &p->f->choice;
	char name[64];
	int t;

	if (c->n == 0)
		return;
	tries_head(b, "what each criterion weighs");
	for (t = 0; t < c->n; t++) {
		switch (c->try[t].source) {
		case SOURCE_OWN:
			snprintf(name, sizeof(name), "own score");
			break;
		case SOURCE_SCORES:
			snprintf(name, sizeof(name), "all scores, penalty %g",
			    c->try[t].lambda);
			break;
		case SOURCE_PAIRS:
			snprintf(name, sizeof(name), "pairs in order");
		}
		try_row(b, t == c->joint, name, c->try[t].mae,
		    c->try[t].kappa, c->try[t].spearman);
	}
	buf_adds(b, "</table></div>\n");
}

static void
forms(const struct report *p, struct buf *b)
{
	const struct forms *f = &p->f->forms;
	char name[64];
	int t;

	if (f->heads == 0 || f->blind)
		return;
	tries_head(b, "form of the correction");
	for (t = 0; t < FORM_TRIES; t++) {
		if (f->try[t].form == FORM_WIDEN)
			snprintf(name, sizeof(name), "widen, %g of the way",
			    f->try[t].power);
		else
			snprintf(name, sizeof(name), "%s",
			    form_word(f->try[t].form));
		try_row(b, t == f->joint, name, f->try[t].mae,
		    f->try[t].kappa, f->try[t].spearman);
	}
	buf_adds(b, "</table></div>\n");
}

static void
chosen(const struct report *p, struct buf *b)
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

static void
split(const struct report *p, struct buf *b)
{
	static const struct {
		enum part	part;
		const char	*class;
		const char	*says;
	} parts[] = {
		{ PART_FIT, "trained", "learned from" },
		{ PART_INNER, "bias", "watched to stop in time" },
		{ PART_HELD, "raw", "held out, measured" },
	};
	double all = p->d->n > 0 ? (double)p->d->n : 1;
	size_t i;

	buf_adds(b, "<section><h2>The feedback</h2><div class=\"split\">");
	for (i = 0; i < 3; i++)
		if (p->rows[parts[i].part] > 0)
			buf_printf(b, "<i class=\"%s\" style=\"width:%.1f%%\">"
			    "</i>", parts[i].class, 100 *
			    (double)p->rows[parts[i].part] / all);
	buf_adds(b, "</div><dl>");
	for (i = 0; i < 3; i++)
		buf_printf(b, "<dt class=\"key\" style=\"margin:0\"><span>"
		    "<i class=\"%s\"></i>%s</span></dt><dd>%zu evaluations, "
		    "%zu labels</dd>", parts[i].class, parts[i].says,
		    p->rows[parts[i].part], p->labels[parts[i].part]);
	if (p->d->raters > 0)
		buf_printf(b, "<dt>people who gave it</dt><dd>%d</dd>",
		    p->d->raters);
	buf_printf(b, "<dt>%s</dt><dd>%zu</dd></dl></section>\n", p->f == NULL
	    ? "left out, as the version has learned from them" :
	    "held out, but known to the active version", results_seen(p->r));
}

static void
learning(const struct report *p, struct buf *b)
{
	if (p->f == NULL) {
		split(p, b);
		return;
	}
	buf_adds(b, "<div class=\"grid2\"><section><h2>Learning curve</h2>"
	    "<div class=\"key\"><span><i class=\"raw\"></i>met while learning"
	    "</span>");
	if (!isnan(p->f->best_error))
		buf_adds(b, "<span><i class=\"trained\"></i>on the watched "
		    "part</span>");
	buf_adds(b, "</div>");
	svg_learning(p, b);
	buf_adds(b, "</section>");
	split(p, b);
	buf_adds(b, "</div>\n");
}

static void
calibration(const struct report *p, struct buf *b)
{
	int i;

	if (p->nheads == 0)
		return;
	buf_adds(b, "<div class=\"grid2\"><section><h2>Scores against people"
	    "</h2><p class=\"note\">On the diagonal a score means what people "
	    "mean by it. Each dot is about a tenth of the labels.</p>");
	key(p, b);
	svg_calibration(p, p->pooled, 0, b);
	buf_printf(b, "</section><section><h2>Errors</h2><p class=\"note\">"
	    "Bars: the %s scores. Line: the raw ones.</p>", p->f == NULL ?
	    "version's" : "new");
	svg_errors(p, b);
	buf_adds(b, "</section></div>\n");
	if (p->nheads < 2)
		return;
	buf_adds(b, "<section><h2>By criterion</h2>");
	key(p, b);
	buf_adds(b, "<div class=\"small\">");
	for (i = 0; i < p->nheads; i++) {
		buf_adds(b, "<div><p class=\"note\" style=\"margin:0\">");
		html_text(b, report_name(p, p->head[i]));
		buf_adds(b, "</p>");
		svg_calibration(p, p->each[p->head[i]], 1, b);
		buf_adds(b, "</div>");
	}
	buf_adds(b, "</div></section>\n");
}

static void
head_cells(const struct report *p, const struct block *blk, struct buf *b)
{
	size_t i;

	for (i = 0; i < ORDER; i++) {
		if (!shown(p, order[i]))
			continue;
		buf_printf(b, "<td%s>", order[i] == p->r->first ?
		    " class=\"b\"" : "");
		number(b, blk->n > 0 ? blk->metric[order[i]].mae : NAN, 2);
		buf_adds(b, "</td>");
	}
	for (i = 0; i < ORDER; i++) {
		if (!shown(p, order[i]) || (order[i] != COL_RAW &&
		    order[i] != p->r->first))
			continue;
		buf_adds(b, "<td>");
		number(b, blk->n > 0 ? blk->metric[order[i]].kappa : NAN, 3);
		buf_adds(b, "</td><td>");
		number(b, blk->n > 0 ? blk->metric[order[i]].spearman : NAN,
		    3);
		buf_adds(b, "</td>");
	}
}

static void
head_row(const struct report *p, int c, const struct block *blk,
    struct buf *b)
{
	buf_adds(b, "<tr><td class=\"wrap\">");
	html_text(b, report_name(p, c));
	buf_printf(b, "</td><td>%zu</td>", blk->n);
	head_cells(p, blk, b);
	if (p->f != NULL)
		buf_printf(b, "<td>%s</td>", c < p->d->nc &&
		    p->f->forms.of[c] >= 0 ? form_word(p->f->forms.try[
		    p->f->forms.of[c]].form) : "\u2013");
	buf_adds(b, "</tr>\n");
}

static void
heads(const struct report *p, struct buf *b)
{
	size_t i;
	int k;

	if (p->nheads == 0)
		return;
	buf_adds(b, "<section><h2>Mean error of each criterion</h2>");
	key(p, b);
	svg_heads(p, b);
	buf_adds(b, "<div class=\"wide\"><table><tr><th>criterion</th>"
	    "<th>labels</th>");
	for (i = 0; i < ORDER; i++)
		if (shown(p, order[i]))
			buf_printf(b, "<th>%s</th>", report_column(order[i]));
	for (i = 0; i < ORDER; i++)
		if (shown(p, order[i]) && (order[i] == COL_RAW ||
		    order[i] == p->r->first))
			buf_printf(b, "<th>kappa, %s</th><th>rank, %s</th>",
			    report_column(order[i]), report_column(order[i]));
	buf_printf(b, "%s</tr>\n", p->f != NULL ? "<th>form</th>" : "");
	for (k = 0; k < p->nheads; k++)
		head_row(p, p->head[k], &p->r->block[p->head[k]], b);
	if (p->r->rated.n > 0)
		head_row(p, p->d->nc, &p->r->rated, b);
	buf_adds(b, "</table></div></section>\n");
}

static void
disagreements(const struct report *p, struct buf *b)
{
	const struct report_worst *w;
	int i;

	if (p->nworst == 0)
		return;
	buf_adds(b, "<section><h2>Where they still disagree most</h2>"
	    "<p class=\"note\">Evaluations worth a second look, by the judge "
	    "or by people.</p><div class=\"wide\"><table><tr>"
	    "<th>evaluation</th><th class=\"l\">criterion</th><th>people</th>"
	    "<th>score</th><th>raw</th><th>difference</th></tr>\n");
	for (i = 0; i < p->nworst; i++) {
		w = &p->worst[i];
		buf_adds(b, "<tr><td class=\"id\">");
		html_text(b, p->d->ex[w->row].id);
		buf_adds(b, "</td><td class=\"l\">");
		html_text(b, report_name(p, w->c));
		buf_printf(b, "</td><td>%.1f</td><td>%.1f</td><td>%.1f</td>"
		    "<td>%+.1f</td></tr>\n", w->people, w->said, w->raw,
		    w->said - w->people);
	}
	buf_adds(b, "</table></div></section>\n");
}

void
report_html(const struct report *p, struct buf *b)
{
	buf_adds(b, head);
	title(p, b);
	tiles(p, b);
	calibration(p, b);
	heads(p, b);
	chosen(p, b);
	learning(p, b);
	disagreements(p, b);
	buf_adds(b, "<p class=\"note\">Means are over the criteria with "
	    "labels in the held-out part. The form and what is weighed were "
	    "chosen within the rest, never by what is measured here.</p>"
	    "</main></body></html>\n");
}
