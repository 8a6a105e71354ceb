/* SPDX-License-Identifier: BSD-2-Clause */
/* The report as JSON. */
#include "config.h"

#include <math.h>

#include "judge/report.h"
#include "util/arena.h"
#include "util/jw.h"

static void
write_data(struct jw *w, const struct report *p)
{
	jw_kobj(w, "data");
	jw_kint(w, "evaluations", (int64_t)p->d->n);
	jw_kint(w, "labels", (int64_t)p->d->labels);
	jw_kint(w, "learned_from", (int64_t)p->rows[PART_FIT]);
	jw_kint(w, "watched", (int64_t)p->rows[PART_INNER]);
	jw_kint(w, "held_out", (int64_t)p->rows[PART_HELD]);
	jw_kint(w, "held_out_labels", (int64_t)p->labels[PART_HELD]);
	jw_kint(w, "raters", p->d->raters);
	jw_kint(w, "seen_count", (int64_t)results_seen(p->r));
	jw_end(w);
}

static void
write_sources(struct jw *w, const struct report *p)
{
	const struct choice *c = &p->f->choice;
	int t;

	jw_karr(w, "sources");
	for (t = 0; t < c->n; t++) {
		jw_obj(w);
		jw_kstr(w, "source", source_word(c->try[t].source));
		if (c->try[t].source == SOURCE_SCORES)
			jw_knum(w, "lambda", c->try[t].lambda);
		jw_kround(w, "mae", c->try[t].mae, 4);
		jw_kround(w, "rmse", c->try[t].rmse, 4);
		jw_kround(w, "quadratic_weighted_kappa", c->try[t].kappa, 4);
		jw_kround(w, "spearman", c->try[t].spearman, 4);
		jw_kbool(w, "chosen", t == c->joint);
		jw_end(w);
	}
	jw_end(w);
}

static void
write_forms(struct jw *w, const struct report *p)
{
	const struct forms *f = &p->f->forms;
	int t, last = f->heads > 0 && !f->blind ? FORM_TRIES : 0;

	jw_karr(w, "forms");
	for (t = 0; t < last; t++) {
		jw_obj(w);
		jw_kstr(w, "form", form_word(f->try[t].form));
		if (f->try[t].power > 0)
			jw_knum(w, "power", f->try[t].power);
		jw_kround(w, "mae", f->try[t].mae, 4);
		jw_kround(w, "rmse", f->try[t].rmse, 4);
		jw_kround(w, "quadratic_weighted_kappa", f->try[t].kappa, 4);
		jw_kround(w, "spearman", f->try[t].spearman, 4);
		jw_kbool(w, "chosen", t == f->joint);
		jw_end(w);
	}
	jw_end(w);
}

static void
write_head(struct jw *w, const struct report *p, int c)
{
	const struct choice *ch = &p->f->choice;
	const struct forms *f = &p->f->forms;

	jw_kobj(w, p->job->base.criteria.id[c]);
	if (ch->n > 0 && ch->of[c] >= 0) {
		jw_kstr(w, "source", source_word(ch->try[ch->of[c]].source));
		jw_kround(w, "slope", ch->slope[c], 4);
	} else
		jw_knull(w, "source");
	jw_kstr(w, "form", f->of[c] >= 0 ? form_word(f->try[f->of[c]].form) :
	    "none");
	jw_end(w);
}

static void
write_chosen(struct jw *w, const struct report *p)
{
	int c;

	if (p->f == NULL) {
		jw_knull(w, "chosen");
		return;
	}
	jw_kobj(w, "chosen");
	jw_kstr(w, "optimize", optimize_word(p->job->optimize));
	jw_kstr(w, "why_source", report_why_source(p));
	jw_kstr(w, "why_form", report_why_form(p));
	jw_kbool(w, "texts_dropped", p->f->text_dropped);
	write_sources(w, p);
	write_forms(w, p);
	jw_kobj(w, "criteria");
	for (c = 0; c < p->d->nc; c++)
		write_head(w, p, c);
	jw_end(w);
	jw_end(w);
}

