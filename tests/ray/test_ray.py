# SPDX-License-Identifier: BSD-2-Clause
"""GRPO jobs in a real Ray cluster of one node, from the API and back.

What a real one does not do on demand is in tests/engines/test_ray_engine.py.
"""
import itertools
import json

import httpx
import pytest

from harness import PATIENCE, TOP
from hosted import await_true

BASE = "/api/v1/org/acme/ws/main"
SAMPLES = TOP / "share/samples"
names = itertools.count(1)
# While the head is away, and what became of its job.
EXPECTED_LOG = ["engine ray cannot be used now", "attempt lost, the job is"]


def until(check, what):
    """A job of Ray takes its time to begin."""
    return await_true(check, what, PATIENCE * 5)


class Jobs:
    def __init__(self, stack, client):
        self.stack, self.client = stack, client
        row = (stack.folder / "trainyard.conf").read_text()
        self.head = next(line.split(" = ")[1] for line in row.splitlines()
                         if line.startswith("ray_address"))
        self.token = (stack.folder / "ray/token").read_text()

    def create(self, steps, prompts=2, **config):
        """Each step is one batch of so many prompts, of two kinds."""
        name = f"letters-{next(names)}"
        rows = [{"prompt": p, "expected_output": e} for p, e in ("ab", "bc")]
        reply = self.client.put(
            f"{BASE}/artifacts/dataset/{name}/1", content="".join(
                json.dumps(r) + "\n" for r in rows) * (steps * prompts // 2))
        assert reply.status_code == 201, reply.text
        reply = self.client.post(f"{BASE}/training/jobs", json={
            "name": name, "model": "trainyard/tiny-llama", "backend": "ray",
            "capability_ref": {"name": "scholar", "version": "1.0"},
            "trainer_type": "rl", "config": {
                "algorithm": "grpo", "task_ref": "next-letter",
                "prompt_dataset_ref": {"name": name, "version": "1"},
                "reward_recipe": {"name": "exact_match_v1"},
                "execution_mode": "distributed", "num_rollouts": 32,
                "batch_size": prompts, "num_rollout_workers": 2,
                "learning_rate": 0.01, **config}})
        assert reply.status_code == 201, reply.text
        return reply.json()["id"]

    def get(self, job, part=""):
        reply = self.client.get(f"{BASE}/training/jobs/{job}{part}")
        assert reply.status_code == 200, reply.text
        return reply.json()

    def steps(self, job):
        return len(self.get(job)["metrics"].get("steps", ()))

    def await_steps(self, job, count):
        def there():
            found = self.get(job)
            assert found["status"] in ("queued", "running"), found["error"]
            return len(found["metrics"].get("steps", ())) >= count
        until(there, f"step {count}")

    def ended(self, job):
        return until(lambda: (found := self.get(job))["status"] not in (
            "queued", "running") and found, "the end")

    def attempts(self, job):
        return [a["status"] for a in self.get(job, "/attempts")["items"]]

    def messages(self, job):
        return [line["message"] for line in self.get(job, "/logs")["items"]]

    def submissions(self, job):
        """What Ray has of the job: (submission, status)."""
        reply = httpx.get(f"{self.head}/api/jobs/", timeout=PATIENCE, headers={
            "Authorization": f"Bearer {self.token}"})
        reply.raise_for_status()
        return sorted((j["submission_id"], j["status"]) for j in reply.json()
                      if j["submission_id"] and job in j["submission_id"])

    def completions(self, job):
        """How often the job has ended."""
        with self.stack.connect() as db, db.cursor() as cursor:
            cursor.execute(
                "select to_status from trainyard.job_event where job_id = %s"
                " and to_status in ('completed', 'failed', 'cancelled')",
                (job,))
            return [status for status, in cursor]


@pytest.fixture(scope="module")
def jobs(stack):
    with stack.client(stack.token) as client:
        for path, file in (("capability/scholar/1.0", "scholar.md"),
                           ("task/next-letter/1.0", "letters/task.json")):
            reply = client.put(f"{BASE}/artifacts/{path}",
                               content=(SAMPLES / file).read_bytes())
            assert reply.status_code == 201, reply.text
        yield Jobs(stack, client)


def test_rewards_rise_with_two_rollout_workers(stack, jobs, rollout_workers):
    # one that meets one kind first, and hurries, may settle on its answer
    job = jobs.create(60, prompts=8, learning_rate=0.002)
    jobs.await_steps(job, 1)
    assert len(rollout_workers()) == 2
    end = jobs.ended(job)
    assert end["status"] == "completed", end["error"]
    rewards = end["metrics"]["train/reward"]
    assert len(rewards) == 60
    assert sum(rewards[:3]) / 3 < 0.4 and sum(rewards[-15:]) / 15 > 0.7
    assert end["metrics"]["async/max_staleness_observed"] == 1
    until(lambda: jobs.submissions(job) == [
        (f"trainyard-{job}-1", "SUCCEEDED")], "Ray's word for it")
    # the checkpoint is an artifact
    kind, name, version = end["artifacts"]["latest_checkpoint"].removeprefix(
        "artifact://acme/main/").replace("@", "/").split("/")
    reply = jobs.client.get(f"{BASE}/artifacts/{kind}/{name}/{version}")
    assert kind == "checkpoint" and reply.json()["size"] > 10000
    assert jobs.messages(job)[-1] == "Training complete"


def test_the_token_of_a_job_stands_in_no_log(stack, jobs):
    """Nodes' logs may be read by everybody who has an account there."""
    state = (stack.folder / "state").read_text()
    folder = next(line.split("=")[1] for line in state.splitlines()
                  if line.startswith("ray_tmp="))
    logs = list((stack.folder / "logs").iterdir()) + [
        f for f in (TOP / folder / "session_latest/logs").rglob("*")
        if f.is_file()]
    assert len(logs) > 20
    assert [f for f in logs
            if "ty_job_" in f.read_text(errors="replace")] == []


def test_cancel_stops_the_job_after_a_checkpoint(jobs, rollout_workers):
    job = jobs.create(2000, execution_mode="colocated")
    jobs.await_steps(job, 1)
    reply = jobs.client.post(f"{BASE}/training/jobs/{job}/cancel")
    assert reply.status_code == 200, reply.text
    end = jobs.ended(job)
    assert end["status"] == "cancelled"
    assert end["artifacts"]["latest_checkpoint"].startswith("artifact://")
    until(lambda: jobs.submissions(job) == [
        (f"trainyard-{job}-1", "STOPPED")], "Ray's word for it")
    until(lambda: not rollout_workers(), "the end of its workers")


def test_a_killed_dispatcher_finds_the_job_again(stack, jobs):
    job = jobs.create(200)
    jobs.await_steps(job, 3)
    stack.kill9("dispatcher")
    seen = len(stack.log("dispatcher.log"))
    stack.start("dispatcher")
    until(lambda: f"found again job={job} attempt=1 running" in stack.log(
        "dispatcher.log")[seen:], "the same job")
    end = jobs.ended(job)
    assert end["status"] == "completed", end["error"]
    assert jobs.attempts(job) == ["completed"]
    assert end["metrics"]["steps"] == list(range(1, 201))
    assert [name for name, _ in jobs.submissions(job)] == [
        f"trainyard-{job}-1"]


def test_a_killed_rollout_worker_is_replaced(jobs, rollout_workers, kill):
    job = jobs.create(200, execution_mode="async", buffer_size=6)
    jobs.await_steps(job, 2)
    kill(rollout_workers()[0])
    # Ray is asked now and then for what a job prints
    until(lambda: any("ended and was replaced" in m
                      for m in jobs.messages(job)), "its replacement")
    end = jobs.ended(job)
    assert end["status"] == "completed", end["error"]
    assert jobs.attempts(job) == ["completed"]
    assert end["metrics"]["steps"] == list(range(1, 201))
    assert end["metrics"]["async/max_staleness_observed"] == 3


def test_a_head_that_starts_again_costs_one_attempt(stack, jobs):
    job = jobs.create(40, checkpoint_interval=2)
    jobs.await_steps(job, 5)
    stack.kill9("ray")
    stack.start("ray")
    end = jobs.ended(job)
    assert end["status"] == "completed", end["error"]
    assert jobs.attempts(job) == ["lost", "completed"]
    assert jobs.completions(job) == ["completed"]
    assert end["metrics"]["steps"] == list(range(1, 41))
    # it did not begin anew
    assert jobs.get(job, "/metrics?attempt=2")["items"][1]["step"] > 2
    assert [name for name, _ in jobs.submissions(job)] == [
        f"trainyard-{job}-2"]
