-- SPDX-License-Identifier: BSD-2-Clause
-- A job's status moves along the edges of lib/domain/state.tbl.h and no
-- others.
begin;
set local search_path = pg_catalog, public;
\i :here/fixture.psql

create temporary table move as
select f.face, a.word as from_status, b.word as to_status,
       exists (select 1 from expect.edge e
                where e.face = f.face and e.from_status = a.word
                  and e.to_status = b.word) as legal
  from (values ('hosted'), ('judge')) as f (face)
  cross join expect.state a
  cross join expect.state b
 where a.word <> b.word
   and case f.face when 'hosted'
       then a.word in ('queued', 'claimed', 'running', 'completed', 'failed',
                       'cancelled')
        and b.word in ('queued', 'claimed', 'running', 'completed', 'failed',
                       'cancelled')
       else a.word not in ('claimed', 'running')
        and b.word not in ('claimed', 'running') end;

select plan(7 + (select count(*) from move)::integer);

select bag_eq('select face, from_status, to_status from trainyard.job_edge',
              'select face, from_status, to_status from expect.edge',
              'job_edge holds the edges of the table');
select cmp_ok((select count(*) from expect.edge), '>', 20::bigint,
              'edges were read');

-- The CHECK names each status of the table: it is tried one by one.
select bag_eq(
    $$select x[1] from pg_constraint c,
             regexp_matches(pg_get_constraintdef(c.oid),
                            '''([a-z]+)''::text', 'g') x
       where c.conrelid = 'trainyard.job'::regclass
         and c.conname = 'job_status_check'$$,
    'select word from expect.state',
    'the CHECK on status has the words of the table');

-- From any status (put there behind the triggers' back) to any other.
create function pg_temp.try(face text, from_status text, to_status text)
returns text language plpgsql as $$
declare
    refused text;
begin
    set local session_replication_role = replica;
    delete from trainyard.job where id = pg_temp.id('f0');
    if face = 'hosted' then
        perform pg_temp.hosted_job('f0');
    else
        perform pg_temp.judge_job('f0');
    end if;
    perform pg_temp.move('f0', from_status);
    set local session_replication_role = origin;
    begin
        perform pg_temp.move('f0', to_status);
    exception when check_violation then
        get stacked diagnostics refused = constraint_name;
    end;
    return refused;
end
$$;

select is(pg_temp.try(m.face, m.from_status, m.to_status),
          case when not m.legal then 'job_edge' end,
          format('%s job: %s to %s %s', m.face, m.from_status, m.to_status,
                 case when m.legal then 'is allowed' else 'is refused' end))
  from move m
 order by m.face, m.from_status, m.to_status;

-- Beginnings.
select lives_ok($$select pg_temp.judge_job('f1', 'created', 'validation')$$,
                'a judge job may begin as created');
select throws_ok($$select pg_temp.hosted_job('f2', 'created')$$, '23514',
                 null, 'a hosted job may not');
select throws_ok($$select pg_temp.hosted_job('f3', 'claimed')$$, '23514',
                 null, 'no job begins as claimed');
-- One bad row refuses its whole statement.
select pg_temp.hosted_job('f4');
select pg_temp.hosted_job('f5');
select pg_temp.move('f4', 'claimed');
select throws_ok($$update trainyard.job set status = 'running'
                    where id in (pg_temp.id('f4'), pg_temp.id('f5'))$$,
                 '23514', 'no such transition: hosted job: queued to running',
                 'a refusal names the transition');

select * from finish();
rollback;
