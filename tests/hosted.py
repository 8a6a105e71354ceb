# SPDX-License-Identifier: BSD-2-Clause
"""Workspaces, tokens, artifacts and bodies of hosted jobs, for several suites."""
import contextlib
import hashlib
import itertools
import json
import re
import secrets
import socket
import time

from harness import PATIENCE
from judges import typeid

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
UUID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SERIAL = itertools.count(1)
JSON = {"Content-Type": "application/json"}
NIL = "00000000-0000-0000-0000-000000000000"
FLAG = {"instruction": "Find it.", "verification": {
    "method": "flag", "hash": "sha256:" + "ab" * 32}}
WORLD = {"server_url": "https://worlds.example/7", "name": "office"}


# What TrainingJob holds, in its order.
FIELDS = [
    "id", "organization_id", "workspace_id", "name", "status", "backend",
    "trainer_type", "algorithm", "model", "project_ref", "run_ref",
    "dataset_ref", "prompt_dataset_ref", "trajectory_dataset_refs",
    "task_ref", "world_manifest_id", "world_runtime_id", "world_agent_name",
    "world_goal", "capability", "config", "metrics", "artifacts", "tags",
    "error", "created_at", "created_by", "created_by_email",
    "created_by_user", "started_at", "completed_at", "cancel_requested_at",
    "updated_at", "attempt"]
# The contract's examples.
SFT = {
    "name": "triage-sft-3", "model": "meta-llama/Llama-3.1-8B-Instruct",
    "project_ref": "triage", "tags": ["nightly"],
    "capability_ref": {"name": "assistant", "version": "1.2.0"},
    "backend": "tinker", "trainer_type": "sft", "config": {
        "dataset_ref": {"name": "tickets", "version": "2026.03"},
        "trajectory_dataset_refs": [],
        "eval_dataset_ref": {"name": "tickets-held-out",
                             "version": "2026.03"},
        "max_sequence_length": 4096, "batch_size": 8,
        "gradient_accumulation_steps": 2, "learning_rate": 0.0001,
        "epochs": 2, "lora_rank": 16, "lora_alpha": 32}}
RL = {
    "name": "gsm-ppo", "model": "Qwen/Qwen3-8B",
    "capability_ref": {"name": "acme/solver", "version": "0.4.1"},
    "tags": [], "backend": "tinker", "trainer_type": "rl", "config": {
        "algorithm": "ppo",
        "prompt_dataset_ref": {"name": "gsm8k-train", "version": "1.0.0"},
        "trajectory_dataset_refs": [],
        "reward_recipe": {"name": "gsm8k_v1", "params": {}},
        "execution_mode": "one_step_off_async", "max_steps_off_policy": 1,
        "steps": 2, "num_rollouts": 16, "batch_size": 8,
        "learning_rate": 0.00004, "max_new_tokens": 512, "temperature": 0.8,
        "stop": ["</answer>"],
        "eval_dataset_ref": {"name": "gsm8k-test", "version": "1.0.0"},
        "eval_interval": 1}}
WORLD_RL = {
    "model": "Qwen/Qwen3.5-4B",
    "capability_ref": {"name": "operator", "version": "2.0.0"}, "config": {
        "algorithm": "importance_sampling",
        "world_manifest_id": "019ca84d-d8c0-7f33-ae40-000000000010",
        "world_goal": "reach the file server",
        "world_reward": {"name": "goal_only_v1",
                         "params": {"success_reward": 2.0}},
        "execution_mode": "fully_async", "max_steps_off_policy": 4,
        "learning_rate": 0, "num_rollout": 8}}
RAY = {
    "name": "flags-grpo", "model": "trainyard/tiny-llama",
    "capability_ref": {"name": "hunter", "version": "1.0.0"},
    "backend": "ray", "trainer_type": "rl", "tags": ["grpo"], "config": {
        "algorithm": "grpo", "task_ref": "find-flag@3",
        "prompt_dataset_ref": {"name": "flag-prompts", "version": "1.0.0"},
        "reward_recipe": {"name": "contains_v1",
                          "params": {"needle": "FLAG{"}},
        "execution_mode": "colocated", "num_rollouts": 8, "batch_size": 4,
        "num_rollout_workers": 2, "buffer_size": 16, "learning_rate": 0.001}}


