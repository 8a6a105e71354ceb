-- SPDX-License-Identifier: BSD-2-Clause
-- Fills every table that grows with use, :rows rows each, in seconds: read by
-- psql as the superuser, since triggers and foreign keys are off meanwhile.
-- Beyond a million only jobs, their attempts, evaluations and feedback are as
-- many: of all tables ten million rows are 120 GB.
-- Nine rows of ten are in workspace ..b1, the rest in ..b2; ids are
-- growth.id(TABLE, NUMBER).  One job of twenty is a judge's; about 240 are
-- open, however many there are, since quotas and slots bound them.
-- Tags, names, references and requests are of all sorts: that half of the
-- rows have, that a thousandth has, and that three have (gold).

select greatest(:rows / 120 / 20, 1) * 20 as open_every,
       least(:rows, 1000000) as others \gset
create schema growth;
create function growth.id(kind text, n bigint) returns uuid
language sql immutable as $$
    select (substr(md5(kind), 1, 8) || '-0000-7000-8000-'
            || lpad(to_hex(n), 12, '0'))::uuid
$$;
create function growth.place(n bigint) returns uuid
language sql immutable as $$
    select growth.id('workspace', case when n % 10 = 9 then 2 else 1 end)
$$;
create function growth.judge(n bigint) returns uuid
language sql immutable as $$
    select growth.id('judge', n / 10 % 20 + case when n % 10 = 9
                                            then 1001 else 1 end)
$$;
create function growth.at(n bigint) returns timestamptz
language sql immutable as $$
    select timestamptz '2025-01-01 00:00:00+00' + n * interval '1 second'
$$;

-- A dozen partitions of each, with the same number of rows.
select format('create table trainyard.%I partition of trainyard.%I'
           ' (primary key (workspace_id, job_id, seq))'
           ' for values from (%L) to (%L)', t || '_g' || i, t,
           growth.at(:others / 12 * i),
           growth.at(:others / 12 * (i + 1) + i / 11 * 13))
  from unnest(array['job_event', 'job_log']) t
 cross join generate_series(0, 11) i
\gexec

set session_replication_role = replica;
set synchronous_commit = off;
set maintenance_work_mem = '256MB';
set gin_pending_list_limit = '1GB';

insert into trainyard.organization (id, key, name, webhook_secret)
values (growth.id('organization', 1), 'grown', 'Grown', 'whsec_grown');
insert into trainyard.account (id, email, username)
select growth.id('account', i), 'u' || i || '@grown.example', 'u' || i
  from generate_series(1, 100) i;
insert into trainyard.member (organization_id, account_id)
select growth.id('organization', 1), growth.id('account', i)
  from generate_series(1, 100) i;
insert into trainyard.workspace (id, organization_id, key, name, is_default)
select growth.id('workspace', i), growth.id('organization', 1), 'w' || i,
       'W' || i, i = 1
  from generate_series(1, 2) i;
insert into trainyard.project (workspace_id, id, key, name, is_default)
select growth.id('workspace', 1), growth.id('project', i), 'p' || i,
       'P' || i, i = 1
  from generate_series(1, 20) i;
insert into trainyard.token (id, sha256, hint, name, account_id, scopes)
select growth.id('token', i), sha256(i::text::bytea), 'h', 't' || i,
       growth.id('account', i % 100 + 1), '{}'
  from generate_series(1, 1000) i;

insert into trainyard.job (workspace_id, id, organization_id, face, kind,
    status, priority, queue_seq, timeout_seconds, created_at, created_by,
    queued_at, started_at, completed_at, updated_at, error, error_type,
    config, name, model, project_key, tags, capability_id, capability_name,
    capability_version, judge_id, training_type, options, base_version,
    progress, retraining_run_id, run_trigger, refs, execution_id)
