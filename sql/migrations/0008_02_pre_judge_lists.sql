-- SPDX-License-Identifier: BSD-2-Clause
-- Evaluations and feedback are listed newest first by what they belong to.
-- An index for each filter that may leave few of many rows, so that a page
-- costs the same however many there are.

create index evaluation_newest_idx on trainyard.evaluation
    (workspace_id, evaluated_at, id);
create index evaluation_by_judge_idx on trainyard.evaluation
    (workspace_id, judge_id, evaluated_at, id);
create index evaluation_by_batch_idx on trainyard.evaluation
    (workspace_id, batch_id, evaluated_at, id) where batch_id is not null;
create index evaluation_by_external_idx on trainyard.evaluation
    (workspace_id, external_id, evaluated_at, id)
    where external_id is not null;
-- by hash: 2048 characters may be longer than an index entry
create index evaluation_by_content_idx on trainyard.evaluation
    (workspace_id, hashtextextended(content_ref, 0), evaluated_at, id)
    where content_ref is not null;
drop index trainyard.evaluation_judge_idx;
drop index trainyard.evaluation_batch_idx;
drop index trainyard.evaluation_external_idx;
drop index trainyard.evaluation_content_idx;

create index feedback_newest_idx on trainyard.feedback
    (workspace_id, submitted_at, id);
create index feedback_type_idx on trainyard.feedback
    (workspace_id, type, submitted_at, id);
-- within a judge, numbers rise with the times, and in one call with the ids
create index feedback_judge_idx on trainyard.feedback
    (workspace_id, judge_id, submitted_at, id);
create index feedback_judge_type_idx on trainyard.feedback
    (workspace_id, judge_id, type, submitted_at, id);
create index feedback_judge_person_idx on trainyard.feedback
    (workspace_id, judge_id, submitted_by, submitted_at, id);
create index feedback_person_idx on trainyard.feedback
    (workspace_id, submitted_by, submitted_at, id);
create index feedback_batch_idx on trainyard.feedback
    (workspace_id, batch_id, submitted_at, id) where batch_id is not null;
drop index trainyard.feedback_time_idx;

-- Each step of a judge's mark, and the job that made it: an entry was covered
-- by the first step that is not below its number.
create table trainyard.judge_mark (
    workspace_id uuid not null,
    judge_id     uuid not null,
    mark         bigint not null check (mark >= 1),
    job_id       uuid not null,
    primary key (workspace_id, judge_id, mark),
    foreign key (workspace_id, judge_id) references trainyard.judge
);
insert into trainyard.judge_mark (workspace_id, judge_id, mark, job_id)
select r.workspace_id, r.judge_id, r.upto, r.id
  from (select b.workspace_id, b.judge_id, b.id, s.high_water_mark as upto,
               coalesce(max(s.high_water_mark) over (
                   partition by b.workspace_id, b.judge_id
                   order by b.completed_at, b.id
                   rows between unbounded preceding and 1 preceding), 0)
                   as beyond
          from trainyard.job b
          join trainyard.feedback_summary s
            on s.workspace_id = b.workspace_id and s.job_id = b.id
         where b.face = 'judge'
           and b.status = 'completed'
           and b.training_type in ('incremental', 'full_retrain')) r
 where r.upto > r.beyond;

create function trainyard.judge_marked() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into trainyard.judge_mark (workspace_id, judge_id, mark, job_id)
    values (new.workspace_id, new.id, new.mark, new.mark_job_id);
    return null;
end
$$;
create trigger judge_marked after update of mark on trainyard.judge
    for each row
    when (new.mark > old.mark and new.mark_job_id is not null)
    execute function trainyard.judge_marked();

grant select on trainyard.judge_mark to trainyard_fcgi, trainyard_dispatch;
