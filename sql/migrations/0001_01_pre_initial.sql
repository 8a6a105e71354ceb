-- SPDX-License-Identifier: BSD-2-Clause
-- The first schema.  Every tenant table has workspace_id first in its key, so
-- that it can be distributed by it.  Ids are UUIDv7, made by the caller.
-- Times are the server's.  Runs in one transaction as the owning role.
--
-- A table with several indexes gets its primary key last: on an empty table
-- all indexes cost the same and the planner takes the newest, and what it
-- plans then, foreign key checks too, is kept until the first ANALYZE.

create schema if not exists trainyard;

-- What has been applied, written by `trainyard migrate` in the transaction
-- of the migration itself.
create table trainyard.schema_migration (
    name       text primary key,
    phase      text not null check (phase in ('pre', 'post')),
    sha256     bytea not null check (length(sha256) = 32),
    applied_at timestamptz not null default clock_timestamp(),
    applied_by text not null default session_user
);

-- Who ----------------------------------------------------------------------

create table trainyard.organization (
    id          uuid primary key,
    key         text not null unique check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name        text not null check (length(name) between 1 and 200),
    description text,
    is_active   boolean not null default true,
    max_members integer not null default 0 check (max_members >= 0),
    -- null: the platform's defaults, 86400 and 3600
    max_runtime_seconds     integer check (max_runtime_seconds > 0),
    default_runtime_seconds integer check (default_runtime_seconds > 0),
    webhook_url             text,
    webhook_secret          text not null,
    webhook_secret_previous text,
    created_at  timestamptz not null default clock_timestamp(),
    updated_at  timestamptz not null default clock_timestamp()
);

create table trainyard.account (
    id         uuid primary key,
    email      text not null unique check (email like '%_@_%'),
    username   text not null unique check (length(username) between 1 and 200),
    full_name  text,
    created_at timestamptz not null default clock_timestamp()
);

create table trainyard.workspace (
    id              uuid primary key,
    organization_id uuid not null references trainyard.organization,
    key             text not null check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name            text not null check (length(name) between 1 and 200),
    is_default      boolean not null default false,
    -- queued jobs; null: the site's queue_quota, 0: no limit
    queue_quota     integer check (queue_quota >= 0),
    created_at      timestamptz not null default clock_timestamp(),
    updated_at      timestamptz not null default clock_timestamp(),
    unique (organization_id, key)
);
create unique index workspace_default_idx on trainyard.workspace
    (organization_id) where is_default;

create table trainyard.member (
    organization_id uuid not null references trainyard.organization,
    account_id      uuid not null references trainyard.account,
    -- an owner sees every workspace, a member those of workspace_member
    role            text not null default 'member'
                    check (role in ('owner', 'member')),
    created_at      timestamptz not null default clock_timestamp(),
    primary key (organization_id, account_id)
);
create index member_account_idx on trainyard.member (account_id);

create table trainyard.workspace_member (
    workspace_id uuid not null references trainyard.workspace,
    account_id   uuid not null references trainyard.account,
    created_at   timestamptz not null default clock_timestamp(),
    primary key (workspace_id, account_id)
);

create table trainyard.project (
    workspace_id uuid not null references trainyard.workspace,
    id           uuid not null,
    key          text not null check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name         text not null check (length(name) between 1 and 200),
    is_default   boolean not null default false,
    created_at   timestamptz not null default clock_timestamp(),
    updated_at   timestamptz not null default clock_timestamp(),
    primary key (workspace_id, id),
    unique (workspace_id, key)
);
create unique index project_default_idx on trainyard.project
    (workspace_id) where is_default;

create table trainyard.token (
    id              uuid primary key,
    sha256          bytea not null unique check (length(sha256) = 32),
    hint            text not null,              -- last four characters
    name            text not null check (length(name) between 1 and 200),
    account_id      uuid not null references trainyard.account,
    -- null: every organisation / workspace the account may see
    organization_id uuid references trainyard.organization,
    workspace_id    uuid references trainyard.workspace,
    scopes          text[] not null,
    rate_limit      integer check (rate_limit >= 0), -- a minute; null: site's
    created_at      timestamptz not null default clock_timestamp(),
    expires_at      timestamptz,
    revoked_at      timestamptz,
    check (workspace_id is null or organization_id is not null)
);
create index token_account_idx on trainyard.token (account_id);

-- What jobs name -----------------------------------------------------------

