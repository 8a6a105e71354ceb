-- SPDX-License-Identifier: BSD-2-Clause
-- What a job names is frozen with the job, in its own row.  A table of
-- references costs a create two rows, their index and four foreign key checks
-- more than all else that it writes.

alter table trainyard.job
    -- [{role, position, workspace_id, id}]; the workspace is the job's or the
    -- organisation's shelf
    add column refs json not null default '[]';

update trainyard.job j
   set refs = n.refs
  from (select x.workspace_id, x.job_id,
               json_agg(json_build_object('role', x.role,
                   'position', x.position,
                   'workspace_id', x.artifact_workspace_id,
                   'id', x.artifact_id) order by x.role, x.position) as refs
          from trainyard.job_artifact x
         group by x.workspace_id, x.job_id) n
 where n.workspace_id = j.workspace_id and n.job_id = j.id;

drop table trainyard.job_artifact;

-- The same, a row for each artifact.
create view trainyard.job_artifact as
select j.workspace_id, j.id as job_id, r.role, r.position,
       r.workspace_id as artifact_workspace_id, r.id as artifact_id
  from trainyard.job j
 cross join lateral json_to_recordset(j.refs)
       as r (role text, position smallint, workspace_id uuid, id uuid);

grant select on trainyard.job_artifact to trainyard_fcgi, trainyard_dispatch;

-- In place of the foreign key: what a job may name stays for ever.
create function trainyard.artifact_kept() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
    raise exception 'an artifact is never deleted, jobs may name it'
        using errcode = 'foreign_key_violation', constraint = 'artifact_kept';
end
$$;
create trigger artifact_kept before delete or truncate on trainyard.artifact
    for each statement execute function trainyard.artifact_kept();
