# SPDX-License-Identifier: BSD-2-Clause
"""The peer: hosted training jobs as a Python team writes them.

Create, get (with ETag), list and progress: FastAPI routes, pydantic models
that validate the bodies, a bearer token checked against a digest kept in memory, one asyncpg statement a request,
committed before the 201.  Started by bench/run with as many worker processes
as there are cores, behind the same nginx, certificate and PostgreSQL:

    PEER_DSN=postgresql:///peer?host=DIR PEER_TOKEN=SECRET \\
        uvicorn app:app --uds SOCKET --workers 2 --no-access-log

Runs with Debian's python3-fastapi, -uvicorn, -asyncpg, -uvloop, -httptools.
"""

import datetime
import hashlib
import hmac
import json
import os
import uuid
from typing import Any, Literal, Union

import asyncpg
from fastapi import FastAPI, Header, HTTPException, Response
from pydantic import BaseModel, Field

TABLES = """
create table if not exists job (
    id uuid primary key,
    org text not null,
    ws text not null,
    name text,
    status text not null default 'queued',
    backend text not null,
    trainer_type text not null,
    model text not null,
    project_ref text,
    run_ref text,
    tags text[] not null default '{}',
    capability jsonb not null,
    config jsonb not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    revision bigint not null default 1
);
create index if not exists job_newest on job (ws, created_at desc);
create index if not exists job_waiting on job (created_at)
    where status = 'queued';
create table if not exists job_event (
    job_id uuid not null references job,
    seq bigint generated always as identity,
    event_type text not null,
    message text,
    data jsonb not null,
    metrics jsonb not null,
    at timestamptz not null default now(),
    primary key (job_id, seq)
);
"""

CREATE = """
insert into job (id, org, ws, name, backend, trainer_type, model, project_ref,
                 run_ref, tags, capability, config, created_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12::jsonb, $13)
returning created_at
"""

GET = """
select id, name, status, backend, trainer_type, model, project_ref, run_ref,
       tags, capability, config, created_by, created_at, revision
  from job where id = $1 and org = $2 and ws = $3
"""

LIST = """
select id, name, status, backend, trainer_type, model, project_ref, run_ref,
       tags, capability, config, created_by, created_at
  from job where org = $1 and ws = $2
 order by created_at desc, id desc limit $3
"""

COUNT = """
select count(*)
  from (select from job where org = $1 and ws = $2 limit 10000) q
"""

EVENT = """
insert into job_event (job_id, event_type, message, data, metrics)
values ($1, $2, $3, $4::jsonb, $5::jsonb)
"""

PROGRESS = """
update job set status = 'running', revision = revision + 1
 where id = $1 and org = $2 and ws = $3
   and status in ('queued', 'running')
returning id, name, status, backend, trainer_type, model, project_ref,
       run_ref, tags, capability, config, created_by, created_at
"""

USERS = {hashlib.sha256(os.environ["PEER_TOKEN"].encode()).digest(): "ada"}

Count = Field(None, ge=1, le=2147483647)
Rate = Field(None, gt=0)


class Strict(BaseModel):
    class Config:
        extra = "forbid"


class Reference(Strict):
    name: str = Field(min_length=1, max_length=200)
    version: str = Field(min_length=1, max_length=64)


class Recipe(Strict):
    name: str = Field(min_length=1, max_length=100)
    params: dict[str, Any] = {}


class TinkerSFT(Strict):
    dataset_ref: Reference | None = None
    trajectory_dataset_refs: list[Reference] = Field([], max_items=32)
    eval_dataset_ref: Reference | None = None
    max_sequence_length: int | None = Count
    batch_size: int | None = Count
    gradient_accumulation_steps: int | None = Count
    learning_rate: float | None = Rate
    steps: int | None = Count
    epochs: int | None = Count
    lora_rank: int | None = Count
    lora_alpha: int | None = Count
    checkpoint_interval: int | None = Count


class TinkerRL(Strict):
    algorithm: Literal["importance_sampling", "ppo"]
    task_ref: str | None = None
    prompt_dataset_ref: Reference | None = None
    eval_dataset_ref: Reference | None = None
    trajectory_dataset_refs: list[Reference] = Field([], max_items=32)
    reward_recipe: Recipe | None = None
    execution_mode: Literal["sync", "one_step_off_async", "fully_async"] = "sync"
    steps: int | None = Count
    num_rollouts: int | None = Count
    batch_size: int | None = Count
    learning_rate: float | None = Rate
    max_steps_off_policy: int | None = Count
    max_new_tokens: int | None = Count
    temperature: float | None = Field(None, ge=0)
    stop: list[str] | None = None


class RayGRPO(Strict):
    algorithm: Literal["grpo"] = "grpo"
    task_ref: str
    prompt_dataset_ref: Reference
    reward_recipe: Recipe | None = None
    execution_mode: Literal["async", "colocated", "distributed"] = "async"
    num_rollouts: int | None = Count
    batch_size: int | None = Count
    num_rollout_workers: int | None = Count
    buffer_size: int | None = Count
    learning_rate: float | None = Rate