create table trainyard.model (
    id              text primary key check (length(id) between 1 and 200),
    display_name    text not null,
    family          text not null check (family in ('llama', 'qwen')),
    type            text not null check (type in ('dense', 'moe')),
    size_b          numeric not null check (size_b >= 0.1),
    context_length  integer not null check (context_length >= 1),
    extended_tokens integer check (extended_tokens > context_length),
    algorithms      text[] not null check (algorithms <@
                    array['sft', 'importance_sampling', 'ppo']::text[]),
    pricing         jsonb,
    retired_at      timestamptz,
    updated_at      timestamptz not null default clock_timestamp()
);

create table trainyard.artifact (
    workspace_id uuid not null references trainyard.workspace,
    id           uuid not null,
    kind         text not null check (kind in ('capability', 'dataset',
                 'trajectory_dataset', 'task', 'model', 'checkpoint', 'other')),
    name         text not null check (name ~ '^[a-z0-9][a-z0-9._-]{0,127}$'),
    version      text not null check (version <> 'latest' and
                 version ~ '^[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}$'),
    media_type   text not null,
    size         bigint check (size >= 0),
    sha256       bytea check (length(sha256) = 32),
    uri          text,               -- kept elsewhere; null: bytes are here
    -- what the server reads inside a task or a world manifest, else null
    document     jsonb,
    created_at   timestamptz not null default clock_timestamp(),
    created_by   uuid not null references trainyard.account,
    unique (workspace_id, kind, name, version),
    check (uri is not null or (size is not null and sha256 is not null))
);
create index artifact_newest_idx on trainyard.artifact
    (workspace_id, kind, name, id desc);
create index artifact_blob_idx on trainyard.artifact (sha256)
    where uri is null;
alter table trainyard.artifact add primary key (workspace_id, id);

-- Judges -------------------------------------------------------------------

create table trainyard.judge (
    workspace_id   uuid not null references trainyard.workspace,
    id             uuid not null,
    key            text not null,     -- jdg_..., the id on the wire
    content_type   text not null
                   check (content_type in ('text', 'video', 'audio', 'image')),
    active_version integer not null default 1,
    last_version   integer not null default 1,
    -- a trained version has been active once
    is_trained     boolean not null default false,
    -- highest high-water mark of completed incremental and full_retrain jobs
    mark           bigint not null default 0,
    mark_job_id    uuid,
    created_at     timestamptz not null default clock_timestamp(),
    updated_at     timestamptz not null default clock_timestamp(),
    created_by     uuid not null references trainyard.account,
    archived_at    timestamptz,
    primary key (workspace_id, id),
    unique (workspace_id, key),
    check (active_version between 1 and last_version)
);
create index judge_list_idx on trainyard.judge (workspace_id, created_at, id);

create table trainyard.judge_version (
    workspace_id    uuid not null,
    judge_id        uuid not null,
    number          integer not null check (number >= 1),
    id              uuid not null,
    status          text not null
                    check (status in ('active', 'draft', 'deployed', 'archived')),
    name            text not null check (length(name) between 1 and 200),
    description     text not null check (length(description) between 1 and 2000),
    model_sha256    bytea check (length(model_sha256) = 32),
    base_version    integer,
    job_id          uuid,
    trained_through bigint not null default 0,
    seen_through    bigint not null default 0,
    seen_split      double precision not null default 1,
    feedback_count  bigint,
    validation      jsonb,           -- validation_results of the job
    changes_summary text not null,
    created_at      timestamptz not null default clock_timestamp(),
    created_by      uuid not null,
    deployed_at     timestamptz,
    archived_at     timestamptz,
    primary key (workspace_id, judge_id, number),
    unique (workspace_id, id),
    foreign key (workspace_id, judge_id) references trainyard.judge
);
create unique index judge_version_active_idx on trainyard.judge_version
    (workspace_id, judge_id) where status = 'active';

create table trainyard.criterion (
    workspace_id uuid not null,
    judge_id     uuid not null,
    version      integer not null,
    position     smallint not null check (position between 1 and 50),
    id           text not null check (id ~ '^crit_[a-z0-9_]{1,60}$'),
    name         text not null check (length(name) between 1 and 100),
    description  text check (length(description) <= 2000),
    weight       double precision not null default 1
                 check (weight > 0 and weight <= 1000),
    primary key (workspace_id, judge_id, version, position),
    unique (workspace_id, judge_id, version, id),
    unique (workspace_id, judge_id, version, name),
    foreign key (workspace_id, judge_id, version)
        references trainyard.judge_version
);

