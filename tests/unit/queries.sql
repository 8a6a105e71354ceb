-- SPDX-License-Identifier: BSD-2-Clause
-- Statements for the tests of lib/store, which are built with this file in
-- place of sql/queries.sql; tests/unit/pg.h makes the schema "unit".

-- echo --
select $1::text, $2::bigint, $3::double precision, $4::boolean, $5::bytea

-- setting --
-- $1 name
select current_setting($1)

-- nap --
-- $1 seconds
select pg_sleep($1::double precision)

-- item_add --
-- $1 id  $2 number  $3 note
insert into unit.item (id, number, note) values ($1, $2::integer, $3)
returning id, number, note

-- item_all --
-- Names no columns on purpose: its result changes with the table.
select * from unit.item

-- item_count --
select count(*) from unit.item

-- item_group --
-- $1 ids  $2 numbers  $3 notes; returns rows in another order than given
with written as (
    insert into unit.item (id, number, note)
    select i.id, i.number::integer, i.note
      from unnest($1::text[], $2::text[], $3::text[]) as i (id, number, note)
    returning id, note
)
select w.id, w.note, pg_current_xact_id()::text
  from written w
 order by w.id desc

-- item_once --
-- $1 ids  $2 notes; an id that is there already is not written
insert into unit.item (id, number, note)
select i.id, 1, i.note from unnest($1::text[], $2::text[]) as i (id, note)
    on conflict (id) do nothing
returning id, note, pg_current_xact_id()::text

-- item_contended --
-- $1 ids; fails as a deadlock does until it has been tried often enough
insert into unit.item (id, number, note)
select i.id, unit.contend(), null from unnest($1::text[]) as i (id)
returning id
