-- SPDX-License-Identifier: BSD-2-Clause
-- Third step: the tables become the first partitions of new ones, which takes
-- the time of a few lines of the catalog.  A partition is a tenth of what is
-- kept, in whole days of UTC: old rows go by the file, not one by one, live a
-- tenth longer at most, and a table has about a dozen partitions whatever a
-- site keeps, which is what reads of one job are in proportion to.
--
-- The keys are the partitions' own: the table as a whole could have them only
-- with the time in them, seq is never given twice anyway, and the key that the
-- former tables have would not do.
--
-- What no partition is for goes to the one called _rest: rows of the days for
-- which nobody made partitions because no dispatcher ran, and those of a clock
-- that was wrong.  Old rows are deleted from there one by one, and from the
-- former table of lines, which holds all ages, until it goes as a whole.  That
-- of history has no index to find them by, and was kept for ever until now: it
-- goes as a whole only.

-- A table's partitions; no end: _rest; no begin: the former table.
create function trainyard.partitions(parent text)
returns table (name text, since timestamptz, til timestamptz)
language sql stable set search_path = pg_catalog set timezone = 'UTC' as $$
    select c.relname::text,
           substring(b.bound from 'FROM \(''([^'']+)''')::timestamptz,
           substring(b.bound from 'TO \(''([^'']+)''')::timestamptz
      from pg_inherits i
      join pg_class c on c.oid = i.inhrelid
     cross join lateral pg_get_expr(c.relpartbound, c.oid) as b (bound)
     where i.inhparent = format('trainyard.%I', parent)::regclass
$$;

-- Only what reads and writes can do meanwhile waits: rows for _rest.
create function trainyard.partition_add(parent text, since timestamptz,
    til timestamptz) returns void
language plpgsql set search_path = pg_catalog set timezone = 'UTC' as $$
declare
    part text := parent || to_char(since, '"_p"YYYYMMDD');
begin
    execute format('create table trainyard.%I (like trainyard.%I'
        ' including defaults including constraints,'
        ' primary key (workspace_id, job_id, seq))', part, parent);
    execute format('alter table trainyard.%I attach partition trainyard.%I'
        ' for values from (%L) to (%L)', parent, part, since, til);
end
$$;

-- Keeps a table in order, for as many days as its rows are kept, 0: for ever.
-- Deletes what is too old for where it is, drops partitions that are too old
-- as a whole, makes those that will be needed.  One at a time does this; it
-- gives up where it would have to wait for longer than 200 ms, since all
-- others would have to wait with it, and is asked again a minute later.  Old
-- rows are found by the indexes for that, whatever statistics say or lack.
create function trainyard.partition_keep(parent text, days integer,
    most integer, out made integer, out dropped integer, out removed bigint,
    out busy boolean)
language plpgsql security definer set search_path = pg_catalog
set timezone = 'UTC' set lock_timeout = '200ms' set enable_seqscan = off as $$
declare
    step    interval := make_interval(days =>
                case when days = 0 then 90 else greatest(days / 10, 1) end);
    horizon timestamptz := now() + greatest(step, interval '10 days');
    old     timestamptz := case when days > 0
                then now() - make_interval(days => days) end;
    start   timestamptz;
    last    timestamptz;
    part    text;
    n       bigint;
begin
    made := 0;
    dropped := 0;
    removed := 0;
    busy := false;
    if parent not in ('job_event', 'job_log') or days not between 0 and 36500
    then
        raise exception 'no such partitions: %, % days', parent, days
            using errcode = 'invalid_parameter_value';
    end if;
    if not pg_try_advisory_xact_lock('pg_class'::regclass::integer,
        format('trainyard.%I', parent)::regclass::oid::integer) then
        return;
    end if;

    for part in
        select p.name from trainyard.partitions(parent) p
         where old is not null and p.since is null
           and (p.til is null or parent = 'job_log' and p.til > old)
    loop
        execute format('delete from trainyard.%I where ctid = any (array('
            'select ctid from trainyard.%1$I where at < $1 limit $2))', part)
            using old, most - removed;
        get diagnostics n = row_count;
        removed := removed + n;
    end loop;

    -- It takes the table as a whole for a moment: before what follows, which
    -- would hold others up for it.
    begin
        for part in
            select p.name from trainyard.partitions(parent) p
             where p.til <= old order by p.til
        loop
            execute format('drop table trainyard.%I', part);
            dropped := dropped + 1;
        end loop;
    exception when lock_not_available then
        dropped := 0;
        busy := true;
    end;

    -- Days for which _rest has rows stay with it.
    begin
        select greatest(max(p.til), date_trunc('day', now())) into start
          from trainyard.partitions(parent) p;
        while start < horizon loop
            execute format('select max(at) from trainyard.%I'
                ' where at >= $1 and at < $2', parent || '_rest')
                into last using start, start + step;
            if last is not null then
                start := date_trunc('day', last) + interval '1 day';
            else
                perform trainyard.partition_add(parent, start, start + step);
                made := made + 1;
                start := start + step;
            end if;
        end loop;
    exception when lock_not_available or check_violation then
        -- somebody read, or wrote such a row just now
        made := 0;
        busy := true;
    end;