-- Counted apart from the version, which is immutable.
create table trainyard.judge_version_use (
    workspace_id uuid not null,
    judge_id     uuid not null,
    version      integer not null,
    evaluations  bigint not null default 0,
    seconds      double precision not null default 0,
    primary key (workspace_id, judge_id, version),
    foreign key (workspace_id, judge_id, version)
        references trainyard.judge_version
) with (fillfactor = 50);

create table trainyard.deployment (
    workspace_id uuid not null,
    judge_id     uuid not null,
    version      integer not null,
    at           timestamptz not null default clock_timestamp(),
    by           uuid,
    reason       text,
    job_id       uuid,
    primary key (workspace_id, judge_id, version, at),
    foreign key (workspace_id, judge_id, version)
        references trainyard.judge_version
);

create table trainyard.evaluation_batch (
    workspace_id uuid not null,
    id           uuid not null,
    judge_id     uuid not null,
    version      integer not null,
    name         text,
    total        integer not null,
    stored       integer not null,
    created_at   timestamptz not null default clock_timestamp(),
    created_by   uuid not null,
    primary key (workspace_id, id),
    foreign key (workspace_id, judge_id) references trainyard.judge
);

create table trainyard.evaluation (
    workspace_id uuid not null,
    id           uuid not null,
    judge_id     uuid not null,
    version      integer not null,
    batch_id     uuid,
    content      text,
    content_ref  text,
    external_id  text,
    metadata     json,
    words        json,      -- summary, strengths, ...: the caller's, echoed
    raw          jsonb not null,     -- criterion id -> score given
    scores       jsonb not null,     -- criterion id -> score shown
    raw_overall  double precision not null,
    overall      double precision not null,
    -- what the split groups by, and its place in 0..1 (judge/group.h)
    group_key    text not null,
    group_u      double precision not null check (group_u >= 0 and group_u < 1),
    evaluated_at timestamptz not null default clock_timestamp(),
    seconds      double precision not null default 0,
    created_by   uuid not null,
    check (content is not null or content_ref is not null),
    foreign key (workspace_id, judge_id, version)
        references trainyard.judge_version
);
create index evaluation_judge_idx on trainyard.evaluation
    (workspace_id, judge_id, id desc);
create index evaluation_batch_idx on trainyard.evaluation
    (workspace_id, batch_id, id) where batch_id is not null;
create index evaluation_external_idx on trainyard.evaluation
    (workspace_id, external_id, id desc) where external_id is not null;
-- by hash: 2048 characters may be longer than an index entry
create index evaluation_content_idx on trainyard.evaluation
    (workspace_id, hashtextextended(content_ref, 0), id desc)
    where content_ref is not null;
alter table trainyard.evaluation add primary key (workspace_id, id);

-- One row a judge: what POST /training/jobs must not count.  Its row lock
-- gives feedback its numbers in commit order.
create table trainyard.feedback_tally (
    workspace_id uuid not null,
    judge_id     uuid not null,
    last_number  bigint not null default 0,
    corrections  bigint not null default 0,
    ratings      bigint not null default 0,
    approved     bigint not null default 0,
    rejected     bigint not null default 0,
    comments     bigint not null default 0,
    earliest     timestamptz,
    latest       timestamptz,
    primary key (workspace_id, judge_id),
    foreign key (workspace_id, judge_id) references trainyard.judge,
    check (last_number = corrections + ratings + approved + rejected + comments)
) with (fillfactor = 50);

-- The sorted set of criteria that an entry touches; a judge has few.
create table trainyard.touch_set (
    workspace_id uuid not null,
    judge_id     uuid not null,
    id           integer not null,
    criteria     text[] not null,
    -- of the criteria, which may be longer than an index entry
    digest       bytea not null check (length(digest) = 32),
    corrections  bigint not null default 0,
    ratings      bigint not null default 0,
    approved     bigint not null default 0,
    rejected     bigint not null default 0,
    comments     bigint not null default 0,
    primary key (workspace_id, judge_id, id),
    unique (workspace_id, judge_id, digest),
    foreign key (workspace_id, judge_id) references trainyard.judge
) with (fillfactor = 50);

