/* SPDX-License-Identifier: BSD-2-Clause */
/* Drawings for the report's page. */
#include "config.h"

#include <math.h>

#include "judge/report.h"
#include "judge/report_svg.h"
#include "util/buf.h"

/* Columns from the back to the front of a drawing. */
static const enum column layers[] = {
	COL_RAW, COL_BIAS, COL_ACTIVE, COL_TRAINED
};

void
html_text(struct buf *b, const char *s)
{
	for (; s != NULL && *s != '\0'; s++)
		switch (*s) {
		case '&':
			buf_adds(b, "&amp;");
			break;
		case '<':
			buf_adds(b, "&lt;");
			break;
		case '>':
			buf_adds(b, "&gt;");
			break;
		case '"':
			buf_adds(b, "&quot;");
			break;
		case '\'':
			buf_adds(b, "&#39;");
			break;
		default:
			buf_addc(b, *s);
		}
}

static void
svg_open(struct buf *b, int width, int height, const char *title)
{
	buf_printf(b, "<svg style=\"max-width:%dpx\" viewBox=\"0 0 %d %d\" role=\"img\" "
	    "preserveAspectRatio=\"xMidYMid meet\"><title>", width * 5 / 4, width,
	    height);
	html_text(b, title);
	buf_adds(b, "</title>\n");
}

/* A step of 1, 2 or 5 times a power of ten: about `want` of them in span. */
static double
step_of(double span, int want)
{
	double raw = span / want, unit = pow(10, floor(log10(raw)));

	raw /= unit;
	return unit * (raw < 1.5 ? 1 : raw < 3.5 ? 2 : raw < 7.5 ? 5 : 10);
}

/* The plane of a chart: values to places. */
struct plane {
	double	x0, x1, y0, y1;		/* values */
	double	left, right, top, bottom;	/* places */
};

static double
px(const struct plane *q, double x)
{
	return q->left + (x - q->x0) / (q->x1 - q->x0) * (q->right - q->left);
}

static double
py(const struct plane *q, double y)
{
	return q->bottom - (y - q->y0) / (q->y1 - q->y0) * (q->bottom -
	    q->top);
}

static void
axis_y(struct buf *b, const struct plane *q, int want)
{
	double step = step_of(q->y1 - q->y0, want), y;

	for (y = ceil(q->y0 / step) * step; y <= q->y1 + 1e-9; y += step)
		buf_printf(b, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" "
		    "y1=\"%.1f\" y2=\"%.1f\"/><text class=\"tick end\" "
		    "x=\"%.1f\" y=\"%.1f\">%g</text>\n", q->left, q->right,
		    py(q, y), py(q, y), q->left - 6, py(q, y) + 3.5, y);
}

static void
axis_x(struct buf *b, const struct plane *q, int want)
{
	double step = step_of(q->x1 - q->x0, want), x;

	for (x = ceil(q->x0 / step) * step; x <= q->x1 + 1e-9; x += step)
		buf_printf(b, "<text class=\"tick mid\" x=\"%.1f\" y=\"%.1f\">"
		    "%g</text>\n", px(q, x), q->bottom + 15, x);
}

static void
caption(struct buf *b, const struct plane *q, const char *x, const char *y)
{
	buf_printf(b, "<text class=\"cap mid\" x=\"%.1f\" y=\"%.1f\">",
	    (q->left + q->right) / 2, q->bottom + 32);
	html_text(b, x);
	buf_printf(b, "</text><text class=\"cap\" x=\"%.1f\" y=\"%.1f\">",
	    q->left - 32, q->top - 13);
	html_text(b, y);
	buf_adds(b, "</text>\n");
}

static void
curve_bounds(const double *x, int n, double *lo, double *hi)
{
	int i;

	for (i = 0; i < n; i++) {
		*lo = fmin(*lo, x[i]);
		*hi = fmax(*hi, x[i]);
	}
}

static void
learning_line(struct buf *b, const struct plane *q, const char *class,
    const double *x, int n)
{
	int i;

	buf_printf(b, "<polyline class=\"line %s\" points=\"", class);
	for (i = 0; i < n; i++)
		buf_printf(b, "%.1f,%.1f ", px(q, i + 1), py(q, x[i]));
	buf_adds(b, "\"/>\n");
	for (i = 0; n <= 60 && i < n; i++)
		buf_printf(b, "<circle class=\"dot %s\" cx=\"%.1f\" "
		    "cy=\"%.1f\" r=\"2\"><title>epoch %d: %.2f points</title>"
		    "</circle>\n", class, px(q, i + 1), py(q, x[i]), i + 1,
		    x[i]);
}

