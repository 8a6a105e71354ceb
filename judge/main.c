/* SPDX-License-Identifier: BSD-2-Clause */
/* trainyard-judge: trains one judge, as a runner that the dispatcher starts. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "judge/checkpoint.h"
#include "judge/consist.h"
#include "judge/data.h"
#include "judge/event.h"
#include "judge/file.h"
#include "judge/fit.h"
#include "judge/job.h"
#include "judge/model_int.h"
#include "judge/report.h"
#include "judge/results.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/log.h"
#include "util/ts.h"

#define EXIT_STOPPED	EX_TEMPFAIL	/* 75: run it again to go on */
#define INTERVAL	5	/* seconds between checkpoints */

static const char internal[] = "internal_error";
static const char insufficient[] = "insufficient_feedback_error";

static volatile sig_atomic_t stop;

/* One run: what main's helpers pass to each other. */
struct run {
	struct arena	*arena;
	struct job	 job;
	const char	*workdir;
	const char	*resume;	/* NULL: from the start */
	int64_t		 interval;	/* microseconds */
	struct judge_model *base;
	struct judge_model *active;	/* may be the same as base */
	struct data	*data;
	int		 checkpoints;
	char		 kept[PATH_MAX];	/* the last checkpoint ... */
	char		 older[PATH_MAX];	/* ... and the one before */
	char		 text[512];
};

static void
on_stop(int sig)
{
	(void)sig;
	stop = 1;
}

static void
signals_init(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_stop;
	sa.sa_flags = SA_RESTART;
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGTERM, &sa, NULL) == -1 ||
	    sigaction(SIGINT, &sa, NULL) == -1)
		fatal("could not set signal handlers");
}

static int
fail(const char *error_type, const char *text)
{
	log_errx("%s", text);
	event_error(error_type, text);
	return EXIT_FAILURE;
}

static int
path_in(const struct run *r, char *out, const char *name)
{
	int n = snprintf(out, PATH_MAX, "%s/%s", r->workdir, name);

	return n < 0 || n >= PATH_MAX ? -1 : 0;
}

/* A model of a version that has one; 0, or -1 with text. */
static int
load(struct run *r, const char *path, int full, const char *which,
    struct judge_model **out)
{
	char why[256];

	if (path == NULL)
		return 0;
	*out = full ? model_load_full(path, why, sizeof(why)) :
	    judge_model_load(path, why, sizeof(why));
	if (*out != NULL)
		return 0;
	snprintf(r->text, sizeof(r->text),
	    "the model of the %s version cannot be used: %s", which, why);
	return -1;
}

/*
 * Writes a checkpoint and tells of it.  The one before is kept until its
 * successor has been told of too: a reader that dies in between still finds
 * the file it knows.  Trouble is no reason to stop training.
 */
static void
checkpoint(struct run *r, const struct fit *f)
{
	char name[64], path[PATH_MAX];

	snprintf(name, sizeof(name), "checkpoint-%04d", f->epoch);
	if (path_in(r, path, name) == -1 || checkpoint_save(f, path) == -1) {
		log_warn("could not write a checkpoint epoch=%d", f->epoch);
		return;
	}
	event_checkpoint(f, path, ++r->checkpoints);
	if (strcmp(path, r->kept) == 0)
		return;
	if (r->older[0] != '\0' && unlink(r->older) == -1 && errno != ENOENT)
		log_warn("could not remove an old checkpoint");
	memcpy(r->older, r->kept, sizeof(r->older));
	memcpy(r->kept, path, sizeof(r->kept));
}

/* 0 when all epochs are done, else the exit status. */
static int
epochs(struct run *r, struct fit *f)
{
	int64_t last = ts_mono();
	char why[256];

	if (r->resume != NULL && checkpoint_load(f, r->resume, why,
	    sizeof(why)) == -1)
		log_warnx("checkpoint not used, starting over reason=%s", why);
	while (!f->done) {
		fit_epoch(f);
		event_step(f);
		if (stop)
			break;
		if (!f->done && ts_mono() - last >= r->interval) {
			checkpoint(r, f);
			last = ts_mono();
		}
	}
	if (!stop)
		return 0;
	checkpoint(r, f);
	return EXIT_STOPPED;
}

/*
 * Writes the model and reads it back: what is measured is what the responder
 * will load, not what we believe we wrote.
 */
static struct judge_model *
publish(struct run *r, struct fit *f, char *path)
{
	struct judge_model *m, *written = NULL;
	char why[256];

	m = fit_model(f);
	if (path_in(r, path, "model.tyj") == -1 || model_save(m, path) == -1)
		snprintf(r->text, sizeof(r->text),
		    "could not write the model: %s", strerrordesc_np(errno));
	else if ((written = judge_model_load(path, why, sizeof(why))) == NULL)
		snprintf(r->text, sizeof(r->text),
		    "the written model cannot be used: %s", why);
	if (written != NULL)
		written->origin = m->origin;
	judge_model_free(m);
	return written;
}

