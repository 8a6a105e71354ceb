# SPDX-License-Identifier: BSD-2-Clause
"""Hosted jobs over HTTP: create, read, report."""

import copy
import json

from .measure import compare, insert_script, pgbench, wrk

SFT = {
    "name": "triage-sft", "model": "meta-llama/Llama-3.1-8B-Instruct",
    "tags": ["nightly"],
    "capability_ref": {"name": "assistant", "version": "1.2.0"},
    "backend": "tinker", "trainer_type": "sft",
    "config": {
        "dataset_ref": {"name": "tickets", "version": "2026.03"},
        "trajectory_dataset_refs": [], "max_sequence_length": 4096,
        "batch_size": 8, "gradient_accumulation_steps": 2,
        "learning_rate": 0.0001, "epochs": 2, "lora_rank": 16,
        "lora_alpha": 32}}
RL = {
    "name": "gsm-ppo", "model": "Qwen/Qwen3-8B",
    "capability_ref": {"name": "assistant", "version": "1.2.0"},
    "backend": "tinker", "trainer_type": "rl",
    "config": {
        "algorithm": "ppo",
        "prompt_dataset_ref": {"name": "tickets", "version": "2026.03"},
        "reward_recipe": {"name": "gsm8k_v1", "params": {}},
        "steps": 2, "num_rollouts": 16, "batch_size": 8,
        "learning_rate": 0.00004, "max_new_tokens": 512}}
GRPO = {
    "name": "flags-grpo", "model": "trainyard/tiny-llama",
    "capability_ref": {"name": "assistant", "version": "1.2.0"},
    "backend": "ray", "trainer_type": "rl",
    "config": {
        "algorithm": "grpo", "task_ref": "find-flag@3",
        "prompt_dataset_ref": {"name": "tickets", "version": "2026.03"},
        "reward_recipe": {"name": "contains_v1",
                          "params": {"needle": "FLAG{"}},
        "num_rollouts": 8, "batch_size": 4, "learning_rate": 0.001}}
STEP = {"event_type": "step_complete", "data": {"step": 1},
        "metrics": {"loss": [1.5], "steps": [1]}}
TASK = {"instruction": "Find it.", "verification": {
    "method": "flag", "hash": "sha256:" + "ab" * 32}}


def furnish(stack) -> None:
    """What the bodies name."""
    stack.publish("capability", "assistant", "1.2.0", b"be kind")
    stack.publish("dataset", "tickets", "2026.03", b'{"prompt": "a"}\n')
    stack.publish("task", "find-flag", "3", json.dumps(TASK).encode())


def poster(stack, url, body, name):
    path = stack.file(name + ".json", body)
    return lambda s: wrk(url, s, stack.token, method="POST", body=path)


def create(ctx, bench) -> None:
    stack = ctx.stack
    job = stack.call("POST", stack.jobs, SFT)
    script = insert_script(stack, "trainyard.job", job["id"], "queue_seq")
    compare(ctx, bench, {
        "trainyard": poster(stack, stack.jobs, SFT, "sft"),
        "pgbench, single-row insert":
            lambda s: pgbench(stack, script, s),
        "FastAPI": poster(stack, stack.fastapi(), SFT, "sft")})


def create_kinds(ctx, bench) -> None:
    stack = ctx.stack
    judge = stack.call("POST", "/judges", {
        "name": "Kinds", "description": "d", "content_type": "text",
        "criteria": [{"name": "Clarity"}]})["id"]
    said = stack.call("POST", "/evaluations", {
        "judge_id": judge, "content": "c",
        "criteria_scores": {"crit_clarity": 50}})["evaluation_id"]
    stack.call("POST", "/feedback", {
        "evaluation_id": said, "type": "rating", "content": {"rating": 3}})
    training = {"judge_id": judge, "training_type": "incremental",
                "training_config": {"minimum_feedback_count": 1},
                "execution_options": {"auto_start": False}}
    # refuses early, and says why
    for url, body in ((stack.jobs, RL), (stack.jobs, GRPO),
                      ("/training/jobs", training)):
        stack.call("POST", url, body)
    compare(ctx, bench, {
        "tinker sft": poster(stack, stack.jobs, SFT, "sft"),
        "tinker rl": poster(stack, stack.jobs, RL, "rl"),
        "ray grpo": poster(stack, stack.jobs, GRPO, "grpo"),
        "judge": poster(stack, stack.url + "/training/jobs", training,
                        "judge")})


