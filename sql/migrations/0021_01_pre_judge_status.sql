-- SPDX-License-Identifier: BSD-2-Clause
-- Lists of judges by status, of those in use or those archived, and by name:
-- what is rare is found without reading the rest.

-- Those that a job trains, which are few: what judge_status() says of one.
create function trainyard.judges_training(place uuid) returns setof uuid
language sql stable
as $$
    select s.judge_id
      from trainyard.job s
     where s.workspace_id = place
       and s.face = 'judge'
       and s.training_type <> 'validation'
       and s.status in ('preparing', 'training', 'validating')
$$;

create index judge_live_idx
    on trainyard.judge (workspace_id, created_at, id)
 where archived_at is null;
create index judge_archived_idx
    on trainyard.judge (workspace_id, created_at, id)
 where archived_at is not null;
create index judge_live_trained_idx
    on trainyard.judge (workspace_id, is_trained, created_at, id)
 where archived_at is null;
create index judge_archived_trained_idx
    on trainyard.judge (workspace_id, is_trained, created_at, id)
 where archived_at is not null;
-- Each judge has one active version.
create index judge_version_name_idx
    on trainyard.judge_version (workspace_id, name collate "C", judge_id)
 where status = 'active';
