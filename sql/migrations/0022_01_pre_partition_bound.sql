-- SPDX-License-Identifier: BSD-2-Clause
-- First of three steps that make partitions by time of what jobs say and of
-- what happened to them.  The tables of today become the first partition as
-- they are: nothing is copied and no index is made.  A partition must be known
-- to end somewhere; this says where these will, eight days from now at
-- midnight UTC, without looking at the rows that are there.  Until the third
-- step is done a row of a later time is dated back to that end: no insert
-- fails because a migration was left half done.
create function trainyard.bound_hold() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
    new.at := tg_argv[0]::timestamptz - interval '1 microsecond';
    return new;
end
$$;

do $$
declare
    til text := to_char(now() at time zone 'utc' + interval '8 days',
                        '"''"YYYY-MM-DD" 00:00:00+00''"');
    t   text;
begin
    foreach t in array array['job_event', 'job_log'] loop
        execute format('alter table trainyard.%I add constraint %I'
            ' check (at < timestamptz %s) not valid', t, t || '_bound', til);
        execute format('create trigger %I before insert on trainyard.%I'
            ' for each row when (new.at >= timestamptz %s)'
            ' execute function trainyard.bound_hold(%s)',
            t || '_bound', t, til, til);
    end loop;
end
$$;