static void
write_learning(struct jw *w, const struct report *p)
{
	if (p->f == NULL) {
		jw_knull(w, "learning_curve");
		return;
	}
	jw_kobj(w, "learning_curve");
	jw_kint(w, "epochs", p->f->epoch);
	jw_kint(w, "best_epoch", p->best_epoch);
	jw_krounds(w, "train/mae", p->f->train_mae, p->f->epoch, 4);
	jw_krounds(w, "eval/mae", p->f->eval_mae, isnan(p->f->best_error) ?
	    0 : p->f->epoch, 4);
	jw_end(w);
}

static void
write_curves(struct jw *w, const struct report *p, const char *key,
    const struct report_curve *curve)
{
	int col, i;

	jw_kobj(w, key);
	for (col = (int)p->r->first; col < COL__MAX; col++) {
		jw_karr(w, column_word((enum column)col));
		for (i = 0; i < curve[col].n; i++) {
			jw_obj(w);
			jw_kround(w, "predicted", curve[col].bin[i].said, 2);
			jw_kround(w, "people", curve[col].bin[i].people, 2);
			jw_kint(w, "count", (int64_t)curve[col].bin[i].n);
			jw_end(w);
		}
		jw_end(w);
	}
	jw_end(w);
}

static void
write_calibration(struct jw *w, const struct report *p)
{
	int i;

	jw_kobj(w, "calibration");
	write_curves(w, p, "pooled", p->pooled);
	jw_kobj(w, "criteria");
	for (i = 0; i < p->nheads; i++)
		write_curves(w, p, p->job->base.criteria.id[p->head[i]],
		    p->each[p->head[i]]);
	jw_end(w);
	jw_end(w);
}

static void
write_errors(struct jw *w, const struct report *p)
{
	int col, i;

	jw_kobj(w, "errors");
	jw_kint(w, "from", -100);
	jw_kint(w, "width", REPORT_ERROR_WIDTH);
	for (col = (int)p->r->first; col < COL__MAX; col++) {
		jw_karr(w, column_word((enum column)col));
		for (i = 0; i < REPORT_ERRORS; i++)
			jw_int(w, (int64_t)p->error[col][i]);
		jw_end(w);
	}
	jw_end(w);
}

static void
write_worst(struct jw *w, const struct report *p)
{
	const struct report_worst *x;
	int i;

	jw_karr(w, "disagreements");
	for (i = 0; i < p->nworst; i++) {
		x = &p->worst[i];
		jw_obj(w);
		jw_kstr(w, "evaluation_id", p->d->ex[x->row].id);
		jw_kstr(w, "criterion_id", x->c < p->d->nc ?
		    p->job->base.criteria.id[x->c] : NULL);
		jw_kround(w, "people", x->people, 2);
		jw_kround(w, "predicted", x->said, 2);
		jw_kround(w, "raw", x->raw, 2);
		jw_end(w);
	}
	jw_end(w);
}

void
report_json(const struct report *p, struct buf *out)
{
	struct jw w;
	const char *text;
	size_t len;
	int c;

	jw_init(&w, p->arena);
	jw_obj(&w);
	jw_kstr(&w, "schema_version", "1");
	jw_kstr(&w, "job_id", p->job->job_id);
	jw_kstr(&w, "judge_id", p->job->judge_id);
	jw_kstr(&w, "training_type", p->job->type_name);
	jw_kint(&w, "base_version_number", p->job->base.number);
	jw_karr(&w, "criteria");
	for (c = 0; c < p->d->nc; c++) {
		jw_obj(&w);
		jw_kstr(&w, "id", p->job->base.criteria.id[c]);
		jw_kstr(&w, "name", report_name(p, c));
		jw_kint(&w, "held_out_labels", (int64_t)p->r->block[c].n);
		jw_end(&w);
	}
	jw_end(&w);
	write_data(&w, p);
	write_chosen(&w, p);
	write_learning(&w, p);
	jw_key(&w, "validation_results");
	results_write(&w, p->r);
	write_calibration(&w, p);
	write_errors(&w, p);
	write_worst(&w, p);
	jw_end(&w);
	text = jw_text(&w, &len);
	buf_add(out, text, len);
	buf_addc(out, '\n');
}
