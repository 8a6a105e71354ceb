-- SPDX-License-Identifier: BSD-2-Clause
-- The outbox is delivered: who has a row in hand, what each try came to, and
-- mail besides webhooks.

-- RFC 9562, version 7: sorts by time, so that the newest are read in the
-- order of their ids.
create function trainyard.uuid_v7() returns uuid
language sql volatile set search_path = pg_catalog as $$
    select encode(set_bit(set_bit(overlay(
               uuid_send(gen_random_uuid())
               placing substring(int8send((extract(epoch from
                   clock_timestamp()) * 1000)::bigint) from 3)
               from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
$$;

alter table trainyard.outbox
    -- Rises with each claim: who holds a lower one has lost the row.  While
    -- it is delivered next_attempt_at is the end of the lease.
    add column claim integer not null default 0,
    -- tries of the schedule that is under way; attempt_count counts all
    add column tries smallint not null default 0,
    -- what is sent, as it was first sent
    add column body text,
    -- receivers are served side by side; all mail has one
    add column host text not null generated always as (
        case channel when 'mail' then ''
        else coalesce(lower(substring(target
            from '^[A-Za-z]+://(\[[^]]*\]|[^/:?#]*[^/:?#.])')), '')
        end) stored,
    add check ((next_attempt_at is null)
               = (status in ('delivered', 'failed', 'stopped')));

drop index trainyard.outbox_due_idx;
create index outbox_due_idx on trainyard.outbox (host, next_attempt_at)
    where status in ('pending', 'delivering');
create index outbox_busy_idx on trainyard.outbox (host)
    where status = 'delivering';
create index outbox_job_idx on trainyard.outbox (workspace_id, job_id, id)
    where job_id is not null;
create index outbox_run_idx on trainyard.outbox (workspace_id, run_id, id)
    where run_id is not null;
create index outbox_kind_idx on trainyard.outbox
    (workspace_id, status, event, id);
create index outbox_age_idx on trainyard.outbox (created_at);
-- the newest of a workspace, made last as in the first migration
alter table trainyard.outbox drop constraint outbox_pkey;
alter table trainyard.outbox add primary key (workspace_id, id);

create table trainyard.outbox_attempt (
    workspace_id     uuid not null,
    outbox_id        uuid not null,
    number           integer not null check (number >= 1),
    attempted_at     timestamptz not null,
    duration_ms      integer not null check (duration_ms >= 0),
    response_status  integer,
    error            text,
    response_excerpt text,
    primary key (workspace_id, outbox_id, number),
    foreign key (workspace_id, outbox_id) references trainyard.outbox
        on delete cascade
);

-- Whoever writes an outbox row: its id sorts by time, a job's row names the
-- job's run, and a version's row holds what else of it changes with time.
create function trainyard.outbox_inserting() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    new.id := trainyard.uuid_v7();
    if new.event like 'training.job.%' and new.run_id is null then
        new.run_id := (new.snapshot ->> 'retraining_run_id')::uuid;
    elsif new.event = 'judge.version.deployed' then
        new.snapshot := new.snapshot || (
            select jsonb_build_object(
                'use_evaluations', coalesce(max(u.evaluations), 0),
                'use_seconds', coalesce(max(u.seconds), 0),
                'use_until', clock_timestamp())
              from trainyard.judge_version_use u
             where u.workspace_id = new.workspace_id
               and u.judge_id = new.judge_id
               and u.version = (new.snapshot ->> 'number')::integer);
    end if;
    return new;
end
$$;
create trigger outbox_inserting before insert on trainyard.outbox
    for each row execute function trainyard.outbox_inserting();

create function trainyard.outbox_inserted() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
    if exists (select 1 from added) then
        perform pg_notify('trainyard_outbox', '');
    end if;
    return null;
end
$$;
create trigger outbox_inserted after insert on trainyard.outbox
    referencing new table as added
    for each statement execute function trainyard.outbox_inserted();

-- The job's own address, else the organisation's; and mail when it is over.
create or replace function trainyard.job_outbox(changed trainyard.job[])
returns void
language sql security definer set search_path = pg_catalog as $$
    insert into trainyard.outbox (workspace_id, id, organization_id, channel,
        event, job_id, judge_id, target, snapshot)
    select n.workspace_id, gen_random_uuid(), n.organization_id, c.channel,
           'training.job.' || n.status, n.id, n.judge_id, c.target,
           to_jsonb(n) - 'webhook_secret'
      from unnest(changed) n
      join trainyard.organization o on o.id = n.organization_id
     cross join lateral (values
               ('webhook', coalesce(n.webhook_url, o.webhook_url)),
               ('mail', case when n.status in ('completed', 'failed',
                   'cancelled')
                   then n.options ->> 'notification_email' end))
           as c (channel, target)
     where c.target is not null
$$;

-- responder: the log of deliveries, and sending one again; never what is sent
grant select (workspace_id, id, channel, event, job_id, run_id, target,
    status, attempt_count, next_attempt_at, created_at, delivered_at)
    on trainyard.outbox to trainyard_fcgi;
grant update (status, tries, next_attempt_at, delivered_at)
    on trainyard.outbox to trainyard_fcgi;
grant select on trainyard.outbox_attempt to trainyard_fcgi;

grant delete on trainyard.outbox to trainyard_dispatch;
grant select, insert on trainyard.outbox_attempt to trainyard_dispatch;