select growth.place(i), growth.id('job', i), growth.id('organization', 1),
       case when j then 'judge' else 'hosted' end,
       case when j then 'judge'
            else (array['tinker_sft', 'tinker_rl', 'ray_grpo'])[i % 3 + 1]
            end,
       s.status, i % 3 - 1, i, 3600, growth.at(i),
       growth.id('account', i % 100 + 1), growth.at(i), growth.at(i + 10),
       case when s.status in ('completed', 'failed', 'cancelled')
            then growth.at(i + 600) end,
       growth.at(i + 600),
       case s.status when 'failed' then 'it broke' end,
       case s.status when 'failed' then 'runner_error' end,
       case when j then '{"max_epochs": 5}' else '{"steps": 10}' end::json,
       case when j then null when i % (:rows / 3) = 3 then 'golden ' || i
            else 'run ' || md5(i::text) end,
       case when j then null else 'm' || i % 50 end,
       case when j then null else 'p' || i % 20 + 1 end,
       case when j then '{}'::text[]
            when i % (:rows / 3) = 3 then array['gold']
            when i % 2 = 0 then array['nightly', 'exp-' || i % 1000]
            else array['exp-' || i % 1000] end,
       case when not j then growth.id('artifact', i) end,
       'cap', '1',
       case when j then growth.judge(i) end,
       case when j then (array['incremental', 'full_retrain', 'fine_tune',
                               'validation'])[i / 20 % 4 + 1] end,
       case when j then '{}'::json end,
       case when j then 1 end,
       case s.status when 'completed' then 100 else 0 end,
       case when j and i % 40 = 0 then growth.id('run', i) end,
       case when j and i % 40 = 0 then 'manual' end,
       '[]',
       case when j then growth.id('execution', i) end
  from generate_series(1::bigint, :rows) i
 cross join lateral (select i % 20 in (0, 9) and (i / 20) % 2 = 0
                         or i % 40 = 20) q (j)
 cross join lateral (
       select case when i % :open_every = 1 then 'queued'
                   when i % :open_every = 3 then 'running'
                   when case when j then i / 20 else i end % 10 = 7
                   then 'failed'
                   when i % 10 = 8 then 'cancelled'
                   else 'completed' end) s (status);
select setval('trainyard.queue_seq', :rows + 1);

insert into trainyard.attempt (workspace_id, job_id, number, status, engine,
    worker, lease_until, queued_at, claimed_at, completed_at, execution_id,
    checkpoint, token_sha256, error)
select j.workspace_id, j.id, 1,
       j.status,
       'local', 'w' || j.queue_seq % 10,
       case j.status when 'running' then now() + interval '1 hour'
            else j.updated_at end, j.created_at, j.created_at,
       case when j.status <> 'running' then j.updated_at end,
       j.execution_id, 'c', sha256(j.queue_seq::text::bytea), j.error
  from trainyard.job j where j.status <> 'queued';
insert into trainyard.feedback_summary (workspace_id, job_id, first_number,
    high_water_mark, corrections, ratings, approved, rejected, comments)
select j.workspace_id, j.id, 1, 10, 10, 0, 0, 0, 0
  from trainyard.job j where j.face = 'judge';
insert into trainyard.execution (workspace_id, id, job_id, executed_by)
select j.workspace_id, j.execution_id, j.id, 'u'
  from trainyard.job j where j.face = 'judge';
insert into trainyard.job_report (workspace_id, job_id, json_sha256,
    html_sha256)
select growth.place(i), growth.id('job', i), sha256(i::text::bytea),
       sha256(('h' || i)::bytea)
  from generate_series(1::bigint, :others) i where i % 60 <> 0;

insert into trainyard.job_event (workspace_id, job_id, attempt, event,
    to_status, at)
select growth.place(i), growth.id('job', i), 1, 'training.job.queued',
       'queued', growth.at(i)
  from generate_series(1::bigint, :others) i;
insert into trainyard.job_log (workspace_id, job_id, attempt, level, message,
    at)
select growth.place(i), growth.id('job', i), 1, 1, 'line', growth.at(i)
  from generate_series(1::bigint, :others) i;
insert into trainyard.job_metric (workspace_id, job_id, attempt, event_type,
    step, metrics, at)