create table trainyard.feedback (
    workspace_id    uuid not null,
    judge_id        uuid not null,
    number          bigint not null check (number >= 1),
    id              uuid not null,
    evaluation_id   uuid not null,
    judge_version   integer not null,
    batch_id        uuid,
    session_id      uuid,
    type            text not null
                    check (type in ('correction', 'rating', 'comment', 'approval')),
    corrected_scores jsonb,
    rating          double precision check (rating between 1 and 5),
    comment         text,
    explanation     text,
    approved        boolean,
    target_criteria text[] not null,
    submitted_by    text not null,
    submitted_at    timestamptz not null,
    touch_set       integer not null,
    -- running totals in the judge, this entry included
    corrections     bigint not null,
    ratings         bigint not null,
    approvals       bigint not null,
    rejections      bigint not null,
    comments        bigint not null,
    -- running totals in its touch set, this entry included
    set_corrections bigint not null,
    set_ratings     bigint not null,
    set_approvals   bigint not null,
    set_rejections  bigint not null,
    set_comments    bigint not null,
    unique (workspace_id, id),
    foreign key (workspace_id, judge_id) references trainyard.judge,
    foreign key (workspace_id, evaluation_id) references trainyard.evaluation,
    check (number = corrections + ratings + approvals + rejections + comments),
    check (type <> 'correction' or corrected_scores is not null),
    check (type <> 'rating' or rating is not null),
    check (type <> 'comment' or comment is not null),
    check (type <> 'approval' or approved is not null)
);
create index feedback_evaluation_idx on trainyard.feedback
    (workspace_id, evaluation_id, number);
create index feedback_time_idx on trainyard.feedback
    (workspace_id, judge_id, submitted_at, number);
create index feedback_set_idx on trainyard.feedback
    (workspace_id, judge_id, touch_set, number);
alter table trainyard.feedback add primary key (workspace_id, judge_id, number);

-- Jobs ---------------------------------------------------------------------

create sequence trainyard.queue_seq;

create table trainyard.job (
    workspace_id    uuid not null references trainyard.workspace,
    id              uuid not null,
    organization_id uuid not null,
    face            text not null check (face in ('hosted', 'judge')),
    -- which runner trains it
    kind            text not null
                    check (kind in ('tinker_sft', 'tinker_rl', 'ray_grpo', 'judge')),
    status          text not null check (status in ('created', 'queued',
                    'claimed', 'running', 'preparing', 'training',
                    'validating', 'completed', 'failed', 'cancelled')),
    priority        smallint not null default 0
                    check (priority between -1 and 1),
    -- rises with each queueing: the claim's watermark
    queue_seq       bigint not null default nextval('trainyard.queue_seq'),
    attempt         integer not null default 1 check (attempt >= 1),
    lost_leases     smallint not null default 0,
    timeout_seconds integer not null check (timeout_seconds > 0),
    revision        bigint not null default 1,     -- the ETag
    created_at      timestamptz not null default now(),
    created_by      uuid not null,
    queued_at       timestamptz,
    started_at      timestamptz,
    completed_at    timestamptz,
    cancel_requested_at timestamptz,
    updated_at      timestamptz not null default now(),
    error           text,
    error_type      text,
    config          json not null,
    metrics         jsonb not null default '{}',   -- no series, see job_series
    artifacts       jsonb not null default '{}',

    -- hosted face
    name            text,
    model           text,
    algorithm       text check (algorithm in ('grpo', 'importance_sampling', 'ppo')),
    project_key     text,
    run_ref         text,
    tags            text[] not null default '{}',
    capability_id   uuid,
    capability_name text,               -- as submitted
    capability_version text,
    capability_sha256 bytea,

    -- judge face
    judge_id        uuid,
    training_type   text check (training_type in ('incremental',
                    'full_retrain', 'fine_tune', 'validation')),
    options         json,
    webhook_url     text,
    webhook_secret  text,
    execution_id    uuid,
    base_version    integer,
    progress        smallint not null default 0
                    check (progress between 0 and 100),
    version_number  integer,
    version_id      uuid,
    deployment      json,
    validation      jsonb,
    estimated_minutes integer,
    retraining_run_id uuid,

    check ((face = 'judge') = (kind = 'judge')),
    check (face = 'judge' or (model is not null and capability_id is not null)),
    check (face = 'hosted' or (judge_id is not null and
           training_type is not null and options is not null and
           base_version is not null)),
    check ((status in ('completed', 'failed', 'cancelled'))
           = (completed_at is not null)),
    check ((status = 'failed') = (error is not null)),
    check (status not in ('claimed', 'running') or face = 'hosted'),
    check (status not in ('created', 'preparing', 'training', 'validating')
           or face = 'judge'),
    foreign key (workspace_id, judge_id) references trainyard.judge
);
-- higher priority first, then the one queued first
create index job_queue_idx on trainyard.job (kind, priority desc, queue_seq)
    where status = 'queued';
