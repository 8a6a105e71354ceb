/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every metric.  The exposition, trainyard-metrics(7) and the test that
 * holds the dashboard and the alerts against it are made from these rows.
 *
 * METRIC(symbol, name, type, programs, labels, help)
 *   type      COUNTER  only grows
 *             GAUGE    as it is now
 *             SECONDS  a histogram of durations
 *             ROWS     a histogram of sizes
 *   programs  F responder, D dispatcher
 *   labels    their names, separated by commas; "" for none
 */
METRIC(BUILD, "trainyard_build_info", GAUGE, "FD", "program,version",
    "1, for the program's version")
METRIC(REQUESTS, "trainyard_http_requests_total", COUNTER, "F",
    "method,route,status", "requests answered; the route is the path's "
    "pattern, - for none, and status 499 a client that left")
METRIC(REQUEST_TIME, "trainyard_http_request_seconds", SECONDS, "F",
    "method,route", "time from the request's arrival to its answer's end; of "
    "logs and events that were waited for, too")
METRIC(BYTES_IN, "trainyard_http_received_bytes_total", COUNTER, "F", "",
    "bytes of request bodies")
METRIC(BYTES_OUT, "trainyard_http_sent_bytes_total", COUNTER, "F", "",
    "bytes of reply bodies; those that nginx sends from files do not count")
METRIC(THREADS, "trainyard_http_threads", GAUGE, "F", "state",
    "request threads that are busy or idle")
METRIC(BATCH_ROWS, "trainyard_batch_rows", ROWS, "F", "group",
    "rows that one statement took for several requests: group commits are "
    "writes, jobs looked up together are reads")
METRIC(BATCH_TIME, "trainyard_batch_seconds", SECONDS, "F", "group",
    "time that such a statement took, with its commit")
METRIC(BATCH_WAITING, "trainyard_batch_waiting_rows", GAUGE, "F", "group",
    "rows that wait for such a statement")
METRIC(BATCH_REFUSED, "trainyard_batch_refused_rows_total", COUNTER, "F",
    "group", "rows whose write was not acknowledged, or that were not read: "
    "the queue was full, or the database away")
METRIC(POOL_WAIT, "trainyard_pool_wait_seconds", SECONDS, "F", "",
    "time that a request waited for a connection to PostgreSQL")
METRIC(POOL_REFUSED, "trainyard_pool_refused_total", COUNTER, "F", "",
    "requests that got no connection to PostgreSQL")
METRIC(POOL_OPEN, "trainyard_pool_connections", GAUGE, "F", "state",
    "connections of the pool to PostgreSQL, idle or busy")
METRIC(DATABASE_UP, "trainyard_database_up", GAUGE, "FD", "",
    "1 when PostgreSQL answered the last time that it was asked")
METRIC(STALE, "trainyard_stale_writes_total", COUNTER, "FD", "",
    "reports and artifacts of superseded attempts that were refused")
METRIC(CLAIMED, "trainyard_jobs_claimed_total", COUNTER, "D", "kind",
    "jobs that this dispatcher took from the queue")
METRIC(RECOVERED, "trainyard_jobs_recovered_total", COUNTER, "D", "",
    "jobs that a restarted dispatcher found again")
METRIC(ENDED, "trainyard_jobs_ended_total", COUNTER, "D", "kind,status",
    "jobs that ended in this dispatcher's hands")
METRIC(LOST, "trainyard_leases_lost_total", COUNTER, "D", "",
    "attempts that were lost: their workers were silent or ended without a "
    "word")
METRIC(RUNS, "trainyard_dispatcher_runs", GAUGE, "D", "",
    "jobs in this dispatcher's hands")
METRIC(SLOTS, "trainyard_dispatcher_slots", GAUGE, "D", "",
    "jobs that this dispatcher may run at the same time")
METRIC(CLAIM_TIME, "trainyard_claim_seconds", SECONDS, "D", "",
    "time that a look at the queue took")
METRIC(TOLD, "trainyard_deliveries_total", COUNTER, "D", "channel,outcome",
    "tries of webhooks and mails that this dispatcher made: delivered, "
    "failed, stopped, or pending when it is tried again")
METRIC(TELL_TIME, "trainyard_delivery_seconds", SECONDS, "D", "channel",
    "time that a try of a webhook or a mail took")
METRIC(QUEUED, "trainyard_queue_jobs", GAUGE, "D", "kind",
    "queued jobs of the whole site, counted up to 100000")
METRIC(QUEUE_AGE, "trainyard_queue_oldest_seconds", GAUGE, "D", "kind",
    "how long the first of the queued jobs has waited")
METRIC(RUNNING, "trainyard_running_jobs", GAUGE, "D", "kind",
    "jobs of the whole site that dispatchers have")
METRIC(OUTBOX, "trainyard_outbox_waiting", GAUGE, "D", "channel",
    "webhooks and mails of the whole site that are to be sent, counted up to "
    "100000")
METRIC(OUTBOX_LATE, "trainyard_outbox_overdue_seconds", GAUGE, "D", "channel",
    "how long the one that is due first has been due")
METRIC(LOOKED, "trainyard_queue_looked_timestamp_seconds", GAUGE, "D", "",
    "when queues and outbox were looked at: every 5 seconds at most")
METRIC(CPU, "process_cpu_seconds_total", COUNTER, "FD", "",
    "time of all processors, in user and system mode")
METRIC(RESIDENT, "process_resident_memory_bytes", GAUGE, "FD", "",
    "resident memory")
METRIC(VIRTUAL, "process_virtual_memory_bytes", GAUGE, "FD", "",
    "virtual memory")
METRIC(FDS, "process_open_fds", GAUGE, "FD", "", "open file descriptors")
METRIC(FDS_MOST, "process_max_fds", GAUGE, "FD", "",
    "file descriptors that may be open")
METRIC(STARTED, "process_start_time_seconds", GAUGE, "FD", "",
    "when the process started, in seconds since 1970")
