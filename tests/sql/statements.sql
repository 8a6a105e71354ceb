-- SPDX-License-Identifier: BSD-2-Clause
-- Every statement of sql/queries.sql is understood, and permitted to the role
-- that runs it; none of the servers' needs to read a large table as a whole.
-- So is every statement of the release before, which runs on while the schema
-- is brought up to date for this one, and may come back.
begin;
select plan((2 * count(*) + (select count(*) from expect.released))::integer
            + 6)
  from expect.statement;

select cmp_ok(count(*), '>', 50::bigint, 'statements were found')
  from expect.statement;

-- The plan for parameters that are not known, made as the role: that is when
-- PostgreSQL looks at names, types and privileges.
create function pg_temp.explained(role text, params integer, sql text)
returns setof text language plpgsql as $$
begin
    deallocate all;
    execute format('set local role %I', role);
    execute format('prepare s as %s', sql);
    return query execute 'explain (costs off) execute s'
        || case params when 0 then ''
           else '(' || repeat('null, ', params - 1) || 'null)' end;
    reset role;
end
$$;

-- What is wrong with a statement, or null.
create function pg_temp.fault(role text, params integer, sql text)
returns text language plpgsql as $$
begin
    perform pg_temp.explained(role, params, sql);
    return null;
exception when others then
    return sqlerrm;
end
$$;

-- Whole reads of the tables that grow with use.
create function pg_temp.scans(role text, params integer, sql text)
returns text language plpgsql as $$
begin
    return (select string_agg(btrim(x), ', ')
              from pg_temp.explained(role, params, sql) as e (x)
             where x ~ ('Seq Scan on (job|job_event\w*|job_log\w*|'
                        || 'job_metric|job_series|attempt|evaluation|feedback|artifact|'
                        || 'outbox|idempotency_key|audit)( |$)'));
exception when others then
    return sqlerrm;
end
$$;

set local search_path = pg_catalog, public;
set local plan_cache_mode = force_generic_plan;

select matches(pg_temp.fault('trainyard_fcgi', 0,
                             'select t.nothing from trainyard.token t'),
               'does not exist', 'a fault is seen');
select is(pg_temp.fault(s.role, s.params, s.sql), null,
          s.name || ' as ' || s.role)
  from expect.statement s
 order by s.name, s.role;

select cmp_ok(count(*), '>', 50::bigint, 'released statements were found')
  from expect.released;
select is(pg_temp.fault(s.role, s.params, s.sql), null,
          'released: ' || s.name || ' as ' || s.role)
  from expect.released s
 order by s.name, s.role;

-- A sequential scan costs so much here that the planner takes it only where
-- nothing else is possible.
set local enable_seqscan = off;
select is(pg_temp.scans('trainyard_fcgi', 1,
                        'select j.id from trainyard.job j where j.name = $1'),
          'Seq Scan on job j', 'a whole read is seen');
-- The command may take its time.
select is(case s.role when 'trainyard_owner' then null
               else pg_temp.scans(s.role, s.params, s.sql) end, null,
          s.name || ' as ' || s.role || ' scans no large table')
  from expect.statement s
 order by s.name, s.role;

-- Where few rows of many match, only the index that has their order finds them
-- without reading the others.
select matches(string_agg(e.x, E'\n'), 'outbox_sort_idx',
               s.name || ' finds few among many')
  from expect.statement s
 cross join pg_temp.explained(s.role, s.params, s.sql) as e (x)
 where s.name in ('outbox_page', 'outbox_count')
 group by s.name
 order by s.name;

select * from finish();
rollback;
