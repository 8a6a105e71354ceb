-- SPDX-License-Identifier: BSD-2-Clause
-- The schema that sql/migrations make, for reading and for comparison.  Made
-- by tools/dump-schema with PostgreSQL 15.
--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: trainyard; Type: SCHEMA; Schema: -; Owner: trainyard_owner
--

CREATE SCHEMA trainyard;

ALTER SCHEMA trainyard OWNER TO trainyard_owner;

--
-- Name: artifact_added(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.artifact_added() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
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

ALTER FUNCTION trainyard.artifact_added() OWNER TO trainyard_owner;

--
-- Name: artifact_kept(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.artifact_kept() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
begin
    raise exception 'an artifact is never deleted, jobs may name it'
        using errcode = 'foreign_key_violation', constraint = 'artifact_kept';
end
$$;

ALTER FUNCTION trainyard.artifact_kept() OWNER TO trainyard_owner;

--
-- Name: artifact_removed(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.artifact_removed() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
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

ALTER FUNCTION trainyard.artifact_removed() OWNER TO trainyard_owner;

--
-- Name: deployment_inserted(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.deployment_inserted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
begin
    insert into trainyard.outbox (workspace_id, id, organization_id, channel,
        event, job_id, judge_id, target, snapshot)
    select n.workspace_id, gen_random_uuid(), o.id, 'webhook',
           'judge.version.deployed', n.job_id, n.judge_id, o.webhook_url,
           to_jsonb(v)
      from added n
      join trainyard.judge_version v on v.workspace_id = n.workspace_id
       and v.judge_id = n.judge_id and v.number = n.version
      join trainyard.workspace w on w.id = n.workspace_id
      join trainyard.organization o on o.id = w.organization_id
     where n.kind in ('deploy', 'rollback', 'job')
       and o.webhook_url is not null;
    return null;
end
$$;

ALTER FUNCTION trainyard.deployment_inserted() OWNER TO trainyard_owner;

--
-- Name: hosted_done(uuid, text, text, text, text[], text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.hosted_done(place uuid, wanted text, sort text, project text, marks text[], part text, base text, since timestamp with time zone, til timestamp with time zone) RETURNS TABLE(id uuid, created_at timestamp with time zone, changed_at timestamp with time zone)
    LANGUAGE sql STABLE
    AS $$
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

ALTER FUNCTION trainyard.hosted_done(place uuid, wanted text, sort text, project text, marks text[], part text, base text, since timestamp with time zone, til timestamp with time zone) OWNER TO trainyard_owner;

--
-- Name: hosted_open(uuid, text[], text[], text, text[], text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.hosted_open(place uuid, wanted text[], kinds text[], project text, marks text[], part text, base text, since timestamp with time zone, til timestamp with time zone) RETURNS TABLE(id uuid, created_at timestamp with time zone, changed_at timestamp with time zone)
    LANGUAGE sql STABLE
    AS $$
    select j.id, j.created_at, j.updated_at
      from trainyard.job j
     where j.workspace_id = place
       and j.face = 'hosted'
       and j.status in ('queued', 'claimed', 'running')
       and (wanted is null or j.status = any (wanted))
       and (kinds is null or j.kind = any (kinds))
       and (project is null or j.project_key = project)
       and (marks is null or j.tags @> marks)
       and (part is null or strpos(lower(j.name collate "und-x-icu"),
                                   lower(part collate "und-x-icu")) > 0)
       and (base is null or j.model = base)
       and (since is null or j.created_at >= since)
       and (til is null or j.created_at < til)
$$;

ALTER FUNCTION trainyard.hosted_open(place uuid, wanted text[], kinds text[], project text, marks text[], part text, base text, since timestamp with time zone, til timestamp with time zone) OWNER TO trainyard_owner;

--
-- Name: job_inserted(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.job_inserted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
begin
    if exists (select 1 from added n where n.status not in
               ('created', 'queued')
               or (n.status = 'created' and n.face <> 'judge')) then
        raise exception 'a job begins as created or queued'
            using errcode = 'check_violation', constraint = 'job_edge';
    end if;
    insert into trainyard.job_event
        (workspace_id, job_id, attempt, event, to_status)
    select n.workspace_id, n.id, n.attempt, 'training.job.' || n.status,
           n.status
      from added n;
    if exists (select 1 from added n where n.face = 'judge') then
        perform trainyard.job_outbox(array_agg(row(n.*)::trainyard.job))
           from added n
          where n.face = 'judge' and n.status <> 'created';
    end if;
    return null;
end
$$;

ALTER FUNCTION trainyard.job_inserted() OWNER TO trainyard_owner;

--
-- Name: queue_seq; Type: SEQUENCE; Schema: trainyard; Owner: trainyard_owner
--

CREATE SEQUENCE trainyard.queue_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE trainyard.queue_seq OWNER TO trainyard_owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: job; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.job (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    face text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    priority smallint DEFAULT 0 NOT NULL,
    queue_seq bigint DEFAULT nextval('trainyard.queue_seq'::regclass) NOT NULL,
    attempt integer DEFAULT 1 NOT NULL,
    lost_leases smallint DEFAULT 0 NOT NULL,
    timeout_seconds integer NOT NULL,
    revision bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid NOT NULL,
    queued_at timestamp with time zone,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    cancel_requested_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    error text,
    error_type text,
    config json NOT NULL,
    metrics jsonb DEFAULT '{}'::jsonb NOT NULL,
    artifacts jsonb DEFAULT '{}'::jsonb NOT NULL,
    name text,
    model text,
    algorithm text,
    project_key text,
    run_ref text,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    capability_id uuid,
    capability_name text,
    capability_version text,
    capability_sha256 bytea,
    judge_id uuid,
    training_type text,
    options json,
    webhook_url text,
    webhook_secret text,
    execution_id uuid,
    base_version integer,
    progress smallint DEFAULT 0 NOT NULL,
    version_number integer,
    version_id uuid,
    deployment json,
    validation jsonb,
    estimated_minutes integer,
    retraining_run_id uuid,
    refs json DEFAULT '[]'::json NOT NULL,
    run_trigger text,
    by_policy boolean DEFAULT false NOT NULL,
    settled_progress smallint GENERATED ALWAYS AS (
CASE
    WHEN (status <> ALL (ARRAY['preparing'::text, 'training'::text, 'validating'::text])) THEN progress
    ELSE NULL::smallint
END) STORED,
    CONSTRAINT job_algorithm_check CHECK ((algorithm = ANY (ARRAY['grpo'::text, 'importance_sampling'::text, 'ppo'::text]))),
    CONSTRAINT job_attempt_check CHECK ((attempt >= 1)),
    CONSTRAINT job_check CHECK (((face = 'judge'::text) = (kind = 'judge'::text))),
    CONSTRAINT job_check1 CHECK (((face = 'judge'::text) OR ((model IS NOT NULL) AND (capability_id IS NOT NULL)))),
    CONSTRAINT job_check2 CHECK (((face = 'hosted'::text) OR ((judge_id IS NOT NULL) AND (training_type IS NOT NULL) AND (options IS NOT NULL) AND (base_version IS NOT NULL)))),
    CONSTRAINT job_check3 CHECK (((status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])) = (completed_at IS NOT NULL))),
    CONSTRAINT job_check4 CHECK (((status = 'failed'::text) = (error IS NOT NULL))),
    CONSTRAINT job_check5 CHECK (((status <> ALL (ARRAY['claimed'::text, 'running'::text])) OR (face = 'hosted'::text))),
    CONSTRAINT job_check6 CHECK (((status <> ALL (ARRAY['created'::text, 'preparing'::text, 'training'::text, 'validating'::text])) OR (face = 'judge'::text))),
    CONSTRAINT job_check7 CHECK (((run_trigger IS NULL) = (retraining_run_id IS NULL))),
    CONSTRAINT job_check8 CHECK (((NOT by_policy) OR (run_trigger = 'feedback_threshold'::text))),
    CONSTRAINT job_face_check CHECK ((face = ANY (ARRAY['hosted'::text, 'judge'::text]))),
    CONSTRAINT job_kind_check CHECK ((kind = ANY (ARRAY['tinker_sft'::text, 'tinker_rl'::text, 'ray_grpo'::text, 'judge'::text]))),
    CONSTRAINT job_priority_check CHECK (((priority >= '-1'::integer) AND (priority <= 1))),
    CONSTRAINT job_progress_check CHECK (((progress >= 0) AND (progress <= 100))),
    CONSTRAINT job_run_trigger_check CHECK ((run_trigger = ANY (ARRAY['manual'::text, 'scheduled'::text, 'feedback_threshold'::text, 'performance_degradation'::text]))),
    CONSTRAINT job_status_check CHECK ((status = ANY (ARRAY['created'::text, 'queued'::text, 'claimed'::text, 'running'::text, 'preparing'::text, 'training'::text, 'validating'::text, 'completed'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT job_timeout_seconds_check CHECK ((timeout_seconds > 0)),
    CONSTRAINT job_training_type_check CHECK ((training_type = ANY (ARRAY['incremental'::text, 'full_retrain'::text, 'fine_tune'::text, 'validation'::text])))
)
WITH (fillfactor='85', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='5000', autovacuum_analyze_scale_factor='0.02');

ALTER TABLE trainyard.job OWNER TO trainyard_owner;

--
-- Name: job_outbox(trainyard.job[]); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.job_outbox(changed trainyard.job[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    insert into trainyard.outbox (workspace_id, id, organization_id, channel,
        event, job_id, run_id, judge_id, target, snapshot)
    select n.workspace_id, gen_random_uuid(), n.organization_id, c.channel,
           c.event || n.status, n.id, n.retraining_run_id, n.judge_id,
           c.target, to_jsonb(n) - 'webhook_secret'
      from unnest(changed) n
      join trainyard.organization o on o.id = n.organization_id
     cross join lateral (
           select coalesce(n.webhook_url, o.webhook_url),
                  n.status in ('completed', 'failed', 'cancelled'))
           as t (url, over)
     cross join lateral (values
               (1, 'webhook', 'training.job.', t.url),
               (2, 'webhook', 'retraining.run.', case when t.over
                   and n.retraining_run_id is not null then t.url end),
               (3, 'mail', 'training.job.', case when t.over
                   then n.options ->> 'notification_email' end))
           as c (place, channel, event, target)
     where c.target is not null
     order by n.id, c.place
$$;

ALTER FUNCTION trainyard.job_outbox(changed trainyard.job[]) OWNER TO trainyard_owner;

--
-- Name: job_updated(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.job_updated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    SET enable_nestloop TO 'off'
    SET enable_hashjoin TO 'on'
    AS $$
declare
    bad text;
begin
    select m.face || ' job: ' || m.was || ' to ' || m.status into bad
      from (select distinct o.face, o.status as was, n.status
              from before o
              join after n on n.workspace_id = o.workspace_id and n.id = o.id
             where o.status <> n.status) m
     where not exists (select 1 from trainyard.job_edge e
            where e.face = m.face and e.from_status = m.was
              and e.to_status = m.status)
     limit 1;
    if bad is not null then
        raise exception 'no such transition: %', bad
            using errcode = 'check_violation', constraint = 'job_edge';
    end if;
    -- What callers ask for is rare, and comes before what it does.
    if exists (select 1 from after n where n.cancel_requested_at is not null
                                        or n.status = 'queued') then
        insert into trainyard.job_event
            (workspace_id, job_id, attempt, event)
        select n.workspace_id, n.id, n.attempt, 'training.job.' || e.event
          from before o
          join after n on n.workspace_id = o.workspace_id and n.id = o.id
         cross join lateral (values
               ('cancel_requested', o.cancel_requested_at is null
                and n.cancel_requested_at is not null
                and n.completed_at is null),
               ('retried', o.status in ('failed', 'cancelled')
                and n.status = 'queued'))
               as e (event, happened)
         where e.happened;
    end if;
    insert into trainyard.job_event
        (workspace_id, job_id, attempt, event, from_status, to_status)
    select n.workspace_id, n.id, n.attempt, 'training.job.' || n.status,
           o.status, n.status
      from before o
      join after n on n.workspace_id = o.workspace_id and n.id = o.id
     where o.status <> n.status;
    if exists (select 1 from after n where n.face = 'judge') then
        perform trainyard.job_outbox(array_agg(row(n.*)::trainyard.job))
           from before o
           join after n on n.workspace_id = o.workspace_id and n.id = o.id
          where o.status <> n.status and n.face = 'judge';
    end if;
    return null;
end
$$;

ALTER FUNCTION trainyard.job_updated() OWNER TO trainyard_owner;

--
-- Name: judge_jobs(uuid, text, text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.judge_jobs(place uuid, judge text, wanted text, type text, since timestamp with time zone, til timestamp with time zone) RETURNS TABLE(id uuid, created_at timestamp with time zone, completed_at timestamp with time zone, progress smallint, settled_progress smallint)
    LANGUAGE sql STABLE
    AS $$
    select j.id, j.created_at, j.completed_at, j.progress, j.settled_progress
      from trainyard.job j
     where j.workspace_id = place
       and j.face = 'judge'
       and (judge is null
            or j.judge_id = (select g.id
                               from trainyard.judge g
                              where g.workspace_id = place
                                and g.key = judge))
       and (wanted is null or j.status = wanted)
       and (type is null or j.training_type = type)
       and (since is null or j.created_at >= since)
       and (til is null or j.created_at < til)
$$;

ALTER FUNCTION trainyard.judge_jobs(place uuid, judge text, wanted text, type text, since timestamp with time zone, til timestamp with time zone) OWNER TO trainyard_owner;

--
-- Name: judge_marked(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.judge_marked() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
begin
    insert into trainyard.judge_mark (workspace_id, judge_id, mark, job_id)
    values (new.workspace_id, new.id, new.mark, new.mark_job_id);
    return null;
end
$$;

ALTER FUNCTION trainyard.judge_marked() OWNER TO trainyard_owner;

--
-- Name: judge; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.judge (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    content_type text NOT NULL,
    active_version integer DEFAULT 1 NOT NULL,
    last_version integer DEFAULT 1 NOT NULL,
    is_trained boolean DEFAULT false NOT NULL,
    mark bigint DEFAULT 0 NOT NULL,
    mark_job_id uuid,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by uuid NOT NULL,
    archived_at timestamp with time zone,
    CONSTRAINT judge_check CHECK (((active_version >= 1) AND (active_version <= last_version))),
    CONSTRAINT judge_content_type_check CHECK ((content_type = ANY (ARRAY['text'::text, 'video'::text, 'audio'::text, 'image'::text])))
);

ALTER TABLE trainyard.judge OWNER TO trainyard_owner;

--
-- Name: judge_status(trainyard.judge); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.judge_status(j trainyard.judge) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    select case
           when exists (
               select 1
                 from trainyard.job s
                where s.workspace_id = j.workspace_id
                  and s.judge_id = j.id
                  and s.face = 'judge'
                  and s.training_type <> 'validation'
                  and s.status in ('preparing', 'training', 'validating'))
           then 'training'
           when j.is_trained then 'ready'
           else 'learning'
           end
$$;

ALTER FUNCTION trainyard.judge_status(j trainyard.judge) OWNER TO trainyard_owner;

--
-- Name: judges_training(uuid); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.judges_training(place uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE
    AS $$
    select s.judge_id
      from trainyard.job s
     where s.workspace_id = place
       and s.face = 'judge'
       and s.training_type <> 'validation'
       and s.status in ('preparing', 'training', 'validating')
$$;

ALTER FUNCTION trainyard.judges_training(place uuid) OWNER TO trainyard_owner;

--
-- Name: notify_access(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.notify_access() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
begin
    perform pg_notify('trainyard_access', tg_table_name);
    return null;
end
$$;

ALTER FUNCTION trainyard.notify_access() OWNER TO trainyard_owner;

--
-- Name: outbox_inserted(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.outbox_inserted() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
begin
    if exists (select 1 from added) then
        perform pg_notify('trainyard_outbox', '');
    end if;
    return null;
end
$$;

ALTER FUNCTION trainyard.outbox_inserted() OWNER TO trainyard_owner;

--
-- Name: outbox_inserting(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.outbox_inserting() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
begin
    new.id := trainyard.uuid_v7();
    if new.event like 'training.job.%' and new.run_id is null then
        new.run_id := (new.snapshot ->> 'retraining_run_id')::uuid;
    elsif new.event = 'judge.version.deployed' then
        new.snapshot := new.snapshot || (
            select jsonb_build_object(
                'use_evaluations', coalesce(max(u.evaluations), 0),
                'use_seconds', coalesce(max(u.seconds), 0),
                'use_until', clock_timestamp())
              from trainyard.judge_version_use u
             where u.workspace_id = new.workspace_id
               and u.judge_id = new.judge_id
               and u.version = (new.snapshot ->> 'number')::integer);
    end if;
    return new;
end
$$;

ALTER FUNCTION trainyard.outbox_inserting() OWNER TO trainyard_owner;

--
-- Name: partition_add(text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.partition_add(parent text, since timestamp with time zone, til timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    SET "TimeZone" TO 'UTC'
    AS $$
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

ALTER FUNCTION trainyard.partition_add(parent text, since timestamp with time zone, til timestamp with time zone) OWNER TO trainyard_owner;

--
-- Name: partition_keep(text, integer, integer); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.partition_keep(parent text, days integer, most integer, OUT made integer, OUT dropped integer, OUT removed bigint, OUT busy boolean) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    SET "TimeZone" TO 'UTC'
    SET lock_timeout TO '200ms'
    SET enable_seqscan TO 'off'
    AS $_$
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
$_$;

ALTER FUNCTION trainyard.partition_keep(parent text, days integer, most integer, OUT made integer, OUT dropped integer, OUT removed bigint, OUT busy boolean) OWNER TO trainyard_owner;

--
-- Name: partitions(text); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.partitions(parent text) RETURNS TABLE(name text, since timestamp with time zone, til timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog'
    SET "TimeZone" TO 'UTC'
    AS $$
    select c.relname::text,
           substring(b.bound from 'FROM \(''([^'']+)''')::timestamptz,
           substring(b.bound from 'TO \(''([^'']+)''')::timestamptz
      from pg_inherits i
      join pg_class c on c.oid = i.inhrelid
     cross join lateral pg_get_expr(c.relpartbound, c.oid) as b (bound)
     where i.inhparent = format('trainyard.%I', parent)::regclass
$$;

ALTER FUNCTION trainyard.partitions(parent text) OWNER TO trainyard_owner;

--
-- Name: policy_switched(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.policy_switched() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
begin
    if not new.enabled then
        new.due_at := null;
    elsif new.due_at is null then
        new.due_at := clock_timestamp();
    end if;
    return new;
end
$$;

ALTER FUNCTION trainyard.policy_switched() OWNER TO trainyard_owner;

--
-- Name: price_ok(jsonb); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.price_ok(price jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog'
    AS $$
    select case jsonb_typeof(price) when 'number' then price >= '0'
           else price is null end
$$;

ALTER FUNCTION trainyard.price_ok(price jsonb) OWNER TO trainyard_owner;

--
-- Name: refuse_change(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
begin
    raise exception '% is append-only', tg_table_name
        using errcode = 'object_not_in_prerequisite_state';
end
$$;

ALTER FUNCTION trainyard.refuse_change() OWNER TO trainyard_owner;

--
-- Name: short_parts(text); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.short_parts(name text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
    select array_agg(distinct substr(name, i, n))
      from generate_series(1, length(name)) i
     cross join generate_series(1, 2) n
     where i + n - 1 <= length(name)
$$;

ALTER FUNCTION trainyard.short_parts(name text) OWNER TO trainyard_owner;

--
-- Name: statistics_keep(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.statistics_keep() RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
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

ALTER FUNCTION trainyard.statistics_keep() OWNER TO trainyard_owner;

--
-- Name: uuid_v7(); Type: FUNCTION; Schema: trainyard; Owner: trainyard_owner
--

CREATE FUNCTION trainyard.uuid_v7() RETURNS uuid
    LANGUAGE sql
    SET search_path TO 'pg_catalog'
    AS $$
    select encode(set_bit(set_bit(overlay(
               uuid_send(gen_random_uuid())
               placing substring(int8send((extract(epoch from
                   clock_timestamp()) * 1000)::bigint) from 3)
               from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
$$;

ALTER FUNCTION trainyard.uuid_v7() OWNER TO trainyard_owner;

--
-- Name: account; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.account (
    id uuid NOT NULL,
    email text NOT NULL,
    username text NOT NULL,
    full_name text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT account_email_check CHECK ((email ~~ '%_@_%'::text)),
    CONSTRAINT account_username_check CHECK (((length(username) >= 1) AND (length(username) <= 200)))
);

ALTER TABLE trainyard.account OWNER TO trainyard_owner;

--
-- Name: artifact; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.artifact (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    media_type text NOT NULL,
    size bigint,
    sha256 bytea,
    uri text,
    document jsonb,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by uuid NOT NULL,
    dataset json,
    CONSTRAINT artifact_check CHECK (((uri IS NOT NULL) OR ((size IS NOT NULL) AND (sha256 IS NOT NULL)))),
    CONSTRAINT artifact_kind_check CHECK ((kind = ANY (ARRAY['capability'::text, 'dataset'::text, 'trajectory_dataset'::text, 'task'::text, 'model'::text, 'checkpoint'::text, 'other'::text]))),
    CONSTRAINT artifact_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9._-]{0,127}$'::text)),
    CONSTRAINT artifact_sha256_check CHECK ((length(sha256) = 32)),
    CONSTRAINT artifact_size_check CHECK ((size >= 0)),
    CONSTRAINT artifact_version_check CHECK (((version <> 'latest'::text) AND (version ~ '^[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}$'::text)))
);

ALTER TABLE trainyard.artifact OWNER TO trainyard_owner;

--
-- Name: artifact_usage; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.artifact_usage (
    workspace_id uuid NOT NULL,
    bytes bigint NOT NULL,
    CONSTRAINT artifact_usage_bytes_check CHECK ((bytes >= 0))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

ALTER TABLE trainyard.artifact_usage OWNER TO trainyard_owner;

--
-- Name: attempt; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.attempt (
    workspace_id uuid NOT NULL,
    job_id uuid NOT NULL,
    number integer NOT NULL,
    status text NOT NULL,
    execution_id uuid,
    engine text NOT NULL,
    worker text NOT NULL,
    handle text,
    lease_until timestamp with time zone NOT NULL,
    queued_at timestamp with time zone NOT NULL,
    claimed_at timestamp with time zone DEFAULT now() NOT NULL,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    final_event text,
    checkpoint text,
    events_offset bigint DEFAULT 0 NOT NULL,
    stderr_offset bigint DEFAULT 0 NOT NULL,
    error text,
    error_type text,
    metrics jsonb DEFAULT '{}'::jsonb NOT NULL,
    artifacts jsonb DEFAULT '{}'::jsonb NOT NULL,
    token_sha256 bytea,
    CONSTRAINT attempt_check CHECK (((status = ANY (ARRAY['claimed'::text, 'running'::text])) = (completed_at IS NULL))),
    CONSTRAINT attempt_number_check CHECK ((number >= 1)),
    CONSTRAINT attempt_status_check CHECK ((status = ANY (ARRAY['claimed'::text, 'running'::text, 'completed'::text, 'failed'::text, 'cancelled'::text, 'lost'::text]))),
    CONSTRAINT attempt_token_sha256_check CHECK ((length(token_sha256) = 32))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='5000');

ALTER TABLE trainyard.attempt OWNER TO trainyard_owner;

--
-- Name: audit; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.audit (
    workspace_id uuid,
    organization_id uuid,
    seq bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    request_id text
);

ALTER TABLE trainyard.audit OWNER TO trainyard_owner;

--
-- Name: audit_seq_seq; Type: SEQUENCE; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE trainyard.audit ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME trainyard.audit_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: criterion; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.criterion (
    workspace_id uuid NOT NULL,
    judge_id uuid NOT NULL,
    version integer NOT NULL,
    "position" smallint NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    description text,
    weight double precision DEFAULT 1 NOT NULL,
    fresh boolean DEFAULT false NOT NULL,
    CONSTRAINT criterion_description_check CHECK ((length(description) <= 2000)),
    CONSTRAINT criterion_id_check CHECK ((id ~ '^crit_[a-z0-9_]{1,60}$'::text)),
    CONSTRAINT criterion_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
    CONSTRAINT criterion_position_check CHECK ((("position" >= 1) AND ("position" <= 50))),
    CONSTRAINT criterion_weight_check CHECK (((weight > (0)::double precision) AND (weight <= (1000)::double precision)))
);

ALTER TABLE trainyard.criterion OWNER TO trainyard_owner;

--
-- Name: deployment; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.deployment (
    workspace_id uuid NOT NULL,
    judge_id uuid NOT NULL,
    version integer NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    by uuid,
    reason text,
    job_id uuid,
    kind text DEFAULT 'create'::text NOT NULL,
    CONSTRAINT deployment_kind_check CHECK ((kind = ANY (ARRAY['create'::text, 'change'::text, 'deploy'::text, 'rollback'::text, 'job'::text])))
);

ALTER TABLE trainyard.deployment OWNER TO trainyard_owner;

--
-- Name: dispatcher; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.dispatcher (
    worker text NOT NULL,
    version text NOT NULL,
    kinds text[] NOT NULL,
    engines text[] NOT NULL,
    slots integer NOT NULL,
    runs integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    stopped_at timestamp with time zone,
    CONSTRAINT dispatcher_check CHECK ((cardinality(kinds) = cardinality(engines))),
    CONSTRAINT dispatcher_runs_check CHECK ((runs >= 0)),
    CONSTRAINT dispatcher_slots_check CHECK ((slots >= 0))
)
WITH (fillfactor='50');

ALTER TABLE trainyard.dispatcher OWNER TO trainyard_owner;

--
-- Name: evaluation; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.evaluation (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    judge_id uuid NOT NULL,
    version integer NOT NULL,
    batch_id uuid,
    content text,
    content_ref text,
    external_id text,
    metadata json,
    words json,
    raw jsonb NOT NULL,
    scores jsonb NOT NULL,
    raw_overall double precision NOT NULL,
    overall double precision NOT NULL,
    group_key text NOT NULL,
    group_u double precision NOT NULL,
    evaluated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seconds double precision DEFAULT 0 NOT NULL,
    created_by uuid NOT NULL,
    CONSTRAINT evaluation_check CHECK (((content IS NOT NULL) OR (content_ref IS NOT NULL))),
    CONSTRAINT evaluation_group_u_check CHECK (((group_u >= (0)::double precision) AND (group_u < (1)::double precision)))
);

ALTER TABLE trainyard.evaluation OWNER TO trainyard_owner;

--
-- Name: evaluation_batch; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.evaluation_batch (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    judge_id uuid NOT NULL,
    version integer NOT NULL,
    name text,
    total integer NOT NULL,
    stored integer NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by uuid NOT NULL
);

ALTER TABLE trainyard.evaluation_batch OWNER TO trainyard_owner;

--
-- Name: execution; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.execution (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    job_id uuid NOT NULL,
    executed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    executed_by text NOT NULL,
    override_sha256 bytea,
    config_before json,
    options_before json,
    confirmation json,
    CONSTRAINT execution_override_sha256_check CHECK ((length(override_sha256) = 32))
);

ALTER TABLE trainyard.execution OWNER TO trainyard_owner;

--
-- Name: feedback; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.feedback (
    workspace_id uuid NOT NULL,
    judge_id uuid NOT NULL,
    number bigint NOT NULL,
    id uuid NOT NULL,
    evaluation_id uuid NOT NULL,
    judge_version integer NOT NULL,
    batch_id uuid,
    session_id uuid,
    type text NOT NULL,
    corrected_scores jsonb,
    rating double precision,
    comment text,
    explanation text,
    approved boolean,
    target_criteria text[] NOT NULL,
    submitted_by text NOT NULL,
    submitted_at timestamp with time zone NOT NULL,
    touch_set integer NOT NULL,
    corrections bigint NOT NULL,
    ratings bigint NOT NULL,
    approvals bigint NOT NULL,
    rejections bigint NOT NULL,
    comments bigint NOT NULL,
    set_corrections bigint NOT NULL,
    set_ratings bigint NOT NULL,
    set_approvals bigint NOT NULL,
    set_rejections bigint NOT NULL,
    set_comments bigint NOT NULL,
    CONSTRAINT feedback_check CHECK ((number = ((((corrections + ratings) + approvals) + rejections) + comments))),
    CONSTRAINT feedback_check1 CHECK (((type <> 'correction'::text) OR (corrected_scores IS NOT NULL))),
    CONSTRAINT feedback_check2 CHECK (((type <> 'rating'::text) OR (rating IS NOT NULL))),
    CONSTRAINT feedback_check3 CHECK (((type <> 'comment'::text) OR (comment IS NOT NULL))),
    CONSTRAINT feedback_check4 CHECK (((type <> 'approval'::text) OR (approved IS NOT NULL))),
    CONSTRAINT feedback_number_check CHECK ((number >= 1)),
    CONSTRAINT feedback_rating_check CHECK (((rating >= (1)::double precision) AND (rating <= (5)::double precision))),
    CONSTRAINT feedback_type_check CHECK ((type = ANY (ARRAY['correction'::text, 'rating'::text, 'comment'::text, 'approval'::text])))
);

ALTER TABLE trainyard.feedback OWNER TO trainyard_owner;

--
-- Name: feedback_summary; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.feedback_summary (
    workspace_id uuid NOT NULL,
    job_id uuid NOT NULL,
    first_number bigint NOT NULL,
    high_water_mark bigint NOT NULL,
    touch_sets integer[],
    corrections bigint NOT NULL,
    ratings bigint NOT NULL,
    approved bigint NOT NULL,
    rejected bigint NOT NULL,
    comments bigint NOT NULL,
    earliest timestamp with time zone,
    latest timestamp with time zone
);

ALTER TABLE trainyard.feedback_summary OWNER TO trainyard_owner;

--
-- Name: feedback_tally; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.feedback_tally (
    workspace_id uuid NOT NULL,
    judge_id uuid NOT NULL,
    last_number bigint DEFAULT 0 NOT NULL,
    corrections bigint DEFAULT 0 NOT NULL,
    ratings bigint DEFAULT 0 NOT NULL,
    approved bigint DEFAULT 0 NOT NULL,
    rejected bigint DEFAULT 0 NOT NULL,
    comments bigint DEFAULT 0 NOT NULL,
    earliest timestamp with time zone,
    latest timestamp with time zone,
    CONSTRAINT feedback_tally_check CHECK ((last_number = ((((corrections + ratings) + approved) + rejected) + comments)))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

ALTER TABLE trainyard.feedback_tally OWNER TO trainyard_owner;

--
-- Name: idempotency_key; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.idempotency_key (
    account_id uuid NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint NOT NULL,
    location text,
    body text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_key_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
    CONSTRAINT idempotency_key_request_hash_check CHECK ((length(request_hash) = 32))
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_insert_scale_factor='0.02');

ALTER TABLE trainyard.idempotency_key OWNER TO trainyard_owner;

--
-- Name: job_artifact; Type: VIEW; Schema: trainyard; Owner: trainyard_owner
--

CREATE VIEW trainyard.job_artifact AS
 SELECT j.workspace_id,
    j.id AS job_id,
    r.role,
    r."position",
    r.workspace_id AS artifact_workspace_id,
    r.id AS artifact_id
   FROM (trainyard.job j
     CROSS JOIN LATERAL json_to_recordset(j.refs) r(role text, "position" smallint, workspace_id uuid, id uuid));

ALTER TABLE trainyard.job_artifact OWNER TO trainyard_owner;

--
-- Name: job_edge; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.job_edge (
    face text NOT NULL,
    from_status text NOT NULL,
    to_status text NOT NULL
);

ALTER TABLE trainyard.job_edge OWNER TO trainyard_owner;

--
-- Name: job_event; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.job_event (
    workspace_id uuid NOT NULL,
    job_id uuid NOT NULL,
    seq bigint NOT NULL,
    attempt integer NOT NULL,
    event text NOT NULL,
    from_status text,
    to_status text,
    message text,
    data json,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
)
PARTITION BY RANGE (at);

ALTER TABLE trainyard.job_event OWNER TO trainyard_owner;

--
-- Name: job_event_rest; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.job_event_rest (
    workspace_id uuid NOT NULL,
    job_id uuid NOT NULL,
    seq bigint NOT NULL,
    attempt integer NOT NULL,
    event text NOT NULL,
    from_status text,
    to_status text,
    message text,
    data json,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
)
WITH (autovacuum_vacuum_insert_scale_factor='0.02');

ALTER TABLE trainyard.job_event_rest OWNER TO trainyard_owner;

--
-- Name: job_event_seq_seq; Type: SEQUENCE; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE trainyard.job_event ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME trainyard.job_event_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: job_log; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.job_log (
    workspace_id uuid NOT NULL,
    job_id uuid NOT NULL,
    seq bigint NOT NULL,
    attempt integer NOT NULL,
    level smallint NOT NULL,
    message text NOT NULL,
    data json,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT job_log_level_check CHECK (((level >= 0) AND (level <= 3)))
)
PARTITION BY RANGE (at);

ALTER TABLE trainyard.job_log OWNER TO trainyard_owner;

--
-- Name: job_log_rest; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.job_log_rest (
    workspace_id uuid NOT NULL,
    job_id uuid NOT NULL,
    seq bigint NOT NULL,
    attempt integer NOT NULL,
    level smallint NOT NULL,
    message text NOT NULL,
    data json,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT job_log_level_check CHECK (((level >= 0) AND (level <= 3)))
)
WITH (autovacuum_vacuum_insert_scale_factor='0.02');

ALTER TABLE trainyard.job_log_rest OWNER TO trainyard_owner;

--
-- Name: job_log_seq_seq; Type: SEQUENCE; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE trainyard.job_log ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME trainyard.job_log_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: job_metric; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.job_metric (
    workspace_id uuid NOT NULL,
    job_id uuid NOT NULL,
    attempt integer NOT NULL,
    seq bigint NOT NULL,
    event_type text NOT NULL,
    step bigint,
    metrics json NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE trainyard.job_metric OWNER TO trainyard_owner;

--
-- Name: job_metric_seq_seq; Type: SEQUENCE; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE trainyard.job_metric ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME trainyard.job_metric_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: job_report; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.job_report (
    workspace_id uuid NOT NULL,
    job_id uuid NOT NULL,
    json_sha256 bytea NOT NULL,
    html_sha256 bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT job_report_html_sha256_check CHECK ((length(html_sha256) = 32)),
    CONSTRAINT job_report_json_sha256_check CHECK ((length(json_sha256) = 32))
);

ALTER TABLE trainyard.job_report OWNER TO trainyard_owner;

--
-- Name: job_series; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.job_series (
    workspace_id uuid NOT NULL,
    job_id uuid NOT NULL,
    attempt integer NOT NULL,
    key text NOT NULL,
    seq bigint NOT NULL,
    points jsonb NOT NULL,
    CONSTRAINT job_series_points_check CHECK ((jsonb_typeof(points) = 'array'::text))
);

ALTER TABLE trainyard.job_series OWNER TO trainyard_owner;

--
-- Name: job_series_seq_seq; Type: SEQUENCE; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE trainyard.job_series ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME trainyard.job_series_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: judge_mark; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.judge_mark (
    workspace_id uuid NOT NULL,
    judge_id uuid NOT NULL,
    mark bigint NOT NULL,
    job_id uuid NOT NULL,
    CONSTRAINT judge_mark_mark_check CHECK ((mark >= 1))
);

ALTER TABLE trainyard.judge_mark OWNER TO trainyard_owner;

--
-- Name: judge_version; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.judge_version (
    workspace_id uuid NOT NULL,
    judge_id uuid NOT NULL,
    number integer NOT NULL,
    id uuid NOT NULL,
    status text NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    model_sha256 bytea,
    base_version integer,
    job_id uuid,
    trained_through bigint DEFAULT 0 NOT NULL,
    seen_through bigint DEFAULT 0 NOT NULL,
    seen_split double precision DEFAULT 1 NOT NULL,
    feedback_count bigint,
    validation jsonb,
    changes_summary text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by uuid NOT NULL,
    deployed_at timestamp with time zone,
    archived_at timestamp with time zone,
    CONSTRAINT judge_version_description_check CHECK (((length(description) >= 1) AND (length(description) <= 2000))),
    CONSTRAINT judge_version_model_sha256_check CHECK ((length(model_sha256) = 32)),
    CONSTRAINT judge_version_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT judge_version_number_check CHECK ((number >= 1)),
    CONSTRAINT judge_version_status_check CHECK ((status = ANY (ARRAY['active'::text, 'draft'::text, 'deployed'::text, 'archived'::text])))
);

ALTER TABLE trainyard.judge_version OWNER TO trainyard_owner;

--
-- Name: judge_version_use; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.judge_version_use (
    workspace_id uuid NOT NULL,
    judge_id uuid NOT NULL,
    version integer NOT NULL,
    evaluations bigint DEFAULT 0 NOT NULL,
    seconds double precision DEFAULT 0 NOT NULL
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

ALTER TABLE trainyard.judge_version_use OWNER TO trainyard_owner;

--
-- Name: member; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.member (
    organization_id uuid NOT NULL,
    account_id uuid NOT NULL,
    role text DEFAULT 'member'::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT member_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'member'::text])))
);

ALTER TABLE trainyard.member OWNER TO trainyard_owner;

--
-- Name: model; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.model (
    id text NOT NULL,
    display_name text NOT NULL,
    family text NOT NULL,
    type text NOT NULL,
    size_b numeric NOT NULL,
    context_length integer NOT NULL,
    extended_tokens integer,
    algorithms text[] NOT NULL,
    pricing jsonb,
    retired_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT model_algorithms_check CHECK ((algorithms <@ ARRAY['sft'::text, 'importance_sampling'::text, 'ppo'::text])),
    CONSTRAINT model_check CHECK ((extended_tokens > context_length)),
    CONSTRAINT model_context_length_check CHECK ((context_length >= 1)),
    CONSTRAINT model_family_check CHECK ((family = ANY (ARRAY['llama'::text, 'qwen'::text]))),
    CONSTRAINT model_id_check CHECK (((length(id) >= 1) AND (length(id) <= 200))),
    CONSTRAINT model_pricing CHECK (
CASE
    WHEN (jsonb_typeof(pricing) = 'object'::text) THEN (((pricing - ARRAY['prefill'::text, 'sample'::text, 'train'::text]) = '{}'::jsonb) AND trainyard.price_ok((pricing -> 'prefill'::text)) AND trainyard.price_ok((pricing -> 'sample'::text)) AND trainyard.price_ok((pricing -> 'train'::text)))
    ELSE (pricing IS NULL)
END),
    CONSTRAINT model_size_b_check CHECK ((size_b >= 0.1)),
    CONSTRAINT model_type_check CHECK ((type = ANY (ARRAY['dense'::text, 'moe'::text])))
);

ALTER TABLE trainyard.model OWNER TO trainyard_owner;

--
-- Name: organization; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.organization (
    id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    description text,
    is_active boolean DEFAULT true NOT NULL,
    max_members integer DEFAULT 0 NOT NULL,
    max_runtime_seconds integer,
    default_runtime_seconds integer,
    webhook_url text,
    webhook_secret text NOT NULL,
    webhook_secret_previous text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT organization_default_runtime_seconds_check CHECK ((default_runtime_seconds > 0)),
    CONSTRAINT organization_key_check CHECK ((key ~ '^[a-z0-9][a-z0-9-]{0,62}$'::text)),
    CONSTRAINT organization_max_members_check CHECK ((max_members >= 0)),
    CONSTRAINT organization_max_runtime_seconds_check CHECK ((max_runtime_seconds > 0)),
    CONSTRAINT organization_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE trainyard.organization OWNER TO trainyard_owner;

--
-- Name: outbox; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.outbox (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    channel text NOT NULL,
    event text NOT NULL,
    job_id uuid,
    run_id uuid,
    judge_id uuid,
    target text NOT NULL,
    snapshot jsonb NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    attempt_count integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT now(),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    delivered_at timestamp with time zone,
    claim integer DEFAULT 0 NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    body text,
    host text GENERATED ALWAYS AS (
CASE channel
    WHEN 'mail'::text THEN ''::text
    ELSE COALESCE(lower("substring"(target, '^[A-Za-z]+://(\[[^]]*\]|[^/:?#]*[^/:?#.])'::text)), ''::text)
END) STORED NOT NULL,
    CONSTRAINT outbox_channel_check CHECK ((channel = ANY (ARRAY['webhook'::text, 'mail'::text]))),
    CONSTRAINT outbox_check CHECK (((next_attempt_at IS NULL) = (status = ANY (ARRAY['delivered'::text, 'failed'::text, 'stopped'::text])))),
    CONSTRAINT outbox_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivering'::text, 'delivered'::text, 'failed'::text, 'stopped'::text])))
)
WITH (fillfactor='85', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='1000');

ALTER TABLE trainyard.outbox OWNER TO trainyard_owner;

--
-- Name: outbox_attempt; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.outbox_attempt (
    workspace_id uuid NOT NULL,
    outbox_id uuid NOT NULL,
    number integer NOT NULL,
    attempted_at timestamp with time zone NOT NULL,
    duration_ms integer NOT NULL,
    response_status integer,
    error text,
    response_excerpt text,
    CONSTRAINT outbox_attempt_duration_ms_check CHECK ((duration_ms >= 0)),
    CONSTRAINT outbox_attempt_number_check CHECK ((number >= 1))
);

ALTER TABLE trainyard.outbox_attempt OWNER TO trainyard_owner;

--
-- Name: project; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.project (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    is_default boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT project_key_check CHECK ((key ~ '^[a-z0-9][a-z0-9-]{0,62}$'::text)),
    CONSTRAINT project_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE trainyard.project OWNER TO trainyard_owner;

--
-- Name: retraining_policy; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.retraining_policy (
    workspace_id uuid NOT NULL,
    judge_id uuid NOT NULL,
    enabled boolean NOT NULL,
    min_new_feedback integer NOT NULL,
    min_interval_hours double precision NOT NULL,
    auto_deploy boolean NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_by uuid NOT NULL,
    last_run_id uuid,
    last_fired_at timestamp with time zone,
    due_at timestamp with time zone,
    CONSTRAINT retraining_policy_check CHECK ((enabled OR (due_at IS NULL))),
    CONSTRAINT retraining_policy_min_interval_hours_check CHECK (((min_interval_hours >= (0)::double precision) AND (min_interval_hours <= (8760)::double precision))),
    CONSTRAINT retraining_policy_min_new_feedback_check CHECK (((min_new_feedback >= 1) AND (min_new_feedback <= 1000000)))
)
WITH (fillfactor='50');

ALTER TABLE trainyard.retraining_policy OWNER TO trainyard_owner;

--
-- Name: schema_migration; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.schema_migration (
    name text NOT NULL,
    phase text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    applied_by text DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT schema_migration_phase_check CHECK ((phase = ANY (ARRAY['pre'::text, 'post'::text]))),
    CONSTRAINT schema_migration_sha256_check CHECK ((length(sha256) = 32))
);

ALTER TABLE trainyard.schema_migration OWNER TO trainyard_owner;

--
-- Name: token; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.token (
    id uuid NOT NULL,
    sha256 bytea NOT NULL,
    hint text NOT NULL,
    name text NOT NULL,
    account_id uuid NOT NULL,
    organization_id uuid,
    workspace_id uuid,
    scopes text[] NOT NULL,
    rate_limit integer,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT token_check CHECK (((workspace_id IS NULL) OR (organization_id IS NOT NULL))),
    CONSTRAINT token_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT token_rate_limit_check CHECK ((rate_limit >= 0)),
    CONSTRAINT token_sha256_check CHECK ((length(sha256) = 32))
);

ALTER TABLE trainyard.token OWNER TO trainyard_owner;

--
-- Name: touch_set; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.touch_set (
    workspace_id uuid NOT NULL,
    judge_id uuid NOT NULL,
    id integer NOT NULL,
    criteria text[] NOT NULL,
    digest bytea NOT NULL,
    corrections bigint DEFAULT 0 NOT NULL,
    ratings bigint DEFAULT 0 NOT NULL,
    approved bigint DEFAULT 0 NOT NULL,
    rejected bigint DEFAULT 0 NOT NULL,
    comments bigint DEFAULT 0 NOT NULL,
    CONSTRAINT touch_set_digest_check CHECK ((length(digest) = 32))
)
WITH (fillfactor='50');

ALTER TABLE trainyard.touch_set OWNER TO trainyard_owner;

--
-- Name: workspace; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.workspace (
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    is_default boolean DEFAULT false NOT NULL,
    queue_quota integer,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    artifact_quota bigint,
    CONSTRAINT workspace_artifact_quota_check CHECK ((artifact_quota >= 0)),
    CONSTRAINT workspace_key_check CHECK ((key ~ '^[a-z0-9][a-z0-9-]{0,62}$'::text)),
    CONSTRAINT workspace_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT workspace_queue_quota_check CHECK ((queue_quota >= 0))
);

ALTER TABLE trainyard.workspace OWNER TO trainyard_owner;

--
-- Name: workspace_member; Type: TABLE; Schema: trainyard; Owner: trainyard_owner
--

CREATE TABLE trainyard.workspace_member (
    workspace_id uuid NOT NULL,
    account_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE trainyard.workspace_member OWNER TO trainyard_owner;

--
-- Name: job_event_rest; Type: TABLE ATTACH; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.job_event ATTACH PARTITION trainyard.job_event_rest DEFAULT;

--
-- Name: job_log_rest; Type: TABLE ATTACH; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.job_log ATTACH PARTITION trainyard.job_log_rest DEFAULT;

--
-- Name: account account_email_key; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.account
    ADD CONSTRAINT account_email_key UNIQUE (email);

--
-- Name: account account_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

--
-- Name: account account_username_key; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.account
    ADD CONSTRAINT account_username_key UNIQUE (username);

--
-- Name: artifact artifact_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.artifact
    ADD CONSTRAINT artifact_pkey PRIMARY KEY (workspace_id, id);

--
-- Name: artifact_usage artifact_usage_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.artifact_usage
    ADD CONSTRAINT artifact_usage_pkey PRIMARY KEY (workspace_id);

--
-- Name: artifact artifact_workspace_id_kind_name_version_key; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.artifact
    ADD CONSTRAINT artifact_workspace_id_kind_name_version_key UNIQUE (workspace_id, kind, name, version);

--
-- Name: attempt attempt_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (workspace_id, job_id, number);

--
-- Name: audit audit_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (seq);

--
-- Name: criterion criterion_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.criterion
    ADD CONSTRAINT criterion_pkey PRIMARY KEY (workspace_id, judge_id, version, "position");

--
-- Name: criterion criterion_workspace_id_judge_id_version_id_key; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.criterion
    ADD CONSTRAINT criterion_workspace_id_judge_id_version_id_key UNIQUE (workspace_id, judge_id, version, id);

--
-- Name: criterion criterion_workspace_id_judge_id_version_name_key; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.criterion
    ADD CONSTRAINT criterion_workspace_id_judge_id_version_name_key UNIQUE (workspace_id, judge_id, version, name);

--
-- Name: deployment deployment_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.deployment
    ADD CONSTRAINT deployment_pkey PRIMARY KEY (workspace_id, judge_id, version, at);

--
-- Name: dispatcher dispatcher_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.dispatcher
    ADD CONSTRAINT dispatcher_pkey PRIMARY KEY (worker);

--
-- Name: evaluation_batch evaluation_batch_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.evaluation_batch
    ADD CONSTRAINT evaluation_batch_pkey PRIMARY KEY (workspace_id, id);

--
-- Name: evaluation evaluation_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.evaluation
    ADD CONSTRAINT evaluation_pkey PRIMARY KEY (workspace_id, id);

--
-- Name: execution execution_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.execution
    ADD CONSTRAINT execution_pkey PRIMARY KEY (workspace_id, id);

--
-- Name: feedback feedback_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.feedback
    ADD CONSTRAINT feedback_pkey PRIMARY KEY (workspace_id, judge_id, number);

--
-- Name: feedback_summary feedback_summary_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.feedback_summary
    ADD CONSTRAINT feedback_summary_pkey PRIMARY KEY (workspace_id, job_id);

--
-- Name: feedback_tally feedback_tally_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.feedback_tally
    ADD CONSTRAINT feedback_tally_pkey PRIMARY KEY (workspace_id, judge_id);

--
-- Name: feedback feedback_workspace_id_id_key; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.feedback
    ADD CONSTRAINT feedback_workspace_id_id_key UNIQUE (workspace_id, id);

--
-- Name: idempotency_key idempotency_key_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.idempotency_key
    ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (account_id, method, path, key);

--
-- Name: job_edge job_edge_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.job_edge
    ADD CONSTRAINT job_edge_pkey PRIMARY KEY (face, from_status, to_status);

--
-- Name: job_event_rest job_event_rest_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.job_event_rest
    ADD CONSTRAINT job_event_rest_pkey PRIMARY KEY (workspace_id, job_id, seq);

--
-- Name: job_log_rest job_log_rest_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.job_log_rest
    ADD CONSTRAINT job_log_rest_pkey PRIMARY KEY (workspace_id, job_id, seq);

--
-- Name: job_metric job_metric_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.job_metric
    ADD CONSTRAINT job_metric_pkey PRIMARY KEY (workspace_id, job_id, attempt, seq);

--
-- Name: job job_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (workspace_id, id);

--
-- Name: job_report job_report_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.job_report
    ADD CONSTRAINT job_report_pkey PRIMARY KEY (workspace_id, job_id);

--
-- Name: job_series job_series_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.job_series
    ADD CONSTRAINT job_series_pkey PRIMARY KEY (workspace_id, job_id, attempt, key, seq);

--
-- Name: judge_mark judge_mark_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.judge_mark
    ADD CONSTRAINT judge_mark_pkey PRIMARY KEY (workspace_id, judge_id, mark);

--
-- Name: judge judge_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.judge
    ADD CONSTRAINT judge_pkey PRIMARY KEY (workspace_id, id);

--
-- Name: judge_version judge_version_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.judge_version
    ADD CONSTRAINT judge_version_pkey PRIMARY KEY (workspace_id, judge_id, number);

--
-- Name: judge_version_use judge_version_use_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.judge_version_use
    ADD CONSTRAINT judge_version_use_pkey PRIMARY KEY (workspace_id, judge_id, version);

--
-- Name: judge_version judge_version_workspace_id_id_key; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.judge_version
    ADD CONSTRAINT judge_version_workspace_id_id_key UNIQUE (workspace_id, id);

--
-- Name: judge judge_workspace_id_key_key; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.judge
    ADD CONSTRAINT judge_workspace_id_key_key UNIQUE (workspace_id, key);

--
-- Name: member member_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.member
    ADD CONSTRAINT member_pkey PRIMARY KEY (organization_id, account_id);

--
-- Name: model model_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.model
    ADD CONSTRAINT model_pkey PRIMARY KEY (id);

--
-- Name: organization organization_key_key; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.organization
    ADD CONSTRAINT organization_key_key UNIQUE (key);

--
-- Name: organization organization_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.organization
    ADD CONSTRAINT organization_pkey PRIMARY KEY (id);

--
-- Name: outbox_attempt outbox_attempt_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.outbox_attempt
    ADD CONSTRAINT outbox_attempt_pkey PRIMARY KEY (workspace_id, outbox_id, number);

--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (workspace_id, id);

--
-- Name: project project_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.project
    ADD CONSTRAINT project_pkey PRIMARY KEY (workspace_id, id);

--
-- Name: project project_workspace_id_key_key; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.project
    ADD CONSTRAINT project_workspace_id_key_key UNIQUE (workspace_id, key);

--
-- Name: retraining_policy retraining_policy_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.retraining_policy
    ADD CONSTRAINT retraining_policy_pkey PRIMARY KEY (workspace_id, judge_id);

--
-- Name: schema_migration schema_migration_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (name);

--
-- Name: token token_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (id);

--
-- Name: token token_sha256_key; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.token
    ADD CONSTRAINT token_sha256_key UNIQUE (sha256);

--
-- Name: touch_set touch_set_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.touch_set
    ADD CONSTRAINT touch_set_pkey PRIMARY KEY (workspace_id, judge_id, id);

--
-- Name: touch_set touch_set_workspace_id_judge_id_digest_key; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.touch_set
    ADD CONSTRAINT touch_set_workspace_id_judge_id_digest_key UNIQUE (workspace_id, judge_id, digest);

--
-- Name: workspace_member workspace_member_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.workspace_member
    ADD CONSTRAINT workspace_member_pkey PRIMARY KEY (workspace_id, account_id);

--
-- Name: workspace workspace_organization_id_key_key; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.workspace
    ADD CONSTRAINT workspace_organization_id_key_key UNIQUE (organization_id, key);

--
-- Name: workspace workspace_pkey; Type: CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.workspace
    ADD CONSTRAINT workspace_pkey PRIMARY KEY (id);

--
-- Name: artifact_blob_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX artifact_blob_idx ON trainyard.artifact USING btree (sha256) WHERE (uri IS NULL);

--
-- Name: artifact_kind_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX artifact_kind_idx ON trainyard.artifact USING btree (workspace_id, kind, id DESC);

--
-- Name: artifact_newest_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX artifact_newest_idx ON trainyard.artifact USING btree (workspace_id, kind, name, id DESC);

--
-- Name: artifact_part_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX artifact_part_idx ON trainyard.artifact USING gin (workspace_id, name trainyard.gin_trgm_ops);

--
-- Name: artifact_short_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX artifact_short_idx ON trainyard.artifact USING gin (workspace_id, trainyard.short_parts(name));

--
-- Name: artifact_version_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX artifact_version_idx ON trainyard.artifact USING btree (workspace_id, kind, version, id DESC);

--
-- Name: attempt_worker_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX attempt_worker_idx ON trainyard.attempt USING btree (worker) WHERE (status = ANY (ARRAY['claimed'::text, 'running'::text]));

--
-- Name: audit_action_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX audit_action_idx ON trainyard.audit USING btree (workspace_id, action, at, seq);

--
-- Name: audit_actor_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX audit_actor_idx ON trainyard.audit USING btree (workspace_id, actor, at, seq);

--
-- Name: audit_both_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX audit_both_idx ON trainyard.audit USING btree (workspace_id, (ARRAY[actor, action]), at, seq);

--
-- Name: audit_newest_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX audit_newest_idx ON trainyard.audit USING btree ((ARRAY[workspace_id]), at, seq);

--
-- Name: audit_organization_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX audit_organization_idx ON trainyard.audit USING btree (organization_id, at, seq) WHERE (workspace_id IS NULL);

--
-- Name: audit_request_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX audit_request_idx ON trainyard.audit USING btree (workspace_id, request_id, at, seq) WHERE (request_id IS NOT NULL);

--
-- Name: audit_target_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX audit_target_idx ON trainyard.audit USING btree (workspace_id, target, at, seq);

--
-- Name: evaluation_by_batch_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX evaluation_by_batch_idx ON trainyard.evaluation USING btree (workspace_id, batch_id, evaluated_at, id) WHERE (batch_id IS NOT NULL);

--
-- Name: evaluation_by_content_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX evaluation_by_content_idx ON trainyard.evaluation USING btree (workspace_id, hashtextextended(content_ref, (0)::bigint), evaluated_at, id) WHERE (content_ref IS NOT NULL);

--
-- Name: evaluation_by_external_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX evaluation_by_external_idx ON trainyard.evaluation USING btree (workspace_id, external_id, evaluated_at, id) WHERE (external_id IS NOT NULL);

--
-- Name: evaluation_by_judge_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX evaluation_by_judge_idx ON trainyard.evaluation USING btree (workspace_id, judge_id, evaluated_at, id);

--
-- Name: evaluation_newest_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX evaluation_newest_idx ON trainyard.evaluation USING btree (workspace_id, evaluated_at, id);

--
-- Name: execution_job_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX execution_job_idx ON trainyard.execution USING btree (workspace_id, job_id, executed_at);

--
-- Name: feedback_batch_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX feedback_batch_idx ON trainyard.feedback USING btree (workspace_id, batch_id, submitted_at, id) WHERE (batch_id IS NOT NULL);

--
-- Name: feedback_evaluation_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX feedback_evaluation_idx ON trainyard.feedback USING btree (workspace_id, evaluation_id, number);

--
-- Name: feedback_judge_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX feedback_judge_idx ON trainyard.feedback USING btree (workspace_id, judge_id, submitted_at, id);

--
-- Name: feedback_judge_person_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX feedback_judge_person_idx ON trainyard.feedback USING btree (workspace_id, judge_id, submitted_by, submitted_at, id);

--
-- Name: feedback_judge_type_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX feedback_judge_type_idx ON trainyard.feedback USING btree (workspace_id, judge_id, type, submitted_at, id);

--
-- Name: feedback_newest_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX feedback_newest_idx ON trainyard.feedback USING btree (workspace_id, submitted_at, id);

--
-- Name: feedback_person_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX feedback_person_idx ON trainyard.feedback USING btree (workspace_id, submitted_by, submitted_at, id);

--
-- Name: feedback_set_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX feedback_set_idx ON trainyard.feedback USING btree (workspace_id, judge_id, touch_set, number);

--
-- Name: feedback_type_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX feedback_type_idx ON trainyard.feedback USING btree (workspace_id, type, submitted_at, id);

--
-- Name: idempotency_age_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX idempotency_age_idx ON trainyard.idempotency_key USING brin (created_at);

--
-- Name: job_done_changed_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_done_changed_idx ON trainyard.job USING btree (workspace_id, completed_at DESC, id DESC) WHERE ((face = 'hosted'::text) AND (status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])));

--
-- Name: job_done_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_done_idx ON trainyard.job USING btree (workspace_id, created_at DESC, id DESC) WHERE ((face = 'hosted'::text) AND (status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])));

--
-- Name: job_done_kind_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_done_kind_idx ON trainyard.job USING btree (workspace_id, kind, created_at DESC, id DESC) WHERE ((face = 'hosted'::text) AND (status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])));

--
-- Name: job_done_model_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_done_model_idx ON trainyard.job USING btree (workspace_id, model, created_at DESC, id DESC) WHERE ((face = 'hosted'::text) AND (status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])));

--
-- Name: job_done_project_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_done_project_idx ON trainyard.job USING btree (workspace_id, project_key, created_at DESC, id DESC) WHERE ((face = 'hosted'::text) AND (status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])));

--
-- Name: job_done_status_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_done_status_idx ON trainyard.job USING btree (workspace_id, status, created_at DESC, id DESC) WHERE ((face = 'hosted'::text) AND (status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])));

--
-- Name: job_done_word_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_done_word_idx ON trainyard.job USING gin (workspace_id, tags, lower((name COLLATE "und-x-icu")) trainyard.gin_trgm_ops) WHERE ((face = 'hosted'::text) AND (status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])));

--
-- Name: job_event_rest_age_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_event_rest_age_idx ON trainyard.job_event_rest USING brin (at);

--
-- Name: job_judge_done_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_judge_done_idx ON trainyard.job USING btree (workspace_id, completed_at, id) WHERE (face = 'judge'::text);

--
-- Name: job_judge_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_judge_idx ON trainyard.job USING btree (workspace_id, judge_id, created_at DESC, id DESC) WHERE (face = 'judge'::text);

--
-- Name: job_judge_list_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_judge_list_idx ON trainyard.job USING btree (workspace_id, created_at DESC, id DESC) WHERE (face = 'judge'::text);

--
-- Name: job_judge_own_done_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_judge_own_done_idx ON trainyard.job USING btree (workspace_id, judge_id, completed_at, id) WHERE (face = 'judge'::text);

--
-- Name: job_judge_own_progress_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_judge_own_progress_idx ON trainyard.job USING btree (workspace_id, judge_id, settled_progress, id) WHERE (face = 'judge'::text);

--
-- Name: job_judge_progress_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_judge_progress_idx ON trainyard.job USING btree (workspace_id, settled_progress, id) WHERE (face = 'judge'::text);

--
-- Name: job_judge_status_done_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_judge_status_done_idx ON trainyard.job USING btree (workspace_id, status, completed_at, id) WHERE (face = 'judge'::text);

--
-- Name: job_judge_status_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_judge_status_idx ON trainyard.job USING btree (workspace_id, status, created_at DESC, id DESC) WHERE (face = 'judge'::text);

--
-- Name: job_judge_status_progress_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_judge_status_progress_idx ON trainyard.job USING btree (workspace_id, status, settled_progress, id) WHERE (face = 'judge'::text);

--
-- Name: job_judge_type_done_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_judge_type_done_idx ON trainyard.job USING btree (workspace_id, training_type, completed_at, id) WHERE (face = 'judge'::text);

--
-- Name: job_judge_type_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_judge_type_idx ON trainyard.job USING btree (workspace_id, training_type, created_at DESC, id DESC) WHERE (face = 'judge'::text);

--
-- Name: job_judge_type_progress_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_judge_type_progress_idx ON trainyard.job USING btree (workspace_id, training_type, settled_progress, id) WHERE (face = 'judge'::text);

--
-- Name: job_log_rest_age_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_log_rest_age_idx ON trainyard.job_log_rest USING brin (at);

--
-- Name: job_open_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_open_idx ON trainyard.job USING btree (workspace_id, created_at DESC, id DESC) WHERE ((face = 'hosted'::text) AND (status = ANY (ARRAY['queued'::text, 'claimed'::text, 'running'::text])));

--
-- Name: job_pace_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_pace_idx ON trainyard.job USING btree (completed_at DESC) WHERE ((face = 'judge'::text) AND (status = 'completed'::text));

--
-- Name: job_queue_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_queue_idx ON trainyard.job USING btree (kind, priority DESC, queue_seq) WHERE (status = 'queued'::text);

--
-- Name: job_quota_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_quota_idx ON trainyard.job USING btree (workspace_id) WHERE (status = 'queued'::text);

--
-- Name: job_report_html_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_report_html_idx ON trainyard.job_report USING btree (html_sha256);

--
-- Name: job_report_json_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_report_json_idx ON trainyard.job_report USING btree (json_sha256);

--
-- Name: job_run_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE UNIQUE INDEX job_run_idx ON trainyard.job USING btree (workspace_id, retraining_run_id) WHERE (retraining_run_id IS NOT NULL);

--
-- Name: job_run_judge_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_run_judge_idx ON trainyard.job USING btree (workspace_id, judge_id, created_at DESC, id DESC) WHERE (retraining_run_id IS NOT NULL);

--
-- Name: job_run_list_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_run_list_idx ON trainyard.job USING btree (workspace_id, created_at DESC, id DESC) WHERE (retraining_run_id IS NOT NULL);

--
-- Name: job_run_status_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_run_status_idx ON trainyard.job USING btree (workspace_id, status, created_at DESC, id DESC) WHERE (retraining_run_id IS NOT NULL);

--
-- Name: job_run_trigger_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX job_run_trigger_idx ON trainyard.job USING btree (workspace_id, run_trigger, created_at DESC, id DESC) WHERE (retraining_run_id IS NOT NULL);

--
-- Name: job_slot_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE UNIQUE INDEX job_slot_idx ON trainyard.job USING btree (workspace_id, judge_id) WHERE ((face = 'judge'::text) AND (training_type <> 'validation'::text) AND (status = ANY (ARRAY['queued'::text, 'preparing'::text, 'training'::text, 'validating'::text])));

--
-- Name: judge_archived_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX judge_archived_idx ON trainyard.judge USING btree (workspace_id, created_at, id) WHERE (archived_at IS NOT NULL);

--
-- Name: judge_archived_trained_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX judge_archived_trained_idx ON trainyard.judge USING btree (workspace_id, is_trained, created_at, id) WHERE (archived_at IS NOT NULL);

--
-- Name: judge_list_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX judge_list_idx ON trainyard.judge USING btree (workspace_id, created_at, id);

--
-- Name: judge_live_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX judge_live_idx ON trainyard.judge USING btree (workspace_id, created_at, id) WHERE (archived_at IS NULL);

--
-- Name: judge_live_trained_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX judge_live_trained_idx ON trainyard.judge USING btree (workspace_id, is_trained, created_at, id) WHERE (archived_at IS NULL);

--
-- Name: judge_version_active_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE UNIQUE INDEX judge_version_active_idx ON trainyard.judge_version USING btree (workspace_id, judge_id) WHERE (status = 'active'::text);

--
-- Name: judge_version_model_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX judge_version_model_idx ON trainyard.judge_version USING btree (model_sha256) WHERE (model_sha256 IS NOT NULL);

--
-- Name: judge_version_name_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX judge_version_name_idx ON trainyard.judge_version USING btree (workspace_id, name COLLATE "C", judge_id) WHERE (status = 'active'::text);

--
-- Name: member_account_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX member_account_idx ON trainyard.member USING btree (account_id);

--
-- Name: outbox_age_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX outbox_age_idx ON trainyard.outbox USING btree (created_at);

--
-- Name: outbox_busy_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX outbox_busy_idx ON trainyard.outbox USING btree (host) WHERE (status = 'delivering'::text);

--
-- Name: outbox_due_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX outbox_due_idx ON trainyard.outbox USING btree (host, next_attempt_at) WHERE (status = ANY (ARRAY['pending'::text, 'delivering'::text]));

--
-- Name: outbox_job_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX outbox_job_idx ON trainyard.outbox USING btree (workspace_id, job_id, id) WHERE (job_id IS NOT NULL);

--
-- Name: outbox_run_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX outbox_run_idx ON trainyard.outbox USING btree (workspace_id, run_id, id) WHERE (run_id IS NOT NULL);

--
-- Name: outbox_sort_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX outbox_sort_idx ON trainyard.outbox USING btree ((ARRAY[(workspace_id)::text, status, event]), id);

--
-- Name: project_default_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE UNIQUE INDEX project_default_idx ON trainyard.project USING btree (workspace_id) WHERE is_default;

--
-- Name: retraining_policy_due_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX retraining_policy_due_idx ON trainyard.retraining_policy USING btree (due_at) WHERE (due_at IS NOT NULL);

--
-- Name: token_account_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE INDEX token_account_idx ON trainyard.token USING btree (account_id);

--
-- Name: workspace_default_idx; Type: INDEX; Schema: trainyard; Owner: trainyard_owner
--

CREATE UNIQUE INDEX workspace_default_idx ON trainyard.workspace USING btree (organization_id) WHERE is_default;

--
-- Name: job_name_stat; Type: STATISTICS; Schema: trainyard; Owner: trainyard_owner
--

CREATE STATISTICS trainyard.job_name_stat ON lower(name COLLATE "und-x-icu") FROM trainyard.job;

ALTER STATISTICS trainyard.job_name_stat OWNER TO trainyard_owner;

--
-- Name: artifact artifact_added; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER artifact_added AFTER INSERT ON trainyard.artifact REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION trainyard.artifact_added();

--
-- Name: artifact artifact_immutable; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER artifact_immutable BEFORE UPDATE ON trainyard.artifact FOR EACH STATEMENT EXECUTE FUNCTION trainyard.refuse_change();

--
-- Name: artifact artifact_kept; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER artifact_kept BEFORE DELETE OR TRUNCATE ON trainyard.artifact FOR EACH STATEMENT EXECUTE FUNCTION trainyard.artifact_kept();

--
-- Name: artifact artifact_removed; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER artifact_removed AFTER DELETE ON trainyard.artifact REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION trainyard.artifact_removed();

--
-- Name: audit audit_append_only; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER audit_append_only BEFORE UPDATE ON trainyard.audit FOR EACH STATEMENT EXECUTE FUNCTION trainyard.refuse_change();

--
-- Name: deployment deployment_inserted; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER deployment_inserted AFTER INSERT ON trainyard.deployment REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION trainyard.deployment_inserted();

--
-- Name: feedback feedback_append_only; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER feedback_append_only BEFORE DELETE OR UPDATE ON trainyard.feedback FOR EACH STATEMENT EXECUTE FUNCTION trainyard.refuse_change();

--
-- Name: job job_inserted; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER job_inserted AFTER INSERT ON trainyard.job REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION trainyard.job_inserted();

--
-- Name: job job_updated; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER job_updated AFTER UPDATE ON trainyard.job REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION trainyard.job_updated();

--
-- Name: judge judge_marked; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER judge_marked AFTER UPDATE OF mark ON trainyard.judge FOR EACH ROW WHEN (((new.mark > old.mark) AND (new.mark_job_id IS NOT NULL))) EXECUTE FUNCTION trainyard.judge_marked();

--
-- Name: member member_notify; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER member_notify AFTER INSERT OR DELETE OR UPDATE ON trainyard.member FOR EACH STATEMENT EXECUTE FUNCTION trainyard.notify_access();

--
-- Name: model model_notify; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER model_notify AFTER INSERT OR DELETE OR UPDATE ON trainyard.model FOR EACH STATEMENT EXECUTE FUNCTION trainyard.notify_access();

--
-- Name: organization organization_notify; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER organization_notify AFTER INSERT OR DELETE OR UPDATE ON trainyard.organization FOR EACH STATEMENT EXECUTE FUNCTION trainyard.notify_access();

--
-- Name: outbox outbox_inserted; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER outbox_inserted AFTER INSERT ON trainyard.outbox REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION trainyard.outbox_inserted();

--
-- Name: outbox outbox_inserting; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER outbox_inserting BEFORE INSERT ON trainyard.outbox FOR EACH ROW EXECUTE FUNCTION trainyard.outbox_inserting();

--
-- Name: retraining_policy policy_switched; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER policy_switched BEFORE INSERT OR UPDATE OF enabled ON trainyard.retraining_policy FOR EACH ROW EXECUTE FUNCTION trainyard.policy_switched();

--
-- Name: project project_notify; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER project_notify AFTER INSERT OR DELETE OR UPDATE ON trainyard.project FOR EACH STATEMENT EXECUTE FUNCTION trainyard.notify_access();

--
-- Name: token token_notify; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER token_notify AFTER DELETE OR UPDATE ON trainyard.token FOR EACH STATEMENT EXECUTE FUNCTION trainyard.notify_access();

--
-- Name: workspace_member workspace_member_notify; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER workspace_member_notify AFTER INSERT OR DELETE OR UPDATE ON trainyard.workspace_member FOR EACH STATEMENT EXECUTE FUNCTION trainyard.notify_access();

--
-- Name: workspace workspace_notify; Type: TRIGGER; Schema: trainyard; Owner: trainyard_owner
--

CREATE TRIGGER workspace_notify AFTER INSERT OR DELETE OR UPDATE ON trainyard.workspace FOR EACH STATEMENT EXECUTE FUNCTION trainyard.notify_access();

--
-- Name: artifact artifact_created_by_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.artifact
    ADD CONSTRAINT artifact_created_by_fkey FOREIGN KEY (created_by) REFERENCES trainyard.account(id);

--
-- Name: artifact_usage artifact_usage_workspace_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.artifact_usage
    ADD CONSTRAINT artifact_usage_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES trainyard.workspace(id);

--
-- Name: artifact artifact_workspace_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.artifact
    ADD CONSTRAINT artifact_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES trainyard.workspace(id);

--
-- Name: criterion criterion_workspace_id_judge_id_version_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.criterion
    ADD CONSTRAINT criterion_workspace_id_judge_id_version_fkey FOREIGN KEY (workspace_id, judge_id, version) REFERENCES trainyard.judge_version(workspace_id, judge_id, number);

--
-- Name: deployment deployment_workspace_id_judge_id_version_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.deployment
    ADD CONSTRAINT deployment_workspace_id_judge_id_version_fkey FOREIGN KEY (workspace_id, judge_id, version) REFERENCES trainyard.judge_version(workspace_id, judge_id, number);

--
-- Name: evaluation_batch evaluation_batch_workspace_id_judge_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.evaluation_batch
    ADD CONSTRAINT evaluation_batch_workspace_id_judge_id_fkey FOREIGN KEY (workspace_id, judge_id) REFERENCES trainyard.judge(workspace_id, id);

--
-- Name: evaluation evaluation_workspace_id_judge_id_version_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.evaluation
    ADD CONSTRAINT evaluation_workspace_id_judge_id_version_fkey FOREIGN KEY (workspace_id, judge_id, version) REFERENCES trainyard.judge_version(workspace_id, judge_id, number);

--
-- Name: execution execution_workspace_id_job_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.execution
    ADD CONSTRAINT execution_workspace_id_job_id_fkey FOREIGN KEY (workspace_id, job_id) REFERENCES trainyard.job(workspace_id, id);

--
-- Name: feedback_summary feedback_summary_workspace_id_job_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.feedback_summary
    ADD CONSTRAINT feedback_summary_workspace_id_job_id_fkey FOREIGN KEY (workspace_id, job_id) REFERENCES trainyard.job(workspace_id, id);

--
-- Name: feedback_tally feedback_tally_workspace_id_judge_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.feedback_tally
    ADD CONSTRAINT feedback_tally_workspace_id_judge_id_fkey FOREIGN KEY (workspace_id, judge_id) REFERENCES trainyard.judge(workspace_id, id);

--
-- Name: feedback feedback_workspace_id_evaluation_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.feedback
    ADD CONSTRAINT feedback_workspace_id_evaluation_id_fkey FOREIGN KEY (workspace_id, evaluation_id) REFERENCES trainyard.evaluation(workspace_id, id);

--
-- Name: feedback feedback_workspace_id_judge_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.feedback
    ADD CONSTRAINT feedback_workspace_id_judge_id_fkey FOREIGN KEY (workspace_id, judge_id) REFERENCES trainyard.judge(workspace_id, id);

--
-- Name: job_report job_report_workspace_id_job_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.job_report
    ADD CONSTRAINT job_report_workspace_id_job_id_fkey FOREIGN KEY (workspace_id, job_id) REFERENCES trainyard.job(workspace_id, id);

--
-- Name: job job_workspace_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.job
    ADD CONSTRAINT job_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES trainyard.workspace(id);

--
-- Name: job job_workspace_id_judge_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.job
    ADD CONSTRAINT job_workspace_id_judge_id_fkey FOREIGN KEY (workspace_id, judge_id) REFERENCES trainyard.judge(workspace_id, id);

--
-- Name: judge judge_created_by_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.judge
    ADD CONSTRAINT judge_created_by_fkey FOREIGN KEY (created_by) REFERENCES trainyard.account(id);

--
-- Name: judge_mark judge_mark_workspace_id_judge_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.judge_mark
    ADD CONSTRAINT judge_mark_workspace_id_judge_id_fkey FOREIGN KEY (workspace_id, judge_id) REFERENCES trainyard.judge(workspace_id, id);

--
-- Name: judge_version_use judge_version_use_workspace_id_judge_id_version_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.judge_version_use
    ADD CONSTRAINT judge_version_use_workspace_id_judge_id_version_fkey FOREIGN KEY (workspace_id, judge_id, version) REFERENCES trainyard.judge_version(workspace_id, judge_id, number);

--
-- Name: judge_version judge_version_workspace_id_judge_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.judge_version
    ADD CONSTRAINT judge_version_workspace_id_judge_id_fkey FOREIGN KEY (workspace_id, judge_id) REFERENCES trainyard.judge(workspace_id, id);

--
-- Name: judge judge_workspace_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.judge
    ADD CONSTRAINT judge_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES trainyard.workspace(id);

--
-- Name: member member_account_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.member
    ADD CONSTRAINT member_account_id_fkey FOREIGN KEY (account_id) REFERENCES trainyard.account(id);

--
-- Name: member member_organization_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.member
    ADD CONSTRAINT member_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES trainyard.organization(id);

--
-- Name: outbox_attempt outbox_attempt_workspace_id_outbox_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.outbox_attempt
    ADD CONSTRAINT outbox_attempt_workspace_id_outbox_id_fkey FOREIGN KEY (workspace_id, outbox_id) REFERENCES trainyard.outbox(workspace_id, id) ON DELETE CASCADE;

--
-- Name: project project_workspace_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.project
    ADD CONSTRAINT project_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES trainyard.workspace(id);

--
-- Name: retraining_policy retraining_policy_workspace_id_judge_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.retraining_policy
    ADD CONSTRAINT retraining_policy_workspace_id_judge_id_fkey FOREIGN KEY (workspace_id, judge_id) REFERENCES trainyard.judge(workspace_id, id);

--
-- Name: token token_account_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.token
    ADD CONSTRAINT token_account_id_fkey FOREIGN KEY (account_id) REFERENCES trainyard.account(id);

--
-- Name: token token_organization_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.token
    ADD CONSTRAINT token_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES trainyard.organization(id);

--
-- Name: token token_workspace_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.token
    ADD CONSTRAINT token_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES trainyard.workspace(id);

--
-- Name: touch_set touch_set_workspace_id_judge_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.touch_set
    ADD CONSTRAINT touch_set_workspace_id_judge_id_fkey FOREIGN KEY (workspace_id, judge_id) REFERENCES trainyard.judge(workspace_id, id);

--
-- Name: workspace_member workspace_member_account_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.workspace_member
    ADD CONSTRAINT workspace_member_account_id_fkey FOREIGN KEY (account_id) REFERENCES trainyard.account(id);

--
-- Name: workspace_member workspace_member_workspace_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.workspace_member
    ADD CONSTRAINT workspace_member_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES trainyard.workspace(id);

--
-- Name: workspace workspace_organization_id_fkey; Type: FK CONSTRAINT; Schema: trainyard; Owner: trainyard_owner
--

ALTER TABLE ONLY trainyard.workspace
    ADD CONSTRAINT workspace_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES trainyard.organization(id);

--
-- Name: SCHEMA trainyard; Type: ACL; Schema: -; Owner: trainyard_owner
--

GRANT USAGE ON SCHEMA trainyard TO trainyard_fcgi;
GRANT USAGE ON SCHEMA trainyard TO trainyard_dispatch;

--
-- Name: SEQUENCE queue_seq; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT USAGE ON SEQUENCE trainyard.queue_seq TO trainyard_fcgi;
GRANT USAGE ON SEQUENCE trainyard.queue_seq TO trainyard_dispatch;

--
-- Name: TABLE job; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.job TO trainyard_fcgi;
GRANT SELECT,INSERT,UPDATE ON TABLE trainyard.job TO trainyard_dispatch;

--
-- Name: COLUMN job.status; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(status) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.priority; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(priority) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.queue_seq; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(queue_seq) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.attempt; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(attempt) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.lost_leases; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(lost_leases) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.timeout_seconds; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(timeout_seconds) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.revision; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(revision) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.queued_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(queued_at) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.started_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(started_at) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.completed_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(completed_at) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.cancel_requested_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(cancel_requested_at) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.updated_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(updated_at) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.error; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(error) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.error_type; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(error_type) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.config; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(config) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.metrics; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(metrics) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.artifacts; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(artifacts) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.options; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(options) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.webhook_url; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(webhook_url) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.webhook_secret; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(webhook_secret) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.execution_id; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(execution_id) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.progress; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(progress) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: COLUMN job.estimated_minutes; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(estimated_minutes) ON TABLE trainyard.job TO trainyard_fcgi;

--
-- Name: FUNCTION job_outbox(changed trainyard.job[]); Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

REVOKE ALL ON FUNCTION trainyard.job_outbox(changed trainyard.job[]) FROM PUBLIC;

--
-- Name: TABLE judge; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE trainyard.judge TO trainyard_fcgi;
GRANT SELECT,UPDATE ON TABLE trainyard.judge TO trainyard_dispatch;

--
-- Name: FUNCTION partition_add(parent text, since timestamp with time zone, til timestamp with time zone); Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

REVOKE ALL ON FUNCTION trainyard.partition_add(parent text, since timestamp with time zone, til timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION partition_keep(parent text, days integer, most integer, OUT made integer, OUT dropped integer, OUT removed bigint, OUT busy boolean); Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

REVOKE ALL ON FUNCTION trainyard.partition_keep(parent text, days integer, most integer, OUT made integer, OUT dropped integer, OUT removed bigint, OUT busy boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION trainyard.partition_keep(parent text, days integer, most integer, OUT made integer, OUT dropped integer, OUT removed bigint, OUT busy boolean) TO trainyard_dispatch;

--
-- Name: FUNCTION statistics_keep(); Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

REVOKE ALL ON FUNCTION trainyard.statistics_keep() FROM PUBLIC;
GRANT ALL ON FUNCTION trainyard.statistics_keep() TO trainyard_dispatch;

--
-- Name: TABLE account; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.account TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.account TO trainyard_dispatch;

--
-- Name: TABLE artifact; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.artifact TO trainyard_fcgi;
GRANT SELECT,INSERT ON TABLE trainyard.artifact TO trainyard_dispatch;

--
-- Name: TABLE artifact_usage; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE trainyard.artifact_usage TO trainyard_fcgi;
GRANT SELECT,INSERT,UPDATE ON TABLE trainyard.artifact_usage TO trainyard_dispatch;

--
-- Name: TABLE attempt; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.attempt TO trainyard_fcgi;
GRANT SELECT,INSERT,UPDATE ON TABLE trainyard.attempt TO trainyard_dispatch;

--
-- Name: COLUMN attempt.status; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(status) ON TABLE trainyard.attempt TO trainyard_fcgi;

--
-- Name: COLUMN attempt.lease_until; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(lease_until) ON TABLE trainyard.attempt TO trainyard_fcgi;

--
-- Name: COLUMN attempt.started_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(started_at) ON TABLE trainyard.attempt TO trainyard_fcgi;

--
-- Name: COLUMN attempt.completed_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(completed_at) ON TABLE trainyard.attempt TO trainyard_fcgi;

--
-- Name: COLUMN attempt.final_event; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(final_event) ON TABLE trainyard.attempt TO trainyard_fcgi;

--
-- Name: COLUMN attempt.checkpoint; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(checkpoint) ON TABLE trainyard.attempt TO trainyard_fcgi;

--
-- Name: COLUMN attempt.events_offset; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(events_offset) ON TABLE trainyard.attempt TO trainyard_fcgi;

--
-- Name: COLUMN attempt.stderr_offset; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(stderr_offset) ON TABLE trainyard.attempt TO trainyard_fcgi;

--
-- Name: COLUMN attempt.error; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(error) ON TABLE trainyard.attempt TO trainyard_fcgi;

--
-- Name: COLUMN attempt.error_type; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(error_type) ON TABLE trainyard.attempt TO trainyard_fcgi;

--
-- Name: COLUMN attempt.metrics; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(metrics) ON TABLE trainyard.attempt TO trainyard_fcgi;

--
-- Name: COLUMN attempt.artifacts; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(artifacts) ON TABLE trainyard.attempt TO trainyard_fcgi;

--
-- Name: TABLE audit; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.audit TO trainyard_fcgi;
GRANT INSERT ON TABLE trainyard.audit TO trainyard_dispatch;

--
-- Name: TABLE criterion; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.criterion TO trainyard_fcgi;
GRANT SELECT,INSERT ON TABLE trainyard.criterion TO trainyard_dispatch;

--
-- Name: TABLE deployment; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.deployment TO trainyard_fcgi;
GRANT SELECT,INSERT ON TABLE trainyard.deployment TO trainyard_dispatch;

--
-- Name: TABLE dispatcher; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE trainyard.dispatcher TO trainyard_dispatch;

--
-- Name: TABLE evaluation; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.evaluation TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.evaluation TO trainyard_dispatch;

--
-- Name: TABLE evaluation_batch; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.evaluation_batch TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.evaluation_batch TO trainyard_dispatch;

--
-- Name: TABLE execution; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.execution TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.execution TO trainyard_dispatch;

--
-- Name: TABLE feedback; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.feedback TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.feedback TO trainyard_dispatch;

--
-- Name: TABLE feedback_summary; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.feedback_summary TO trainyard_fcgi;
GRANT SELECT,INSERT ON TABLE trainyard.feedback_summary TO trainyard_dispatch;

--
-- Name: TABLE feedback_tally; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE trainyard.feedback_tally TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.feedback_tally TO trainyard_dispatch;

--
-- Name: TABLE idempotency_key; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE trainyard.idempotency_key TO trainyard_fcgi;
GRANT DELETE ON TABLE trainyard.idempotency_key TO trainyard_dispatch;

--
-- Name: COLUMN idempotency_key.account_id; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(account_id) ON TABLE trainyard.idempotency_key TO trainyard_dispatch;

--
-- Name: COLUMN idempotency_key.method; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(method) ON TABLE trainyard.idempotency_key TO trainyard_dispatch;

--
-- Name: COLUMN idempotency_key.path; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(path) ON TABLE trainyard.idempotency_key TO trainyard_dispatch;

--
-- Name: COLUMN idempotency_key.key; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(key) ON TABLE trainyard.idempotency_key TO trainyard_dispatch;

--
-- Name: COLUMN idempotency_key.created_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(created_at) ON TABLE trainyard.idempotency_key TO trainyard_dispatch;

--
-- Name: TABLE job_artifact; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.job_artifact TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.job_artifact TO trainyard_dispatch;

--
-- Name: TABLE job_edge; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.job_edge TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.job_edge TO trainyard_dispatch;

--
-- Name: TABLE job_event; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.job_event TO trainyard_fcgi;
GRANT SELECT,INSERT ON TABLE trainyard.job_event TO trainyard_dispatch;

--
-- Name: TABLE job_log; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.job_log TO trainyard_fcgi;
GRANT SELECT,INSERT,DELETE ON TABLE trainyard.job_log TO trainyard_dispatch;

--
-- Name: TABLE job_metric; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.job_metric TO trainyard_fcgi;
GRANT SELECT,INSERT,DELETE ON TABLE trainyard.job_metric TO trainyard_dispatch;

--
-- Name: TABLE job_report; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.job_report TO trainyard_fcgi;
GRANT SELECT,INSERT ON TABLE trainyard.job_report TO trainyard_dispatch;

--
-- Name: TABLE job_series; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT,DELETE ON TABLE trainyard.job_series TO trainyard_fcgi;
GRANT SELECT,INSERT,DELETE ON TABLE trainyard.job_series TO trainyard_dispatch;

--
-- Name: TABLE judge_mark; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.judge_mark TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.judge_mark TO trainyard_dispatch;

--
-- Name: TABLE judge_version; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.judge_version TO trainyard_fcgi;
GRANT SELECT,INSERT ON TABLE trainyard.judge_version TO trainyard_dispatch;

--
-- Name: COLUMN judge_version.status; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(status) ON TABLE trainyard.judge_version TO trainyard_fcgi;
GRANT UPDATE(status) ON TABLE trainyard.judge_version TO trainyard_dispatch;

--
-- Name: COLUMN judge_version.deployed_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(deployed_at) ON TABLE trainyard.judge_version TO trainyard_fcgi;
GRANT UPDATE(deployed_at) ON TABLE trainyard.judge_version TO trainyard_dispatch;

--
-- Name: COLUMN judge_version.archived_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(archived_at) ON TABLE trainyard.judge_version TO trainyard_fcgi;
GRANT UPDATE(archived_at) ON TABLE trainyard.judge_version TO trainyard_dispatch;

--
-- Name: TABLE judge_version_use; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE trainyard.judge_version_use TO trainyard_fcgi;
GRANT SELECT,INSERT ON TABLE trainyard.judge_version_use TO trainyard_dispatch;

--
-- Name: TABLE member; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.member TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.member TO trainyard_dispatch;

--
-- Name: TABLE model; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.model TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.model TO trainyard_dispatch;

--
-- Name: TABLE organization; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.organization TO trainyard_dispatch;

--
-- Name: COLUMN organization.id; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(id) ON TABLE trainyard.organization TO trainyard_fcgi;

--
-- Name: COLUMN organization.key; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(key) ON TABLE trainyard.organization TO trainyard_fcgi;

--
-- Name: COLUMN organization.name; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(name) ON TABLE trainyard.organization TO trainyard_fcgi;

--
-- Name: COLUMN organization.description; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(description) ON TABLE trainyard.organization TO trainyard_fcgi;

--
-- Name: COLUMN organization.is_active; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(is_active) ON TABLE trainyard.organization TO trainyard_fcgi;

--
-- Name: COLUMN organization.max_members; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(max_members) ON TABLE trainyard.organization TO trainyard_fcgi;

--
-- Name: COLUMN organization.max_runtime_seconds; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(max_runtime_seconds) ON TABLE trainyard.organization TO trainyard_fcgi;

--
-- Name: COLUMN organization.default_runtime_seconds; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(default_runtime_seconds) ON TABLE trainyard.organization TO trainyard_fcgi;

--
-- Name: COLUMN organization.webhook_url; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(webhook_url) ON TABLE trainyard.organization TO trainyard_fcgi;

--
-- Name: COLUMN organization.created_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(created_at) ON TABLE trainyard.organization TO trainyard_fcgi;

--
-- Name: COLUMN organization.updated_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(updated_at) ON TABLE trainyard.organization TO trainyard_fcgi;

--
-- Name: TABLE outbox; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE trainyard.outbox TO trainyard_dispatch;

--
-- Name: COLUMN outbox.workspace_id; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(workspace_id) ON TABLE trainyard.outbox TO trainyard_fcgi;

--
-- Name: COLUMN outbox.id; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(id) ON TABLE trainyard.outbox TO trainyard_fcgi;

--
-- Name: COLUMN outbox.channel; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(channel) ON TABLE trainyard.outbox TO trainyard_fcgi;

--
-- Name: COLUMN outbox.event; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(event) ON TABLE trainyard.outbox TO trainyard_fcgi;

--
-- Name: COLUMN outbox.job_id; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(job_id) ON TABLE trainyard.outbox TO trainyard_fcgi;

--
-- Name: COLUMN outbox.run_id; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(run_id) ON TABLE trainyard.outbox TO trainyard_fcgi;

--
-- Name: COLUMN outbox.target; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(target) ON TABLE trainyard.outbox TO trainyard_fcgi;

--
-- Name: COLUMN outbox.status; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(status),UPDATE(status) ON TABLE trainyard.outbox TO trainyard_fcgi;

--
-- Name: COLUMN outbox.attempt_count; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(attempt_count) ON TABLE trainyard.outbox TO trainyard_fcgi;

--
-- Name: COLUMN outbox.next_attempt_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(next_attempt_at),UPDATE(next_attempt_at) ON TABLE trainyard.outbox TO trainyard_fcgi;

--
-- Name: COLUMN outbox.created_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(created_at) ON TABLE trainyard.outbox TO trainyard_fcgi;

--
-- Name: COLUMN outbox.delivered_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT(delivered_at),UPDATE(delivered_at) ON TABLE trainyard.outbox TO trainyard_fcgi;

--
-- Name: COLUMN outbox.tries; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(tries) ON TABLE trainyard.outbox TO trainyard_fcgi;

--
-- Name: TABLE outbox_attempt; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.outbox_attempt TO trainyard_fcgi;
GRANT SELECT,INSERT ON TABLE trainyard.outbox_attempt TO trainyard_dispatch;

--
-- Name: TABLE project; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.project TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.project TO trainyard_dispatch;

--
-- Name: TABLE retraining_policy; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT ON TABLE trainyard.retraining_policy TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.retraining_policy TO trainyard_dispatch;

--
-- Name: COLUMN retraining_policy.enabled; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(enabled) ON TABLE trainyard.retraining_policy TO trainyard_fcgi;

--
-- Name: COLUMN retraining_policy.min_new_feedback; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(min_new_feedback) ON TABLE trainyard.retraining_policy TO trainyard_fcgi;

--
-- Name: COLUMN retraining_policy.min_interval_hours; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(min_interval_hours) ON TABLE trainyard.retraining_policy TO trainyard_fcgi;

--
-- Name: COLUMN retraining_policy.auto_deploy; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(auto_deploy) ON TABLE trainyard.retraining_policy TO trainyard_fcgi;

--
-- Name: COLUMN retraining_policy.updated_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(updated_at) ON TABLE trainyard.retraining_policy TO trainyard_fcgi;

--
-- Name: COLUMN retraining_policy.updated_by; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(updated_by) ON TABLE trainyard.retraining_policy TO trainyard_fcgi;

--
-- Name: COLUMN retraining_policy.last_run_id; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(last_run_id) ON TABLE trainyard.retraining_policy TO trainyard_fcgi;
GRANT UPDATE(last_run_id) ON TABLE trainyard.retraining_policy TO trainyard_dispatch;

--
-- Name: COLUMN retraining_policy.last_fired_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(last_fired_at) ON TABLE trainyard.retraining_policy TO trainyard_fcgi;
GRANT UPDATE(last_fired_at) ON TABLE trainyard.retraining_policy TO trainyard_dispatch;

--
-- Name: COLUMN retraining_policy.due_at; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT UPDATE(due_at) ON TABLE trainyard.retraining_policy TO trainyard_fcgi;
GRANT UPDATE(due_at) ON TABLE trainyard.retraining_policy TO trainyard_dispatch;

--
-- Name: TABLE schema_migration; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.schema_migration TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.schema_migration TO trainyard_dispatch;

--
-- Name: TABLE token; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.token TO trainyard_fcgi;

--
-- Name: TABLE touch_set; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE trainyard.touch_set TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.touch_set TO trainyard_dispatch;

--
-- Name: TABLE workspace; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.workspace TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.workspace TO trainyard_dispatch;

--
-- Name: TABLE workspace_member; Type: ACL; Schema: trainyard; Owner: trainyard_owner
--

GRANT SELECT ON TABLE trainyard.workspace_member TO trainyard_fcgi;
GRANT SELECT ON TABLE trainyard.workspace_member TO trainyard_dispatch;

--
-- PostgreSQL database dump complete
--

