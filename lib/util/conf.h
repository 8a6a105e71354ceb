/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trainyard.conf: "name = value" lines and blank lines; a value may stand in
 * double quotes, where \" and \\ stand for " and \; # at the beginning or
 * behind a blank begins a comment.  One table, conf.tbl.h, names every
 * setting.  Main thread.
 */
#ifndef UTIL_CONF_H
#define UTIL_CONF_H

#include <stdint.h>
#include <stdio.h>

#define CONF_C_STR	char *
#define CONF_C_INT	int64_t
#define CONF_C_NUM	double
#define CONF_C_BOOL	int

struct conf {
#define CONF(name, type, dflt, min, max, progs, doc) CONF_C_##type name;
#include "util/conf.tbl.h"
#undef CONF
};

/*
 * Defaults, then the file.  Every fault (unknown name with a suggestion, bad
 * value, name twice) is printed to `errs` as "path:line: text"; returns the
 * number of faults, -1 when the file cannot be read.  path NULL: defaults.
 * The caller owns the settings and calls conf_free, whatever is returned;
 * where there was a fault the default stays.
 */
int conf_load(struct conf *, const char *path, FILE *errs);
void conf_free(struct conf *);
/*
 * Reads the file again and takes over what a program (F, D) may change while
 * it runs; logs which settings those are, and which others need a restart.
 * No other thread may read the former.  0: the caller makes use of them, and
 * logs that the settings were read again.  -1 when the file has faults: they
 * are logged, and all stays as it was.
 */
int conf_reload(struct conf *live, const char *path, char program);
/* log_level and log_file take effect; 0, or -1 and errno. */
int conf_log(const struct conf *);
/* A commented sample with every setting and its default. */
void conf_sample(FILE *);
/* mdoc list items for trainyard.conf(5). */
void conf_mdoc(FILE *);
/* The settings in effect, as a file that conf_load reads back. */
void conf_dump(const struct conf *, FILE *);

#define CONF_DEFAULT_PATH	"/etc/trainyard/trainyard.conf"

#endif
