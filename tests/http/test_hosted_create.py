# SPDX-License-Identifier: BSD-2-Clause
"""Hosted jobs: what is created, and everything that is refused."""
import copy
import json
import re

import pytest

from hosted import (
    FLAG, NIL, TIME, UUID, WORLD, Place, faults, new_token, ray, ref, rl, sft)

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
FIELDS = [
    "id", "organization_id", "workspace_id", "name", "status", "backend",
    "trainer_type", "algorithm", "model", "project_ref", "run_ref",
    "dataset_ref", "prompt_dataset_ref", "trajectory_dataset_refs",
    "task_ref", "world_manifest_id", "world_runtime_id", "world_agent_name",
    "world_goal", "capability", "config", "metrics", "artifacts", "tags",
    "error", "created_at", "created_by", "created_by_email",
    "created_by_user", "started_at", "completed_at", "cancel_requested_at",
    "updated_at", "attempt"]


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "create").furnish()
    stack.trainyard("project", "create", "acme/create", "triage")
    yield made
    made.close()


@pytest.fixture
def untouched(place):
    """Nothing is written, to no table."""
    before = place.counts()
    yield
    assert place.counts() == before


# --- what is created


def check_common(place, reply, body):
    """What every new job looks like."""
    job = reply.json()
    assert reply.status_code == 201
    assert list(job) == FIELDS
    assert UUID.fullmatch(job["id"])
    assert reply.headers["location"] == f"{place.jobs}/{job['id']}"
    assert reply.headers["cache-control"] == "no-store"
    assert job["organization_id"] == place.org_id
    assert job["workspace_id"] == place.id
    assert job["name"] == body.get("name")
    assert job["status"] == "queued"
    assert job["model"] == body["model"]
    assert job["metrics"] == {} and job["artifacts"] == {}
    assert job["error"] is None and job["attempt"] == 1
    assert TIME.fullmatch(job["created_at"])
    assert job["updated_at"] == job["created_at"]
    for key in ("started_at", "completed_at", "cancel_requested_at",
                "world_runtime_id", "world_agent_name", "run_ref"):
        assert job[key] is None
    assert job["created_by_email"] == "ada@acme.example"
    user = job["created_by_user"]
    assert user["id"] == job["created_by"] and user["username"] == "ada"
    assert user["email"] == "ada@acme.example"
    assert place.http.get(reply.headers["location"]).json() == job
    return job


def capability(place, name, version, shown=None):
    row = place.rows(
        "select id::text, encode(sha256, 'hex') from trainyard.artifact"
        " where workspace_id = %s::uuid and kind = 'capability'"
        " and name = %s and version = %s", place.id, name, version)[0]
    return {"artifact_id": row[0], "name": shown or name, "version": version,
            "runtime_digest": f"sha256:{row[1]}"}


def test_tinker_sft_as_in_the_contract(place):
    job = check_common(place, place.create(SFT), SFT)
    assert (job["backend"], job["trainer_type"]) == ("tinker", "sft")
    assert job["algorithm"] is None
    assert job["project_ref"] == "triage"
    assert job["dataset_ref"] == SFT["config"]["dataset_ref"]
    assert job["prompt_dataset_ref"] is None and job["task_ref"] is None
    assert job["trajectory_dataset_refs"] == []
    assert job["world_manifest_id"] is None and job["world_goal"] is None
    assert job["capability"] == capability(place, "assistant", "1.2.0")
    assert job["config"] == SFT["config"]
    assert job["tags"] == ["nightly"]


def test_tinker_rl_as_in_the_contract(place):
    job = check_common(place, place.create(RL), RL)
    assert (job["backend"], job["trainer_type"]) == ("tinker", "rl")
    assert job["algorithm"] == "ppo"
    assert job["prompt_dataset_ref"] == RL["config"]["prompt_dataset_ref"]
    assert job["dataset_ref"] is None
    assert job["trajectory_dataset_refs"] == []
    # as submitted, with the organisation
    assert job["capability"] == capability(
        place, "solver", "0.4.1", "acme/solver")
    assert job["config"] == RL["config"]
    assert job["tags"] == [] and job["project_ref"] == "default"


def test_ray_grpo_as_in_the_contract(place):
    job = check_common(place, place.create(RAY), RAY)
    assert (job["backend"], job["trainer_type"]) == ("ray", "rl")
    assert job["algorithm"] == "grpo"
    assert job["task_ref"] == "find-flag@3"
    assert job["dataset_ref"] is None
    assert job["prompt_dataset_ref"] == ref("flag-prompts", "1.0.0")
    assert job["trajectory_dataset_refs"] == []
    assert job["project_ref"] == "default"
    assert job["config"] == RAY["config"]


def test_world_with_two_mistakes_as_in_the_contract(
        place, untouched, envelope):
    reply = place.create(WORLD_RL)
    body = envelope(reply, 422, "validation_error")
    del body["request_id"]
    assert body == {
        "code": 422, "detail":
        "config.learning_rate: must be greater than 0 (and 1 more)",
        "errors": [
            {"loc": ["body", "config", "learning_rate"],
             "msg": "must be greater than 0", "type": "greater_than"},
            {"loc": ["body", "config", "num_rollout"],
             "msg": 'unknown field; did you mean "num_rollouts"?',
             "type": "extra_forbidden"}],
        "type": "validation_error"}


