/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread that hears of changed access. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "fcgi/watch.h"
#include "util/log.h"

#define RETRY_MS	250
#define RETRY_LISTEN_MS	10000	/* a standby takes no LISTEN */

struct watch {
	struct app	*app;
	pthread_t	 thread;
};

static void
trust(struct app *app, int on)
{
	access_trust(app->access, on);
	models_trust(app->models, on);
}

/* Waits for the stop event or the connection; 1 when it is time to stop. */
static int
wait_for(struct app *app, int fd, int timeout)
{
	struct pollfd	p[2] = { { app->stop_fd, POLLIN, 0 },
	    { fd, POLLIN, 0 } };

	if (poll(p, fd == -1 ? 1 : 2, timeout) == -1 && errno != EINTR)
		fatal("poll");
	return app->stopping;
}

static void *
watch_run(void *arg)
{
	struct watch	*w = arg;
	struct app	*app = w->app;
	struct db	*db = NULL;
	const char	*channel, *payload;
	char		 why[DB_WHY_LEN];
	int		 r, wait;

	while (!app->stopping) {
		if (db == NULL) {
			/* that there is no server the pool says, and once */
			wait = RETRY_MS;
			if (db_connect(app->conf->database, "trainyard-fcgi "
			    "watch", (int)app->conf->statement_timeout_ms,
			    &db, why) == ERR_OK && db_listen(db,
			    "trainyard_access") != ERR_OK) {
				if (db_alive(db))
					wait = RETRY_LISTEN_MS;
				db_close(db);
				db = NULL;
			}
			if (db == NULL) {
				wait_for(app, -1, wait);
				continue;
			}
			/* what changed before now is read afresh */
			trust(app, 1);
			log_debug("listening for changed access");
		}
		if (wait_for(app, db_fd(db), -1))
			break;
		while ((r = db_notification(db, &channel, &payload)) == 1) {
			access_forget(app->access);
			models_forget(app->models);
		}
		if (r == -1) {
			trust(app, 0);
			db_close(db);
			db = NULL;
			log_warnx("lost the connection that hears of changed "
			    "tokens; asking PostgreSQL each time until it "
			    "is back");
		}
	}
	db_close(db);
	return NULL;
}

struct watch *
watch_start(struct app *app)
{
	struct watch	*w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		fatal("watch");
	w->app = app;
	trust(app, 0);
	if ((errno = pthread_create(&w->thread, NULL, watch_run, w)) != 0)
		fatal("cannot start a thread");
	return w;
}

void
watch_stop(struct watch *w)
{
	pthread_join(w->thread, NULL);
	free(w);
}
