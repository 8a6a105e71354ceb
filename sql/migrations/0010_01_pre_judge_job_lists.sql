-- SPDX-License-Identifier: BSD-2-Clause
-- Lists of judge jobs.  Each order that a caller may ask for, and each filter
-- in the order of creation, has an index.  That progress has one costs a job
-- sixty changes of it, not one for each report: it is a whole percentage.
drop index trainyard.job_judge_list_idx;
drop index trainyard.job_judge_idx;
create index job_judge_list_idx on trainyard.job
    (workspace_id, created_at desc, id desc) where face = 'judge';
create index job_judge_idx on trainyard.job
    (workspace_id, judge_id, created_at desc, id desc) where face = 'judge';
create index job_judge_status_idx on trainyard.job
    (workspace_id, status, created_at desc, id desc) where face = 'judge';
create index job_judge_type_idx on trainyard.job
    (workspace_id, training_type, created_at desc, id desc)
    where face = 'judge';
create index job_judge_done_idx on trainyard.job
    (workspace_id, completed_at, id) where face = 'judge';
create index job_judge_done_last_idx on trainyard.job
    (workspace_id, completed_at desc nulls last, id desc)
    where face = 'judge';
create index job_judge_progress_idx on trainyard.job
    (workspace_id, progress desc, id desc) where face = 'judge';

-- The judge jobs of a workspace that match.  A null filter passes everything.
-- Written so that PostgreSQL puts it in the place of its call.
create function trainyard.judge_jobs(place uuid, judge text, wanted text,
    type text, since timestamptz, til timestamptz)
returns table (id uuid, created_at timestamptz, completed_at timestamptz,
    progress smallint)
language sql stable as $$
    select j.id, j.created_at, j.completed_at, j.progress
      from trainyard.job j
     where j.workspace_id = place
       and j.face = 'judge'
       and (judge is null
            or j.judge_id = (select g.id
                               from trainyard.judge g
                              where g.workspace_id = place
                                and g.key = judge))
       and (wanted is null or j.status = wanted)
       and (type is null or j.training_type = type)
       and (since is null or j.created_at >= since)
       and (til is null or j.created_at < til)
$$;