def test_world_mended(place):
    body = copy.deepcopy(WORLD_RL)
    del body["config"]["num_rollout"]
    body["config"].update(learning_rate=1e-5, world_runtime_id="r1",
                          world_agent_name="a1",
                          world_manifest_id="office-world")
    job = place.made(body)
    assert job["algorithm"] == "importance_sampling"
    assert job["world_manifest_id"] == "office-world"
    assert job["world_runtime_id"] == "r1"
    assert job["world_agent_name"] == "a1"
    assert job["world_goal"] == "reach the file server"
    assert "world_reward" not in job
    assert job["config"]["world_reward"] == {
        "name": "goal_only_v1", "params": {"success_reward": 2.0}}


def test_least_bodies_get_the_defaults(place):
    assert place.made(sft())["config"] == {
        "dataset_ref": ref("tickets", "2026.03"),
        "trajectory_dataset_refs": []}
    assert place.made(rl())["config"] == {
        "algorithm": "ppo",
        "prompt_dataset_ref": ref("gsm8k-train", "1.0.0"),
        "trajectory_dataset_refs": [], "execution_mode": "sync"}
    job = place.made(ray())
    assert job["config"] == {
        "algorithm": "grpo", "task_ref": "find-flag@3",
        "prompt_dataset_ref": ref("flag-prompts", "1.0.0"),
        "execution_mode": "async"}
    assert job["algorithm"] == "grpo"


def test_null_is_absent_everywhere(place):
    body = sft(eval_dataset_ref=None, trajectory_dataset_refs=None, steps=None,
               learning_rate=None)
    body |= {"name": None, "project_ref": None, "run_ref": None,
             "tags": None, "backend": None, "trainer_type": None}
    job = place.made(body)
    assert job["config"] == {"dataset_ref": ref("tickets", "2026.03"),
                             "trajectory_dataset_refs": []}
    assert job["tags"] == [] and job["project_ref"] == "default"
    job = place.made(rl(
        execution_mode=None, stop=None,
        reward_recipe={"name": "row_reward_v1", "params": None}))
    assert job["config"]["execution_mode"] == "sync"
    assert job["config"]["reward_recipe"] == {
        "name": "row_reward_v1", "params": {}}
    assert "stop" not in job["config"]


def test_integral_numbers_are_integers(place):
    text = json.dumps(sft()).replace(
        '"config": {', '"config": {"steps": 1e3, "epochs": 16.0, '
        '"batch_size": 20e-1, ')
    job = place.made(text)
    assert job["config"]["steps"] == 1000
    kept = place.value("select config::text from trainyard.job"
                       " where id = %s::uuid", job["id"])
    assert re.findall(r'"(\w+)":([0-9.e-]+)', kept) == [
        ("batch_size", "2"), ("steps", "1000"), ("epochs", "16")]


def test_text_of_any_alphabet_comes_back(place):
    name = 'naïve "quoted" \\ / 日本 \U0001f600 \x01\t\n'
    tags = ["ä", "{a,b}", 'c"d', "NULL", "\\", "\x1f"]
    job = place.made(sft() | {"name": name, "tags": tags, "run_ref": "r/1"})
    assert job["name"] == name and job["tags"] == tags
    assert job["run_ref"] == "r/1"
    again = place.http.get(f"{place.jobs}/{job['id']}")
    assert again.json() == job
    assert place.rows("select name, tags, run_ref from trainyard.job where"
                      " id = %s::uuid", job["id"]) == [(name, tags, "r/1")]


def test_a_thousand_characters_are_not_a_thousand_bytes(place):
    assert place.made(sft() | {"name": "\U0001f600" * 200})
    assert faults(place.create(sft() | {"name": "\U0001f600" * 201})) == [
        (["body", "name"], "string_too_long",
         "must have at most 200 characters")]


def test_rows_that_go_with_a_job(place):
    job = place.made(rl(
        eval_dataset_ref=ref("gsm8k-test", "1.0.0"),
        trajectory_dataset_refs=[ref("walks"), ref("gsm8k-test", "1.0.0")],
        task_ref="find-flag", world_manifest_id="office-world"))
    assert place.rows(
        "select n.role, n.position, a.kind, a.name, a.version"
        "  from trainyard.job_artifact n join trainyard.artifact a"
        "    on a.workspace_id = n.artifact_workspace_id"
        "   and a.id = n.artifact_id"
        " where n.job_id = %s::uuid order by 1, 2", job["id"]) == [
            ("capability", 0, "capability", "solver", "0.4.1"),
            ("eval_dataset", 0, "dataset", "gsm8k-test", "1.0.0"),
            ("prompt_dataset", 0, "dataset", "gsm8k-train", "1.0.0"),
            ("task", 0, "task", "find-flag", "3"),
            ("trajectory_dataset", 0, "trajectory_dataset", "walks", "1"),
            ("trajectory_dataset", 1, "dataset", "gsm8k-test", "1.0.0"),
            ("world", 0, "other", "office-world", "1")]
    assert place.rows(
        "select action, request_id ~ '^[0-9a-f]{32}$' from trainyard.audit"
        " where target = %s", job["id"]) == [("job.create", True)]
    assert place.rows(
        "select event, to_status from trainyard.job_event where"
        " job_id = %s::uuid", job["id"]) == [
            ("training.job.queued", "queued")]


