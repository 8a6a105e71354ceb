/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Idempotency-Key: the same request twice is answered once.  A stored reply
 * is written in the transaction that did the work, so a key can never be
 * taken without its work, nor the other way round.
 */
#ifndef FCGI_IDEM_H
#define FCGI_IDEM_H

#include "fcgi/http.h"
#include "store/db.h"
#include "store/store_job.h"

/*
 * Reads the header into req->idem and answers a repeat.  ERR_OK: go on.
 * Otherwise the reply is there: a replay (2xx) or an error.
 */
enum err idem_gate(struct req *, struct reply *) MUSTCHECK;
/*
 * After a group commit did not write the row: the key was taken meanwhile.
 * Always fills the reply.
 */
enum err idem_replay(struct req *, struct reply *);
/* For a group commit, which keeps the reply itself. */
void idem_request(struct req *, struct job_request *);
/*
 * After that commit, by its outcome: ERR_OK and the reply has its time, else
 * it is an error or a replay (2xx).
 */
enum err idem_written(struct req *, struct reply *, enum err, int64_t at)
    MUSTCHECK;
/*
 * In a handler's own transaction, before its work: takes the key for the
 * transaction's length.  ERR_IDEMPOTENCY_BUSY and the reply when another
 * request holds it; a replay when that one has ended.  No key: ERR_OK.
 */
enum err idem_claim(struct req *, struct reply *, struct db *) MUSTCHECK;
/* The same transaction, after the work: keeps the (2xx) reply. */
enum err idem_store(struct req *, const struct reply *, struct db *)
    MUSTCHECK;
/*
 * idem_store and the commit.  When either fails the reply becomes the error,
 * and the Location that it had is gone.
 */
enum err idem_commit(struct req *, struct reply *, struct db *) MUSTCHECK;
/*
 * After any handler: keeps a 2xx reply that has not been kept yet, so that
 * no route can forget it.  For replies to requests that changed nothing;
 * who changes something uses the calls above.
 */
void idem_finish(struct req *, const struct reply *);

#endif
