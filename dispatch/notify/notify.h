/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the outbox holds goes out: webhooks and mail, from a thread of their
 * own with a connection of its own, so that no job waits for a receiver and
 * no receiver for a job.
 */
#ifndef DISPATCH_NOTIFY_H
#define DISPATCH_NOTIFY_H

#include "util/conf.h"

struct notify;

/* Main thread, signals blocked.  NULL: this site sends nothing from here. */
struct notify *notify_start(const struct conf *);
/*
 * Claims nothing more, gives what is on its way the time that it may take,
 * and ends the thread.  NULL is allowed.
 */
void notify_stop(struct notify *);

#endif
