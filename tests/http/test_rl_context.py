# SPDX-License-Identifier: BSD-2-Clause
"""What the worker of an RL job is told."""
import gzip
import io
import itertools
import tarfile

import pytest

from hosted import FLAG, Place, new_token, ray, ref, rl, sft

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "rl-context").furnish()
    yield made
    made.close()


def context(place, job):
    reply = place.http.get(f"{place.jobs}/{job['id']}/rl-context")
    assert reply.status_code == 200, reply.text
    return reply.json()


def bundle(files, **options):
    """A .tar.gz of {name: text or bytes}."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", **options) as tar:
        for name, text in files.items():
            data = text if isinstance(text, bytes) else text.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            entry.mtime = 1.5    # a float: an extended header before it
            tar.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def prompt_of(place, data):
    """The entry prompt of a job whose capability has these bytes."""
    name = f"cap{next(numbers)}"
    place.publish("capability", name, "1", data)
    return context(place, place.made(
        {**rl(), "capability_ref": ref(name)})).get("capability_entry_prompt")


def test_exactly_these_keys(place):
    task = place.publish("task", "find-flag", "9", {
        **FLAG, "ports": [80], "solution": "FLAG{x}", "notes": "mine"})
    world = place.publish("other", "office", "1", {
        "server_url": "https://worlds.example/7", "id": "w7",
        "manifest_backend_id": "b", "stats": {"hosts": 3}, "secret": 1})
    job = place.made(rl(task_ref="find-flag", world_manifest_id="office"))
    got = context(place, job)
    assert got == {
        "capability_entry_prompt": "solver",
        "task": {
            "id": task["id"], "reference": "find-flag@9", "name": "find-flag",
            "version": "9", "sandbox_provider": "local",
            "s3_key": f"sha256/{task['sha256']}",
            "instruction": FLAG["instruction"], "ports": [80],
            "verification": FLAG["verification"]},
        "world": {
            "id": "w7", "server_url": "https://worlds.example/7",
            "name": "office", "manifest_backend_id": "b",
            "artifact_refs": {}, "stats": {"hosts": 3}},
        "reward_recipe": {"name": "row_reward_v1",
                          "params": {"default": 0.0}}}
    assert world["id"] != got["world"]["id"]


def test_what_is_absent_is_left_out(place):
    place.publish("task", "bare", "1", b"opaque")
    place.publish("other", "bare-world", "1",
                  {"server_url": "https://worlds.example/8"})
    assert set(context(place, place.made(rl()))) == {
        "capability_entry_prompt", "reward_recipe"}
    got = context(place, place.made(rl(
        task_ref="bare@1", world_manifest_id="bare-world")))
    assert set(got["task"]) == {"id", "reference", "name", "version",
                                "sandbox_provider", "s3_key"}
    assert set(got["world"]) == {"id", "server_url", "name", "artifact_refs",
                                 "stats"}


@pytest.mark.parametrize("body, recipe", [
    (rl(), {"name": "row_reward_v1", "params": {"default": 0.0}}),
    (ray(), {"name": "row_reward_v1", "params": {"default": 0.0}}),
    (rl(prompt_dataset_ref=None, trajectory_dataset_refs=[ref("walks")]),
     {"name": "trajectory_imitation_v1",
      "params": {"reward_if_true": 1.0, "reward_if_false": 0.0}}),
    (rl(trajectory_dataset_refs=[ref("walks")]),
     {"name": "row_reward_v1", "params": {"default": 0.0}}),
    (rl(reward_recipe={"name": "contains_v1", "params": {
        "needle": "x", "reward_if_true": 2, "more": [1]}}),
     {"name": "contains_v1", "params": {
         "needle": "x", "reward_if_true": 2, "reward_if_false": 0.0,
         "more": [1]}}),
    (rl(reward_recipe={"name": "exact_match_v1"}),
     {"name": "exact_match_v1", "params": {}}),
    (rl(reward_recipe={"name": "task_env_agent_v1"}, task_ref="find-flag@3"),
     {"name": "task_env_agent_v1", "params": {
         "max_turns": 20, "max_concurrent_rollouts": 8,
         "env_timeout_sec": 600, "reward_if_true": 1.0,
         "reward_if_false": 0.0}})])
def test_the_recipe_in_effect(place, body, recipe):
    job = place.made(body)
    assert context(place, job)["reward_recipe"] == recipe
    # the job itself stays as it was submitted
    assert place.http.get(f"{place.jobs}/{job['id']}").json()[
        "config"] == job["config"]


@pytest.mark.parametrize("want, files", [
    ("Be the solver.", {
        "capability.yaml": "name: x\nentry_agent: solver\n",
        "agents/a.md": "Be a.", "agents/solver.md": "Be the solver."}),
    ("Text.", {"agents/solver.txt": "Text.", "agents/a.md": "A",
               "capability.yaml": 'entry_agent: "solver"'}),
    ("A", {"agents/b.md": "B", "agents/a.md": "---\nname: a\n---\nA",
           "capability.yaml": "name: x\n"}),
    ("A", {"agents/b.md": "B", "agents/a.md": "A", "agents/.hidden": "H",
           "agents/0/deep.md": "D", "capability.yaml": "entry_agent: none"}),
    ("A", {"./capability.yaml": "entry_agent: a\n", "./agents/a.md": "A",
           "./agents/0.md": "0"}),
    ("x" * 100000, {"capability.yaml": b"\xff\xfe", "big": b"\0" * 300000,
                    "agents/a.md": "x" * 100000}),
    (None, {"capability.yaml": "entry_agent: a\n"}),
    (None, {"agents/a.md": b"\xff\xfe\0"}),
    (None, {"agents/a.md": b"x" * (1024 * 1024 + 1)})])
def test_the_entry_prompt_of_a_bundle(place, want, files):
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT):
        assert prompt_of(place, bundle(files, format=form)) == want


@pytest.mark.parametrize("want, data", [
    ("Be good.\n", b"Be good.\n"),
    ("Be good.", b"---\nname: x\n---\nBe good."),
    (None, b"\x89PNG\r\n\x1a\n\0"), (None, gzip.compress(b"no tar")),
    (None, b"\x1f\x8bbroken"), (None, bundle({"agents/a.md": "A"})[:60])])
def test_the_entry_prompt_of_one_file(place, want, data):
    assert prompt_of(place, data) == want


def test_supervised_fine_tuning_has_none(place, envelope):
    job = place.made(sft())
    envelope(place.http.get(f"{place.jobs}/{job['id']}/rl-context"), 409,
             "conflict_error")


def test_who_may_ask(place, stack, envelope):
    job = place.made(rl())
    where = f"{place.jobs}/{job['id']}/rl-context"
    with stack.client(new_token(place, scopes=["training:read"])) as client:
        envelope(client.get(where), 403, "permission_error")
    place.claim(job)
    with stack.client(place.hand_token(job, 1)) as client:
        assert client.get(where).json() == context(place, job)
        other = place.made(rl())
        envelope(client.get(f"{place.jobs}/{other['id']}/rl-context"), 403,
                 "permission_error")


@pytest.mark.parametrize("name", ["x", "019d003a-1e6b-7b3e-9f40-2d8c5a6b1e07"])
def test_jobs_that_are_not_there(place, envelope, name):
    envelope(place.http.get(f"{place.jobs}/{name}/rl-context"), 404,
             "not_found_error")