/* A file that somebody looks at is worth a warning, but not a failure. */
static const char *
report(struct run *r, const char *name, const struct buf *text, char *path)
{
	if (path_in(r, path, name) == 0 &&
	    file_publish(path, text->data, text->len) == 0)
		return path;
	log_warn("could not write the report file=%s", name);
	return NULL;
}

static void
finish(struct run *r, const struct fit *f, const struct judge_model *trained,
    const struct consistency *k, const char *path)
{
	char json_path[PATH_MAX], html_path[PATH_MAX];
	struct results *results = results_new(&r->job, r->data, trained, k);
	struct event_files files = { path, NULL, NULL };
	struct arena *a = arena_new((size_t)1 << 18);
	struct report *rep = report_new(a, results, f, trained);
	struct buf text;

	buf_init(&text, a);
	report_json(rep, &text);
	files.report = report(r, "report.json", &text, json_path);
	buf_init(&text, a);
	report_html(rep, &text);
	files.report_html = report(r, "report.html", &text, html_path);
	event_end(results, f, trained, &files);
	arena_free(a);
	results_free(results);
}

static int
measure(struct run *r, const struct fit *f, const struct judge_model *trained,
    const char *path)
{
	struct consistency k;

	switch (consist_read(&r->job, trained != NULL ? trained : r->base,
	    &stop, &k, r->text, sizeof(r->text))) {
	case 0:
		finish(r, f, trained, &k, path);
		return EXIT_SUCCESS;
	case 1:
		return EXIT_STOPPED;
	default:
		return fail(internal, r->text);
	}
}

static int
train(struct run *r)
{
	struct judge_model *trained;
	char path[PATH_MAX];
	struct fit *f;
	int rv;

	f = fit_new(&r->job, r->data, r->base);
	if (f == NULL)
		return fail(insufficient,
		    "the training part has no label to learn from");
	event_start(&r->job, r->data);
	if ((rv = epochs(r, f)) == 0) {
		event_eval(f);
		if ((trained = publish(r, f, path)) == NULL)
			rv = fail(internal, r->text);
		else
			rv = measure(r, f, trained, path);
		judge_model_free(trained);
	}
	fit_free(f);
	return rv;
}

static int
validate(struct run *r)
{
	if (results_holdout(r->data) == 0) {
		snprintf(r->text, sizeof(r->text), r->data->left_out > 0 ?
		    "version %lld was trained on all of the feedback" :
		    "no feedback to compare version %lld with",
		    (long long)r->job.base.number);
		return fail(insufficient, r->text);
	}
	event_start(&r->job, r->data);
	return measure(r, NULL, NULL, NULL);
}

static int
run(struct run *r, const char *job_path)
{
	if (job_read(r->arena, job_path, &r->job, r->text,
	    sizeof(r->text)) == -1)
		return fail(internal, r->text);
	if (load(r, r->job.base.model, r->job.type != TRAIN_VALIDATION, "base",
	    &r->base) == -1 || (r->job.type != TRAIN_VALIDATION &&
	    load(r, r->job.active.model, 0, "active", &r->active) == -1))
		return fail(internal, r->text);
	r->data = data_new(r->job.base.criteria.n);
	switch (data_read(r->data, &r->job, r->job.type == TRAIN_VALIDATION ?
	    r->base : r->active, &stop, r->text, sizeof(r->text))) {
	case 0:
		break;
	case 1:
		return EXIT_STOPPED;
	default:
		return fail(internal, r->text);
	}
	return r->job.type == TRAIN_VALIDATION ? validate(r) : train(r);
}

static void
usage(void)
{
	fprintf(stderr, "usage: trainyard-judge [-c seconds]\n"
	    "\twith TRAINYARD_JOB, TRAINYARD_WORKDIR and, to go on,"
	    " TRAINYARD_RESUME\n\tin the environment\n");
	exit(EX_USAGE);
}

static int64_t
seconds(const char *s)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(s, &end, 10);
	if (end == s || *end != '\0' || errno != 0 || n < 0 || n > 86400)
		usage();
	return (int64_t)n * 1000000;
}

int
main(int argc, char *argv[])
{
	const char *job_path;
	struct run r;
	int ch, rv;

	memset(&r, 0, sizeof(r));
	r.interval = (int64_t)INTERVAL * 1000000;
	while ((ch = getopt(argc, argv, "c:")) != -1) {
		if (ch != 'c')
			usage();
		r.interval = seconds(optarg);
	}
	job_path = getenv("TRAINYARD_JOB");
	r.workdir = getenv("TRAINYARD_WORKDIR");
	r.resume = getenv("TRAINYARD_RESUME");
	if (optind != argc || job_path == NULL || r.workdir == NULL)
		usage();
	if (r.resume != NULL && r.resume[0] == '\0')
		r.resume = NULL;
	log_init("trainyard-judge", LOG_L_INFO);
	signals_init();
	r.arena = arena_new(1 << 16);
	rv = run(&r, job_path);
	data_free(r.data);
	judge_model_free(r.base);
	judge_model_free(r.active);
	arena_free(r.arena);
	return rv;
}
