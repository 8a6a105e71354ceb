-- SPDX-License-Identifier: BSD-2-Clause
-- What no program can write, whatever it believes.
begin;
set local search_path = pg_catalog, public;
\i :here/fixture.psql
select plan(44);

-- One of a kind.
select throws_ok(
    $$insert into trainyard.workspace (id, organization_id, key, name,
          is_default) values (pg_temp.id('b3'), pg_temp.id('a1'), 'third',
          'Third', true)$$,
    '23505', null, 'an organisation has one default workspace');
select throws_ok(
    $$insert into trainyard.workspace (id, organization_id, key, name)
      values (pg_temp.id('b4'), pg_temp.id('a1'), 'main', 'Again')$$,
    '23505', null, 'a workspace''s key is its own');
select throws_ok(
    $$insert into trainyard.judge_version (workspace_id, judge_id, number, id,
          status, name, description, changes_summary, created_by)
      values (pg_temp.id('b1'), pg_temp.id('d1'), 2, pg_temp.id('d12'),
          'active', 'n', 'd', 'c', pg_temp.id('c1'))$$,
    '23505', null, 'a judge has one active version');
select lives_ok(
    $$insert into trainyard.judge_version (workspace_id, judge_id, number, id,
          status, name, description, changes_summary, created_by)
      values (pg_temp.id('b1'), pg_temp.id('d1'), 2, pg_temp.id('d12'),
          'draft', 'n', 'd', 'c', pg_temp.id('c1'))$$,
    'and drafts besides');
select pg_temp.judge_job('f1');
select throws_ok($$select pg_temp.judge_job('f2')$$, '23505', null,
                 'a judge has one training job at a time');
select lives_ok($$select pg_temp.judge_job('f3', 'queued', 'validation')$$,
                'a validation takes no slot');
select lives_ok($$select pg_temp.judge_job('f4', 'created')$$,
                'a job that is not started takes no slot');
select throws_ok($$select pg_temp.move('f4', 'queued')$$, '23505', null,
                 'it takes the slot when it starts');
select pg_temp.move('f1', 'cancelled');
select lives_ok($$select pg_temp.move('f4', 'queued')$$,
                'an end gives the slot back');
select throws_ok($$select pg_temp.move('f1', 'queued')$$, '23505', null,
                 'a retry needs it, too');
select throws_ok(
    $$insert into trainyard.token (id, sha256, hint, name, account_id, scopes)
      select pg_temp.id(x), decode(repeat('ab', 32), 'hex'), 'abcd', 'n',
             pg_temp.id('c1'), '{}' from (values ('1'), ('2')) as v (x)$$,
    '23505', null, 'a digest stands for one token');

-- Columns that agree.
select throws_ok($$update trainyard.job set status = 'cancelled'
                    where id = pg_temp.id('f4')$$, '23514', null,
                 'what has ended has a time of its end');
select throws_ok($$update trainyard.job set completed_at = now()
                    where id = pg_temp.id('f4')$$, '23514', null,
                 'what has not ended has none');
select throws_ok($$update trainyard.job set status = 'failed',
                          completed_at = now()
                    where id = pg_temp.id('f4')$$, '23514', null,
                 'what has failed says why');
select throws_ok($$update trainyard.job set error = 'x'
                    where id = pg_temp.id('f4')$$, '23514', null,
                 'what has not failed does not');
select throws_ok($$update trainyard.job set kind = 'ray_grpo'
                    where id = pg_temp.id('f4')$$, '23514', null,
                 'a judge job is for the judge runner');
select throws_ok($$update trainyard.job set judge_id = null
                    where id = pg_temp.id('f4')$$, '23514', null,
                 'a judge job has a judge');
select pg_temp.hosted_job('f5');
select throws_ok($$update trainyard.job set model = null
                    where id = pg_temp.id('f5')$$, '23514', null,
                 'a hosted job has a model');
select throws_ok($$update trainyard.job set priority = 2
                    where id = pg_temp.id('f5')$$, '23514', null,
                 'a priority is -1, 0 or 1');
select throws_ok($$update trainyard.job set progress = 101
                    where id = pg_temp.id('f4')$$, '23514', null,
                 'progress ends at 100');
