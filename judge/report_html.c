/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as one HTML page: no script, nothing fetched, every text
 * escaped; light or dark as the reader's system is.
 */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "judge/report_page.h"
#include "judge/report_svg.h"
#include "util/buf.h"

/* The order that people read: where it began to where it is. */
static const enum column order[] = {
	COL_RAW, COL_BIAS, COL_ACTIVE, COL_TRAINED
};
#define ORDER	(sizeof(order) / sizeof(order[0]))

static void
key(const struct report *p, struct buf *b)
{
	size_t i;

	buf_adds(b, "<div class=\"key\">");
	for (i = 0; i < ORDER; i++)
		if (report_shown(p, order[i]))
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
	report_number(b, of[p->r->first], digits);
	buf_printf(b, " <small>%s</small></b><div class=\"meter\">", unit);
	for (i = 0; i < ORDER; i++) {
		if (!report_shown(p, order[i]))
			continue;
		share = isnan(of[order[i]]) ? 0 : fmin(fmax(of[order[i]] /
		    full, 0), 1);
		buf_printf(b, "<span>%s</span><i class=\"%s\" "
		    "style=\"width:%.1f%%\"></i><span>",
		    report_column(order[i]), column_word(order[i]),
		    100 * share);
		report_number(b, of[order[i]], digits);
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

/* The one sentence for who reads no further. */
static void
lead(const struct report *p, struct buf *b)
{
	const struct metric *now = &p->mean[p->r->first];
	const struct metric *raw = &p->mean[COL_RAW];

	if (isnan(now->mae) || isnan(raw->mae) || raw->mae <= 0)
		return;
	buf_printf(b, "<p class=\"lead\">Scores are <b>%.1f points</b> from "
	    "what people say, ", now->mae);
	if (fabs(now->mae - raw->mae) < 0.05)
		buf_adds(b, "as far as the raw ones are");
	else
		buf_printf(b, "raw ones %.1f: <b>%.0f %% %s</b>", raw->mae,
		    100 * fabs(1 - now->mae / raw->mae), now->mae < raw->mae ?
		    "closer" : "farther");
	buf_adds(b, ".</p>\n");
}

static void
title(const struct report *p, struct buf *b)
{
	static const char *const kinds[] = {
		[TRAIN_INCREMENTAL] = "Training that went on from version",
		[TRAIN_FULL] = "Training anew on all feedback; the base is version",
		[TRAIN_FINE_TUNE] = "Fine-tuning of single criteria of version",
		[TRAIN_VALIDATION] = "A check of version",
	};

	buf_adds(b, "<title>Training report ");
	html_text(b, p->job->job_id);
	buf_adds(b, "</title></head><body><main>\n<h1>");
	buf_adds(b, p->f == NULL ? "How well the judge agrees with people" :
	    "What the judge has learned from people");
	buf_printf(b, "</h1><p class=\"soft\">%s %lld. Measured on %zu "
	    "evaluations that it has not learned from.<br>"
	    "<span class=\"id\">judge ", kinds[p->job->type],
	    (long long)p->job->base.number, p->r->held);
	html_text(b, p->job->judge_id);
	buf_adds(b, " \u00b7 ");
	html_text(b, p->job->job_id);
	buf_adds(b, "</span></p>\n");
	lead(p, b);
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
	    "Colored: the %s scores. Gray: the raw ones.</p>", p->f == NULL ?
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
		if (!report_shown(p, order[i]))
			continue;
		buf_printf(b, "<td%s>", order[i] == p->r->first ?
		    " class=\"b\"" : "");
		report_number(b, blk->n > 0 ? blk->metric[order[i]].mae : NAN, 2);
		buf_adds(b, "</td>");
	}
	for (i = 0; i < ORDER; i++) {
		if (!report_shown(p, order[i]) || (order[i] != COL_RAW &&
		    order[i] != p->r->first))
			continue;
		buf_adds(b, "<td>");
		report_number(b, blk->n > 0 ? blk->metric[order[i]].kappa : NAN, 3);
		buf_adds(b, "</td><td>");
		report_number(b, blk->n > 0 ? blk->metric[order[i]].spearman : NAN,
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
	html_heads(p, b);
	buf_adds(b, "<div class=\"wide\"><table><tr><th>criterion</th>"
	    "<th>labels</th>");
	for (i = 0; i < ORDER; i++)
		if (report_shown(p, order[i]))
			buf_printf(b, "<th>%s</th>", report_column(order[i]));
	for (i = 0; i < ORDER; i++)
		if (report_shown(p, order[i]) && (order[i] == COL_RAW ||
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
	buf_adds(b, report_head);
	title(p, b);
	tiles(p, b);
	calibration(p, b);
	heads(p, b);
	report_tried(p, b);
	learning(p, b);
	disagreements(p, b);
	buf_adds(b, "<p class=\"note\">Means are over the criteria with "
	    "labels in the held-out part. The form and what is weighed were "
	    "chosen within the rest, never by what is measured here.</p>"
	    "</main></body></html>\n");
}
