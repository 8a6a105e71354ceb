-- SPDX-License-Identifier: BSD-2-Clause
-- Lists of finished jobs by tag and by a part of the name, and artifacts by a
-- part of one or two letters, find what is rare without reading the rest.
-- Open jobs are few and need no such index.

-- Every part of one and two letters that a text has.
create function trainyard.short_parts(name text) returns text[]
language sql immutable strict parallel safe
set search_path = 'pg_catalog'
as $$
    select array_agg(distinct substr(name, i, n))
      from generate_series(1, length(name)) i
     cross join generate_series(1, 2) n
     where i + n - 1 <= length(name)
$$;

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
    execute format('create index job_done_word_idx on trainyard.job'
        ' using gin (workspace_id %I.uuid_ops, tags,'
        ' (lower(name collate "und-x-icu")) %I.gin_trgm_ops)'
        ' where face = ''hosted'''
        ' and status in (''completed'', ''failed'', ''cancelled'')',
        gin, trgm);
    execute format('create index artifact_short_idx on trainyard.artifact'
        ' using gin (workspace_id %I.uuid_ops,'
        ' (trainyard.short_parts(name)))', gin);
end
$$;

create or replace function trainyard.hosted_done(place uuid, wanted text,
    sort text, project text, marks text[], part text, base text,
    since timestamptz, til timestamptz)
returns table (id uuid, created_at timestamptz, changed_at timestamptz)
language sql stable
as $$
    select j.id, j.created_at, j.completed_at
      from trainyard.job j
     where j.workspace_id = place
       and j.face = 'hosted'
       and j.status in ('completed', 'failed', 'cancelled')
       and (wanted is null or j.status = wanted)
       and (sort is null or j.kind = sort)
       and (project is null or j.project_key = project)
       and (marks is null or j.tags @> marks)
       and (part is null
            or lower(j.name collate "und-x-icu") like '%' || replace(replace(
               replace(lower(part collate "und-x-icu"), '\', '\\'),
               '%', '\%'), '_', '\_') || '%')
       and (base is null or j.model = base)
       and (since is null or j.created_at >= since)
       and (til is null or j.created_at < til)
$$;

-- Rows that are changed many times in a life have room for the next version
-- on their page: of the updates that a report makes to a running job, 69 of
-- 100 touch no index with pages that are filled, 83 with 15 % of room, and
-- the table is then the smaller one.  Vacuum comes after so many rows, and
-- not after a fifth of a table that has become large: what is left of the
-- queue's former rows is walked over until then.  The few rows that every
-- request changes are swept after a thousand changes.  A BRIN index knows
-- new pages only after a vacuum.
alter table trainyard.job set (fillfactor = 85,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_analyze_scale_factor = 0.02);
alter table trainyard.attempt set (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 5000);
alter table trainyard.outbox set (fillfactor = 85,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 1000);
alter table trainyard.feedback_tally set (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000);
alter table trainyard.judge_version_use set (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000);
alter table trainyard.artifact_usage set (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000);
alter table trainyard.job_log set (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.02);
alter table trainyard.idempotency_key set (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.02);
