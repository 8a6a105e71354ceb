/* SPDX-License-Identifier: BSD-2-Clause */
/* The closed set of errors, made from err.tbl.h. */
#ifndef UTIL_ERR_H
#define UTIL_ERR_H

enum err {
	ERR_OK = 0,
#define ERR(sym, http, type, text, retry) ERR_##sym,
#include "util/err.tbl.h"
#undef ERR
	ERR__MAX
};

/* HTTP status; 200 for ERR_OK.  Any thread, all of this file. */
int err_http(enum err);
/* Stable name for programs ("not_found_error"); "" for ERR_OK. */
const char *err_type(enum err);
/* One line for people when the caller knows no better. */
const char *err_text(enum err);
/* Non-zero when asking again later may help. */
int err_retryable(enum err);

/* Most callers must look at what they get. */
#define MUSTCHECK __attribute__((warn_unused_result))

#endif
