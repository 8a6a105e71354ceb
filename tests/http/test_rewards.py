# SPDX-License-Identifier: BSD-2-Clause
"""Reward recipes, the rewards of worlds, and what is checked of them."""
import pytest

from hosted import Place, faults, new_token, rl

PATH = "/api/v1/training/reward-recipes"
PAYOFF = [("reward_if_true", "number", 1.0, False),
          ("reward_if_false", "number", 0.0, False)]
EXPECTED = ("expected", "string", None, False)
# name, parameters, needs
RECIPES = [
    ("exact_match_v1", [EXPECTED], ["row.expected_output"]),
    ("contains_v1", [("needle", "string", None, True), *PAYOFF], []),
    ("row_reward_v1", [("default", "number", 0.0, False)], ["row.reward"]),
    ("trajectory_imitation_v1", [EXPECTED, *PAYOFF],
     ["row.expected_output", "row.reward"]),
    ("task_verifier_v1", PAYOFF, ["task.verification"]),
    ("gsm8k_v1", [EXPECTED, *PAYOFF], ["row.expected_output"]),
    ("task_env_verifier_v1", [
        ("max_concurrent_rollouts", "integer", 8, False),
        ("env_timeout_sec", "number", 300, False), *PAYOFF],
     ["task.environment"]),
    ("task_env_agent_v1", [
        ("max_turns", "integer", 20, False),
        ("max_concurrent_rollouts", "integer", 8, False),
        ("env_timeout_sec", "number", 600, False), *PAYOFF],
     ["task.environment", "capability.agent"])]
FINDS = {"host_discovery_reward": 0.10, "credential_discovery_reward": 0.20,
         "privilege_escalation_reward": 0.35}
END = {"success_reward": 1.0, "stall_penalty": -0.25,
       "max_steps_penalty": -0.35, "error_penalty": -1.0}
PRESETS = {
    "heuristic_v1": {
        "reasoning_trace_bonus": 0.01, "tool_observation_reward": 0.02,
        **FINDS, "stop_tool_bonus": 0.15, "terminal_success_reward": 1.0,
        "terminal_stall_penalty": -0.25, "terminal_max_steps_penalty": -0.35,
        "terminal_error_penalty": -1.0, "tool_error_penalty": -0.20},
    "goal_only_v1": END,
    "discovery_v1": {**FINDS, **END}}
COMPONENTS = {
    "reasoning_trace": {"value": 0.01}, "tool_observation": {"value": 0.02},
    "host_discovery": {"value": 0.10},
    "credential_discovery": {"value": 0.20},
    "privilege_escalation": {"value": 0.35}, "tool_stop": {"value": 0.15},
    "tool_error_penalty": {"value": -0.20}, "terminal_state": END}


@pytest.fixture(scope="module")
def place(stack):
    made = Place(stack, "rewards").furnish()
    yield made
    made.close()


def parameters(entry):
    return [(p["name"], p["type"], p["default"], p["required"])
            for p in entry["parameters"]]


def test_recipes_with_their_parameters(api):
    body = api.get(PATH).json()
    assert list(body) == ["items", "world_presets", "world_components"]
    assert [(i["name"], parameters(i), i["needs"])
            for i in body["items"]] == RECIPES
    for entry in sum(body.values(), []):
        assert entry["description"]
        assert all(p["description"] for p in entry["parameters"])


@pytest.mark.parametrize("key, table", [
    ("world_presets", PRESETS), ("world_components", COMPONENTS)])
def test_rewards_of_worlds(api, key, table):
    found = api.get(PATH).json()[key]
    assert [(e["name"], parameters(e)) for e in found] == [
        (name, [(k, "number", v, False) for k, v in params.items()])
        for name, params in table.items()]


def test_any_token_will_do(stack, place, anon, envelope):
    with stack.client(new_token(place, scopes=[])) as client:
        assert client.get(PATH).status_code == 200
        assert client.head(PATH).status_code == 200
        envelope(client.get(PATH, params={"q": 1}), 422, "validation_error")
    envelope(anon.get(PATH), 401, "authentication_error")


@pytest.mark.parametrize("name", [r[0] for r in RECIPES])
def test_every_parameter_is_checked_at_create(place, name):
    """A wrong type for each named one; others are handed on."""
    params = next(r[1] for r in RECIPES if r[0] == name)
    bad = {p[0]: 7 if p[1] == "string" else "x" for p in params}
    words = {"string": ("string_type", "must be a string"),
             "number": ("float_type", "must be a finite number"),
             "integer": ("int_type", "must be an integer")}
    found = faults(place.create(rl(
        task_ref="find-flag@3",
        reward_recipe={"name": name, "params": {**bad, "mine": []}})))
    assert found == [
        (["body", "config", "reward_recipe", "params", p[0]], *words[p[1]])
        for p in params]


def world(**reward):
    body = rl(world_manifest_id="office-world", world_reward=reward)
    del body["config"]["prompt_dataset_ref"]
    return body


@pytest.mark.parametrize("name", PRESETS)
def test_a_presets_parameters_are_checked_at_create(place, name):
    found = faults(place.create(world(
        name=name, params={k: "x" for k in PRESETS[name]} | {"mine": []})))
    assert found == [
        (["body", "config", "world_reward", "params", key], "float_type",
         "must be a finite number") for key in PRESETS[name]]
    sent = {"name": name, "params": dict(PRESETS[name]) | {"mine": [1]}}
    assert place.made(world(**sent))["config"]["world_reward"] == sent


@pytest.mark.parametrize("component, at, kind, msg", [
    (5, [], "dict_type", "must be an object"),
    ({}, ["name"], "missing", "field required"),
    ({"name": 5}, ["name"], "string_type", "must be a string"),
    ({"name": "tool_stop", "params": 1}, ["params"], "dict_type",
     "must be an object"),
    *[({"name": name, "params": {key: "x"}}, ["params", key], "float_type",
       "must be a finite number")
      for name, params in COMPONENTS.items() for key in params]])
def test_components_are_checked_at_create(place, component, at, kind, msg):
    assert faults(place.create(world(name="heuristic_v1", params={
        "components": [{"name": "tool_stop"}, component]}))) == [
            (["body", "config", "world_reward", "params", "components", 1,
              *at], kind, msg)]


def test_components_must_be_a_list(place):
    assert faults(place.create(world(name="custom", params={
        "components": {"tool_stop": {}}}))) == [
            (["body", "config", "world_reward", "params", "components"],
             "list_type", "must be an array")]


def test_what_is_not_known_passes(place):
    for sent in (
            {"name": "mine", "params": {"success_reward": "much"}},
            {"name": "heuristic_v1", "params": {"components": [
                {"name": "of_ours", "params": {"value": "x"}, "more": 1},
                {"name": "tool_stop", "params": {"value": 1, "x": "y"}}]}}):
        made = place.made(world(**sent))
        assert made["config"]["world_reward"] == sent
