# SPDX-License-Identifier: BSD-2-Clause
"""Hosted jobs: what they name, and what is refused of it."""
import json

import pytest

from hosted import (
    FLAG, Place, WORLD, await_true, faults, ray, ref, rl, sft)


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "refs").furnish()
    stack.trainyard("project", "create", "acme/refs", "triage")
    yield made
    made.close()


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
        return (loc, "artifact_not_found", f"no {what} in workspace refs")

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
        'config.dataset_ref: no dataset "demo@1.0.0" in workspace refs')


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
         f'no dataset "{name}@2026.03" in workspace refs')]


def test_kinds_are_not_mixed(place, untouched):
    assert faults(place.create(sft(dataset_ref=ref("walks")))) == [
        (["body", "config", "dataset_ref"], "artifact_not_found",
         'no dataset "walks@1" in workspace refs')]
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
    assert found(place.made(sft(dataset_ref=ref("shelved")))) == "refs"
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
              'no world manifest "stuff" in workspace refs')]
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
        # retired: although it is remembered, as soon as the responder is told
        stack.trainyard("catalog", "retire", "only/sft")

        def attempt():
            return place.create(sft() | {"model": "only/sft"})

        await_true(lambda: attempt().status_code == 422, "a retired model")
        reply = attempt()
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
    stack.trainyard("project", "create", "acme/refs", "fresh")
    assert place.made(sft() | {"project_ref": "fresh"})[
        "project_ref"] == "fresh"
