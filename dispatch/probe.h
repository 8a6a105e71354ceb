/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trainyardd -p: makes the checks of all engines, as the dispatcher would, and
 * prints a line for each: engine, "used" or "unused", check, "ok", "warn" or
 * "fail", what was found; tabs between them.  `trainyard doctor` reads that.
 */
#ifndef DISPATCH_PROBE_H
#define DISPATCH_PROBE_H

#include "util/conf.h"

/* The exit status: 1 when an engine that some kind of job uses is unusable. */
int probe_main(const struct conf *);

#endif
