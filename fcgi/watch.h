/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listens for changes of tokens, memberships and the catalog, so that what
 * the responder remembers of them is dropped at once.
 */
#ifndef FCGI_WATCH_H
#define FCGI_WATCH_H

#include "fcgi/app.h"

struct watch;

/* Starts the listening thread.  Nothing is remembered until it listens. */
struct watch *watch_start(struct app *);
/* After app->stop_fd was written. */
void watch_stop(struct watch *);

#endif