def test_times_are_the_databases(place):
    job = place.made(sft())
    assert place.value(
        "select to_char(created_at at time zone 'utc',"
        " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from trainyard.job"
        " where id = %s::uuid", job["id"]) == job["created_at"]


# --- which variant


def variant(body, **changes):
    body = body | changes
    return {k: v for k, v in body.items() if v != "absent"}


@pytest.mark.parametrize("body, expected", [
    (variant(sft()), ("tinker", "sft")),
    (variant(sft(), backend="tinker"), ("tinker", "sft")),
    (variant(sft(), trainer_type="sft"), ("tinker", "sft")),
    (variant(rl(), backend="absent"), ("tinker", "rl")),
    (variant(rl(), trainer_type="absent"), ("tinker", "rl")),
    (variant(rl(), backend="absent", trainer_type="absent"),
     ("tinker", "rl")),
    (variant(ray()), ("ray", "rl")),
    (variant(ray(algorithm="grpo"), backend="absent"), ("ray", "rl")),
    (variant(ray(algorithm="grpo"), backend="absent", trainer_type="rl"),
     ("ray", "rl")),
])
def test_variant(place, body, expected):
    job = place.made(body)
    assert (job["backend"], job["trainer_type"]) == expected


def test_no_variant(place, untouched):
    assert faults(place.create(sft() | {
        "backend": "ray", "trainer_type": "sft"})) == [
            (["body", "trainer_type"], "literal_error", 'must be "rl"')]
    assert faults(place.create(sft() | {
        "backend": "slurm", "trainer_type": 7})) == [
            (["body", "backend"], "literal_error",
             'must be one of "tinker", "ray"'),
            (["body", "trainer_type"], "string_type", "must be a string")]


def test_errors_are_those_of_one_variant(place, untouched):
    # grpo on Ray knows no steps; SFT knows no algorithm
    assert faults(place.create(ray(steps=1))) == [
        (["body", "config", "steps"], "extra_forbidden", "unknown field")]
    assert faults(place.create(
        sft(algorithm="ppo") | {"trainer_type": "sft"})) == [
            (["body", "config", "algorithm"], "extra_forbidden",
             "unknown field")]
    assert faults(place.create(rl(algorithm="grpo"))) == [
        (["body", "config", "algorithm"], "literal_error",
         'must be one of "importance_sampling", "ppo"')]
    assert faults(place.create(rl(algorithm=None))) == [
        (["body", "config", "algorithm"], "missing", "field required")]


# --- shape: one bad value for each field (all bounds: tests/unit/test_schema)

INT = ("greater_than_equal", "must be greater than or equal to 1")
BAD = {
    "wrapper": (sft, ["body"], {
        "name": ("", "string_too_short", "must have at least 1 character"),
        "model": (5, "string_type", "must be a string"),
        "project_ref": ([], "string_type", "must be a string"),
        "run_ref": ("r" * 201, "string_too_long",
                    "must have at most 200 characters"),
        "capability_ref": ("assistant@1.2.0", "dict_type",
                           "must be an object"),
        "tags": (["t"] * 33, "too_long", "must have at most 32 items"),
        "config": ([], "dict_type", "must be an object")}),
    "sft": (sft, ["body", "config"], {
        "dataset_ref": (5, "dict_type", "must be an object"),
        "trajectory_dataset_refs": ({}, "list_type", "must be an array"),
        "eval_dataset_ref": ([], "dict_type", "must be an object"),
        "max_sequence_length": (0, *INT), "batch_size": (0, *INT),
        "gradient_accumulation_steps": (-1, *INT),
        "learning_rate": (0, "greater_than", "must be greater than 0"),
        "steps": (0, *INT), "epochs": ("2", "int_type",
                                       "must be an integer"),
        "lora_rank": (True, "int_type", "must be an integer"),
        "lora_alpha": (2147483648, "less_than_equal",
                       "must be less than or equal to 2147483647"),
        "checkpoint_interval": (1.5, "int_type", "must be an integer")}),
    "rl": (rl, ["body", "config"], {
        "algorithm": ("dpo", "literal_error",
                      'must be one of "importance_sampling", "ppo"'),
        "task_ref": ("", "string_too_short",
                     "must have at least 1 character"),
        "world_manifest_id": ("w" * 201, "string_too_long",
                              "must have at most 200 characters"),
        "world_runtime_id": (1, "string_type", "must be a string"),
        "world_agent_name": ("", "string_too_short",
                             "must have at least 1 character"),
        "world_goal": ("g" * 4001, "string_too_long",
                       "must have at most 4000 characters"),
        "prompt_dataset_ref": ("p@1", "dict_type", "must be an object"),
        "eval_dataset_ref": (7, "dict_type", "must be an object"),
        "trajectory_dataset_refs": ([ref("a")] * 33, "too_long",
                                    "must have at most 32 items"),
        "reward_recipe": ("gsm8k_v1", "dict_type", "must be an object"),
        "world_reward": ([], "dict_type", "must be an object"),
        "execution_mode": ("async", "literal_error", 'must be one of "sync",'
                           ' "one_step_off_async", "fully_async"'),
        "prompt_split": ("", "string_too_short",
                         "must have at least 1 character"),
        "eval_split": ("s" * 101, "string_too_long",
                       "must have at most 100 characters"),
        "steps": (0, *INT), "lora_rank": (0, *INT),
        "num_rollouts": (0, *INT), "batch_size": (0, *INT),
        "max_turns": (0, *INT), "max_episode_steps": (0, *INT),
        "learning_rate": (-1, "greater_than", "must be greater than 0"),
        "weight_sync_interval": (0, *INT), "max_steps_off_policy": (0, *INT),
        "max_new_tokens": (0, *INT),
        "temperature": (-0.1, "greater_than_equal",
                        "must be greater than or equal to 0"),
        "stop": ("x", "list_type", "must be an array"),
        "checkpoint_interval": (0, *INT), "eval_interval": (0, *INT),
        "eval_max_rollouts": (0, *INT)}),
    "ray": (ray, ["body", "config"], {
        "algorithm": ("ppo", "literal_error", 'must be "grpo"'),
        "task_ref": (None, "missing", "field required"),
        "prompt_dataset_ref": (None, "missing", "field required"),
        "reward_recipe": (1, "dict_type", "must be an object"),
        "execution_mode": ("sync", "literal_error",
                           'must be one of "async", "colocated",'
                           ' "distributed"'),
        "max_turns": (0, *INT), "max_episode_steps": (0, *INT),
        "num_rollouts": (0, *INT), "batch_size": (0, *INT),
        "num_rollout_workers": (0, *INT), "buffer_size": (0, *INT),
        "learning_rate": ("0.1", "float_type", "must be a finite number"),
        "checkpoint_interval": (0, *INT)}),
}


