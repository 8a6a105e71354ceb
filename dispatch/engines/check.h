/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is an engine usable here, and what is missing?  The same checks decide
 * whether the dispatcher takes jobs for a far engine.
 */
#ifndef DISPATCH_CHECK_H
#define DISPATCH_CHECK_H

#include "dispatch/engines/engine.h"
#include "util/conf.h"

enum check_verdict { CHECK_OK, CHECK_WARN, CHECK_FAIL };

/*
 * Any thread; takes at most engine_timeout_seconds.  `why` tells people what
 * was found, whatever the verdict; no secrets.
 */
typedef enum check_verdict check_fn(const struct conf *,
    char why[ENGINE_WHY_LEN]);

#define CHECK(engine, name, doc) check_fn check_##engine##_##name;
#include "dispatch/engines/check.tbl.h"
#undef CHECK

typedef void check_seen(void *arg, const char *name, enum check_verdict,
    const char *why);

/*
 * Makes the checks of an engine; the last one made is the first that fails.
 * 0, or -1 when one failed.
 */
int check_engine(const struct engine *, const struct conf *, check_seen *,
    void *arg);

/* 1: can such a command be executed?  By its path, or along PATH. */
int command_found(const char *command);

#endif
