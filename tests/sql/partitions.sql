-- SPDX-License-Identifier: BSD-2-Clause
-- What jobs say and what happened to them is in partitions by time.
begin;
set local search_path = pg_catalog, public;
\i :here/fixture.psql
select plan(30);

-- Every row has a place.
select ok(bool_or(p.til is null), t || ' has a place for all times')
  from unnest(array['job_event', 'job_log']) t
 cross join trainyard.partitions(t) p
 group by t;
select is_empty(format(
    'select from trainyard.partitions(%1$L) p where p.since > (select'
    ' min(q.since) from trainyard.partitions(%1$L) q) and not exists (select'
    ' from trainyard.partitions(%1$L) q where q.til = p.since)', t),
    t || ' has no day between two partitions')
  from unnest(array['job_event', 'job_log']) t;
select is_empty(format(
    'select from trainyard.partitions(%L) p where p.since <>'
    ' date_trunc(''day'', p.since, ''utc'')', t), t || ' is cut at midnight, UTC')
  from unnest(array['job_event', 'job_log']) t;
select is((select count(*) from trainyard.partitions(t) p
            where p.since <= now() and p.til > now()), 1::bigint,
          t || ' has one of today')
  from unnest(array['job_event', 'job_log']) t;
select set_eq(
    format('select i.inhrelid from pg_inherits i'
           ' where i.inhparent = ''trainyard.%s''::regclass', t),
    format('select i.indrelid from pg_index i'
           ' join pg_inherits h on h.inhrelid = i.indrelid'
           ' where i.indisprimary and h.inhparent = ''trainyard.%s''::regclass'
           ' and i.indkey::text = ''1 2 3''', t),
    'each of ' || t || ' has a key by workspace and job')
  from unnest(array['job_event', 'job_log']) t;
select is_empty($$
    select c.relname, r.role, v.what
      from pg_inherits i
      join pg_class c on c.oid = i.inhrelid
     cross join (values ('trainyard_fcgi'), ('trainyard_dispatch')) r (role)
     cross join (values ('select'), ('insert'), ('delete')) v (what)
     where i.inhparent in ('trainyard.job_log'::regclass,
                           'trainyard.job_event'::regclass)
       and has_table_privilege(r.role, c.oid, v.what)$$,
    'servers reach them by their table only');

-- Who may do what.
select is(has_function_privilege('trainyard_' || v.role, v.what, 'execute'),
          v.allowed, format('%s, %s: %s', v.role, v.what, v.allowed))
  from (values
    ('dispatch', 'trainyard.partition_keep(text, integer, integer)', true),
    ('fcgi', 'trainyard.partition_keep(text, integer, integer)', false),
    ('dispatch', 'trainyard.partition_add(text, timestamptz, timestamptz)',
     false),
    ('fcgi', 'trainyard.partition_add(text, timestamptz, timestamptz)',
     false)) as v (role, what, allowed);
select ok((select p.proconfig @> array['lock_timeout=200ms'] from pg_proc p
            where p.proname = 'partition_keep'),
          'nobody waits for it for longer than 200 ms');
set local role trainyard_dispatch;
prepare keep (text, integer) as
select made, dropped, removed, busy from trainyard.partition_keep($1, $2, 100);
select throws_ok($$select trainyard.partition_keep('job', 1, 1)$$, '22023',
                 null, 'other tables are left alone');
select throws_ok($$select trainyard.partition_keep('job_log', -1, 1)$$,
                 '22023', null, 'nobody says a negative time');
select results_eq($$execute keep('job_log', 30)$$,
                  $$values (0, 0, 0::bigint, false)$$,
                  'where all is in order nothing is done');
reset role;

-- Old rows go by the partition.
set local role trainyard_owner;
create table trainyard.job_log_old partition of trainyard.job_log
    (primary key (workspace_id, job_id, seq))
    for values from ('2020-01-01 00:00:00+00') to ('2020-02-01 00:00:00+00');
