-- SPDX-License-Identifier: BSD-2-Clause
-- Every statement that a program runs, by name.  tools/gen-stmt.awk makes
-- enum stmt from it (STMT_<name>); tests/sql prepares and explains each one
-- as the role that runs it.  Names are qualified, columns are listed, values
-- are parameters.

-- Any program ---

-- schema_known --
-- Is there a schema at all?  The next statements cannot be parsed without.
select to_regclass('trainyard.schema_migration') is not null

-- schema_has --
-- $1 name of a migration
select exists (select 1 from trainyard.schema_migration m where m.name = $1)

-- blob_lock --
-- Until the end of the transaction these bytes are not removed.  See
-- domain/blob_gc.h.
-- $1 SHA-256, hex
select pg_advisory_xact_lock_shared(1651273570,
           ('x' || left($1::text, 8))::bit(32)::integer)

-- blob_pin --
-- The same until blob_unpin, or the end of the session.
-- $1 SHA-256, hex
select pg_advisory_lock_shared(1651273570,
           ('x' || left($1::text, 8))::bit(32)::integer)

-- blob_unpin --
-- $1 SHA-256, hex
select pg_advisory_unlock_shared(1651273570,
           ('x' || left($1::text, 8))::bit(32)::integer)

-- blob_claim --
-- False: somebody is about to name them.
-- $1 SHA-256, hex
select pg_try_advisory_xact_lock(1651273570,
           ('x' || left($1::text, 8))::bit(32)::integer)

-- blob_unnamed --
-- Which of these no row names.
-- $1 SHA-256, hex, text[]
select x.sha256
  from unnest($1::text[]) as x (sha256)
 where not exists (select 1 from trainyard.artifact a
                    where a.sha256 = decode(x.sha256, 'hex')
                      and a.uri is null)
   and not exists (select 1 from trainyard.judge_version v
                    where v.model_sha256 = decode(x.sha256, 'hex'))
   and not exists (select 1 from trainyard.job_report r
                    where r.json_sha256 = decode(x.sha256, 'hex'))
   and not exists (select 1 from trainyard.job_report r
                    where r.html_sha256 = decode(x.sha256, 'hex'))

-- Access -------------------------------------------------------------------

-- token_by_digest --
-- A usable token and its account.
-- $1 SHA-256 in hex
select t.id, a.id, a.email, a.username, a.full_name, t.organization_id,
       t.workspace_id, t.scopes, t.rate_limit,
       (extract(epoch from t.expires_at) * 1000000)::bigint
  from trainyard.token t
  join trainyard.account a on a.id = t.account_id
 where t.sha256 = decode($1::text, 'hex')
   and t.revoked_at is null
   and (t.expires_at is null or t.expires_at > now())

-- tenant_for --
-- An organisation and workspace, when the account may see them and the token
-- is not bound to others.
-- $1 account id
-- $2 organisation's key; null: the one that the token is bound to
-- $3 workspace's key; null: the one that the token is bound to, else the
--    default one
-- $4 organisation id the token is bound to, or null
-- $5 workspace id the token is bound to, or null
select o.id, o.key, w.id, w.key,
       coalesce((select d.id from trainyard.workspace d
                  where d.organization_id = o.id and d.is_default), w.id),
       coalesce((select p.key from trainyard.project p
                  where p.workspace_id = w.id and p.is_default), ''),
       w.queue_quota,
       o.max_runtime_seconds,
       o.webhook_url is not null
  from trainyard.organization o
  join trainyard.member m
    on m.organization_id = o.id and m.account_id = $1::uuid
  join trainyard.workspace w on w.organization_id = o.id
 where (o.key = $2::text or ($2::text is null and o.id = $4::uuid))
   and o.is_active
   and (w.key = $3::text
        or ($3::text is null
            and (w.id = $5::uuid or ($5::uuid is null and w.is_default))))
   and ($4::uuid is null or o.id = $4::uuid)
   and ($5::uuid is null or w.id = $5::uuid)
   and (m.role = 'owner'
        or exists (select 1 from trainyard.workspace_member x
                    where x.workspace_id = w.id
                      and x.account_id = $1::uuid))

-- organization_for --
-- An organisation, when the account may see it and the token is not bound to
-- another one.
-- $1 account id  $2 key  $3 organisation id the token is bound to, or null
select o.id, o.key, m.role = 'owner'
  from trainyard.organization o
  join trainyard.member m
    on m.organization_id = o.id and m.account_id = $1::uuid
 where o.key = $2::text
   and o.is_active
   and ($3::uuid is null or o.id = $3::uuid)

-- organization_list --
-- The active organisations of an account, by key.
-- $1 account id  $2 organisation id, or null for all  $3 most rows
select o.id, o.name, o.key, o.description, o.max_runtime_seconds,
       o.default_runtime_seconds, o.max_members,
       (select count(*) from trainyard.member x
         where x.organization_id = o.id),
       (extract(epoch from o.created_at) * 1000000)::bigint,
       (extract(epoch from o.updated_at) * 1000000)::bigint
  from trainyard.member m
  join trainyard.organization o on o.id = m.organization_id
 where m.account_id = $1::uuid
   and o.is_active
   and ($2::uuid is null or o.id = $2::uuid)
 order by o.key
 limit $3::bigint

-- workspace_list --
-- The workspaces of an organisation that an account may see: the default
-- one, then by key.
-- $1 account id  $2 organisation id  $3 workspace id, or null for all
-- $4 most rows
select w.id, w.name, w.key, o.id, o.name, w.is_default,
       (extract(epoch from w.created_at) * 1000000)::bigint,
       (extract(epoch from w.updated_at) * 1000000)::bigint
  from trainyard.workspace w
  join trainyard.organization o on o.id = w.organization_id
  join trainyard.member m
    on m.organization_id = o.id and m.account_id = $1::uuid
 where w.organization_id = $2::uuid
   and ($3::uuid is null or w.id = $3::uuid)
   and (m.role = 'owner'
        or exists (select 1 from trainyard.workspace_member x
                    where x.workspace_id = w.id
                      and x.account_id = $1::uuid))
 order by w.is_default desc, w.key
 limit $4::bigint

-- project_list --
-- The projects of a workspace: the default one, then by key.
-- $1 workspace  $2 key, or null for all  $3 most rows
select p.id, p.key, p.name, p.workspace_id, p.is_default,
       (extract(epoch from p.created_at) * 1000000)::bigint,
       (extract(epoch from p.updated_at) * 1000000)::bigint
  from trainyard.project p
 where p.workspace_id = $1::uuid
   and ($2::text is null or p.key = $2::text)
 order by p.is_default desc, p.key
 limit $3::bigint

-- job_token_find --
-- The token of an attempt, whatever became of that, and the job's creator.
-- $1 workspace, $2 job and $3 attempt that the token names
-- $4 its SHA-256 in hex
select j.id, a.id, a.email, a.username, a.full_name, j.organization_id,
       j.project_key
  from trainyard.attempt t
  join trainyard.job j on j.workspace_id = t.workspace_id and j.id = t.job_id
  join trainyard.account a on a.id = j.created_by
 where t.workspace_id = $1::uuid
   and t.job_id = $2::uuid
   and t.number = $3::integer
   and t.token_sha256 = decode($4::text, 'hex')

-- job_token_alive --
-- A row while the attempt is under way.
-- $1 workspace  $2 job  $3 attempt
select 1
  from trainyard.attempt t
  join trainyard.job j on j.workspace_id = t.workspace_id
   and j.id = t.job_id and j.attempt = t.number
   and j.status in ('claimed', 'running')
 where t.workspace_id = $1::uuid
   and t.job_id = $2::uuid
   and t.number = $3::integer
   and t.completed_at is null

-- job_token_hold --
-- The same, and so it stays until the commit.
-- $1 workspace  $2 job  $3 attempt
select 1
  from trainyard.attempt t
  join trainyard.job j on j.workspace_id = t.workspace_id
   and j.id = t.job_id and j.attempt = t.number
   and j.status in ('claimed', 'running')
 where t.workspace_id = $1::uuid
   and t.job_id = $2::uuid
   and t.number = $3::integer
   and t.completed_at is null
   for share of t, j

-- tenant_for_job --
-- As tenant_for, for a job's token: its organisation, with its workspace or
-- the default one.
-- $1 organisation's key; null: its own  $2 workspace's key; null: its own
-- $3 its organisation's id  $4 its workspace's id
select o.id, o.key, w.id, w.key,
       coalesce((select d.id from trainyard.workspace d
                  where d.organization_id = o.id and d.is_default), w.id),
       coalesce((select p.key from trainyard.project p
                  where p.workspace_id = w.id and p.is_default), ''),
       w.queue_quota, o.max_runtime_seconds, o.webhook_url is not null
  from trainyard.organization o
  join trainyard.workspace w on w.organization_id = o.id
 where o.id = $3::uuid
   and ($1::text is null or o.key = $1::text)
   and o.is_active
   and (w.key = $2::text or ($2::text is null and w.id = $4::uuid))
   and (w.id = $4::uuid or w.is_default)

-- idem_find --
-- The reply kept under a key.
-- $1 account id  $2 path  $3 key
select encode(k.request_hash, 'hex'), k.status, k.location, k.body
  from trainyard.idempotency_key k
 where k.account_id = $1::uuid
   and k.method = 'POST'
   and k.path = $2::text
   and k.key = $3::text
   and k.created_at > now() - interval '24 hours'

-- idem_lock --
-- Takes a key for this transaction; false: another one has it.
-- $1 account, path and key in one text
select pg_try_advisory_xact_lock(hashtextextended($1::text, 0))

-- idem_insert --
-- Keeps a reply.
-- $1 account id  $2 path  $3 key  $4 request hash, hex  $5 status
-- $6 location or null  $7 body
insert into trainyard.idempotency_key as k
    (account_id, method, path, key, request_hash, status, location, body)
values ($1::uuid, 'POST', $2::text, $3::text, decode($4::text, 'hex'),
        $5::smallint, $6::text, $7::text)
on conflict (account_id, method, path, key) do update
   set request_hash = excluded.request_hash, status = excluded.status,
       location = excluded.location, body = excluded.body,
       created_at = excluded.created_at
 where k.created_at <= now() - interval '24 hours'

-- Audit --------------------------------------------------------------------
-- One statement for each index, so that the page costs the same however the
-- trail grows.  What an index begins with is written so that no other index
-- can serve the statement: the planner would take one that has the order and
-- read the whole trail for a rare action.

-- audit_newest --
-- What changed in a workspace, newest first.
-- $1 workspace
-- $2 actor, $3 action, $4 target, $5 request id; null for any
-- $6 not before this time, in microseconds
-- $7 before the row of this time, $8 and number  $9 most rows
select a.seq, (extract(epoch from a.at) * 1000000)::bigint, a.actor,
       a.action, a.target, a.request_id
  from trainyard.audit a
 where array[a.workspace_id] = array[$1::uuid]
   and ($2::text is null or a.actor = $2::text)
   and ($3::text is null or a.action = $3::text)
   and ($4::text is null or a.target = $4::text)
   and ($5::text is null or a.request_id = $5::text)
   and a.at >= timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
   and (a.at, a.seq)
       < (timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
          $8::bigint)
 order by a.at desc, a.seq desc
 limit $9::bigint

-- audit_by_actor --
-- The same by one actor.
-- $1 workspace
-- $2 actor, $3 action, $4 target, $5 request id; null for any
-- $6 not before this time, in microseconds
-- $7 before the row of this time, $8 and number  $9 most rows
select a.seq, (extract(epoch from a.at) * 1000000)::bigint, a.actor,
       a.action, a.target, a.request_id
  from trainyard.audit a
 where a.workspace_id = $1::uuid
   and a.actor = $2::text
   and ($3::text is null or a.action = $3::text)
   and ($4::text is null or a.target = $4::text)
   and ($5::text is null or a.request_id = $5::text)
   and a.at >= timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
   and (a.at, a.seq)
       < (timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
          $8::bigint)
 order by a.at desc, a.seq desc
 limit $9::bigint

-- audit_by_action --
-- The same of one action.
-- $1 workspace
-- $2 actor, $3 action, $4 target, $5 request id; null for any
-- $6 not before this time, in microseconds
-- $7 before the row of this time, $8 and number  $9 most rows
select a.seq, (extract(epoch from a.at) * 1000000)::bigint, a.actor,
       a.action, a.target, a.request_id
  from trainyard.audit a
 where a.workspace_id = $1::uuid
   and a.action = $3::text
   and ($2::text is null or a.actor = $2::text)
   and ($4::text is null or a.target = $4::text)
   and ($5::text is null or a.request_id = $5::text)
   and a.at >= timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
   and (a.at, a.seq)
       < (timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
          $8::bigint)
 order by a.at desc, a.seq desc
 limit $9::bigint

-- audit_by_both --
-- The same of one actor and one action.
-- $1 workspace
-- $2 actor, $3 action, $4 target, $5 request id; null for any
-- $6 not before this time, in microseconds
-- $7 before the row of this time, $8 and number  $9 most rows
select a.seq, (extract(epoch from a.at) * 1000000)::bigint, a.actor,
       a.action, a.target, a.request_id
  from trainyard.audit a
 where a.workspace_id = $1::uuid
   and array[a.actor, a.action] = array[$2::text, $3::text]
   and ($4::text is null or a.target = $4::text)
   and ($5::text is null or a.request_id = $5::text)
   and a.at >= timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
   and (a.at, a.seq)
       < (timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
          $8::bigint)
 order by a.at desc, a.seq desc
 limit $9::bigint

-- audit_by_target --
-- The same on one target.
-- $1 workspace
-- $2 actor, $3 action, $4 target, $5 request id; null for any
-- $6 not before this time, in microseconds
-- $7 before the row of this time, $8 and number  $9 most rows
select a.seq, (extract(epoch from a.at) * 1000000)::bigint, a.actor,
       a.action, a.target, a.request_id
  from trainyard.audit a
 where a.workspace_id = $1::uuid
   and a.target = $4::text
   and ($2::text is null or a.actor = $2::text)
   and ($3::text is null or a.action = $3::text)
   and ($5::text is null or a.request_id = $5::text)
   and a.at >= timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
   and (a.at, a.seq)
       < (timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
          $8::bigint)
 order by a.at desc, a.seq desc
 limit $9::bigint

-- audit_by_request --
-- The same of one request.
-- $1 workspace
-- $2 actor, $3 action, $4 target, $5 request id; null for any
-- $6 not before this time, in microseconds
-- $7 before the row of this time, $8 and number  $9 most rows
select a.seq, (extract(epoch from a.at) * 1000000)::bigint, a.actor,
       a.action, a.target, a.request_id
  from trainyard.audit a
 where a.workspace_id = $1::uuid
   and a.request_id = $5::text
   and ($2::text is null or a.actor = $2::text)
   and ($3::text is null or a.action = $3::text)
   and ($4::text is null or a.target = $4::text)
   and a.at >= timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
   and (a.at, a.seq)
       < (timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
          $8::bigint)
 order by a.at desc, a.seq desc
 limit $9::bigint

-- audit_of_organization --
-- What changed in an organisation beside its workspaces: what the sysadmin
-- does, so there is never much of it.
-- $1 organisation
-- $2 actor, $3 action, $4 target, $5 request id; null for any
-- $6 not before this time, in microseconds
-- $7 before the row of this time, $8 and number  $9 most rows
select a.seq, (extract(epoch from a.at) * 1000000)::bigint, a.actor,
       a.action, a.target, a.request_id
  from trainyard.audit a
 where a.organization_id = $1::uuid
   and a.workspace_id is null
   and ($2::text is null or a.actor = $2::text)
   and ($3::text is null or a.action = $3::text)
   and ($4::text is null or a.target = $4::text)
   and ($5::text is null or a.request_id = $5::text)
   and a.at >= timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
   and (a.at, a.seq)
       < (timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
          $8::bigint)
 order by a.at desc, a.seq desc
 limit $9::bigint

-- Hosted training ----------------------------------------------------------