@pytest.mark.parametrize("part, field", [
    (part, field) for part, (_, _, fields) in BAD.items()
    for field in fields])
def test_bad_value(place, part, field):
    make, loc, fields = BAD[part]
    value, kind, msg = fields[field]
    body = make()
    (body if loc == ["body"] else body["config"])[field] = value
    assert faults(place.create(body)) == [([*loc, field], kind, msg)]


def test_bad_values_write_nothing(place, untouched):
    for make, loc, fields in BAD.values():
        body = make()
        for field, (value, _, _) in fields.items():
            (body if loc == ["body"] else body["config"])[field] = value
        found = faults(place.create(body))
        assert len(found) == min(len(fields), 20)


def test_every_fault_is_listed_in_order(place, untouched):
    body = {"zeta": 1, "config": {
        "batch_size": 0, "dataset_ref": {"version": "latest"}, "batchsize": 1,
        "steps": "x", "trajectory_dataset_refs": [
            ref("a"), {"name": 1}, "b"]}, "tags": ["", "a", 5],
        "name": "", "capability_ref": {"name": "A b", "version": "1"},
        "alpha": 2}
    assert faults(place.create(body)) == [
        (["body", "name"], "string_too_short",
         "must have at least 1 character"),
        (["body", "model"], "missing", "field required"),
        (["body", "capability_ref", "name"], "value_error",
         "must be name or organization/name, lower-case letters, digits and"
         " . _ -"),
        (["body", "tags", 0], "string_too_short",
         "must have at least 1 character"),
        (["body", "tags", 2], "string_type", "must be a string"),
        (["body", "config", "dataset_ref", "name"], "missing",
         "field required"),
        (["body", "config", "dataset_ref", "version"], "value_error",
         "must be an exact version, not latest"),
        (["body", "config", "trajectory_dataset_refs", 1, "name"],
         "string_type", "must be a string"),
        (["body", "config", "trajectory_dataset_refs", 1, "version"],
         "missing", "field required"),
        (["body", "config", "trajectory_dataset_refs", 2], "dict_type",
         "must be an object"),
        (["body", "config", "batch_size"], "greater_than_equal",
         "must be greater than or equal to 1"),
        (["body", "config", "steps"], "int_type", "must be an integer"),
        (["body", "config", "batchsize"], "extra_forbidden",
         'unknown field; did you mean "batch_size"?'),
        (["body", "zeta"], "extra_forbidden", "unknown field"),
        (["body", "alpha"], "extra_forbidden", "unknown field")]


def test_at_most_twenty_faults_are_shown(place, untouched):
    body = sft() | {f"unknown-{i}": i for i in range(30)}
    reply = place.create(body)
    found = faults(reply)
    assert len(found) == 20
    assert reply.json()["detail"] == "unknown-0: unknown field (and 29 more)"
    assert [loc[1] for loc, _, _ in found] == [
        f"unknown-{i}" for i in range(20)]


def test_a_detail_is_one_short_line(place, untouched, envelope):
    reply = place.create(sft() | {"k\n" * 400: 1})
    body = envelope(reply, 422, "validation_error")
    assert len(body["detail"]) <= 500 and "\n" not in body["detail"]
    assert body["errors"][0]["loc"] == ["body", "k\n" * 400]


def test_nul_is_refused_wherever_it_is(place, untouched):
    for loc, body in ((["name"], sft() | {"name": "a\0b"}),
                      (["tags", 0], sft() | {"tags": ["\0"]}),
                      (["config", "dataset_ref", "name"],
                       sft(dataset_ref=ref("a\0", "1")))):
        assert faults(place.create(body)) == [
            (["body", *loc], "value_error", "must not contain NUL")]
    assert faults(place.create(sft() | {"trainer_type": "sft\0"}))[0][
        1] == "literal_error"
    assert faults(place.create(rl(reward_recipe={
        "name": "row_reward_v1", "params": {"note": "a\0"}}))) == [
            (["body"], "value_error", "must not contain NUL")]
    assert faults(place.create(rl(reward_recipe={
        "name": "row_reward_v1", "params": {"a\0": 1}}))) == [
            (["body"], "value_error",
             "a field's name must not contain NUL")]


