-- SPDX-License-Identifier: BSD-2-Clause
-- Judge jobs by progress or by their end, with a filter too.  A step of a
-- running one changed an indexed column, so it was a new entry in each of its
-- indexes: those that are being worked on are few and sorted when somebody
-- asks, the others have their progress in a column of its own.  The table is
-- written anew.
alter table trainyard.job add column settled_progress smallint
    generated always as (
        case when status not in ('preparing', 'training', 'validating')
             then progress end) stored;

drop index trainyard.job_judge_progress_idx;
create index job_judge_progress_idx on trainyard.job
    (workspace_id, settled_progress, id) where face = 'judge';
create index job_judge_status_progress_idx on trainyard.job
    (workspace_id, status, settled_progress, id) where face = 'judge';
create index job_judge_type_progress_idx on trainyard.job
    (workspace_id, training_type, settled_progress, id) where face = 'judge';
create index job_judge_own_progress_idx on trainyard.job
    (workspace_id, judge_id, settled_progress, id) where face = 'judge';

-- Those that have ended are read along this backwards, too.
drop index trainyard.job_judge_done_last_idx;
create index job_judge_status_done_idx on trainyard.job
    (workspace_id, status, completed_at, id) where face = 'judge';
create index job_judge_type_done_idx on trainyard.job
    (workspace_id, training_type, completed_at, id) where face = 'judge';
create index job_judge_own_done_idx on trainyard.job
    (workspace_id, judge_id, completed_at, id) where face = 'judge';

drop function trainyard.judge_jobs(uuid, text, text, text, timestamptz,
    timestamptz);
create function trainyard.judge_jobs(place uuid, judge text, wanted text,
    type text, since timestamptz, til timestamptz)
returns table (id uuid, created_at timestamptz, completed_at timestamptz,
    progress smallint, settled_progress smallint)
language sql stable as $$
    select j.id, j.created_at, j.completed_at, j.progress, j.settled_progress
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

-- How names look, for parts of them: those of a partial index do not count.
create statistics trainyard.job_name_stat
    on (lower(name collate "und-x-icu")) from trainyard.job;
