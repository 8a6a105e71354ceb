-- SPDX-License-Identifier: BSD-2-Clause
-- The three roles of trainyard; may be run again.  Needs CREATEROLE.
-- No passwords here: local sockets use peer or trust by the site's
-- pg_hba.conf, remote ones get a password with ALTER ROLE.
do $$
declare
    r text;
begin
    foreach r in array array['trainyard_owner', 'trainyard_fcgi',
                             'trainyard_dispatch']
    loop
        if not exists (select 1 from pg_catalog.pg_roles where rolname = r) then
            execute format('create role %I login', r);
        end if;
        execute format('alter role %I set search_path = pg_catalog', r);
    end loop;
end
$$;