class Wrapper(Strict):
    name: str | None = Field(None, min_length=1, max_length=200)
    model: str = Field(min_length=1, max_length=200)
    project_ref: str | None = None
    run_ref: str | None = None
    capability_ref: Reference
    tags: list[str] = Field([], max_items=32)


class CreateSFT(Wrapper):
    backend: Literal["tinker"] = "tinker"
    trainer_type: Literal["sft"]
    config: TinkerSFT


class CreateRL(Wrapper):
    backend: Literal["tinker"] = "tinker"
    trainer_type: Literal["rl"]
    config: TinkerRL


class CreateGRPO(Wrapper):
    backend: Literal["ray"]
    trainer_type: Literal["rl"] = "rl"
    config: RayGRPO


class Event(Strict):
    event_type: str = Field(min_length=1, max_length=100)
    message: str | None = None
    data: dict[str, Any] = {}
    metrics: dict[str, Any] = {}


class Job(BaseModel):
    id: uuid.UUID
    organization: str
    workspace: str
    name: str | None
    status: str
    backend: str
    trainer_type: str
    model: str
    project_ref: str | None
    run_ref: str | None
    tags: list[str]
    capability: dict[str, Any]
    config: dict[str, Any]
    created_by: str
    created_at: datetime.datetime


class Page(BaseModel):
    items: list[Job]
    total: int


app = FastAPI()


def user_of(authorization: str) -> str:
    scheme, _, secret = authorization.partition(" ")
    digest = hashlib.sha256(secret.encode()).digest()
    for known, user in USERS.items():
        if hmac.compare_digest(known, digest) and scheme.lower() == "bearer":
            return user
    raise HTTPException(401, "authentication required")


@app.on_event("startup")
async def connect() -> None:
    first = await asyncpg.connect(os.environ["PEER_DSN"])
    await first.execute("select pg_advisory_lock(1)")
    await first.execute(TABLES)
    await first.close()
    app.state.pool = await asyncpg.create_pool(
        os.environ["PEER_DSN"], min_size=8, max_size=16)


PATH = "/api/v1/org/{org}/ws/{ws}/training/jobs"


@app.post(PATH, status_code=201, response_model=Job)
async def create(org: str, ws: str, body: Union[CreateSFT, CreateRL, CreateGRPO],
                 authorization: str = Header("")) -> Job:
    user = user_of(authorization)
    config = body.config.dict(exclude_none=True)
    capability = body.capability_ref.dict()
    job_id = uuid.uuid4()
    row = await app.state.pool.fetchrow(
        CREATE, job_id, org, ws, body.name, body.backend, body.trainer_type,
        body.model, body.project_ref, body.run_ref, body.tags,
        json.dumps(capability), json.dumps(config), user)
    return Job(id=job_id, organization=org, workspace=ws, name=body.name,
               status="queued", backend=body.backend,
               trainer_type=body.trainer_type, model=body.model,
               project_ref=body.project_ref, run_ref=body.run_ref,
               tags=body.tags, capability=capability, config=config,
               created_by=user, created_at=row["created_at"])


def job_of(org: str, ws: str, row) -> Job:
    fields = dict(row)
    fields["capability"] = json.loads(fields["capability"])
    fields["config"] = json.loads(fields["config"])
    return Job(organization=org, workspace=ws, **fields)


@app.get(PATH, response_model=Page)
async def list_jobs(org: str, ws: str, page_size: int = 20,
                    authorization: str = Header("")) -> Page:
    user_of(authorization)
    async with app.state.pool.acquire() as conn:
        rows = await conn.fetch(LIST, org, ws, min(page_size, 100))
        total = await conn.fetchval(COUNT, org, ws)
    return Page(items=[job_of(org, ws, row) for row in rows], total=total)


@app.get(PATH + "/{job_id}", response_model=Job)
async def get(org: str, ws: str, job_id: uuid.UUID, response: Response,
              authorization: str = Header(""),
              if_none_match: str = Header("")):
    user_of(authorization)
    row = await app.state.pool.fetchrow(GET, job_id, org, ws)
    if row is None:
        raise HTTPException(404, "no such job")
    etag = f'"{row["revision"]}"'
    if if_none_match == etag:
        return Response(status_code=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    return job_of(org, ws, row)


@app.post(PATH + "/{job_id}/progress", response_model=Job)
async def progress(org: str, ws: str, job_id: uuid.UUID, body: Event,
                   authorization: str = Header("")) -> Job:
    user_of(authorization)
    async with app.state.pool.acquire() as conn, conn.transaction():
        row = await conn.fetchrow(PROGRESS, job_id, org, ws)
        if row is None:
            raise HTTPException(409, "no such job, or it is over")
        await conn.execute(EVENT, job_id, body.event_type, body.message,
                           json.dumps(body.data), json.dumps(body.metrics))
    return job_of(org, ws, row)
