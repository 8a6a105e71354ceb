-- SPDX-License-Identifier: BSD-2-Clause
-- Retraining policies fire, and what comes of a run is told.

alter table trainyard.retraining_policy
    -- When to look at it; null: not before there is more feedback.  What may
    -- make it fire sets this, and looking at what is due is all that there is
    -- to do, however many judges there are.
    add column due_at timestamptz,
    add check (enabled or due_at is null);
-- each call that stores feedback enough touches the row of its judge
alter table trainyard.retraining_policy set (fillfactor = 50);
update trainyard.retraining_policy set due_at = now() where enabled;
create index retraining_policy_due_idx on trainyard.retraining_policy
    (due_at) where due_at is not null;

alter table trainyard.job
    -- nobody asked for this run
    add column by_policy boolean not null default false
        check (not by_policy or run_trigger = 'feedback_threshold');

grant update (due_at) on trainyard.retraining_policy
    to trainyard_fcgi, trainyard_dispatch;
grant select on trainyard.execution to trainyard_dispatch;
grant insert on trainyard.job, trainyard.feedback_summary
    to trainyard_dispatch;

-- The job's own address, else the organisation's: each status of the job, and
-- the end of its run; and mail when it is over.
create or replace function trainyard.job_outbox(changed trainyard.job[])
returns void
language sql security definer set search_path = pg_catalog as $$
    insert into trainyard.outbox (workspace_id, id, organization_id, channel,
        event, job_id, run_id, judge_id, target, snapshot)
    select n.workspace_id, gen_random_uuid(), n.organization_id, c.channel,
           c.event || n.status, n.id, n.retraining_run_id, n.judge_id,
           c.target, to_jsonb(n) - 'webhook_secret'
      from unnest(changed) n
      join trainyard.organization o on o.id = n.organization_id
     cross join lateral (
           select coalesce(n.webhook_url, o.webhook_url),
                  n.status in ('completed', 'failed', 'cancelled'))
           as t (url, over)
     cross join lateral (values
               (1, 'webhook', 'training.job.', t.url),
               (2, 'webhook', 'retraining.run.', case when t.over
                   and n.retraining_run_id is not null then t.url end),
               (3, 'mail', 'training.job.', case when t.over
                   then n.options ->> 'notification_email' end))
           as c (place, channel, event, target)
     where c.target is not null
     order by n.id, c.place
$$;
