-- SPDX-License-Identifier: BSD-2-Clause
-- Lists of hosted jobs, and jobs that callers cancel and retry.

-- A job changes often while it is open and never once it is finished, so the
-- indexes for lists hold finished jobs only: each costs a job one entry, at
-- its end.  The open ones of a workspace are few and have one index.  None
-- has updated_at in it: progress must not touch an index.
drop index trainyard.job_hosted_idx;
create index job_open_idx on trainyard.job (workspace_id, created_at desc, id desc)
    where face = 'hosted' and status in ('queued', 'claimed', 'running');
create index job_done_idx on trainyard.job (workspace_id, created_at desc, id desc)
    where face = 'hosted' and status in ('completed', 'failed', 'cancelled');
create index job_done_status_idx on trainyard.job
    (workspace_id, status, created_at desc, id desc)
    where face = 'hosted' and status in ('completed', 'failed', 'cancelled');
create index job_done_changed_idx on trainyard.job
    (workspace_id, completed_at desc, id desc)
    where face = 'hosted' and status in ('completed', 'failed', 'cancelled');
create index job_done_kind_idx on trainyard.job
    (workspace_id, kind, created_at desc, id desc)
    where face = 'hosted' and status in ('completed', 'failed', 'cancelled');
create index job_done_project_idx on trainyard.job
    (workspace_id, project_key, created_at desc, id desc)
    where face = 'hosted' and status in ('completed', 'failed', 'cancelled');
create index job_done_model_idx on trainyard.job
    (workspace_id, model, created_at desc, id desc)
    where face = 'hosted' and status in ('completed', 'failed', 'cancelled');

-- The hosted jobs of a workspace that match, in two parts.  A null filter
-- passes everything.  Written so that PostgreSQL puts them in the place of
-- their call.
create function trainyard.hosted_open(place uuid, wanted text[],
    kinds text[], project text, marks text[], part text, base text,
    since timestamptz, til timestamptz)
returns table (id uuid, created_at timestamptz, changed_at timestamptz)
language sql stable as $$
    select j.id, j.created_at, j.updated_at
      from trainyard.job j
     where j.workspace_id = place
       and j.face = 'hosted'
       and j.status in ('queued', 'claimed', 'running')
       and (wanted is null or j.status = any (wanted))
       and (kinds is null or j.kind = any (kinds))
       and (project is null or j.project_key = project)
       and (marks is null or j.tags @> marks)
       and (part is null or strpos(lower(j.name collate "und-x-icu"),
                                   lower(part collate "und-x-icu")) > 0)
       and (base is null or j.model = base)
       and (since is null or j.created_at >= since)
       and (til is null or j.created_at < til)
$$;
-- Only one status and one kind, so that each has an index in order.
create function trainyard.hosted_done(place uuid, wanted text, sort text,
    project text, marks text[], part text, base text, since timestamptz,
    til timestamptz)
returns table (id uuid, created_at timestamptz, changed_at timestamptz)
language sql stable as $$
    select j.id, j.created_at, j.completed_at
      from trainyard.job j
     where j.workspace_id = place
       and j.face = 'hosted'
       and j.status in ('completed', 'failed', 'cancelled')
       and (wanted is null or j.status = wanted)
       and (sort is null or j.kind = sort)
       and (project is null or j.project_key = project)
       and (marks is null or j.tags @> marks)
       and (part is null or strpos(lower(j.name collate "und-x-icu"),
                                   lower(part collate "und-x-icu")) > 0)
       and (base is null or j.model = base)
       and (since is null or j.created_at >= since)
       and (til is null or j.created_at < til)
$$;

-- As before, and it notes what callers ask of a job: its end, another run.
create or replace function trainyard.job_updated() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
    bad text;
begin
    select o.face || ' job: ' || o.status || ' to ' || n.status into bad
      from before o
      join after n on n.workspace_id = o.workspace_id and n.id = o.id
     where o.status <> n.status
       and not exists (select 1 from trainyard.job_edge e
            where e.face = o.face and e.from_status = o.status
              and e.to_status = n.status)
     limit 1;
    if bad is not null then
        raise exception 'no such transition: %', bad
            using errcode = 'check_violation', constraint = 'job_edge';
    end if;
    insert into trainyard.job_event
        (workspace_id, job_id, attempt, event, from_status, to_status)
    select n.workspace_id, n.id, n.attempt, 'training.job.' || e.event,
           e.from_status, e.to_status
      from before o
      join after n on n.workspace_id = o.workspace_id and n.id = o.id
     cross join lateral (values
           (1, 'cancel_requested', null, null,
            o.cancel_requested_at is null
            and n.cancel_requested_at is not null
            and n.completed_at is null),
           (2, 'retried', null, null,
            o.status in ('failed', 'cancelled') and n.status = 'queued'),
           (3, n.status, o.status, n.status, o.status <> n.status))
           as e (place, event, from_status, to_status, happened)
     where e.happened
     order by e.place;
    if exists (select 1 from after n where n.face = 'judge') then
        perform trainyard.job_outbox(array_agg(row(n.*)::trainyard.job))
           from before o
           join after n on n.workspace_id = o.workspace_id and n.id = o.id
          where o.status <> n.status and n.face = 'judge';
    end if;
    return null;
end
$$;

-- Cancelling what was handed out but has not begun closes its attempt.
grant update (status, completed_at) on trainyard.attempt to trainyard_fcgi;