void
svg_learning(const struct report *p, struct buf *b)
{
	const struct fit *f = p->f;
	int watched = !isnan(f->best_error), n = f->epoch;
	double lo = INFINITY, hi = -INFINITY, pad;
	struct plane q = { 1, n > 1 ? n : 2, 0, 0, 46, 466, 26, 214 };

	curve_bounds(f->train_mae, n, &lo, &hi);
	if (watched)
		curve_bounds(f->eval_mae, n, &lo, &hi);
	pad = fmax((hi - lo) * 0.1, 0.05);
	q.y0 = fmax(lo - pad, 0);
	q.y1 = hi + pad;
	svg_open(b, 480, 256, "Mean error by epoch");
	axis_y(b, &q, 4);
	axis_x(b, &q, n < 8 ? n : 8);
	if (watched && p->best_epoch > 0) {
		buf_printf(b, "<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\" "
		    "y1=\"%.1f\" y2=\"%.1f\"/>", px(&q, p->best_epoch),
		    px(&q, p->best_epoch), q.top, q.bottom);
		buf_printf(b, "<text class=\"tick %s\" x=\"%.1f\" y=\"%.1f\">"
		    "best, epoch %d</text>\n", p->best_epoch * 2 > n ? "end" :
		    "", px(&q, p->best_epoch) + (p->best_epoch * 2 > n ? -5 :
		    5), q.top + 10, p->best_epoch);
	}
	learning_line(b, &q, "raw", f->train_mae, n);
	if (watched)
		learning_line(b, &q, "trained", f->eval_mae, n);
	caption(b, &q, "epoch", "points");
	buf_adds(b, "</svg>\n");
}

static void
calibration_line(const struct plane *q, const struct report_curve *curve,
    enum column col, int small, struct buf *b)
{
	const struct report_bin *bin;
	int i;

	buf_printf(b, "<polyline class=\"line %s\" points=\"",
	    column_word(col));
	for (i = 0; i < curve->n; i++)
		buf_printf(b, "%.1f,%.1f ", px(q, curve->bin[i].said),
		    py(q, curve->bin[i].people));
	buf_adds(b, "\"/>\n");
	for (i = 0; i < curve->n; i++) {
		bin = &curve->bin[i];
		buf_printf(b, "<circle class=\"dot %s\" cx=\"%.1f\" "
		    "cy=\"%.1f\" r=\"%s\"><title>%s: says %.1f, people say "
		    "%.1f (%zu labels)</title></circle>\n", column_word(col),
		    px(q, bin->said), py(q, bin->people), small ? "2.2" :
		    "4", report_column(col), bin->said, bin->people, bin->n);
	}
}