create index job_quota_idx on trainyard.job (workspace_id)
    where status = 'queued';
create index job_hosted_idx on trainyard.job (workspace_id, id desc)
    where face = 'hosted';
create index job_judge_list_idx on trainyard.job (workspace_id, id desc)
    where face = 'judge';
create unique index job_slot_idx on trainyard.job (workspace_id, judge_id)
    where face = 'judge' and training_type <> 'validation'
      and status in ('queued', 'preparing', 'training', 'validating');
create index job_judge_idx on trainyard.job (workspace_id, judge_id, id desc)
    where face = 'judge';
-- the site's newest completed ones: how long such jobs take
create index job_pace_idx on trainyard.job (completed_at desc)
    where face = 'judge' and status = 'completed';
alter table trainyard.job add primary key (workspace_id, id);

-- The word on the wire.  Training is what the job in the judge's slot does
-- once it has begun.
create function trainyard.judge_status(j trainyard.judge) returns text
language sql stable as $$
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

-- What a hosted job names, pinned when it was created.
create table trainyard.job_artifact (
    workspace_id uuid not null,
    job_id       uuid not null,
    role         text not null check (role in ('capability', 'dataset',
                 'prompt_dataset', 'eval_dataset', 'trajectory_dataset',
                 'task', 'world')),
    position     smallint not null default 0,
    -- the job's workspace or its organisation's shelf
    artifact_workspace_id uuid not null,
    artifact_id  uuid not null,
    primary key (workspace_id, job_id, role, position),
    foreign key (workspace_id, job_id) references trainyard.job,
    foreign key (artifact_workspace_id, artifact_id)
        references trainyard.artifact
);

-- What a judge job will learn from, frozen when it was created.
create table trainyard.feedback_summary (
    workspace_id    uuid not null,
    job_id          uuid not null,
    -- the selection: first_number <= number <= high_water_mark
    first_number    bigint not null,
    high_water_mark bigint not null,
    -- only entries of these touch sets; null: all
    touch_sets      integer[],
    corrections     bigint not null,
    ratings         bigint not null,
    approved        bigint not null,
    rejected        bigint not null,
    comments        bigint not null,
    earliest        timestamptz,
    latest          timestamptz,
    primary key (workspace_id, job_id),
    foreign key (workspace_id, job_id) references trainyard.job
);

create table trainyard.attempt (
    workspace_id uuid not null,
    job_id       uuid not null,
    number       integer not null check (number >= 1),   -- the epoch
    status       text not null check (status in ('claimed', 'running',
                 'completed', 'failed', 'cancelled', 'lost')),
    execution_id uuid,
    engine       text not null,
    worker       text not null,          -- which dispatcher
    handle       text,                   -- the engine's own name for the run
    lease_until  timestamptz not null,
    queued_at    timestamptz not null,
    claimed_at   timestamptz not null default now(),
    started_at   timestamptz,
    completed_at timestamptz,
    final_event  text,                   -- the terminal event that ended it
    checkpoint   text,                   -- newest complete one
    -- bytes of the runner's stdout and stderr that are recorded (local engine)
    events_offset bigint not null default 0,
    stderr_offset bigint not null default 0,
    error        text,
    error_type   text,
    metrics      jsonb not null default '{}',
    artifacts    jsonb not null default '{}',
    primary key (workspace_id, job_id, number),
    check ((status in ('claimed', 'running')) = (completed_at is null)),
    foreign key (workspace_id, job_id) references trainyard.job
) with (fillfactor = 70);
create index attempt_lease_idx on trainyard.attempt (lease_until)
    where status in ('claimed', 'running');
create index attempt_worker_idx on trainyard.attempt (worker)
    where status in ('claimed', 'running');

create table trainyard.job_event (
    workspace_id uuid not null,
    job_id       uuid not null,
    seq          bigint generated always as identity,
    attempt      integer not null,
    event        text not null,
    from_status  text,
    to_status    text,
    message      text,
    data         json,
    at           timestamptz not null default clock_timestamp(),
    primary key (workspace_id, job_id, seq)
);

