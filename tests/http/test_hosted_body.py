# SPDX-License-Identifier: BSD-2-Clause
"""Hosted jobs: bodies that are refused, rules between fields, dry runs."""
import pytest

from hosted import (
    FIELDS, NIL, Place, RAY, RL, SFT, TIME, faults, new_token, ray, ref,
    rl, sft)


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "body").furnish()
    stack.trainyard("project", "create", "acme/body", "triage")
    yield made
    made.close()


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
    place = Place(stack, "body").furnish()
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
    token = new_token(place, workspace="body", scopes=["training:read"])
    with place.stack.client(token) as client:
        reply = client.post(place.jobs, content=b"not JSON")
    assert reply.status_code == 403
    assert reply.json()["detail"] == "the token lacks the scope training:write"


@pytest.fixture
def untouched_but_token(place):
    jobs = place.job_count()
    yield
    assert place.job_count() == jobs
