/* SPDX-License-Identifier: BSD-2-Clause */
/* The FastCGI side of a request thread: the only user of libfcgi. */
#ifndef FCGI_CGI_H
#define FCGI_CGI_H

#include "fcgi/http.h"

struct cgi;

/* Once, before threads. */
void cgi_global_init(void);
/* One per thread, on the shared listening socket (non-blocking). */
struct cgi *cgi_new(int listen_fd);
void cgi_free(struct cgi *);
/*
 * The next request: of the connection that was kept, or of a new one.  1: it
 * was accepted; 0: another thread took it, or the peer left before its
 * parameters were complete; -1: out of descriptors, pause.
 */
int cgi_accept(struct cgi *);
/* The connection that was kept behind the last reply; -1: none. */
int cgi_kept(const struct cgi *);
/* Closes it. */
void cgi_hang_up(struct cgi *);
/* The request's parameters; the body is read later, through the request. */
void cgi_request(struct cgi *, struct arena *, struct req *);
/* 1: the connection will be kept behind this request; cgi_last: it will not. */
int cgi_keeps(const struct cgi *);
void cgi_last(struct cgi *);
/* Sends the reply and ends the request.  0, or -1 when the client is gone. */
int cgi_reply(struct cgi *, const struct req *, const struct reply *);
/* Ends the request without an answer. */
void cgi_drop(struct cgi *);
/*
 * Main thread: unblocks a thread that has read from a silent peer for too
 * long.  Safe against reuse of the descriptor only when long overdue.
 */
void cgi_unblock(struct cgi *);

#endif