create table trainyard.job_log (
    workspace_id uuid not null,
    job_id       uuid not null,
    seq          bigint generated always as identity,
    attempt      integer not null,
    level        smallint not null check (level between 0 and 3),
    message      text not null,
    data         json,
    at           timestamptz not null default clock_timestamp(),
    primary key (workspace_id, job_id, seq)
);
create index job_log_age_idx on trainyard.job_log using brin (at);

-- Metrics as they were sent, one row an event.
create table trainyard.job_metric (
    workspace_id uuid not null,
    job_id       uuid not null,
    attempt      integer not null,
    seq          bigint generated always as identity,
    event_type   text not null,
    step         bigint,
    metrics      json not null,
    at           timestamptz not null default clock_timestamp(),
    primary key (workspace_id, job_id, attempt, seq)
);

-- The arrays of a job's metrics, in pieces, so that a long series is not
-- rewritten with each point.
create table trainyard.job_series (
    workspace_id uuid not null,
    job_id       uuid not null,
    attempt      integer not null,
    key          text not null,
    seq          bigint generated always as identity,
    points       jsonb not null check (jsonb_typeof(points) = 'array'),
    primary key (workspace_id, job_id, attempt, key, seq)
);

-- Around the change itself -------------------------------------------------

create table trainyard.outbox (
    workspace_id uuid not null,
    id           uuid not null,
    organization_id uuid not null,
    channel      text not null check (channel in ('webhook', 'mail')),
    event        text not null,
    job_id       uuid,
    run_id       uuid,
    judge_id     uuid,
    target       text not null,
    snapshot     jsonb not null,         -- the resource's row at that moment
    status       text not null default 'pending' check (status in ('pending',
                 'delivering', 'delivered', 'failed', 'stopped')),
    attempt_count integer not null default 0,
    next_attempt_at timestamptz default now(),
    created_at   timestamptz not null default now(),
    delivered_at timestamptz,
    primary key (workspace_id, id)
);
create index outbox_due_idx on trainyard.outbox (next_attempt_at)
    where status = 'pending';

create table trainyard.idempotency_key (
    account_id   uuid not null,
    method       text not null,
    path         text not null,
    key          text not null check (length(key) between 1 and 255),
    request_hash bytea not null check (length(request_hash) = 32),
    status       smallint not null,
    location     text,
    body         text not null,
    created_at   timestamptz not null default now(),
    primary key (account_id, method, path, key)
);
create index idempotency_age_idx on trainyard.idempotency_key
    using brin (created_at);

create table trainyard.audit (
    workspace_id uuid,
    organization_id uuid,
    seq          bigint generated always as identity primary key,
    at           timestamptz not null default clock_timestamp(),
    actor        text not null,          -- account id, or command:<user>
    action       text not null,
    target       text not null,
    request_id   text
);
create index audit_workspace_idx on trainyard.audit (workspace_id, seq desc);

-- A job's status moves along these edges only (lib/domain/state.tbl.h).
create table trainyard.job_edge (
    face        text not null,
    from_status text not null,
    to_status   text not null,
    primary key (face, from_status, to_status)
);
insert into trainyard.job_edge values
    ('hosted', 'queued', 'claimed'),
    ('hosted', 'claimed', 'running'),
    ('hosted', 'claimed', 'queued'),
    ('hosted', 'running', 'queued'),
    ('hosted', 'running', 'completed'),
    ('hosted', 'running', 'failed'),
    ('hosted', 'claimed', 'failed'),
    ('hosted', 'running', 'cancelled'),
    ('hosted', 'claimed', 'cancelled'),
    ('hosted', 'queued', 'cancelled'),
    ('hosted', 'queued', 'failed'),
    ('hosted', 'failed', 'queued'),
    ('hosted', 'cancelled', 'queued'),
    ('judge', 'created', 'queued'),
    ('judge', 'created', 'cancelled'),
    ('judge', 'queued', 'preparing'),
    ('judge', 'queued', 'cancelled'),
    ('judge', 'queued', 'failed'),
    ('judge', 'preparing', 'training'),
    ('judge', 'preparing', 'validating'),
    ('judge', 'training', 'validating'),
    ('judge', 'validating', 'completed'),
    ('judge', 'preparing', 'failed'),
    ('judge', 'training', 'failed'),
    ('judge', 'validating', 'failed'),
    ('judge', 'preparing', 'cancelled'),
    ('judge', 'training', 'cancelled'),
    ('judge', 'validating', 'cancelled'),
    ('judge', 'preparing', 'queued'),
    ('judge', 'training', 'queued'),
    ('judge', 'validating', 'queued'),
    ('judge', 'failed', 'queued'),
    ('judge', 'cancelled', 'queued');

