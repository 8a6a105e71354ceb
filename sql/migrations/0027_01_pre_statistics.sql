-- SPDX-License-Identifier: BSD-2-Clause
-- A table about which the planner knows nothing has every index at the same
-- price, and what is planned then may read most of it.  The server's own
-- workers come by once a minute only, which is long for a site that has just
-- begun: hundreds of thousands of rows.  So whoever asks here has that table
-- analyzed which has doubled, or more, since that was done; one at a time,
-- null: there is none.  A table that somebody is at work on is left to him.
create function trainyard.statistics_keep() returns text
language plpgsql security definer set search_path = pg_catalog as $$
declare
    grown regclass := (
        select c.oid
          from pg_class c
         where c.relnamespace = 'trainyard'::regnamespace
           and c.relkind = 'r'
           and pg_stat_get_mod_since_analyze(c.oid)
               > 100 + greatest(c.reltuples, 0)
         order by pg_stat_get_mod_since_analyze(c.oid) desc
         limit 1);
begin
    if grown is not null then
        execute format('analyze (skip_locked) %s', grown);
    end if;
    return grown;
end
$$;

revoke execute on function trainyard.statistics_keep() from public;
grant execute on function trainyard.statistics_keep() to trainyard_dispatch;
