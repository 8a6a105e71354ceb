/* SPDX-License-Identifier: BSD-2-Clause */
/* Conditional requests: ETag, If-None-Match, If-Match. */
#ifndef FCGI_CONDITION_H
#define FCGI_CONDITION_H

#include "fcgi/http.h"

/*
 * 1 when the caller says that it has that version (weak comparison:
 * compression weakens tags).
 */
int condition_have(struct req *, const char *etag);
/*
 * Sets ETag and Cache-Control: private, no-cache.  1 and a 304 when the
 * caller has that version.
 */
int condition_not_modified(struct req *, struct reply *, const char *etag);
/* 1 unless If-Match was sent and names no current version. */
int condition_match(struct req *, const char *etag);

#endif
