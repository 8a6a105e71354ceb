-- SPDX-License-Identifier: BSD-2-Clause
-- Runners report over HTTP too, with a token of their attempt's own.

-- Of the token that the attempt's runner was handed; null: none was.  It is
-- found by the attempt that it names, so it needs no index.
alter table trainyard.attempt
    add column token_sha256 bytea check (length(token_sha256) = 32);

-- The responder records reports as the dispatcher does.
grant insert on trainyard.job_metric, trainyard.job_series to trainyard_fcgi;
grant delete on trainyard.job_series to trainyard_fcgi;
grant update (status, lease_until, started_at, completed_at, final_event,
    checkpoint, events_offset, stderr_offset, error, error_type, metrics,
    artifacts) on trainyard.attempt to trainyard_fcgi;