-- Statement-level, so that a group of rows costs one call.  Holds the edges,
-- writes the history and the outbox: no statement can forget them.
create function trainyard.job_inserted() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
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

create function trainyard.job_updated() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
    bad text;
begin
    select o.face || ' job: ' || o.status || ' to ' || n.status into bad
      from before o
      join after n on n.workspace_id = o.workspace_id and n.id = o.id
     where o.status <> n.status
       and not exists (select 1 from trainyard.job_edge e
            where e.face = o.face and e.from_status = o.status
              and e.to_status = n.status)
     limit 1;
    if bad is not null then
        raise exception 'no such transition: %', bad
            using errcode = 'check_violation', constraint = 'job_edge';
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

-- The job's own address, else the organisation's; nothing without either.
create function trainyard.job_outbox(changed trainyard.job[]) returns void
language sql security definer set search_path = pg_catalog as $$
    insert into trainyard.outbox (workspace_id, id, organization_id, channel,
        event, job_id, judge_id, target, snapshot)
    select n.workspace_id, gen_random_uuid(), n.organization_id, 'webhook',
           'training.job.' || n.status, n.id, n.judge_id,
           coalesce(n.webhook_url, o.webhook_url),
           to_jsonb(n) - 'webhook_secret'
      from unnest(changed) n
      join trainyard.organization o on o.id = n.organization_id
     where coalesce(n.webhook_url, o.webhook_url) is not null
$$;
-- Only the triggers, as the owner: it would forge deliveries.
revoke execute on function trainyard.job_outbox from public;

create trigger job_inserted after insert on trainyard.job
    referencing new table as added
    for each statement execute function trainyard.job_inserted();
create trigger job_updated after update on trainyard.job
    referencing old table as before new table as after
    for each statement execute function trainyard.job_updated();

-- Nothing that was recorded is rewritten.
create function trainyard.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
    raise exception '% is append-only', tg_table_name
        using errcode = 'object_not_in_prerequisite_state';
end
$$;
create trigger feedback_append_only before update or delete
    on trainyard.feedback
    for each statement execute function trainyard.refuse_change();
create trigger audit_append_only before update on trainyard.audit
    for each statement execute function trainyard.refuse_change();
create trigger artifact_immutable before update on trainyard.artifact
    for each statement execute function trainyard.refuse_change();

-- A changed token, account or membership is told to every responder.
create function trainyard.notify_access() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
    perform pg_notify('trainyard_access', tg_table_name);
    return null;
end
$$;
create trigger token_notify after update or delete on trainyard.token
    for each statement execute function trainyard.notify_access();
create trigger member_notify after insert or update or delete
    on trainyard.member
    for each statement execute function trainyard.notify_access();
create trigger workspace_member_notify after insert or update or delete
    on trainyard.workspace_member
    for each statement execute function trainyard.notify_access();
create trigger workspace_notify after insert or update or delete
    on trainyard.workspace
    for each statement execute function trainyard.notify_access();
create trigger organization_notify after insert or update or delete
    on trainyard.organization
    for each statement execute function trainyard.notify_access();
create trigger project_notify after insert or update or delete
    on trainyard.project
    for each statement execute function trainyard.notify_access();
create trigger model_notify after insert or update or delete
    on trainyard.model
    for each statement execute function trainyard.notify_access();

insert into trainyard.model (id, display_name, family, type, size_b,
    context_length, extended_tokens, algorithms)
