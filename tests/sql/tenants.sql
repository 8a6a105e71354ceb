-- SPDX-License-Identifier: BSD-2-Clause
-- Rows of a workspace are found by its id alone: what a database in pieces
-- needs, and what doc/capacity.md says of it.  Partitions have their keys each.
begin;
set local search_path = pg_catalog, public;
select plan(4);

create temporary view tables as
select c.oid, c.relname::text as name,
       (select a.attnum from pg_attribute a
         where a.attrelid = c.oid and a.attname = 'workspace_id') as place
  from pg_class c
 where c.relnamespace = 'trainyard'::regnamespace and c.relkind = 'r';

-- of all sites, of people, or found before the workspace is known
create temporary view apart (name) as
values ('account'), ('audit'), ('dispatcher'), ('idempotency_key'),
       ('job_edge'), ('member'), ('model'), ('organization'),
       ('schema_migration'), ('token'), ('workspace');

select set_eq(
    $$select t.name from tables t join pg_index i on i.indrelid = t.oid
       where i.indisprimary and i.indkey[0] is distinct from t.place
          or t.place is null$$,
    $$select name from apart$$,
    'every other table has workspace_id first in its primary key');
select is_empty(
    $$select i.indexrelid::regclass::text
        from tables t join pg_index i on i.indrelid = t.oid
       where i.indisunique and t.place <> all (i.indkey::smallint[])
         and t.name not in (select name from apart)$$,
    'and in each unique key');
select is_empty(
    $$select f.conname::text
        from pg_constraint f
        join tables t on t.oid = f.conrelid
        join tables r on r.oid = f.confrelid
       where f.contype = 'f' and t.name not in (select name from apart)
         and r.name not in (select name from apart)
         and (t.place <> all (f.conkey) or r.place <> all (f.confkey))$$,
    'and in each foreign key to another of them');
select is_empty(
    $$select t.name from tables t
        join pg_attribute a on a.attrelid = t.oid
       where a.attnum = t.place and not a.attnotnull
         and t.name not in (select name from apart)$$,
    'and never null');
select finish();
rollback;