select throws_ok(
    $$insert into trainyard.token (id, sha256, hint, name, account_id, scopes,
          workspace_id) values (pg_temp.id('3'), decode(repeat('ac', 32),
          'hex'), 'abcd', 'n', pg_temp.id('c1'), '{}', pg_temp.id('b1'))$$,
    '23514', null, 'a token for a workspace is for its organisation');
select throws_ok(
    $$insert into trainyard.artifact (workspace_id, id, kind, name, version,
          media_type, created_by) values (pg_temp.id('b1'), pg_temp.id('e2'),
          'dataset', 'd', '1', 'x', pg_temp.id('c1'))$$,
    '23514', null, 'an artifact has bytes here or is elsewhere');
select throws_ok($$update trainyard.judge set active_version = 9$$, '23514',
                 null, 'the active version is one that was made');
select throws_ok($$update trainyard.feedback_tally set last_number = 1$$,
                 '23514', null, 'the tally''s sum is right');

-- Words and bounds.
select throws_ok(format(
    $$insert into trainyard.organization (id, key, name, webhook_secret)
      values (%L, %L, 'n', 's')$$, pg_temp.id('a2'), k), '23514', null,
    format('%L is no organisation''s key', k))
  from (values (''), ('-a'), ('A'), ('a_b'), (repeat('a', 64))) as v (k);
select throws_ok(format(
    $$insert into trainyard.artifact (workspace_id, id, kind, name, version,
          media_type, size, sha256, created_by)
      values (%L, %L, 'dataset', 'd', %L, 'x', 0, decode(repeat('00', 32),
          'hex'), %L)$$, pg_temp.id('b1'), pg_temp.id('e3'), v,
    pg_temp.id('c1')), '23514', null, format('%L is no version', v))
  from (values ('latest'), (''), ('.1'), ('a b')) as x (v);

-- Rows that belong to others.
select throws_ok(
    $$update trainyard.job set workspace_id = pg_temp.id('b2')
       where id = pg_temp.id('f4')$$, '23503', null,
    'a job''s judge is of its own workspace');
-- Without a foreign key, see 0023: nothing else makes one, and no role may
-- delete a job.
select results_eq(
    $$select name from expect.statement
       where sql ~ 'insert into trainyard\.attempt\M'$$,
    $$values ('job_claim')$$, 'an attempt is made of the job that is claimed');
select throws_ok($$delete from trainyard.judge_version where number = 1
                   and judge_id = pg_temp.id('d1');
                   delete from trainyard.judge$$, '23503', null,
                 'a judge with a job is not deleted');

-- Prices that the published client can read.
select lives_ok($$update trainyard.model set pricing =
    '{"prefill": 0.1, "sample": 0, "train": 2}'$$, 'prices are numbers');
select throws_ok(format($$update trainyard.model set pricing = %L$$, v.pricing),
                 '23514', null, 'no price: ' || v.pricing)
  from (values ('{"train": -1}'), ('{"train": "1"}'), ('{"train": null}'),
               ('{"tran": 1}'), ('[]'), ('1')) as v (pricing);

-- What each report and heartbeat changes is in no index, so that it grows none.
select is_empty($$
    select i.indexrelid::regclass, a.attname
      from pg_index i
      join pg_attribute a on a.attrelid = i.indrelid
       and (a.attnum = any (i.indkey)
            or position(a.attname in pg_get_expr(i.indpred, i.indrelid)) > 0)
     where (i.indrelid, a.attname::text) in (
           ('trainyard.attempt'::regclass, 'lease_until'),
           ('trainyard.attempt'::regclass, 'events_offset'),
           ('trainyard.attempt'::regclass, 'stderr_offset'),
           ('trainyard.attempt'::regclass, 'metrics'),
           ('trainyard.attempt'::regclass, 'artifacts'),
           ('trainyard.attempt'::regclass, 'checkpoint'),
           ('trainyard.job'::regclass, 'metrics'),
           ('trainyard.job'::regclass, 'artifacts'),
           ('trainyard.job'::regclass, 'progress'),
           ('trainyard.job'::regclass, 'revision'),
           ('trainyard.job'::regclass, 'updated_at'))$$,
    'reports and heartbeats are HOT updates');

select * from finish();
rollback;