def one_each(stack):
    """URLs of the same job here and at the peer."""
    ours = stack.call("POST", stack.jobs, SFT)["id"]
    theirs = stack.call("POST", stack.fastapi(), SFT)["id"]
    return f"{stack.jobs}/{ours}", f"{stack.fastapi()}/{theirs}"


def get(ctx, bench) -> None:
    ours, theirs = one_each(ctx.stack)
    compare(ctx, bench, {
        "trainyard": lambda s: wrk(ours, s, ctx.stack.token),
        "FastAPI": lambda s: wrk(theirs, s, ctx.stack.token)})


def poll(ctx, bench) -> None:
    stack = ctx.stack
    runs = {}
    for label, url in zip(("trainyard", "FastAPI"), one_each(stack)):
        stack.call("GET", url)
        runs[label] = lambda s, url=url, etag=stack.etag: wrk(
            url, s, stack.token, etag=etag)
    compare(ctx, bench, runs)


def listed(ctx, bench) -> None:
    stack = ctx.stack
    for _ in range(20):
        one_each(stack)
    compare(ctx, bench, {
        "trainyard": lambda s: wrk(stack.jobs, s, stack.token),
        "FastAPI": lambda s: wrk(stack.fastapi(), s, stack.token)})


def claimed(stack, n: int) -> list:
    """Jobs that a worker has, for a day."""
    ids = [stack.call("POST", stack.jobs, SFT)["id"] for _ in range(n)]
    with stack.connect() as conn, conn.cursor() as cursor:
        cursor.execute(
            "update trainyard.job set status = 'claimed' where id ="
            " any (%s::uuid[]) and status = 'queued'", (ids,))
        cursor.execute(
            "insert into trainyard.attempt (workspace_id, job_id, number,"
            " status, engine, worker, lease_until, queued_at)"
            " select workspace_id, id, attempt, 'claimed', 'local', 'bench',"
            " now() + interval '1 day', now() from trainyard.job"
            " where id = any (%s::uuid[])", (ids,))
    return ids


def paths_file(stack, name, ids):
    return stack.file(f"paths-{name}", "".join(
        f"{stack.base}/training/jobs/{job}/progress\n" for job in ids))


def reporter(stack, url, paths, prefer=None):
    """As many jobs as connections: of one job, events wait for each other."""
    event = stack.file("step.json", STEP)
    return lambda s: wrk(url, s, stack.token, method="POST", body=event,
                         paths=paths, prefer=prefer)


def progress(ctx, bench) -> None:
    stack = ctx.stack
    here = claimed(stack, 128)
    there = [stack.call("POST", stack.fastapi(), SFT)["id"]
             for _ in range(128)]
    ours = paths_file(stack, "ours", here)
    theirs = paths_file(stack, "theirs", there)
    stack.call("POST", f"{stack.base}/training/jobs/{here[0]}/progress",
               copy.deepcopy(STEP))
    # as runners ask for it: a whole job comes with the points of its series,
    # which the peer has not
    compare(ctx, bench, {
        "trainyard, return=minimal":
            reporter(stack, stack.url, ours, "return=minimal"),
        "trainyard, creates": poster(stack, stack.jobs, SFT, "sft"),
        "FastAPI": reporter(stack, stack.fastapi(), theirs),
        "trainyard, whole job": reporter(stack, stack.url, ours)})


def requests(stack) -> dict:
    """One of each kind against us: kind to what runs it."""
    job = stack.jobs + "/" + stack.call("POST", stack.jobs, SFT)["id"]
    stack.call("GET", job)
    etag = stack.etag
    paths = paths_file(stack, "cost", claimed(stack, 128))
    return {
        "create": poster(stack, stack.jobs, SFT, "sft"),
        "get": lambda s: wrk(job, s, stack.token),
        "poll": lambda s: wrk(job, s, stack.token, etag=etag),
        "list": lambda s: wrk(stack.jobs, s, stack.token),
        "progress": reporter(stack, stack.url, paths, "return=minimal")}