select m.id, m.display_name, m.family, m.type, m.size_b, m.context_length,
       m.extended, array['sft', 'importance_sampling', 'ppo']
  from (values
    ('meta-llama/Llama-3.2-1B', 'Llama 3.2 1B', 'llama', 'dense', 1.0, 32768, null),
    ('meta-llama/Llama-3.2-3B', 'Llama 3.2 3B', 'llama', 'dense', 3.0, 32768, null),
    ('meta-llama/Llama-3.1-8B', 'Llama 3.1 8B', 'llama', 'dense', 8.0, 32768, null),
    ('meta-llama/Llama-3.1-8B-Instruct', 'Llama 3.1 8B Instruct', 'llama', 'dense', 8.0, 32768, null),
    ('meta-llama/Llama-3.3-70B-Instruct', 'Llama 3.3 70B Instruct', 'llama', 'dense', 70.0, 32768, null),
    ('Qwen/Qwen3.5-4B', 'Qwen3.5 4B', 'qwen', 'dense', 4.0, 65536, null),
    ('Qwen/Qwen3-8B', 'Qwen3 8B', 'qwen', 'dense', 8.0, 32768, null),
    ('Qwen/Qwen3.5-9B', 'Qwen3.5 9B', 'qwen', 'dense', 9.0, 65536, null),
    ('Qwen/Qwen3.6-27B', 'Qwen3.6 27B', 'qwen', 'dense', 27.0, 65536, null),
    ('Qwen/Qwen3.6-35B-A3B', 'Qwen3.6 35B A3B', 'qwen', 'moe', 3.0, 65536, 262144),
    ('Qwen/Qwen3.5-397B-A17B', 'Qwen3.5 397B A17B', 'qwen', 'moe', 17.0, 65536, 262144),
    ('trainyard/tiny-llama', 'Tiny Llama (embedded)', 'llama', 'dense', 0.1, 512, null),
    ('trainyard/tiny-qwen', 'Tiny Qwen (embedded)', 'qwen', 'dense', 0.1, 512, null)
  ) as m (id, display_name, family, type, size_b, context_length, extended);

-- Least privilege ----------------------------------------------------------

grant usage on schema trainyard to trainyard_fcgi, trainyard_dispatch;

grant select on trainyard.schema_migration, trainyard.account, trainyard.workspace, trainyard.member,
    trainyard.workspace_member, trainyard.project, trainyard.model,
    trainyard.artifact, trainyard.judge, trainyard.judge_version,
    trainyard.criterion, trainyard.judge_version_use, trainyard.deployment,
    trainyard.evaluation_batch, trainyard.evaluation,
    trainyard.feedback_tally, trainyard.touch_set, trainyard.feedback,
    trainyard.job, trainyard.job_artifact, trainyard.feedback_summary,
    trainyard.attempt, trainyard.job_event, trainyard.job_log,
    trainyard.job_metric, trainyard.job_series, trainyard.job_edge
    to trainyard_fcgi, trainyard_dispatch;

-- responder: never the organisation's webhook secret, no lease of its own
grant select (id, key, name, description, is_active, max_members,
    max_runtime_seconds, default_runtime_seconds, webhook_url, created_at,
    updated_at) on trainyard.organization to trainyard_fcgi;
grant select on trainyard.token to trainyard_fcgi;
grant insert on trainyard.artifact, trainyard.judge, trainyard.judge_version,
    trainyard.criterion, trainyard.judge_version_use, trainyard.deployment,
    trainyard.evaluation_batch, trainyard.evaluation,
    trainyard.feedback_tally, trainyard.touch_set, trainyard.feedback,
    trainyard.job, trainyard.job_artifact, trainyard.feedback_summary,
    trainyard.job_log, trainyard.audit to trainyard_fcgi;
grant update on trainyard.judge, trainyard.judge_version_use,
    trainyard.feedback_tally, trainyard.touch_set to trainyard_fcgi;
grant update (status, deployed_at, archived_at) on trainyard.judge_version
    to trainyard_fcgi;
grant update (status, attempt, lost_leases, revision, queue_seq, queued_at,
    started_at, completed_at, cancel_requested_at, updated_at, error,
    error_type, metrics, artifacts, options, execution_id, priority,
    timeout_seconds, config, webhook_url, webhook_secret, progress)
    on trainyard.job to trainyard_fcgi;
grant select, insert, update on trainyard.idempotency_key to trainyard_fcgi;
grant usage on sequence trainyard.queue_seq
    to trainyard_fcgi, trainyard_dispatch;

-- dispatcher: jobs and what they make; no tokens, no people
grant select on trainyard.organization, trainyard.outbox
    to trainyard_dispatch;
grant insert, update on trainyard.attempt, trainyard.outbox
    to trainyard_dispatch;
grant update on trainyard.job, trainyard.judge to trainyard_dispatch;
grant insert on trainyard.job_log, trainyard.job_metric,
    trainyard.job_series, trainyard.judge_version, trainyard.criterion,
    trainyard.judge_version_use, trainyard.deployment, trainyard.job_event,
    trainyard.artifact, trainyard.audit to trainyard_dispatch;
grant update (status, deployed_at, archived_at) on trainyard.judge_version
    to trainyard_dispatch;
grant delete on trainyard.job_series, trainyard.job_log
    to trainyard_dispatch;
grant select (account_id, method, path, key, created_at), delete
    on trainyard.idempotency_key to trainyard_dispatch;
