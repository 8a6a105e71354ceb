/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Look-ups of names that do not hold up the rest: a thread each, of which
 * there are not too many.  Who asked may leave before the answer.  One thread
 * asks and takes the answers.
 */
#ifndef DISPATCH_RESOLVE_H
#define DISPATCH_RESOLVE_H

#include <stddef.h>
#include <stdint.h>

#define LOOKUP_ADDRESSES	32	/* of a name with more all count */

struct resolver;
struct lookup;

struct address {
	int	six;
	uint8_t	addr[16];	/* network byte order; 4 bytes when not six */
};

struct answer {
	const char	*error;		/* NULL: there are addresses */
	size_t		 n;
	int		 more;		/* and others still */
	struct address	 address[LOOKUP_ADDRESSES];
};

struct resolver *resolver_new(void);
/* Look-ups that hang go on and free themselves. */
void resolver_free(struct resolver *);
/* Can be read when there are answers. */
int resolver_fd(const struct resolver *);
/*
 * done() is called once, from resolver_take().  NULL: too many are under way,
 * or no thread could be had.  host: a name or an IP address without brackets.
 */
struct lookup *lookup_start(struct resolver *, const char *host,
    void (*done)(void *arg, const struct answer *), void *arg);
/* Nobody waits for it any more. */
void lookup_leave(struct lookup *);
void resolver_take(struct resolver *);

#endif