create table trainyard.job_log_p0 partition of trainyard.job_log
    (primary key (workspace_id, job_id, seq))
    for values from (minvalue) to ('2020-01-01 00:00:00+00');
reset role;
insert into trainyard.job_log (workspace_id, job_id, attempt, level, message,
    at)
select pg_temp.id('b1'), pg_temp.id('f1'), 1, 1, v.at::text, v.at
  from (values ('2019-05-05 05:05:05+00'::timestamptz),
               ('2020-01-01 00:00:00+00'), ('2020-01-31 23:59:59+00'),
               ('2020-02-01 00:00:00+00'), (now())) as v (at);
select results_eq(
    $$select l.tableoid::regclass::text from trainyard.job_log l
       order by l.at limit 4$$,
    $$values ('trainyard.job_log_p0'), ('trainyard.job_log_old'),
             ('trainyard.job_log_old'), ('trainyard.job_log_rest')$$,
    'a row is in the partition of its time');
set local role trainyard_dispatch;
select is((select k.removed
             from trainyard.partition_keep('job_log', 36500, 100) k),
          0::bigint, 'what is young enough stays');
select is(k.removed, 1::bigint,
          'rows of no partition of their own go one by one')
  from trainyard.partition_keep('job_log',
           (now()::date - date '2020-02-15'), 100) k;
reset role;
select is((select count(*) from trainyard.job_log), 1::bigint,
          'and partitions as a whole');
select hasnt_table('trainyard', n, n || ' is gone')
  from unnest(array['job_log_old', 'job_log_p0']) n;
-- Rows of no partition of their own may be many, and none of them old.
insert into trainyard.job_log (workspace_id, job_id, attempt, level, message,
    at)
select pg_temp.id('b1'), pg_temp.id('f1'), 1, 1, 'x', now() - interval '50 d'
  from generate_series(1, 5000);
select t.seq_scan as scans from pg_stat_xact_all_tables t
 where t.relname = 'job_log_rest' \gset
set local role trainyard_dispatch;
select results_eq($$execute keep('job_log', 100)$$,
                  $$values (0, 0, 0::bigint, false)$$, 'none of them goes');
reset role;
select is((select t.seq_scan from pg_stat_xact_all_tables t
            where t.relname = 'job_log_rest'), :scans::bigint,
          'and they are not gone over for that');

-- Reads of one job look into the partitions of its time.
create table trainyard.job_log_old partition of trainyard.job_log
    (primary key (workspace_id, job_id, seq))
    for values from ('2020-01-01 00:00:00+00') to ('2020-02-01 00:00:00+00');
select is((select k.dropped from trainyard.partition_keep('job_log', 0, 1) k),
          0, 'nothing goes where all is kept');
set local plan_cache_mode = force_generic_plan;
create function pg_temp.reads(statement text, args text) returns setof text
language plpgsql as $$
begin
    execute 'prepare s as ' || (select e.sql from expect.statement e
                                 where e.name = statement limit 1);
    return query execute 'explain (analyze, timing off, costs off) execute s'
        || args;
    deallocate s;
end
$$;
select is((select string_agg(substring(x from ' on (\w+) '), ' '
                             order by x)
             from pg_temp.reads('log_page', format(
                 '(%L, %L, 0, 9, 0, null, 9, %L, %L)', pg_temp.id('b1'),
                 pg_temp.id('f1'), '2020-01-03', '2020-01-05')) x
            where x ~ 'Scan .* on job_log'), 'job_log_old',
          'lines are looked for in the days of their job');
select ok((select bool_or(x ~ 'Subplans Removed')
             from pg_temp.reads('job_events', format(
                 '(%L, %L, 0, 9, %L, %L)', pg_temp.id('b1'),
                 pg_temp.id('f1'), '2020-01-03', '2020-01-05')) x),
          'so is what happened');

select * from finish();
rollback;
