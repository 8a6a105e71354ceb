# SPDX-License-Identifier: BSD-2-Clause
"""Hosted jobs from the API through the dispatcher to the runner and back."""
import itertools

import pytest

from crowd import running_stack
from harness import TOP
from hosted import ended

BASE = "/api/v1/org/acme/ws/main"
RUNNER = TOP / "runners/trainyard-runner"
SAMPLES = TOP / "share/samples"
names = itertools.count(1)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    kinds = ("tinker_sft", "tinker_rl", "ray_grpo")
    with running_stack(
            tmp_path_factory.mktemp("training"),
            *(w for k in kinds for w in ("--set", f"runner_{k}={RUNNER}"))) \
            as stack, stack.client(stack.token) as made:
        for path, file in (
                ("capability/scholar/1.0", "scholar.md"),
                ("task/next-letter/1.0", "letters/task.json"),
                ("dataset/reverse/1.0", "reverse/train.jsonl"),
                ("dataset/reverse-held-out/1.0", "reverse/held-out.jsonl"),
                ("dataset/letters/1.0", "letters/prompts.jsonl")):
            reply = made.put(f"{BASE}/artifacts/{path}",
                             content=(SAMPLES / file).read_bytes())
            assert reply.status_code == 201, reply.text
        yield made


def create(client, backend, trainer, **config):
    reply = client.post(f"{BASE}/training/jobs", json={
        "name": f"job {next(names)}", "model": "trainyard/tiny-qwen",
        "capability_ref": {"name": "scholar", "version": "1.0"},
        "backend": backend, "trainer_type": trainer, "config": config})
    assert reply.status_code == 201, reply.text
    return f"{BASE}/training/jobs/{reply.json()['id']}"


def reference(name):
    return {"name": name, "version": "1.0"}


def test_sft_is_trained(client):
    job = ended(client, create(
        client, "tinker", "sft", dataset_ref=reference("reverse"),
        eval_dataset_ref=reference("reverse-held-out"), steps=12,
        learning_rate=0.003))
    assert job["status"] == "completed", job["error"]
    metrics = job["metrics"]
    assert metrics["steps"] == list(range(1, 13))
    assert metrics["train/loss"][-1] < metrics["train/loss"][0]
    assert metrics["eval/num_examples"] == 20
    assert job["artifacts"]["dataset"] == "reverse@1.0"
    assert job["artifacts"]["latest_checkpoint"] \
        == job["artifacts"]["checkpoints"][-1]


@pytest.mark.parametrize("backend, config", [
    ("tinker", {"algorithm": "ppo", "steps": 3, "num_rollouts": 16,
                "temperature": 1.0, "max_new_tokens": 2,
                "execution_mode": "one_step_off_async",
                "max_steps_off_policy": 1}),
    ("ray", {"algorithm": "grpo", "task_ref": "next-letter",
             "num_rollouts": 4, "batch_size": 8})])
def test_rl_is_trained(client, backend, config):
    job = ended(client, create(
        client, backend, "rl", prompt_dataset_ref=reference("letters"),
        reward_recipe={"name": "exact_match_v1"}, **config))
    assert job["status"] == "completed", job["error"]
    assert job["metrics"]["train/steps"] == len(job["metrics"]["steps"])
    assert job["metrics"]["async/max_staleness_observed"] >= 1


def test_what_the_runner_cannot_do_is_the_jobs_error(client):
    job = ended(client, create(
        client, "tinker", "rl", algorithm="ppo", temperature=1.0,
        prompt_dataset_ref=reference("letters"), max_new_tokens=600))
    assert job["status"] == "failed"
    assert job["error"] == \
        "max_new_tokens is 600: the model's context is 512"