@pytest.mark.parametrize("text, loc", [
    ('{"model":"a","model":"b"}', ["body", "model"]),
    ('{"mod\\u0065l":"a","model":"b"}', ["body", "model"]),
    ('{"config":{"dataset_ref":{"name":"a","name":"b"}}}',
     ["body", "config", "dataset_ref", "name"]),
    ('{"config":{"trajectory_dataset_refs":[{},{"name":"a","name":"a"}]}}',
     ["body", "config", "trajectory_dataset_refs", 1, "name"]),
    ('{"config":{"reward_recipe":{"params":{"x":{"y":1,"y":1}}}}}',
     ["body", "config", "reward_recipe", "params", "x", "y"]),
])
def test_a_key_twice(place, untouched, text, loc):
    found = faults(place.create(text))
    assert found[0] == (loc, "duplicate_key", "key appears twice")


# --- rules between fields

RULES = [
    "world_manifest_id is required when world_runtime_id is provided",
    "world_runtime_id is required when world_agent_name is provided",
    "Tinker RL jobs require prompt_dataset_ref, world_manifest_id, or at"
    " least one trajectory_dataset_ref",
    "max_steps_off_policy is required for async execution modes",
    "max_steps_off_policy must be 1 for one_step_off_async execution mode",
    "eval_interval / eval_max_rollouts require eval_dataset_ref",
]


@pytest.mark.parametrize("config, broken", [
    ({"world_runtime_id": "r"}, [0]),
    ({"world_manifest_id": "office-world", "world_agent_name": "a"}, [1]),
    ({"prompt_dataset_ref": None}, [2]),
    ({"execution_mode": "fully_async"}, [3]),
    ({"execution_mode": "one_step_off_async"}, [3]),
    ({"execution_mode": "one_step_off_async", "max_steps_off_policy": 2},
     [4]),
    ({"eval_interval": 2}, [5]),
    ({"eval_max_rollouts": 2}, [5]),
    ({"prompt_dataset_ref": None, "world_runtime_id": "r",
      "execution_mode": "fully_async", "eval_interval": 1}, [0, 2, 3, 5]),
    ({"world_agent_name": "a", "execution_mode": "one_step_off_async",
      "max_steps_off_policy": 9, "eval_max_rollouts": 1}, [1, 4, 5]),
])
def test_rules_of_rl(place, untouched, config, broken):
    # the model is unknown too: that comes only after the rules
    body = rl(**config) | {"model": "nothing"}
    assert faults(place.create(body)) == [
        (["body", "config"], "value_error", RULES[i]) for i in broken]


def test_rule_of_sft(place, untouched):
    rule = ("Tinker SFT jobs require dataset_ref or at least one"
            " trajectory_dataset_ref")
    for config in ({"dataset_ref": None},
                   {"dataset_ref": None, "trajectory_dataset_refs": []}):
        assert faults(place.create(sft(**config))) == [
            (["body", "config"], "value_error", rule)]


def test_both_kinds_of_data_are_allowed(place):
    job = place.made(sft(trajectory_dataset_refs=[ref("walks")]))
    assert job["trajectory_dataset_refs"] == [ref("walks")]
    job = place.made(sft(dataset_ref=None,
                         trajectory_dataset_refs=[ref("walks")]))
    assert job["dataset_ref"] is None


# --- references


def test_missing_artifacts_are_all_told_in_order(place, untouched):
    body = rl(prompt_dataset_ref=ref("p", "9"), eval_dataset_ref=ref("e", "9"),
              trajectory_dataset_refs=[ref("walks"), ref("t", "9")],
              task_ref="no-task@9", world_manifest_id="no-world",
              reward_recipe={"name": "nothing_v1"})
    body |= {"capability_ref": ref("nobody", "9"), "project_ref": "nowhere",
             "model": "nothing/at-all"}
    config = ["body", "config"]

    def missing(loc, what):
        return (loc, "artifact_not_found", f"no {what} in workspace create")

    found = faults(place.create(body))
    assert found[0][:2] == (["body", "model"], "unknown_model")
    assert found[1:] == [
        (["body", "project_ref"], "value_error", 'unknown project "nowhere"'),
        missing(["body", "capability_ref"], 'capability "nobody@9"'),
        missing([*config, "task_ref"], 'task "no-task@9"'),
        missing([*config, "world_manifest_id"],
                'world manifest "no-world"'),
        missing([*config, "prompt_dataset_ref"], 'dataset "p@9"'),
        missing([*config, "eval_dataset_ref"], 'dataset "e@9"'),
        missing([*config, "trajectory_dataset_refs", 1],
                'trajectory_dataset "t@9"'),
        ([*config, "reward_recipe", "name"], "unknown_reward_recipe",
         "Unknown reward recipe: nothing_v1")]