select growth.place(i), growth.id('job', i), 1, 'progress', 1,
       '{"loss": 1}', growth.at(i)
  from generate_series(1::bigint, :others) i;
insert into trainyard.job_series (workspace_id, job_id, attempt, key, points)
select growth.place(i), growth.id('job', i), 1, 'loss', '[[1, 1]]'
  from generate_series(1::bigint, :others) i;

insert into trainyard.artifact (workspace_id, id, kind, name, version,
    media_type, size, sha256, created_at, created_by)
select growth.place(i), growth.id('artifact', i),
       case when i % 2 = 0 then 'dataset'
            else (array['capability', 'model', 'checkpoint'])[i % 3 + 1] end,
       case when i % (:others / 3) = 3 then 'qx-golden' || i
            else translate(md5((i / 4)::text), 'x', 'a') end,
       'v' || i % 1000 || '.' || i, 'text/plain', 1,
       sha256(i::text::bytea), growth.at(i),
       growth.id('account', i % 100 + 1)
  from generate_series(1::bigint, :others) i;
insert into trainyard.artifact_usage (workspace_id, bytes)
select growth.id('workspace', i), 1 from generate_series(1, 2) i;

insert into trainyard.judge (workspace_id, id, key, content_type, created_at,
    created_by, mark, mark_job_id, last_version)
select growth.id('workspace', 1 + i / 1000), growth.id('judge', i),
       'jdg_' || i, 'text', growth.at(i), growth.id('account', 1), 5,
       growth.id('job', 20), 100
  from generate_series(1, 20) x (n)
 cross join lateral (values (x.n), (x.n + 1000)) y (i);
insert into trainyard.judge_version (workspace_id, judge_id, number, id,
    status, name, description, changes_summary, created_by, model_sha256)
select j.workspace_id, j.id, v,
       growth.id('version', row_number() over ()),
       case v when 1 then 'active' else 'draft' end, 'Judge ' || j.key,
       'd', 's', j.created_by, sha256((j.key || v)::bytea)
  from trainyard.judge j cross join generate_series(1, 100) v;
insert into trainyard.judge_version_use (workspace_id, judge_id, version)
select v.workspace_id, v.judge_id, v.number from trainyard.judge_version v;
insert into trainyard.criterion (workspace_id, judge_id, version, position,
    id, name)
select v.workspace_id, v.judge_id, v.number, p, 'crit_' || p, 'C' || p
  from trainyard.judge_version v cross join generate_series(1, 3) p;
insert into trainyard.deployment (workspace_id, judge_id, version, at, kind)
select v.workspace_id, v.judge_id, v.number, growth.at(v.number), 'deploy'
  from trainyard.judge_version v;
insert into trainyard.judge_mark (workspace_id, judge_id, mark, job_id)
select j.workspace_id, j.id, 5, growth.id('job', 20) from trainyard.judge j;
insert into trainyard.retraining_policy (workspace_id, judge_id, enabled,
    min_new_feedback, min_interval_hours, auto_deploy, updated_by, due_at)
select j.workspace_id, j.id, true, 10, 1, false, j.created_by, now()
  from trainyard.judge j;
insert into trainyard.evaluation_batch (workspace_id, id, judge_id, version,
    total, stored, created_by)
select growth.place(i * 100), growth.id('batch', i), growth.judge(i * 100), 1,
       100, 100, growth.id('account', 1)
  from generate_series(0::bigint, :rows / 100) i;
insert into trainyard.evaluation (workspace_id, id, judge_id, version,
    batch_id, content, content_ref, external_id, raw, scores, raw_overall,
    overall, group_key, group_u, evaluated_at, created_by)
select growth.place(i), growth.id('evaluation', i), growth.judge(i), 1,
       growth.id('batch', i / 100), 'text', 'ref:' || i / 5,
       'ext-' || i / 5, '{"crit_1": 1}', '{"crit_1": 1}', 1, 1,
       'g' || i / 2, 0.5, growth.at(i), growth.id('account', 1)
  from generate_series(1::bigint, :rows) i;

