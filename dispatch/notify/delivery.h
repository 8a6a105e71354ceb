/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One try of one notification.  It is begun by webhook.c or mail.c, which
 * call delivery_end() once, now or later; then queue.c records what came of
 * it, which may take several attempts while the database is away.
 *
 *	D_UNDER_WAY	a name is looked up or an exchange goes on
 *	D_ENDED		to be recorded
 */
#ifndef DISPATCH_DELIVERY_H
#define DISPATCH_DELIVERY_H

#include <sys/queue.h>
#include <sys/types.h>

#include "dispatch/fetch.h"
#include "dispatch/resolve.h"
#include "store/store_outbox.h"
#include "util/conf.h"

#define TRY_MS		10000	/* of a webhook, for everything */
#define MAIL_MS		30000	/* mail servers take their time */

enum outcome { OUT_SENT, OUT_AGAIN, OUT_NEVER, OUT_STOP };
enum delivery_phase { D_UNDER_WAY, D_ENDED };

struct delivery {
	TAILQ_ENTRY(delivery) entry;
	struct notify	*owner;
	struct arena	*arena;		/* all that it has */
	struct outbox_item item;
	enum delivery_phase phase;
	int64_t		 began;		/* ts_mono */
	int64_t		 limit_ms;
	const char	*body;		/* what is sent */
	size_t		 len;

	/* under way: one of these at a time */
	struct lookup	*lookup;
	struct fetch	*fetch;
	pid_t		 pid;		/* a mail program; 0: none */
	int		 pidfd, said;	/* its end, its output; -1: none */

	/* ended */
	int		 settled;	/* nothing is left to record */
	enum outcome	 outcome;
	int64_t		 took_ms;
	int		 status;
	int64_t		 retry_after;
	const char	*error, *excerpt;
};

struct notify {
	const struct conf *conf;
	struct fetcher	*fetcher;
	struct resolver	*resolver;
	const char	*agent;		/* User-Agent: ... */
	const char	*mail_from, *mail_password;
	char		**mail_command;	/* NULL: SMTP, or no mail */
	const char	*mail_host;	/* right side of Message-IDs */

	/* queue.c */
	struct arena	*arena;		/* emptied with each turn */
	struct db	*db;		/* NULL: away */
	int64_t		 reconnect_at, backoff;
	int		 want_claim;
	int64_t		 next_claim, next_record;
	TAILQ_HEAD(, delivery) deliveries;
	size_t		 n;
};

/* What came of it; texts are copied, error and excerpt may be NULL. */
void delivery_end(struct delivery *, enum outcome, int status,
    int64_t retry_after, const char *error, const char *excerpt);
/* Milliseconds that are left of it, at least 1. */
int64_t delivery_left_ms(const struct delivery *);
/* Reads the job that it tells of: ERR_OK, or what store_outbox_job says. */
enum err delivery_job(struct delivery *, struct job *, int64_t *at);

/* webhook.c */
enum err webhook_begin(struct delivery *) MUSTCHECK;
/* mail.c */
enum err mail_begin(struct delivery *) MUSTCHECK;
/* Takes the end of a mail program, or kills one whose time is over. */
void mail_look(struct delivery *);
void mail_setup(struct notify *);
void mail_cleanup(struct notify *);

#endif
