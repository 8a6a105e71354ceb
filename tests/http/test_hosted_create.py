# SPDX-License-Identifier: BSD-2-Clause
"""Hosted jobs: what is created, of which variant."""
import copy
import json
import re

import pytest

from hosted import (
    FIELDS, Place, RAY, RL, SFT, TIME, UUID, WORLD_RL, faults, ray, ref,
    rl, sft)


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "create").furnish()
    stack.trainyard("project", "create", "acme/create", "triage")
    yield made
    made.close()


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
