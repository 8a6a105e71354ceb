-- SPDX-License-Identifier: BSD-2-Clause
-- The artifact registry: lists, quotas, what is known of datasets.

-- What the rows of a dataset are; null: not looked at.  json, not jsonb: it
-- is shown as it was written.
alter table trainyard.artifact add column dataset json;

-- Lists, newest first: of a kind, and of a version.  Those of a name have
-- artifact_newest_idx, those of everything the primary key.
create index artifact_kind_idx on trainyard.artifact
    (workspace_id, kind, id desc);
create index artifact_version_idx on trainyard.artifact
    (workspace_id, kind, version, id desc);

-- Lists by a part of the name.  Both extensions come with PostgreSQL (Debian:
-- postgresql-15) and are trusted: the owner of the database may make them.
-- Where a site has them already, they stay in their schema.
create extension if not exists pg_trgm with schema trainyard;
create extension if not exists btree_gin with schema trainyard;
do $$
declare
    trgm text;
    gin  text;
begin
    select max(n.nspname) filter (where e.extname = 'pg_trgm'),
           max(n.nspname) filter (where e.extname = 'btree_gin')
      into strict trgm, gin
      from pg_catalog.pg_extension e
      join pg_catalog.pg_namespace n on n.oid = e.extnamespace;
    execute format('create index artifact_part_idx on trainyard.artifact'
        ' using gin (workspace_id %I.uuid_ops, name %I.gin_trgm_ops)',
        gin, trgm);
end
$$;

-- Which models are in use, for whoever removes files that are not.
create index judge_version_model_idx on trainyard.judge_version
    (model_sha256) where model_sha256 is not null;

-- Quotas: the limit (null: the site's), and what counts against it, each
-- version with its size, also where two share their bytes.
alter table trainyard.workspace add column artifact_quota bigint
    check (artifact_quota >= 0);

create table trainyard.artifact_usage (
    workspace_id uuid primary key references trainyard.workspace,
    bytes        bigint not null check (bytes >= 0)
) with (fillfactor = 50);
insert into trainyard.artifact_usage (workspace_id, bytes)
select a.workspace_id, sum(a.size)
  from trainyard.artifact a
 where a.uri is null
 group by a.workspace_id;

-- Once a statement, not once a row: its row is the one that all who publish
-- in a workspace wait for.
create function trainyard.artifact_added() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
    insert into trainyard.artifact_usage as u (workspace_id, bytes)
    select a.workspace_id, sum(a.size)
      from added a
     where a.uri is null
     group by a.workspace_id
     order by a.workspace_id
        on conflict (workspace_id)
        do update set bytes = u.bytes + excluded.bytes;
    return null;
end
$$;
create trigger artifact_added after insert on trainyard.artifact
    referencing new table as added
    for each statement execute function trainyard.artifact_added();

create function trainyard.artifact_removed() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
    update trainyard.artifact_usage u
       set bytes = u.bytes - r.bytes
      from (select a.workspace_id, sum(a.size) as bytes
              from removed a
             where a.uri is null
             group by a.workspace_id) r
     where u.workspace_id = r.workspace_id;
    return null;
end
$$;
create trigger artifact_removed after delete on trainyard.artifact
    referencing old table as removed
    for each statement execute function trainyard.artifact_removed();

grant select, insert, update on trainyard.artifact_usage
    to trainyard_fcgi, trainyard_dispatch;
