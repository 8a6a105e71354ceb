/* SPDX-License-Identifier: BSD-2-Clause */
/* trainyardd: start, one loop, end. */
#include "config.h"

#include <sys/inotify.h>
#include <sys/signalfd.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dispatch/dispatch.h"
#include "dispatch/keeper.h"
#include "dispatch/meter.h"
#include "dispatch/notify/notify.h"
#include "dispatch/probe.h"
#include "domain/blob.h"
#include "domain/estimate.h"
#include "domain/webhook_url.h"
#include "util/log.h"
#include "util/sdn.h"
#include "util/ts.h"

#define ARENA_CHUNK	((size_t)256 << 10)
#define FILES_QUIET	(SECOND / 100)
#define LAST_WAIT	(5 * SECOND)	/* beyond what runs were given */

static struct dispatcher dispatcher;
static struct conf settings;	/* main's and the dispatcher's */
static const char *conf_path = CONF_DEFAULT_PATH;
static int signal_fd;

static void
usage(void)
{
	(void)fprintf(stderr, "usage: trainyardd [-ptV] [-c file]\n");
	exit(2);
}

/* Runs that go on without us: their last words so far, and a whole lease. */
static void
stop_leave(struct dispatcher *d)
{
	log_info("stopping; running jobs go on and are found again runs=%zu",
	    d->nruns);
	d->stopping = STOP_LEAVE;
}

static void
stop_hand_back(struct dispatcher *d)
{
	struct run *r;

	log_info("stopping; jobs are stopped and queued again runs=%zu",
	    d->nruns);
	d->stopping = STOP_HAND_BACK;
	d->stop_by = ts_mono() + d->conf->drain_seconds * SECOND + LAST_WAIT;
	TAILQ_FOREACH(r, &d->runs, entry)
		run_stop(d, r, d->conf->drain_seconds);
}

static void
signalled(void *arg)
{
	struct dispatcher *d = arg;
	struct signalfd_siginfo info;

	while (read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			sdn_notify("RELOADING=1");
			if (conf_reload(&settings, conf_path, 'D') == 0) {
				serving_resize(d);
				log_info("settings were read again");
			}
			sdn_notify("READY=1");
		} else if (d->stopping != STOP_NOT)
			/* Asked twice: do not wait for runs. */
			d->stop_by = 0;
		else if (info.ssi_signo == SIGINT)
			stop_hand_back(d);
		else
			stop_leave(d);
	}
}

/*
 * A runner that prints a lot would wake us for each line, so after some news
 * nobody listens for a moment.
 */
static void
files_changed(void *arg)
{
	struct dispatcher *d = arg;
	_Alignas(struct inotify_event) char buf[4096];
	const struct inotify_event *ev;
	const char *at;
	struct run *r;
	ssize_t n;

	while ((n = read(d->inotify, buf, sizeof(buf))) > 0)
		for (at = buf; at < buf + n; at += sizeof(*ev) + ev->len) {
			ev = (const struct inotify_event *)(const void *)at;
			/* Overflow: anything may have changed. */
			TAILQ_FOREACH(r, &d->runs, entry)
				if (ev->wd == -1 || r->wd[0] == ev->wd ||
				    r->wd[1] == ev->wd)
					r->dirty = 1;
		}
	loop_unwatch(d->loop, d->inotify_watch);
	d->inotify_watch = NULL;
	d->inotify_at = ts_mono() + FILES_QUIET;
}

static void
files_turn(struct dispatcher *d)
{
	if (d->inotify != -1 && d->inotify_watch == NULL &&
	    ts_mono() >= d->inotify_at)
		d->inotify_watch = loop_watch(d->loop, d->inotify,
		    files_changed, d);
}

static void
signals_take(struct dispatcher *d)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		fatal("signals");
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd == -1)
		fatal("signalfd");
	(void)loop_watch(d->loop, signal_fd, signalled, d);
}

