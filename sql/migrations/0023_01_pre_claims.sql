-- SPDX-License-Identifier: BSD-2-Clause
-- Claims and ends of many jobs at a time.

-- What of a change of jobs becomes history, and whether it is legal.  The
-- plans are made for the first statement of a session, which often changes
-- one job: a nested loop would then compare each old row with each new one
-- when a claim takes hundreds.
create or replace function trainyard.job_updated() returns trigger
language plpgsql security definer
set search_path = 'pg_catalog'
set enable_nestloop = 'off'
as $$
declare
    bad text;
begin
    select m.face || ' job: ' || m.was || ' to ' || m.status into bad
      from (select distinct o.face, o.status as was, n.status
              from before o
              join after n on n.workspace_id = o.workspace_id and n.id = o.id
             where o.status <> n.status) m
     where not exists (select 1 from trainyard.job_edge e
            where e.face = m.face and e.from_status = m.was
              and e.to_status = m.status)
     limit 1;
    if bad is not null then
        raise exception 'no such transition: %', bad
            using errcode = 'check_violation', constraint = 'job_edge';
    end if;
    -- What callers ask for is rare, and comes before what it does.
    if exists (select 1 from after n where n.cancel_requested_at is not null
                                        or n.status = 'queued') then
        insert into trainyard.job_event
            (workspace_id, job_id, attempt, event)
        select n.workspace_id, n.id, n.attempt, 'training.job.' || e.event
          from before o
          join after n on n.workspace_id = o.workspace_id and n.id = o.id
         cross join lateral (values
               ('cancel_requested', o.cancel_requested_at is null
                and n.cancel_requested_at is not null
                and n.completed_at is null),
               ('retried', o.status in ('failed', 'cancelled')
                and n.status = 'queued'))
               as e (event, happened)
         where e.happened;
    end if;
    insert into trainyard.job_event
        (workspace_id, job_id, attempt, event, from_status, to_status)
    select n.workspace_id, n.id, n.attempt, 'training.job.' || n.status,
           o.status, n.status
      from before o
      join after n on n.workspace_id = o.workspace_id and n.id = o.id
     where o.status <> n.status;
    if exists (select 1 from after n where n.face = 'judge') then
        perform trainyard.job_outbox(array_agg(row(n.*)::trainyard.job))
           from before o
           join after n on n.workspace_id = o.workspace_id and n.id = o.id
          where o.status <> n.status and n.face = 'judge';
    end if;
    return null;
end
$$;

-- An attempt is made out of its job's row, which the same statement has just
-- written, and no program may delete a job: looking for it again was a part
-- in fourteen of what a claim and an end cost.  Like job_event and job_log.
alter table trainyard.attempt
    drop constraint attempt_workspace_id_job_id_fkey;
