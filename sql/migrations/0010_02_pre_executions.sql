-- SPDX-License-Identifier: BSD-2-Clause
-- Starts and retries of judge jobs.  A job that is queued by its create has
-- none until it is retried: that execution is as old as the job.
create table trainyard.execution (
    workspace_id    uuid not null,
    id              uuid not null,
    job_id          uuid not null,
    executed_at     timestamptz not null default clock_timestamp(),
    -- an account's id, or command:<user>
    executed_by     text not null,
    -- of the override in its canonical form; null: there was none
    override_sha256 bytea check (length(override_sha256) = 32),
    -- what the job was created with, where an override changed it
    config_before   json,
    options_before  json,
    confirmation    json,
    foreign key (workspace_id, job_id) references trainyard.job
);
create index execution_job_idx on trainyard.execution
    (workspace_id, job_id, executed_at);
alter table trainyard.execution add primary key (workspace_id, id);
grant select, insert on trainyard.execution to trainyard_fcgi;
grant update (estimated_minutes) on trainyard.job to trainyard_fcgi;