def test_missing_artifacts_of_sft_in_its_own_order(place, untouched):
    found = faults(place.create(sft(
        eval_dataset_ref=ref("e"), dataset_ref=ref("d"),
        trajectory_dataset_refs=[ref("t")])))
    assert [loc[2:] for loc, _, _ in found] == [
        ["dataset_ref"], ["trajectory_dataset_refs", 0],
        ["eval_dataset_ref"]]


def test_detail_of_a_missing_dataset(place):
    reply = place.create(sft(dataset_ref=ref("demo", "1.0.0")))
    assert reply.json()["detail"] == (
        'config.dataset_ref: no dataset "demo@1.0.0" in workspace create')


@pytest.mark.parametrize("name, there", [
    ("tickets", True), ("acme/tickets", True), ("other/tickets", False),
    ("acm/tickets", False), ("acmee/tickets", False)])
def test_only_the_own_organisation_may_be_named(place, name, there):
    reply = place.create(sft(dataset_ref=ref(name, "2026.03")))
    if there:
        assert reply.json()["dataset_ref"]["name"] == name
        return
    assert faults(reply) == [
        (["body", "config", "dataset_ref"], "artifact_not_found",
         f'no dataset "{name}@2026.03" in workspace create')]


def test_kinds_are_not_mixed(place, untouched):
    assert faults(place.create(sft(dataset_ref=ref("walks")))) == [
        (["body", "config", "dataset_ref"], "artifact_not_found",
         'no dataset "walks@1" in workspace create')]
    assert faults(place.create(sft() | {
        "capability_ref": ref("tickets", "2026.03")}))[0][0] == [
            "body", "capability_ref"]


def test_trajectories_may_be_datasets_but_own_kind_wins(place):
    place.publish("dataset", "both", "1", b"d")
    first = place.made(sft(trajectory_dataset_refs=[ref("both")]))
    place.publish("trajectory_dataset", "both", "1", b"t")
    second = place.made(sft(trajectory_dataset_refs=[ref("both")]))
    kinds = [place.value(
        "select a.kind from trainyard.job_artifact n"
        "  join trainyard.artifact a on a.id = n.artifact_id"
        " where n.job_id = %s::uuid and n.role = 'trajectory_dataset'",
        job["id"]) for job in (first, second)]
    assert kinds == ["dataset", "trajectory_dataset"]


def test_the_shelf_is_looked_up_second(place, stack):
    shelf = stack.client(stack.token)
    path = "/api/v1/org/acme/ws/main/artifacts/dataset/shelved/1"
    assert faults(place.create(sft(dataset_ref=ref("shelved"))))
    assert shelf.put(path, content=b"on the shelf").status_code in (200, 201)

    def found(job):
        return place.value(
            "select w.key from trainyard.job_artifact n"
            "  join trainyard.workspace w on w.id = n.artifact_workspace_id"
            " where n.job_id = %s::uuid and n.role = 'dataset'", job["id"])

    assert found(place.made(sft(dataset_ref=ref("shelved")))) == "main"
    place.publish("dataset", "shelved", "1", b"of our own")
    # at once, although the shelf's has been found before
    assert found(place.made(sft(dataset_ref=ref("shelved")))) == "create"
    shelf.close()


def test_a_task_without_version_is_pinned(place):
    def pinned(job):
        return place.value(
            "select a.version from trainyard.job_artifact n"
            "  join trainyard.artifact a on a.id = n.artifact_id"
            " where n.job_id = %s::uuid and n.role = 'task'", job["id"])

    place.publish("task", "moving", "9", {"verification": None})
    first = place.made(ray(task_ref="moving"))
    place.publish("task", "moving", "10", {"verification": None})
    second = place.made(ray(task_ref="moving"))
    assert (pinned(first), pinned(second)) == ("9", "10")
    # shown as submitted
    assert first["task_ref"] == second["task_ref"] == "moving"
    assert pinned(place.made(ray(task_ref="acme/moving@9"))) == "9"


def test_what_is_no_world_manifest(place, untouched_after_publish):
    fault = [(["body", "config", "world_manifest_id"], "artifact_not_found",
              'no world manifest "stuff" in workspace create')]
    body = rl(world_manifest_id="stuff")
    for version, data, kind in (
            ("1", b"not JSON", "application/json"),
            ("2", b'{"server_url": 7}', "application/json"),
            ("3", b"[]", "application/json"),
            ("4", json.dumps(WORLD).encode(), "text/plain")):
        place.publish("other", "stuff", version, data,
                      **{"Content-Type": kind})
        assert faults(place.create(body)) == fault
    place.publish("other", "stuff", "5", WORLD)
    assert place.made(body)["world_manifest_id"] == "stuff"


@pytest.fixture
def untouched_after_publish(place):
    jobs = place.job_count()
    yield
    assert place.job_count() == jobs + 1


# --- model


def test_unknown_model_with_suggestions(place, untouched):
    assert faults(place.create(sft() | {
        "model": "meta-llama/Llama-3.1-8B-Instrct"})) == [
            (["body", "model"], "unknown_model",
             'unknown model "meta-llama/Llama-3.1-8B-Instrct"; did you mean '
             "meta-llama/Llama-3.1-8B, meta-llama/Llama-3.1-8B-Instruct or "
             "meta-llama/Llama-3.3-70B-Instruct?")]
    # substrings first
    msg = faults(place.create(sft() | {"model": "tiny"}))[0][2]
    assert msg == ('unknown model "tiny"; did you mean trainyard/tiny-llama '
                   "or trainyard/tiny-qwen?")
    msg = faults(place.create(sft() | {"model": "QWEN3-8B"}))[0][2]
    assert msg.startswith('unknown model "QWEN3-8B"; did you mean '
                          "Qwen/Qwen3-8B")
    msg = faults(place.create(sft() | {"model": "z" * 200}))[0][2]
    assert msg == f'unknown model "{"z" * 200}"'