-- job_create_hosted --
-- Group commit: one row a request.  Returns id and time of the jobs made; a
-- row that is not returned had its idempotency key taken by another request.
-- $1 id  $2 workspace  $3 organisation  $4 kind  $5 time limit in seconds
-- $6 account  $7 config, json  $8 name  $9 model  $10 algorithm
-- $11 project key  $12 run_ref  $13 tags, as array literals
-- $14 capability id  $15 its name  $16 its version  $17 its SHA-256, hex
-- $18 artifacts named, json array of {role, position, workspace_id, id}
-- $19 warnings for the log, json array of texts  $20 request id
-- $21 path, $22 key, $23 hash, $24 location, $25 body of the idempotency
--     key, all null without one
with item as materialized (
    select *
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[],
                  $6::uuid[], $7::text[], $8::text[], $9::text[],
                  $10::text[], $11::text[], $12::text[], $13::text[],
                  $14::uuid[], $15::text[], $16::text[], $17::text[],
                  $18::text[], $19::text[], $20::text[], $21::text[],
                  $22::text[], $23::text[], $24::text[], $25::text[])
           as t (id, workspace_id, organization_id, kind, timeout_seconds,
                 account_id, config, name, model, algorithm, project_key,
                 run_ref, tags, capability_id, capability_name,
                 capability_version, capability_sha256, refs, warnings,
                 request_id, idem_path, idem_key, idem_hash, location, body)
), kept as (
    insert into trainyard.idempotency_key as k
        (account_id, method, path, key, request_hash, status, location, body)
    select i.account_id, 'POST', i.idem_path, i.idem_key,
           decode(i.idem_hash, 'hex'), 201, i.location,
           replace(i.body, e'\x01', to_char(now() at time zone 'utc',
                   'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
      from item i
     where i.idem_key is not null
        on conflict (account_id, method, path, key) do update
       set request_hash = excluded.request_hash, status = excluded.status,
           location = excluded.location, body = excluded.body,
           created_at = excluded.created_at
     where k.created_at <= now() - interval '24 hours'
    returning k.account_id, k.path, k.key
), fresh as materialized (
    select i.*
      from item i
     where i.idem_key is null
        or exists (select 1 from kept k
                    where k.account_id = i.account_id
                      and k.path = i.idem_path
                      and k.key = i.idem_key)
), made as (
    insert into trainyard.job
        (workspace_id, id, organization_id, face, kind, status,
         timeout_seconds, created_by, queued_at, config, name, model,
         algorithm, project_key, run_ref, tags, capability_id,
         capability_name, capability_version, capability_sha256, refs)
    select i.workspace_id, i.id, i.organization_id, 'hosted', i.kind,
           'queued', i.timeout_seconds, i.account_id, now(),
           i.config::json, i.name, i.model, i.algorithm, i.project_key,
           i.run_ref, i.tags::text[], i.capability_id, i.capability_name,
           i.capability_version, decode(i.capability_sha256, 'hex'),
           i.refs::json
      from fresh i
    returning id
), warned as (
    insert into trainyard.job_log
        (workspace_id, job_id, attempt, level, message)
    select i.workspace_id, i.id, 1, 2, w.message
      from fresh i
     cross join lateral json_array_elements_text(i.warnings::json)
           as w (message)
     where i.warnings <> '[]'
), noted as (
    insert into trainyard.audit
        (workspace_id, organization_id, actor, action, target, request_id)
    select i.workspace_id, i.organization_id, i.account_id::text,
           'job.create', i.id::text, i.request_id
      from fresh i
)
select m.id, (extract(epoch from now()) * 1000000)::bigint,
       pg_notify('trainyard_job', '')
  from made m

-- job_get_hosted --
-- Hosted jobs with their creators and the series of their metrics, for many
-- requests at once; returns those that are there.
-- $1 places text[]: returned first, tell one request from another
-- $2 workspaces uuid[], $3 jobs uuid[]
-- $4 revisions bigint[]: a job that is at this one comes without its metrics
--   and artifacts; null: at any
select i.place, j.organization_id, j.name, j.status, j.kind, j.algorithm,
       j.model, j.project_key, j.run_ref, array_to_json(j.tags), j.config,
       j.capability_id, j.capability_name, j.capability_version,
       encode(j.capability_sha256, 'hex'),
       case when j.revision <> i.known then j.metrics || coalesce((
           select jsonb_object_agg(s.key, case
                      when jsonb_array_length(s.points) > 100000
                      then jsonb_path_query_array(s.points,
                               '$[last - 99999 to last]')
                      else s.points end)
             from (select x.key, jsonb_agg(p.value order by x.seq, p.n)
                                 as points
                     from trainyard.job_series x
                    cross join lateral jsonb_array_elements(x.points)
                          with ordinality as p (value, n)
                    where x.workspace_id = j.workspace_id
                      and x.job_id = j.id and x.attempt = j.attempt
                    group by x.key) s), '{}'::jsonb)
       else '{}' end,
       case when j.revision <> i.known then j.artifacts else '{}' end,
       j.error, j.attempt, j.revision,
       (extract(epoch from j.created_at) * 1000000)::bigint,
       (extract(epoch from j.started_at) * 1000000)::bigint,
       (extract(epoch from j.completed_at) * 1000000)::bigint,
       (extract(epoch from j.cancel_requested_at) * 1000000)::bigint,
       (extract(epoch from j.updated_at) * 1000000)::bigint,
       j.created_by, a.email, a.username, a.full_name
  from unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[])
       as i (place, workspace_id, id, known)
  join trainyard.job j on j.workspace_id = i.workspace_id and j.id = i.id
   and j.face = 'hosted'
  left join trainyard.account a on a.id = j.created_by

-- plan_by_values --
-- For this transaction: plans are made for the values at hand.  Statements
-- with filters that are mostly absent find their index only so.
select set_config('plan_cache_mode', 'force_custom_plan', true)

-- job_newest --
-- A page of hosted jobs, newest first.  Open ones and finished ones of one or
-- two kinds are read each in this order, and no more of each than a page.
-- $1 workspace
-- $2 statuses of open ones text[], $3 status of finished ones; null: any
-- $4 kinds of open ones text[]; null: any
-- $5 kind of finished ones, null: any, and $6 another kind, null: none
-- $7 project's key  $8 tags text[]  $9 part of the name  $10 model; or null
-- $11 created then or later, $12 created before; or null
-- $13 most rows  $14 rows to skip
-- $15 behind the job of this time $16 and this id
select u.id, (extract(epoch from u.at) * 1000000)::bigint
  from ((select h.id, h.created_at as at
          from trainyard.hosted_open(
               $1::uuid, $2::text[], $4::text[], $7::text, $8::text[], $9::text,
               $10::text, $11::timestamptz, $12::timestamptz) h
         where (h.created_at, h.id) < ($15::timestamptz, $16::uuid)
         order by h.created_at desc, h.id desc
         limit $13::bigint + $14::bigint)
        union all
        (select h.id, h.created_at as at
          from trainyard.hosted_done(
               $1::uuid, $3::text, $5::text, $7::text, $8::text[], $9::text,
               $10::text, $11::timestamptz, $12::timestamptz) h
         where (h.created_at, h.id) < ($15::timestamptz, $16::uuid)
         order by h.created_at desc, h.id desc
         limit $13::bigint + $14::bigint)
        union all
        (select h.id, h.created_at as at
          from trainyard.hosted_done(
               $1::uuid, $3::text, $6::text, $7::text, $8::text[], $9::text,
               $10::text, $11::timestamptz, $12::timestamptz) h
         where $6::text is not null
           and (h.created_at, h.id) < ($15::timestamptz, $16::uuid)
         order by h.created_at desc, h.id desc
         limit $13::bigint + $14::bigint)) u
 order by u.at desc, u.id desc
 limit $13::bigint offset $14::bigint

-- job_oldest --
-- A page of hosted jobs, oldest first.
-- As job_newest, all of it.
select u.id, (extract(epoch from u.at) * 1000000)::bigint
  from ((select h.id, h.created_at as at
          from trainyard.hosted_open(
               $1::uuid, $2::text[], $4::text[], $7::text, $8::text[], $9::text,
               $10::text, $11::timestamptz, $12::timestamptz) h
         where (h.created_at, h.id) > ($15::timestamptz, $16::uuid)
         order by h.created_at, h.id
         limit $13::bigint + $14::bigint)
        union all
        (select h.id, h.created_at as at
          from trainyard.hosted_done(
               $1::uuid, $3::text, $5::text, $7::text, $8::text[], $9::text,
               $10::text, $11::timestamptz, $12::timestamptz) h
         where (h.created_at, h.id) > ($15::timestamptz, $16::uuid)
         order by h.created_at, h.id
         limit $13::bigint + $14::bigint)
        union all
        (select h.id, h.created_at as at
          from trainyard.hosted_done(
               $1::uuid, $3::text, $6::text, $7::text, $8::text[], $9::text,
               $10::text, $11::timestamptz, $12::timestamptz) h
         where $6::text is not null
           and (h.created_at, h.id) > ($15::timestamptz, $16::uuid)
         order by h.created_at, h.id
         limit $13::bigint + $14::bigint)) u
 order by u.at, u.id
 limit $13::bigint offset $14::bigint

-- job_last_changed --
-- A page of hosted jobs, changed last first.  A finished one changed when it
-- ended.
-- As job_newest, all of it.
select u.id, (extract(epoch from u.at) * 1000000)::bigint
  from ((select h.id, h.changed_at as at
          from trainyard.hosted_open(
               $1::uuid, $2::text[], $4::text[], $7::text, $8::text[], $9::text,
               $10::text, $11::timestamptz, $12::timestamptz) h
         where (h.changed_at, h.id) < ($15::timestamptz, $16::uuid)
         order by h.changed_at desc, h.id desc
         limit $13::bigint + $14::bigint)
        union all
        (select h.id, h.changed_at as at
          from trainyard.hosted_done(
               $1::uuid, $3::text, $5::text, $7::text, $8::text[], $9::text,
               $10::text, $11::timestamptz, $12::timestamptz) h
         where (h.changed_at, h.id) < ($15::timestamptz, $16::uuid)
         order by h.changed_at desc, h.id desc
         limit $13::bigint + $14::bigint)
        union all
        (select h.id, h.changed_at as at
          from trainyard.hosted_done(
               $1::uuid, $3::text, $6::text, $7::text, $8::text[], $9::text,
               $10::text, $11::timestamptz, $12::timestamptz) h
         where $6::text is not null
           and (h.changed_at, h.id) < ($15::timestamptz, $16::uuid)
         order by h.changed_at desc, h.id desc
         limit $13::bigint + $14::bigint)) u
 order by u.at desc, u.id desc
 limit $13::bigint offset $14::bigint

-- job_first_changed --
-- A page of hosted jobs, changed first first.
-- As job_newest, all of it.
select u.id, (extract(epoch from u.at) * 1000000)::bigint
  from ((select h.id, h.changed_at as at
          from trainyard.hosted_open(
               $1::uuid, $2::text[], $4::text[], $7::text, $8::text[], $9::text,
               $10::text, $11::timestamptz, $12::timestamptz) h
         where (h.changed_at, h.id) > ($15::timestamptz, $16::uuid)
         order by h.changed_at, h.id
         limit $13::bigint + $14::bigint)
        union all
        (select h.id, h.changed_at as at
          from trainyard.hosted_done(
               $1::uuid, $3::text, $5::text, $7::text, $8::text[], $9::text,
               $10::text, $11::timestamptz, $12::timestamptz) h
         where (h.changed_at, h.id) > ($15::timestamptz, $16::uuid)
         order by h.changed_at, h.id
         limit $13::bigint + $14::bigint)
        union all
        (select h.id, h.changed_at as at
          from trainyard.hosted_done(
               $1::uuid, $3::text, $6::text, $7::text, $8::text[], $9::text,
               $10::text, $11::timestamptz, $12::timestamptz) h
         where $6::text is not null
           and (h.changed_at, h.id) > ($15::timestamptz, $16::uuid)
         order by h.changed_at, h.id
         limit $13::bigint + $14::bigint)) u
 order by u.at, u.id
 limit $13::bigint offset $14::bigint

-- job_count_hosted --
-- How many hosted jobs match, counted up to a bound.  Each part has the bound,
-- too: it is planned for so many rows, and what half of all jobs have is then
-- counted along an order, not collected as a whole.
-- $1 to $12 as in job_newest
-- $13 bound
select count(*)
  from ((select 1
           from trainyard.hosted_open(
                $1::uuid, $2::text[], $4::text[], $7::text, $8::text[],
                $9::text, $10::text, $11::timestamptz, $12::timestamptz)
          limit $13::bigint)
        union all
        (select 1
           from trainyard.hosted_done(
                $1::uuid, $3::text, $5::text, $7::text, $8::text[], $9::text,
                $10::text, $11::timestamptz, $12::timestamptz)
          limit $13::bigint)
        union all
        (select 1
           from trainyard.hosted_done(
                $1::uuid, $3::text, $6::text, $7::text, $8::text[], $9::text,
                $10::text, $11::timestamptz, $12::timestamptz)
          where $6::text is not null
          limit $13::bigint)
         limit $13::bigint) q

-- job_read_hosted --
-- Hosted jobs by their ids and in that order, without the series of metrics.
-- $1 workspace  $2 ids
select j.id, j.organization_id, j.name, j.status, j.kind, j.algorithm,
       j.model, j.project_key, j.run_ref, array_to_json(j.tags), j.config,
       j.capability_id, j.capability_name, j.capability_version,
       encode(j.capability_sha256, 'hex'),
       j.metrics, j.artifacts, j.error, j.attempt, j.revision,
       (extract(epoch from j.created_at) * 1000000)::bigint,
       (extract(epoch from j.started_at) * 1000000)::bigint,
       (extract(epoch from j.completed_at) * 1000000)::bigint,
       (extract(epoch from j.cancel_requested_at) * 1000000)::bigint,
       (extract(epoch from j.updated_at) * 1000000)::bigint,
       j.created_by, a.email, a.username, a.full_name
  from trainyard.job j
  left join trainyard.account a on a.id = j.created_by
 where j.workspace_id = $1::uuid
   and j.id = any ($2::uuid[])
   and j.face = 'hosted'
 order by array_position($2::uuid[], j.id)

-- job_lock --
-- A job for this transaction: nobody else changes it until that ends.
-- $1 workspace  $2 job  $3 face
select j.status, j.attempt, j.revision, j.cancel_requested_at is not null
  from trainyard.job j
 where j.workspace_id = $1::uuid
   and j.id = $2::uuid
   and j.face = $3::text
   for no key update

-- job_cancel --
-- Ends a locked job that has not begun, with the attempt that was to begin,
-- or asks whoever has it to end it.  The dispatchers look at once.
-- $1 workspace  $2 job  $3 whether it ends here
-- $4 actor  $5 request id or null
with changed as (
    update trainyard.job j
       set status = case when $3::boolean then 'cancelled'
                    else j.status end,
           completed_at = case when $3::boolean
                          then statement_timestamp() end,
           cancel_requested_at = statement_timestamp(),
           revision = j.revision + 1,
           updated_at = statement_timestamp()
     where j.workspace_id = $1::uuid
       and j.id = $2::uuid
    returning j.workspace_id, j.organization_id, j.id, j.attempt
), closed as (
    update trainyard.attempt t
       set status = 'cancelled', completed_at = statement_timestamp()
      from changed c
     where $3::boolean
       and t.workspace_id = c.workspace_id and t.job_id = c.id
       and t.number = c.attempt and t.completed_at is null
), noted as (
    insert into trainyard.audit
        (workspace_id, organization_id, actor, action, target, request_id)
    select c.workspace_id, c.organization_id, $4::text, 'job.cancel',
           c.id::text, $5::text
      from changed c
)
select pg_notify('trainyard_cancel', c.id::text)
  from changed c

-- job_retry --
-- Queues a locked job that is finished once more, as a new attempt that
-- begins at the beginning; what it names stays pinned.
-- $1 workspace  $2 job  $3 execution id or null
-- $4 actor  $5 request id or null
with changed as (
    update trainyard.job j
       set status = 'queued',
           attempt = j.attempt + 1,
           lost_leases = 0,
           queue_seq = nextval('trainyard.queue_seq'),
           queued_at = statement_timestamp(),
           started_at = null,
           completed_at = null,
           cancel_requested_at = null,
           error = null,
           error_type = null,
           progress = 0,
           metrics = '{}',
           artifacts = '{}',
           execution_id = $3::uuid,
           revision = j.revision + 1,
           updated_at = statement_timestamp()
     where j.workspace_id = $1::uuid
       and j.id = $2::uuid
    returning j.workspace_id, j.organization_id, j.id
), kept as (
    insert into trainyard.execution (workspace_id, id, job_id, executed_by)
    select c.workspace_id, $3::uuid, c.id, $4::text
      from changed c
     where $3::uuid is not null
), noted as (
    insert into trainyard.audit
        (workspace_id, organization_id, actor, action, target, request_id)
    select c.workspace_id, c.organization_id, $4::text, 'job.retry',
           c.id::text, $5::text
      from changed c
)
select pg_notify('trainyard_job', '')
  from changed c

-- job_attempts --
-- The newest attempts of a job, by number.  A job without any is one row of
-- nulls.
-- $1 workspace  $2 job  $3 most attempts  $4 face
select t.number, t.status, t.engine,
       (extract(epoch from t.queued_at) * 1000000)::bigint,
       (extract(epoch from t.started_at) * 1000000)::bigint,
       (extract(epoch from t.completed_at) * 1000000)::bigint,
       t.error, t.metrics, t.artifacts, t.total, t.execution_id
  from trainyard.job j
  left join lateral (
       select a.number, a.status, a.engine, a.queued_at, a.started_at,
              a.completed_at, a.error, a.metrics, a.artifacts,
              a.execution_id, count(*) over () as total
         from trainyard.attempt a
        where a.workspace_id = j.workspace_id and a.job_id = j.id
        order by a.number desc
        limit $3::bigint) t on true
 where j.workspace_id = $1::uuid
   and j.id = $2::uuid
   and j.face = $4::text
 order by t.number

-- job_artifacts --
-- $1 workspace  $2 job
select j.artifacts
  from trainyard.job j
 where j.workspace_id = $1::uuid
   and j.id = $2::uuid
   and j.face = 'hosted'

-- job_events --
-- What happened to a job, oldest first.
-- $1 workspace  $2 job  $3 behind this event  $4 most events
-- $5, $6 since and until when there can be such, as job_standing says
select e.seq, e.event, e.from_status, e.to_status, e.attempt, e.message,
       e.data, (extract(epoch from e.at) * 1000000)::bigint
  from trainyard.job_event e
 where e.workspace_id = $1::uuid
   and e.job_id = $2::uuid
   and e.seq > $3::bigint
   and e.at >= ($5::text)::timestamptz
   and e.at < ($6::text)::timestamptz
 order by e.seq
 limit $4::bigint

-- job_count_queued --
-- How many jobs wait in a workspace, counted up to a bound.
-- $1 workspace  $2 bound
select count(*)
  from (select 1
          from trainyard.job j
         where j.workspace_id = $1::uuid
           and j.status = 'queued'
         limit $2::bigint) q

-- attempt_verdict --
-- Why an event from an attempt was refused: the job, and how that attempt
-- ended.
-- $1 workspace, $2 job
-- $3 attempt, null: the current one
select j.status, t.final_event, t.number
  from trainyard.job j
  left join trainyard.attempt t on t.workspace_id = j.workspace_id
   and t.job_id = j.id and t.number = coalesce($3::integer, j.attempt)
 where j.workspace_id = $1::uuid and j.id = $2::uuid and j.face = 'hosted'

-- attempt_noted --
-- An end that was posted, for the audit trail.
-- $1 workspace, $2 organisation, $3 actor, $4 job, $5 action, $6 request id
insert into trainyard.audit
    (workspace_id, organization_id, actor, action, target, request_id)
values ($1::uuid, $2::uuid, $3::text, $5::text, ($4::uuid)::text, $6::text)

-- job_standing --
-- Status, attempt, and since and until when something was written of it: who
-- says so does not look into partitions of other times.  A day is left for
-- clocks that were set back, and for what comes after the end.  The times are
-- text, whose cast is not immutable: else plans would be made for the values
-- at hand, each time anew, since those look cheaper than the one that skips
-- partitions when it begins.
-- $1 workspace  $2 job  $3 face
select j.status, j.attempt,
       (j.created_at - interval '1 day')::text,
       coalesce((j.completed_at + interval '1 day')::text, 'infinity')
  from trainyard.job j
 where j.workspace_id = $1::uuid
   and j.id = $2::uuid
   and j.face = $3::text

-- log_page --
-- A job's lines, oldest first.
-- $1 workspace  $2 job  $3 after this line  $4 most lines
-- $5 least level  $6 attempt; null: all
-- $7 most bytes, but one line at least
-- $8, $9 since and until when there can be such, as job_standing says
select p.seq, (extract(epoch from p.at) * 1000000)::bigint, p.level,
       p.message, p.data, p.attempt
  from (select l.seq, l.at, l.level, l.message, l.data, l.attempt,
               octet_length(l.message)
                   + coalesce(octet_length(l.data::text), 0) as bytes,
               sum(octet_length(l.message)
                   + coalesce(octet_length(l.data::text), 0))
                   over (order by l.seq) as through
          from trainyard.job_log l
         where l.workspace_id = $1::uuid
           and l.job_id = $2::uuid
           and l.seq > $3::bigint
           and l.level >= $5::smallint
           and ($6::integer is null or l.attempt = $6::integer)
           and l.at >= ($8::text)::timestamptz
           and l.at < ($9::text)::timestamptz
         order by l.seq
         limit $4::bigint) p
 where p.through - p.bytes < $7::bigint
 order by p.seq

-- metric_page --
-- An attempt's metrics as they were sent, oldest first.
-- $1 workspace  $2 job  $3 attempt  $4 after this row  $5 most rows
-- $6 most bytes, but one row at least
select p.seq, (extract(epoch from p.at) * 1000000)::bigint, p.event_type,
       p.step, p.metrics
  from (select m.seq, m.at, m.event_type, m.step, m.metrics,
               octet_length(m.metrics::text) as bytes,
               sum(octet_length(m.metrics::text)) over (order by m.seq)
                   as through
          from trainyard.job_metric m
         where m.workspace_id = $1::uuid
           and m.job_id = $2::uuid
           and m.attempt = $3::integer
           and m.seq > $4::bigint
         order by m.seq
         limit $5::bigint) p
 where p.through - p.bytes < $6::bigint
 order by p.seq

-- project_exists --
-- $1 workspace  $2 key
select 1
  from trainyard.project p
 where p.workspace_id = $1::uuid
   and p.key = $2::text

-- model_list --
-- The active models, in the catalog's order.
select m.id, m.display_name, m.family, m.type, m.size_b, m.context_length,
       m.extended_tokens, array_to_json(m.algorithms), m.pricing
  from trainyard.model m
 where m.retired_at is null
 order by m.family, m.size_b, m.id

-- Artifacts ----------------------------------------------------------------

-- artifact_resolve --
-- What a job's reference stands for: the first kind in the job's workspace,
-- then the next kind there, then the same on the organisation's shelf.
-- $1 workspace  $2 shelf  $3 kinds, best first  $4 name
-- $5 version; null: the newest
select a.workspace_id, a.id, encode(a.sha256, 'hex'), a.version, a.document,
       a.kind
  from trainyard.artifact a
 where a.workspace_id in ($1::uuid, $2::uuid)
   and a.kind = any ($3::text[])
   and a.name = $4::text
   and ($5::text is null or a.version = $5::text)
 order by a.workspace_id = $1::uuid desc,
       array_position($3::text[], a.kind), a.id desc
 limit 1

-- artifact_get --
-- $1 workspace  $2 kind  $3 name  $4 version, or latest
select a.id, a.kind, a.name, a.version, a.media_type, a.size,
       encode(a.sha256, 'hex'), a.uri,
       (extract(epoch from a.created_at) * 1000000)::bigint, a.created_by,
       a.dataset::text
  from trainyard.artifact a
 where a.workspace_id = $1::uuid
   and a.kind = $2::text
   and a.name = $3::text
   and ($4::text = 'latest' or a.version = $4::text)
 order by a.id desc
 limit 1

-- artifact_read --
-- Some of a workspace, newest first.
-- $1 workspace  $2 ids uuid[]
select a.id, a.kind, a.name, a.version, a.media_type, a.size,
       encode(a.sha256, 'hex'), a.uri,
       (extract(epoch from a.created_at) * 1000000)::bigint, a.created_by,
       a.dataset::text
  from trainyard.artifact a
 where a.workspace_id = $1::uuid
   and a.id = any ($2::uuid[])
 order by a.id desc

-- artifact_insert --
-- Publishes; no row: the version exists.
-- $1 workspace  $2 id  $3 kind  $4 name  $5 version  $6 media type
-- $7 size  $8 SHA-256, hex  $9 uri  $10 document, json  $11 account
-- $12 organisation  $13 request id  $14 what is known of a dataset, json
with made as (
    insert into trainyard.artifact
        (workspace_id, id, kind, name, version, media_type, size, sha256,
         uri, document, created_by, dataset)
    values ($1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::text,
            $7::bigint, decode($8::text, 'hex'), $9::text, $10::jsonb,
            $11::uuid, $14::json)
        on conflict (workspace_id, kind, name, version) do nothing
    returning id, created_at
), noted as (
    insert into trainyard.audit
        (workspace_id, organization_id, actor, action, target, request_id)
    select $1::uuid, $12::uuid, ($11::uuid)::text, 'artifact.publish',
           $3::text || '/' || $4::text || '@' || $5::text, $13::text
      from made
)
select m.id, (extract(epoch from m.created_at) * 1000000)::bigint
  from made m

-- artifact_room --
-- What a workspace may keep (null: the site's quota holds) and keeps, and
-- whether it has a version.
-- $1 workspace  $2 kind  $3 name  $4 version
select w.artifact_quota, coalesce(u.bytes, 0),
       exists (select 1 from trainyard.artifact a
                where a.workspace_id = w.id and a.kind = $2::text
                  and a.name = $3::text and a.version = $4::text)
  from trainyard.workspace w
  left join trainyard.artifact_usage u on u.workspace_id = w.id
 where w.id = $1::uuid

-- artifact_newest --
-- A page of a workspace's artifacts, newest first: how many there are,
-- counted up to a bound, with each id.  One row without an id: none is on
-- the page.  So do the next five.
-- $1 workspace  $2 below this id  $3 most rows  $4 rows to skip  $5 bound
with counted as (
    select count(*) as n
      from (select 1
              from trainyard.artifact a
             where a.workspace_id = $1::uuid
             limit $5::bigint) x
), page as (
    select a.id
      from trainyard.artifact a
     where a.workspace_id = $1::uuid
       and a.id < $2::uuid
     order by a.id desc
     limit $3::bigint offset $4::bigint
)
select c.n, p.id
  from counted c
  left join page p on true
 order by p.id desc

-- artifact_of_kind --
-- $1 workspace  $2 kind
-- $3 below this id  $4 most rows  $5 rows to skip  $6 bound
with counted as (
    select count(*) as n
      from (select 1
              from trainyard.artifact a
             where a.workspace_id = $1::uuid
               and a.kind = $2::text
             limit $6::bigint) x
), page as (
    select a.id
      from trainyard.artifact a
     where a.workspace_id = $1::uuid
       and a.kind = $2::text
       and a.id < $3::uuid
     order by a.id desc
     limit $4::bigint offset $5::bigint
)
select c.n, p.id
  from counted c
  left join page p on true
 order by p.id desc

-- artifact_of_name --
-- The newest of each kind, then the newest of those.
-- $1 workspace  $2 kinds  $3 name
-- $4 below this id  $5 most rows  $6 rows to skip  $7 bound
with counted as (
    select count(*) as n
      from (select 1
              from trainyard.artifact a
             where a.workspace_id = $1::uuid
               and a.kind = any ($2::text[])
               and a.name = $3::text
             limit $7::bigint) x
), page as (
    select x.id
      from unnest($2::text[]) as k (kind)
     cross join lateral (
           select a.id
             from trainyard.artifact a
            where a.workspace_id = $1::uuid
              and a.kind = k.kind
              and a.name = $3::text
              and a.id < $4::uuid
            order by a.id desc
            limit $5::bigint + $6::bigint) as x
     order by x.id desc
     limit $5::bigint offset $6::bigint
)
select c.n, p.id
  from counted c
  left join page p on true
 order by p.id desc

-- artifact_of_version --
-- $1 workspace  $2 kinds  $3 version
-- $4 below this id  $5 most rows  $6 rows to skip  $7 bound
with counted as (
    select count(*) as n
      from (select 1
              from trainyard.artifact a
             where a.workspace_id = $1::uuid
               and a.kind = any ($2::text[])
               and a.version = $3::text
             limit $7::bigint) x
), page as (
    select x.id
      from unnest($2::text[]) as k (kind)
     cross join lateral (
           select a.id
             from trainyard.artifact a
            where a.workspace_id = $1::uuid
              and a.kind = k.kind
              and a.version = $3::text
              and a.id < $4::uuid
            order by a.id desc
            limit $5::bigint + $6::bigint) as x
     order by x.id desc
     limit $5::bigint offset $6::bigint
)
select c.n, p.id
  from counted c
  left join page p on true
 order by p.id desc

-- artifact_exact --
-- One of each kind at most.
-- $1 workspace  $2 kinds  $3 name  $4 version
-- $5 below this id  $6 most rows  $7 rows to skip
with hit as materialized (
    select a.id
      from trainyard.artifact a
     where a.workspace_id = $1::uuid
       and a.kind = any ($2::text[])
       and a.name = $3::text
       and a.version = $4::text
), page as (
    select h.id
      from hit h
     where h.id < $5::uuid
     order by h.id desc
     limit $6::bigint offset $7::bigint
)
select (select count(*) from hit), p.id
  from (values (1)) as one (x)
  left join page p on true
 order by p.id desc

-- artifact_of_part --
-- By a part of the name.  Of more than the bound these are any: the page is
-- then artifact_of_part_newest's.
-- $1 workspace  $2 kinds  $3 version or null  $4 pattern
-- $5 below this id  $6 most rows  $7 rows to skip  $8 bound
with hit as materialized (
    select a.id
      from trainyard.artifact a
     where a.workspace_id = $1::uuid
       and a.kind = any ($2::text[])
       and a.name like $4::text
       and ($3::text is null or a.version = $3::text)
     limit $8::bigint
), page as (
    select h.id
      from hit h
     where h.id < $5::uuid
     order by h.id desc
     limit $6::bigint offset $7::bigint
)
select (select count(*) from hit), p.id
  from (values (1)) as one (x)
  left join page p on true
 order by p.id desc

-- artifact_of_short --
-- The same by a part of one or two letters.  What many names have is met soon
-- in any order; the index is for what few have, since it knows no first ones.
-- $1 workspace  $2 kinds  $3 version or null  $4 part
-- $5 below this id  $6 most rows  $7 rows to skip  $8 bound
with met as materialized (
    select n.id
      from (select a.id, a.name
              from trainyard.artifact a
             where a.workspace_id = $1::uuid
               and a.kind = any ($2::text[])
               and ($3::text is null or a.version = $3::text)
             limit 3 * $8::bigint) n
     where strpos(n.name, $4::text) > 0
     limit $8::bigint
), hit as materialized (
    select m.id
      from met m
     where (select count(*) from met) >= $8::bigint
     union all
    (select a.id
       from trainyard.artifact a
      where (select count(*) from met) < $8::bigint
        and a.workspace_id = $1::uuid
        and a.kind = any ($2::text[])
        and trainyard.short_parts(a.name) @> array[$4::text]
        and ($3::text is null or a.version = $3::text)
      limit $8::bigint)
), page as (
    select h.id
      from hit h
     where h.id < $5::uuid
     order by h.id desc
     limit $6::bigint offset $7::bigint
)
select (select count(*) from hit), p.id
  from (values (1)) as one (x)
  left join page p on true
 order by p.id desc

-- artifact_of_part_newest --
-- The same where many match: the newest are not far.
-- $1 workspace  $2 kind or null  $3 version or null  $4 pattern
-- $5 below this id  $6 most rows  $7 rows to skip
select a.id
  from trainyard.artifact a
 where a.workspace_id = $1::uuid
   and ($2::text is null or a.kind = $2::text)
   and ($3::text is null or a.version = $3::text)
   and a.name like $4::text
   and a.id < $5::uuid
 order by a.id desc
 limit $6::bigint offset $7::bigint


-- Judge face ---------------------------------------------------------------

-- judge_create --
-- A judge with its first version; no row: the id is taken.
-- $1 workspace  $2 id  $3 id on the wire  $4 content type  $5 account
-- $6 version's id  $7 name  $8 description  $9 changes_summary
-- $10 criterion ids  $11 names  $12 descriptions  $13 weights, in order
-- $14 organisation  $15 request id
with made as (
    insert into trainyard.judge
        (workspace_id, id, key, content_type, created_at, updated_at,
         created_by)
    values ($1::uuid, $2::uuid, $3::text, $4::text, now(), now(), $5::uuid)
        on conflict (workspace_id, key) do nothing
    returning workspace_id, id, created_at, created_by
), version as (
    insert into trainyard.judge_version
        (workspace_id, judge_id, number, id, status, name, description,
         changes_summary, created_at, created_by, deployed_at)
    select m.workspace_id, m.id, 1, $6::uuid, 'active', $7::text, $8::text,
           $9::text, m.created_at, m.created_by, m.created_at
      from made m
), criteria as (
    insert into trainyard.criterion
        (workspace_id, judge_id, version, position, id, name, description,
         weight)
    select m.workspace_id, m.id, 1, c.position, c.id, c.name, c.description,
           c.weight
      from made m
     cross join unnest($10::text[], $11::text[], $12::text[],
                       $13::double precision[]) with ordinality
           as c (id, name, description, weight, position)
), used as (
    insert into trainyard.judge_version_use (workspace_id, judge_id, version)
    select m.workspace_id, m.id, 1
      from made m
), counted as (
    insert into trainyard.feedback_tally (workspace_id, judge_id)
    select m.workspace_id, m.id
      from made m
), deployed as (
    insert into trainyard.deployment
        (workspace_id, judge_id, version, at, by, kind)
    select m.workspace_id, m.id, 1, m.created_at, m.created_by, 'create'
      from made m
), noted as (
    insert into trainyard.audit
        (workspace_id, organization_id, actor, action, target, request_id)
    select m.workspace_id, $14::uuid, m.created_by::text, 'judge.create',
           $3::text, $15::text
      from made m
)
select (extract(epoch from m.created_at) * 1000000)::bigint
  from made m

-- judge_find --
-- What most calls need of a judge.
-- $1 workspace  $2 id on the wire
select j.id, j.content_type, j.active_version, j.last_version,
       j.archived_at is not null, v.id, encode(v.model_sha256, 'hex'),
       (extract(epoch from clock_timestamp()) * 1000000)::bigint
  from trainyard.judge j
  join trainyard.judge_version v on v.workspace_id = j.workspace_id
   and v.judge_id = j.id and v.number = j.active_version
 where j.workspace_id = $1::uuid
   and j.key = $2::text

-- judge_read --
-- Whole judges, by their ids and in that order, or one by its id on the wire.
-- The status is what judge_status() says: planning that function for each row
-- takes longer than all the rest, and the job it looks for is here already.
-- $1 workspace  $2 ids, null: none  $3 id on the wire, null: none
select j.id, j.key, v.name, v.description, j.content_type, j.active_version,
       case when s.status in ('preparing', 'training', 'validating')
            then 'training'
            when j.is_trained then 'ready'
            else 'learning' end,
       (extract(epoch from j.created_at) * 1000000)::bigint,
       (extract(epoch from j.updated_at) * 1000000)::bigint,
       (extract(epoch from j.archived_at) * 1000000)::bigint,
       j.created_by, c.ids, c.names, c.descriptions, c.weights, c.fresh,
       s.id, s.progress,
       t.last_number, t.corrections + t.ratings + t.approved,
       coalesce(m.corrections + m.ratings + m.approvals, 0)
  from trainyard.judge j
  join trainyard.judge_version v on v.workspace_id = j.workspace_id
   and v.judge_id = j.id and v.number = j.active_version
  join trainyard.feedback_tally t on t.workspace_id = j.workspace_id
   and t.judge_id = j.id
 cross join lateral (
       select array_agg(x.id order by x.position) as ids,
              array_agg(x.name order by x.position) as names,
              array_agg(x.description order by x.position) as descriptions,
              array_agg(x.weight order by x.position) as weights,
              array_agg(x.fresh order by x.position) as fresh
         from trainyard.criterion x
        where x.workspace_id = j.workspace_id and x.judge_id = j.id
          and x.version = j.active_version) c
  left join trainyard.job s on s.workspace_id = j.workspace_id
   and s.judge_id = j.id and s.face = 'judge'
   and s.training_type <> 'validation'
   and s.status in ('queued', 'preparing', 'training', 'validating')
  left join trainyard.feedback m on m.workspace_id = j.workspace_id
   and m.judge_id = j.id and m.number = j.mark
 where j.workspace_id = $1::uuid
   and j.id = any (coalesce($2::uuid[],
           array(select k.id
                   from trainyard.judge k
                  where k.workspace_id = $1::uuid
                    and k.key = $3::text)))
 order by array_position($2::uuid[], j.id)

-- judge_newest --
-- A page of judges, newest first.  What is asked picks the index, in all four
-- of these: they are planned by values.
-- $1 workspace  $2 archived or not  $3 content type or null
-- $4 status or null  $5 part of the name or null
-- $6 most rows  $7 rows to skip
-- $8 behind the judge made at this time, in microseconds, $9 and with this id
select j.id, (extract(epoch from j.created_at) * 1000000)::bigint
  from trainyard.judge j
  join trainyard.judge_version v on v.workspace_id = j.workspace_id
   and v.judge_id = j.id and v.number = j.active_version
 where j.workspace_id = $1::uuid
   and (j.archived_at is not null) = $2::boolean
   and ($3::text is null or j.content_type = $3::text)
   and ($4::text is distinct from 'training'
        or j.id = any (array(
            select t.id from trainyard.judges_training($1::uuid) t (id))))
   and ($4::text is null or $4::text = 'training'
        or (j.is_trained = ($4::text = 'ready') and j.id not in (
            select t.id from trainyard.judges_training($1::uuid) t (id))))
   and ($5::text is null
        or strpos(lower(v.name collate "C"), lower($5::text collate "C")) > 0)
   and (j.created_at, j.id)
       < (timestamptz 'epoch' + $8::bigint * interval '1 microsecond',
          $9::uuid)
 order by j.created_at desc, j.id desc
 limit $6::bigint offset $7::bigint

-- judge_oldest --
-- The same, oldest first.
-- $1 workspace  $2 archived or not  $3 content type or null
-- $4 status or null  $5 part of the name or null
-- $6 most rows  $7 rows to skip
-- $8 behind the judge made at this time, in microseconds, $9 and with this id
select j.id, (extract(epoch from j.created_at) * 1000000)::bigint
  from trainyard.judge j
  join trainyard.judge_version v on v.workspace_id = j.workspace_id
   and v.judge_id = j.id and v.number = j.active_version
 where j.workspace_id = $1::uuid
   and (j.archived_at is not null) = $2::boolean
   and ($3::text is null or j.content_type = $3::text)
   and ($4::text is distinct from 'training'
        or j.id = any (array(
            select t.id from trainyard.judges_training($1::uuid) t (id))))
   and ($4::text is null or $4::text = 'training'
        or (j.is_trained = ($4::text = 'ready') and j.id not in (
            select t.id from trainyard.judges_training($1::uuid) t (id))))
   and ($5::text is null
        or strpos(lower(v.name collate "C"), lower($5::text collate "C")) > 0)
   and (j.created_at, j.id)
       > (timestamptz 'epoch' + $8::bigint * interval '1 microsecond',
          $9::uuid)
 order by j.created_at, j.id
 limit $6::bigint offset $7::bigint

-- judge_by_name --
-- A page of judges by name, in the order of its code points.
-- $1 workspace  $2 archived or not  $3 content type or null
-- $4 status or null  $5 part of the name or null
-- $6 most rows  $7 rows to skip  $8 backwards
select j.id, (extract(epoch from j.created_at) * 1000000)::bigint
  from trainyard.judge j
  join trainyard.judge_version v on v.workspace_id = j.workspace_id
   and v.judge_id = j.id and v.number = j.active_version
   and v.status = 'active'
 where j.workspace_id = $1::uuid
   and (j.archived_at is not null) = $2::boolean
   and ($3::text is null or j.content_type = $3::text)
   and ($4::text is distinct from 'training'
        or j.id = any (array(
            select t.id from trainyard.judges_training($1::uuid) t (id))))
   and ($4::text is null or $4::text = 'training'
        or (j.is_trained = ($4::text = 'ready') and j.id not in (
            select t.id from trainyard.judges_training($1::uuid) t (id))))
   and ($5::text is null
        or strpos(lower(v.name collate "C"), lower($5::text collate "C")) > 0)
 order by case when not $8::boolean then v.name collate "C" end,
       case when $8::boolean then v.name collate "C" end desc,
       case when not $8::boolean then j.id end,
       case when $8::boolean then j.id end desc
 limit $6::bigint offset $7::bigint

-- judge_count --
-- How many judges match, counted up to a bound.
-- $1 workspace  $2 archived or not  $3 content type or null
-- $4 status or null  $5 part of the name or null  $6 bound
select count(*)
  from (select 1
          from trainyard.judge j
          join trainyard.judge_version v
            on v.workspace_id = j.workspace_id and v.judge_id = j.id
           and v.number = j.active_version
         where j.workspace_id = $1::uuid
           and (j.archived_at is not null) = $2::boolean
           and ($3::text is null or j.content_type = $3::text)
           and ($4::text is distinct from 'training'
                or j.id = any (array(
                    select t.id from trainyard.judges_training($1::uuid) t (id))))
           and ($4::text is null or $4::text = 'training'
                or (j.is_trained = ($4::text = 'ready') and j.id not in (
                    select t.id from trainyard.judges_training($1::uuid) t (id))))
           and ($5::text is null
                or strpos(lower(v.name collate "C"),
                          lower($5::text collate "C")) > 0)
         limit $6::bigint) q

-- version_page --
-- Versions of a judge, newest first.
-- $1 workspace  $2 judge  $3 status or null
-- $4 most rows  $5 rows to skip  $6 below this number
select v.number, v.id, v.status,
       (extract(epoch from v.created_at) * 1000000)::bigint,
       (extract(epoch from v.deployed_at) * 1000000)::bigint,
       (extract(epoch from v.archived_at) * 1000000)::bigint,
       v.changes_summary, v.job_id, v.feedback_count, v.validation::text,
       v.created_by, v.base_version, u.evaluations, u.seconds,
       array(select c.id
               from trainyard.criterion c
              where c.workspace_id = v.workspace_id
                and c.judge_id = v.judge_id and c.version = v.number
              order by c.position)
  from trainyard.judge_version v
  join trainyard.judge_version_use u on u.workspace_id = v.workspace_id
   and u.judge_id = v.judge_id and u.version = v.number
 where v.workspace_id = $1::uuid
   and v.judge_id = $2::uuid
   and ($3::text is null or v.status = $3::text)
   and v.number < $6::bigint
 order by v.number desc
 limit $4::bigint offset $5::bigint

-- version_count --
-- $1 workspace  $2 judge  $3 status or null  $4 bound
select count(*)
  from (select 1
          from trainyard.judge_version v
         where v.workspace_id = $1::uuid
           and v.judge_id = $2::uuid
           and ($3::text is null or v.status = $3::text)
         limit $4::bigint) q

-- version_criteria --
-- $1 workspace  $2 judge  $3 version
select c.id, c.name, c.weight, c.fresh
  from trainyard.criterion c
 where c.workspace_id = $1::uuid
   and c.judge_id = $2::uuid
   and c.version = $3::integer
 order by c.position

-- judge_lock --
-- Holds a judge still until the commit: what is read after this stays true.
-- $1 workspace  $2 id on the wire
select j.id
  from trainyard.judge j
 where j.workspace_id = $1::uuid
   and j.key = $2::text
   for no key update of j

-- judge_shelve --
-- Archives a judge or brings it back, under its lock.
-- $1 workspace  $2 judge  $3 archived  $4 account  $5 organisation
-- $6 request id
with shelved as (
    update trainyard.judge j
       set archived_at = case when $3::boolean then n.at end,
           updated_at = n.at
      from (select clock_timestamp() as at) n
     where j.workspace_id = $1::uuid
       and j.id = $2::uuid
    returning j.key
)
insert into trainyard.audit
    (workspace_id, organization_id, actor, action, target, request_id)
select $1::uuid, $5::uuid, ($4::uuid)::text,
       case when $3::boolean then 'judge.archive' else 'judge.restore' end,
       s.key, $6::text
  from shelved s

-- version_retire --
-- Under the judge's lock: its active version has been active.
-- $1 workspace  $2 judge
update trainyard.judge_version v
   set status = 'deployed'
 where v.workspace_id = $1::uuid
   and v.judge_id = $2::uuid
   and v.status = 'active'

-- judge_change --
-- The next version, active, from what the judge is to be now; model and
-- lineage are the former version's, which has been retired.
-- $1 workspace  $2 judge  $3 version's id  $4 name  $5 description
-- $6 changes_summary  $7 account
-- $8 criterion ids  $9 names  $10 descriptions  $11 weights
-- $12 whether they are new, in order
-- $13 organisation  $14 request id
with version as (
    insert into trainyard.judge_version
        (workspace_id, judge_id, number, id, status, name, description,
         model_sha256, base_version, trained_through, seen_through,
         seen_split, changes_summary, created_at, created_by, deployed_at)
    select j.workspace_id, j.id, j.last_version + 1, $3::uuid, 'active',
           $4::text, $5::text, v.model_sha256, v.number, v.trained_through,
           v.seen_through, v.seen_split, $6::text, n.at, $7::uuid, n.at
      from trainyard.judge j
      join trainyard.judge_version v on v.workspace_id = j.workspace_id
       and v.judge_id = j.id and v.number = j.active_version
     cross join (select clock_timestamp() as at) n
     where j.workspace_id = $1::uuid
       and j.id = $2::uuid
    returning workspace_id, judge_id, number, created_at
), criteria as (
    insert into trainyard.criterion
        (workspace_id, judge_id, version, position, id, name, description,
         weight, fresh)
    select v.workspace_id, v.judge_id, v.number, c.position, c.id, c.name,
           c.description, c.weight, c.fresh
      from version v
     cross join unnest($8::text[], $9::text[], $10::text[],
                       $11::double precision[], $12::boolean[])
           with ordinality
           as c (id, name, description, weight, fresh, position)
), used as (
    insert into trainyard.judge_version_use (workspace_id, judge_id, version)
    select v.workspace_id, v.judge_id, v.number
      from version v
), deployed as (
    insert into trainyard.deployment
        (workspace_id, judge_id, version, at, by, kind)
    select v.workspace_id, v.judge_id, v.number, v.created_at, $7::uuid,
           'change'
      from version v
), changed as (
    update trainyard.judge j
       set active_version = v.number,
           last_version = v.number,
           updated_at = v.created_at
      from version v
     where j.workspace_id = v.workspace_id
       and j.id = v.judge_id
    returning j.key
)
insert into trainyard.audit
    (workspace_id, organization_id, actor, action, target, request_id)
select $1::uuid, $13::uuid, ($7::uuid)::text, 'judge.update', c.key,
       $14::text
  from changed c

-- version_deploy --
-- Makes a version the active one, under the judge's lock, when the former
-- has been retired.
-- $1 workspace  $2 judge  $3 version  $4 kind: deploy or rollback
-- $5 reason or null  $6 account  $7 organisation  $8 request id
with target as (
    update trainyard.judge_version v
       set status = 'active',
           deployed_at = clock_timestamp()
     where v.workspace_id = $1::uuid
       and v.judge_id = $2::uuid
       and v.number = $3::integer
    returning v.workspace_id, v.judge_id, v.number, v.deployed_at,
              v.model_sha256 is not null as trained
), deployed as (
    insert into trainyard.deployment
        (workspace_id, judge_id, version, at, by, reason, kind)
    select t.workspace_id, t.judge_id, t.number, t.deployed_at, $6::uuid,
           $5::text, $4::text
      from target t
), changed as (
    update trainyard.judge j
       set active_version = t.number,
           is_trained = j.is_trained or t.trained,
           updated_at = t.deployed_at
      from target t
     where j.workspace_id = t.workspace_id
       and j.id = t.judge_id
    returning j.key
)
insert into trainyard.audit
    (workspace_id, organization_id, actor, action, target, request_id)
select $1::uuid, $7::uuid, ($6::uuid)::text, 'judge.' || $4::text,
       c.key || '/versions/' || $3::integer, $8::text
  from changed c

-- version_read --
-- One version with all that it is.
-- $1 workspace  $2 judge  $3 number
select v.number, v.id, v.status,
       (extract(epoch from v.created_at) * 1000000)::bigint,
       (extract(epoch from v.deployed_at) * 1000000)::bigint,
       (extract(epoch from v.archived_at) * 1000000)::bigint,
       v.changes_summary, v.job_id, v.feedback_count, v.validation::text,
       v.created_by, v.base_version, u.evaluations, u.seconds,
       c.ids, c.names, c.descriptions, c.weights, c.fresh, v.name,
       v.description
  from trainyard.judge_version v
  join trainyard.judge_version_use u on u.workspace_id = v.workspace_id
   and u.judge_id = v.judge_id and u.version = v.number
 cross join lateral (
       select array_agg(x.id order by x.position) as ids,
              array_agg(x.name order by x.position) as names,
              array_agg(x.description order by x.position) as descriptions,
              array_agg(x.weight order by x.position) as weights,
              array_agg(x.fresh order by x.position) as fresh
         from trainyard.criterion x
        where x.workspace_id = v.workspace_id and x.judge_id = v.judge_id
          and x.version = v.number) c
 where v.workspace_id = $1::uuid
   and v.judge_id = $2::uuid
   and v.number = $3::integer

-- policy_get --
-- A judge's retraining policy; no row when none was ever set.
-- $1 workspace  $2 judge
select p.enabled, p.min_new_feedback, p.min_interval_hours, p.auto_deploy,
       (extract(epoch from p.updated_at) * 1000000)::bigint, p.updated_by,
       p.last_run_id, (extract(epoch from p.last_fired_at) * 1000000)::bigint
  from trainyard.retraining_policy p
 where p.workspace_id = $1::uuid
   and p.judge_id = $2::uuid

-- policy_put --
-- Sets it, and has it looked at; when it fired last stays.
-- $1 workspace  $2 judge  $3 enabled  $4 min_new_feedback
-- $5 min_interval_hours  $6 auto_deploy  $7 account  $8 organisation
-- $9 request id
with put as (
    insert into trainyard.retraining_policy as p
        (workspace_id, judge_id, enabled, min_new_feedback,
         min_interval_hours, auto_deploy, updated_by, due_at)
    values ($1::uuid, $2::uuid, $3::boolean, $4::integer,
            $5::double precision, $6::boolean, $7::uuid,
            case when $3::boolean then clock_timestamp() end)
        on conflict (workspace_id, judge_id) do update
       set enabled = excluded.enabled,
           min_new_feedback = excluded.min_new_feedback,
           min_interval_hours = excluded.min_interval_hours,
           auto_deploy = excluded.auto_deploy,
           updated_at = excluded.updated_at,
           updated_by = excluded.updated_by,
           due_at = excluded.due_at
    returning p.enabled, p.min_new_feedback, p.min_interval_hours,
              p.auto_deploy, p.updated_at, p.updated_by, p.last_run_id,
              p.last_fired_at
), noted as (
    insert into trainyard.audit
        (workspace_id, organization_id, actor, action, target, request_id)
    select j.workspace_id, $8::uuid, ($7::uuid)::text, 'judge.policy', j.key,
           $9::text
      from trainyard.judge j
     where j.workspace_id = $1::uuid
       and j.id = $2::uuid
)
select p.enabled, p.min_new_feedback, p.min_interval_hours, p.auto_deploy,
       (extract(epoch from p.updated_at) * 1000000)::bigint, p.updated_by,
       p.last_run_id, (extract(epoch from p.last_fired_at) * 1000000)::bigint,
       (select pg_notify('trainyard_policy', '') where p.enabled)
  from put p

-- policy_wake --
-- There is feedback enough for a judge's policy, or the judge is back: it is
-- looked at, now or when its interval is over, or soon when another job has
-- the slot.  Not only when nobody was to look: who looks in this moment sees
-- none of it, so this waits, and comes after that.
-- $1 workspace  $2 judge
with woken as (
    update trainyard.retraining_policy p
       set due_at = least(p.due_at, case
           when exists (select 1
                          from trainyard.job s
                         where s.workspace_id = $1::uuid
                           and s.judge_id = $2::uuid
                           and s.face = 'judge'
                           and s.training_type <> 'validation'
                           and s.status in ('queued', 'preparing',
                                            'training', 'validating'))
           then clock_timestamp() + interval '1 minute'
           else greatest(clock_timestamp(), p.last_fired_at
               + make_interval(secs => p.min_interval_hours * 3600)) end)
     where p.workspace_id = $1::uuid
       and p.judge_id = $2::uuid
       and p.enabled
    returning p.due_at
)
select pg_notify('trainyard_policy', '')
  from woken w
 where w.due_at <= clock_timestamp()

-- clock --
-- The server's time.
select (extract(epoch from clock_timestamp()) * 1000000)::bigint

-- evaluation_create --
-- Group commit: one row a request.  Returns id and time of the evaluations
-- stored; a row that is not returned had its idempotency key taken by another
-- request.
-- $1 id  $2 workspace  $3 judge  $4 version  $5 content  $6 content_ref
-- $7 external_id  $8 metadata  $9 words, $10 raw, $11 scores: json
-- $12 raw overall  $13 overall  $14 group key  $15 group's place
-- $16 seconds  $17 account
-- $18 path, $19 key, $20 hash, $21 location, $22 body of the idempotency
--     key, all null without one
-- $23 organisation  $24 request id
with item as materialized (
    select t.id, t.workspace_id, t.judge_id, t.version, t.content,
           t.content_ref, t.external_id, t.metadata, t.words, t.raw,
           t.scores, t.raw_overall, t.overall, t.group_key, t.group_u,
           t.seconds, t.account_id, t.idem_path, t.idem_key, t.idem_hash,
           t.location, t.body, t.organization_id, t.request_id
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[],
                  $5::text[], $6::text[], $7::text[], $8::text[],
                  $9::text[], $10::text[], $11::text[],
                  $12::double precision[], $13::double precision[],
                  $14::text[], $15::double precision[],
                  $16::double precision[], $17::uuid[], $18::text[],
                  $19::text[], $20::text[], $21::text[], $22::text[],
                  $23::uuid[], $24::text[])
           as t (id, workspace_id, judge_id, version, content, content_ref,
                 external_id, metadata, words, raw, scores, raw_overall,
                 overall, group_key, group_u, seconds, account_id, idem_path,
                 idem_key, idem_hash, location, body, organization_id,
                 request_id)
), kept as (
    insert into trainyard.idempotency_key as k
        (account_id, method, path, key, request_hash, status, location, body)
    select i.account_id, 'POST', i.idem_path, i.idem_key,
           decode(i.idem_hash, 'hex'), 201, i.location,
           replace(i.body, e'\x01', to_char(now() at time zone 'utc',
                   'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
      from item i
     where i.idem_key is not null
        on conflict (account_id, method, path, key) do update
       set request_hash = excluded.request_hash, status = excluded.status,
           location = excluded.location, body = excluded.body,
           created_at = excluded.created_at
     where k.created_at <= now() - interval '24 hours'
    returning k.account_id, k.path, k.key
), fresh as materialized (
    select i.*
      from item i
     where i.idem_key is null
        or exists (select 1 from kept k
                    where k.account_id = i.account_id
                      and k.path = i.idem_path
                      and k.key = i.idem_key)
), made as (
    insert into trainyard.evaluation
        (workspace_id, id, judge_id, version, content, content_ref,
         external_id, metadata, words, raw, scores, raw_overall, overall,
         group_key, group_u, evaluated_at, seconds, created_by)
    select i.workspace_id, i.id, i.judge_id, i.version, i.content,
           i.content_ref, i.external_id, i.metadata::json, i.words::json,
           i.raw::jsonb, i.scores::jsonb, i.raw_overall, i.overall,
           i.group_key, i.group_u, now(), i.seconds, i.account_id
      from fresh i
    returning id
), sums as (
    select i.workspace_id, i.judge_id, i.version, count(*) as evaluations,
           sum(i.seconds) as seconds
      from fresh i
     group by i.workspace_id, i.judge_id, i.version
), held as materialized (
    -- in one order for all, or two groups could wait for each other
    select u.workspace_id, u.judge_id, u.version, s.evaluations, s.seconds
      from sums s
      join trainyard.judge_version_use u on u.workspace_id = s.workspace_id
       and u.judge_id = s.judge_id and u.version = s.version
     order by u.workspace_id, u.judge_id, u.version
       for no key update of u
), used as (
    update trainyard.judge_version_use u
       set evaluations = u.evaluations + h.evaluations,
           seconds = u.seconds + h.seconds
      from held h
     where u.workspace_id = h.workspace_id and u.judge_id = h.judge_id
       and u.version = h.version
), noted as (
    insert into trainyard.audit
        (workspace_id, organization_id, actor, action, target, request_id)
    select i.workspace_id, i.organization_id, i.account_id::text,
           'evaluation.create', i.id::text, i.request_id
      from fresh i
)
select m.id, (extract(epoch from now()) * 1000000)::bigint
  from made m

-- evaluation_batch_create --
-- A batch with the evaluations that were stored.
-- $1 workspace  $2 batch  $3 judge  $4 version  $5 name or null  $6 items
-- $7 account
-- $8 ids  $9 contents  $10 content_refs  $11 external_ids  $12 metadata
-- $13 words  $14 raw  $15 scores  $16 raw overalls  $17 overalls
-- $18 group keys  $19 places  $20 seconds
-- $21 organisation  $22 request id
with batch as (
    insert into trainyard.evaluation_batch
        (workspace_id, id, judge_id, version, name, total, stored,
         created_at, created_by)
    values ($1::uuid, $2::uuid, $3::uuid, $4::integer, $5::text,
            $6::integer, cardinality($8::uuid[]), now(), $7::uuid)
    returning created_at
), made as (
    insert into trainyard.evaluation
        (workspace_id, id, judge_id, version, batch_id, content, content_ref,
         external_id, metadata, words, raw, scores, raw_overall, overall,
         group_key, group_u, evaluated_at, seconds, created_by)
    select $1::uuid, i.id, $3::uuid, $4::integer, $2::uuid, i.content,
           i.content_ref, i.external_id, i.metadata::json, i.words::json,
           i.raw::jsonb, i.scores::jsonb, i.raw_overall, i.overall,
           i.group_key, i.group_u, now(), i.seconds, $7::uuid
      from unnest($8::uuid[], $9::text[], $10::text[], $11::text[],
                  $12::text[], $13::text[], $14::text[], $15::text[],
                  $16::double precision[], $17::double precision[],
                  $18::text[], $19::double precision[],
                  $20::double precision[])
           as i (id, content, content_ref, external_id, metadata, words, raw,
                 scores, raw_overall, overall, group_key, group_u, seconds)
), used as (
    update trainyard.judge_version_use u
       set evaluations = u.evaluations + cardinality($8::uuid[]),
           seconds = u.seconds
               + (select sum(x) from unnest($20::double precision[]) x)
     where u.workspace_id = $1::uuid and u.judge_id = $3::uuid
       and u.version = $4::integer
), noted as (
    insert into trainyard.audit
        (workspace_id, organization_id, actor, action, target, request_id)
    select $1::uuid, $21::uuid, ($7::uuid)::text, 'evaluation.create_batch',
           ($2::uuid)::text, $22::text
      from batch b
)
select (extract(epoch from b.created_at) * 1000000)::bigint
  from batch b

-- evaluation_get --
-- $1 workspace  $2 id  $3 with its content
select e.id, e.judge_id, j.key, e.version, v.id, e.batch_id,
       case when $3::boolean then e.content end, e.content_ref,
       e.external_id, e.metadata, e.words, e.raw, e.scores, e.raw_overall,
       e.overall, (extract(epoch from e.evaluated_at) * 1000000)::bigint,
       e.seconds
  from trainyard.evaluation e
  join trainyard.judge j on j.workspace_id = e.workspace_id
   and j.id = e.judge_id
  join trainyard.judge_version v on v.workspace_id = e.workspace_id
   and v.judge_id = e.judge_id and v.number = e.version
 where e.workspace_id = $1::uuid
   and e.id = $2::uuid

-- Lists of evaluations: one statement for each index, so that a page costs the
-- same however many there are.  There is one upper end, for the index to begin
-- at; what else may be asked for is in one coalesce(), or the planner would
-- take each for rare and read and sort all the rest.

-- evaluation_newest --
-- Evaluations of a workspace, newest first.
-- $1 workspace
-- $2 judge, $3 batch, $4 external_id, $5 content_ref; null for any
-- $6 not before this time, in microseconds
-- $7 before this time, or then $8 and with a lesser id
-- $9 most rows  $10 rows to skip
select e.id
  from trainyard.evaluation e
 where e.workspace_id = $1::uuid
   and e.evaluated_at >=
       timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
   and coalesce(($2::uuid is null or e.judge_id = $2::uuid)
       and ($3::uuid is null or e.batch_id = $3::uuid)
       and ($4::text is null or e.external_id = $4::text)
       and ($5::text is null or e.content_ref = $5::text), false)
   and (e.evaluated_at, e.id)
       < (timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
          $8::uuid)
 order by e.evaluated_at desc, e.id desc
 limit $9::bigint offset $10::bigint

-- evaluation_of_judge --
-- The same of one judge.
-- $1 workspace
-- $2 judge, $3 batch, $4 external_id, $5 content_ref; null for any
-- $6 not before this time, in microseconds
-- $7 before this time, or then $8 and with a lesser id
-- $9 most rows  $10 rows to skip
select e.id
  from trainyard.evaluation e
 where e.workspace_id = $1::uuid
   and e.judge_id = $2::uuid
   and e.evaluated_at >=
       timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
   and coalesce(($3::uuid is null or e.batch_id = $3::uuid)
       and ($4::text is null or e.external_id = $4::text)
       and ($5::text is null or e.content_ref = $5::text), false)
   and (e.evaluated_at, e.id)
       < (timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
          $8::uuid)
 order by e.evaluated_at desc, e.id desc
 limit $9::bigint offset $10::bigint

-- evaluation_of_batch --
-- The same of one batch.
-- $1 workspace
-- $2 judge, $3 batch, $4 external_id, $5 content_ref; null for any
-- $6 not before this time, in microseconds
-- $7 before this time, or then $8 and with a lesser id
-- $9 most rows  $10 rows to skip
select e.id
  from trainyard.evaluation e
 where e.workspace_id = $1::uuid
   and e.batch_id = $3::uuid
   and e.evaluated_at >=
       timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
   and coalesce(($2::uuid is null or e.judge_id = $2::uuid)
       and ($4::text is null or e.external_id = $4::text)
       and ($5::text is null or e.content_ref = $5::text), false)
   and (e.evaluated_at, e.id)
       < (timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
          $8::uuid)
 order by e.evaluated_at desc, e.id desc
 limit $9::bigint offset $10::bigint

-- evaluation_of_external --
-- The same under one id of the caller's.
-- $1 workspace
-- $2 judge, $3 batch, $4 external_id, $5 content_ref; null for any
-- $6 not before this time, in microseconds
-- $7 before this time, or then $8 and with a lesser id
-- $9 most rows  $10 rows to skip
select e.id
  from trainyard.evaluation e
 where e.workspace_id = $1::uuid
   and e.external_id = $4::text
   and e.evaluated_at >=
       timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
   and coalesce(($2::uuid is null or e.judge_id = $2::uuid)
       and ($3::uuid is null or e.batch_id = $3::uuid)
       and ($5::text is null or e.content_ref = $5::text), false)
   and (e.evaluated_at, e.id)
       < (timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
          $8::uuid)
 order by e.evaluated_at desc, e.id desc
 limit $9::bigint offset $10::bigint

-- evaluation_of_content --
-- The same of one content, by its reference.
-- $1 workspace
-- $2 judge, $3 batch, $4 external_id, $5 content_ref; null for any
-- $6 not before this time, in microseconds
-- $7 before this time, or then $8 and with a lesser id
-- $9 most rows  $10 rows to skip
select e.id
  from trainyard.evaluation e
 where e.workspace_id = $1::uuid
   and hashtextextended(e.content_ref, 0)
       = hashtextextended($5::text, 0)
   and e.content_ref = $5::text
   and e.evaluated_at >=
       timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
   and coalesce(($2::uuid is null or e.judge_id = $2::uuid)
       and ($3::uuid is null or e.batch_id = $3::uuid)
       and ($4::text is null or e.external_id = $4::text), false)
   and (e.evaluated_at, e.id)
       < (timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
          $8::uuid)
 order by e.evaluated_at desc, e.id desc
 limit $9::bigint offset $10::bigint

-- evaluation_newest_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 batch, $4 external_id, $5 content_ref; null for any
-- $6 not before this time, in microseconds
-- $7 before this time  $8 bound
select count(*)
  from (select 1
          from trainyard.evaluation e
         where e.workspace_id = $1::uuid
           and e.evaluated_at >=
               timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
           and coalesce(($2::uuid is null or e.judge_id = $2::uuid)
               and ($3::uuid is null or e.batch_id = $3::uuid)
               and ($4::text is null or e.external_id = $4::text)
               and ($5::text is null or e.content_ref = $5::text), false)
           and e.evaluated_at <
               timestamptz 'epoch' + $7::bigint * interval '1 microsecond'
         limit $8::bigint) q

-- evaluation_of_judge_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 batch, $4 external_id, $5 content_ref; null for any
-- $6 not before this time, in microseconds
-- $7 before this time  $8 bound
select count(*)
  from (select 1
          from trainyard.evaluation e
         where e.workspace_id = $1::uuid
           and e.judge_id = $2::uuid
           and e.evaluated_at >=
               timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
           and coalesce(($3::uuid is null or e.batch_id = $3::uuid)
               and ($4::text is null or e.external_id = $4::text)
               and ($5::text is null or e.content_ref = $5::text), false)
           and e.evaluated_at <
               timestamptz 'epoch' + $7::bigint * interval '1 microsecond'
         limit $8::bigint) q

-- evaluation_of_batch_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 batch, $4 external_id, $5 content_ref; null for any
-- $6 not before this time, in microseconds
-- $7 before this time  $8 bound
select count(*)
  from (select 1
          from trainyard.evaluation e
         where e.workspace_id = $1::uuid
           and e.batch_id = $3::uuid
           and e.evaluated_at >=
               timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
           and coalesce(($2::uuid is null or e.judge_id = $2::uuid)
               and ($4::text is null or e.external_id = $4::text)
               and ($5::text is null or e.content_ref = $5::text), false)
           and e.evaluated_at <
               timestamptz 'epoch' + $7::bigint * interval '1 microsecond'
         limit $8::bigint) q

-- evaluation_of_external_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 batch, $4 external_id, $5 content_ref; null for any
-- $6 not before this time, in microseconds
-- $7 before this time  $8 bound
select count(*)
  from (select 1
          from trainyard.evaluation e
         where e.workspace_id = $1::uuid
           and e.external_id = $4::text
           and e.evaluated_at >=
               timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
           and coalesce(($2::uuid is null or e.judge_id = $2::uuid)
               and ($3::uuid is null or e.batch_id = $3::uuid)
               and ($5::text is null or e.content_ref = $5::text), false)
           and e.evaluated_at <
               timestamptz 'epoch' + $7::bigint * interval '1 microsecond'
         limit $8::bigint) q

-- evaluation_of_content_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 batch, $4 external_id, $5 content_ref; null for any
-- $6 not before this time, in microseconds
-- $7 before this time  $8 bound
select count(*)
  from (select 1
          from trainyard.evaluation e
         where e.workspace_id = $1::uuid
           and hashtextextended(e.content_ref, 0)
               = hashtextextended($5::text, 0)
           and e.content_ref = $5::text
           and e.evaluated_at >=
               timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
           and coalesce(($2::uuid is null or e.judge_id = $2::uuid)
               and ($3::uuid is null or e.batch_id = $3::uuid)
               and ($4::text is null or e.external_id = $4::text), false)
           and e.evaluated_at <
               timestamptz 'epoch' + $7::bigint * interval '1 microsecond'
         limit $8::bigint) q

-- evaluation_read --
-- Evaluations without content, in the order of their ids.
-- $1 workspace  $2 ids
select e.id, e.judge_id, j.key, e.version, v.id, e.batch_id, null::text,
       e.content_ref, e.external_id, e.metadata, e.words, e.raw, e.scores,
       e.raw_overall, e.overall,
       (extract(epoch from e.evaluated_at) * 1000000)::bigint, e.seconds
  from unnest($2::uuid[]) with ordinality as w (id, place)
  join trainyard.evaluation e on e.workspace_id = $1::uuid and e.id = w.id
  join trainyard.judge j on j.workspace_id = e.workspace_id
   and j.id = e.judge_id
  join trainyard.judge_version v on v.workspace_id = e.workspace_id
   and v.judge_id = e.judge_id and v.number = e.version
 order by w.place

-- batch_find --
-- $1 workspace  $2 batch
select j.key, j.archived_at is not null
  from trainyard.evaluation_batch b
  join trainyard.judge j on j.workspace_id = b.workspace_id
   and j.id = b.judge_id
 where b.workspace_id = $1::uuid
   and b.id = $2::uuid

-- feedback_targets --
-- The evaluations that entries are about, by id.
-- $1 workspace  $2 evaluations
select e.id, e.judge_id, j.key, e.version, e.batch_id, e.scores,
       j.archived_at is not null
  from trainyard.evaluation e
  join trainyard.judge j on j.workspace_id = e.workspace_id
   and j.id = e.judge_id
 where e.workspace_id = $1::uuid
   and e.id = any ($2::uuid[])
 order by e.id

-- feedback_take --
-- Locks the judge's counters and takes a block of numbers; they are given
-- back with the new totals.  The time is behind that of every earlier number,
-- so that within a judge the order of times and ids is that of the numbers.
-- $1 workspace  $2 judge
-- $3 corrections, $4 ratings, $5 approvals, $6 rejections and $7 comments to
--    come
update trainyard.feedback_tally t
   set last_number = t.last_number + $3::bigint + $4::bigint + $5::bigint
           + $6::bigint + $7::bigint,
       corrections = t.corrections + $3::bigint,
       ratings = t.ratings + $4::bigint,
       approved = t.approved + $5::bigint,
       rejected = t.rejected + $6::bigint,
       comments = t.comments + $7::bigint,
       earliest = coalesce(t.earliest, n.at),
       latest = greatest(n.at, t.latest + interval '1 microsecond')
  from (select clock_timestamp() as at) n
 where t.workspace_id = $1::uuid
   and t.judge_id = $2::uuid
returning t.corrections, t.ratings, t.approved, t.rejected, t.comments,
       (extract(epoch from t.latest) * 1000000)::bigint,
       coalesce((select f.corrections + f.ratings + f.approvals
                   from trainyard.feedback f
                  where f.workspace_id = t.workspace_id
                    and f.judge_id = t.judge_id
                    and f.number = (select j.mark
                                      from trainyard.judge j
                                     where j.workspace_id = t.workspace_id
                                       and j.id = t.judge_id)), 0),
       (select p.min_new_feedback
          from trainyard.retraining_policy p
         where p.workspace_id = t.workspace_id
           and p.judge_id = t.judge_id),
       (select p.enabled
          from trainyard.retraining_policy p
         where p.workspace_id = t.workspace_id
           and p.judge_id = t.judge_id)

-- feedback_touch --
-- Counts entries into a judge's touch sets, under the lock of its counters;
-- new sets are made.  Gives back the totals, these entries included.
-- $1 workspace  $2 judge
-- $3 digests, hex  $4 criteria, as array literals
-- $5 corrections  $6 ratings  $7 approvals  $8 rejections  $9 comments
insert into trainyard.touch_set as s
    (workspace_id, judge_id, id, digest, criteria, corrections, ratings,
     approved, rejected, comments)
select $1::uuid, $2::uuid,
       coalesce((select max(x.id)
                   from trainyard.touch_set x
                  where x.workspace_id = $1::uuid
                    and x.judge_id = $2::uuid), 0) + i.place,
       decode(i.digest, 'hex'), i.criteria::text[], i.corrections, i.ratings,
       i.approved, i.rejected, i.comments
  from unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[],
              $7::bigint[], $8::bigint[], $9::bigint[]) with ordinality
       as i (digest, criteria, corrections, ratings, approved, rejected,
             comments, place)
    on conflict (workspace_id, judge_id, digest) do update
   set corrections = s.corrections + excluded.corrections,
       ratings = s.ratings + excluded.ratings,
       approved = s.approved + excluded.approved,
       rejected = s.rejected + excluded.rejected,
       comments = s.comments + excluded.comments
returning encode(s.digest, 'hex'), s.id, s.corrections, s.ratings,
       s.approved, s.rejected, s.comments

-- feedback_insert --
-- Entries with their numbers and running totals, under the locks of their
-- judges' counters.
-- $1 workspace  $2 session or null
-- $3 judges  $4 numbers  $5 ids  $6 evaluations  $7 versions  $8 batches
-- $9 types  $10 corrected scores, json  $11 ratings  $12 comments
-- $13 explanations  $14 approved  $15 target criteria, as array literals
-- $16 submitted by  $17 touch sets
-- $18 .. $22 running totals in the judge  $23 .. $27 and in the touch set
-- $28 organisation  $29 account  $30 request id
with made as (
    insert into trainyard.feedback
        (workspace_id, session_id, judge_id, number, id, evaluation_id,
         judge_version, batch_id, type, corrected_scores, rating, comment,
         explanation, approved, target_criteria, submitted_by, submitted_at,
         touch_set, corrections, ratings, approvals, rejections, comments,
         set_corrections, set_ratings, set_approvals, set_rejections,
         set_comments)
    select $1::uuid, $2::uuid, i.judge_id, i.number, i.id, i.evaluation_id,
           i.version, i.batch_id, i.type, i.corrected::jsonb, i.rating,
           i.comment, i.explanation, i.approved, i.targets::text[],
           i.submitted_by, t.latest, i.touch_set, i.c, i.r, i.a, i.j, i.m,
           i.set_c, i.set_r, i.set_a, i.set_j, i.set_m
      from unnest($3::uuid[], $4::bigint[], $5::uuid[], $6::uuid[],
                  $7::integer[], $8::uuid[], $9::text[], $10::text[],
                  $11::double precision[], $12::text[], $13::text[],
                  $14::boolean[], $15::text[], $16::text[], $17::integer[],
                  $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[],
                  $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[],
                  $26::bigint[], $27::bigint[])
           as i (judge_id, number, id, evaluation_id, version, batch_id, type,
                 corrected, rating, comment, explanation, approved, targets,
                 submitted_by, touch_set, c, r, a, j, m, set_c, set_r, set_a,
                 set_j, set_m)
      join trainyard.feedback_tally t on t.workspace_id = $1::uuid
       and t.judge_id = i.judge_id
    returning id
), noted as (
    insert into trainyard.audit
        (workspace_id, organization_id, actor, action, target, request_id)
    select $1::uuid, $28::uuid, ($29::uuid)::text,
           case when $2::uuid is null then 'feedback.create'
                else 'feedback.create_batch' end,
           coalesce($2::uuid, ($5::uuid[])[1])::text, $30::text
)
select count(*)
  from made m

-- feedback_context --
-- An evaluation with the counts of its feedback.
-- $1 workspace  $2 evaluation
select j.key, e.judge_id, e.version, e.scores, e.raw,
       (extract(epoch from e.evaluated_at) * 1000000)::bigint,
       f.corrections, f.ratings, f.approved, f.rejected, f.comments,
       f.average
  from trainyard.evaluation e
  join trainyard.judge j on j.workspace_id = e.workspace_id
   and j.id = e.judge_id
 cross join lateral (
       select count(*) filter (where x.type = 'correction') as corrections,
              count(*) filter (where x.type = 'rating') as ratings,
              count(*) filter (where x.type = 'approval' and x.approved)
                  as approved,
              count(*) filter (where x.type = 'approval' and not x.approved)
                  as rejected,
              count(*) filter (where x.type = 'comment') as comments,
              avg(x.rating) filter (where x.type = 'rating') as average
         from trainyard.feedback x
        where x.workspace_id = e.workspace_id
          and x.evaluation_id = e.id) f
 where e.workspace_id = $1::uuid
   and e.id = $2::uuid

-- feedback_of --
-- The entries on one evaluation, oldest first, each with the job that moved
-- the judge's mark past it.
-- $1 workspace  $2 evaluation  $3 type or null
-- $4 most rows  $5 rows to skip  $6 above this number
select p.number, p.id, p.judge_version, p.batch_id, p.session_id, p.type,
       p.corrected_scores, p.rating, p.comment, p.explanation, p.approved,
       p.target_criteria, p.submitted_by,
       (extract(epoch from p.submitted_at) * 1000000)::bigint, p.processed,
       m.job_id
  from (select f.judge_id, f.number, f.id, f.judge_version, f.batch_id,
               f.session_id, f.type, f.corrected_scores, f.rating, f.comment,
               f.explanation, f.approved, f.target_criteria, f.submitted_by,
               f.submitted_at, f.number <= j.mark as processed
          from trainyard.feedback f
          join trainyard.judge j on j.workspace_id = f.workspace_id
           and j.id = f.judge_id
         where f.workspace_id = $1::uuid
           and f.evaluation_id = $2::uuid
           and ($3::text is null or f.type = $3::text)
           and f.number > $6::bigint
         order by f.number
         limit $4::bigint offset $5::bigint) p
  left join lateral (
       select k.job_id
         from trainyard.judge_mark k
        where k.workspace_id = $1::uuid and k.judge_id = p.judge_id
          and k.mark >= p.number
        order by k.mark
        limit 1) m on p.processed
 order by p.number

-- Lists of feedback: one statement for each index, too.

-- feedback_newest --
-- Feedback in a workspace, newest first.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time, or then $12 and with a lesser id
-- $13 most rows  $14 rows to skip
select f.id
  from trainyard.feedback f
 where f.workspace_id = $1::uuid
   and f.submitted_at >=
       timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
   and coalesce(($2::uuid is null or f.judge_id = $2::uuid)
       and ($3::uuid is null or f.evaluation_id = $3::uuid)
       and ($4::uuid is null or f.batch_id = $4::uuid)
       and ($5::text is null or f.type = $5::text)
       and ($6::text is null or $6::text = any (f.target_criteria))
       and ($7::text is null or f.submitted_by = $7::text)
       and f.number > $9::bigint and f.number <= $10::bigint, false)
   and (f.submitted_at, f.id)
       < (timestamptz 'epoch' + $11::bigint * interval '1 microsecond',
          $12::uuid)
 order by f.submitted_at desc, f.id desc
 limit $13::bigint offset $14::bigint

-- feedback_of_type --
-- The same of one type.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time, or then $12 and with a lesser id
-- $13 most rows  $14 rows to skip
select f.id
  from trainyard.feedback f
 where f.workspace_id = $1::uuid
   and f.type = $5::text
   and f.submitted_at >=
       timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
   and coalesce(($2::uuid is null or f.judge_id = $2::uuid)
       and ($3::uuid is null or f.evaluation_id = $3::uuid)
       and ($4::uuid is null or f.batch_id = $4::uuid)
       and ($6::text is null or $6::text = any (f.target_criteria))
       and ($7::text is null or f.submitted_by = $7::text)
       and f.number > $9::bigint and f.number <= $10::bigint, false)
   and (f.submitted_at, f.id)
       < (timestamptz 'epoch' + $11::bigint * interval '1 microsecond',
          $12::uuid)
 order by f.submitted_at desc, f.id desc
 limit $13::bigint offset $14::bigint

-- feedback_of_judge --
-- The same on one judge.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time, or then $12 and with a lesser id
-- $13 most rows  $14 rows to skip
select f.id
  from trainyard.feedback f
 where f.workspace_id = $1::uuid
   and f.judge_id = $2::uuid
   and f.submitted_at >=
       timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
   and coalesce(($3::uuid is null or f.evaluation_id = $3::uuid)
       and ($4::uuid is null or f.batch_id = $4::uuid)
       and ($5::text is null or f.type = $5::text)
       and ($6::text is null or $6::text = any (f.target_criteria))
       and ($7::text is null or f.submitted_by = $7::text)
       and f.number > $9::bigint and f.number <= $10::bigint, false)
   and (f.submitted_at, f.id)
       < (timestamptz 'epoch' + $11::bigint * interval '1 microsecond',
          $12::uuid)
 order by f.submitted_at desc, f.id desc
 limit $13::bigint offset $14::bigint

-- feedback_of_judge_type --
-- The same on one judge, of one type.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time, or then $12 and with a lesser id
-- $13 most rows  $14 rows to skip
select f.id
  from trainyard.feedback f
 where f.workspace_id = $1::uuid
   and f.judge_id = $2::uuid
   and f.type = $5::text
   and f.submitted_at >=
       timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
   and coalesce(($3::uuid is null or f.evaluation_id = $3::uuid)
       and ($4::uuid is null or f.batch_id = $4::uuid)
       and ($6::text is null or $6::text = any (f.target_criteria))
       and ($7::text is null or f.submitted_by = $7::text)
       and f.number > $9::bigint and f.number <= $10::bigint, false)
   and (f.submitted_at, f.id)
       < (timestamptz 'epoch' + $11::bigint * interval '1 microsecond',
          $12::uuid)
 order by f.submitted_at desc, f.id desc
 limit $13::bigint offset $14::bigint

-- feedback_of_judge_person --
-- The same on one judge, by one reviewer.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time, or then $12 and with a lesser id
-- $13 most rows  $14 rows to skip
select f.id
  from trainyard.feedback f
 where f.workspace_id = $1::uuid
   and f.judge_id = $2::uuid
   and f.submitted_by = $7::text
   and f.submitted_at >=
       timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
   and coalesce(($3::uuid is null or f.evaluation_id = $3::uuid)
       and ($4::uuid is null or f.batch_id = $4::uuid)
       and ($5::text is null or f.type = $5::text)
       and ($6::text is null or $6::text = any (f.target_criteria))
       and f.number > $9::bigint and f.number <= $10::bigint, false)
   and (f.submitted_at, f.id)
       < (timestamptz 'epoch' + $11::bigint * interval '1 microsecond',
          $12::uuid)
 order by f.submitted_at desc, f.id desc
 limit $13::bigint offset $14::bigint

-- feedback_by_person --
-- The same by one reviewer.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time, or then $12 and with a lesser id
-- $13 most rows  $14 rows to skip
select f.id
  from trainyard.feedback f
 where f.workspace_id = $1::uuid
   and f.submitted_by = $7::text
   and f.submitted_at >=
       timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
   and coalesce(($2::uuid is null or f.judge_id = $2::uuid)
       and ($3::uuid is null or f.evaluation_id = $3::uuid)
       and ($4::uuid is null or f.batch_id = $4::uuid)
       and ($5::text is null or f.type = $5::text)
       and ($6::text is null or $6::text = any (f.target_criteria))
       and f.number > $9::bigint and f.number <= $10::bigint, false)
   and (f.submitted_at, f.id)
       < (timestamptz 'epoch' + $11::bigint * interval '1 microsecond',
          $12::uuid)
 order by f.submitted_at desc, f.id desc
 limit $13::bigint offset $14::bigint

-- feedback_of_batch --
-- The same on one batch of evaluations.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time, or then $12 and with a lesser id
-- $13 most rows  $14 rows to skip
select f.id
  from trainyard.feedback f
 where f.workspace_id = $1::uuid
   and f.batch_id = $4::uuid
   and f.submitted_at >=
       timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
   and coalesce(($2::uuid is null or f.judge_id = $2::uuid)
       and ($3::uuid is null or f.evaluation_id = $3::uuid)
       and ($5::text is null or f.type = $5::text)
       and ($6::text is null or $6::text = any (f.target_criteria))
       and ($7::text is null or f.submitted_by = $7::text)
       and f.number > $9::bigint and f.number <= $10::bigint, false)
   and (f.submitted_at, f.id)
       < (timestamptz 'epoch' + $11::bigint * interval '1 microsecond',
          $12::uuid)
 order by f.submitted_at desc, f.id desc
 limit $13::bigint offset $14::bigint

-- feedback_of_evaluation --
-- The same on one evaluation.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time, or then $12 and with a lesser id
-- $13 most rows  $14 rows to skip
select f.id
  from trainyard.feedback f
 where f.workspace_id = $1::uuid
   and f.evaluation_id = $3::uuid
   and f.submitted_at >=
       timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
   and coalesce(($2::uuid is null or f.judge_id = $2::uuid)
       and ($4::uuid is null or f.batch_id = $4::uuid)
       and ($5::text is null or f.type = $5::text)
       and ($6::text is null or $6::text = any (f.target_criteria))
       and ($7::text is null or f.submitted_by = $7::text)
       and f.number > $9::bigint and f.number <= $10::bigint, false)
   and (f.submitted_at, f.id)
       < (timestamptz 'epoch' + $11::bigint * interval '1 microsecond',
          $12::uuid)
 order by f.submitted_at desc, f.id desc
 limit $13::bigint offset $14::bigint

-- feedback_on_criterion --
-- The same on one criterion: the newest of each touch set that it is in.  In a
-- judge, numbers are in the order of times and ids.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time, or then $12 and with a lesser id
-- $13 most rows  $14 rows to skip
select x.id
  from trainyard.touch_set s
 cross join lateral (
       select f.id, f.submitted_at
         from trainyard.feedback f
        where f.workspace_id = s.workspace_id
          and f.judge_id = s.judge_id
          and f.touch_set = s.id
          and f.number > greatest($9::bigint, (
              select b.number
                from trainyard.feedback b
               where b.workspace_id = s.workspace_id
                 and b.judge_id = s.judge_id
                 and b.submitted_at < timestamptz 'epoch'
                     + $8::bigint * interval '1 microsecond'
               order by b.submitted_at desc, b.id desc
               limit 1))
          and f.number <= least($10::bigint, coalesce((
              select b.number
                from trainyard.feedback b
               where b.workspace_id = s.workspace_id
                 and b.judge_id = s.judge_id
                 and (b.submitted_at, b.id) < (timestamptz 'epoch'
                     + $11::bigint * interval '1 microsecond', $12::uuid)
               order by b.submitted_at desc, b.id desc
               limit 1), 0))
          and coalesce(($3::uuid is null or f.evaluation_id = $3::uuid)
              and ($4::uuid is null or f.batch_id = $4::uuid)
              and ($5::text is null or f.type = $5::text)
              and ($7::text is null or f.submitted_by = $7::text),
              false)
        order by f.number desc
        limit $13::bigint + $14::bigint) x
 where s.workspace_id = $1::uuid
   and ($2::uuid is null or s.judge_id = $2::uuid)
   and $6::text = any (s.criteria)
 order by x.submitted_at desc, x.id desc
 limit $13::bigint offset $14::bigint

-- feedback_newest_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time  $12 bound
select count(*)
  from (select 1
          from trainyard.feedback f
         where f.workspace_id = $1::uuid
           and f.submitted_at >=
               timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
           and coalesce(($2::uuid is null or f.judge_id = $2::uuid)
               and ($3::uuid is null or f.evaluation_id = $3::uuid)
               and ($4::uuid is null or f.batch_id = $4::uuid)
               and ($5::text is null or f.type = $5::text)
               and ($6::text is null or $6::text = any (f.target_criteria))
               and ($7::text is null or f.submitted_by = $7::text)
               and f.number > $9::bigint and f.number <= $10::bigint, false)
           and f.submitted_at <
               timestamptz 'epoch' + $11::bigint * interval '1 microsecond'
         limit $12::bigint) q

-- feedback_of_type_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time  $12 bound
select count(*)
  from (select 1
          from trainyard.feedback f
         where f.workspace_id = $1::uuid
           and f.type = $5::text
           and f.submitted_at >=
               timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
           and coalesce(($2::uuid is null or f.judge_id = $2::uuid)
               and ($3::uuid is null or f.evaluation_id = $3::uuid)
               and ($4::uuid is null or f.batch_id = $4::uuid)
               and ($6::text is null or $6::text = any (f.target_criteria))
               and ($7::text is null or f.submitted_by = $7::text)
               and f.number > $9::bigint and f.number <= $10::bigint, false)
           and f.submitted_at <
               timestamptz 'epoch' + $11::bigint * interval '1 microsecond'
         limit $12::bigint) q

-- feedback_of_judge_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time  $12 bound
select count(*)
  from (select 1
          from trainyard.feedback f
         where f.workspace_id = $1::uuid
           and f.judge_id = $2::uuid
           and f.submitted_at >=
               timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
           and coalesce(($3::uuid is null or f.evaluation_id = $3::uuid)
               and ($4::uuid is null or f.batch_id = $4::uuid)
               and ($5::text is null or f.type = $5::text)
               and ($6::text is null or $6::text = any (f.target_criteria))
               and ($7::text is null or f.submitted_by = $7::text)
               and f.number > $9::bigint and f.number <= $10::bigint, false)
           and f.submitted_at <
               timestamptz 'epoch' + $11::bigint * interval '1 microsecond'
         limit $12::bigint) q

-- feedback_of_judge_type_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time  $12 bound
select count(*)
  from (select 1
          from trainyard.feedback f
         where f.workspace_id = $1::uuid
           and f.judge_id = $2::uuid
           and f.type = $5::text
           and f.submitted_at >=
               timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
           and coalesce(($3::uuid is null or f.evaluation_id = $3::uuid)
               and ($4::uuid is null or f.batch_id = $4::uuid)
               and ($6::text is null or $6::text = any (f.target_criteria))
               and ($7::text is null or f.submitted_by = $7::text)
               and f.number > $9::bigint and f.number <= $10::bigint, false)
           and f.submitted_at <
               timestamptz 'epoch' + $11::bigint * interval '1 microsecond'
         limit $12::bigint) q

-- feedback_of_judge_person_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time  $12 bound
select count(*)
  from (select 1
          from trainyard.feedback f
         where f.workspace_id = $1::uuid
           and f.judge_id = $2::uuid
           and f.submitted_by = $7::text
           and f.submitted_at >=
               timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
           and coalesce(($3::uuid is null or f.evaluation_id = $3::uuid)
               and ($4::uuid is null or f.batch_id = $4::uuid)
               and ($5::text is null or f.type = $5::text)
               and ($6::text is null or $6::text = any (f.target_criteria))
               and f.number > $9::bigint and f.number <= $10::bigint, false)
           and f.submitted_at <
               timestamptz 'epoch' + $11::bigint * interval '1 microsecond'
         limit $12::bigint) q

-- feedback_by_person_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time  $12 bound
select count(*)
  from (select 1
          from trainyard.feedback f
         where f.workspace_id = $1::uuid
           and f.submitted_by = $7::text
           and f.submitted_at >=
               timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
           and coalesce(($2::uuid is null or f.judge_id = $2::uuid)
               and ($3::uuid is null or f.evaluation_id = $3::uuid)
               and ($4::uuid is null or f.batch_id = $4::uuid)
               and ($5::text is null or f.type = $5::text)
               and ($6::text is null or $6::text = any (f.target_criteria))
               and f.number > $9::bigint and f.number <= $10::bigint, false)
           and f.submitted_at <
               timestamptz 'epoch' + $11::bigint * interval '1 microsecond'
         limit $12::bigint) q

-- feedback_of_batch_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time  $12 bound
select count(*)
  from (select 1
          from trainyard.feedback f
         where f.workspace_id = $1::uuid
           and f.batch_id = $4::uuid
           and f.submitted_at >=
               timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
           and coalesce(($2::uuid is null or f.judge_id = $2::uuid)
               and ($3::uuid is null or f.evaluation_id = $3::uuid)
               and ($5::text is null or f.type = $5::text)
               and ($6::text is null or $6::text = any (f.target_criteria))
               and ($7::text is null or f.submitted_by = $7::text)
               and f.number > $9::bigint and f.number <= $10::bigint, false)
           and f.submitted_at <
               timestamptz 'epoch' + $11::bigint * interval '1 microsecond'
         limit $12::bigint) q

-- feedback_of_evaluation_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time  $12 bound
select count(*)
  from (select 1
          from trainyard.feedback f
         where f.workspace_id = $1::uuid
           and f.evaluation_id = $3::uuid
           and f.submitted_at >=
               timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
           and coalesce(($2::uuid is null or f.judge_id = $2::uuid)
               and ($4::uuid is null or f.batch_id = $4::uuid)
               and ($5::text is null or f.type = $5::text)
               and ($6::text is null or $6::text = any (f.target_criteria))
               and ($7::text is null or f.submitted_by = $7::text)
               and f.number > $9::bigint and f.number <= $10::bigint, false)
           and f.submitted_at <
               timestamptz 'epoch' + $11::bigint * interval '1 microsecond'
         limit $12::bigint) q

-- feedback_on_criterion_count --
-- How many match, counted up to a bound.
-- $1 workspace
-- $2 judge, $3 evaluation, $4 batch, $5 type, $6 criterion, $7 reviewer; null
--    for any
-- $8 not before this time, in microseconds
-- $9 above, $10 up to these numbers
-- $11 before this time  $12 bound
select count(*)
  from (select 1
          from trainyard.touch_set s
         cross join lateral (
               select 1
                 from trainyard.feedback f
                where f.workspace_id = s.workspace_id
                  and f.judge_id = s.judge_id
                  and f.touch_set = s.id
                  and f.number > greatest($9::bigint, (
                      select b.number
                        from trainyard.feedback b
                       where b.workspace_id = s.workspace_id
                         and b.judge_id = s.judge_id
                         and b.submitted_at < timestamptz 'epoch'
                             + $8::bigint * interval '1 microsecond'
                       order by b.submitted_at desc, b.id desc
                       limit 1))
                  and f.number <= least($10::bigint, coalesce((
                      select b.number
                        from trainyard.feedback b
                       where b.workspace_id = s.workspace_id
                         and b.judge_id = s.judge_id
                         and b.submitted_at < timestamptz 'epoch'
                             + $11::bigint * interval '1 microsecond'
                       order by b.submitted_at desc, b.id desc
                       limit 1), 0))
                  and coalesce(($3::uuid is null or f.evaluation_id = $3::uuid)
                      and ($4::uuid is null or f.batch_id = $4::uuid)
                      and ($5::text is null or f.type = $5::text)
                      and ($7::text is null or f.submitted_by = $7::text),
                      false)
                limit $12::bigint) x
         where s.workspace_id = $1::uuid
           and ($2::uuid is null or s.judge_id = $2::uuid)
           and $6::text = any (s.criteria)
         limit $12::bigint) q

-- feedback_marked --
-- A judge and the place of its mark: number and time of the entry there.
-- $1 workspace  $2 id on the wire
select j.id, j.mark, (extract(epoch from f.submitted_at) * 1000000)::bigint
  from trainyard.judge j
  left join trainyard.feedback f on f.workspace_id = j.workspace_id
   and f.judge_id = j.id and f.number = j.mark
 where j.workspace_id = $1::uuid
   and j.key = $2::text

-- feedback_read --
-- Entries in the order of their ids, each with the job that moved the judge's
-- mark past it.
-- $1 workspace  $2 ids
select f.number, f.id, f.judge_version, f.batch_id, f.session_id, f.type,
       f.corrected_scores, f.rating, f.comment, f.explanation, f.approved,
       f.target_criteria, f.submitted_by,
       (extract(epoch from f.submitted_at) * 1000000)::bigint,
       f.number <= j.mark, m.job_id, f.evaluation_id, j.key
  from unnest($2::uuid[]) with ordinality as w (id, place)
  join trainyard.feedback f on f.workspace_id = $1::uuid and f.id = w.id
  join trainyard.judge j on j.workspace_id = f.workspace_id
   and j.id = f.judge_id
  left join lateral (
       select k.job_id
         from trainyard.judge_mark k
        where k.workspace_id = f.workspace_id and k.judge_id = f.judge_id
          and k.mark >= f.number
        order by k.mark
        limit 1) m on f.number <= j.mark
 order by w.place

-- Judge training -----------------------------------------------------------

-- feedback_since --
-- The number of the first entry that is not older than a time.
-- $1 workspace  $2 judge  $3 time
select f.number
  from trainyard.feedback f
 where f.workspace_id = $1::uuid
   and f.judge_id = $2::uuid
   and f.submitted_at >= $3::timestamptz
 order by f.submitted_at, f.id
 limit 1

-- feedback_shares --
-- A range in each touch set that meets some criteria and has entries in it:
-- the set's totals before and through the range, times of both ends.
-- $1 workspace  $2 judge  $3 first number  $4 last number  $5 criteria
select s.id, coalesce(b.set_corrections, 0), coalesce(b.set_ratings, 0),
       coalesce(b.set_approvals, 0), coalesce(b.set_rejections, 0),
       coalesce(b.set_comments, 0),
       l.set_corrections, l.set_ratings, l.set_approvals, l.set_rejections,
       l.set_comments,
       (extract(epoch from f.submitted_at) * 1000000)::bigint,
       (extract(epoch from l.submitted_at) * 1000000)::bigint
  from trainyard.touch_set s
 cross join lateral (
       select x.number, x.submitted_at, x.set_corrections, x.set_ratings,
              x.set_approvals, x.set_rejections, x.set_comments
         from trainyard.feedback x
        where x.workspace_id = s.workspace_id and x.judge_id = s.judge_id
          and x.touch_set = s.id and x.number <= $4::bigint
        order by x.number desc
        limit 1) l
 cross join lateral (
       select x.submitted_at
         from trainyard.feedback x
        where x.workspace_id = s.workspace_id and x.judge_id = s.judge_id
          and x.touch_set = s.id and x.number >= $3::bigint
        order by x.number
        limit 1) f
  left join lateral (
       select x.set_corrections, x.set_ratings, x.set_approvals,
              x.set_rejections, x.set_comments
         from trainyard.feedback x
        where x.workspace_id = s.workspace_id and x.judge_id = s.judge_id
          and x.touch_set = s.id and x.number < $3::bigint
        order by x.number desc
        limit 1) b on true
 where s.workspace_id = $1::uuid
   and s.judge_id = $2::uuid
   and s.criteria && $5::text[]
   and l.number >= $3::bigint
 order by s.id

-- job_create_judge --
-- Group commit: one row a request, and an answer for each: id, time, whether
-- the job was made, whether its idempotency key was taken by another
-- request.  Neither: the judge is archived, has another active version or a
-- job in its slot.  Sharing the judge's row keeps it from being archived
-- before the commit.  Who loses a race for the slot against another batch
-- violates job_slot_idx, and leaves no idempotency key behind.
-- $1 id  $2 workspace  $3 organisation  $4 status  $5 priority
-- $6 time limit in seconds  $7 account  $8 config, json  $9 judge
-- $10 training type  $11 options, json  $12 webhook URL  $13 its secret
-- $14 execution id  $15 base version  $16 estimated minutes
-- $17 first number  $18 high-water mark  $19 touch sets, array literals
-- $20 corrections  $21 ratings  $22 approved  $23 rejected  $24 comments
-- $25 earliest  $26 latest  $27 request id
-- $28 path, $29 key, $30 hash, $31 location, $32 body of the idempotency
--     key, all null without one
-- $33 retraining run and $34 its trigger, null for other jobs
with item as materialized (
    select t.*, t.status = 'queued' and t.training_type <> 'validation'
                as takes_slot
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[],
                  $5::smallint[], $6::int[], $7::uuid[], $8::text[],
                  $9::uuid[], $10::text[], $11::text[], $12::text[],
                  $13::text[], $14::uuid[], $15::int[], $16::int[],
                  $17::bigint[], $18::bigint[], $19::text[], $20::bigint[],
                  $21::bigint[], $22::bigint[], $23::bigint[],
                  $24::bigint[], $25::timestamptz[], $26::timestamptz[],
                  $27::text[], $28::text[], $29::text[], $30::text[],
                  $31::text[], $32::text[], $33::uuid[], $34::text[])
           with ordinality
           as t (id, workspace_id, organization_id, status, priority,
                 timeout_seconds, account_id, config, judge_id,
                 training_type, options, webhook_url, webhook_secret,
                 execution_id, base_version, estimated_minutes,
                 first_number, high_water_mark, touch_sets, corrections,
                 ratings, approved, rejected, comments, earliest, latest,
                 request_id, idem_path, idem_key, idem_hash, location,
                 body, run_id, run_trigger, place)
), fit as materialized (
    select i.*
      from item i
      join trainyard.judge j on j.workspace_id = i.workspace_id
       and j.id = i.judge_id and j.archived_at is null
       and j.active_version = i.base_version
     where not i.takes_slot
        or not exists (select 1
                         from trainyard.job s
                        where s.workspace_id = i.workspace_id
                          and s.judge_id = i.judge_id
                          and s.face = 'judge'
                          and s.training_type <> 'validation'
                          and s.status in ('queued', 'preparing',
                                           'training', 'validating'))
     order by j.id
       for share of j
), turn as materialized (
    select f.*, row_number() over (partition by f.workspace_id, f.judge_id,
                                   f.takes_slot order by f.place) as turn
      from fit f
), chosen as materialized (
    select t.* from turn t where t.turn = 1 or not t.takes_slot
), kept as (
    insert into trainyard.idempotency_key as k
        (account_id, method, path, key, request_hash, status, location, body)
    select c.account_id, 'POST', c.idem_path, c.idem_key,
           decode(c.idem_hash, 'hex'), 201, c.location,
           replace(c.body, e'\x01', to_char(now() at time zone 'utc',
                   'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
      from chosen c
     where c.idem_key is not null
        on conflict (account_id, method, path, key) do update
       set request_hash = excluded.request_hash, status = excluded.status,
           location = excluded.location, body = excluded.body,
           created_at = excluded.created_at
     where k.created_at <= now() - interval '24 hours'
    returning k.account_id, k.path, k.key
), made as (
    insert into trainyard.job
        (workspace_id, id, organization_id, face, kind, status, priority,
         timeout_seconds, created_by, queued_at, config, judge_id,
         training_type, options, webhook_url, webhook_secret, execution_id,
         base_version, estimated_minutes, retraining_run_id,
         run_trigger)
    select c.workspace_id, c.id, c.organization_id, 'judge', 'judge',
           c.status, c.priority, c.timeout_seconds, c.account_id,
           case c.status when 'queued' then now() end, c.config::json,
           c.judge_id, c.training_type, c.options::json, c.webhook_url,
           c.webhook_secret, c.execution_id, c.base_version,
           c.estimated_minutes, c.run_id, c.run_trigger
      from chosen c
     where c.idem_key is null
        or exists (select 1 from kept k
                    where k.account_id = c.account_id
                      and k.path = c.idem_path
                      and k.key = c.idem_key)
    returning id, status
), summed as (
    insert into trainyard.feedback_summary
        (workspace_id, job_id, first_number, high_water_mark, touch_sets,
         corrections, ratings, approved, rejected, comments, earliest,
         latest)
    select c.workspace_id, c.id, c.first_number, c.high_water_mark,
           c.touch_sets::integer[], c.corrections, c.ratings, c.approved,
           c.rejected, c.comments, c.earliest, c.latest
      from chosen c
      join made m on m.id = c.id
), noted as (
    insert into trainyard.audit
        (workspace_id, organization_id, actor, action, target, request_id)
    select c.workspace_id, c.organization_id, c.account_id::text,
           'job.create', c.id::text, c.request_id
      from chosen c
      join made m on m.id = c.id
)
select i.id, (extract(epoch from now()) * 1000000)::bigint,
       m.id is not null, c.id is not null and m.id is null,
       (select pg_notify('trainyard_job', '') where m.status = 'queued')
  from item i
  left join chosen c on c.id = i.id
  left join made m on m.id = i.id

-- job_get_judge --
-- One judge job with its summary.  The judge's name is that of the base
-- version: what the job shows changes with its revision only.
-- $1 workspace  $2 job id
select j.organization_id, j.status, j.priority, j.attempt,
       j.timeout_seconds, j.revision, j.created_by, j.error, j.error_type,
       j.config, j.judge_id, g.key, v.name, j.training_type, j.options,
       j.webhook_url, j.execution_id, j.retraining_run_id, j.base_version,
       j.progress, j.version_number, j.version_id, j.deployment,
       j.validation, j.estimated_minutes,
       f.first_number, f.high_water_mark, f.touch_sets, f.corrections,
       f.ratings, f.approved, f.rejected, f.comments,
       (extract(epoch from f.earliest) * 1000000)::bigint,
       (extract(epoch from f.latest) * 1000000)::bigint,
       (extract(epoch from j.created_at) * 1000000)::bigint,
       (extract(epoch from j.queued_at) * 1000000)::bigint,
       (extract(epoch from j.started_at) * 1000000)::bigint,
       (extract(epoch from j.completed_at) * 1000000)::bigint,
       (extract(epoch from j.cancel_requested_at) * 1000000)::bigint,
       (extract(epoch from j.updated_at) * 1000000)::bigint
  from trainyard.job j
  join trainyard.judge g on g.workspace_id = j.workspace_id
   and g.id = j.judge_id
  join trainyard.judge_version v on v.workspace_id = j.workspace_id
   and v.judge_id = j.judge_id and v.number = j.base_version
  join trainyard.feedback_summary f on f.workspace_id = j.workspace_id
   and f.job_id = j.id
 where j.workspace_id = $1::uuid
   and j.id = $2::uuid
   and j.face = 'judge'

-- job_report_get --
-- The files of a judge job's report, null before there is one.
-- $1 workspace  $2 job id
select encode(r.json_sha256, 'hex'), encode(r.html_sha256, 'hex')
  from trainyard.job j
  left join trainyard.job_report r on r.workspace_id = j.workspace_id
   and r.job_id = j.id
 where j.workspace_id = $1::uuid
   and j.id = $2::uuid
   and j.face = 'judge'

-- judge_job_newest --
-- A page of judge jobs, newest first.
-- $1 workspace
-- $2 judge's key  $3 status  $4 training type
-- $5 created then or later  $6 created before; or null, all five
-- $7 most rows  $8 rows to skip
-- $9 behind the job of this time $10 and this id
select h.id, (extract(epoch from h.created_at) * 1000000)::bigint
  from trainyard.judge_jobs($1::uuid, $2::text, $3::text, $4::text,
                            $5::timestamptz, $6::timestamptz) h
 where (h.created_at, h.id) < ($9::timestamptz, $10::uuid)
 order by h.created_at desc, h.id desc
 limit $7::bigint offset $8::bigint

-- judge_job_oldest --
-- A page of judge jobs, oldest first.
-- $1 workspace
-- $2 judge's key  $3 status  $4 training type
-- $5 created then or later  $6 created before; or null, all five
-- $7 most rows  $8 rows to skip
-- $9 behind the job of this time $10 and this id
select h.id, (extract(epoch from h.created_at) * 1000000)::bigint
  from trainyard.judge_jobs($1::uuid, $2::text, $3::text, $4::text,
                            $5::timestamptz, $6::timestamptz) h
 where (h.created_at, h.id) > ($9::timestamptz, $10::uuid)
 order by h.created_at, h.id
 limit $7::bigint offset $8::bigint

-- judge_job_last_done --
-- A page of judge jobs, last finished first; those that have not ended last.
-- $1 workspace
-- $2 judge's key  $3 status  $4 training type
-- $5 created then or later  $6 created before; or null, all five
-- $7 most rows  $8 rows to skip
select u.id, (extract(epoch from u.created_at) * 1000000)::bigint
  from ((select h.id, h.created_at, h.completed_at
           from trainyard.judge_jobs($1::uuid, $2::text, $3::text, $4::text,
                                     $5::timestamptz, $6::timestamptz) h
          where h.completed_at is not null
          order by h.completed_at desc, h.id desc
          limit $7::bigint + $8::bigint)
        union all
        (select h.id, h.created_at, h.completed_at
           from trainyard.judge_jobs($1::uuid, $2::text, $3::text, $4::text,
                                     $5::timestamptz, $6::timestamptz) h
          where h.completed_at is null
          order by h.id desc
          limit $7::bigint + $8::bigint)) u
 order by u.completed_at desc nulls last, u.id desc
 limit $7::bigint offset $8::bigint

-- judge_job_first_done --
-- A page of judge jobs, first finished first; those that have not ended last.
-- $1 workspace
-- $2 judge's key  $3 status  $4 training type
-- $5 created then or later  $6 created before; or null, all five
-- $7 most rows  $8 rows to skip
select u.id, (extract(epoch from u.created_at) * 1000000)::bigint
  from ((select h.id, h.created_at, h.completed_at
           from trainyard.judge_jobs($1::uuid, $2::text, $3::text, $4::text,
                                     $5::timestamptz, $6::timestamptz) h
          where h.completed_at is not null
          order by h.completed_at, h.id
          limit $7::bigint + $8::bigint)
        union all
        (select h.id, h.created_at, h.completed_at
           from trainyard.judge_jobs($1::uuid, $2::text, $3::text, $4::text,
                                     $5::timestamptz, $6::timestamptz) h
          where h.completed_at is null
          order by h.id
          limit $7::bigint + $8::bigint)) u
 order by u.completed_at, u.id
 limit $7::bigint offset $8::bigint

-- judge_job_most_done --
-- A page of judge jobs, furthest ones first.  Of those under way there are few.
-- $1 workspace
-- $2 judge's key  $3 status  $4 training type
-- $5 created then or later  $6 created before; or null, all five
-- $7 most rows  $8 rows to skip
select u.id, (extract(epoch from u.created_at) * 1000000)::bigint
  from ((select h.id, h.created_at, h.progress
           from trainyard.judge_jobs($1::uuid, $2::text, $3::text, $4::text,
                                     $5::timestamptz, $6::timestamptz) h
          where h.settled_progress is not null
          order by h.settled_progress desc, h.id desc
          limit $7::bigint + $8::bigint)
        union all
        (select h.id, h.created_at, h.progress
           from trainyard.judge_jobs($1::uuid, $2::text, $3::text, $4::text,
                                     $5::timestamptz, $6::timestamptz) h
          where h.settled_progress is null)) u
 order by u.progress desc, u.id desc
 limit $7::bigint offset $8::bigint

-- judge_job_least_done --
-- A page of judge jobs, least advanced ones first.
-- $1 workspace
-- $2 judge's key  $3 status  $4 training type
-- $5 created then or later  $6 created before; or null, all five
-- $7 most rows  $8 rows to skip
select u.id, (extract(epoch from u.created_at) * 1000000)::bigint
  from ((select h.id, h.created_at, h.progress
           from trainyard.judge_jobs($1::uuid, $2::text, $3::text, $4::text,
                                     $5::timestamptz, $6::timestamptz) h
          where h.settled_progress is not null
          order by h.settled_progress, h.id
          limit $7::bigint + $8::bigint)
        union all
        (select h.id, h.created_at, h.progress
           from trainyard.judge_jobs($1::uuid, $2::text, $3::text, $4::text,
                                     $5::timestamptz, $6::timestamptz) h
          where h.settled_progress is null)) u
 order by u.progress, u.id
 limit $7::bigint offset $8::bigint

-- judge_job_count --
-- How many judge jobs match, counted up to a bound.
-- $1 to $6 as in judge_job_newest  $7 bound
select count(*)
  from (select 1
          from trainyard.judge_jobs($1::uuid, $2::text, $3::text, $4::text,
                                    $5::timestamptz, $6::timestamptz)
         limit $7::bigint) q

-- judge_job_read --
-- Judge jobs by their ids and in that order, without validation results.
-- Columns of job_get_judge, and the id.
-- $1 workspace  $2 ids
select j.organization_id, j.status, j.priority, j.attempt,
       j.timeout_seconds, j.revision, j.created_by, j.error, j.error_type,
       j.config, j.judge_id, g.key, v.name, j.training_type, j.options,
       j.webhook_url, j.execution_id, j.retraining_run_id, j.base_version,
       j.progress, j.version_number, j.version_id, j.deployment,
       null, j.estimated_minutes,
       f.first_number, f.high_water_mark, f.touch_sets, f.corrections,
       f.ratings, f.approved, f.rejected, f.comments,
       (extract(epoch from f.earliest) * 1000000)::bigint,
       (extract(epoch from f.latest) * 1000000)::bigint,
       (extract(epoch from j.created_at) * 1000000)::bigint,
       (extract(epoch from j.queued_at) * 1000000)::bigint,
       (extract(epoch from j.started_at) * 1000000)::bigint,
       (extract(epoch from j.completed_at) * 1000000)::bigint,
       (extract(epoch from j.cancel_requested_at) * 1000000)::bigint,
       (extract(epoch from j.updated_at) * 1000000)::bigint, j.id
  from trainyard.job j
  join trainyard.judge g on g.workspace_id = j.workspace_id
   and g.id = j.judge_id
  join trainyard.judge_version v on v.workspace_id = j.workspace_id
   and v.judge_id = j.judge_id and v.number = j.base_version
  join trainyard.feedback_summary f on f.workspace_id = j.workspace_id
   and f.job_id = j.id
 where j.workspace_id = $1::uuid
   and j.id = any ($2::uuid[])
   and j.face = 'judge'
 order by array_position($2::uuid[], j.id)

-- execution_get --
-- A judge job's current execution: when and by whom, the override that the
-- job was started with, its place in the queue, when its attempt reached each
-- status, whether anyone is told, the job's own secret, and how many criteria
-- its base version has.
-- $1 workspace  $2 job  $3 most jobs ahead that are counted
-- $4, $5 since and until when it has a history, as job_standing says
select (extract(epoch from coalesce(x.executed_at, j.created_at))
        * 1000000)::bigint,
       coalesce(x.executed_by, j.created_by::text),
       (select encode(o.override_sha256, 'hex')
          from trainyard.execution o
         where o.workspace_id = j.workspace_id and o.job_id = j.id
           and o.override_sha256 is not null
         limit 1),
       case when j.status = 'queued' then 1
            + (select count(*)
                 from (select 1
                         from trainyard.job q
                        where q.kind = 'judge' and q.status = 'queued'
                          and q.priority > j.priority
                        limit $3::bigint) a)
            + (select count(*)
                 from (select 1
                         from trainyard.job q
                        where q.kind = 'judge' and q.status = 'queued'
                          and q.priority = j.priority
                          and q.queue_seq < j.queue_seq
                        limit $3::bigint) b)
       else 0 end,
       (extract(epoch from e.preparing) * 1000000)::bigint,
       (extract(epoch from e.training) * 1000000)::bigint,
       (extract(epoch from e.validating) * 1000000)::bigint,
       (extract(epoch from e.completed) * 1000000)::bigint,
       coalesce(j.webhook_url, g.webhook_url) is not null,
       j.webhook_secret,
       (select count(*)
          from trainyard.criterion c
         where c.workspace_id = j.workspace_id and c.judge_id = j.judge_id
           and c.version = j.base_version)
  from trainyard.job j
  join trainyard.organization g on g.id = j.organization_id
  left join trainyard.execution x on x.workspace_id = j.workspace_id
   and x.id = j.execution_id
 cross join lateral (
       select max(v.at) filter (where v.to_status = 'preparing'),
              max(v.at) filter (where v.to_status = 'training'),
              max(v.at) filter (where v.to_status = 'validating'),
              max(v.at) filter (where v.to_status = 'completed')
         from trainyard.job_event v
        where v.workspace_id = j.workspace_id and v.job_id = j.id
          and v.at >= ($4::text)::timestamptz
          and v.at < ($5::text)::timestamptz
          and v.attempt = j.attempt)
       as e (preparing, training, validating, completed)
 where j.workspace_id = $1::uuid
   and j.id = $2::uuid
   and j.face = 'judge'

-- execution_start --
-- Queues a locked job that was created and not started, with what is in
-- effect from now on.
-- $1 workspace  $2 job  $3 execution  $4 account  $5 request id or null
-- $6 config, $7 options: json  $8 priority  $9 time limit in seconds
-- $10 webhook URL  $11 its secret  $12 estimated minutes
-- $13 digest of the override, hex  $14 confirmation, json; null: none
with before as (
    select j.config, j.options
      from trainyard.job j
     where j.workspace_id = $1::uuid and j.id = $2::uuid
), changed as (
    update trainyard.job j
       set status = 'queued',
           queue_seq = nextval('trainyard.queue_seq'),
           queued_at = statement_timestamp(),
           execution_id = $3::uuid,
           config = $6::json,
           options = $7::json,
           priority = $8::smallint,
           timeout_seconds = $9::integer,
           webhook_url = $10::text,
           webhook_secret = $11::text,
           estimated_minutes = $12::integer,
           revision = j.revision + 1,
           updated_at = statement_timestamp()
     where j.workspace_id = $1::uuid
       and j.id = $2::uuid
    returning j.workspace_id, j.organization_id, j.id
), kept as (
    insert into trainyard.execution
        (workspace_id, id, job_id, executed_at, executed_by, override_sha256,
         config_before, options_before, confirmation)
    select c.workspace_id, $3::uuid, c.id, statement_timestamp(), $4::text,
           decode($13::text, 'hex'),
           case when $13::text is not null then b.config end,
           case when $13::text is not null then b.options end, $14::json
      from changed c
     cross join before b
), noted as (
    insert into trainyard.audit
        (workspace_id, organization_id, actor, action, target, request_id)
    select c.workspace_id, c.organization_id, $4::text, 'job.execute',
           c.id::text, $5::text
      from changed c
)
select pg_notify('trainyard_job', '')
  from changed c

-- run_find --
-- The job of a retraining run; whose it is, null: the server's.
-- $1 workspace  $2 run
select j.id, j.run_trigger, case when not j.by_policy then j.created_by end
  from trainyard.job j
 where j.workspace_id = $1::uuid
   and j.retraining_run_id = $2::uuid

-- run_page --
-- A page of retraining runs, newest first: their jobs.
-- $1 workspace
-- $2 judge's key  $3 status of the job  $4 trigger
-- $5 created then or later  $6 created before; or null, all five
-- $7 most rows  $8 rows to skip
-- $9 behind the job of this time $10 and this id
select j.id, (extract(epoch from j.created_at) * 1000000)::bigint,
       j.run_trigger, case when not j.by_policy then j.created_by end
  from trainyard.job j
 where j.workspace_id = $1::uuid
   and j.retraining_run_id is not null
   and ($2::text is null
        or j.judge_id = (select g.id
                           from trainyard.judge g
                          where g.workspace_id = $1::uuid
                            and g.key = $2::text))
   and ($3::text is null or j.status = $3::text)
   and ($4::text is null or j.run_trigger = $4::text)
   and ($5::timestamptz is null or j.created_at >= $5::timestamptz)
   and ($6::timestamptz is null or j.created_at < $6::timestamptz)
   and (j.created_at, j.id) < ($9::timestamptz, $10::uuid)
 order by j.created_at desc, j.id desc
 limit $7::bigint offset $8::bigint

-- run_count --
-- How many retraining runs match, counted up to a bound.
-- $1 to $6 as in run_page  $7 bound
select count(*)
  from (select 1
          from trainyard.job j
         where j.workspace_id = $1::uuid
           and j.retraining_run_id is not null
           and ($2::text is null
                or j.judge_id = (select g.id
                                   from trainyard.judge g
                                  where g.workspace_id = $1::uuid
                                    and g.key = $2::text))
           and ($3::text is null or j.status = $3::text)
           and ($4::text is null or j.run_trigger = $4::text)
           and ($5::timestamptz is null or j.created_at >= $5::timestamptz)
           and ($6::timestamptz is null or j.created_at < $6::timestamptz)
         limit $7::bigint) q

-- judge_job_slot --
-- What a judge job needs of its judge to be started: the judge's key, whether
-- it is archived, and the other job in its slot, if this one takes it.
-- $1 workspace  $2 job
select g.key, g.archived_at is not null,
       (select s.id
          from trainyard.job s
         where s.workspace_id = j.workspace_id and s.judge_id = j.judge_id
           and s.face = 'judge' and s.training_type <> 'validation'
           and s.status in ('queued', 'preparing', 'training', 'validating')
           and s.id <> j.id and j.training_type <> 'validation')
  from trainyard.job j
  join trainyard.judge g on g.workspace_id = j.workspace_id
   and g.id = j.judge_id
 where j.workspace_id = $1::uuid
   and j.id = $2::uuid
   for share of g

-- Webhook deliveries -------------------------------------------------------

-- outbox_page --
-- A page of deliveries, newest first.  One branch runs: those of a job, those
-- of a run, those of some statuses and events, or all.  Where statuses and
-- events are chosen they are compared as one with the workspace: only one index
-- has that, and others would read everything to find nothing.
-- $1 workspace  $2 job or null  $3 run or null
-- $4 statuses text[]  $5 events text[]  $6 whether these two are all there are
-- $7 behind this one, by id  $8 most rows  $9 rows to skip
with page as (
    (select x.id
       from trainyard.outbox x
      where $2::uuid is not null
        and x.workspace_id = $1::uuid and x.job_id = $2::uuid
        and ($3::uuid is null or x.run_id = $3::uuid)
        and x.channel = 'webhook' and x.status = any ($4::text[])
        and x.event = any ($5::text[]) and x.id < $7::uuid
      order by x.id desc
      limit $8::bigint + $9::bigint)
    union all
    (select x.id
       from trainyard.outbox x
      where $2::uuid is null and $3::uuid is not null
        and x.workspace_id = $1::uuid and x.run_id = $3::uuid
        and x.channel = 'webhook' and x.status = any ($4::text[])
        and x.event = any ($5::text[]) and x.id < $7::uuid
      order by x.id desc
      limit $8::bigint + $9::bigint)
    union all
    (select k.id
       from unnest($4::text[]) s (status)
      cross join unnest($5::text[]) e (event)
      cross join lateral (
            select x.id
              from trainyard.outbox x
             where array[x.workspace_id::text, x.status, x.event]
                   = array[$1::uuid::text, s.status, e.event]
               and x.channel = 'webhook' and x.id < $7::uuid
             order by x.id desc
             limit $8::bigint + $9::bigint) k
      where $2::uuid is null and $3::uuid is null and not $6::boolean)
    union all
    (select x.id
       from trainyard.outbox x
      where $2::uuid is null and $3::uuid is null and $6::boolean
        and x.workspace_id = $1::uuid and x.channel = 'webhook'
        and x.id < $7::uuid
      order by x.id desc
      limit $8::bigint + $9::bigint)
)
select p.id
  from page p
 order by p.id desc
 limit $8::bigint offset $9::bigint

-- outbox_count --
-- How many there are, counted up to a bound, in the same branches.
-- $1 workspace  $2 job or null  $3 run or null
-- $4 statuses text[]  $5 events text[]  $6 whether these two are all there are
-- $7 bound
select count(*)
  from (
    (select 1
       from trainyard.outbox x
      where $2::uuid is not null
        and x.workspace_id = $1::uuid and x.job_id = $2::uuid
        and ($3::uuid is null or x.run_id = $3::uuid)
        and x.channel = 'webhook' and x.status = any ($4::text[])
        and x.event = any ($5::text[])
      limit $7::bigint)
    union all
    (select 1
       from trainyard.outbox x
      where $2::uuid is null and $3::uuid is not null
        and x.workspace_id = $1::uuid and x.run_id = $3::uuid
        and x.channel = 'webhook' and x.status = any ($4::text[])
        and x.event = any ($5::text[])
      limit $7::bigint)
    union all
    (select 1
       from unnest($4::text[]) s (status)
      cross join unnest($5::text[]) e (event)
      cross join lateral (
            select 1
              from trainyard.outbox x
             where array[x.workspace_id::text, x.status, x.event]
                   = array[$1::uuid::text, s.status, e.event]
               and x.channel = 'webhook'
             order by x.id desc
             limit $7::bigint) k
      where $2::uuid is null and $3::uuid is null and not $6::boolean
      limit $7::bigint)
    union all
    (select 1
       from trainyard.outbox x
      where $2::uuid is null and $3::uuid is null and $6::boolean
        and x.workspace_id = $1::uuid and x.channel = 'webhook'
      limit $7::bigint)) q

-- outbox_read --
-- Deliveries by their ids and in that order, each with its newest tries,
-- oldest first.
-- $1 workspace  $2 ids uuid[]  $3 most tries of each
select x.id, x.event, x.job_id, x.run_id, x.target, x.status,
       x.attempt_count,
       case when x.status = 'pending'
            then (extract(epoch from x.next_attempt_at) * 1000000)::bigint end,
       (extract(epoch from x.created_at) * 1000000)::bigint,
       (extract(epoch from x.delivered_at) * 1000000)::bigint,
       (select coalesce(json_agg(json_build_array(
                   (extract(epoch from t.attempted_at) * 1000000)::bigint,
                   t.duration_ms, t.response_status, t.error,
                   t.response_excerpt) order by t.number), '[]'::json)
          from (select a.number, a.attempted_at, a.duration_ms,
                       a.response_status, a.error, a.response_excerpt
                  from trainyard.outbox_attempt a
                 where a.workspace_id = x.workspace_id
                   and a.outbox_id = x.id
                 order by a.number desc
                 limit $3::bigint) t)
  from unnest($2::uuid[]) with ordinality as w (id, n)
  join trainyard.outbox x on x.workspace_id = $1::uuid and x.id = w.id
 where x.channel = 'webhook'
 order by w.n

-- outbox_redeliver --
-- The schedule begins anew; no row: it is on its way, or not there.
-- $1 workspace  $2 delivery  $3 organisation  $4 who  $5 request id
with again as (
    update trainyard.outbox x
       set status = 'pending', tries = 0, next_attempt_at = now(),
           delivered_at = null
     where x.workspace_id = $1::uuid and x.id = $2::uuid
       and x.channel = 'webhook' and x.status <> 'delivering'
    returning x.workspace_id, x.id
), noted as (
    insert into trainyard.audit
        (workspace_id, organization_id, actor, action, target, request_id)
    select a.workspace_id, $3::uuid, $4::text, 'webhook.redeliver',
           a.id::text, $5::text
      from again a
)
select a.id, pg_notify('trainyard_outbox', '')
  from again a

-- Both servers: what a new judge job must know -----------------------------

-- judge_basis --
-- A judge as a new job sees it: its active version, the counters of its
-- feedback, the job in its slot, and the server's time.
-- $1 workspace  $2 judge's key
select j.id, v.name, j.archived_at is not null, j.active_version,
       v.trained_through,
       array(select c.id
               from trainyard.criterion c
              where c.workspace_id = j.workspace_id and c.judge_id = j.id
                and c.version = j.active_version
              order by c.position),
       coalesce(t.last_number, 0), coalesce(t.corrections, 0),
       coalesce(t.ratings, 0), coalesce(t.approved, 0),
       coalesce(t.rejected, 0), coalesce(t.comments, 0),
       (extract(epoch from t.earliest) * 1000000)::bigint,
       (extract(epoch from t.latest) * 1000000)::bigint,
       (select s.id
          from trainyard.job s
         where s.workspace_id = j.workspace_id and s.judge_id = j.id
           and s.face = 'judge' and s.training_type <> 'validation'
           and s.status in ('queued', 'preparing', 'training',
                            'validating')),
       (extract(epoch from now()) * 1000000)::bigint,
       (select o.webhook_url is not null
          from trainyard.workspace w
          join trainyard.organization o on o.id = w.organization_id
         where w.id = j.workspace_id)
  from trainyard.judge j
  join trainyard.judge_version v on v.workspace_id = j.workspace_id
   and v.judge_id = j.id and v.number = j.active_version
  left join trainyard.feedback_tally t on t.workspace_id = j.workspace_id
   and t.judge_id = j.id
 where j.workspace_id = $1::uuid
   and j.key = $2::text

-- feedback_end --
-- The lower end of a range: totals before it, time of its first entry.
-- $1 workspace  $2 judge  $3 first number
select coalesce(b.corrections, 0), coalesce(b.ratings, 0),
       coalesce(b.approvals, 0), coalesce(b.rejections, 0),
       coalesce(b.comments, 0),
       (extract(epoch from f.submitted_at) * 1000000)::bigint
  from (select $1::uuid, $2::uuid, $3::bigint)
       as r (workspace_id, judge_id, first)
  left join trainyard.feedback b on b.workspace_id = r.workspace_id
   and b.judge_id = r.judge_id and b.number = r.first - 1
  left join trainyard.feedback f on f.workspace_id = r.workspace_id
   and f.judge_id = r.judge_id and f.number = r.first

-- judge_work --
-- What the newest completed judge jobs took, and their work.
-- $1 most jobs
select extract(epoch from j.completed_at - j.started_at),
       f.corrections + f.ratings + f.approved,
       coalesce((j.config ->> 'max_epochs')::numeric::bigint, 1),
       case json_typeof(j.config -> 'target_criteria')
       when 'array' then json_array_length(j.config -> 'target_criteria')
       else (select count(*)
               from trainyard.criterion c
              where c.workspace_id = j.workspace_id
                and c.judge_id = j.judge_id and c.version = j.base_version)
       end
  from (select x.workspace_id, x.id, x.judge_id, x.base_version, x.config,
               x.started_at, x.completed_at
          from trainyard.job x
         where x.face = 'judge' and x.status = 'completed'
         order by x.completed_at desc
         limit $1::bigint) j
  join trainyard.feedback_summary f on f.workspace_id = j.workspace_id
   and f.job_id = j.id

-- Both servers: what runners report and are told --------------------------

-- version_deployments --
-- When a version became active: the last times, oldest first.
-- $1 workspace  $2 judge  $3 number  $4 most rows
-- $5 none later than this, or null
select (extract(epoch from d.at) * 1000000)::bigint, d.by, d.reason,
       d.job_id
  from (select x.at, x.by, x.reason, x.job_id
          from trainyard.deployment x
         where x.workspace_id = $1::uuid
           and x.judge_id = $2::uuid
           and x.version = $3::integer
           and ($5::timestamptz is null or x.at <= $5::timestamptz)
         order by x.at desc
         limit $4::bigint) d
 order by d.at

-- attempt_report --
-- What runners said: each row is written as a whole, by the current attempt,
-- once (the offsets are those that were recorded last), or not at all.
-- Group commit; at most one row a job.  Returns those that were written.  The
-- first event of a hosted job makes it running.
-- $1 jobs uuid[], $2 workspaces uuid[]
-- $3 attempts integer[], null: the current one
-- $4 faces text[]
-- $5 leases in seconds integer[]
-- $6, $7 bytes of stdout recorded before and now bigint[], null: not from
--   there
-- $8, $9 bytes of stderr, the same
-- array literals, text[]:
--   $10 levels smallint[], $11 messages text[], $12 data json[]: log lines
--   $13 event types text[], $14 steps bigint[], $15 metrics json[]: as sent
--   $16 series to begin anew text[]
--   $17 series text[], $18 points jsonb[]: arrays to append
-- $19 metrics without series jsonb[]
-- $20 names to drop from them: array literals, text[]
-- $21 artifacts jsonb[]
-- $22 newest checkpoints text[], null: none
-- $23 the jobs' new statuses text[] or null
-- $24 progress smallint[] or null
-- $25 whether there were events among the lines boolean[]
-- $26 whether the job itself changes boolean[]
-- $27 whether the job comes back boolean[]: when it changed, its columns are
--   those of job_get_hosted, with neither metrics nor artifacts
with item as materialized (
    select t.job_id, t.workspace_id, t.number, t.face, t.lease,
           t.events_from, t.events_to, t.stderr_from, t.stderr_to, t.levels,
           t.messages, t.data, t.types, t.steps, t.sent, t.anew, t.series,
           t.points, t.scalars, t.dropped, t.artifacts, t.checkpoint,
           t.status, t.progress, t.started, t.changes, t.shown
      from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[],
                  $5::integer[], $6::bigint[], $7::bigint[], $8::bigint[],
                  $9::bigint[], $10::text[], $11::text[], $12::text[],
                  $13::text[], $14::text[], $15::text[], $16::text[],
                  $17::text[], $18::text[], $19::jsonb[], $20::text[],
                  $21::jsonb[], $22::text[], $23::text[], $24::smallint[],
                  $25::boolean[], $26::boolean[], $27::boolean[])
           as t (job_id, workspace_id, number, face, lease, events_from,
                 events_to, stderr_from, stderr_to, levels, messages, data,
                 types, steps, sent, anew, series, points, scalars, dropped,
                 artifacts, checkpoint, status, progress, started, changes,
                 shown)
     order by t.workspace_id, t.job_id
), fence as materialized (
    -- Locked in that order and looked for by key, as in attempt_finish.
    select j.workspace_id, j.id, t.number, t.worker,
           j.status = 'claimed' and i.started as begins, j.stop,
           i.lease, i.events_to, i.stderr_to, i.levels, i.messages, i.data,
           i.types, i.steps, i.sent, i.anew, i.series, i.points, i.scalars,
           i.dropped, i.artifacts, i.checkpoint, i.status, i.progress,
           i.started, i.changes,
           case when i.shown then j.created_by end as creator
      from item i
     cross join lateral (
           select j.workspace_id, j.id, j.attempt, j.status, j.created_by,
                  j.cancel_requested_at is not null as stop
             from trainyard.job j
            where j.workspace_id = i.workspace_id and j.id = i.job_id
              and j.face = i.face
              and (i.number is null or j.attempt = i.number)
              and j.status in ('claimed', 'running', 'preparing',
                               'training', 'validating')
              for no key update) j
     cross join lateral (
           select t.number, t.worker
             from trainyard.attempt t
            where t.workspace_id = j.workspace_id and t.job_id = j.id
              and t.number = j.attempt and t.completed_at is null
              and (i.events_from is null or t.events_offset = i.events_from)
              and (i.stderr_from is null or t.stderr_offset = i.stderr_from)
              for no key update) t
), logged as (
    insert into trainyard.job_log
        (workspace_id, job_id, attempt, level, message, data)
    select f.workspace_id, f.id, f.number, l.level, l.message, l.data
      from fence f
     cross join lateral unnest(f.levels::smallint[], f.messages::text[],
                               f.data::json[])
           with ordinality as l (level, message, data, place)
     order by f.id, l.place
), measured as (
    insert into trainyard.job_metric
        (workspace_id, job_id, attempt, event_type, step, metrics)
    select f.workspace_id, f.id, f.number, m.event_type, m.step, m.metrics
      from fence f
     cross join lateral unnest(f.types::text[], f.steps::bigint[],
                               f.sent::json[])
           with ordinality as m (event_type, step, metrics, place)
     order by f.id, m.place
), anew as materialized (
    -- names first: most reports have none, and series are long
    select f.workspace_id, f.id, f.number, a.key
      from fence f
     cross join lateral unnest(f.anew::text[]) as a (key)
), cut as (
    delete from trainyard.job_series s
     using anew a
     where s.workspace_id = a.workspace_id and s.job_id = a.id
       and s.attempt = a.number and s.key = a.key
), grown as (
    insert into trainyard.job_series
        (workspace_id, job_id, attempt, key, points)
    select f.workspace_id, f.id, f.number, s.key, s.points
      from fence f
     cross join lateral unnest(f.series::text[], f.points::jsonb[])
           as s (key, points)
), attempted as (
    update trainyard.attempt t
       set lease_until = now()
               + make_interval(secs => f.lease::double precision),
           events_offset = coalesce(f.events_to, t.events_offset),
           stderr_offset = coalesce(f.stderr_to, t.stderr_offset),
           status = case when f.started then 'running' else t.status end,
           started_at = case when f.started
                        then coalesce(t.started_at, now())
                        else t.started_at end,
           metrics = (t.metrics - f.dropped::text[]) || f.scalars,
           artifacts = t.artifacts || case when f.begins
               then jsonb_build_object('worker_id', t.worker)
               else '{}' end || f.artifacts,
           checkpoint = coalesce(f.checkpoint, t.checkpoint)
      from fence f
     where t.workspace_id = f.workspace_id and t.job_id = f.id
       and t.number = f.number
), changed as (
    update trainyard.job j
       set status = case when f.begins then 'running'
                    else coalesce(f.status, j.status) end,
           started_at = case when f.begins then now()
                        else j.started_at end,
           progress = coalesce(f.progress, j.progress),
           metrics = (j.metrics - f.dropped::text[]) || f.scalars,
           artifacts = j.artifacts || case when f.begins
               then jsonb_build_object('worker_id', f.worker)
               else '{}' end || f.artifacts,
           revision = j.revision + 1,
           updated_at = now()
      from fence f
     where (f.begins or f.changes)
       and j.workspace_id = f.workspace_id and j.id = f.id
    returning j.id, j.organization_id, j.name, j.status, j.kind, j.algorithm,
              j.model, j.project_key, j.run_ref, j.tags, j.capability_id,
              case when f.creator is not null then j.config end as config,
              j.capability_name, j.capability_version, j.capability_sha256,
              j.error, j.attempt, j.revision, j.created_at, j.started_at,
              j.completed_at, j.cancel_requested_at, j.updated_at,
              f.creator, f.number, f.stop
)
select c.id, c.organization_id, c.name, c.status, c.kind, c.algorithm,
       c.model, c.project_key, c.run_ref, array_to_json(c.tags), c.config,
       c.capability_id, c.capability_name, c.capability_version,
       encode(c.capability_sha256, 'hex'), '{}', '{}', c.error, c.attempt,
       c.revision,
       (extract(epoch from c.created_at) * 1000000)::bigint,
       (extract(epoch from c.started_at) * 1000000)::bigint,
       (extract(epoch from c.completed_at) * 1000000)::bigint,
       (extract(epoch from c.cancel_requested_at) * 1000000)::bigint,
       (extract(epoch from c.updated_at) * 1000000)::bigint,
       c.creator, a.email, a.username, a.full_name, c.number, c.stop
  from changed c
  left join trainyard.account a on a.id = c.creator
 union all
select f.id, null, null, null, null, null, null, null, null, null, null, null,
       null, null, null, null, null, null, null, null, null, null, null, null,
       null, null, null, null, null, f.number, f.stop
  from fence f
 where not (f.begins or f.changes)

-- attempt_finish --
-- Ends attempts and their jobs, each with its last event; returns those that
-- were current.  A failure of a job that is to be cancelled is its
-- cancellation.
-- $1 workspaces uuid[], $2 jobs uuid[], $3 attempts integer[]
-- $4 statuses text[]: completed, failed or cancelled
-- $5 final events text[], null: none
-- $6 errors text[], $7 error types text[]
-- $8 bytes of stdout bigint[], $9 bytes of stderr bigint[]: recorded now,
--   null: as before
-- $10 levels smallint[], $11 messages text[], $12 data json[]: a log line
--   each, a null message: none
-- $13 metrics json[]: as sent with the final event, null: none
with ends as materialized (
    select e.workspace_id, e.job_id, e.number, e.status, e.final_event,
           e.error, e.error_type, e.events_offset, e.stderr_offset,
           e.level, e.message, e.data, e.sent
      from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[],
           $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
           $10::smallint[], $11::text[], $12::json[], $13::json[])
           as e (workspace_id, job_id, number, status, final_event, error,
           error_type, events_offset, stderr_offset, level, message, data,
           sent)
     order by e.workspace_id, e.job_id
), fence as materialized (
    -- Locked in that order, the job first; each looked for by its key: a join
    -- would read all attempts when statistics call the open ones rare.
    select e.workspace_id, e.job_id, e.number, e.final_event, e.error,
           e.error_type, e.events_offset, e.stderr_offset, e.level,
           e.message, e.data, e.sent,
           case when e.status = 'failed' and j.stop
                then 'cancelled' else e.status end as status
      from ends e
     cross join lateral (
           select j.id, j.cancel_requested_at is not null as stop
             from trainyard.job j
            where j.workspace_id = e.workspace_id and j.id = e.job_id
              and j.attempt = e.number
              and j.status in ('claimed', 'running', 'preparing',
                               'training', 'validating')
              for no key update) j
     cross join lateral (
           select t.number
             from trainyard.attempt t
            where t.workspace_id = e.workspace_id and t.job_id = j.id
              and t.number = e.number and t.completed_at is null
              for no key update) t
), logged as (
    insert into trainyard.job_log
        (workspace_id, job_id, attempt, level, message, data)
    select f.workspace_id, f.job_id, f.number, f.level, f.message, f.data
      from fence f
     where f.message is not null
), measured as (
    insert into trainyard.job_metric
        (workspace_id, job_id, attempt, event_type, metrics)
    select f.workspace_id, f.job_id, f.number, f.final_event, f.sent
      from fence f
     where f.sent is not null
), attempted as (
    update trainyard.attempt t
       set status = f.status,
           completed_at = now(),
           final_event = f.final_event,
           error = f.error,
           error_type = f.error_type,
           events_offset = coalesce(f.events_offset, t.events_offset),
           stderr_offset = coalesce(f.stderr_offset, t.stderr_offset)
      from fence f
     where t.workspace_id = f.workspace_id and t.job_id = f.job_id
       and t.number = f.number
), ended as (
    update trainyard.job j
       set status = f.status,
           completed_at = now(),
           error = case f.status when 'failed' then f.error end,
           error_type = case f.status when 'failed' then f.error_type end,
           revision = j.revision + 1,
           updated_at = now()
      from fence f
     where j.workspace_id = f.workspace_id and j.id = f.job_id
    returning j.id, j.attempt, j.status
)
select e.id, e.attempt, e.status from ended e

-- series_trim --
-- Keeps the newest points of each series, in whole pieces.  What is newer than
-- a piece is counted along the key, and the end of what goes is looked for
-- once: there are as many pieces as there were reports.
-- $1 workspace, $2 job, $3 attempt
-- $4 points to keep
with old as materialized (
    select o.key, max(o.seq) as last
      from (select p.key, p.seq,
                   sum(jsonb_array_length(p.points)) over (partition by p.key)
                   - sum(jsonb_array_length(p.points)) over (
                         partition by p.key order by p.seq) as newer
              from trainyard.job_series p
             where p.workspace_id = $1::uuid and p.job_id = $2::uuid
               and p.attempt = $3::integer) o
     where o.newer >= $4::bigint
     group by o.key
)
delete from trainyard.job_series s
 using old o
 where s.workspace_id = $1::uuid and s.job_id = $2::uuid
   and s.attempt = $3::integer and s.key = o.key and s.seq <= o.last

-- document_hosted --
-- $1 workspace, $2 job
select j.organization_id, j.created_by, j.name, j.kind, j.algorithm,
       j.model, j.project_key, j.run_ref, to_json(j.tags)::text,
       j.config::text, j.capability_id, j.capability_name,
       j.capability_version, encode(j.capability_sha256, 'hex')
  from trainyard.job j
 where j.workspace_id = $1::uuid and j.id = $2::uuid

-- document_artifacts --
-- What a hosted job names, as it was pinned.
-- $1 workspace, $2 job
select r.role, a.id, a.name, a.version, a.media_type, a.size,
       encode(a.sha256, 'hex'), a.uri, a.document::text, a.dataset::text
  from trainyard.job_artifact r
  join trainyard.artifact a on a.workspace_id = r.artifact_workspace_id
   and a.id = r.artifact_id
 where r.workspace_id = $1::uuid and r.job_id = $2::uuid
 order by r.role, r.position

-- Dispatcher ---------------------------------------------------------------

-- job_claim --
-- Leases queued jobs: highest priority first, then the one queued first.
-- Each (kind, priority) is read behind its own watermark, so that rows that
-- are gone but not yet vacuumed are not walked over again with each claim.
-- $1 kinds text[], $2 priorities smallint[], $3 watermarks bigint[]: a row
--   for each range to look through
-- $4 most jobs
-- $5 worker
-- $6 engine
-- $7 lease in seconds
with look as (
    select l.kind, l.priority, l.mark
      from unnest($1::text[], $2::smallint[], $3::bigint[])
           as l (kind, priority, mark)
), free as materialized (
    select q.workspace_id, q.id, q.priority, q.queue_seq
      from look l
     cross join lateral (
           select j.workspace_id, j.id, j.priority, j.queue_seq
             from trainyard.job j
            where j.status = 'queued' and j.kind = l.kind
              and j.priority = l.priority and j.queue_seq > l.mark
            order by j.queue_seq
            limit $4::bigint
              for no key update skip locked) q
), picked as materialized (
    select f.workspace_id, f.id, f.priority, f.queue_seq
      from free f
     order by f.priority desc, f.queue_seq
     limit $4::bigint
), taken as (
    update trainyard.job j
       set status = case j.face when 'judge' then 'preparing'
                    else 'claimed' end,
           started_at = case j.face when 'judge' then now()
                        else j.started_at end,
           progress = case j.face when 'judge' then 5 else 0 end,
           revision = j.revision + 1,
           updated_at = now()
      from picked p
     where j.workspace_id = p.workspace_id and j.id = p.id
    returning j.workspace_id, j.id, j.face, j.kind, j.status, j.attempt,
              j.priority, j.queue_seq, j.timeout_seconds, j.execution_id,
              j.queued_at, j.created_at, j.training_type,
              j.config->>'max_epochs' as max_epochs
), made as (
    insert into trainyard.attempt (workspace_id, job_id, number, status,
        execution_id, engine, worker, lease_until, queued_at)
    select t.workspace_id, t.id, t.attempt, 'claimed', t.execution_id, $6,
           $5, now() + make_interval(secs => $7::double precision),
           coalesce(t.queued_at, t.created_at)
      from taken t
)
select t.workspace_id, t.id, t.face, t.kind, t.status, t.attempt,
       t.priority, t.queue_seq, t.timeout_seconds, t.training_type,
       t.max_epochs::numeric::integer
  from taken t
 order by t.priority desc, t.queue_seq

-- attempt_resume --
-- The newest checkpoint of the attempts that were lost right before this
-- one; a retry starts from the beginning, because what precedes it was not
-- lost but ended.
-- $1 workspace, $2 job, $3 attempt
select a.checkpoint
  from trainyard.attempt a
  join trainyard.attempt m on m.workspace_id = a.workspace_id
   and m.job_id = a.job_id and m.number = $3::integer
 where a.workspace_id = $1::uuid and a.job_id = $2::uuid
   and a.number < m.number and a.checkpoint is not null
   and a.execution_id is not distinct from m.execution_id
   and m.number - a.number = (
       select count(*) from trainyard.attempt b
        where b.workspace_id = a.workspace_id and b.job_id = a.job_id
          and b.number >= a.number and b.number < m.number
          and b.status = 'lost')
 order by a.number desc
 limit 1

-- An attempt is open while it has no completed_at.  The statements that know
-- its key ask for that and not for its status: then the planner cannot choose
-- the partial indexes of open attempts, which fill with entries of ended ones
-- while some session holds an old snapshot.

-- attempt_beat --
-- Renews the leases of the attempts that are still current and names them;
-- what does not come back is stale.
-- $1 workspaces uuid[], $2 jobs uuid[], $3 attempts integer[]
-- $4 lease in seconds
with mine as (
    select m.workspace_id, m.job_id, m.number
      from unnest($1::uuid[], $2::uuid[], $3::integer[])
           as m (workspace_id, job_id, number)
), beat as (
    update trainyard.attempt t
       set lease_until = now() + make_interval(secs => $4::double precision)
      from mine m
      join trainyard.job j on j.workspace_id = m.workspace_id
       and j.id = m.job_id and j.attempt = m.number
       and j.status in ('claimed', 'running', 'preparing', 'training',
                        'validating')
     where t.workspace_id = m.workspace_id and t.job_id = m.job_id
       and t.number = m.number and t.completed_at is null
    returning t.job_id, t.number, j.cancel_requested_at is not null as stop
)
select b.job_id, b.number, b.stop from beat b

-- attempt_token --
-- A new token for a runner that is about to be started; the keys by which it
-- finds its job.
-- $1 workspace, $2 job, $3 attempt
-- $4 SHA-256 of the token, hex
update trainyard.attempt t
   set token_sha256 = decode($4::text, 'hex')
  from trainyard.job j
  join trainyard.workspace w on w.id = j.workspace_id
  join trainyard.organization o on o.id = j.organization_id
 where t.workspace_id = $1::uuid and t.job_id = $2::uuid
   and t.number = $3::integer and t.completed_at is null
   and j.workspace_id = t.workspace_id and j.id = t.job_id
   and j.attempt = t.number
   and j.status in ('claimed', 'running', 'preparing', 'training',
                    'validating')
returning o.key, w.key

-- attempt_heard --
-- Grows with each event of the attempt that had metrics.
-- $1 workspace, $2 job, $3 attempt
select coalesce(max(m.seq), 0) as seq
  from trainyard.job_metric m
 where m.workspace_id = $1::uuid and m.job_id = $2::uuid
   and m.attempt = $3::integer

-- attempt_handle --
-- For people to see: nobody waits until it is on disk.
-- $1 workspace, $2 job, $3 attempt
-- $4 the engine's own name for the run
update trainyard.attempt t
   set handle = $4
  from trainyard.job j
 where t.workspace_id = $1::uuid and t.job_id = $2::uuid
   and t.number = $3::integer and t.completed_at is null
   and j.workspace_id = t.workspace_id and j.id = t.job_id
   and j.attempt = t.number
   and j.status in ('claimed', 'running', 'preparing', 'training',
                    'validating')
   and set_config('synchronous_commit', 'off', true) = 'off'

-- attempt_lose --
-- Takes attempts from their workers.  A job that was still theirs is handed
-- out again, ends as cancelled when that was asked for, or fails with its
-- third loss.  Of a job that was theirs no more only the attempt is closed.
-- Returns the attempts, with the job's status where it changed.
-- $1 workspaces uuid[], $2 jobs uuid[], $3 attempts integer[]
-- $4 reason
-- $5 losses to count: 1, or 0 for work that is handed back
-- $6 only those whose lease is over
with gone as materialized (
    select t.workspace_id, t.job_id, t.number,
           j.attempt = t.number and j.status in ('claimed', 'running',
               'preparing', 'training', 'validating') as current,
           j.attempt = t.number and j.status = 'cancelled' as cancelled,
           j.cancel_requested_at is not null as stop,
           j.lost_leases + $5::smallint as losses
      from unnest($1::uuid[], $2::uuid[], $3::integer[])
           as g (workspace_id, job_id, number)
      join trainyard.attempt t on t.workspace_id = g.workspace_id
       and t.job_id = g.job_id and t.number = g.number
       and t.completed_at is null
       and (not $6::boolean or t.lease_until < now())
      join trainyard.job j on j.workspace_id = t.workspace_id
       and j.id = t.job_id
     order by t.workspace_id, t.job_id
       for no key update of j, t
), verdict as (
    select g.workspace_id, g.job_id, g.number, g.current, g.cancelled,
           g.losses,
           case when not g.current then null
                when g.stop then 'cancelled'
                when g.losses >= 3 then 'failed'
                else 'queued' end as next
      from gone g
), attempted as (
    update trainyard.attempt t
       set status = case when v.next = 'failed' then 'failed'
                    when v.next = 'cancelled' or v.cancelled
                    then 'cancelled' else 'lost' end,
           completed_at = now(),
           error = $4,
           error_type = 'worker_lost_error'
      from verdict v
     where t.workspace_id = v.workspace_id and t.job_id = v.job_id
       and t.number = v.number
), moved as (
    update trainyard.job j
       set status = v.next,
           attempt = j.attempt + case v.next when 'queued' then 1 else 0 end,
           lost_leases = v.losses,
           queue_seq = case v.next when 'queued'
                       then nextval('trainyard.queue_seq')
                       else j.queue_seq end,
           queued_at = case v.next when 'queued' then now()
                       else j.queued_at end,
           started_at = case v.next when 'queued' then null
                        else j.started_at end,
           completed_at = case v.next when 'queued' then null
                          else now() end,
           progress = case v.next when 'queued' then 0 else j.progress end,
           metrics = case v.next when 'queued' then '{}' else j.metrics end,
           artifacts = case v.next when 'queued' then '{}'
                       else j.artifacts end,
           error = case v.next when 'failed'
                   then 'the worker was lost for the third time: ' || $4
                   end,
           error_type = case v.next when 'failed'
                        then 'worker_lost_error' end,
           revision = j.revision + 1,
           updated_at = now()
      from verdict v
     where v.next is not null and j.workspace_id = v.workspace_id
       and j.id = v.job_id
    returning j.workspace_id, j.id, v.number, j.status
), told as (
    insert into trainyard.job_event
        (workspace_id, job_id, attempt, event, message)
    select v.workspace_id, v.job_id, v.number, 'training.job.attempt_lost',
           $4
      from verdict v
     where v.current
), logged as (
    insert into trainyard.job_log
        (workspace_id, job_id, attempt, level, message)
    select v.workspace_id, v.job_id, v.number, 2,
           'attempt ' || v.number || ' was lost: ' || $4
      from verdict v
     where v.current
)
select v.job_id, v.number, v.next,
       case v.next when 'queued' then pg_notify('trainyard_job', '')::text end
  from verdict v

-- attempt_expired --
-- $1 most attempts
select t.workspace_id, t.job_id, t.number
  from trainyard.attempt t
 where t.status in ('claimed', 'running') and t.lease_until < now()
 order by t.lease_until
 limit $1::bigint

-- attempt_state --
-- What became of an attempt whose write found nothing to change.
-- $1 workspace, $2 job, $3 attempt
select t.status, t.events_offset, t.stderr_offset, j.status,
       t.status = 'cancelled' and t.started_at is null as cancelled,
       j.attempt = t.number and t.status in ('claimed', 'running')
           and j.status in ('claimed', 'running', 'preparing', 'training',
                            'validating') as current
  from trainyard.attempt t
  join trainyard.job j on j.workspace_id = t.workspace_id and j.id = t.job_id
 where t.workspace_id = $1::uuid and t.job_id = $2::uuid
   and t.number = $3::integer

-- attempt_mine --
-- The unfinished attempts of a worker, for its next start.
-- $1 worker
select t.workspace_id, t.job_id, j.face, j.kind, j.status, t.number,
       j.training_type, t.events_offset, t.stderr_offset,
       j.attempt = t.number and j.status in ('claimed', 'running',
           'preparing', 'training', 'validating') as current,
       j.cancel_requested_at is not null as stop,
       (extract(epoch from t.claimed_at
           + make_interval(secs => j.timeout_seconds) - now())
           * 1000000)::bigint as left_us, j.timeout_seconds,
       (j.config->>'max_epochs')::numeric::integer, t.engine
  from trainyard.attempt t
  join trainyard.job j on j.workspace_id = t.workspace_id and j.id = t.job_id
 where t.worker = $1 and t.status in ('claimed', 'running')
 order by t.claimed_at

-- attempt_current --
-- Which of these attempts are under way, whoever has them.
-- $1 workspaces uuid[], $2 jobs uuid[], $3 attempts integer[]
select c.job_id, c.number
  from unnest($1::uuid[], $2::uuid[], $3::integer[])
       as c (workspace_id, job_id, number)
  join trainyard.attempt t on t.workspace_id = c.workspace_id
   and t.job_id = c.job_id and t.number = c.number
   and t.completed_at is null
  join trainyard.job j on j.workspace_id = t.workspace_id
   and j.id = t.job_id and j.attempt = t.number
   and j.status in ('claimed', 'running', 'preparing', 'training',
                    'validating')

-- document_judge --
-- What a judge job's document says, but for criteria and data.
-- $1 workspace, $2 job
select j.judge_id, g.key, j.training_type, g.content_type, j.config::text,
       j.base_version, b.seen_through, b.seen_split,
       encode(b.model_sha256, 'hex'),
       g.active_version, a.seen_through, a.seen_split,
       encode(a.model_sha256, 'hex'),
       s.first_number, s.high_water_mark, s.touch_sets
  from trainyard.job j
  join trainyard.judge g on g.workspace_id = j.workspace_id
   and g.id = j.judge_id
  join trainyard.judge_version b on b.workspace_id = j.workspace_id
   and b.judge_id = j.judge_id and b.number = j.base_version
  join trainyard.judge_version a on a.workspace_id = j.workspace_id
   and a.judge_id = j.judge_id and a.number = g.active_version
  join trainyard.feedback_summary s on s.workspace_id = j.workspace_id
   and s.job_id = j.id
 where j.workspace_id = $1::uuid and j.id = $2::uuid

-- document_criteria --
-- $1 workspace, $2 judge, $3 version
select c.id, c.name, c.weight, c.fresh
  from trainyard.criterion c
 where c.workspace_id = $1::uuid and c.judge_id = $2::uuid
   and c.version = $3::integer
 order by c.position

-- document_entries --
-- The evaluations whose first selected entry has a number in a window, with
-- all their selected entries.  Walking the windows from the first number to
-- the high-water mark gives each evaluation once.
-- $1 workspace, $2 judge
-- $3 first number and $4 high-water mark of the selection
-- $5 touch sets of the selection integer[], null: all
-- $6 the window begins after this number, $7 and ends with this one
select e.id, e.group_key, e.group_u, e.content, e.raw::text, e.scores::text,
       (select min(l.number) from trainyard.feedback l
         where l.workspace_id = e.workspace_id and l.evaluation_id = e.id
           and l.judge_id = f.judge_id),
       (select json_agg(json_build_object('number', s.number,
                   'type', s.type, 'corrected_scores', s.corrected_scores,
                   'rating', s.rating, 'approved', s.approved,
                   'target_criteria', to_json(s.target_criteria),
                   'submitted_by', s.submitted_by)
                   order by s.number)::text
          from trainyard.feedback s
         where s.workspace_id = e.workspace_id and s.evaluation_id = e.id
           and s.judge_id = f.judge_id
           and s.number between $3::bigint and $4::bigint
           and ($5::integer[] is null or s.touch_set = any ($5::integer[])))
  from trainyard.feedback f
  join trainyard.evaluation e on e.workspace_id = f.workspace_id
   and e.id = f.evaluation_id
 where f.workspace_id = $1::uuid and f.judge_id = $2::uuid
   and f.number > $6::bigint and f.number <= $7::bigint
   and ($5::integer[] is null or f.touch_set = any ($5::integer[]))
   and not exists (
       select 1 from trainyard.feedback p
        where p.workspace_id = f.workspace_id
          and p.evaluation_id = f.evaluation_id
          and p.judge_id = f.judge_id
          and p.number >= $3::bigint and p.number < f.number
          and ($5::integer[] is null or p.touch_set = any ($5::integer[])))
 order by f.number

-- document_repeats --
-- A page of a judge's evaluations, newest first, without their content: to
-- find the groups that were scored more than once.
-- $1 workspace, $2 judge
-- $3 before this evaluation, null: from the newest
-- $4 most evaluations
select e.id, hashtextextended(e.group_key, 0), e.group_u
  from trainyard.evaluation e
 where e.workspace_id = $1::uuid and e.judge_id = $2::uuid
   and (e.evaluated_at, e.id)
       < (coalesce((select b.evaluated_at
                      from trainyard.evaluation b
                     where b.workspace_id = $1::uuid
                       and b.id = $3::uuid), 'infinity'),
          coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
 order by e.evaluated_at desc, e.id desc
 limit $4::bigint

-- document_contents --
-- $1 workspace
-- $2 evaluations uuid[], in the order wanted
select e.id, e.group_key, e.content, e.raw::text
  from unnest($2::uuid[]) with ordinality as w (id, place)
  join trainyard.evaluation e on e.workspace_id = $1::uuid and e.id = w.id
 order by w.place

-- result_lock --
-- Holds a judge job, its attempt and its judge still until the commit.  A
-- row when the attempt is current.  Each is looked for by its key: a join read
-- all judges of the workspace.
-- $1 workspace, $2 job, $3 attempt
select j.status, g.key
  from (select j.status, j.judge_id
          from trainyard.job j
         where j.workspace_id = $1::uuid and j.id = $2::uuid
           and j.attempt = $3::integer and j.status = 'validating'
           for no key update) j
 cross join lateral (
       select t.number
         from trainyard.attempt t
        where t.workspace_id = $1::uuid and t.job_id = $2::uuid
          and t.number = $3::integer and t.completed_at is null
          for no key update) t
 cross join lateral (
       select g.key
         from trainyard.judge g
        where g.workspace_id = $1::uuid and g.id = j.judge_id
          for no key update) g

-- result_facts --
-- What the verdict on a finished judge job needs to know, under the locks of
-- result_lock.
-- $1 workspace, $2 job
select j.judge_id, j.training_type, j.created_by, j.base_version,
       coalesce((j.options->>'auto_deploy')::boolean, false),
       coalesce((j.options->>'backup_current_version')::boolean, true),
       coalesce((j.options->>'require_improvement')::boolean, true),
       coalesce((j.config->>'validation_split')::double precision, 0.2),
       g.active_version, g.last_version,
       b.trained_through, b.seen_through, b.seen_split,
       s.high_water_mark, s.corrections + s.ratings + s.approved,
       (select coalesce(json_agg(json_build_array(c.id, c.name,
                   c.description, c.weight) order by c.position)::text, '')
          from trainyard.criterion c
         where c.workspace_id = j.workspace_id and c.judge_id = j.judge_id
           and c.version = j.base_version)
       is distinct from
       (select coalesce(json_agg(json_build_array(c.id, c.name,
                   c.description, c.weight) order by c.position)::text, '')
          from trainyard.criterion c
         where c.workspace_id = j.workspace_id and c.judge_id = j.judge_id
           and c.version = g.active_version),
       encode(v.model_sha256, 'hex')
  from trainyard.job j
  join trainyard.judge g on g.workspace_id = j.workspace_id
   and g.id = j.judge_id
  join trainyard.judge_version v on v.workspace_id = j.workspace_id
   and v.judge_id = j.judge_id and v.number = g.active_version
  join trainyard.judge_version b on b.workspace_id = j.workspace_id
   and b.judge_id = j.judge_id and b.number = j.base_version
  join trainyard.feedback_summary s on s.workspace_id = j.workspace_id
   and s.job_id = j.id
 where j.workspace_id = $1::uuid and j.id = $2::uuid

-- result_retire --
-- $1 workspace, $2 judge
-- $3 the active version's new status: deployed or archived
update trainyard.judge_version v
   set status = $3,
       archived_at = case $3 when 'archived' then clock_timestamp() end
 where v.workspace_id = $1::uuid and v.judge_id = $2::uuid
   and v.status = 'active'

-- result_version --
-- The new version: criteria and lineage come from the base, name and
-- description are those that the judge has now.
-- $1 workspace, $2 judge
-- $3 number, $4 id
-- $5 status: active or draft
-- $6 SHA-256 of the model, hex
-- $7 base version, $8 job
-- $9 trained_through, $10 seen_through, $11 seen_split
-- $12 entries used
-- $13 validation results jsonb
-- $14 changes_summary
-- $15 who created the job
insert into trainyard.judge_version (workspace_id, judge_id, number, id,
    status, name, description, model_sha256, base_version, job_id,
    trained_through, seen_through, seen_split, feedback_count, validation,
    changes_summary, created_by, deployed_at)
select g.workspace_id, g.id, $3::integer, $4::uuid, $5, a.name,
       a.description, decode($6, 'hex'), $7::integer, $8::uuid, $9::bigint,
       $10::bigint, $11::double precision, $12::bigint, $13::jsonb, $14,
       $15::uuid, case $5 when 'active' then clock_timestamp() end
  from trainyard.judge g
  join trainyard.judge_version a on a.workspace_id = g.workspace_id
   and a.judge_id = g.id and a.number = g.active_version
 where g.workspace_id = $1::uuid and g.id = $2::uuid

-- result_criteria --
-- Fine-tuning leaves the criteria that it has not named as they were.
-- $1 workspace, $2 judge
-- $3 base version, $4 new version
-- $5 job
with copied as (
    insert into trainyard.criterion (workspace_id, judge_id, version,
        position, id, name, description, weight, fresh)
    select c.workspace_id, c.judge_id, $4::integer, c.position, c.id, c.name,
           c.description, c.weight,
           c.fresh and j.training_type = 'fine_tune'
               and not j.config::jsonb->'target_criteria' ? c.id
      from trainyard.criterion c
      join trainyard.job j on j.workspace_id = c.workspace_id
       and j.id = $5::uuid
     where c.workspace_id = $1::uuid and c.judge_id = $2::uuid
       and c.version = $3::integer
)
insert into trainyard.judge_version_use (workspace_id, judge_id, version)
values ($1::uuid, $2::uuid, $4::integer)

-- result_deployment --
-- The record of an automatic deploy, which tells the organisation.
-- $1 workspace, $2 judge
-- $3 version
-- $4 who created the job
-- $5 reason
-- $6 job
insert into trainyard.deployment
    (workspace_id, judge_id, version, by, reason, job_id, kind)
values ($1::uuid, $2::uuid, $3::integer, $4::uuid, $5, $6::uuid, 'job')

-- result_judge --
-- $1 workspace, $2 judge
-- $3 newest version
-- $4 whether that one became active
-- $5 the mark that the job sets, null: none
-- $6 job
update trainyard.judge g
   set last_version = $3::integer,
       active_version = case when $4::boolean then $3::integer
                        else g.active_version end,
       is_trained = g.is_trained or $4::boolean,
       mark = greatest(g.mark, $5::bigint),
       mark_job_id = case when $5::bigint > g.mark then $6::uuid
                     else g.mark_job_id end,
       updated_at = clock_timestamp()
 where g.workspace_id = $1::uuid and g.id = $2::uuid

-- result_report --
-- $1 workspace, $2 job
-- $3 SHA-256 of the JSON and $4 of the page, hex
insert into trainyard.job_report (workspace_id, job_id, json_sha256,
    html_sha256)
values ($1::uuid, $2::uuid, decode($3, 'hex'), decode($4, 'hex'))
on conflict (workspace_id, job_id) do nothing

-- result_job --
-- The completion itself; a row when the attempt is current.
-- $1 workspace, $2 job, $3 attempt
-- $4 validation results jsonb
-- $5 number and $6 id of the version made, null: none
-- $7 deployment json, null: none
-- $8 bytes of stdout recorded now
-- $9 log message or null
-- $10 metrics json as sent
-- $11 whether the version was deployed
with fence as materialized (
    select j.workspace_id, j.id, t.number
      from trainyard.job j
      join trainyard.attempt t on t.workspace_id = j.workspace_id
       and t.job_id = j.id and t.number = j.attempt
     where j.workspace_id = $1::uuid and j.id = $2::uuid
       and j.attempt = $3::integer and j.status = 'validating'
       and t.completed_at is null
       for no key update of j, t
), logged as (
    insert into trainyard.job_log
        (workspace_id, job_id, attempt, level, message)
    select f.workspace_id, f.id, f.number, 1, $9::text
      from fence f
     where $9::text is not null
), measured as (
    insert into trainyard.job_metric
        (workspace_id, job_id, attempt, event_type, metrics)
    select f.workspace_id, f.id, f.number, 'training_end', $10::json
      from fence f
     where $10::json is not null
), told as (
    insert into trainyard.job_event
        (workspace_id, job_id, attempt, event, message, data)
    select f.workspace_id, f.id, f.number, e.event, null,
           json_build_object('version_number', $5::integer,
               'deployment', $7::json)
      from fence f
     cross join unnest(array['judge.version.created',
               case when $11::boolean then 'judge.version.deployed' end,
               case when not $11::boolean and ($7::json->>'requested')
                   = 'true' then 'training.job.deploy_skipped' end])
           as e (event)
     where $5::integer is not null and e.event is not null
), attempted as (
    update trainyard.attempt t
       set status = 'completed',
           completed_at = now(),
           final_event = 'training_end',
           events_offset = $8::bigint
      from fence f
     where t.workspace_id = f.workspace_id and t.job_id = f.id
       and t.number = f.number
), ended as (
    update trainyard.job j
       set status = 'completed',
           completed_at = now(),
           progress = 100,
           validation = $4::jsonb,
           version_number = $5::integer,
           version_id = $6::uuid,
           deployment = $7::json,
           revision = j.revision + 1,
           updated_at = now()
      from fence f
     where j.workspace_id = f.workspace_id and j.id = f.id
    returning j.id
)
select e.id from ended e

-- Dispatcher: retraining policies ------------------------------------------

-- policy_due --
-- What is to be looked at, the longest due first.
-- $1 most rows
select p.workspace_id, p.judge_id
  from trainyard.retraining_policy p
 where p.due_at <= now()
 order by p.due_at
 limit $1::bigint

-- policy_hold --
-- Until the commit a due policy is looked at by nobody else, and its judge is
-- not changed; no row when somebody has either.  What is read to judge it is
-- read after this.
-- $1 workspace  $2 judge
select p.judge_id
  from trainyard.retraining_policy p
  join trainyard.judge j on j.workspace_id = p.workspace_id
   and j.id = p.judge_id
 where p.workspace_id = $1::uuid
   and p.judge_id = $2::uuid
   and p.due_at <= now()
   for no key update of p skip locked
   for share of j skip locked

-- policy_facts --
-- All that decides whether a policy fires, under policy_hold.
-- $1 workspace  $2 judge
select p.min_new_feedback, p.min_interval_hours, p.auto_deploy, p.updated_by,
       (extract(epoch from p.updated_at) * 1000000)::bigint,
       (extract(epoch from p.last_fired_at) * 1000000)::bigint,
       j.key, j.archived_at is not null, w.organization_id,
       t.corrections + t.ratings + t.approved
           - coalesce(m.corrections + m.ratings + m.approvals, 0),
       exists (select 1
                 from trainyard.job s
                where s.workspace_id = j.workspace_id and s.judge_id = j.id
                  and s.face = 'judge' and s.training_type <> 'validation'
                  and s.status in ('queued', 'preparing', 'training',
                                   'validating')),
       (extract(epoch from now()) * 1000000)::bigint
  from trainyard.retraining_policy p
  join trainyard.judge j on j.workspace_id = p.workspace_id
   and j.id = p.judge_id
  join trainyard.workspace w on w.id = p.workspace_id
  join trainyard.feedback_tally t on t.workspace_id = p.workspace_id
   and t.judge_id = p.judge_id
  left join trainyard.feedback m on m.workspace_id = j.workspace_id
   and m.judge_id = j.id and m.number = j.mark
 where p.workspace_id = $1::uuid
   and p.judge_id = $2::uuid

-- policy_defer --
-- When to look again.
-- $1 workspace  $2 judge  $3 seconds from now; null: when there is feedback
update trainyard.retraining_policy p
   set due_at = now() + make_interval(secs => $3::double precision)
 where p.workspace_id = $1::uuid
   and p.judge_id = $2::uuid
   and p.due_at <= now()

-- policy_fire --
-- The run of a policy, under policy_hold: its job, queued, and when to look
-- at the policy again.
-- $1 workspace  $2 judge  $3 judge's key  $4 organisation
-- $5 job  $6 run  $7 execution  $8 account  $9 priority
-- $10 time limit in seconds  $11 config, $12 options: json
-- $13 base version  $14 estimated minutes
-- $15 first number  $16 high-water mark  $17 corrections  $18 ratings
-- $19 approved  $20 rejected  $21 comments  $22 earliest  $23 latest
-- $24 seconds to the next look
with made as (
    insert into trainyard.job
        (workspace_id, id, organization_id, face, kind, status, priority,
         timeout_seconds, created_by, queued_at, config, judge_id,
         training_type, options, execution_id, base_version,
         estimated_minutes, retraining_run_id, run_trigger, by_policy)
    values ($1::uuid, $5::uuid, $4::uuid, 'judge', 'judge', 'queued',
            $9::smallint, $10::integer, $8::uuid, now(), $11::json, $2::uuid,
            'incremental', $12::json, $7::uuid, $13::integer, $14::integer,
            $6::uuid, 'feedback_threshold', true)
    returning workspace_id, id
), summed as (
    insert into trainyard.feedback_summary
        (workspace_id, job_id, first_number, high_water_mark, corrections,
         ratings, approved, rejected, comments, earliest, latest)
    select m.workspace_id, m.id, $15::bigint, $16::bigint, $17::bigint,
           $18::bigint, $19::bigint, $20::bigint, $21::bigint,
           $22::timestamptz, $23::timestamptz
      from made m
), noted as (
    insert into trainyard.audit
        (workspace_id, organization_id, actor, action, target)
    select m.workspace_id, $4::uuid, 'policy:' || $3::text, 'job.create',
           m.id::text
      from made m
), fired as (
    update trainyard.retraining_policy p
       set last_run_id = $6::uuid,
           last_fired_at = now(),
           due_at = now() + make_interval(secs => $24::double precision)
     where p.workspace_id = $1::uuid
       and p.judge_id = $2::uuid
)
select pg_notify('trainyard_job', '')
  from made m

-- Dispatcher: what the outbox holds --------------------------------------

-- outbox_lock --
-- Until the end of the transaction nobody else claims; false: somebody does.
select pg_try_advisory_xact_lock(1651273571, 0)

-- outbox_claim --
-- Takes what is due, under outbox_lock: the oldest first, of each receiver no
-- more than it may have at a time.  A row whose lease is over is due again.
-- $1 most rows  $2 seconds of the lease  $3 most at a time for one receiver
with recursive receiver (host) as (
    (select x.host
       from trainyard.outbox x
      where x.status in ('pending', 'delivering')
      order by x.host
      limit 1)
    union all
    select (select x.host
              from trainyard.outbox x
             where x.status in ('pending', 'delivering') and x.host > r.host
             order by x.host
             limit 1)
      from receiver r
     where r.host is not null
), due as materialized (
    select d.workspace_id, d.id
      from receiver r
     cross join lateral (
           select x.workspace_id, x.id, x.next_attempt_at
             from trainyard.outbox x
            where x.status in ('pending', 'delivering') and x.host = r.host
              and x.next_attempt_at <= now()
            order by x.next_attempt_at
            limit greatest(0, $3::bigint - (
                  select count(*)
                    from trainyard.outbox b
                   where b.status = 'delivering' and b.host = r.host
                     and b.next_attempt_at > now()))) d
     where r.host is not null
     order by d.next_attempt_at
     limit $1::bigint
), free as materialized (
    select x.workspace_id, x.id
      from due d
      join trainyard.outbox x on x.workspace_id = d.workspace_id
       and x.id = d.id
     where x.status in ('pending', 'delivering')
       and x.next_attempt_at <= now()
       for no key update of x skip locked
), taken as (
    update trainyard.outbox x
       set status = 'delivering',
           claim = x.claim + 1,
           next_attempt_at = now() + make_interval(secs => $2::bigint)
      from free f
     where x.workspace_id = f.workspace_id and x.id = f.id
    returning x.workspace_id, x.id, x.claim, x.channel, x.event, x.job_id,
              x.organization_id, x.target, x.tries, x.body
)
select t.workspace_id, t.id, t.claim, t.channel, t.event, t.job_id, t.target,
       t.tries, t.body,
       case when t.event <> 'judge.version.deployed'
             and j.webhook_url = t.target then j.webhook_secret end,
       o.webhook_secret, o.webhook_secret_previous
  from taken t
  join trainyard.organization o on o.id = t.organization_id
  left join trainyard.job j on j.workspace_id = t.workspace_id
   and j.id = t.job_id

-- outbox_job --
-- A judge job as it was when the row was written: the columns of
-- job_get_judge, which see.
-- $1 workspace  $2 row
select j.organization_id, j.status, j.priority, j.attempt,
       j.timeout_seconds, j.revision, j.created_by, j.error, j.error_type,
       j.config, j.judge_id, g.key, v.name, j.training_type, j.options,
       j.webhook_url, j.execution_id, j.retraining_run_id, j.base_version,
       j.progress, j.version_number, j.version_id, j.deployment,
       j.validation, j.estimated_minutes,
       f.first_number, f.high_water_mark, f.touch_sets, f.corrections,
       f.ratings, f.approved, f.rejected, f.comments,
       (extract(epoch from f.earliest) * 1000000)::bigint,
       (extract(epoch from f.latest) * 1000000)::bigint,
       (extract(epoch from j.created_at) * 1000000)::bigint,
       (extract(epoch from j.queued_at) * 1000000)::bigint,
       (extract(epoch from j.started_at) * 1000000)::bigint,
       (extract(epoch from j.completed_at) * 1000000)::bigint,
       (extract(epoch from j.cancel_requested_at) * 1000000)::bigint,
       (extract(epoch from j.updated_at) * 1000000)::bigint,
       (extract(epoch from x.created_at) * 1000000)::bigint
  from trainyard.outbox x
 cross join lateral jsonb_populate_record(null::trainyard.job, x.snapshot) j
  join trainyard.judge g on g.workspace_id = j.workspace_id
   and g.id = j.judge_id
  join trainyard.judge_version v on v.workspace_id = j.workspace_id
   and v.judge_id = j.judge_id and v.number = j.base_version
  join trainyard.feedback_summary f on f.workspace_id = j.workspace_id
   and f.job_id = j.id
 where x.workspace_id = $1::uuid
   and x.id = $2::uuid

-- outbox_run --
-- What a run shows besides its job, as both were when the row was written:
-- its trigger and whose it is, and of its execution what execution_get gives.
-- $1 workspace  $2 row
select j.run_trigger,
       case when not coalesce(j.by_policy, false) then j.created_by end,
       (extract(epoch from coalesce(e.executed_at, j.created_at))
        * 1000000)::bigint,
       (extract(epoch from v.preparing) * 1000000)::bigint,
       (extract(epoch from v.training) * 1000000)::bigint,
       (extract(epoch from v.validating) * 1000000)::bigint,
       (extract(epoch from v.completed) * 1000000)::bigint
  from trainyard.outbox x
 cross join lateral jsonb_populate_record(null::trainyard.job, x.snapshot) j
  left join trainyard.execution e on e.workspace_id = j.workspace_id
   and e.id = j.execution_id
 cross join lateral (
       select max(y.at) filter (where y.to_status = 'preparing'),
              max(y.at) filter (where y.to_status = 'training'),
              max(y.at) filter (where y.to_status = 'validating'),
              max(y.at) filter (where y.to_status = 'completed')
         from trainyard.job_event y
        where y.workspace_id = j.workspace_id and y.job_id = j.id
          and y.at >= j.created_at - interval '1 day'
          and y.at < coalesce(j.completed_at + interval '1 day', 'infinity')
          and y.attempt = j.attempt)
       as v (preparing, training, validating, completed)
 where x.workspace_id = $1::uuid
   and x.id = $2::uuid

-- outbox_version --
-- A judge's version as it was when the row was written: the columns of
-- version_read, which see; then the judge, and until when deployments count.
-- $1 workspace  $2 row
select v.number, v.id, v.status,
       (extract(epoch from v.created_at) * 1000000)::bigint,
       (extract(epoch from v.deployed_at) * 1000000)::bigint,
       (extract(epoch from v.archived_at) * 1000000)::bigint,
       v.changes_summary, v.job_id, v.feedback_count, v.validation::text,
       v.created_by, v.base_version,
       (x.snapshot ->> 'use_evaluations')::bigint,
       (x.snapshot ->> 'use_seconds')::double precision,
       c.ids, c.names, c.descriptions, c.weights, c.fresh, v.name,
       v.description, v.judge_id, g.key,
       (extract(epoch from x.created_at) * 1000000)::bigint,
       x.snapshot ->> 'use_until'
  from trainyard.outbox x
 cross join lateral jsonb_populate_record(null::trainyard.judge_version,
           x.snapshot) v
  join trainyard.judge g on g.workspace_id = x.workspace_id
   and g.id = v.judge_id
 cross join lateral (
       select array_agg(y.id order by y.position) as ids,
              array_agg(y.name order by y.position) as names,
              array_agg(y.description order by y.position) as descriptions,
              array_agg(y.weight order by y.position) as weights,
              array_agg(y.fresh order by y.position) as fresh
         from trainyard.criterion y
        where y.workspace_id = v.workspace_id and y.judge_id = v.judge_id
          and y.version = v.number) c
 where x.workspace_id = $1::uuid
   and x.id = $2::uuid

-- outbox_sent --
-- What a try came to, when the row is still in this hand; a row when it was.
-- Whoever is gone (410) gets nothing more about this job at this address.
-- $1 workspace  $2 row  $3 claim
-- $4 status: delivered, pending (another try), failed or stopped
-- $5 microseconds since the try began  $6 and what it took, in milliseconds
-- $7 the receiver's status or null  $8 error or null  $9 excerpt or null
-- $10 milliseconds from the end of the try to the next one, null: none
-- $11 what was sent
with held as materialized (
    select x.workspace_id, x.id, x.job_id, x.target, x.attempt_count
      from trainyard.outbox x
     where x.workspace_id = $1::uuid and x.id = $2::uuid
       and x.claim = $3::integer and x.status = 'delivering'
       for no key update of x
), tried as (
    insert into trainyard.outbox_attempt (workspace_id, outbox_id, number,
        attempted_at, duration_ms, response_status, error, response_excerpt)
    select h.workspace_id, h.id, h.attempt_count + 1,
           clock_timestamp() - $5::bigint * interval '1 microsecond',
           $6::integer, $7::integer, $8::text, $9::text
      from held h
), others as (
    update trainyard.outbox x
       set status = 'stopped', next_attempt_at = null
      from held h
     where $4::text = 'stopped'
       and x.workspace_id = h.workspace_id and x.job_id = h.job_id
       and x.target = h.target and x.id <> h.id
       and x.channel = 'webhook' and x.status = 'pending'
)
update trainyard.outbox x
   set status = $4::text,
       attempt_count = x.attempt_count + 1,
       tries = x.tries + 1,
       body = coalesce(x.body, $11::text),
       delivered_at = case when $4::text = 'delivered'
                      then clock_timestamp() end,
       next_attempt_at = case when $4::text = 'pending'
           then clock_timestamp() - $5::bigint * interval '1 microsecond'
                + ($6::integer + $10::bigint) * interval '1 millisecond' end
  from held h
 where x.workspace_id = h.workspace_id and x.id = h.id
returning x.id

-- outbox_release --
-- Hands a row back that was not tried, or whose try does not count.
-- $1 workspace  $2 row  $3 claim
update trainyard.outbox x
   set status = 'pending', next_attempt_at = now()
 where x.workspace_id = $1::uuid and x.id = $2::uuid
   and x.claim = $3::integer and x.status = 'delivering'

-- outbox_unsent --
-- Mail that this site does not send; a row when it was still in this hand.
-- job_standing ends the job's log a day after the job: a line that comes later
-- than that is dated there.
-- $1 workspace  $2 row  $3 claim  $4 line for the job's log
with gone as (
    update trainyard.outbox x
       set status = 'stopped', next_attempt_at = null
     where x.workspace_id = $1::uuid and x.id = $2::uuid
       and x.claim = $3::integer and x.status = 'delivering'
    returning x.workspace_id, x.job_id, x.snapshot
), logged as (
    insert into trainyard.job_log
        (workspace_id, job_id, attempt, level, message, at)
    select g.workspace_id, g.job_id, (g.snapshot ->> 'attempt')::integer, 2,
           $4::text,
           least(clock_timestamp(), j.completed_at + interval '23 hours')
      from gone g
      join trainyard.job j on j.workspace_id = g.workspace_id
       and j.id = g.job_id
)
select g.job_id from gone g

-- retain_outbox --
-- Deliveries that are over, with their tries.
-- $1 days that they are kept
-- $2 most rows
with old as (
    select x.workspace_id, x.id
      from trainyard.outbox x
     where x.created_at < now() - make_interval(days => $1::integer)
       and x.status in ('delivered', 'failed', 'stopped')
     order by x.created_at
     limit $2::bigint
)
delete from trainyard.outbox x
 using old o
 where x.workspace_id = o.workspace_id and x.id = o.id

-- retain_partitions --
-- Keeps a table's partitions in order: made and dropped ones, rows that were
-- deleted one by one, and whether it has to be asked again because somebody
-- held the table.
-- $1 table  $2 days that rows are kept, 0: for ever  $3 most rows
select k.made, k.dropped, k.removed, k.busy
  from trainyard.partition_keep($1::text, $2::integer, $3::integer) k

-- statistics_keep --
-- Has the table analyzed that has grown most since that was done; null: none
-- has grown much.
select k.grown
  from trainyard.statistics_keep() k (grown)

-- retain_metrics --
-- Looks at the next jobs and removes what those have measured that ended long
-- ago.  Gives the place of the last job, null: there is none behind $3; and
-- how many rows went of the metrics, and of the series.
-- $1 days that they are kept after the end of their job
-- $2 workspace and $3 job behind which to look
-- $4 most jobs  $5 most rows of each
with next as materialized (
    select j.workspace_id, j.id, j.completed_at
      from trainyard.job j
     where (j.workspace_id, j.id) > ($2::uuid, $3::uuid)
     order by j.workspace_id, j.id
     limit $4::bigint
), old as materialized (
    select n.workspace_id, n.id
      from next n
     where n.completed_at < now() - make_interval(days => $1::integer)
), metric as (
    delete from trainyard.job_metric m
     using (select x.workspace_id, x.job_id, x.attempt, x.seq
              from old o
             cross join lateral (
                   select y.workspace_id, y.job_id, y.attempt, y.seq
                     from trainyard.job_metric y
                    where y.workspace_id = o.workspace_id
                      and y.job_id = o.id
                    limit $5::bigint) x
             limit $5::bigint) d
     where m.workspace_id = d.workspace_id and m.job_id = d.job_id
       and m.attempt = d.attempt and m.seq = d.seq
    returning 1
), series as (
    delete from trainyard.job_series s
     using (select x.workspace_id, x.job_id, x.attempt, x.key, x.seq
              from old o
             cross join lateral (
                   select y.workspace_id, y.job_id, y.attempt, y.key, y.seq
                     from trainyard.job_series y
                    where y.workspace_id = o.workspace_id
                      and y.job_id = o.id
                    limit $5::bigint) x
             limit $5::bigint) d
     where s.workspace_id = d.workspace_id and s.job_id = d.job_id
       and s.attempt = d.attempt and s.key = d.key and s.seq = d.seq
    returning 1
), last as (
    select n.workspace_id, n.id
      from next n
     order by n.workspace_id desc, n.id desc
     limit 1
)
select l.workspace_id, l.id, (select count(*) from metric),
       (select count(*) from series)
  from last l

-- retain_keys --
-- Idempotency keys live for 24 hours.
-- $1 most keys
with old as (
    select k.account_id, k.method, k.path, k.key
      from trainyard.idempotency_key k
     where k.created_at < now() - interval '24 hours'
     limit $1::bigint
)
delete from trainyard.idempotency_key k
 using old o
 where k.account_id = o.account_id and k.method = o.method
   and k.path = o.path and k.key = o.key

-- retain_jobs --
-- Which of these jobs have no more use for their work folders: finished for
-- so long, or not there.
-- $1 workspaces uuid[], $2 jobs uuid[]
-- $3 days
select w.job_id
  from unnest($1::uuid[], $2::uuid[]) as w (workspace_id, job_id)
  left join trainyard.job j on j.workspace_id = w.workspace_id
   and j.id = w.job_id
 where j.id is null
    or j.completed_at < now() - make_interval(days => $3::integer)

-- Dispatcher, and the command: how much work there is ----------------------

-- load_kinds --
-- Jobs by kind: queued ones, counted up to a limit, how long the first in
-- line has waited (seconds), and those that dispatchers have.
-- $1 kinds text[], $2 limit of a count
select k.kind,
       (select count(*)
          from (select from trainyard.job j
                 where j.status = 'queued' and j.kind = k.kind
                 limit $2::bigint) q),
       (select coalesce(greatest(extract(epoch from now() - min(f.since)), 0),
                        0)::double precision
          from (values (-1), (0), (1)) as p (priority)
         cross join lateral (
               select coalesce(j.queued_at, j.created_at) as since
                 from trainyard.job j
                where j.status = 'queued' and j.kind = k.kind
                  and j.priority = p.priority
                order by j.queue_seq
                limit 1) f),
       coalesce(r.running, 0)
  from unnest($1::text[]) as k (kind)
  left join (select j.kind, count(*) as running
               from (select t.workspace_id, t.job_id
                       from trainyard.attempt t
                      where t.status in ('claimed', 'running')
                      limit $2::bigint) u
               join trainyard.job j on j.workspace_id = u.workspace_id
                and j.id = u.job_id
              group by j.kind) r on r.kind = k.kind

-- load_outbox --
-- Notifications to be sent, counted up to a limit, and for how long the one
-- that was due first has been due (seconds).
-- $1 limit of the count
select c.channel, count(w.channel),
       coalesce(greatest(extract(epoch from now() - min(w.next_attempt_at)),
                         0), 0)::double precision
  from (values ('webhook'), ('mail')) as c (channel)
  left join (select x.channel, x.next_attempt_at
               from trainyard.outbox x
              where x.status in ('pending', 'delivering')
              limit $1::bigint) w on w.channel = c.channel
 group by c.channel

-- dispatcher_seen --
-- A dispatcher says that it is there, and what it has.
-- $1 worker, $2 version, $3 kinds that it serves text[], $4 their engines
--   text[], $5 slots, $6 jobs in its hands, $7 seconds since it started
insert into trainyard.dispatcher as d (worker, version, kinds, engines, slots,
    runs, started_at)
values ($1, $2, $3::text[], $4::text[], $5::integer, $6::integer,
        now() - make_interval(secs => $7::double precision))
on conflict (worker) do update
   set version = excluded.version, kinds = excluded.kinds,
       engines = excluded.engines, slots = excluded.slots,
       runs = excluded.runs, started_at = excluded.started_at,
       stopped_at = null, seen_at = now()

-- dispatcher_stopped --
-- $1 worker, $2 jobs that it leaves
update trainyard.dispatcher d
   set stopped_at = now(), seen_at = now(), runs = $2::integer
 where d.worker = $1

-- retain_dispatchers --
-- Those that were not seen for a month.
delete from trainyard.dispatcher d
 where d.seen_at < now() - interval '30 days'

-- Command line ---

-- cmd_server_version --
-- As one number, 150004.
select current_setting('server_version_num')::integer

-- cmd_lock --
-- Waits until no other command changes the schema; held by the session.
-- $1 key of the lock
select pg_advisory_lock($1::bigint)

-- cmd_migration_settings --
-- For this transaction: how long a migration waits for a table, and that its
-- plans may read tables as a whole, which those of other sessions do not.
-- $1 milliseconds
select set_config('lock_timeout', $1::text, true),
       set_config('enable_seqscan', 'on', true),
       set_config('enable_hashjoin', 'on', true),
       set_config('enable_mergejoin', 'on', true),
       set_config('enable_material', 'on', true)

-- cmd_migration_list --
-- What has been applied: name, phase, checksum in hex, when, by whom.
select m.name, m.phase, encode(m.sha256, 'hex'),
       (extract(epoch from m.applied_at) * 1000000)::bigint, m.applied_by
  from trainyard.schema_migration m
 order by m.name

-- cmd_migration_add --
-- $1 name  $2 phase  $3 SHA-256 in hex
insert into trainyard.schema_migration (name, phase, sha256)
values ($1::text, $2::text, decode($3::text, 'hex'))

-- cmd_audit_add --
-- $1 workspace id or null  $2 organisation id or null  $3 actor  $4 action
-- $5 what it was done to
insert into trainyard.audit
    (workspace_id, organization_id, actor, action, target)
values ($1::uuid, $2::uuid, $3::text, $4::text, $5::text)

-- cmd_audit_list --
-- The newest first.
-- $1 organisation's key, or null for all  $2 most lines
select a.seq, (extract(epoch from a.at) * 1000000)::bigint, a.actor,
       a.action, a.target, o.key, w.key, a.request_id
  from trainyard.audit a
  left join trainyard.workspace w on w.id = a.workspace_id
  left join trainyard.organization o
    on o.id = coalesce(a.organization_id, w.organization_id)
 where $1::text is null or o.key = $1::text
 order by a.seq desc
 limit $2::bigint

-- cmd_org_add --
-- No row: the key is taken.
-- $1 id  $2 key  $3 name  $4 description or null
-- $5 longest run of a job in seconds or null
-- $6 time of a job that asks for none in seconds or null
-- $7 webhook URL or null  $8 webhook secret
insert into trainyard.organization (id, key, name, description,
    max_runtime_seconds, default_runtime_seconds, webhook_url, webhook_secret)
values ($1::uuid, $2::text, $3::text, $4::text, $5::integer, $6::integer,
    $7::text, $8::text)
    on conflict (key) do nothing
returning id

-- cmd_org_list --
-- Without its secrets.
-- $1 key, or null for all
select o.key, o.id, o.name, o.description, o.is_active, o.max_members,
       (select count(*) from trainyard.member m
         where m.organization_id = o.id),
       (select count(*) from trainyard.workspace w
         where w.organization_id = o.id),
       o.max_runtime_seconds, o.default_runtime_seconds, o.webhook_url,
       (extract(epoch from o.created_at) * 1000000)::bigint,
       (extract(epoch from o.updated_at) * 1000000)::bigint
  from trainyard.organization o
 where $1::text is null or o.key = $1::text
 order by o.key

-- cmd_org_set --
-- Null leaves a column as it is, an empty text clears it.
-- $1 key  $2 name  $3 description  $4 active  $5 most members
-- $6 longest run  $7 default run  $8 webhook URL
update trainyard.organization o
   set name = coalesce($2::text, o.name),
       description = nullif(coalesce($3::text, o.description), ''),
       is_active = coalesce($4::boolean, o.is_active),
       max_members = coalesce($5::integer, o.max_members),
       max_runtime_seconds = nullif(coalesce($6::text,
           o.max_runtime_seconds::text), '')::integer,
       default_runtime_seconds = nullif(coalesce($7::text,
           o.default_runtime_seconds::text), '')::integer,
       webhook_url = nullif(coalesce($8::text, o.webhook_url), ''),
       updated_at = now()
 where o.key = $1::text
returning o.id

-- cmd_org_secret --
-- $1 key
select o.id, o.webhook_secret, o.webhook_secret_previous
  from trainyard.organization o
 where o.key = $1::text

-- cmd_org_secret_rotate --
-- Both secrets sign until the rotation is finished.
-- $1 key  $2 new secret
update trainyard.organization o
   set webhook_secret_previous = o.webhook_secret,
       webhook_secret = $2::text,
       updated_at = now()
 where o.key = $1::text
returning o.id

-- cmd_org_secret_finish --
-- $1 key
update trainyard.organization o
   set webhook_secret_previous = null,
       updated_at = now()
 where o.key = $1::text
returning o.id

-- cmd_workspace_add --
-- The first one of an organisation is its default.  No row: the key is
-- taken, or there is no such organisation.
-- $1 id  $2 organisation's key  $3 key  $4 name  $5 default
-- $6 quota of queued jobs or null  $7 of artifact bytes or null
insert into trainyard.workspace
    (id, organization_id, key, name, is_default, queue_quota,
     artifact_quota)
select $1::uuid, o.id, $3::text, $4::text,
       $5::boolean or not exists (select 1 from trainyard.workspace w
            where w.organization_id = o.id and w.is_default),
       $6::integer, $7::bigint
  from trainyard.organization o
 where o.key = $2::text
    on conflict (organization_id, key) do nothing
returning id

-- cmd_workspace_undefault --
-- Makes room for another default.
-- $1 organisation's key  $2 the coming default's key
update trainyard.workspace w
   set is_default = false, updated_at = now()
  from trainyard.organization o
 where o.id = w.organization_id and o.key = $1::text
   and w.is_default and w.key <> $2::text

-- cmd_workspace_set --
-- Null leaves a column as it is, an empty text clears it.
-- $1 organisation's key  $2 key  $3 name  $4 default  $5 quota of jobs
-- $6 quota of artifact bytes
update trainyard.workspace w
   set name = coalesce($3::text, w.name),
       is_default = coalesce($4::boolean, w.is_default),
       queue_quota = nullif(coalesce($5::text, w.queue_quota::text),
           '')::integer,
       artifact_quota = nullif(coalesce($6::text, w.artifact_quota::text),
           '')::bigint,
       updated_at = now()
  from trainyard.organization o
 where o.id = w.organization_id and o.key = $1::text and w.key = $2::text
returning w.id

-- cmd_workspace_list --
-- $1 organisation's key, or null for all  $2 key, or null for all
select o.key, w.key, w.id, w.name, w.is_default, w.queue_quota,
       (select count(*) from trainyard.job j
         where j.workspace_id = w.id and j.status = 'queued'),
       w.artifact_quota, coalesce(u.bytes, 0),
       (extract(epoch from w.created_at) * 1000000)::bigint,
       o.id
  from trainyard.workspace w
  join trainyard.organization o on o.id = w.organization_id
  left join trainyard.artifact_usage u on u.workspace_id = w.id
 where ($1::text is null or o.key = $1::text)
   and ($2::text is null or w.key = $2::text)
 order by o.key, w.key

-- cmd_project_add --
-- The first one of a workspace is its default.  No row: the key is taken, or
-- there is no such workspace.
-- $1 id  $2 organisation's key  $3 workspace's key  $4 key  $5 name
-- $6 default
insert into trainyard.project (workspace_id, id, key, name, is_default)
select w.id, $1::uuid, $4::text, $5::text,
       $6::boolean or not exists (select 1 from trainyard.project p
            where p.workspace_id = w.id and p.is_default)
  from trainyard.workspace w
  join trainyard.organization o on o.id = w.organization_id
 where o.key = $2::text and w.key = $3::text
    on conflict (workspace_id, key) do nothing
returning id

-- cmd_project_undefault --
-- $1 organisation's key  $2 workspace's key  $3 the coming default's key
update trainyard.project p
   set is_default = false, updated_at = now()
  from trainyard.workspace w
  join trainyard.organization o on o.id = w.organization_id
 where w.id = p.workspace_id and o.key = $1::text and w.key = $2::text
   and p.is_default and p.key <> $3::text

-- cmd_project_list --
-- $1 organisation's key  $2 workspace's key  $3 key; null for all
select o.key, w.key, p.key, p.id, p.name, p.is_default,
       (extract(epoch from p.created_at) * 1000000)::bigint,
       o.id, w.id
  from trainyard.project p
  join trainyard.workspace w on w.id = p.workspace_id
  join trainyard.organization o on o.id = w.organization_id
 where ($1::text is null or o.key = $1::text)
   and ($2::text is null or w.key = $2::text)
   and ($3::text is null or p.key = $3::text)
 order by o.key, w.key, p.key

-- cmd_user_add --
-- No row: the address is taken.
-- $1 id  $2 address  $3 name in the system  $4 full name or null
insert into trainyard.account (id, email, username, full_name)
values ($1::uuid, $2::text, $3::text, $4::text)
    on conflict (email) do nothing
returning id

-- cmd_user_list --
-- $1 address, or null for all
select a.email, a.id, a.username, a.full_name,
       array(select o.key from trainyard.member m
               join trainyard.organization o on o.id = m.organization_id
              where m.account_id = a.id
              order by o.key),
       (extract(epoch from a.created_at) * 1000000)::bigint
  from trainyard.account a
 where $1::text is null or a.email = $1::text
 order by a.email

-- cmd_member_add --
-- No row: a member already, or nobody, or the organisation is full.
-- $1 organisation's key  $2 address  $3 role
insert into trainyard.member (organization_id, account_id, role)
select o.id, a.id, $3::text
  from trainyard.organization o
 cross join trainyard.account a
 where o.key = $1::text and a.email = $2::text
   and (o.max_members = 0 or o.max_members >
        (select count(*) from trainyard.member m
          where m.organization_id = o.id))
    on conflict (organization_id, account_id) do nothing
returning account_id

-- cmd_member_set --
-- $1 organisation's key  $2 address  $3 role
update trainyard.member m
   set role = $3::text
  from trainyard.organization o, trainyard.account a
 where o.id = m.organization_id and a.id = m.account_id
   and o.key = $1::text and a.email = $2::text
returning m.account_id

-- cmd_member_remove --
-- $1 organisation's key  $2 address
with place as (
    delete from trainyard.workspace_member x
     using trainyard.workspace w, trainyard.organization o,
           trainyard.account a
     where w.id = x.workspace_id and o.id = w.organization_id
       and a.id = x.account_id
       and o.key = $1::text and a.email = $2::text
)
delete from trainyard.member m
 using trainyard.organization o, trainyard.account a
 where o.id = m.organization_id and a.id = m.account_id
   and o.key = $1::text and a.email = $2::text
returning m.account_id

-- cmd_member_list --
-- $1 organisation's key, or null for all  $2 address, or null for all
select o.key, a.email, a.username, m.role,
       array(select w.key from trainyard.workspace_member x
               join trainyard.workspace w on w.id = x.workspace_id
              where x.account_id = a.id and w.organization_id = o.id
              order by w.key),
       (extract(epoch from m.created_at) * 1000000)::bigint,
       o.id, a.id
  from trainyard.member m
  join trainyard.organization o on o.id = m.organization_id
  join trainyard.account a on a.id = m.account_id
 where ($1::text is null or o.key = $1::text)
   and ($2::text is null or a.email = $2::text)
 order by o.key, a.email

-- cmd_access_add --
-- No row: has it already, or is no member, or there is no such workspace.
-- $1 organisation's key  $2 workspace's key, or null for the default one
-- $3 address
insert into trainyard.workspace_member (workspace_id, account_id)
select w.id, a.id
  from trainyard.workspace w
  join trainyard.organization o on o.id = w.organization_id
  join trainyard.member m on m.organization_id = o.id
  join trainyard.account a on a.id = m.account_id
 where o.key = $1::text and a.email = $3::text
   and (w.key = $2::text or ($2::text is null and w.is_default))
    on conflict (workspace_id, account_id) do nothing
returning workspace_id

-- cmd_access_remove --
-- $1 organisation's key  $2 workspace's key  $3 address
delete from trainyard.workspace_member x
 using trainyard.workspace w, trainyard.organization o, trainyard.account a
 where w.id = x.workspace_id and o.id = w.organization_id
   and a.id = x.account_id
   and o.key = $1::text and w.key = $2::text and a.email = $3::text
returning x.workspace_id

-- cmd_token_place --
-- Whether an account may see what a token is to be bound to.
-- $1 address  $2 organisation's key or null  $3 workspace's key or null
select a.id, o.id, w.id,
       m.account_id is not null,
       m.role = 'owner' or exists (select 1 from trainyard.workspace_member x
            where x.workspace_id = w.id and x.account_id = a.id)
  from trainyard.account a
  left join trainyard.organization o on o.key = $2::text
  left join trainyard.workspace w
    on w.organization_id = o.id and w.key = $3::text
  left join trainyard.member m
    on m.organization_id = o.id and m.account_id = a.id
 where a.email = $1::text

-- cmd_token_add --
-- $1 id  $2 SHA-256 in hex  $3 hint  $4 name  $5 account id
-- $6 organisation id or null  $7 workspace id or null  $8 scopes text[]
-- $9 requests a minute or null  $10 seconds it lives or null
-- $11 microseconds since 1970 when it ends or null
insert into trainyard.token (id, sha256, hint, name, account_id,
    organization_id, workspace_id, scopes, rate_limit, expires_at)
values ($1::uuid, decode($2::text, 'hex'), $3::text, $4::text, $5::uuid,
    $6::uuid, $7::uuid, $8::text[], $9::integer,
    coalesce(now() + make_interval(secs => $10::bigint),
        to_timestamp($11::bigint / 1000000.0)))

-- cmd_token_named --
-- $1 account id  $2 name
select t.id
  from trainyard.token t
 where t.account_id = $1::uuid and t.name = $2::text
   and t.revoked_at is null
   and (t.expires_at is null or t.expires_at > now())
 order by t.id
 limit 1

-- cmd_token_list --
-- $1 address, or null for all  $2 organisation's key, or null for all
-- $3 id, or null for all
-- $4 with those that are over
select t.id, t.name, t.hint, a.email, o.key, w.key, t.scopes, t.rate_limit,
       case when t.revoked_at is not null then 'revoked'
            when t.expires_at <= now() then 'expired'
            else 'active' end,
       (extract(epoch from t.created_at) * 1000000)::bigint,
       (extract(epoch from t.expires_at) * 1000000)::bigint,
       (extract(epoch from t.revoked_at) * 1000000)::bigint,
       t.organization_id, t.workspace_id
  from trainyard.token t
  join trainyard.account a on a.id = t.account_id
  left join trainyard.organization o on o.id = t.organization_id
  left join trainyard.workspace w on w.id = t.workspace_id
 where ($1::text is null or a.email = $1::text)
   and ($2::text is null or o.key = $2::text)
   and ($3::uuid is null or t.id = $3::uuid)
   and ($4::boolean or (t.revoked_at is null
        and (t.expires_at is null or t.expires_at > now())))
 order by a.email, t.id

-- cmd_token_revoke --
-- $1 id
update trainyard.token t
   set revoked_at = now()
 where t.id = $1::uuid and t.revoked_at is null
returning t.organization_id, t.workspace_id

-- cmd_token_copy --
-- A token like another one, which still holds.
-- $1 new id  $2 new SHA-256 in hex  $3 new hint  $4 id of the other
insert into trainyard.token (id, sha256, hint, name, account_id,
    organization_id, workspace_id, scopes, rate_limit, expires_at)
select $1::uuid, decode($2::text, 'hex'), $3::text, t.name, t.account_id,
       t.organization_id, t.workspace_id, t.scopes, t.rate_limit,
       t.expires_at
  from trainyard.token t
 where t.id = $4::uuid and t.revoked_at is null
   and (t.expires_at is null or t.expires_at > now())
returning id

-- cmd_token_expire --
-- Lets a token live for a while yet, never longer than it would have.
-- $1 id  $2 seconds
update trainyard.token t
   set expires_at = least(t.expires_at,
           now() + make_interval(secs => $2::bigint))
 where t.id = $1::uuid
returning t.organization_id, t.workspace_id

-- cmd_model_list --
-- $1 id, or null for all  $2 with those that were retired
select m.id, m.display_name, m.family, m.type, m.size_b, m.context_length,
       m.extended_tokens, m.algorithms, m.pricing, m.retired_at is not null
  from trainyard.model m
 where ($1::text is null or m.id = $1::text)
   and ($2::boolean or m.retired_at is null)
 order by m.id

-- cmd_model_add --
-- No row: the id is taken.
-- $1 id  $2 name to show  $3 family  $4 type  $5 billions of parameters
-- $6 context length  $7 extended context or null  $8 algorithms text[]
-- $9 pricing as JSON or null
insert into trainyard.model (id, display_name, family, type, size_b,
    context_length, extended_tokens, algorithms, pricing)
values ($1::text, $2::text, $3::text, $4::text, $5::numeric, $6::integer,
    $7::integer, $8::text[], $9::jsonb)
    on conflict (id) do nothing
returning id

-- cmd_model_set --
-- Null leaves a column as it is, an empty text clears it.
-- $1 id  $2 name to show  $3 context length  $4 extended context
-- $5 algorithms text[]  $6 pricing as JSON  $7 retired
update trainyard.model m
   set display_name = coalesce($2::text, m.display_name),
       context_length = coalesce($3::integer, m.context_length),
       extended_tokens = nullif(coalesce($4::text,
           m.extended_tokens::text), '')::integer,
       algorithms = coalesce($5::text[], m.algorithms),
       pricing = nullif(coalesce($6::text, m.pricing::text), '')::jsonb,
       retired_at = case when $7::boolean then coalesce(m.retired_at, now())
                         when not $7::boolean then null
                         else m.retired_at end,
       updated_at = now()
 where m.id = $1::text
returning m.id

-- cmd_job_list --
-- The newest of each workspace, then the newest of those: no workspace is
-- read as a whole.  One branch runs without a status, the others with one,
-- each along an index that has it.
-- $1 organisation's key  $2 workspace's key  $3 status; null for all
-- $4 most lines
select j.id, o.key, w.key, j.kind, j.status, j.attempt,
       coalesce(j.name, u.key),
       (extract(epoch from j.created_at) * 1000000)::bigint,
       (extract(epoch from j.started_at) * 1000000)::bigint,
       (extract(epoch from j.completed_at) * 1000000)::bigint,
       j.error_type
  from trainyard.workspace w
  join trainyard.organization o on o.id = w.organization_id
 cross join lateral (
       (select x.id
          from trainyard.job x
         where $3::text is null and x.workspace_id = w.id
         order by x.id desc
         limit $4::bigint)
        union all
       (select x.id
          from trainyard.job x
         where x.workspace_id = w.id and x.face = 'hosted'
           and x.status in ('queued', 'claimed', 'running')
           and x.status = $3::text
         order by x.created_at desc, x.id desc
         limit $4::bigint)
        union all
       (select x.id
          from trainyard.job x
         where x.workspace_id = w.id and x.face = 'hosted'
           and x.status in ('completed', 'failed', 'cancelled')
           and x.status = $3::text
         order by x.created_at desc, x.id desc
         limit $4::bigint)
        union all
       (select x.id
          from trainyard.job x
         where x.workspace_id = w.id and x.face = 'judge'
           and x.status = $3::text
         order by x.created_at desc, x.id desc
         limit $4::bigint)) as n
  join trainyard.job j on j.workspace_id = w.id and j.id = n.id
  left join trainyard.judge u
    on u.workspace_id = j.workspace_id and u.id = j.judge_id
 where ($1::text is null or o.key = $1::text)
   and ($2::text is null or w.key = $2::text)
 order by j.id desc
 limit $4::bigint

-- cmd_job_show --
-- $1 id
select j.id, o.key, w.key, j.face, j.kind, j.status, j.priority, j.attempt,
       j.lost_leases, a.engine, a.worker, a.handle, a.status,
       (extract(epoch from a.lease_until) * 1000000)::bigint,
       j.name, u.key, j.model, j.algorithm, j.training_type, j.progress,
       j.timeout_seconds,
       (extract(epoch from j.created_at) * 1000000)::bigint,
       (extract(epoch from j.queued_at) * 1000000)::bigint,
       (extract(epoch from j.started_at) * 1000000)::bigint,
       (extract(epoch from j.completed_at) * 1000000)::bigint,
       (extract(epoch from j.cancel_requested_at) * 1000000)::bigint,
       j.error_type, j.error, j.config
  from trainyard.workspace w
  join trainyard.organization o on o.id = w.organization_id
  join trainyard.job j on j.workspace_id = w.id and j.id = $1::uuid
  left join trainyard.attempt a on a.workspace_id = j.workspace_id
   and a.job_id = j.id and a.number = j.attempt
  left join trainyard.judge u
    on u.workspace_id = j.workspace_id and u.id = j.judge_id

-- cmd_judge_list --
-- The newest of each workspace, then the newest of those.
-- $1 organisation's key  $2 workspace's key  $3 archived ones, too
-- $4 most lines
select j.key, o.key, w.key, v.name, j.content_type,
       case when j.archived_at is null then trainyard.judge_status(j)
            else 'archived' end,
       j.active_version, j.last_version, coalesce(t.last_number, 0),
       (extract(epoch from j.created_at) * 1000000)::bigint,
       (extract(epoch from j.archived_at) * 1000000)::bigint
  from trainyard.workspace w
  join trainyard.organization o on o.id = w.organization_id
 cross join lateral (
       select x.workspace_id, x.id
         from trainyard.judge x
        where x.workspace_id = w.id
          and ($3::boolean or x.archived_at is null)
        order by x.created_at desc, x.id desc
        limit $4::bigint) as n
  join trainyard.judge j on j.workspace_id = n.workspace_id and j.id = n.id
  join trainyard.judge_version v on v.workspace_id = j.workspace_id
   and v.judge_id = j.id and v.number = j.active_version
  left join trainyard.feedback_tally t on t.workspace_id = j.workspace_id
   and t.judge_id = j.id
 where ($1::text is null or o.key = $1::text)
   and ($2::text is null or w.key = $2::text)
 order by j.created_at desc, j.id desc
 limit $4::bigint

-- cmd_judge_show --
-- $1 the judge's key
select j.key, o.key, w.key, v.name, j.content_type,
       case when j.archived_at is null then trainyard.judge_status(j)
            else 'archived' end,
       j.active_version, j.last_version, coalesce(t.last_number, 0),
       (extract(epoch from j.created_at) * 1000000)::bigint,
       (extract(epoch from j.archived_at) * 1000000)::bigint,
       j.workspace_id, j.id
  from trainyard.workspace w
  join trainyard.organization o on o.id = w.organization_id
  join trainyard.judge j on j.workspace_id = w.id and j.key = $1
  join trainyard.judge_version v on v.workspace_id = j.workspace_id
   and v.judge_id = j.id and v.number = j.active_version
  left join trainyard.feedback_tally t on t.workspace_id = j.workspace_id
   and t.judge_id = j.id
 limit 1

-- cmd_judge_versions --
-- The newest first.
-- $1 workspace  $2 judge
select v.number, v.status, v.name, v.base_version, v.job_id,
       v.feedback_count,
       (extract(epoch from v.created_at) * 1000000)::bigint,
       (extract(epoch from v.deployed_at) * 1000000)::bigint,
       v.changes_summary
  from trainyard.judge_version v
 where v.workspace_id = $1::uuid and v.judge_id = $2::uuid
 order by v.number desc

-- cmd_status --
select current_setting('server_version'),
       pg_database_size(current_database()),
       (select max(m.name) from trainyard.schema_migration m)

-- cmd_dispatcher_list --
-- Those that were seen within a week; of those that have stopped, a day.
select d.worker, d.version, d.kinds, d.engines, d.slots, d.runs,
       extract(epoch from d.seen_at - d.started_at)::double precision,
       greatest(extract(epoch from now() - d.seen_at), 0)::double precision,
       (extract(epoch from d.stopped_at) * 1000000)::bigint
  from trainyard.dispatcher d
 where d.seen_at > now() - case when d.stopped_at is null then interval '7 days'
                           else interval '1 day' end
 order by d.worker
 limit 1000

-- cmd_artifact_list --
-- The newest of each workspace, then the newest of those.
-- $1 organisation's key  $2 workspace's key  $3 kind; null for all
-- $4 most lines
select a.id, o.key, w.key, a.kind, a.name, a.version, a.media_type, a.size,
       encode(a.sha256, 'hex'), a.uri, (a.dataset ->> 'row_count')::bigint,
       (a.dataset ->> 'fault_count')::bigint,
       (extract(epoch from a.created_at) * 1000000)::bigint
  from trainyard.workspace w
  join trainyard.organization o on o.id = w.organization_id
 cross join lateral (
       select x.id, x.kind, x.name, x.version, x.media_type, x.size,
              x.sha256, x.uri, x.dataset, x.created_at
         from trainyard.artifact x
        where x.workspace_id = w.id
          and ($3::text is null or x.kind = $3::text)
        order by x.id desc
        limit $4::bigint) as a
 where ($1::text is null or o.key = $1::text)
   and ($2::text is null or w.key = $2::text)
 order by a.id desc
 limit $4::bigint

-- cmd_job_find --
-- Where a job is.
-- $1 id
select j.workspace_id, j.organization_id, j.face
  from trainyard.workspace w
  join trainyard.job j on j.workspace_id = w.id and j.id = $1::uuid

-- cmd_webhook_list --
-- The newest of each workspace, status and event, then the newest of those,
-- each with what its last try came to.
-- $1 organisation's key or null  $2 statuses text[]  $3 events text[]
-- $4 most lines
select n.id, o.key, w.key, n.channel, n.event, n.job_id,
       split_part(n.target, '?', 1), n.status, n.attempt_count,
       (extract(epoch from n.next_attempt_at) * 1000000)::bigint,
       (extract(epoch from n.created_at) * 1000000)::bigint,
       t.response_status, t.error
  from trainyard.workspace w
  join trainyard.organization o on o.id = w.organization_id
 cross join unnest($2::text[]) as s (status)
 cross join unnest($3::text[]) as e (event)
 cross join lateral (
       select x.workspace_id, x.id, x.channel, x.event, x.job_id, x.target,
              x.status, x.attempt_count, x.next_attempt_at, x.created_at
         from trainyard.outbox x
        where array[x.workspace_id::text, x.status, x.event]
              = array[w.id::text, s.status, e.event]
        order by x.id desc
        limit $4::bigint) as n
  left join trainyard.outbox_attempt t on t.workspace_id = n.workspace_id
   and t.outbox_id = n.id and t.number = n.attempt_count
 where $1::text is null or o.key = $1::text
 order by n.id desc
 limit $4::bigint

-- cmd_webhook_again --
-- The schedule begins anew; no row: it is on its way, or not there.
-- $1 id
update trainyard.outbox x
   set status = 'pending', tries = 0, next_attempt_at = now(),
       delivered_at = null
  from trainyard.workspace w
 where x.workspace_id = w.id and x.id = $1::uuid
   and x.status <> 'delivering'
returning x.workspace_id, x.organization_id,
          pg_notify('trainyard_outbox', '')

-- cmd_doctor_server --
-- Durability, clock and room.
select current_setting('fsync')::boolean,
       current_setting('full_page_writes')::boolean,
       pg_is_in_recovery(),
       (extract(epoch from clock_timestamp()) * 1000000)::bigint,
       current_setting('max_connections')::integer,
       (select count(*) from pg_stat_activity a
         where a.backend_type = 'client backend')

-- cmd_doctor_work --
-- What should not wait: queued jobs and since when (seconds), leases that ran
-- out a minute ago and notifications that were due five minutes ago.
select (select count(*) from trainyard.job j where j.status = 'queued'),
       (select coalesce(extract(epoch from now() - min(j.queued_at)), 0)::bigint
          from trainyard.job j where j.status = 'queued'),
       (select count(*) from trainyard.attempt a
         where a.status in ('claimed', 'running')
           and a.lease_until < now() - interval '1 minute'),
       (select count(*) from trainyard.outbox x
         where x.status = 'pending'
           and x.next_attempt_at < now() - interval '5 minutes')