class Place:
    """A workspace of acme's own tests, with a client and an owner's database."""

    def __init__(self, stack, key, *, quota=0):
        self.stack = stack
        self.key = key
        stack.trainyard("workspace", "create", f"acme/{key}",
                        "--queue-quota", str(quota))
        self.base = f"/api/v1/org/acme/ws/{key}"
        self.jobs = f"{self.base}/training/jobs"
        self.token = stack.trainyard(
            "token", "create", "--user", "ada@acme.example", "--org", "acme",
            "--workspace", key).strip()
        self.http = stack.client(self.token)
        self.db = stack.connect()
        self.id = self.value(
            "select id::text from trainyard.workspace where key = %s", key)
        self.org_id = self.value(
            "select id::text from trainyard.organization where key = 'acme'")

    def close(self):
        self.http.close()
        self.db.close()

    def rows(self, sql, *args):
        with self.db.cursor() as cursor:
            cursor.execute(sql, args or None)
            return cursor.fetchall()

    def value(self, sql, *args):
        return self.rows(sql, *args)[0][0]

    def do(self, sql, *args):
        with self.db.cursor() as cursor:
            cursor.execute(sql, args or None)
            return cursor.rowcount

    # -- calls

    def create(self, body, **options):
        """POST {J}: a dict is sent as JSON, text as it is."""
        data = json.dumps(body) if isinstance(body, (dict, list)) else body
        return self.http.post(
            self.jobs, content=data, headers={**JSON, **options.pop(
                "headers", {})}, **options)

    def made(self, body, **options):
        reply = self.create(body, **options)
        assert reply.status_code == 201, reply.text
        return reply.json()

    def path(self, kind, name, version):
        return f"{self.base}/artifacts/{kind}/{name}/{version}"

    def publish(self, kind, name, version="1", data=b"x", **headers):
        if not isinstance(data, bytes):
            data = json.dumps(data).encode()
            headers.setdefault("Content-Type", "application/json")
        reply = self.http.put(
            self.path(kind, name, version), content=data, headers=headers)
        assert reply.status_code in (200, 201), reply.text
        return reply.json()

    def furnish(self):
        """Everything that the bodies below name."""
        for name, version in (("assistant", "1.2.0"), ("solver", "0.4.1"),
                              ("operator", "2.0.0"), ("hunter", "1.0.0")):
            self.publish("capability", name, version, name.encode())
        for name, version in (
                ("tickets", "2026.03"), ("tickets-held-out", "2026.03"),
                ("gsm8k-train", "1.0.0"), ("gsm8k-test", "1.0.0"),
                ("flag-prompts", "1.0.0")):
            self.publish("dataset", name, version, b"{}\n")
        self.publish("trajectory_dataset", "walks", "1", b"{}\n")
        self.publish("task", "find-flag", "3", FLAG)
        self.publish("other", "office-world", "1", WORLD)
        return self

    # -- what a dispatcher does

    def claim(self, job):
        """Leases a queued job to nobody in particular; the attempt."""
        with self.stack.connect() as conn, conn.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(
                "update trainyard.job set status = 'claimed', revision ="
                " revision + 1 where id = %s and status = 'queued'"
                " returning attempt", (job["id"],))
            number = cursor.fetchone()[0]
            cursor.execute(
                "insert into trainyard.attempt (workspace_id, job_id, number,"
                " status, engine, worker, lease_until, queued_at) values"
                " (%s, %s, %s, 'claimed', 'local', 'tester',"
                " now() + interval '1 hour', now())",
                (self.id, job["id"], number))
            cursor.execute("commit")
        return number

    def hand_token(self, job, number):
        """Gives an attempt a token, as its runner gets it."""
        token = (f"ty_job_{typeid(self.id)}{typeid(job['id'])}_{number}_"
                 + secrets.token_urlsafe(32))
        assert self.do(
            "update trainyard.attempt set token_sha256 = %s where job_id ="
            " %s and number = %s", hashlib.sha256(token.encode()).digest(),
            job["id"], number) == 1
        return token

    def lose(self, job):
        """Takes the attempt away; the job is queued again."""
        with self.stack.connect() as conn, conn.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(
                "update trainyard.attempt set status = 'lost', completed_at ="
                " now() where job_id = %s and completed_at is null",
                (job["id"],))
            cursor.execute(
                "update trainyard.job set status = 'queued', started_at ="
                " null, attempt = attempt + 1, metrics = '{}', artifacts ="
                " '{}' where id = %s", (job["id"],))
            cursor.execute("commit")

    # -- what is stored

    def counts(self):
        """Rows of every table; of this workspace where they have one.

        Elsewhere a dispatcher may be at work.
        """
        tables = self.rows(
            "select c.oid::regclass::text, a.attnum is not null"
            " from pg_class c left join pg_attribute a"
            " on a.attrelid = c.oid and a.attname = 'workspace_id'"
            " where c.relnamespace = 'trainyard'::regnamespace"
            " and c.relkind in ('r', 'p') and not c.relispartition")
        return {t: self.value(f"select count(*) from {t}" + (
            f" where workspace_id = '{self.id}'" if theirs else ""))
                for t, theirs in tables}

    def job_count(self):
        return self.value("select count(*) from trainyard.job"
                          " where workspace_id = %s::uuid", self.id)


