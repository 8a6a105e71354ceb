/* SPDX-License-Identifier: BSD-2-Clause */
/* The responder's metrics: requests by route, threads, writer and pool. */
#ifndef FCGI_METER_H
#define FCGI_METER_H

#include "fcgi/app.h"
#include "fcgi/http.h"
#include "fcgi/serve.h"

struct meter;

/* Main thread, before others, where metrics are wanted. */
void meter_open(void);
/* Main thread.  NULL: they are served nowhere. */
struct meter *meter_start(struct app *, struct crew *);
/* Before the crew stops.  NULL is allowed. */
void meter_stop(struct meter *);
/* Any thread: one request that is over, and began at a point of ts_mono(). */
void meter_request(const struct req *, const struct reply *, int64_t began);

#endif