/* Children get descriptors 0, 1 and 2 from us: nothing else may lie there. */
static void
standard_fds_fill(void)
{
	int fd;

	do {
		if ((fd = open("/dev/null", O_RDWR)) == -1)
			fatal("/dev/null");
	} while (fd <= STDERR_FILENO);
	(void)close(fd);
}

static void
dispatcher_init(struct dispatcher *d)
{
	memset(d, 0, sizeof(*d));
	d->conf = &settings;
	d->began = ts_mono();
	d->arena = arena_new(ARENA_CHUNK);
	d->ends = arena_new(ARENA_CHUNK / 8);
	d->loop = loop_new();
	TAILQ_INIT(&d->runs);
	metric_walk_begin(&d->metric_walk);
	if (blob_init(settings.data_dir) == -1)
		fatal("cannot use data_dir %s", settings.data_dir);
	worker_take(settings.data_dir, d->worker);
	d->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (d->inotify == -1)
		log_warn("inotify is not to be had; files are looked at "
		    "every second");
	signals_take(d);
	serving_init(d);
	d->pace = pace_new();
	claim_init(d);
}

/* What needs the database, most urgent first. */
static void
database_turn(struct dispatcher *d)
{
	if (!link_up(d)) {
		if (!d->recovered)
			sdn_notify("EXTEND_TIMEOUT_USEC=30000000\n"
			    "STATUS=waiting for the database");
		return;
	}
	if (!d->recovered) {
		if (!claim_recover(d)) {
			link_close(d);
			d->reconnect_at = ts_mono() + SECOND;
			return;
		}
		d->recovered = 1;
		sdn_notify("READY=1\nSTATUS=");
		log_info("ready worker=%s slots=%lld", d->worker,
		    (long long)d->conf->slots);
	}
	if (d->want_beat || ts_mono() >= d->next_beat)
		beat_all(d);
	serving_turn(d, ts_mono());
	if (d->db != NULL && ts_mono() >= claim_due(d))
		claim_jobs(d);
	house_tick(d, ts_mono());
}

static void
watchdog_ping(struct dispatcher *d)
{
	if (ts_mono() < d->next_ping)
		return;
	sdn_notify("WATCHDOG=1");
	d->next_ping = ts_mono() + sdn_watchdog_us();
}

/* Before whatever may take longer than a lease. */
static void
beat_if_due(struct dispatcher *d)
{
	if (d->db != NULL && ts_mono() >= d->next_beat)
		beat_all(d);
}

static void
runs_turn(struct dispatcher *d)
{
	struct run *r, *next;

	for (r = TAILQ_FIRST(&d->runs); r != NULL; r = next) {
		next = TAILQ_NEXT(r, entry);
		arena_reset(d->arena);
		watchdog_ping(d);
		beat_if_due(d);
		run_step(d, r, ts_mono());
	}
	beat_if_due(d);
	ends_write(d);
}

static int64_t
turn_due(const struct dispatcher *d)
{
	const struct run *r;
	int64_t due = d->next_ping, t;

	if (d->db == NULL)
		t = d->reconnect_at;
	else {
		t = d->want_beat ? 0 : d->next_beat;
		if (claim_due(d) < t)
			t = claim_due(d);
		if (house_due(d) < t)
			t = house_due(d);
		if (serving_due(d) < t)
			t = serving_due(d);
	}
	if (t < due)
		due = t;
	TAILQ_FOREACH(r, &d->runs, entry)
		if ((t = run_due(r)) < due)
			due = t;
	if (d->inotify != -1 && d->inotify_watch == NULL &&
	    d->inotify_at < due)
		due = d->inotify_at;
	if (d->stopping == STOP_HAND_BACK && d->stop_by < due)
		due = d->stop_by;
	return due;
}

static int
stopped(const struct dispatcher *d)
{
	switch (d->stopping) {
	case STOP_LEAVE:
		return 1;
	case STOP_HAND_BACK:
		return d->nruns == 0 || ts_mono() >= d->stop_by;
	case STOP_NOT:
		break;
	}
	return 0;
}