end
$$;

alter table trainyard.job_event rename to job_event_p0;
alter index trainyard.job_event_pkey rename to job_event_p0_pkey;
alter table trainyard.job_log rename to job_log_p0;
alter index trainyard.job_log_pkey rename to job_log_p0_pkey;
alter index trainyard.job_log_age_idx rename to job_log_p0_age_idx;
alter sequence trainyard.job_event_seq_seq rename to job_event_p0_seq_seq;
alter sequence trainyard.job_log_seq_seq rename to job_log_p0_seq_seq;
drop trigger job_event_bound on trainyard.job_event_p0;
drop trigger job_log_bound on trainyard.job_log_p0;
drop function trainyard.bound_hold();

create table trainyard.job_event (
    workspace_id uuid not null,
    job_id       uuid not null,
    seq          bigint generated always as identity,
    attempt      integer not null,
    event        text not null,
    from_status  text,
    to_status    text,
    message      text,
    data         json,
    at           timestamptz not null default clock_timestamp()
) partition by range (at);

create table trainyard.job_log (
    workspace_id uuid not null,
    job_id       uuid not null,
    seq          bigint generated always as identity,
    attempt      integer not null,
    level        smallint not null
                 constraint job_log_level_check check (level between 0 and 3),
    message      text not null,
    data         json,
    at           timestamptz not null default clock_timestamp()
) partition by range (at);

create table trainyard.job_event_rest partition of trainyard.job_event
    (primary key (workspace_id, job_id, seq)) default;
create table trainyard.job_log_rest partition of trainyard.job_log
    (primary key (workspace_id, job_id, seq)) default;
-- A BRIN index knows new pages only after a vacuum.
create index job_event_rest_age_idx on trainyard.job_event_rest
    using brin (at);
create index job_log_rest_age_idx on trainyard.job_log_rest using brin (at);
alter table trainyard.job_event_rest set (
    autovacuum_vacuum_insert_scale_factor = 0.02);
alter table trainyard.job_log_rest set (
    autovacuum_vacuum_insert_scale_factor = 0.02);

do $$
declare
    t     text;
    til   text;
    last  bigint;
    empty boolean;
begin
    foreach t in array array['job_event', 'job_log'] loop
        execute format('select not exists (select from trainyard.%I)',
            t || '_p0') into empty;
        execute format('select last_value + is_called::integer'
            ' from trainyard.%I', t || '_p0_seq_seq') into last;
        perform setval(format('trainyard.%I', t || '_seq_seq')::regclass,
            last, false);
        if empty then
            execute format('drop table trainyard.%I', t || '_p0');
            continue;
        end if;
        select substring(pg_get_constraintdef(c.oid) from '''([^'']+)''')
          into strict til
          from pg_constraint c
         where c.conrelid = format('trainyard.%I', t || '_p0')::regclass
           and c.conname = t || '_bound';
        execute format('alter table trainyard.%I'
            ' alter column seq drop identity', t || '_p0');
        execute format('alter table trainyard.%I attach partition'
            ' trainyard.%I for values from (minvalue) to (%L)', t,
            t || '_p0', til);
        execute format('alter table trainyard.%I drop constraint %I',
            t || '_p0', t || '_bound');
        execute format('revoke all on trainyard.%I'
            ' from trainyard_fcgi, trainyard_dispatch', t || '_p0');
    end loop;
end
$$;

-- The dispatchers of the release before delete lines themselves, as well.
grant select on trainyard.job_event, trainyard.job_log
    to trainyard_fcgi, trainyard_dispatch;
grant insert on trainyard.job_log to trainyard_fcgi, trainyard_dispatch;
grant insert on trainyard.job_event to trainyard_dispatch;
grant delete on trainyard.job_log to trainyard_dispatch;

revoke execute on function
    trainyard.partition_add(text, timestamptz, timestamptz),
    trainyard.partition_keep(text, integer, integer) from public;
grant execute on function trainyard.partition_keep(text, integer, integer)
    to trainyard_dispatch;
select trainyard.partition_keep('job_event', 0, 0),
       trainyard.partition_keep('job_log', 30, 0);

-- Metrics of jobs that ended long ago go, where a site wants that.
grant delete on trainyard.job_metric to trainyard_dispatch;