def new_token(place, *, email="ada@acme.example", org="acme", workspace=None,
              scopes=None, expires=None, revoked=None, rate=None):
    """A token as a row of its own: what the command does not make."""
    token = "ty_key_" + secrets.token_hex(20)
    place.do(
        """insert into trainyard.token (id, sha256, hint, name, account_id,
             organization_id, workspace_id, scopes, rate_limit, expires_at,
             revoked_at)
           select gen_random_uuid(), %s, %s, 'test', a.id, o.id, w.id, %s,
                  %s, now() + %s::interval, now() + %s::interval
             from trainyard.account a
             left join trainyard.organization o on o.key = %s
             left join trainyard.workspace w
               on w.organization_id = o.id and w.key = %s
            where a.email = %s""",
        hashlib.sha256(token.encode()).digest(), token[-4:],
        scopes if scopes is not None else [
            "training:read", "training:write", "training:worker",
            "artifacts:read", "artifacts:write", "judges:read",
            "judges:write", "feedback:read", "feedback:write"],
        rate, expires, revoked, org, workspace, email)
    return token


def ref(name, version="1"):
    return {"name": name, "version": version}


def sft(**config):
    """The least body of a Tinker SFT job, and more of its config."""
    return {"model": "meta-llama/Llama-3.1-8B-Instruct",
            "capability_ref": ref("assistant", "1.2.0"),
            "config": {"dataset_ref": ref("tickets", "2026.03"), **config}}


def rl(**config):
    return {"model": "Qwen/Qwen3-8B", "capability_ref": ref("solver", "0.4.1"),
            "backend": "tinker", "trainer_type": "rl", "config": {
                "algorithm": "ppo",
                "prompt_dataset_ref": ref("gsm8k-train", "1.0.0"), **config}}


def ray(**config):
    return {"model": "trainyard/tiny-llama",
            "capability_ref": ref("hunter", "1.0.0"), "backend": "ray",
            "config": {"task_ref": "find-flag@3",
                       "prompt_dataset_ref": ref("flag-prompts", "1.0.0"),
                       **config}}


def faults(reply):
    """[(loc, type, msg)] of a 422, whose detail must fit the first."""
    assert reply.status_code == 422, reply.text
    body = reply.json()
    assert body["type"] == "validation_error"
    found = [(e["loc"], e["type"], e["msg"]) for e in body["errors"]]
    loc, _, msg = found[0]
    path = ""
    for part in loc[1:]:
        path += f"[{part}]" if isinstance(part, int) else (
            ("." if path else "") + part)
    detail = f"{path}: {msg}" if path else msg
    more = re.search(r" \(and (\d+) more\)$", body["detail"])
    if len(found) > 1 or more:
        assert int(more[1]) >= len(found) - 1
        detail += more[0]
    if len(detail) <= 500:
        assert body["detail"] == detail
    return found


@contextlib.contextmanager
def tls_connection(stack):
    """A connection on which anything may be sent, and left at any time."""
    with socket.create_connection(
            ("127.0.0.1", stack.https_port), PATIENCE) as sock:
        with stack.tls.wrap_socket(
                sock, server_hostname="127.0.0.1") as conn:
            yield conn


def await_true(check, what, patience=PATIENCE):
    """Until the server says so; what it says."""
    end = time.monotonic() + patience
    while not (found := check()):
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.01)
    return found


def ended(client, path):
    """A job of either face once it is over; a training takes its time."""
    def over():
        job = client.get(path).json()
        return job["status"] in ("completed", "failed", "cancelled") and job

    return await_true(over, f"the end of {path}", PATIENCE * 5)
