/* SPDX-License-Identifier: BSD-2-Clause */
/* Values as PostgreSQL reads them. */
#include "config.h"

#include <inttypes.h>

#include "store/sqlval.h"
#include "util/ts.h"

const char *
sql_int(struct arena *a, int64_t n)
{
	return arena_printf(a, "%" PRId64, n);
}

const char *
sql_real(struct arena *a, double x)
{
	return arena_printf(a, "%.17g", x);
}

const char *
sql_ts(struct arena *a, int64_t us)
{
	char	*out;

	if (us == TS_NONE)
		return NULL;
	out = arena_alloc(a, TS_LEN);
	ts_format(us, out);
	return out;
}