static void
dispatcher_run(struct dispatcher *d)
{
	d->next_ping = sdn_watchdog_us() > 0 ? 0 : NEVER;
	while (!stopped(d)) {
		arena_reset(d->arena);
		database_turn(d);
		files_turn(d);
		runs_turn(d);
		meter_runs(d);
		watchdog_ping(d);
		if (!stopped(d))
			loop_wait(d->loop, turn_due(d));
	}
	sdn_notify("STOPPING=1");
	/* What was printed until now, and leases that outlast a restart. */
	if (d->db != NULL)
		runs_turn(d);
	if (d->db != NULL)
		beat_all(d);
	if (d->db != NULL)
		seen_stop(d);
}

static void
dispatcher_free(struct dispatcher *d)
{
	struct run *r;

	serving_end(d);
	while ((r = TAILQ_FIRST(&d->runs)) != NULL)
		run_free(d, r);
	link_close(d);
	claim_end(d);
	sweep_end(d);
	pace_free(d->pace);
	loop_free(d->loop);
	if (d->inotify != -1)
		(void)close(d->inotify);
	(void)close(signal_fd);
	arena_free(d->ends);
	arena_free(d->arena);
	log_info("stopped claimed=%ju found_again=%ju ended=%ju lost=%ju "
	    "stale=%ju", d->count.claimed, d->count.recovered,
	    d->count.finished, d->count.lost, d->count.stale);
}

static void
engines_check(const struct conf *conf)
{
	const struct {
		const char	*setting, *engine;
	} kinds[] = {
#define KIND(name) { "engine_" #name, conf->engine_##name },
#include "domain/kind.tbl.h"
#undef KIND
	};
	const struct engine *e;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if ((e = engine_find(kinds[i].engine)) == NULL)
			fatalx("%s: there is no engine %s",
			    kinds[i].setting, kinds[i].engine);
		/* Nobody hands their models over the API. */
		if (e->apart && strcmp(kinds[i].setting, "engine_judge") == 0)
			fatalx("%s: the engine %s shares no files, which "
			    "judge training needs", kinds[i].setting,
			    e->name);
	}
}

int
main(int argc, char *argv[])
{
	struct meter *meter;
	struct notify *notify;
	enum log_level level;
	int ch, faults, keeper = 0, probe = 0, test = 0;

	while ((ch = getopt(argc, argv, "c:KptV")) != -1)
		switch (ch) {
		case 'c':
			conf_path = optarg;
			break;
		case 'K':
			keeper = 1;
			break;
		case 'p':
			probe = 1;
			break;
		case 't':
			test = 1;
			break;
		case 'V':
			(void)printf("trainyardd %s\n", PACKAGE_VERSION);
			return 0;
		default:
			usage();
		}
	if (keeper && optind < argc)
		return keeper_main(argv + optind);
	if (keeper || optind != argc)
		usage();
	standard_fds_fill();
	log_init("trainyardd", LOG_L_INFO);
	if ((faults = conf_load(&settings, conf_path, stderr)) != 0)
		fatalx("%s", faults == -1 ? "cannot read the configuration" :
		    "the configuration has faults");
	if (log_level_parse(settings.log_level, &level) == -1)
		fatalx("log_level must be error, warning, info or debug");
	engines_check(&settings);
	if (test)
		return 0;
	if (probe)
		return probe_main(&settings);
	log_init("trainyardd", level);
	if (conf_log(&settings) == -1)
		fatal("cannot open log_file %s", settings.log_file);
	webhook_allow(settings.webhook_allow);
	dispatcher_init(&dispatcher);
	meter_open(&settings);
	meter = meter_start(&settings);
	notify = notify_start(&settings);
	dispatcher_run(&dispatcher);
	notify_stop(notify);
	meter_stop(meter);
	dispatcher_free(&dispatcher);
	conf_free(&settings);
	return 0;
}