insert into trainyard.feedback (workspace_id, judge_id, number, id,
    evaluation_id, judge_version, batch_id, type, corrected_scores, rating,
    approved, comment, target_criteria, submitted_by, submitted_at, touch_set,
    corrections, ratings, approvals, rejections, comments, set_corrections,
    set_ratings, set_approvals, set_rejections, set_comments)
select growth.place(i), growth.judge(i),
       row_number() over (partition by growth.judge(i) order by i),
       growth.id('feedback', i), growth.id('evaluation', i), 1,
       growth.id('batch', i / 100),
       (array['correction', 'rating', 'comment', 'approval'])[i % 4 + 1],
       '{}', 3, true, 'c', array['crit_' || i % 3 + 1], 'u' || i % 100,
       growth.at(i), i % 3 + 1,
       row_number() over (partition by growth.judge(i) order by i),
       0, 0, 0, 0, 0, 0, 0, 0, 0
  from generate_series(1::bigint, :rows) i;
insert into trainyard.feedback_tally (workspace_id, judge_id, last_number,
    corrections, latest)
select f.workspace_id, f.judge_id, max(f.number), max(f.number),
       max(f.submitted_at)
  from trainyard.feedback f group by 1, 2;
insert into trainyard.touch_set (workspace_id, judge_id, id, criteria, digest)
select j.workspace_id, j.id, s, array['crit_' || s], sha256(s::text::bytea)
  from trainyard.judge j cross join generate_series(1, 3) s;

insert into trainyard.outbox (workspace_id, id, organization_id, channel,
    event, job_id, run_id, judge_id, target, snapshot, status,
    next_attempt_at, created_at)
select growth.place(i), growth.id('outbox', i), growth.id('organization', 1),
       'webhook', 'training.job.completed', growth.id('job', i),
       growth.id('run', i), growth.judge(i),
       'https://h' || i % 50 || '.example/', '{"number": 1}',
       case when i % 1000 = 0 then 'pending' else 'delivered' end,
       case when i % 1000 = 0 then now() end, growth.at(i)
  from generate_series(1::bigint, :others) i;
insert into trainyard.outbox_attempt (workspace_id, outbox_id, number,
    attempted_at, duration_ms)
select growth.place(i), growth.id('outbox', i), 1, growth.at(i), 1
  from generate_series(1::bigint, :others) i;
insert into trainyard.idempotency_key (account_id, method, path, key,
    request_hash, status, body, created_at)
select growth.id('account', i % 100 + 1), 'POST', '/p', 'k' || i,
       sha256(''), 201, '{}',
       now() - interval '20 hours' + i * (interval '19 hours' / :others)
  from generate_series(1::bigint, :others) i;
insert into trainyard.audit (workspace_id, organization_id, at, actor,
    action, target, request_id)
select case when i % 50 <> 3 then growth.place(i) end,
       growth.id('organization', 1), growth.at(i), 'u' || i % 100,
       'job.a' || i % 50, 't' || i / 2, 'req_' || i
  from generate_series(1::bigint, :others) i;

-- Many that nobody uses, one of 1000 archived, one of 500 trained.
insert into trainyard.judge (workspace_id, id, key, content_type, created_at,
    created_by, is_trained, archived_at)
select growth.place(i), growth.id('judge', 10000 + i), 'jdg_idle_' || i,
       'text', growth.at(10000 + i), growth.id('account', 1), i % 500 = 2,
       case when i % 1000 = 1 then growth.at(20000 + i) end
  from generate_series(1::bigint, :others) i;
insert into trainyard.judge_version (workspace_id, judge_id, number, id,
    status, name, description, changes_summary, created_by)
select j.workspace_id, j.id, 1, gen_random_uuid(), 'active',
       'Idle ' || md5(j.key), 'd', 's', j.created_by
  from trainyard.judge j where j.key like 'jdg\_idle\_%';

reset session_replication_role;
vacuum (analyze);
