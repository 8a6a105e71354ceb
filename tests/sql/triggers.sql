-- SPDX-License-Identifier: BSD-2-Clause
-- History and outbox are written by the change itself; what was recorded is
-- not rewritten.
begin;
set local search_path = pg_catalog, public;
\i :here/fixture.psql
select plan(38);

-- History.
select pg_temp.hosted_job('f1');
select results_eq(
    $$select event, from_status, to_status, attempt
        from trainyard.job_event where job_id = pg_temp.id('f1')$$,
    $$values ('training.job.queued', null::text, 'queued', 1)$$,
    'a new job has its first line of history');
select pg_temp.move('f1', 'claimed');
update trainyard.job set attempt = 2 where id = pg_temp.id('f1');
select pg_temp.move('f1', 'running');
select results_eq(
    $$select event, from_status, to_status, attempt
        from trainyard.job_event where job_id = pg_temp.id('f1')
       order by seq offset 1$$,
    $$values ('training.job.claimed', 'queued', 'claimed', 1),
             ('training.job.running', 'claimed', 'running', 2)$$,
    'each change of status has one, with its attempt; no other change has');
select pg_temp.hosted_job('f2');
select pg_temp.hosted_job('f3');
update trainyard.job set status = 'claimed'
 where id in (pg_temp.id('f2'), pg_temp.id('f3'));
select is((select count(*) from trainyard.job_event
            where to_status = 'claimed'
              and job_id in (pg_temp.id('f2'), pg_temp.id('f3'))),
          2::bigint, 'a change of many jobs has a line for each');
-- Its plans are kept from a session's first change, which may be of one job.
select ok((select 'enable_nestloop=off' = any (p.proconfig) from pg_proc p
            where p.oid = 'trainyard.job_updated'::regproc),
          'and never compares each row with each other');

-- What callers ask for.
select pg_temp.move('f2', 'running');
update trainyard.job set cancel_requested_at = now()
 where id = pg_temp.id('f2');
update trainyard.job set cancel_requested_at = now(), progress = 1
 where id = pg_temp.id('f2');
select results_eq(
    $$select event, from_status, to_status from trainyard.job_event
       where job_id = pg_temp.id('f2') order by seq offset 3$$,
    $$values ('training.job.cancel_requested', null::text, null::text)$$,
    'the first request to cancel a job has a line');
update trainyard.job
   set status = 'cancelled', completed_at = now(), cancel_requested_at = now()
 where id = pg_temp.id('f3');
select results_eq(
    $$select event from trainyard.job_event
       where job_id = pg_temp.id('f3') order by seq offset 2$$,
    $$values ('training.job.cancelled')$$,
    'one that ends the job at once is its end');
update trainyard.job
   set status = 'queued', completed_at = null, cancel_requested_at = null,
       attempt = 2
 where id = pg_temp.id('f3');
select results_eq(
    $$select event, from_status, to_status, attempt from trainyard.job_event
       where job_id = pg_temp.id('f3') order by seq offset 3$$,
    $$values ('training.job.retried', null::text, null::text, 2),
             ('training.job.queued', 'cancelled', 'queued', 2)$$,
    'a retry is told before what it does');

-- Outbox.
select is_empty('select 1 from trainyard.outbox',
                'hosted jobs send no webhooks');
select pg_temp.judge_job('f4', 'created', 'validation');
select is_empty('select 1 from trainyard.outbox',
                'without a URL nothing is sent');
update trainyard.organization set webhook_url = 'https://acme.example/hook';
select pg_temp.judge_job('f5', 'created', 'validation');
select is_empty('select 1 from trainyard.outbox',
                'a job that is only created tells nobody');
select pg_temp.move('f5', 'queued');
select results_eq(
    $$select event, channel, target, job_id, judge_id, organization_id,
             status, attempt_count
        from trainyard.outbox$$,
    $$values ('training.job.queued', 'webhook', 'https://acme.example/hook',
              pg_temp.id('f5'), pg_temp.id('d1'), pg_temp.id('a1'),
              'pending', 0)$$,
    'a change of status goes to the organisation''s URL');
select is((select snapshot ->> 'status' from trainyard.outbox), 'queued',
          'with the job as it was then');
select ok((select not snapshot ? 'webhook_secret' from trainyard.outbox),
          'but without the secret');
update trainyard.job set progress = 10 where id = pg_temp.id('f5');
select is((select count(*) from trainyard.outbox), 1::bigint,
          'other changes tell nobody');
select pg_temp.judge_job('f6', 'queued', 'validation',
                         'https://job.example/hook');
select is((select target from trainyard.outbox
            where job_id = pg_temp.id('f6')),
          'https://job.example/hook', 'the job''s own URL goes first');
update trainyard.organization set webhook_url = null;
update trainyard.job set status = 'preparing'
 where id in (pg_temp.id('f5'), pg_temp.id('f6'));
select results_eq(
    $$select job_id from trainyard.outbox
       where event = 'training.job.preparing'$$,
    $$values (pg_temp.id('f6'))$$,
    'each job of one change is looked at by itself');

-- Mail, and what every row of the outbox gets.
select is_empty($$select 1 from trainyard.outbox where channel = 'mail'$$,
                'nobody is written to who did not ask');