void
svg_calibration(const struct report *p, const struct report_curve *curve,
    int small, struct buf *b)
{
	struct plane q = { 0, 100, 0, 100, small ? 26 : 46, small ? 214 : 386,
	    small ? 8 : 26, small ? 156 : 326 };
	size_t i;

	svg_open(b, small ? 222 : 400, small ? 178 : 368,
	    "What scores say against what people say");
	axis_y(b, &q, small ? 2 : 5);
	axis_x(b, &q, small ? 2 : 5);
	buf_printf(b, "<line class=\"ideal\" x1=\"%.1f\" y1=\"%.1f\" "
	    "x2=\"%.1f\" y2=\"%.1f\"/>\n", q.left, q.bottom, q.right, q.top);
	for (i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		if (report_shown(p, layers[i]))
			calibration_line(&q, &curve[layers[i]], layers[i],
			    small, b);
	if (!small)
		caption(b, &q, "score", "people");
	buf_adds(b, "</svg>\n");
}

static size_t
tallest(const struct report *p, enum column c)
{
	size_t most = 1;
	int i;

	for (i = 0; i < REPORT_ERRORS; i++)
		if (p->error[c][i] > most)
			most = p->error[c][i];
	return most;
}

void
svg_errors(const struct report *p, struct buf *b)
{
	struct plane q = { -100, 100, 0, 0, 46, 386, 26, 326 };
	enum column front = p->r->first;
	double x, wide;
	int i;

	q.y1 = (double)(tallest(p, front) > tallest(p, COL_RAW) ?
	    tallest(p, front) : tallest(p, COL_RAW)) * 1.05;
	wide = (q.right - q.left) / REPORT_ERRORS;
	svg_open(b, 400, 368, "How often errors of each size occur");
	axis_y(b, &q, 4);
	axis_x(b, &q, 8);
	buf_printf(b, "<polyline class=\"area\" points=\"%.1f,%.1f ",
	    q.left, q.bottom);
	for (i = 0; i < REPORT_ERRORS; i++)
		buf_printf(b, "%.1f,%.1f %.1f,%.1f ", q.left + i * wide,
		    py(&q, (double)p->error[COL_RAW][i]), q.left + (i + 1) *
		    wide, py(&q, (double)p->error[COL_RAW][i]));
	buf_printf(b, "%.1f,%.1f\"/>\n", q.right, q.bottom);
	for (i = 0; i < REPORT_ERRORS; i++) {
		x = -100 + i * REPORT_ERROR_WIDTH;
		if (p->error[front][i] > 0)
			buf_printf(b, "<rect class=\"bar %s\" x=\"%.1f\" "
			    "y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">"
			    "<title>%s, %+g to %+g points: %zu labels</title>"
			    "</rect>\n", column_word(front), px(&q, x) + 0.5,
			    py(&q, (double)p->error[front][i]), wide - 1,
			    q.bottom - py(&q, (double)p->error[front][i]),
			    report_column(front), x, x + REPORT_ERROR_WIDTH,
			    p->error[front][i]);
	}
	buf_printf(b, "<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\" "
	    "y1=\"%.1f\" y2=\"%.1f\"/>\n", px(&q, 0), px(&q, 0), q.top,
	    q.bottom);
	caption(b, &q, "score less what people say, points", "labels");
	buf_adds(b, "</svg>\n");
}

/* A place on the track, in percent of it. */
static double
along(const struct metric *m, double full)
{
	return 100 * (isnan(m->mae) ? 0 : m->mae) / full;
}

static void
head_row(const struct report *p, int c, double full, struct buf *b)
{
	const struct metric *m = p->r->block[c].metric;
	double lo = INFINITY, hi = 0;
	size_t i;

	for (i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		if (report_shown(p, layers[i])) {
			lo = fmin(lo, along(&m[layers[i]], full));
			hi = fmax(hi, along(&m[layers[i]], full));
		}
	buf_adds(b, "<span class=\"n\">");
	html_text(b, report_name(p, c));
	buf_printf(b, "</span><span class=\"track\"><u style=\"left:%.1f%%;"
	    "width:%.1f%%\"></u>", lo, hi - lo);
	for (i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		if (report_shown(p, layers[i]))
			buf_printf(b, "<i class=\"%s%s\" title=\"%s: %.2f "
			    "points\" style=\"left:%.1f%%\"></i>",
			    column_word(layers[i]), layers[i] == p->r->first ?
			    " big" : "", report_column(layers[i]),
			    m[layers[i]].mae, along(&m[layers[i]], full));
	buf_printf(b, "</span><b>%.1f</b>\n", m[p->r->first].mae);
}

void
html_heads(const struct report *p, struct buf *b)
{
	double full = 1, step, x;
	int i, col;

	for (i = 0; i < p->nheads; i++)
		for (col = (int)p->r->first; col < COL__MAX; col++)
			full = fmax(full, p->r->block[p->head[i]].
			    metric[col].mae * 1.04);
	buf_adds(b, "<div class=\"rows\">\n");
	for (i = 0; i < p->nheads; i++)
		head_row(p, p->head[i], full, b);
	step = step_of(full, 5);
	buf_adds(b, "<span></span><span class=\"track\">");
	for (x = 0; x <= full; x += step)
		buf_printf(b, "<s style=\"left:%.1f%%\">%g</s>", 100 * x /
		    full, x);
	buf_adds(b, "</span><span></span></div>\n");
}

static void
trade_mark(struct buf *b, const struct plane *q, const struct svg_point *t)
{
	int right = px(q, t->x) > (q->left + q->right) / 2;

	buf_printf(b, "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" "
	    "r=\"%s\"><title>", t->pick ? "trained" : t->linked ? "raw" :
	    "bias", px(q, t->x), py(q, t->y), t->pick ? "6.5" : "4");
	html_text(b, t->name);
	buf_printf(b, ": error %.2f, kappa %.3f</title></circle>", t->x,
	    t->y);
	if (!t->pick && !t->told)
		return;
	buf_printf(b, "<text class=\"name%s%s\" x=\"%.1f\" y=\"%.1f\">",
	    t->pick ? " pick" : "", right ? " end" : "", px(q, t->x) +
	    (right ? -10 : 10), py(q, t->y) + 4);
	html_text(b, t->name);
	buf_adds(b, "</text>\n");
}

void
svg_trade(const struct svg_point *t, size_t n, struct buf *b)
{
	struct plane q = { INFINITY, -INFINITY, INFINITY, -INFINITY, 46, 386,
	    26, 224 };
	double pad;
	size_t i;

	for (i = 0; i < n; i++) {
		curve_bounds(&t[i].x, 1, &q.x0, &q.x1);
		curve_bounds(&t[i].y, 1, &q.y0, &q.y1);
	}
	pad = fmax((q.x1 - q.x0) * 0.08, 0.05);
	q.x0 -= pad;
	q.x1 += pad;
	pad = fmax((q.y1 - q.y0) * 0.12, 0.01);
	q.y0 -= pad;
	q.y1 += pad;
	svg_open(b, 400, 266, "Error and agreement of each that was tried");
	axis_y(b, &q, 4);
	axis_x(b, &q, 5);
	buf_adds(b, "<polyline class=\"line raw\" points=\"");
	for (i = 0; i < n; i++)
		if (t[i].linked)
			buf_printf(b, "%.1f,%.1f ", px(&q, t[i].x), py(&q,
			    t[i].y));
	buf_adds(b, "\"/>\n");
	for (i = 0; i < n; i++)
		if (!t[i].pick)
			trade_mark(b, &q, &t[i]);
	for (i = 0; i < n; i++)
		if (t[i].pick)
			trade_mark(b, &q, &t[i]);
	caption(b, &q, "mean error, points: less is better", "kappa");
	buf_adds(b, "</svg>\n");
}
