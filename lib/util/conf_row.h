/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of conf.tbl.h, for the files that are conf.h. */
#ifndef UTIL_CONF_ROW_H
#define UTIL_CONF_ROW_H

#include <stddef.h>

enum conf_type { CONF_T_STR, CONF_T_INT, CONF_T_NUM, CONF_T_BOOL };

struct row {
	const char	*name;
	enum conf_type	 type;
	size_t		 offset;	/* in struct conf */
	const char	*dflt;
	double		 min;		/* exact: the bounds are below 2^53 */
	double		 max;
	const char	*progs;
	const char	*doc;
};

extern const struct row conf_rows[];	/* ends with a NULL name */

#endif
