/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mail that tells of a job's end, whole: header and plain text.  Nothing
 * that a caller wrote can add a header or an address.  Any thread.
 */
#ifndef DOMAIN_MAIL_H
#define DOMAIN_MAIL_H

#include <stddef.h>
#include <stdint.h>

#include "store/store_job.h"
#include "util/arena.h"

struct mail_envelope {
	const char	*from, *to;	/* addresses, nothing else */
	const char	*id, *host;	/* Message-ID: <id@host> */
	int64_t		 unix_time;
	const char	*eol;		/* "\r\n" or "\n" */
};

const char *mail_write(struct arena *, const struct mail_envelope *,
    const struct job *, size_t *len);

/* The parts, for tests.  A header's value: as it is, or RFC 2047. */
const char *mail_header_text(struct arena *, const char *utf8,
    const char *eol);
/* RFC 2045's quoted-printable of a text with \n line ends. */
const char *mail_quote(struct arena *, const char *utf8, const char *eol);
/* RFC 5322, UTC. */
const char *mail_date(struct arena *, int64_t unix_time);

#endif