select pg_temp.judge_job('f7', 'created', 'validation');
update trainyard.job
   set options = '{"notification_email": "ada@acme.example"}'
 where id = pg_temp.id('f7');
select pg_temp.move('f7', 'queued');
select is_empty($$select 1 from trainyard.outbox where channel = 'mail'$$,
                'mail does not tell of a beginning');
update trainyard.job set status = 'cancelled', completed_at = now(),
       retraining_run_id = pg_temp.id('7'), run_trigger = 'manual'
 where id = pg_temp.id('f7');
select results_eq(
    $$select event, target, host, run_id from trainyard.outbox
       where channel = 'mail'$$,
    $$values ('training.job.cancelled', 'ada@acme.example', '',
              pg_temp.id('7'))$$,
    'it tells of the end, and names the run');
select is_empty($$select 1 from trainyard.outbox
                   where event like 'retraining.run.%'$$,
                'nobody is told of a run who has no address');
select pg_temp.judge_job('f8', 'created', 'validation',
                         'https://run.example/hook');
update trainyard.job set retraining_run_id = pg_temp.id('8'),
       run_trigger = 'manual' where id = pg_temp.id('f8');
select pg_temp.move('f8', 'queued');
select pg_temp.move('f8', 'cancelled');
select bag_eq(
    $$select event, target, run_id, snapshot ->> 'status'
        from trainyard.outbox
       where job_id = pg_temp.id('f8')$$,
    $$values ('training.job.queued', 'https://run.example/hook',
              pg_temp.id('8'), 'queued'),
             ('training.job.cancelled', 'https://run.example/hook',
              pg_temp.id('8'), 'cancelled'),
             ('retraining.run.cancelled', 'https://run.example/hook',
              pg_temp.id('8'), 'cancelled')$$,
    'the end of a run is told besides the end of its job');
select is((select host from trainyard.outbox where job_id = pg_temp.id('f6')
            limit 1), 'job.example', 'a webhook''s row names the receiver');
select ok(bool_and(id::text ~ '^.{14}7'), 'ids sort by time')
  from trainyard.outbox;
select throws_ok($$update trainyard.outbox set status = 'failed'$$, '23514',
                 null, 'what is over has no next try');

-- What stays as it is.
insert into trainyard.evaluation (workspace_id, id, judge_id, version,
    content, raw, scores, raw_overall, overall, group_key, group_u, created_by)
values (pg_temp.id('b1'), pg_temp.id('9'), pg_temp.id('d1'), 1, 'x', '{}',
        '{}', 1, 1, 'x', 0, pg_temp.id('c1'));
insert into trainyard.feedback (workspace_id, judge_id, number, id,
    evaluation_id, judge_version, type, comment, target_criteria,
    submitted_by, submitted_at, touch_set, corrections, ratings, approvals,
    rejections, comments, set_corrections, set_ratings, set_approvals,
    set_rejections, set_comments)
values (pg_temp.id('b1'), pg_temp.id('d1'), 1, pg_temp.id('8'),
        pg_temp.id('9'), 1, 'comment', 'good', '{}', 'ada', now(), 1, 0, 0, 0,
        0, 1, 0, 0, 0, 0, 1);
insert into trainyard.audit (actor, action, target) values ('a', 'b', 'c');
select throws_ok($$update trainyard.feedback set comment = 'bad'$$, '55000',
                 'feedback is append-only', 'feedback is not changed');
select throws_ok($$delete from trainyard.feedback$$, '55000',
                 'feedback is append-only', 'nor deleted');
select throws_ok($$update trainyard.audit set actor = 'z'$$, '55000',
                 'audit is append-only', 'the trail is not changed');
select throws_ok($$update trainyard.artifact set size = 2$$, '55000',
                 'artifact is append-only', 'an artifact is not changed');
select throws_ok($$delete from trainyard.artifact where false$$, '23503',
                 'an artifact is never deleted, jobs may name it',
                 'nor deleted');
select throws_ok($$truncate trainyard.artifact cascade$$, '23503',
                 'an artifact is never deleted, jobs may name it',
                 'nor swept away');

-- Who knows no due time switches policies all the same.
insert into trainyard.retraining_policy (workspace_id, judge_id, enabled,
    min_new_feedback, min_interval_hours, auto_deploy, updated_by)
values (pg_temp.id('b1'), pg_temp.id('d1'), true, 1, 1, false,
        pg_temp.id('c1'));
select ok(due_at is not null, 'a policy that is on is looked at')
  from trainyard.retraining_policy;
update trainyard.retraining_policy set enabled = false;
select ok(due_at is null, 'one that is off is not')
  from trainyard.retraining_policy;
update trainyard.retraining_policy set enabled = true;
select ok(due_at is not null, 'and again when it is on again')
  from trainyard.retraining_policy;

-- Responders are told of changed access.
select has_trigger('trainyard', t.name, t.name || '_notify',
                   'a change of ' || t.name || ' is told to the responders')
  from (values ('token'), ('member'), ('workspace'), ('organization'),
               ('project')) as t (name);

select * from finish();
rollback;
