-- SPDX-License-Identifier: BSD-2-Clause
-- Judges are changed, deployed, rolled back and retrained by a policy.

alter table trainyard.deployment
    -- why the version became active; what is not told to anyone comes first
    add column kind text not null default 'create'
        check (kind in ('create', 'change', 'deploy', 'rollback', 'job'));
update trainyard.deployment set kind = 'job' where job_id is not null;

alter table trainyard.criterion
    -- added by a change of the judge, and not trained since: what the model
    -- may have under this id was learned for an earlier criterion
    add column fresh boolean not null default false;

-- Statement-level, like the jobs' triggers: no deploy can forget to tell.
create function trainyard.deployment_inserted() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into trainyard.outbox (workspace_id, id, organization_id, channel,
        event, job_id, judge_id, target, snapshot)
    select n.workspace_id, gen_random_uuid(), o.id, 'webhook',
           'judge.version.deployed', n.job_id, n.judge_id, o.webhook_url,
           to_jsonb(v)
      from added n
      join trainyard.judge_version v on v.workspace_id = n.workspace_id
       and v.judge_id = n.judge_id and v.number = n.version
      join trainyard.workspace w on w.id = n.workspace_id
      join trainyard.organization o on o.id = w.organization_id
     where n.kind in ('deploy', 'rollback', 'job')
       and o.webhook_url is not null;
    return null;
end
$$;
create trigger deployment_inserted after insert on trainyard.deployment
    referencing new table as added
    for each statement execute function trainyard.deployment_inserted();

-- When a judge is retrained by itself.
create table trainyard.retraining_policy (
    workspace_id       uuid not null,
    judge_id           uuid not null,
    enabled            boolean not null,
    min_new_feedback   integer not null
                       check (min_new_feedback between 1 and 1000000),
    min_interval_hours double precision not null
                       check (min_interval_hours between 0 and 8760),
    auto_deploy        boolean not null,
    updated_at         timestamptz not null default clock_timestamp(),
    updated_by         uuid not null,
    -- the run that was fired last, and when
    last_run_id        uuid,
    last_fired_at      timestamptz,
    primary key (workspace_id, judge_id),
    foreign key (workspace_id, judge_id) references trainyard.judge
);

grant select on trainyard.retraining_policy
    to trainyard_fcgi, trainyard_dispatch;
grant insert on trainyard.retraining_policy to trainyard_fcgi;
grant update (enabled, min_new_feedback, min_interval_hours, auto_deploy,
    updated_at, updated_by, last_run_id, last_fired_at)
    on trainyard.retraining_policy to trainyard_fcgi;
grant update (last_run_id, last_fired_at) on trainyard.retraining_policy
    to trainyard_dispatch;
