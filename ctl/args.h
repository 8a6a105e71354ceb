/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments of a verb: --name VALUE, --name=VALUE, -q, -f and --json anywhere,
 * the rest by position.  A fault is told with the verb's usage.
 */
#ifndef CTL_ARGS_H
#define CTL_ARGS_H

#include <stdint.h>

#include "ctl/ctl.h"

#define ARGS_LIST	32

enum opt_kind { OPT_FLAG, OPT_TEXT, OPT_LIST };

struct opt_list {
	const char	*item[ARGS_LIST];
	size_t		 n;
};

struct opt {
	const char	*name;		/* without dashes */
	enum opt_kind	 kind;
	void		*into;		/* int, const char * or opt_list */
};

struct args {
	const struct noun	*noun;
	const struct verb	*verb;
	int			 argc;	/* without noun and verb */
	char			**argv;
};

/*
 * 1 when all is well; else the fault was told and the verb returns CTL_USAGE.
 * Between least and most positions are filled, the others are NULL.  opts
 * ends with a NULL name.
 */
int args_read(struct ctl *, struct args *, const struct opt *opts,
    const char **pos, int least, int most);
/* Tells a fault in the arguments; returns CTL_USAGE. */
int args_fault(const struct args *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
void args_usage(const struct noun *, const struct verb *, FILE *);

/*
 * Values.  1 when good, else the fault was told.  NULL passes: it was not
 * given.
 */
int args_slug(const struct args *, const char *what, const char *);
/* 1..200 characters of UTF-8 without control characters. */
int args_name(const struct args *, const char *what, const char *);
int args_number(const struct args *, const char *what, const char *,
    int64_t least, int64_t most);
int args_email(const struct args *, const char *);
/* Cuts ORG/KEY in two; both must be slugs. */
int args_path(struct ctl *, const struct args *, const char *path,
    const char **org, const char **key);
/* "90d", "12h", "30m", "45s", "2w": 1 and seconds. */
int args_duration(const struct args *, const char *what, const char *,
    int64_t *seconds);
/* An integer as text for a parameter. */
const char *ctl_int(struct ctl *, int64_t);

#endif
