/* SPDX-License-Identifier: BSD-2-Clause */
/* What a request must pass before its handler sees it. */
#ifndef FCGI_GATE_H
#define FCGI_GATE_H

#include "domain/schema.h"
#include "fcgi/http.h"

/*
 * Runs the gates of req->route in the contract's order.  ERR_OK: the handler
 * may run (for JSON routes req->json is an object, checked against the
 * route's schema).  Otherwise the reply is written, or stays empty when the
 * client left mid-body.  May end with ERR_OK's opposite and a 2xx reply:
 * a replayed one.
 */
enum err gate_run(struct req *, struct reply *) MUSTCHECK;

/*
 * For handlers of GATE_STREAM that find a JSON body after all: reads and
 * parses it.
 */
enum err gate_body(struct req *, struct reply *, size_t max) MUSTCHECK;
/*
 * For handlers that choose the schema by the body: checks req->json, which
 * must not have faults yet.  ERR_VALIDATION and the reply.
 */
enum err gate_schema(struct req *, struct reply *, const struct schema *,
    const struct schema_check *) MUSTCHECK;

/*
 * Counts a write that was refused because its attempt is superseded, and
 * how many there were; what: "event=checkpoint_saved", for the log.
 */
void gate_stale(struct req *, const char *job_id, int attempt,
    const char *what);
/* The same for a job's token that ERR_AUTH refused, if it is so. */
void gate_late(struct req *);

#endif
