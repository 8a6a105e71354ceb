/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing progress events. */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "judge/event.h"
#include "judge/fit.h"
#include "util/arena.h"
#include "util/jw.h"
#include "util/log.h"

static void
event_open(struct jw *w, struct arena *a, const char *type)
{
	jw_init(w, a);
	jw_obj(w);
	jw_kstr(w, "event_type", type);
}

static void
event_close(struct jw *w)
{
	const char *text;
	size_t len;

	jw_end(w);
	text = jw_text(w, &len);
	if (fwrite(text, 1, len, stdout) != len || putchar('\n') == EOF ||
	    fflush(stdout) == EOF)
		fatal("could not write an event");
	arena_free(w->buf.arena);
}

static void
message(struct jw *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
message(struct jw *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	jw_kstr(w, "message", arena_vprintf(w->buf.arena, fmt, ap));
	va_end(ap);
}

void
event_start(const struct job *job, const struct data *d)
{
	int measure = job->type == TRAIN_VALIDATION;
	struct jw w;

	event_open(&w, arena_new(1024), "training_start");
	message(&w, "%s: %zu labels on %zu evaluations, %zu of them held out",
	    job->type_name, d->labels, d->n, results_holdout(d));
	jw_kobj(&w, "data");
	jw_kstr(&w, "phase", measure ? "validating" : "training");
	jw_kint(&w, "evaluations", (int64_t)d->n);
	jw_kint(&w, "labels", (int64_t)d->labels);
	jw_end(&w);
	event_close(&w);
}

static void
number(struct jw *w, const char *key, double x, int digits)
{
	jw_karr(w, key);
	if (digits > 0)
		jw_round(w, x, digits);
	else
		jw_num(w, x);
	jw_end(w);
}

void
event_step(const struct fit *f)
{
	struct jw w;

	event_open(&w, arena_new(1024), "step_complete");
	jw_kobj(&w, "metrics");
	number(&w, "steps", f->epoch, 0);
	number(&w, "train/mae", f->train_mae[f->epoch - 1], 4);
	if (!isnan(f->best_error))
		number(&w, "eval/mae", f->eval_mae[f->epoch - 1], 4);
	number(&w, "learning_rate", f->job->learning_rate, 0);
	jw_end(&w);
	jw_kobj(&w, "data");
	jw_kint(&w, "step", f->epoch);
	jw_kstr(&w, "phase", "training");
	jw_end(&w);
	event_close(&w);
}

void
event_checkpoint(const struct fit *f, const char *path, int n)
{
	struct jw w;

	event_open(&w, arena_new(1024), "checkpoint_saved");
	message(&w, "checkpoint %d saved", n);
	jw_kobj(&w, "data");
	jw_kint(&w, "checkpoint_num", n);
	jw_kint(&w, "step", f->epoch);
	jw_end(&w);
	jw_kobj(&w, "artifacts");
	jw_kstr(&w, "latest_checkpoint", path);
	jw_end(&w);
	event_close(&w);
}

void
event_eval(const struct fit *f)
{
	struct jw w;

	event_open(&w, arena_new(1024), "eval_complete");
	message(&w, "%d epochs done, measuring", f->epoch);
	jw_kobj(&w, "data");
	jw_kint(&w, "step", f->epoch);
	jw_kstr(&w, "phase", "validating");
	jw_end(&w);
	event_close(&w);
}

/* The last event holds the whole curves: they replace what was sent. */
static void
curves(struct jw *w, const struct fit *f)
{
	int i;

	jw_kobj(w, "metrics");
	jw_karr(w, "steps");
	for (i = 0; i < f->epoch; i++)
		jw_int(w, i + 1);
	jw_end(w);
	jw_krounds(w, "train/mae", f->train_mae, f->epoch, 4);
	if (!isnan(f->best_error))
		jw_krounds(w, "eval/mae", f->eval_mae, f->epoch, 4);
	jw_karr(w, "learning_rate");
	for (i = 0; i < f->epoch; i++)
		jw_num(w, f->job->learning_rate);
	jw_end(w);
	jw_end(w);
}

static void
file(struct jw *w, const char *key, const char *path)
{
	if (path != NULL)
		jw_kstr(w, key, path);
}

void
event_end(const struct results *r, const struct fit *f,
    const struct judge_model *trained, const struct event_files *files)
{
	struct jw w;

	event_open(&w, arena_new((size_t)1 << 16), "training_end");
	message(&w, "%s complete", r->job->type_name);
	if (f != NULL)
		curves(&w, f);
	jw_kobj(&w, "data");
	jw_kstr(&w, "phase", "validating");
	jw_key(&w, "validation_results");
	results_write(&w, r);
	jw_kint(&w, "labels", (int64_t)r->d->labels);
	jw_kint(&w, "epochs", f != NULL ? f->epoch : 0);
	if (trained != NULL)
		jw_kint(&w, "best_epoch", trained->origin.epochs);
	jw_end(&w);
	jw_kobj(&w, "artifacts");
	file(&w, "model", files->model);
	file(&w, "report", files->report);
	file(&w, "report_html", files->report_html);
	jw_end(&w);
	event_close(&w);
}

void
event_error(const char *error_type, const char *text)
{
	struct jw w;

	event_open(&w, arena_new(1024), "training_error");
	jw_kstr(&w, "level", "error");
	jw_kstr(&w, "message", text);
	jw_kstr(&w, "error", text);
	jw_kobj(&w, "data");
	jw_kstr(&w, "error_type", error_type);
	jw_end(&w);
	event_close(&w);
}
