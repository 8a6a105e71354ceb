/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks up the rows of err.tbl.h. */
#include "config.h"

#include <stddef.h>

#include "util/err.h"

static const struct {
	int		 http;
	const char	*type;
	const char	*text;
	int		 retry;
} errs[ERR__MAX] = {
	[ERR_OK] = { 200, "", "", 0 },
#define ERR(sym, http, type, text, retry) \
	[ERR_##sym] = { http, type, text, retry },
#include "util/err.tbl.h"
#undef ERR
};

/* A number from nowhere must not become a success. */
static enum err
err_known(enum err e)
{
	return (size_t)e < ERR__MAX ? e : ERR_INTERNAL;
}

int
err_http(enum err e)
{
	return errs[err_known(e)].http;
}

const char *
err_type(enum err e)
{
	return errs[err_known(e)].type;
}

const char *
err_text(enum err e)
{
	return errs[err_known(e)].text;
}

int
err_retryable(enum err e)
{
	return errs[err_known(e)].retry;
}
