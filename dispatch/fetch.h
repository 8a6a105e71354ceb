/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many exchanges at once, over HTTP and SMTP: the one user of libcurl.  A
 * fetcher and all of its exchanges belong to one thread.  Nothing is
 * inherited from the environment, no redirect is followed, certificates are
 * verified, connections are not kept.
 */
#ifndef DISPATCH_FETCH_H
#define DISPATCH_FETCH_H

#include <stddef.h>
#include <stdint.h>

#define FETCH_EXCERPT	1024		/* bytes of an answer that are kept */
#define FETCH_HEADERS	12

struct fetcher;
struct fetch;

struct fetch_result {
	int		 status;	/* HTTP or SMTP; 0: none came */
	const char	*error;		/* NULL: the exchange is complete */
	int64_t		 retry_after;	/* seconds; 0: not asked for */
	const char	*excerpt;	/* any bytes, with a NUL behind them */
	size_t		 excerpt_len;
	int		 cut;		/* there was more */
};

/* Texts must live as long as the exchange. */
struct fetch_request {
	const char	*url;
	int64_t		 timeout_ms;	/* of the whole exchange, > 0 */
	const char	*body;
	size_t		 len;
	size_t		 keep;		/* bytes of the answer; 0: an excerpt */
	/* HTTP */
	const char	*method;	/* NULL: POST */
	const char	*header[FETCH_HEADERS];	/* "Name: value" */
	/* HOST:PORT:ADDRESS[,ADDRESS]...; nothing else is looked up then */
	const char	*connect[2];
	/* 0: an address (4 or 16 bytes) that is not to be called */
	int		(*may_call)(int six, const uint8_t *addr, void *arg);
	/* SMTP: an envelope instead */
	const char	*mail_from, *mail_to;
	const char	*user, *password;	/* NULL: no login */

	void		(*done)(void *arg, const struct fetch_result *);
	void		*arg;
};

/* ca_file: "" for the system's certificates.  Any thread. */
struct fetcher *fetcher_new(const char *ca_file);
/* No exchange may be left. */
void fetcher_free(struct fetcher *);
/*
 * done() is called once, from fetcher_wait(), and frees the exchange; the
 * result lives until it returns.
 */
struct fetch *fetch_start(struct fetcher *, const struct fetch_request *);
/* Ends it without a word. */
void fetch_cancel(struct fetch *);
/*
 * Waits until one of the descriptors can be read, an exchange goes on, or
 * the time is over; then moves all exchanges on.
 */
void fetcher_wait(struct fetcher *, const int *fds, size_t n, int64_t ms);

#endif
