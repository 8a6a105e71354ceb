/* SPDX-License-Identifier: BSD-2-Clause */
/* trainyard-fcgi: start, wait for signals, drain, end. */
#include "config.h"

#include <sys/eventfd.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "domain/blob.h"
#include "domain/webhook_url.h"
#include "fcgi/app.h"
#include "fcgi/cgi.h"
#include "fcgi/meter.h"
#include "fcgi/serve.h"
#include "fcgi/watch.h"
#include "store/schema.h"
#include "util/listen.h"
#include "util/log.h"
#include "util/sdn.h"

#define BACKLOG		1024
#define BATCH_QUEUE	4096
#define CHECK_SECONDS	5
#define START_TRIES	3
/* judge versions that nobody scores with at the moment */
#define JUDGE_BYTES	((size_t)24 << 20)

static void
usage(void)
{
	fprintf(stderr, "usage: trainyard-fcgi [-tV] [-c file]\n");
	exit(2);
}

static void
nonblocking(int fd)
{
	int	flags;

	if ((flags = fcntl(fd, F_GETFL)) == -1 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		fatal("the listening socket");
}

/*
 * An older schema ends the start; a database that is away does not: requests
 * are answered 503 until it is there.
 */
static void
check_schema(struct app *app)
{
	struct db	*db;
	enum err	 err = ERR_UNAVAILABLE;
	int		 tries;

	/* a server that refuses says so at once, a slow one gets its time */
	for (tries = 0; tries < START_TRIES && err != ERR_OK; tries++)
		err = pool_take(app->pool, &db);
	if (err != ERR_OK) {
		log_warnx("the database is not available; serving 503 until "
		    "it is");
		return;
	}
	err = schema_ready(db);
	pool_give(app->pool, db);
	if (err == ERR_PRECONDITION)
		fatalx("refusing to start with this schema");
}

static void
signals_block(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGPIPE);
	/* before any thread: only main takes them, no thread sees EINTR */
	if (pthread_sigmask(SIG_BLOCK, set, NULL) != 0)
		fatalx("cannot block signals");
}

static void
reload(struct app *app, struct conf *conf, const char *path)
{
	sdn_notify("RELOADING=1");
	if (conf_reload(conf, path, 'F') == 0) {
		limits_set(app->limits, conf->rate_limit, conf->queue_quota);
		log_info("settings were read again");
	}
	sdn_notify("READY=1");
}

/* Returns when the process was told to end. */
static void
wait_for_end(const sigset_t *set, struct crew *crew, struct app *app,
    struct conf *conf, const char *path)
{
	struct timespec	tick = { CHECK_SECONDS, 0 };
	int		sig;

	for (;;) {
		sig = sigtimedwait(set, NULL, &tick);
		if (sig == SIGTERM || sig == SIGINT)
			return;
		if (sig == SIGHUP)
			reload(app, conf, path);
		if (crew_check(crew) && sdn_watchdog_us() > 0)
			sdn_notify("WATCHDOG=1");
	}
}

static void
app_start(struct app *app, const struct conf *conf)
{
	memset(app, 0, sizeof(*app));
	app->conf = conf;
	if (blob_init(conf->data_dir) == -1)
		fatal("cannot use data_dir %s", conf->data_dir);
	if ((app->listen_fd = sdn_listen_fd()) == -1)
		app->listen_fd = listen_path(conf->listen, BACKLOG);
	nonblocking(app->listen_fd);
	if ((app->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1)
		fatal("eventfd");
	app->pool = pool_new(conf->database, "trainyard-fcgi",
	    (int)conf->connections, (int)conf->statement_timeout_ms);
	check_schema(app);
	app->writer = batcher_new(conf->database, BATCH_WRITES,
	    (int)conf->writers, (int)conf->batch, BATCH_QUEUE,
	    (int)conf->statement_timeout_ms);
	app->reader = batcher_new(conf->database, BATCH_READS,
	    (int)conf->readers, (int)conf->batch, BATCH_QUEUE,
	    (int)conf->statement_timeout_ms);
	app->access = access_new(app->pool, conf->token_cache_seconds);
	app->limits = limits_new(app->pool, conf->rate_limit,
	    conf->queue_quota);
	app->refs = refs_new(app->pool);
	app->models = models_new(app->pool, conf->token_cache_seconds);
	app->judge_models = judge_models_new(conf->data_dir, JUDGE_BYTES);
	app->pace = pace_new();
}

int
main(int argc, char *argv[])
{
	struct app	 app;
	struct conf	 conf;
	struct crew	*crew;
	struct meter	*meter;
	struct watch	*watch;
	const char	*path = CONF_DEFAULT_PATH;
	enum log_level	 level;
	sigset_t	 set;
	int		 ch, faults, busy, test = 0;

	while ((ch = getopt(argc, argv, "c:tV")) != -1)
		switch (ch) {
		case 'c':
			path = optarg;
			break;
		case 't':
			test = 1;
			break;
		case 'V':
			printf("trainyard-fcgi %s\n", PACKAGE_VERSION);
			return 0;
		default:
			usage();
		}
	if (optind != argc)
		usage();
	log_init("trainyard-fcgi", LOG_L_INFO);
	if ((faults = conf_load(&conf, path, stderr)) != 0)
		fatalx("%s", faults == -1 ? "cannot read the configuration" :
		    "the configuration has faults");
	if (log_level_parse(conf.log_level, &level) == -1)
		fatalx("log_level must be error, warning, info or debug");
	if (strcmp(conf.unknown_fields, "reject") != 0 &&
	    strcmp(conf.unknown_fields, "ignore") != 0)
		fatalx("unknown_fields must be reject or ignore");
	if (test)
		return 0;
	log_init("trainyard-fcgi", level);
	if (conf_log(&conf) == -1)
		fatal("cannot open log_file %s", conf.log_file);

	signals_block(&set);
	cgi_global_init();
	webhook_allow(conf.webhook_allow);
	if (conf.metrics_responder[0] != '\0')
		meter_open();
	app_start(&app, &conf);
	watch = watch_start(&app);
	crew = crew_start(&app);
	meter = meter_start(&app, crew);
	sdn_notify("READY=1");
	log_info("ready threads=%lld", (long long)conf.threads);

	wait_for_end(&set, crew, &app, &conf, path);
	sdn_notify("STOPPING=1");
	log_info("stopping");
	meter_stop(meter);
	if ((busy = crew_stop(crew, (int)conf.drain_seconds)) > 0) {
		/* their memory is in use: end without freeing anything */
		log_errx("%d requests did not end in time", busy);
		_exit(1);
	}
	watch_stop(watch);
	batcher_free(app.writer);
	batcher_free(app.reader);
	pool_free(app.pool);
	access_free(app.access);
	limits_free(app.limits);
	refs_free(app.refs);
	models_free(app.models);
	judge_models_free(app.judge_models);
	pace_free(app.pace);
	conf_free(&conf);
	log_info("stopped");
	return 0;
}
