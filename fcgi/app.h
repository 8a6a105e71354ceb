/* SPDX-License-Identifier: BSD-2-Clause */
/* What all request threads share; made by main, read-only afterwards. */
#ifndef FCGI_APP_H
#define FCGI_APP_H

#include <stdatomic.h>

#include "domain/access.h"
#include "domain/estimate.h"
#include "domain/judge_models.h"
#include "domain/limits.h"
#include "domain/models.h"
#include "domain/refs.h"
#include "store/batcher.h"
#include "store/pool.h"
#include "util/conf.h"

struct app {
	const struct conf	*conf;
	struct pool		*pool;
	struct batcher		*writer;	/* group commits */
	struct batcher		*reader;	/* jobs by their ids */
	struct access		*access;
	struct limits		*limits;
	struct refs		*refs;
	struct models		*models;
	struct judge_models	*judge_models;
	struct pace		*pace;
	int			 listen_fd;
	int			 stop_fd;	/* eventfd: readable = stop */
	atomic_int		 stopping;
	atomic_int		 waiters;	/* requests that wait for lines */
	atomic_ullong		 stale;		/* writes of superseded attempts */
};

#endif