@pytest.mark.parametrize("suffix, fine", [
    (":peft:262144", True), (":peft:262145", False), (":peft:", False),
    (":peft:0262144", False), (":PEFT:262144", False), (":x", False),
    (" ", False)])
def test_extended_context(place, suffix, fine):
    reply = place.create(sft() | {"model": "Qwen/Qwen3.6-35B-A3B" + suffix})
    if fine:
        assert reply.json()["model"].endswith(suffix)
    else:
        assert faults(reply)[0][1] == "unknown_model"


def test_no_extended_context(place, untouched):
    assert faults(place.create(sft() | {
        "model": "Qwen/Qwen3-8B:peft:262144"}))[0][1] == "unknown_model"


def test_models_support_algorithms(place, stack):
    for name, algorithms in (("only/sft", ["sft"]),
                             ("only/ppo", ["ppo"])):
        stack.trainyard(
            "catalog", "add", name, "--family", "qwen", "--size-b", "1",
            "--context-length", "4096",
            *(w for a in algorithms for w in ("--algorithm", a)))
    try:
        assert place.create(sft() | {"model": "only/sft"}).status_code == 201
        assert place.create(rl() | {"model": "only/ppo"}).status_code == 201
        assert place.create(ray() | {"model": "only/ppo"}).status_code == 201
        for body, model, algorithm in (
                (sft(), "only/ppo", "sft"), (rl(), "only/sft", "ppo"),
                (rl(algorithm="importance_sampling"), "only/ppo",
                 "importance_sampling"),
                (ray(), "only/sft", "grpo")):
            assert faults(place.create(body | {"model": model})) == [
                (["body", "model"], "value_error",
                 f"model {model} does not support {algorithm}")]
        # retired: at once, although it is remembered
        stack.trainyard("catalog", "retire", "only/sft")
        reply = place.create(sft() | {"model": "only/sft"})
        assert faults(reply)[0][1] == "unknown_model"
        assert "only/sft" not in faults(reply)[0][2].replace(
            'unknown model "only/sft"', "")
    finally:
        place.do("delete from trainyard.model where id like 'only/%'")


# --- recipes


@pytest.mark.parametrize("recipe, loc, msg", [
    ({"name": "contains_v1"}, ["params"],
     "contains_v1 requires params.needle"),
    ({"name": "task_env_verifier_v1"}, [],
     "task_env_verifier_v1 requires a task_ref on the RL job"),
    ({"name": "task_env_agent_v1"}, [],
     "task_env_agent_v1 requires a task_ref on the RL job"),
    ({"name": "task_verifier_v1"}, [],
     "task_verifier_v1 requires a task with verification config"),
])
def test_recipes_that_cannot_work(place, untouched, recipe, loc, msg):
    assert faults(place.create(rl(reward_recipe=recipe))) == [
        (["body", "config", "reward_recipe", *loc], "value_error", msg)]


@pytest.mark.parametrize("task, msg", [
    ({}, "requires a task with verification config"),
    ({"verification": {"method": "script"}},
     "currently supports only flag-based task verification"),
    ({"verification": {"method": "flag"}}, "requires verification.hash"),
    (FLAG, None),
    ({"verification": {"method": "flag",
                       "flag_hash": "sha256:" + "0" * 64}}, None),
])
def test_the_verifier_reads_the_task(place, serial, task, msg):
    version = str(next(serial))
    place.publish("task", "checked", version, task)
    reply = place.create(rl(task_ref=f"checked@{version}",
                            reward_recipe={"name": "task_verifier_v1"}))
    if msg is None:
        assert reply.status_code == 201
    else:
        assert faults(reply) == [
            (["body", "config", "reward_recipe"], "value_error",
             f"task_verifier_v1 {msg}")]


def test_an_opaque_task_has_no_verification(place):
    place.publish("task", "opaque", "1", b"{}", **{
        "Content-Type": "application/octet-stream"})
    assert faults(place.create(ray(
        task_ref="opaque", reward_recipe={"name": "task_verifier_v1"}))) == [
            (["body", "config", "reward_recipe"], "value_error",
             "task_verifier_v1 requires a task with verification config")]
    assert place.create(ray(
        task_ref="opaque", reward_recipe={
            "name": "task_env_agent_v1"})).status_code == 201


def test_a_missing_task_is_told_once(place, untouched):
    for recipe in ("task_verifier_v1", "task_env_agent_v1"):
        assert [kind for _, kind, _ in faults(place.create(ray(
            task_ref="nowhere", reward_recipe={"name": recipe})))] == [
                "artifact_not_found"]


def test_recipe_parameters(place):
    assert faults(place.create(rl(reward_recipe={
        "name": "gsm8k_v1", "params": {"reward_if_true": "1"}}))) == [
            (["body", "config", "reward_recipe", "params", "reward_if_true"],
             "float_type", "must be a finite number")]
    params = {"needle": "x", "reward_if_true": 2, "own": {"deep": [None]}}
    job = place.made(rl(reward_recipe={
        "name": "contains_v1", "params": params}))
    assert job["config"]["reward_recipe"]["params"] == params


