-- SPDX-License-Identifier: BSD-2-Clause
-- A retraining run is a judge job with an id more: all that it shows is the
-- job's, so the two cannot differ.
alter table trainyard.job
    add column run_trigger text check (run_trigger in ('manual', 'scheduled',
        'feedback_threshold', 'performance_degradation')),
    add check ((run_trigger is null) = (retraining_run_id is null));
create unique index job_run_idx on trainyard.job
    (workspace_id, retraining_run_id) where retraining_run_id is not null;
create index job_run_list_idx on trainyard.job
    (workspace_id, created_at desc, id desc)
    where retraining_run_id is not null;
create index job_run_judge_idx on trainyard.job
    (workspace_id, judge_id, created_at desc, id desc)
    where retraining_run_id is not null;
create index job_run_status_idx on trainyard.job
    (workspace_id, status, created_at desc, id desc)
    where retraining_run_id is not null;
create index job_run_trigger_idx on trainyard.job
    (workspace_id, run_trigger, created_at desc, id desc)
    where retraining_run_id is not null;