def test_an_unknown_world_reward_is_a_warning(place):
    job = place.made(rl(world_reward={"name": "my_own_v3"}))
    logs = place.rows(
        "select level, attempt, message from trainyard.job_log"
        " where job_id = %s::uuid", job["id"])
    assert logs == [
        (2, 1, 'unknown world_reward "my_own_v3" runs as heuristic_v1')]
    job = place.made(rl(world_reward={"name": "discovery_v1"}))
    assert place.rows("select 1 from trainyard.job_log where"
                      " job_id = %s::uuid", job["id"]) == []


# --- project


@pytest.mark.parametrize("key", [
    "nowhere", "", "Default", "default ", "x" * 64, "a/b", "é"])
def test_unknown_projects(place, untouched, key):
    assert faults(place.create(sft() | {"project_ref": key})) == [
        (["body", "project_ref"], "value_error", f'unknown project "{key}"')]


def test_projects_of_other_workspaces_are_unknown(place, stack):
    stack.trainyard("project", "create", "acme/main", "elsewhere")
    assert faults(place.create(sft() | {"project_ref": "elsewhere"}))[0][
        2] == 'unknown project "elsewhere"'


def test_projects_are_known_at_once(place, stack):
    assert faults(place.create(sft() | {"project_ref": "fresh"}))
    stack.trainyard("project", "create", "acme/create", "fresh")
    assert place.made(sft() | {"project_ref": "fresh"})[
        "project_ref"] == "fresh"


# --- validate_only


def test_validate_only_writes_nothing(place, untouched):
    for body in (SFT, RL, RAY):
        reply = place.create(body, params={"validate_only": "true"})
        assert reply.status_code == 200
        assert "location" not in reply.headers
        job = reply.json()
        assert list(job) == [*FIELDS, "validate_only"]
        assert job["validate_only"] is True and job["id"] == NIL
        assert job["status"] == "queued" and TIME.fullmatch(
            job["created_at"])
        real = place.http.post(place.jobs, json=body, params={
            "validate_only": "true"}).json()
        assert real["config"] == body["config"]


def test_validate_only_is_what_would_be_created(place):
    dry = place.create(RL, params={"validate_only": "true"}).json()
    real = place.made(RL, params={"validate_only": "false"})
    for job in (dry, real):
        for key in ("id", "created_at", "updated_at"):
            del job[key]
    del dry["validate_only"]
    assert dry == real


def test_validate_only_runs_every_check(place, untouched):
    dry = {"validate_only": "true"}
    assert faults(place.create(sft(batch_size=0), params=dry))
    assert faults(place.create(sft(dataset_ref=None), params=dry))
    assert faults(place.create(sft(dataset_ref=ref("no")), params=dry))
    assert faults(place.create(sft() | {"model": "no"}, params=dry))


@pytest.mark.parametrize("value", ["1", "True", "yes", "0", "null"])
def test_validate_only_is_true_or_false(place, untouched, value):
    assert faults(place.create(sft(), params={"validate_only": value})) == [
        (["query", "validate_only"], "bool_type", "must be true or false")]


def test_faults_of_query_and_body_come_together(place, untouched):
    found = faults(place.create(sft(batch_size=0), params={
        "validate_only": "", "page": "1"}))
    assert found == [
        (["query", "validate_only"], "value_error", "must not be empty"),
        (["query", "page"], "extra_forbidden", "unknown field"),
        (["body", "config", "batch_size"], "greater_than_equal",
         "must be greater than or equal to 1")]


# --- unknown fields on a site that ignores them


def test_unknown_fields_may_be_ignored(fresh_stack):
    stack = fresh_stack("--set", "unknown_fields=ignore",
                        "--rate-limit", "off")
    place = Place(stack, "create").furnish()
    body = sft(dataset_ref=ref("tickets", "2026.03") | {"colour": 1},
               shiny=True) | {"later": {}}
    reply = place.create(body, params={"newer": "1"})
    job = reply.json()
    assert reply.status_code == 201
    assert job["config"] == {"dataset_ref": ref("tickets", "2026.03"),
                             "trajectory_dataset_refs": []}
    assert job["dataset_ref"] == ref("tickets", "2026.03")
    assert place.http.get(reply.headers["location"]).json() == job
    assert place.rows(
        "select level, message from trainyard.job_log"
        " where job_id = %s::uuid", job["id"]) == [
            (2, "ignored unknown fields: colour, shiny, later")]
    # what is known is checked as strictly as ever
    assert faults(place.create(sft(shiny=1, batch_size=0)))[0][0] == [
        "body", "config", "batch_size"]
    place.close()


# --- who may


def test_order_scope_before_body(place, untouched_but_token):
    token = new_token(place, workspace="create", scopes=["training:read"])
    with place.stack.client(token) as client:
        reply = client.post(place.jobs, content=b"not JSON")
    assert reply.status_code == 403
    assert reply.json()["detail"] == "the token lacks the scope training:write"


@pytest.fixture
def untouched_but_token(place):
    jobs = place.job_count()
    yield
    assert place.job_count() == jobs
